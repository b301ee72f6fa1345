from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np
import pytest

from shiftlab.measure.curves import Unit, curve_json, curve_rows, error_curve, error_map, error_maps
from shiftlab.measure.jobs import Step, result_of
from shiftlab.measure.lab import measure_pair
from shiftlab.network.spec import Dense, Flatten, NetworkError
from tests.measure import witnesses as w


def result(job: Generator[Step, None, Any]) -> tuple[list[Step], Any]:
    steps: list[Step] = []
    return steps, result_of(job, steps.append)


def network():
    return w.network(w.conv(), w.relu(), w.pool(), Flatten(), Dense(units=2))


def test_a_curve_holds_what_single_measures_say() -> None:
    reference = w.cat()
    steps, curve = result(error_curve(w.place(network(), reference), "diagonal", range(-3, 4)))
    assert steps == [Step(done, 7) for done in range(1, 8)]
    assert curve.stages == ("conv1", "relu1", "pool1", "flatten1", "dense1")
    assert curve.strides == (1, 1, 2, None, None)
    for number, shift in enumerate(curve.shifts):
        scene = reference.moved((shift, shift))
        _, measures = measure_pair(network(), scene, reference, "float64", causes=False)
        for quantity, table in curve.errors.items():
            expected = [getattr(one, quantity).value for one in measures]
            assert np.array_equal(table[number], [np.nan if v is None else v for v in expected], equal_nan=True)


@pytest.mark.parametrize(("direction", "by"), [("row", (0, 2)), ("col", (2, 0)), ("diagonal", (2, 2))])
def test_directions(direction: str, by: tuple[int, int]) -> None:
    reference = w.cat()
    at = w.place(network(), reference)
    _, curve = result(error_curve(at, direction, [2], [Unit("conv1", 1, (20, 18))]))
    assert curve.wobble[0, 0] == at.look(reference.moved(by))["conv1"][1, 20, 18]


def test_without_shifts_it_reaches_two_strides_and_at_least_16_px() -> None:
    at = w.place(w.network(w.conv(), *[w.pool()] * 4), w.cat())
    assert len(result(error_curve(at))[1].shifts) == 33
    at = w.place(w.network(w.conv()), w.cat())
    assert len(result(error_curve(at))[1].shifts) == 17


def test_anisotropic_strides_along_each_line() -> None:
    from shiftlab.network.spec import Subsample

    at = w.place(w.network(Subsample(stride=(2, 1)), Subsample(stride=(2, 3))), w.cat(canvas=(36, 36)))
    expected = {"row": (1, 3), "col": (2, 4), "diagonal": (2, 12)}
    for direction, strides in expected.items():
        assert result(error_curve(at, direction, [0]))[1].strides == strides


def test_the_wobble_of_cells_means_and_logits() -> None:
    reference = w.cat()
    at = w.place(network(), reference)
    units = [Unit("relu1", 2), Unit("pool1", 0, (8, 8)), Unit("dense1", 1)]
    _, curve = result(error_curve(at, "row", range(4), units))
    for number in range(4):
        maps = at.look(reference.moved((0, number)))
        expected = [maps["relu1"][2].mean(), maps["pool1"][0, 8, 8], maps["dense1"][1, 0, 0]]
        assert curve.wobble[number] == pytest.approx(expected, rel=1e-14)
    # the mean of a channel of a ring at stride 1 stays, whatever the shift
    assert np.ptp(curve.wobble[:, 0]) < 1e-15
    assert np.ptp(curve.wobble[:, 2]) > 1e-3
    assert units[1].label == "pool1 [0] at (8, 8)"


def test_a_map_over_a_window_of_displacements() -> None:
    reference = w.cat()
    at = w.place(network(), reference)
    steps, found = result(error_map(at, "pool1", range(-2, 3), range(3)))
    assert steps[-1] == Step(15, 15)
    exact = found.values <= 1e-12
    even = np.array([[row % 2 == 0 and col % 2 == 0 for col in range(3)] for row in range(-2, 3)])
    assert np.array_equal(exact, even)


def test_a_job_can_be_left_at_any_step() -> None:
    job = error_map(w.place(network(), w.cat()), "pool1", range(8), range(8))
    next(job)
    job.close()


def test_tables_and_json() -> None:
    at = w.place(network(), w.cat())
    _, curve = result(error_curve(at, "row", [0, 0.5, 2], [Unit("dense1", 0)]))
    headings, lines = curve_rows(curve)
    assert headings == ("shift", "conv1", "relu1", "pool1", "flatten1", "dense1", "dense1 [0] mean")
    assert [line[0] for line in lines] == ["0", "0.5", "2"]
    assert lines[1][1:4] == ("", "", "")
    assert float(lines[2][6]) == pytest.approx(curve.wobble[2, 0])
    found = curve_json(curve)
    assert found["shifts"] == [0, 0.5, 2]
    assert found["stages"][2]["stride"] == 2
    assert found["stages"][2]["equivariance"] == [0, None, 0]
    assert found["units"][0]["unit"] == "dense1 [0] mean"


def test_what_does_not_exist_is_refused_by_name() -> None:
    at = w.place(network(), w.cat())
    with pytest.raises(NetworkError, match="no stage 'pool7'"):
        next(error_map(at, "pool7", [0], [0]))
    with pytest.raises(NetworkError, match="dense1 has 2 channels, none numbered 5"):
        next(error_curve(at, "row", [0], [Unit("dense1", 5)]))
    with pytest.raises(NetworkError, match=r"pool1 has no cell \(16, 0\)"):
        next(error_curve(at, "row", [0], [Unit("pool1", 0, (16, 0))]))
    with pytest.raises(ValueError, match="direction must be row, col or diagonal, not 'up'"):
        next(error_curve(at, "up"))
    with pytest.raises(ValueError, match="quantity must be one of"):
        next(error_map(at, "pool1", [0], [0], "beauty"))


def test_what_is_known_half_way_is_kept_and_does_not_change() -> None:
    job = error_curve(w.place(network(), w.cat()), "row", range(5), [Unit("relu1", 2)])
    early = [next(job) for _ in range(2)][-1].partial
    assert early is not None
    _, whole = result(job)
    for quantity, table in early.errors.items():
        assert np.array_equal(table[:2], whole.errors[quantity][:2], equal_nan=True)
        assert np.isnan(table[2:]).all()
    assert early.wobble[:2].tolist() == whole.wobble[:2].tolist()


def test_maps_of_all_stages_hold_the_map_of_each() -> None:
    at = w.place(network(), w.cat())
    steps, maps = result(error_maps(at, range(-1, 2), range(-2, 1)))
    assert steps[-1] == Step(9, 9)
    assert np.isfinite(steps[3].partial.of("conv1", "invariance").values).sum() == 4
    for stage in ("pool1", "dense1"):
        _, one = result(error_map(at, stage, range(-1, 2), range(-2, 1), "invariance"))
        assert np.array_equal(maps.of(stage, "invariance").values, one.values)
    with pytest.raises(KeyError, match="pool9"):
        maps.of("pool9", "invariance")

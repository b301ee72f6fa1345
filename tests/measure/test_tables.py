from __future__ import annotations

import csv
import io
import json

import pytest

from shiftlab.measure.lab import AtReference, measure_pair
from shiftlab.measure.tables import FIELD_HEADINGS, HEADINGS, as_csv, as_json, field_rows, rf_json
from shiftlab.network.modules import Forward
from shiftlab.network.presets import preset
from shiftlab.network.spec import Dense, Flatten
from shiftlab.network.weights import Network
from shiftlab.scene.translation import Displacement, NoDisplacement, displacement
from shiftlab.scene.values import Placed, Scene
from tests.measure import witnesses as w
from tests.measure.promised import STAGE_KEYS


def three_blocks(by: tuple[float, float], network: Network | None = None):
    reference = Scene(placed=(Placed(w.builtin("sitting-cat"), (32, 32), 34),))
    scene = reference.moved(by)
    stages, measures = measure_pair(network or Network(preset("three-blocks")), scene, reference)
    return stages, measures, displacement(scene, reference)


def test_json_of_the_measures_is_as_designed() -> None:
    found = as_json(*three_blocks((0, 3)))
    assert list(found) == ["displacement", "first_break", "stages"]
    assert found["displacement"] == [0, 3]
    assert found["first_break"] == "pool1"
    assert all(list(stage) == STAGE_KEYS for stage in found["stages"])
    assert [stage["kind"] for stage in found["stages"][:3]] == ["conv", "relu", "maxpool"]
    conv, _, pool = found["stages"][:3]
    assert conv["on_grid"] is True
    assert conv["equivariance_error"] == 0
    assert conv["border_share"] is None
    assert pool["size"] == [32, 32]
    assert pool["stride"] == [2, 2]
    assert pool["receptive_field"] == [4, 4]
    assert pool["equivariance_error"] == pytest.approx(0.44055, abs=1e-4)
    assert pool["causes"] == ["phase"]
    assert json.loads(json.dumps(found)) == found


def test_json_has_null_where_a_figure_does_not_apply() -> None:
    network = w.network(w.conv(), Flatten(), Dense(units=2))
    half = as_json(*three_blocks((0, 0.5), network))
    assert half["displacement"] == [0, 0.5]
    assert half["stages"][0]["equivariance_error"] is None
    assert half["stages"][0]["equivariance_error_fractional"] is not None
    assert half["stages"][2]["stride"] is None
    assert half["stages"][2]["on_grid"] is None
    stages, measures, _ = three_blocks((0, 3))
    assert as_json(stages, measures, NoDisplacement("none"))["displacement"] is None


def test_the_plain_forms_come_on_request() -> None:
    found = as_json(*three_blocks((0, 3)), plain=True)
    assert list(found["stages"][0]) == [*STAGE_KEYS, "equivariance_error_plain", "invariance_error_plain"]


def test_json_of_receptive_fields_is_as_designed() -> None:
    assert rf_json(preset("seed"), (64, 64)) == {
        "stages": [
            {"name": "conv1", "kind": "conv", "stride": [1, 1], "receptive_field": [3, 3], "offset": [0, 0]},
            {"name": "pool1", "kind": "maxpool", "stride": [2, 2], "receptive_field": [4, 4], "offset": [0.5, 0.5]},
            {"name": "conv2", "kind": "conv", "stride": [2, 2], "receptive_field": [8, 8], "offset": [0.5, 0.5]},
        ]
    }
    head = rf_json(w.network(w.conv(), Flatten(), Dense(units=2)).spec, (32, 32))["stages"][2]
    assert head == {"name": "dense1", "kind": "dense", "stride": None, "receptive_field": None, "offset": None}


def test_the_table_of_fields_says_padding() -> None:
    rows = field_rows(w.network(w.conv(), w.blur(), Flatten()).spec, (32, 32))
    assert len(FIELD_HEADINGS) == len(rows[0])
    assert rows[0] == ("conv1", "conv", "32×32", "1×1", "3×3", "0, 0", "1", "circular")
    # the max of 2 wraps one pixel after, the blur of 3 one before and one after
    assert rows[1][5:] == ("0.5, 0.5", "1,2 1,2", "circular")
    assert rows[2] == ("flatten1", "flatten", "1×1", "", "", "", "", "")


def test_csv_can_be_read_back() -> None:
    stages, measures, _ = three_blocks((0, 3))
    lines = list(csv.DictReader(io.StringIO(as_csv(stages, measures))))
    assert tuple(lines[0]) == HEADINGS
    for line, measure in zip(lines, measures, strict=True):
        assert line["name"] == measure.name
        assert float(line["equivariance error"]) == pytest.approx(measure.equivariance.value, rel=1e-8)
        assert float(line["cosine"]) == pytest.approx(measure.cosine.value, rel=1e-8)
    assert lines[2]["causes"] == "phase · 1.5 cells"
    assert lines[0]["border share"] == "n/a: no error to share"


def test_float32_agrees_with_float64() -> None:
    reference = Scene(placed=(Placed(w.builtin("sitting-cat"), (32, 32), 34),))
    for by in [(0, 3), (8, 8), (5, -2), (0.5, 0.25)]:
        single, double = (
            measure_pair(Network(preset("three-blocks")), reference.moved(by), reference, dtype)[1]
            for dtype in ("float32", "float64")
        )
        for one, other in zip(single, double, strict=True):
            for name in ("equivariance", "equivariance_fractional", "invariance", "cosine", "equivariance_plain"):
                a, b = getattr(one, name).value, getattr(other, name).value
                assert a == (None if b is None else pytest.approx(b, abs=1e-5)), name


def test_scenes_of_two_canvases_are_refused() -> None:
    with pytest.raises(ValueError, match=r"canvas of \(32, 32\), not \(33, 33\)"):
        measure_pair(w.network(w.conv()), w.cat(canvas=(33, 33)), w.cat())
    with pytest.raises(ValueError, match=r"canvas of \(64, 64\)"):
        AtReference(Forward(w.network(w.conv()), (64, 64)), w.cat())


def test_maps_come_with_their_displacement() -> None:
    at = w.place(w.network(w.conv()), w.cat())
    with pytest.raises(ValueError, match="by must be given"):
        at.measure(at.maps)
    assert at.measure(at.maps, Displacement(0, 0))[0].equivariance.value == 0

"""The table itself; the figures in it are for `python -m tests.benchmarks`."""

import json

import pytest

from tests.benchmarks import __main__ as runner
from tests.benchmarks import running
from tests.benchmarks.timing import Row, ratio, speed_up


def test_a_row_holds_on_its_side_of_the_reach():
    assert Row("a", 0.4, 0.45).holds
    assert not Row("a", 0.5, 0.45).holds
    assert Row("a", 30, 25, at_most=False).holds
    assert not Row("a", 20, 25, at_most=False).holds
    assert not Row("a", None, 1).holds
    assert Row("a", 1.6, None).holds is None


def test_a_row_as_json_and_as_print():
    row = Row("drag", 26.04, 25, at_most=False)
    assert row.record == {"what": "drag", "measured": 26.04, "reach": ">= 25×", "holds": True}
    assert row.cells == ("drag", "26×", "≥ 25×", "yes")
    assert Row("sweep", 2560.4, 2500, at_most=False).cells[1] == "2,560×"
    assert Row("for information", 1.6, None).cells[1:] == ("1.6×", "–", "–")
    assert Row("for information", 1.6, None).record["reach"] is None
    assert Row("stall", 83.21, 100, unit="ms").cells[1:3] == ("83.2 ms", "≤ 100 ms")


def test_ratios_tell_which_is_slower():
    def light():
        return sum(range(200))

    def heavy():
        return sum(range(20_000))

    assert ratio(light, heavy, rounds=3) < 0.5
    assert speed_up(light, heavy, rounds=3) > 2


def test_a_benchmark_that_fails_is_a_row_and_the_others_run(monkeypatch, tmp_path, capsys):
    class Fine:
        @staticmethod
        def rows():
            return [Row("fine", 1.0, 2.0)]

    class Broken:
        @staticmethod
        def rows():
            raise ValueError("no such preset")

    modules = {"tests.benchmarks.bench_broken": Broken, "tests.benchmarks.bench_fine": Fine}
    monkeypatch.setattr(runner, "names", lambda: ["broken", "fine"])
    monkeypatch.setattr(runner, "apart", running.collect)
    monkeypatch.setattr(running.importlib, "import_module", modules.__getitem__)
    path = tmp_path / "rows.json"
    assert runner.main(["--json", str(path)]) == 0
    written = json.loads(path.read_text())
    assert [row["holds"] for row in written] == [False, True]
    assert written[0]["note"] == "ValueError: no such preset"
    assert "1 of 2 hold" in capsys.readouterr().out


def test_each_runs_in_a_process_of_its_own():
    (row,) = running.apart("nothing")
    assert row.holds is False
    assert "bench_nothing" in row.note


def test_an_unknown_benchmark_is_refused(capsys):
    with pytest.raises(SystemExit) as left:
        runner.main(["--only", "nothing"])
    assert left.value.code == 2
    assert "nothing" in capsys.readouterr().err

"""A table is written where a person says, or it is said why not."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget

from shiftlab.ui.measuring.saving import save_table


@pytest.fixture
def parent(qtbot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


def test_a_table_is_written_where_a_person_says(parent, tmp_path, monkeypatch) -> None:
    asked = []

    def chosen(*given: object) -> tuple[str, str]:
        asked.append(given[2])
        return str(tmp_path / "mine.csv"), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", chosen)
    assert save_table(parent, "measures.csv", "name,error\nconv1,½\n") == ""
    assert asked == ["measures.csv"]
    assert (tmp_path / "mine.csv").read_text("utf-8") == "name,error\nconv1,½\n"


def test_what_cannot_be_written_is_one_line(parent, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "none" / "mine.csv"), ""))
    complaint = save_table(parent, "measures.csv", "")
    assert complaint.startswith("mine.csv could not be saved: ")
    assert "\n" not in complaint
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    assert save_table(parent, "measures.csv", "") == ""

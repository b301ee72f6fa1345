"""The line of a job."""

from __future__ import annotations

from shiftlab.ui.jobs.line import left_words


def test_time_left() -> None:
    assert [left_words(seconds) for seconds in (0.2, 8.3, 200)] == [
        "less than 1 s left",
        "about 8 s left",
        "about 3 min left",
    ]

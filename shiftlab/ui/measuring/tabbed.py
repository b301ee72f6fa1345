"""Tables for the clipboard, as spreadsheets paste them."""

from __future__ import annotations

from collections.abc import Sequence

Table = tuple[Sequence[str], Sequence[Sequence[str]]]
"""Headings and lines."""


def tabbed(headings: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A table with tabs between its cells."""
    return "".join("\t".join(cells) + "\n" for cells in (headings, *lines))

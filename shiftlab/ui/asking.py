"""Small questions: a canvas size, a grey."""

from __future__ import annotations

import re

from PySide6.QtWidgets import QInputDialog, QWidget

from shiftlab.scene.values import LARGEST_SIDE, SMALLEST_SIDE


def canvas_size(text: str) -> tuple[int, int]:
    """(rows, cols) of '64', '48x96' or '48 × 96'.

    Raises
    ------
    ValueError
        Where it is no such size; it says which are.
    """
    found = re.fullmatch(r"\s*(\d+)\s*(?:[x×,]?\s*(\d+))?\s*", text.casefold())
    if found is None:
        raise ValueError(f"a canvas is ROWS × COLUMNS, {SMALLEST_SIDE} to {LARGEST_SIDE} px each, not {text!r}")
    return int(found[1]), int(found[2] or found[1])


def ask_canvas(parent: QWidget, present: tuple[int, int]) -> str | None:
    """Ask for a canvas size, as text; None where it was let be."""
    text, taken = QInputDialog.getText(
        parent,
        "Canvas size",
        f"Rows × columns, {SMALLEST_SIDE} to {LARGEST_SIDE} px",
        text=f"{present[0]} × {present[1]}",
    )
    return text if taken else None


def ask_grey(parent: QWidget, present: float) -> float | None:
    """Ask for a grey from 0 to 1; None where it was let be."""
    grey, taken = QInputDialog.getDouble(parent, "Grey ground", "From 0 (black) to 1 (white)", present, 0.0, 1.0, 2)
    return grey if taken else None

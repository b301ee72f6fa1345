"""The displacement in large figures, with its direction in words."""

from __future__ import annotations

from PySide6.QtGui import QPainter

from shiftlab.scene.translation import Displacement, NoDisplacement
from shiftlab.ui.figure import words
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.figure.text import draw, width
from shiftlab.ui.theme import Theme

HEIGHT = 28


def displacement_words(by: Displacement | NoDisplacement) -> tuple[str, str]:
    """('(0, +3) px', '3 to the right of the reference'); without one a dash and the reason."""
    if isinstance(by, NoDisplacement):
        return "–", by.reason
    return f"{words.vector(by.rows, by.cols)} px", words.direction(by)


def paint_displacement(painter: QPainter, rect: Rect, by: Displacement | NoDisplacement, theme: Theme) -> None:
    """Draw the figures at the left and the words at the right of `rect`."""
    figures, said = displacement_words(by)
    took = draw(painter, rect, figures, "display", theme.t1)
    room = Rect(rect.x + took + 12, rect.y + 2, max(rect.width - took - 12, 0), rect.height - 2)
    if width(said, "control", False) > room.width:
        said = said.removesuffix(" of the reference")
    draw(painter, room, said, "control", theme.t2, "right")

"""A heat map over places or shifts as a picture of its own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage, QPainter

from shiftlab.ui.figure.page import figure_application
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.figure.text import draw
from shiftlab.ui.positions.heat import Heat, paint_heat
from shiftlab.ui.theme import Theme, colour

MARGIN, HEAD, MAP, FIGURES, FOOT = 20, 32, 512, 64, 24


def render_heat(
    values: NDArray[np.float64],
    first: tuple[int, int],
    title: str,
    theme: Theme,
    ground: tuple[int, int] | None = None,
    centre: float | None = None,
) -> QImage:
    """A heat map with its title, its colour bar and the range of its axes.

    Parameters
    ----------
    values : (R, C)
        NaN where it is not defined.
    first : (row, col) of values[0, 0]
    ground : (rows, cols), optional
        The canvas on which the map lies; without it the axes are shifts.
    centre : float, optional
        The value in the middle of a diverging table, for probabilities chance; else the table is sequential.
    """
    figure_application()
    known = values[np.isfinite(values)]
    low, high = (0.0, 1.0) if centre is not None else _ends(known)
    places = ground is not None
    heat = Heat(
        values, low, high, centre, "chance" if centre is not None else "", ground or (0, 0), first if places else (0, 0)
    )
    rows, cols = heat.ground
    unit = max(1, MAP // max(rows, cols))
    width, height = cols * unit, rows * unit
    image = QImage(2 * MARGIN + width + FIGURES, MARGIN + HEAD + height + FOOT + MARGIN, QImage.Format.Format_RGB32)
    image.fill(colour(theme.panel))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    draw(painter, Rect(MARGIN, MARGIN, width + FIGURES, 18), title, "heading", theme.t1)
    paint_heat(painter, Rect(MARGIN, MARGIN + HEAD, width + FIGURES, height), heat, theme)
    last = (first[0] + values.shape[0] - 1, first[1] + values.shape[1] - 1)
    kind = "the pattern’s centre" if places else "shift"
    words = f"{kind}: rows {first[0]} to {last[0]} downwards, columns {first[1]} to {last[1]} to the right, px"
    draw(
        painter,
        Rect(MARGIN, MARGIN + HEAD + height + 8, width + FIGURES, 16),
        words.replace("-", "−"),
        "meta",
        theme.t2,
    )
    painter.end()
    return image


def _ends(known: NDArray[np.float64]) -> tuple[float, float]:
    if not known.size:
        return 0.0, 1.0
    low, high = min(0.0, float(known.min())), float(known.max())
    return low, high if high > low else low + 1.0

"""Widgets side by side, and pages that scroll."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QWidget


def side_by_side(*widgets: QWidget | None, spacing: int = 8, margin: int = 0) -> QHBoxLayout:
    """A row of widgets; None stretches, and `margin` is kept free at both ends."""
    row = QHBoxLayout()
    row.setContentsMargins(margin, 0, margin, 0)
    row.setSpacing(spacing)
    for widget in widgets:
        if widget is None:
            row.addStretch(1)
        else:
            row.addWidget(widget)
    return row


def fill_scrolling(area: QScrollArea, page: QWidget) -> None:
    """Let an area scroll a page up and down, with no frame and on the ground of what it lies in."""
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(page)
    # setWidget makes the page paint the window's ground.
    page.setAutoFillBackground(False)
    area.viewport().setAutoFillBackground(False)


def scrolling(page: QWidget) -> QScrollArea:
    """A page that scrolls up and down."""
    area = QScrollArea()
    fill_scrolling(area, page)
    return area

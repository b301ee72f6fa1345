"""What the figures mean: the definitions in words, in one place to read."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from shiftlab.measure import words
from shiftlab.ui.fields import label

TEXTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Moved along", (words.MOVED_ALONG, words.GRID_FORM, words.FRACTIONAL_FORM)),
    (
        "Against what",
        (
            "Background-referenced: F(blank), the response to the empty canvas, is taken off both maps in the "
            "denominator, so that a constant response does not hide an error.",
            words.PLAIN_FORM,
        ),
    ),
    (
        "Borders",
        (
            words.VALID,
            "Border share: the squared error outside the valid cells, over all of it.",
        ),
    ),
    ("Stayed put", (words.STAYED_PUT,)),
    (
        "Own error",
        (
            "The error of this layer alone: fed the map before it, at the reference and moved along exactly, "
            "its answer against its own map moved along. The first stage with an own error is the first that breaks.",
        ),
    ),
    ("Causes, the largest first", tuple(f"{kind}: {text}" for kind, text in words.CAUSES.items())),
    (
        "exact, n/a",
        (
            "Exact: at most 0.00001, what single precision can tell apart.",
            "n/a: the measure is not defined here, and the cell says why. A channel that does not answer at all has "
            "no error, and is not called exact.",
        ),
    ),
)


class Definitions(QScrollArea):
    """The texts, one below the other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("What the figures mean")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 4, 8, 8)
        layout.setSpacing(4)
        for index, (heading, texts) in enumerate(TEXTS):
            if index:
                layout.addSpacing(8)
            layout.addWidget(label(heading, "heading"))
            for text in texts:
                layout.addWidget(_paragraph(text))
        layout.addStretch(1)
        self.setWidget(page)
        # A scroll area fills its page with the window's colour, which is not that of the dock.
        page.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)


def _paragraph(text: str) -> QLabel:
    """A text whose opening word or two, up to a colon or a full stop, stands out."""
    made = label("", "label")
    head, mark, rest = text.partition(":")
    if mark and len(head) <= 24:
        made.setText(f"<b>{escape(head)}</b>:{escape(rest)}")
    else:
        made.setText(escape(text).replace(" Error = ", "<br>Error = "))
    made.setTextFormat(Qt.TextFormat.RichText)
    made.setWordWrap(True)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made

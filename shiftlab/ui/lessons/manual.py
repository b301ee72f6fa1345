"""How a lesson is written, shown to be read beside one."""

from __future__ import annotations

from PySide6.QtGui import QTextCursor, QTextDocument
from PySide6.QtWidgets import QDialog, QTextBrowser, QWidget

from shiftlab.files.lessons import MANUAL
from shiftlab.resources import resource
from shiftlab.ui.details import show_reading


def show_manual(parent: QWidget) -> QDialog:
    """A window with the manual of the format."""
    view = QTextBrowser()
    view.document().setDocumentMargin(16)
    view.document().setMarkdown(
        resource("lessons", MANUAL).read_text("utf-8"), QTextDocument.MarkdownFeature.MarkdownDialectGitHub
    )
    view.moveCursor(QTextCursor.MoveOperation.Start)
    return show_reading(parent, "How a lesson is written", view, (820, 640))

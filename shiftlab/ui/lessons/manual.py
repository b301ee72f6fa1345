"""How a lesson is written, shown to be read beside one."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor, QTextDocument
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

from shiftlab.files.lessons import MANUAL
from shiftlab.resources import resource

TITLE = "How a lesson is written"


def show_manual(parent: QWidget) -> QDialog:
    """A window with the manual of the format."""
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(TITLE)
    dialog.resize(820, 640)
    view = QTextBrowser()
    view.setAccessibleName(TITLE)
    view.document().setDocumentMargin(16)
    view.document().setMarkdown(
        resource("lessons", MANUAL).read_text("utf-8"), QTextDocument.MarkdownFeature.MarkdownDialectGitHub
    )
    view.moveCursor(QTextCursor.MoveOperation.Start)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.close)
    layout = QVBoxLayout(dialog)
    layout.addWidget(view)
    layout.addWidget(buttons)
    dialog.show()
    return dialog

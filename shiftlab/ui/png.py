"""Images as PNG, with the Document inside."""

from __future__ import annotations

import logging

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QImage

from shiftlab.document import Document
from shiftlab.files import state
from shiftlab.files.archive import SessionError

log = logging.getLogger("shiftlab.png")


def png_of(image: QImage) -> bytes:
    """The image as PNG."""
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not image.save(buffer, "PNG"):  # pyright: ignore[reportCallIssue, reportArgumentType]
        raise OSError("the picture could not be written as PNG")
    return bytes(content.data())


def with_state(png: bytes, document: Document) -> bytes:
    """The PNG with the Document in it; without it where it is too large to travel in a picture."""
    try:
        return state.embed(png, document)
    except SessionError as error:
        log.warning("the picture carries no state: %s", error)
        return png

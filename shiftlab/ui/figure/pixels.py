"""Finished RGB arrays on a painter: aliased by a QImage, placed on whole device pixels, never smoothed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter, QTransform

from shiftlab.ui.figure.rect import Rect

_FORMAT = QImage.Format.Format_RGB32


def image_of(rgb: NDArray[np.uint32]) -> QImage:
    """A QImage that shares the memory of (H, W) uint32 0xffRRGGBB; keep the array while it is used.

    Raises
    ------
    ValueError
        Where the array is not (H, W) uint32 with contiguous rows.
    """
    if rgb.ndim != 2 or rgb.dtype != np.uint32 or (rgb.size and rgb.strides[1] != 4):
        raise ValueError(f"a picture must be (H, W) uint32 with contiguous rows, not {rgb.shape} {rgb.dtype}")
    buffer: Any = rgb.data
    height, width = rgb.shape
    return QImage(buffer, width, height, rgb.strides[0], _FORMAT)


def pixels_of(image: QImage) -> NDArray[np.uint32]:
    """A copy of a QImage of 32 bits a pixel, (H, W) uint32 in device pixels."""
    rows = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
    return rows[:, : image.width()].copy()


def scale_of(painter: QPainter) -> float:
    """Device pixels for a logical one, the painter's own scaling included."""
    return painter.deviceTransform().m11()


def snapped(painter: QPainter, x: float, y: float) -> tuple[float, float]:
    """The point of whole device pixels nearest to (x, y), in logical pixels."""
    return _snapped(painter.deviceTransform(), x, y)


def _snapped(transform: QTransform, x: float, y: float) -> tuple[float, float]:
    across, down = transform.m11(), transform.m22()
    if not across or not down or transform.isRotating():
        return x, y
    left, top = transform.dx(), transform.dy()
    return (round(x * across + left) - left) / across, (round(y * down + top) - top) / down


def whole_pixels(painter: QPainter, rect: Rect) -> bool:
    """Whether a rectangle of whole logical pixels falls on whole device pixels too, so that a picture of it that
    was painted elsewhere is the same."""
    transform = painter.deviceTransform()
    scale = transform.m11()
    return not (
        scale < 1
        or scale % 1
        or scale != transform.m22()
        or transform.dx() % 1
        or transform.dy() % 1
        or transform.isRotating()
        or not rect.whole
    )


def draw_pixels(painter: QPainter, x: float, y: float, rgb: NDArray[np.uint32], scale: float) -> Rect:
    """Draw a picture made for `scale` device pixels a logical one with its corner at (x, y); where it stands."""
    transform = painter.deviceTransform()
    x, y = _snapped(transform, x, y)
    image = image_of(rgb)
    if scale != 1:
        image.setDevicePixelRatio(scale)
    place = Rect(x, y, rgb.shape[1] / scale, rgb.shape[0] / scale)
    if transform.m11() == scale == transform.m22() and not transform.isRotating():
        # Pixel for pixel: there is nothing to smooth.
        painter.drawImage(QPointF(x, y), image)
        return place
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(QPointF(x, y), image)
    painter.restore()
    return place


def stretch_pixels(painter: QPainter, rect: Rect, rgb: NDArray[np.uint32]) -> None:
    """Draw a picture over all of `rect`, nearest neighbour."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(QRectF(*rect), image_of(rgb), QRectF(0, 0, rgb.shape[1], rgb.shape[0]))
    painter.restore()

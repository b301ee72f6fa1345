"""Reads a PNG of 8-bit grey with transparency, as our patterns are kept.

The one that the window opens with must not wait for an image library, which takes longer to import than
the whole of this. Format: the PNG specification (third edition), sections 5, 9 and 11.
"""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY_ALPHA = (8, 4, 0, 0, 0)
"""Bit depth, colour type, compression, filter method, interlace."""
CHANNELS = 2


def grey_alpha(content: bytes) -> NDArray[np.uint8]:
    """The picture as (H, W, 2) bytes: grey, alpha.

    Raises
    ------
    ValueError
        Where it is no PNG, is broken, or is one of another kind.
    """
    if not content.startswith(SIGNATURE):
        raise ValueError("not a PNG")
    try:
        width, height, *kind = struct.unpack_from(">IIBBBBB", content, 16)
        if tuple(kind) != GREY_ALPHA:
            raise ValueError("a PNG that is not 8-bit grey with alpha")
        raw = np.frombuffer(zlib.decompress(_data(content)), np.uint8).reshape(height, 1 + CHANNELS * width)
    except (struct.error, zlib.error) as error:
        raise ValueError(f"a broken PNG: {error}") from error
    rows = np.zeros((height + 1, CHANNELS * width), np.uint8)
    for index, line in enumerate(raw):
        rows[index + 1] = _unfiltered(int(line[0]), line[1:], rows[index])
    return rows[1:].reshape(height, width, CHANNELS)


def _data(content: bytes) -> bytes:
    """All IDAT chunks, one after another."""
    found, place = b"", len(SIGNATURE)
    while place < len(content):
        length, name = struct.unpack_from(">I4s", content, place)
        if name == b"IDAT":
            found += content[place + 8 : place + 8 + length]
        place += length + 12
    return found


def _unfiltered(filter_type: int, line: NDArray[np.uint8], above: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A row from what its filter left of it and the row above; sums are modulo 256."""
    if filter_type == 0:
        return line
    if filter_type == 1:
        return np.add.accumulate(line.reshape(-1, CHANNELS), axis=0, dtype=np.uint8).reshape(-1)
    if filter_type == 2:
        return line + above
    if filter_type not in (3, 4):
        raise ValueError(f"a broken PNG: there is no filter {filter_type}")
    # Each pixel needs the one before: in plain numbers, which are quicker than arrays of one.
    before, corner = [0] * CHANNELS, [0] * CHANNELS
    made: list[int] = []
    for index, (value, up) in enumerate(zip(line.tolist(), above.tolist(), strict=True)):
        channel = index % CHANNELS
        left = before[channel]
        guess = (left + up) // 2 if filter_type == 3 else _paeth(left, up, corner[channel])
        before[channel], corner[channel] = (value + guess) & 255, up
        made.append(before[channel])
    return np.array(made, np.uint8)


def _paeth(left: int, up: int, corner: int) -> int:
    """Of the three neighbours that which is nearest to left + up - corner."""
    by_left, by_up, by_corner = abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)
    if by_left <= by_up and by_left <= by_corner:
        return left
    return up if by_up <= by_corner else corner

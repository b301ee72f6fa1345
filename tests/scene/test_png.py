"""Our reader of PNGs against Pillow's."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from shiftlab.resources import resource
from shiftlab.scene import patterns
from shiftlab.scene.png import grey_alpha


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int, height: int, lines: bytes, kind: bytes = bytes((8, 4, 0, 0, 0))) -> bytes:
    """A PNG of these filtered lines, its data in two chunks."""
    data = zlib.compress(lines)
    parts = (data[: len(data) // 2], data[len(data) // 2 :])
    head = chunk(b"IHDR", struct.pack(">II", width, height) + kind)
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunk(b"IDAT", one) for one in parts) + chunk(b"IEND", b"")


def by_pillow(content: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(content)) as picture:
        return np.asarray(picture.convert("LA"))


@pytest.mark.parametrize("name", patterns.names())
def test_every_pattern_of_ours_is_read_as_pillow_reads_it(name: str) -> None:
    content = resource("patterns", f"{name}.png").read_bytes()
    np.testing.assert_array_equal(grey_alpha(content), by_pillow(content))


@given(data=st.data(), width=st.integers(1, 9), filters=st.lists(st.integers(0, 4), min_size=1, max_size=8))
def test_every_filter_is_undone(data: st.DataObject, width: int, filters: list[int]) -> None:
    lines = b"".join(bytes((one,)) + data.draw(st.binary(min_size=2 * width, max_size=2 * width)) for one in filters)
    content = png(width, len(filters), lines)
    np.testing.assert_array_equal(grey_alpha(content), by_pillow(content))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"GIF89a", "not a PNG"),
        (png(1, 1, bytes(4), bytes((8, 6, 0, 0, 0))), "not 8-bit grey with alpha"),
        (png(1, 1, bytes(3), bytes((8, 4, 0, 0, 1))), "not 8-bit grey with alpha"),
        (png(1, 1, bytes((7, 0, 0))), "no filter 7"),
        (png(2, 2, bytes(3)), "reshape"),
        (png(1, 1, bytes(3))[:40], "broken"),
    ],
)
def test_anything_else_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        grey_alpha(content)

"""Own images: converted exactly where they can be, refused in one line and in bounded memory where not (fault 10)."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from shiftlab.files.images import ImageError, pattern_from_image
from shiftlab.scene.raster import rasterise
from shiftlab.scene.values import Placed, Scene

RNG = np.random.default_rng(3)


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def grey(rows: int = 12, cols: int = 9) -> np.ndarray:
    return RNG.integers(0, 256, (rows, cols), dtype=np.uint8)


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_bomb(side: int) -> bytes:
    """A PNG of side x side black pixels that is all there, in about side² / 1000 bytes."""
    squeezed = zlib.compressobj(9)
    row = bytes(1 + side)
    data = b"".join(squeezed.compress(row) for _ in range(side)) + squeezed.flush()
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", data) + png_chunk(b"IEND", b"")


def test_grey_png_is_exact() -> None:
    values = grey()
    pattern = pattern_from_image(encoded(Image.fromarray(values)), "mine")
    assert (pattern.name, pattern.size) == ("mine", (12, 9))
    np.testing.assert_array_equal(pattern.image[0], values.astype(np.float32) / 255)
    assert (pattern.alpha == 1).all()


def test_colour_and_grey_of_a_colour_image() -> None:
    values = RNG.integers(0, 256, (5, 7, 3), dtype=np.uint8)
    content = encoded(Image.fromarray(values))
    colour = pattern_from_image(content, "c", colour=True)
    np.testing.assert_array_equal(colour.image, np.moveaxis(values, 2, 0).astype(np.float32) / 255)
    expected = (values.astype(float) @ [0.2126, 0.7152, 0.0722]) / 255
    np.testing.assert_allclose(pattern_from_image(content, "g").image[0], expected, atol=1e-6)


def test_an_image_is_kept_in_the_colour_it_has_where_nothing_is_asked() -> None:
    values = RNG.integers(0, 256, (5, 7, 3), dtype=np.uint8)
    assert pattern_from_image(encoded(Image.fromarray(values)), "c", colour=None).image.shape == (3, 5, 7)
    assert pattern_from_image(encoded(Image.fromarray(grey())), "g", colour=None).image.shape == (1, 12, 9)


def test_the_grey_of_a_loaded_image_is_the_grey_a_one_channel_network_sees_of_it_in_colour() -> None:
    content = encoded(Image.fromarray(RNG.integers(0, 256, (8, 8, 3), dtype=np.uint8)))
    seen = [
        rasterise(Scene((16, 16), placed=(Placed(pattern_from_image(content, "x", colour), (8, 8), 8),)))
        for colour in (False, True)
    ]
    np.testing.assert_allclose(seen[0], seen[1], atol=1e-6)


def test_a_grey_image_in_colour_has_three_equal_channels() -> None:
    pattern = pattern_from_image(encoded(Image.fromarray(grey())), "g", colour=True)
    assert pattern.image.shape == (3, 12, 9)
    assert (pattern.image[0] == pattern.image[2]).all()


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_becomes_alpha(mode: str) -> None:
    values = np.zeros((4, 4, 4), np.uint8)
    values[1:3, 1:3] = (200, 200, 200, 255)
    image = Image.fromarray(values, "RGBA").convert(mode)
    if mode == "P":
        image = Image.fromarray((values[..., 3] > 0).astype(np.uint8), "P")
        image.putpalette([0, 0, 0, 200, 200, 200])
        image.info["transparency"] = 0
    pattern = pattern_from_image(encoded(image), "t")
    np.testing.assert_array_equal(pattern.alpha, values[..., 3] / 255)
    assert pattern.image[0, 1, 1] == pytest.approx(200 / 255, abs=1e-6)


def test_sixteen_bits_are_kept() -> None:
    values = RNG.integers(0, 65536, (6, 8), dtype=np.uint16)
    pattern = pattern_from_image(encoded(Image.fromarray(values)), "deep")
    np.testing.assert_allclose(pattern.image[0], values / 65535, atol=1e-7)


def test_cmyk_jpeg_is_converted() -> None:
    image = Image.new("CMYK", (10, 6), (0, 255, 255, 0))
    pattern = pattern_from_image(encoded(image, "JPEG", quality=95), "red", colour=True)
    np.testing.assert_allclose(pattern.image[:, 3, 3], [1, 0, 0], atol=0.03)


def test_the_first_frame_of_an_animation_is_taken() -> None:
    frames = [Image.new("L", (6, 6), level) for level in (255, 0, 128)]
    for kind in ("PNG", "WEBP"):
        content = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
        assert pattern_from_image(content, "a").image.mean() == pytest.approx(1, abs=0.02)


def test_a_large_photograph_is_reduced_and_turned(tmp_path: Path) -> None:
    image = Image.new("RGB", (1600, 800), (255, 255, 255))
    image.paste((0, 0, 0), (0, 0, 800, 800))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: show it 90 degrees clockwise
    path = tmp_path / "photo.jpg"
    image.save(path, exif=exif)
    pattern = pattern_from_image(path, "photo")
    assert pattern.size == (512, 256)
    assert pattern.image[0, 10:240].max() < 0.1
    assert pattern.image[0, 270:].min() > 0.9


def test_content_counts_not_the_ending(tmp_path: Path) -> None:
    path = tmp_path / "really-a-png.jpg"
    path.write_bytes(encoded(Image.fromarray(grey())))
    assert pattern_from_image(path, "x").size == (12, 9)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (SVG, "not a PNG, JPEG or WebP"),
        (b"", "not a PNG, JPEG or WebP"),
        (encoded(Image.new("L", (3, 3)), "GIF"), "not a PNG, JPEG or WebP"),
        (encoded(Image.new("L", (3, 3)), "TIFF"), "not a PNG, JPEG or WebP"),
        (encoded(Image.fromarray(grey(200, 200)))[:5000], "damaged"),
        (encoded(Image.fromarray(grey(200, 200)), "JPEG")[:3000], "damaged"),
    ],
)
def test_what_cannot_be_taken_is_refused_in_one_line(content: bytes, message: str) -> None:
    with pytest.raises(ImageError, match=message) as caught:
        pattern_from_image(content, "bad")
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"none\.png cannot be read"):
        pattern_from_image(tmp_path / "none.png", "x")


def webp_bomb() -> bytes:
    """A real little WebP whose extended header claims 16384 x 16384."""
    vp8x = b"VP8X" + struct.pack("<I", 10) + bytes(4) + b"\xff\x3f\x00\xff\x3f\x00"
    rest = encoded(Image.new("RGB", (16, 16)), "WEBP")[12:]
    return b"RIFF" + struct.pack("<I", 4 + len(vp8x) + len(rest)) + b"WEBP" + vp8x + rest


def test_pixel_bombs_are_refused_in_bounded_memory(tmp_path: Path) -> None:
    """30000 and 12000 pixels square, and a WebP that claims 16384, with 200 MB to spare."""
    (tmp_path / "a.png").write_bytes(png_bomb(30_000))
    (tmp_path / "c.png").write_bytes(png_bomb(12_000))
    (tmp_path / "b.webp").write_bytes(webp_bomb())
    code = """
import resource, sys
from shiftlab.files.images import ImageError, pattern_from_image
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 200 * 2**20,) * 2)
for path in sys.argv[1:]:
    try:
        pattern_from_image(path, "bomb")
    except ImageError as error:
        print(error)
"""
    paths = [str(tmp_path / "a.png"), str(tmp_path / "b.webp"), str(tmp_path / "c.png")]
    done = subprocess.run([sys.executable, "-c", code, *paths], capture_output=True, text=True, check=True)
    assert done.stdout.count("too large") == 3
    assert done.stderr == ""


@given(st.binary(max_size=200), st.sampled_from(["PNG", "JPEG", "WEBP"]), st.integers(0, 600))
def test_damage_anywhere_is_an_image_error_or_a_pattern(noise: bytes, kind: str, where: int) -> None:
    content = bytearray(encoded(Image.fromarray(np.arange(120, dtype=np.uint8).reshape(10, 12)), kind))
    content[where : where + len(noise)] = noise
    try:
        pattern = pattern_from_image(bytes(content), "x")
    except ImageError as error:
        if "\n" in str(error):
            pytest.fail(f"more than one line: {error}")
    else:
        assert max(pattern.size) <= 512

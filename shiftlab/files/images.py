"""Own images as patterns: PNG, JPEG and WebP, told by their content, in bounded memory.

An image larger than a pattern can be is reduced; of an animated one the first frame is taken; CMYK,
palettes and 16 bits are converted; a photograph is turned the way its camera says. SVG and everything
else is refused.
"""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from shiftlab.scene.resample import LUMINANCE
from shiftlab.scene.values import LARGEST_PATTERN, Pattern

MOST_BYTES = 64 * 2**20
MOST_PIXELS = 50_000_000
FORMATS = ("PNG", "JPEG", "WEBP")


class ImageError(ValueError):
    """An image that cannot be taken: one line that says why."""


def pattern_from_image(source: Path | str | bytes, name: str, colour: bool | None = False) -> Pattern:
    """The image of a file, or of its bytes, as a pattern.

    Parameters
    ----------
    source : path or bytes
    name : str
        What the pattern is called; cut to 100 characters.
    colour : bool or None
        Give (3, H, W), else (1, H, W) grey, the same that a one-channel network is shown of a colour
        pattern; None keeps what the image has. Sides above 512 px are reduced in proportion.

    Raises
    ------
    ImageError
        Where it is no PNG, JPEG or WebP, is damaged, or is too large.
    """
    content = source if isinstance(source, bytes) else _read(Path(source))
    image, alpha = _planes(_decode(content))
    if colour is False and image.shape[0] == 3:
        image = np.tensordot(LUMINANCE.astype(np.float32), image, axes=(0, 0))[np.newaxis]
    elif colour and image.shape[0] == 1:
        image = np.repeat(image, 3, axis=0)
    return Pattern(name[:100], np.clip(image, 0, 1), np.clip(alpha, 0, 1))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ImageError(f"{path.name} cannot be read: {error.strerror or error}") from error
    return content


def _decode(content: bytes) -> Image.Image:
    """The image, decoded and no larger than a pattern; dimensions are checked before anything is decoded."""
    if len(content) > MOST_BYTES:
        raise ImageError(f"the image file is larger than {MOST_BYTES // 2**20} MB")
    _require_bounded(_webp_size(content))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Pillow warns of (bombs, odd metadata) is checked here
            image = Image.open(io.BytesIO(content), formats=FORMATS)
            _require_bounded(image.size)
            image.draft(None, (2 * LARGEST_PATTERN, 2 * LARGEST_PATTERN))
            image.load()
            image = _plain(image)
            image.thumbnail((LARGEST_PATTERN, LARGEST_PATTERN), Image.Resampling.LANCZOS)
            return ImageOps.exif_transpose(image)
    except ImageError:
        raise
    except Image.UnidentifiedImageError as error:
        raise ImageError("it is not a PNG, JPEG or WebP image") from error
    except Image.DecompressionBombError as error:
        raise ImageError(_too_large("it")) from error
    except Exception as error:  # a hostile file makes Pillow raise nearly anything; the reason goes on
        reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise ImageError(f"the image is damaged: {reason}") from error


def _too_large(what: str) -> str:
    return f"the image is too large: {what} has more than {MOST_PIXELS // 1_000_000} million pixels"


def _require_bounded(size: tuple[int, int]) -> None:
    if size[0] * size[1] > MOST_PIXELS:
        raise ImageError(_too_large(f"{size[0]}x{size[1]}"))


def _webp_size(content: bytes) -> tuple[int, int]:
    """(width, height) of a WebP from its header, as its decoder takes memory for them on opening; else (0, 0).

    The three kinds of header are those of https://developers.google.com/speed/webp/docs/riff_container.
    """
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP" or len(content) < 30:
        return 0, 0
    kind = content[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(content[24:27], "little"), 1 + int.from_bytes(content[27:30], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        return int.from_bytes(content[26:28], "little") & 0x3FFF, int.from_bytes(content[28:30], "little") & 0x3FFF
    return 0, 0


def _plain(image: Image.Image) -> Image.Image:
    """The same in one of L, LA, F (16 bits, kept as floats), RGB and RGBA."""
    if image.mode.startswith("I") or image.mode == "F":
        return image.convert("F")
    grey = image.mode in ("1", "L", "LA")
    if image.has_transparency_data:
        return image.convert("LA" if grey else "RGBA")
    return image.convert("L" if grey else "RGB")


def _planes(image: Image.Image) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Image (1 or 3, H, W) and alpha (H, W), float32 in [0, 1] up to the resampling's overshoot."""
    values = np.asarray(image, dtype=np.float32) / np.float32(65535 if image.mode == "F" else 255)
    if values.ndim == 2:
        return values[np.newaxis], np.ones(values.shape, np.float32)
    channels = np.moveaxis(values, 2, 0)
    if len(channels) == 3:
        return channels, np.ones(channels.shape[1:], np.float32)
    return channels[:-1], channels[-1]

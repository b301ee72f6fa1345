"""What is too large for JSON: a pattern's pixels, painted places and trained weights, as bytes named by their content.

Pixels that are whole 255ths are stored as a PNG, all others as safetensors, so that they come back
exactly as they were.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from typing import cast

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from PIL import Image

from shiftlab.network.weights import Weights
from shiftlab.scene.values import LARGEST_PATTERN, LARGEST_SIDE, Pattern

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]


class BlobError(ValueError):
    """A blob that does not hold what it should: one line."""


def blob_name(content: bytes, kind: str) -> str:
    """Its place in a session: blobs/SHA256.kind."""
    return f"blobs/{hashlib.sha256(content).hexdigest()}.{kind}"


def require_named_by_content(name: str, content: bytes) -> None:
    """Raises BlobError where the content is not the one that the name stands for."""
    if blob_name(content, name.rpartition(".")[2]) != name:
        raise BlobError("its content is not what its name stands for")


def pattern_blob(pattern: Pattern) -> tuple[str, bytes]:
    """(kind, content) of a pattern's pixels, 'png' or 'safetensors'."""
    planes = np.concatenate([pattern.image, pattern.alpha[np.newaxis]])
    levels = np.rint(planes * np.float32(255)).astype(np.uint8)
    if _from_levels(levels).tobytes() != planes.tobytes():
        return "safetensors", safetensors.numpy.save({"image": pattern.image, "alpha": pattern.alpha})
    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(np.moveaxis(levels, 0, 2))).save(out, "PNG")
    return "png", out.getvalue()


def pattern_from_blob(name: str, content: bytes, kind: str) -> Pattern:
    """The pattern whose pixels these are.

    Raises
    ------
    BlobError
        Where they are damaged, or not a pattern's.
    """
    try:
        if kind == "png":
            planes = _from_levels(_png_levels(content))
            return Pattern(name, planes[:-1], planes[-1])
        arrays = _float32_arrays(content)
        if sorted(arrays) != ["alpha", "image"]:
            raise BlobError(f"a pattern holds image and alpha, not {', '.join(sorted(arrays))[:100]}")
        return Pattern(name, arrays["image"], arrays["alpha"])
    except BlobError:
        raise
    except ValueError as error:
        raise BlobError(str(error)) from error


def mask_blob(mask: Mask) -> tuple[str, bytes]:
    """(kind, content) of painted places: a PNG of black and white."""
    out = io.BytesIO()
    Image.fromarray(np.where(mask, np.uint8(255), np.uint8(0))).save(out, "PNG")
    return "png", out.getvalue()


def mask_from_blob(content: bytes) -> Mask:
    """The painted places (rows, cols) of a blob.

    Raises
    ------
    BlobError
        Where it is damaged, or has a colour besides black and white.
    """
    levels = _decoded_png(content, "painted places", LARGEST_SIDE, ("L",))
    if not np.isin(levels, (0, 255)).all():
        raise BlobError("painted places are black and white, with nothing between")
    return levels == 255


def weights_blob(weights: Weights) -> tuple[str, bytes]:
    """(kind, content) of trained weights."""
    return "safetensors", safetensors.numpy.save(dict(weights.arrays))


def weights_from_blob(content: bytes) -> Weights:
    """The trained weights of a blob.

    Raises
    ------
    BlobError
        Where they are damaged, not float32, or not finite.
    """
    try:
        return Weights(_float32_arrays(content))
    except BlobError:
        raise
    except ValueError as error:
        raise BlobError(str(error)) from error


def _from_levels(levels: NDArray[np.uint8]) -> Array:
    return levels.astype(np.float32) / np.float32(255)


def _png_levels(content: bytes) -> NDArray[np.uint8]:
    """(C + 1, H, W) uint8, the last plane alpha."""
    return np.moveaxis(_decoded_png(content, "a pattern", LARGEST_PATTERN, ("LA", "RGBA")), 2, 0)


def _decoded_png(content: bytes, what: str, most: int, modes: tuple[str, ...]) -> NDArray[np.uint8]:
    """(H, W) or (H, W, C) uint8; dimensions are checked before anything is decoded."""
    try:
        image = Image.open(io.BytesIO(content), formats=["PNG"])
        if max(image.size) > most:
            raise BlobError(f"{what}: sides must be 1 to {most} px, not {image.height}x{image.width}")
        if image.mode not in modes:
            raise BlobError(f"{what}: the PNG must be {' or '.join(modes)}, not {image.mode}")
        return np.asarray(image, dtype=np.uint8)
    except BlobError:
        raise
    except Exception as error:  # a hostile PNG makes Pillow raise nearly anything; the reason goes on
        raise BlobError(f"the PNG is damaged: {type(error).__name__}") from error


def _float32_arrays(content: bytes) -> Mapping[str, Array]:
    try:
        arrays = safetensors.numpy.load(content)
    except Exception as error:  # SafetensorError, and KeyError or TypeError for a type numpy lacks
        raise BlobError(f"the safetensors are damaged: {str(error)[:100]}") from error
    for name, array in arrays.items():
        if array.dtype != np.float32:
            raise BlobError(f"{name[:100]} must be float32, not {array.dtype}")
    return cast(Mapping[str, Array], arrays)

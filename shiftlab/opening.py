"""The document a lab opens with: the window's first state and the defaults of the command line."""

from __future__ import annotations

from shiftlab.document import Document
from shiftlab.learn.shipped import UPPER_LEFT, cornered
from shiftlab.network import presets
from shiftlab.network.spec import NetworkSpec
from shiftlab.scene import patterns
from shiftlab.scene.values import Background, Border, Pattern, Placed, Position, Scene

NETWORK = "corner-dense"
PATTERN = "cat"
CANVAS = (64, 64)
LARGEST_IMAGE = 34
"""Pixels of an own image's longer side, on a 64 px canvas."""


def opening_document(
    spec: NetworkSpec | None = None,
    pattern: Pattern | str = PATTERN,
    *,
    size: int | None = None,
    canvas: tuple[int, int] | None = None,
    background: Background | None = None,
    at: Position | None = None,
    to: Position | None = None,
    border: Border | None = None,
) -> Document:
    """A document with one pattern, its reference place `at` and its present place `to`.

    A network that was trained in the corner comes with what it knows: its weights, the pattern where the
    training had it, and nothing beyond the border.

    Parameters
    ----------
    spec : NetworkSpec, optional
        By default the preset 'corner-dense'.
    pattern : Pattern or str
        A pattern, or the name of one of ours.
    size : int, optional
        The pattern's longer side in pixels; by default its natural size, in proportion where the
        network brings a canvas of its own.
    canvas : (rows, cols), optional
        By default what the network wants, or 64x64.
    at, to : (row, col), optional
        The pattern's centre in the reference and in the present scene; by default the canvas's
        centre (with its first pixel at (4, 4) for a network trained in the corner), and `at`.
    border : 'wrap' or 'zero', optional
        By default 'wrap' ('zero' for a network trained in the corner).

    Raises
    ------
    ValueError
        Where a value does not fit; it names the argument.
    """
    spec = presets.preset(NETWORK) if spec is None else spec
    rows, cols = canvas or spec.canvas or CANVAS
    if size is None:
        size = natural_size(pattern, spec.canvas if canvas is None else None)
    if isinstance(pattern, str):
        pattern = patterns.builtin(pattern)
    in_corner = cornered(spec.name)
    if at is None:
        at = (UPPER_LEFT[0] + size // 2, UPPER_LEFT[1] + size // 2) if in_corner else (rows // 2, cols // 2)
    reference = Scene(
        size=(rows, cols),
        background=background or Background(),
        placed=(Placed(pattern, at=at, size=size),),
        border=border or ("zero" if in_corner else "wrap"),
    )
    present = reference if to is None else reference.moved((to[0] - at[0], to[1] - at[1]))
    return Document(scene=present, reference=reference, networks=(presets.with_weights(spec),))


def natural_size(pattern: Pattern | str, canvas: tuple[int, int] | None = None) -> int:
    """The side a pattern is drawn with when nothing is said, on a 64 px canvas or in proportion on a network's own."""
    side = patterns.natural_size(pattern) if isinstance(pattern, str) else min(max(pattern.size), LARGEST_IMAGE)
    return side if canvas is None else max(1, round(side * min(canvas) / min(CANVAS)))

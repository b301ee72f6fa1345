"""What a press, a move and a release on the canvas mean: moving, resizing, drawing."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal, Protocol

import msgspec

from shiftlab.document import Document
from shiftlab.scene.resample import drawn_size
from shiftlab.scene.strokes import Layer, Stroke
from shiftlab.scene.values import Placed, Position
from shiftlab.ui import edits
from shiftlab.ui.hits import corner_at, pattern_at

ToolName = Literal["move", "draw", "erase"]


class Keys(msgspec.Struct, frozen=True):
    """Modifier keys during a gesture: `add` (Ctrl) adds to the selection, `snap` (Shift) snaps to the stride,
    `fine` (Alt) allows fractions of a pixel."""

    add: bool = False
    snap: bool = False
    fine: bool = False


class Hand(Protocol):
    """Something that a gesture of the pointer does; it is made at the press."""

    def move(self, at: Position, keys: Keys) -> Document:
        """The document while the pointer is at `at`."""
        ...


class MoveHand:
    """Drags the selected patterns along with the pointer."""

    def __init__(self, start: Document, at: Position, subpixel: bool) -> None:
        self._start, self._at, self._subpixel = start, at, subpixel

    def move(self, at: Position, keys: Keys) -> Document:
        by = (at[0] - self._at[0], at[1] - self._at[1])
        return edits.dragged(
            self._start,
            by,
            whole=not (self._subpixel or keys.fine),
            stride=edits.deepest_stride(self._start) if keys.snap else None,
        )


class ResizeHand:
    """Pulls a corner: the pattern keeps its centre and follows with its longer side."""

    def __init__(self, start: Document, index: int) -> None:
        self._start, self._index = start, index

    def move(self, at: Position, keys: Keys) -> Document:
        one = self._start.scene.placed[self._index]
        height, width = drawn_size(one.pattern, one.size)
        reach = max(abs(at[0] - one.at[0]) / height, abs(at[1] - one.at[1]) / width)
        size = min(max(2, round(2 * reach * max(height, width))), max(self._start.scene.size))
        return self._start.with_look(self._index, lambda placed: dataclasses.replace(placed, size=size))


def carried(document: Document, held: Document) -> Document:
    """What a hand has made of the document it took hold of, in the document as it is now.

    A hand changes scene, reference and selection alone: weights may have been published meanwhile, and the view may
    be another. The same object where nothing differs.
    """
    if held.reference != document.reference:
        document = dataclasses.replace(document, reference=held.reference)
    return document.with_scene(held.scene).with_lenses(selection=held.lenses.selection)


class Press(msgspec.Struct, frozen=True):
    """What a press begins: the document with its selection, and the hand that follows the pointer (None: nothing)."""

    document: Document
    hand: Hand | None


def press(document: Document, at: Position, keys: Keys, *, reach: float, subpixel: bool) -> Press:
    """A press with the move tool at a place of the canvas.

    A corner handle within `reach` pixels resizes; a pattern is selected (with `keys.add` added, or taken
    out where it was selected) and then dragged; empty ground lets the selection go.
    """
    chosen = document.lenses.selection
    if (held := corner_at(document.scene, chosen, at, reach)) is not None:
        return Press(document, ResizeHand(document, held[0]))
    index = pattern_at(document.scene, at)
    if index is None:
        return Press(document if keys.add else document.with_lenses(selection=frozenset[int]()), None)
    if keys.add and index in chosen:
        return Press(document.with_lenses(selection=chosen - {index}), None)
    if keys.add:
        document = document.with_lenses(selection=chosen | {index})
    elif index not in chosen:
        document = document.with_lenses(selection=frozenset({index}))
    return Press(document, MoveHand(document, at, subpixel))


@dataclass(frozen=True)
class Brush:
    """What the draw mode draws with."""

    size: float = 3.0
    intensity: float = 1.0


class Sketch(msgspec.Struct, frozen=True):
    """A drawing under way: its strokes, and the pattern they became, as long as that is untouched.

    `index` is the pattern's place in the scene, None before the first stroke.
    """

    strokes: tuple[Stroke, ...] = ()
    index: int | None = None
    made: Placed | None = None

    def continues(self, document: Document) -> bool:
        """Whether a further stroke joins this drawing: it must stand in both scenes as it was drawn."""
        return (
            self.index is not None
            and self.made is not None
            and all(
                self.index < len(scene.placed) and scene.placed[self.index] == self.made
                for scene in (document.scene, document.reference)
            )
        )


class DrawHand:
    """Draws or erases one stroke, which joins the sketch.

    Attributes
    ----------
    sketch : Sketch
        With the stroke so far.
    """

    def __init__(self, start: Document, sketch: Sketch, tool: ToolName, brush: Brush) -> None:
        self._start, self._tool, self._brush = start, tool, brush
        self._before = sketch if sketch.continues(start) else Sketch()
        self._points: list[Position] = []
        self.sketch = self._before

    def move(self, at: Position, keys: Keys) -> Document:
        if not self._points or self._points[-1] != at:
            self._points.append(at)
        stroke = Stroke(
            tuple(self._points),
            "eraser" if self._tool == "erase" else "brush",
            self._brush.size,
            self._brush.intensity,
        )
        strokes = (*self._before.strokes, stroke)
        made = Layer.of(self._start.scene.size, strokes).placed()
        index = self._before.index
        if made is None:
            self.sketch = Sketch()
            if index is None:
                return self._start
            return self._start.with_lenses(selection=frozenset({index})).without_selected()
        if index is None:
            document = self._start.with_added(made)
            index = len(document.scene.placed) - 1
        else:
            placed = index, made
            document = self._start.with_both_scenes(lambda scene: scene.with_placed(*placed))
        self.sketch = Sketch(strokes, index, made)
        return document

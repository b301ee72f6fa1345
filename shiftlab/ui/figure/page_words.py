"""The words of an exported figure: title, captions, foot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from shiftlab.document import Document, Lenses, View
from shiftlab.network.spec import NetworkSpec, pads
from shiftlab.scene.translation import Displacement, NoDisplacement
from shiftlab.scene.values import Scene
from shiftlab.ui.figure import words
from shiftlab.ui.figure.text import Run
from shiftlab.ui.theme import Theme

if TYPE_CHECKING:
    from shiftlab.measure.words import Sentence

VIEWS: dict[View, tuple[str, str]] = {
    "now": ("Now", "the maps of the present scene"),
    "reference": ("At the reference", "the maps of the reference scene"),
    "changed": ("What changed", "now − reference"),
    "left": ("What is left", "now − reference moved along"),
}
PADDINGS = {
    "zeros": "zero padding",
    "circular": "circular padding",
    "reflect": "reflecting padding",
    "replicate": "replicating padding",
    "valid": "no padding",
    "full": "full padding",
}
FOOT = "ShiftLab · opening this picture restores this state"


def padding_words(spec: NetworkSpec) -> str:
    """'circular padding', 'no padding', or 'several paddings'."""
    modes = {getattr(layer, "padding_mode", "valid") for layer in spec.active if pads(layer)}
    if not modes:
        return "no padding"
    return PADDINGS[modes.pop()] if len(modes) == 1 else "several paddings"


def subject(scene: Scene) -> str:
    """'A cat', 'An edge', '3 patterns', 'An empty canvas'."""
    names = [placed.pattern.name.replace("-", " ") or "pattern" for placed in scene.placed]
    if not names:
        return "An empty canvas"
    if len(names) > 1:
        return f"{len(names)} patterns"
    return f"{'An' if names[0][:1].lower() in tuple('aeiou') else 'A'} {names[0]}"


def title(document: Document) -> str:
    """'A cat moved 3 px to the right, through three-blocks'."""
    through = " and ".join(network.spec.name for network in document.networks)
    by = document.displacement
    if isinstance(by, NoDisplacement):
        return f"{subject(document.scene)}, through {through}"
    if by.zero:
        return f"{subject(document.scene)} at its reference place, through {through}"
    return f"{subject(document.scene)} moved {_moved(by)}, through {through}"


def _moved(by: Displacement) -> str:
    parts: list[str] = []
    if by.rows:
        parts.append(f"{words.number(abs(by.rows))} px {'down' if by.rows > 0 else 'up'}")
    if by.cols:
        parts.append(f"{words.number(abs(by.cols))} px to the {'right' if by.cols > 0 else 'left'}")
    return " and ".join(parts)


def canvas_caption(document: Document, theme: Theme) -> tuple[Run, ...]:
    """What stands on the canvas, and where."""
    scene = document.scene
    size = f" {scene.size[0]} × {scene.size[1]} px, {'wrapped' if scene.border == 'wrap' else 'zero border'}."
    runs = [Run("Canvas,", theme.t1, strong=True), Run(size, theme.t1)]
    if len(scene.placed) == 1:
        one = scene.placed[0]
        name = one.pattern.name.replace("-", " ") or "pattern"
        stands = f" The {name}, {one.size} px, stands at {_place(one.at)}"
        by = document.displacement
        if isinstance(by, Displacement) and not by.zero and document.reference.placed:
            stands += f"; dashed: its reference place, {_place(document.reference.placed[0].at)}"
        runs.append(Run(f"{stands}.", theme.t1))
    return tuple(runs)


def _place(at: tuple[float, float]) -> str:
    return f"({words.number(at[0])}, {words.number(at[1])})"


def gauge_caption(lenses: Lenses, sentence: Sentence | None, theme: Theme) -> tuple[Run, ...]:
    """What gauges and bars mean, and with a sentence the first break; beside the maps in the label colour."""
    token = theme.t2 if theme.frames else theme.t1
    form = "plain" if lenses.plain else f"{lenses.form} form"
    runs = [
        Run(
            "Gauges: 1 − error; the hatched rest is the error of moving along, ‖now − moved reference‖ ÷ root mean "
            f"square of the two norms, {form}.",
            token,
        )
    ]
    if sentence is not None:
        opening, colon, said = sentence.headline.partition(": ")
        if colon and sentence.breaks:
            runs += [Run(f" {opening}:", token, strong=True), Run(f" {said}", token)]
        else:
            runs.append(Run(f" {sentence.headline}", token, strong=True))
    if lenses.view != "now":
        runs.append(Run(f" Maps: {VIEWS[lenses.view][0].lower()}, {VIEWS[lenses.view][1]}.", token))
    runs.append(Run(" Colour range: 99 % of the values; arrowheads: beyond it.", token))
    return tuple(runs)


def foot_words(document: Document, all_channels: bool) -> str:
    """Network, padding, which channels, and what shares a colour range."""
    names = " · ".join(f"{one.spec.name}, {padding_words(one.spec)}" for one in document.networks)
    channels = "all channels of each stage" if all_channels else "the first channels of long stages"
    scale = {"channel": "one scale a channel", "stage": "one scale a stage", "network": "one scale for all"}
    return f"{names} · {channels}, {scale[document.lenses.scope]}"


def form_words(lenses: Lenses) -> str:
    """'error: grid form, background-referenced'."""
    return f"error: {lenses.form} form, {'plain' if lenses.plain else 'background-referenced'}"


def shown_spec(specs: Sequence[NetworkSpec]) -> str:
    return " | ".join(spec.name for spec in specs)

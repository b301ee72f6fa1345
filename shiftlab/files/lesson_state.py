"""The state of the lab that a step of a lesson begins with: how a lesson writes it down.

One setting is one line, `key: value`. A step says only what is new; the rest is as the steps before it
said, and at the start of a lesson as ShiftLab opens.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal, get_args

from shiftlab.document import ColourScope, ErrorForm, View
from shiftlab.learn.plans import EXPERIMENTS, Head
from shiftlab.network import presets
from shiftlab.network.spec import NetworkSpec, PaddingMode
from shiftlab.scene import patterns
from shiftlab.scene.values import Border

KEEP = "keep"
FIRST = "three-blocks"
"""The network of a lesson that names none."""
Place = tuple[float, float]
Map = Literal["accuracy", "probability", "margin", "consistency"]
Dock = Literal["lesson", "bench", "inspector", "measures", "positions", "training"]
NUMBER = r"\s*([-−]?\d+(?:\.\d+)?)\s*"


@dataclass(frozen=True)
class Held:
    """A pinned cell: (row, col) of a channel of a stage of network A (0) or B (1)."""

    side: int
    stage: str
    channel: int
    cell: tuple[int, int]


@dataclass(frozen=True)
class State:
    """What a step sets.

    Attributes
    ----------
    network, network_b : name of a preset, or of a .json beside the lesson; None for the first of ShiftLab,
        and for no B; 'keep' leaves both networks as they are
    padding : of every layer that pads, in both; None for their own
    canvas : (rows, cols), None for the network's own or 64x64
    pattern, size : None for its natural size
    at, to : the pattern's reference place (None for the middle) and its present place (None for the same)
    ground : grey of the background
    view, form, scope : how the stages are looked at
    pin : the pinned cell, or None
    dock : which dock is open
    map : what the position map shows; None as it is
    trained_scene : whether the canvas is the one that the network was trained on, in place of pattern, size,
        border and ground; 'at' and 'to' speak of its first pattern, and the others go along
    experiment : which experiment the training dock shows; ''
    opens : whether it is this step that opens the experiment, with weights that have learnt nothing yet
    """

    network: str | None = None
    network_b: str | None = None
    padding: PaddingMode | None = None
    canvas: tuple[int, int] | None = None
    pattern: str = "cat"
    size: int | None = None
    at: Place | None = None
    to: Place | None = None
    border: Border = "wrap"
    ground: float = 0.0
    view: View = "now"
    form: ErrorForm = "grid"
    scope: ColourScope = "stage"
    pin: Held | None = None
    dock: Dock = "lesson"
    map: Map | None = None
    trained_scene: bool = False
    experiment: str = ""
    opens: bool = False

    @property
    def keeps_network(self) -> bool:
        return self.network == KEEP


def setting(key: str, value: str, folder: Path) -> Mapping[str, object]:
    """One line of a state block as fields of `State`.

    Parameters
    ----------
    folder : where the lesson lies, for a network of its own

    Raises
    ------
    ValueError
        One line that says what is wrong with it.
    """
    if key not in READERS:
        raise ValueError(f"no setting is called {key!r}; there are {', '.join(READERS)}")
    if not value:
        raise ValueError(f"{key!r} has no value")
    return MappingProxyType(READERS[key](value, folder))


def spec_of(name: str | None, folder: Path) -> NetworkSpec:
    """The spec that a name in a lesson stands for; None is the first preset.

    Raises
    ------
    ValueError
        For a network that does not exist or cannot be.
    """
    if name is None:
        return presets.preset(FIRST)
    if not name.endswith(".json"):
        return presets.preset(name)
    if Path(name).name != name:
        raise ValueError(f"a network of a lesson lies beside it; {name!r} names another folder")
    return presets.load(str(folder / name))


def _network(value: str, folder: Path) -> dict[str, object]:
    if value == KEEP:
        return {"network": KEEP, "network_b": None}
    a, bar, b = (part.strip() for part in value.partition("|"))
    for name in (a, b) if bar else (a,):
        spec_of(name, folder)
    return {"network": a, "network_b": b if bar else None}


def _one_of(key: str, allowed: tuple[str, ...], none: str = "") -> Callable[[str, Path], dict[str, object]]:
    def read(value: str, _folder: Path) -> dict[str, object]:
        if none and value == none:
            return {key: None}
        if value not in allowed:
            raise ValueError(f"{key} can be {', '.join((*allowed, none) if none else allowed)}; not {value!r}")
        return {key: value}

    return read


def _number(key: str, low: float, high: float, whole: bool) -> Callable[[str, Path], dict[str, object]]:
    def read(value: str, _folder: Path) -> dict[str, object]:
        match = re.fullmatch(NUMBER, value)
        number = float(match[1].replace("−", "-")) if match else float("nan")
        if not low <= number <= high or (whole and not number.is_integer()):
            kind = "a whole number" if whole else "a number"
            raise ValueError(f"{key} is {kind} from {low:g} to {high:g}; not {value!r}")
        return {key: int(number) if whole else number}

    return read


def _place(key: str) -> Callable[[str, Path], dict[str, object]]:
    def read(value: str, _folder: Path) -> dict[str, object]:
        match = re.fullmatch(f"{NUMBER},{NUMBER}", value)
        if match is None:
            raise ValueError(f"{key} is a place, 'ROW, COL' in pixels; not {value!r}")
        place = (float(match[1].replace("−", "-")), float(match[2].replace("−", "-")))
        # A new reference place takes the pattern with it, unless 'to' follows.
        return {"at": place, "to": None} if key == "at" else {key: place}

    return read


def _canvas(value: str, _folder: Path) -> dict[str, object]:
    match = re.fullmatch(r"(\d+) ?[x×] ?(\d+)", value)
    if match is None or not all(16 <= int(side) <= 512 for side in match.groups()):
        raise ValueError(f"canvas is 'ROWSxCOLS', 16 to 512 each; not {value!r}")
    return {"canvas": (int(match[1]), int(match[2]))}


def _pattern(value: str, _folder: Path) -> dict[str, object]:
    if value not in patterns.names():
        raise ValueError(f"no pattern {value!r}; there are {', '.join(patterns.names())}")
    return {"pattern": value, "size": None}


def _pin(value: str, _folder: Path) -> dict[str, object]:
    if value == "none":
        return {"pin": None}
    match = re.fullmatch(r"(?:([AB]) )?(\w+) channel (\d+) at (\d+), ?(\d+)", value)
    if match is None:
        raise ValueError(f"pin is 'STAGE channel N at ROW, COL' or 'none'; not {value!r}")
    side, stage, channel, row, col = match.groups()
    return {"pin": Held("AB".index(side or "A"), stage, int(channel), (int(row), int(col)))}


def _scene(value: str, _folder: Path) -> dict[str, object]:
    if value not in ("plain", "trained"):
        raise ValueError(f"scene can be plain, trained; not {value!r}")
    return {"trained_scene": value == "trained", "at": None, "to": None}


def _experiment(value: str, _folder: Path) -> dict[str, object]:
    if value == "none":
        return {"experiment": "", "opens": False}
    name, _, head = value.partition(" ")
    if name not in EXPERIMENTS or (head and (name != "corner" or head not in get_args(Head))):
        raise ValueError(
            f"experiment can be {', '.join(EXPERIMENTS)}, none; after 'corner' a head may stand: "
            f"{', '.join(get_args(Head))}; not {value!r}"
        )
    return {"experiment": value, "opens": True, "network": KEEP, "network_b": None, "dock": "training"}


READERS: Mapping[str, Callable[[str, Path], dict[str, object]]] = MappingProxyType(
    {
        "network": _network,
        "padding": _one_of("padding", get_args(PaddingMode), none="own"),
        "canvas": _canvas,
        "pattern": _pattern,
        "size": _number("size", 1, 512, whole=True),
        "scene": _scene,
        "at": _place("at"),
        "to": _place("to"),
        "border": _one_of("border", get_args(Border)),
        "ground": _number("ground", 0, 1, whole=False),
        "view": _one_of("view", get_args(View)),
        "form": _one_of("form", get_args(ErrorForm)),
        "scope": _one_of("scope", get_args(ColourScope)),
        "pin": _pin,
        "dock": _one_of("dock", get_args(Dock)),
        "map": _one_of("map", get_args(Map)),
        "experiment": _experiment,
    }
)

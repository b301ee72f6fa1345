"""What a session's document.json looks like: one frozen struct for each value, with its bounds.

Bounds here keep a hostile file from asking for more than a lab can hold; what a value means is
validated by the value itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from shiftlab.document import ColourScope, ErrorForm, View
from shiftlab.learn.draft import Place
from shiftlab.learn.tasks import Start
from shiftlab.learn.values import Optimiser
from shiftlab.network.spec import NetworkSpec
from shiftlab.scene.values import BackgroundKind, Border

TYPE = "shiftlab/document"
VERSION = 2

Name = Annotated[str, Meta(max_length=1000)]
Blob = Annotated[str, Meta(pattern=r"^blobs/[0-9a-f]{64}\.(png|safetensors)$")]
Key = tuple[Annotated[int, Meta(ge=0, le=1)], Name]
Spot = tuple[float, float]
Index = Annotated[int, Meta(ge=0, le=10**6)]
Whole = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]


class _Saved(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base: unknown fields are refused, as a field that is silently dropped would be lost on saving."""


class SavedPattern(_Saved, frozen=True, kw_only=True):
    """A pattern's name and the blob that holds its pixels."""

    name: Name
    blob: Blob


class SavedPlaced(_Saved, frozen=True, kw_only=True):
    """`pattern` is an index into the document's patterns."""

    pattern: Index
    at: Spot
    size: int
    turn: float = 0.0
    flipped: bool = False
    contrast: float = 1.0


class SavedBackground(_Saved, frozen=True, kw_only=True):
    kind: BackgroundKind = "uniform"
    grey: float = 0.0
    seed: Whole = 0
    image: Index | None = None


class SavedScene(_Saved, frozen=True, kw_only=True):
    size: tuple[int, int]
    background: SavedBackground
    placed: Annotated[tuple[SavedPlaced, ...], Meta(max_length=1000)]
    border: Border


class SavedNetwork(_Saved, frozen=True, kw_only=True):
    """`weights` is the blob of trained weights; None where they follow from the spec's seed."""

    spec: NetworkSpec
    weights: Blob | None = None


class SavedPin(_Saved, frozen=True, kw_only=True):
    network: Annotated[int, Meta(ge=0, le=1)]
    stage: Name
    channel: Index
    cell: tuple[Index, Index]


class SavedLenses(_Saved, frozen=True, kw_only=True):
    """Mappings by stage are lists here: [network, stage, value]."""

    view: View = "now"
    views: Annotated[tuple[tuple[int, Name, View], ...], Meta(max_length=10_000)] = ()
    scope: ColourScope = "stage"
    tile: int | None = None
    form: ErrorForm = "grid"
    plain: bool = False
    hidden: Annotated[tuple[Key, ...], Meta(max_length=10_000)] = ()
    collapsed: Annotated[tuple[Key, ...], Meta(max_length=10_000)] = ()
    enlarged: Key | None = None
    channels: Annotated[tuple[tuple[int, Name, Index], ...], Meta(max_length=10_000)] = ()
    pin: SavedPin | None = None
    selection: Annotated[tuple[Index, ...], Meta(max_length=1000)] = ()


class SavedSettings(_Saved, frozen=True, kw_only=True):
    """Every number as it would be trained with, proposed or not."""

    optimiser: Optimiser
    rate: float
    weight_decay: float
    momentum: float
    batch: Whole
    steps: Whole
    seed: Whole
    shift: Whole


class SavedTraining(_Saved, frozen=True, kw_only=True):
    """`classes` are indices into the document's patterns; `painted` is the blob of the painted places.

    `proposed` names the settings that follow what is proposed for the network. Where another version of
    ShiftLab proposes something else by now, they stay as they are written here.
    """

    network: Annotated[int, Meta(ge=0, le=1)]
    classes: Annotated[tuple[Index, ...], Meta(max_length=100)]
    place: Place
    painted: Blob | None
    size: int
    variation: float
    start: Start
    settings: SavedSettings
    proposed: Annotated[tuple[Name, ...], Meta(max_length=100)]


class SavedDocument(_Saved, frozen=True, kw_only=True):
    """The whole of document.json."""

    type: str
    version: int
    patterns: Annotated[tuple[SavedPattern, ...], Meta(max_length=1000)]
    scene: SavedScene
    reference: SavedScene
    networks: Annotated[tuple[SavedNetwork, ...], Meta(min_length=1, max_length=2)]
    lenses: SavedLenses
    path: Annotated[tuple[Spot, ...], Meta(max_length=100_000)] = ()
    training: SavedTraining | None = None


def _without_training(fields: dict[str, Any]) -> dict[str, Any]:
    """Version 1 knew no task of one's own."""
    return fields


MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: _without_training}
"""For each older version, what turns its decoded JSON into that of the next."""

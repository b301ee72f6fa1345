"""A session file is a Document: `.shiftlab`, a bounded zip of document.json and blobs named by their content.

A file carries its type and version. Loading migrates an older version, or refuses with the path of the
bad field; it builds the whole Document or nothing. Trained weights are kept, seeded ones as their seed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar, cast

import msgspec

from shiftlab.document import Document, Lenses, Pin, StageKey, View
from shiftlab.files import blobs, schema
from shiftlab.files.archive import MOST_BYTES, SessionError, pack, unpack
from shiftlab.files.atomic import write_atomically
from shiftlab.files.suffix import SUFFIX as SUFFIX
from shiftlab.learn.draft import Draft, usual
from shiftlab.learn.values import Settings
from shiftlab.network.editing import MOST_IN_MAPS, MOST_LAYERS
from shiftlab.network.geometry import stages
from shiftlab.network.initial import weight_shapes
from shiftlab.network.spec import NetworkError, NetworkSpec
from shiftlab.network.weights import Network, Weights
from shiftlab.scene.values import Background, Pattern, Placed, Scene

MOST_IN_WEIGHTS = 1 << 27
_Made = TypeVar("_Made")


def save(document: Document, path: Path) -> None:
    """Write a session file; the old one stays as it was where that fails.

    Raises
    ------
    SessionError
        Where the document is larger than a session may be.
    OSError
        Where it cannot be written.
    """
    write_atomically(path, to_bytes(document))


def load(path: Path) -> Document:
    """Read a session file.

    Raises
    ------
    SessionError
        One line with the path of what is wrong.
    OSError
        Where the file cannot be read.
    """
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise SessionError(f"the session is larger than {MOST_BYTES // 2**20} MB")
    return from_bytes(content)


# ---------------------------------------------------------------- writing


def to_bytes(document: Document) -> bytes:
    """A session's bytes; equal documents give equal bytes.

    Raises
    ------
    SessionError
        Where the document is larger than a session may be.
    """
    writer = _Writer()
    saved = schema.SavedDocument(
        type=schema.TYPE,
        version=schema.VERSION,
        scene=writer.scene(document.scene),
        reference=writer.scene(document.reference),
        networks=tuple(writer.network(network) for network in document.networks),
        lenses=_saved_lenses(document.lenses),
        path=tuple((float(row), float(col)) for row, col in document.path),
        training=None if document.training is None else writer.training(document.training, document),
        patterns=tuple(writer.patterns.values()),
    )
    try:
        encoded = msgspec.json.encode(saved)
    except OverflowError as error:
        raise SessionError(f"$: {error}") from error
    _decoded(encoded)  # what could not be read again is not written
    return pack(msgspec.json.format(encoded, indent=1), writer.blobs)


class _Writer:
    """Gathers patterns and blobs while a document is taken apart; each is kept once."""

    def __init__(self) -> None:
        self.patterns: dict[str, schema.SavedPattern] = {}
        self.blobs: dict[str, bytes] = {}

    def _blob(self, kind: str, content: bytes) -> str:
        name = blobs.blob_name(content, kind)
        self.blobs[name] = content
        return name

    def pattern(self, pattern: Pattern) -> int:
        if pattern.digest not in self.patterns:
            blob = self._blob(*blobs.pattern_blob(pattern))
            self.patterns[pattern.digest] = schema.SavedPattern(name=pattern.name, blob=blob)
        return list(self.patterns).index(pattern.digest)

    def scene(self, scene: Scene) -> schema.SavedScene:
        ground = scene.background
        return schema.SavedScene(
            size=(int(scene.size[0]), int(scene.size[1])),
            background=schema.SavedBackground(
                kind=ground.kind,
                grey=float(ground.grey),
                seed=int(ground.seed),
                image=None if ground.image is None else self.pattern(ground.image),
            ),
            placed=tuple(
                schema.SavedPlaced(
                    pattern=self.pattern(one.pattern),
                    at=one.at,
                    size=int(one.size),
                    turn=one.turn,
                    flipped=bool(one.flipped),
                    contrast=float(one.contrast),
                )
                for one in scene.placed
            ),
            border=scene.border,
        )

    def network(self, network: Network) -> schema.SavedNetwork:
        weights = network.weights
        return schema.SavedNetwork(
            spec=network.spec, weights=None if weights is None else self._blob(*blobs.weights_blob(weights))
        )

    def training(self, draft: Draft, document: Document) -> schema.SavedTraining:
        settings = draft.settings_for(document.networks[draft.network].spec, document.scene.size)
        return schema.SavedTraining(
            network=int(draft.network),
            classes=tuple(self.pattern(one) for one in draft.classes),
            place=draft.place,
            painted=None if draft.painted is None else self._blob(*blobs.mask_blob(draft.painted)),
            size=int(draft.size),
            variation=float(draft.variation),
            start=draft.start,
            settings=schema.SavedSettings(
                optimiser=settings.optimiser,
                rate=float(settings.rate),
                weight_decay=float(settings.weight_decay),
                momentum=float(settings.momentum),
                batch=int(settings.batch),
                steps=int(settings.steps),
                seed=int(settings.seed),
                shift=int(settings.shift),
            ),
            proposed=tuple(sorted(draft.proposed)),
        )


def _saved_lenses(lenses: Lenses) -> schema.SavedLenses:
    pin = lenses.pin
    return schema.SavedLenses(
        view=lenses.view,
        views=tuple((network, stage, view) for (network, stage), view in sorted(lenses.views.items())),
        scope=lenses.scope,
        tile=lenses.tile,
        form=lenses.form,
        plain=lenses.plain,
        hidden=tuple(sorted(lenses.hidden)),
        collapsed=tuple(sorted(lenses.collapsed)),
        enlarged=lenses.enlarged,
        channels=tuple((network, stage, channel) for (network, stage), channel in sorted(lenses.channels.items())),
        pin=pin and schema.SavedPin(network=pin.network, stage=pin.stage, channel=pin.channel, cell=pin.cell),
        selection=tuple(sorted(lenses.selection)),
    )


# ---------------------------------------------------------------- reading


def from_bytes(content: bytes) -> Document:
    """The Document of a session's bytes.

    Raises
    ------
    SessionError
        One line with the path of what is wrong.
    """
    text, stored = unpack(content)
    saved = _decoded(text)
    reader = _Reader(saved, stored)
    return _made(
        "$",
        lambda: Document(
            scene=reader.scene("$.scene", saved.scene),
            reference=reader.scene("$.reference", saved.reference),
            networks=tuple(
                reader.network(f"$.networks[{index}]", one, (saved.scene.size, saved.reference.size))
                for index, one in enumerate(saved.networks)
            ),
            lenses=_made("$.lenses", lambda: _lenses(saved.lenses)),
            path=saved.path,
            training=None if saved.training is None else reader.training("$.training", saved.training, saved),
        ),
    )


def _decoded(text: bytes) -> schema.SavedDocument:
    """document.json, of our version, with every number finite."""
    try:
        raw: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SessionError(f"$: document.json is not JSON: {str(error)[:100]}") from error
    if not isinstance(raw, dict) or cast(dict[str, Any], raw).get("type") != schema.TYPE:
        raise SessionError(f"$.type: not a ShiftLab document (it must be {schema.TYPE!r})")
    fields = _migrated(cast(dict[str, Any], raw))
    try:
        _require_finite(fields, "$")
        return msgspec.convert(fields, type=schema.SavedDocument)
    except msgspec.ValidationError as error:
        message, _, path = str(error).rpartition(" - at ")
        where, what = (path.strip("`"), message) if message else ("$", str(error))
        raise SessionError(f"{where}: {_short(what)}") from error
    except (OverflowError, RecursionError) as error:
        raise SessionError(f"$: {_short(str(error))}") from error


def _migrated(fields: dict[str, Any]) -> dict[str, Any]:
    version = fields.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < min((schema.VERSION, *schema.MIGRATIONS)):
        raise SessionError(f"$.version: not a version of ShiftLab's documents: {_short(repr(version))}")
    if version > schema.VERSION:
        raise SessionError(
            f"$.version: the session is of version {_short(str(version))}, newer than the {schema.VERSION} "
            "that this ShiftLab reads"
        )
    for older in range(version, schema.VERSION):
        fields = {**schema.MIGRATIONS[older](fields), "version": older + 1}
    return fields


def _require_finite(value: Any, path: str) -> None:
    if isinstance(value, float):
        if not math.isfinite(value):
            raise SessionError(f"{path}: must be a finite number, not {value}")
    elif isinstance(value, dict):
        for name, part in cast(dict[str, Any], value).items():
            _require_finite(part, f"{path}.{name[:100]}")
    elif isinstance(value, list):
        for index, part in enumerate(cast(list[Any], value)):
            _require_finite(part, f"{path}[{index}]")


def _short(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= 200 else f"{one_line[:200]}…"


def _made(path: str, make: Callable[[], _Made]) -> _Made:
    """What `make` gives; a value that refuses itself is refused with its path."""
    try:
        return make()
    except SessionError:
        raise
    except (ValueError, OverflowError) as error:
        raise SessionError(f"{path}: {_short(str(error))}") from error


class _Reader:
    """Puts scenes and networks together from what was saved; each pattern is decoded once."""

    def __init__(self, saved: schema.SavedDocument, stored: Mapping[str, bytes]) -> None:
        self._stored = stored
        self._patterns = tuple(self._pattern(f"$.patterns[{index}]", one) for index, one in enumerate(saved.patterns))

    def _blob(self, path: str, name: str) -> bytes:
        if name not in self._stored:
            raise SessionError(f"{path}: {name} is missing from the session")
        _made(path, lambda: blobs.require_named_by_content(name, self._stored[name]))
        return self._stored[name]

    def _pattern(self, path: str, saved: schema.SavedPattern) -> Pattern:
        content = self._blob(f"{path}.blob", saved.blob)
        kind = saved.blob.rpartition(".")[2]
        return _made(f"{path}.blob", lambda: blobs.pattern_from_blob(saved.name, content, kind))

    def _known(self, path: str, index: int) -> Pattern:
        if index >= len(self._patterns):
            raise SessionError(f"{path}: there are {len(self._patterns)} patterns, so none numbered {index}")
        return self._patterns[index]

    def scene(self, path: str, saved: schema.SavedScene) -> Scene:
        ground = saved.background
        image = None if ground.image is None else self._known(f"{path}.background.image", ground.image)
        background = _made(
            f"{path}.background", lambda: Background(kind=ground.kind, grey=ground.grey, seed=ground.seed, image=image)
        )
        placed = tuple(self._placed(f"{path}.placed[{index}]", one) for index, one in enumerate(saved.placed))
        return _made(path, lambda: Scene(saved.size, background, placed, saved.border))

    def _placed(self, path: str, saved: schema.SavedPlaced) -> Placed:
        pattern = self._known(f"{path}.pattern", saved.pattern)
        return _made(
            path,
            lambda: Placed(
                pattern, saved.at, saved.size, turn=saved.turn, flipped=saved.flipped, contrast=saved.contrast
            ),
        )

    def network(self, path: str, saved: schema.SavedNetwork, canvases: tuple[tuple[int, int], ...]) -> Network:
        for canvas in canvases:
            _made(f"{path}.spec", lambda canvas=canvas: _require_holdable(saved.spec, canvas))
        return Network(saved.spec, None if saved.weights is None else self._weights(f"{path}.weights", saved.weights))

    def training(self, path: str, saved: schema.SavedTraining, document: schema.SavedDocument) -> Draft:
        if saved.network >= len(document.networks):
            raise SessionError(f"{path}.network: there is no network numbered {saved.network}")
        classes = tuple(self._known(f"{path}.classes[{at}]", index) for at, index in enumerate(saved.classes))
        painted = None
        if saved.painted is not None:
            content = self._blob(f"{path}.painted", saved.painted)
            painted = _made(f"{path}.painted", lambda: blobs.mask_from_blob(content))
        settings = _made(f"{path}.settings", lambda: Settings(**msgspec.structs.asdict(saved.settings)))
        spec, canvas = document.networks[saved.network].spec, document.scene.size
        proposals = _made(path, lambda: usual(spec, canvas, len(classes)))
        # What is no longer proposed was meant as it was written.
        outdated = {name for name, value in proposals.items() if getattr(settings, name) != value}
        return _made(
            path,
            lambda: Draft(
                classes=classes,
                place=saved.place,
                painted=painted,
                size=saved.size,
                variation=saved.variation,
                start=saved.start,
                settings=settings,
                proposed=frozenset(saved.proposed) - outdated,
                network=saved.network,
            ),
        )

    def _weights(self, path: str, name: str) -> Weights:
        content = self._blob(path, name)
        return _made(path, lambda: blobs.weights_from_blob(content))


def _require_holdable(spec: NetworkSpec, canvas: tuple[int, int]) -> None:
    """Raises ValueError where maps or weights are larger than memory may be asked for.

    A network that merely does not fit the canvas is a state the lab can be in: the window says so.
    """
    if len(spec.layers) > MOST_LAYERS:
        raise ValueError(f"a network has at most {MOST_LAYERS} layers, not {len(spec.layers)}")
    try:
        in_maps = sum(info.channels * info.size[0] * info.size[1] for info in stages(spec, canvas))
        in_weights = sum(math.prod(shape) for shape in weight_shapes(spec, canvas).values())
    except NetworkError:
        return
    for what, values, most in (("maps", in_maps, MOST_IN_MAPS), ("weights", in_weights, MOST_IN_WEIGHTS)):
        if values > most:
            raise ValueError(f"its {what} would hold {values:,} values, more than {most:,}")


def _lenses(saved: schema.SavedLenses) -> Lenses:
    pin = saved.pin
    views: dict[StageKey, View] = {(network, stage): view for network, stage, view in saved.views}
    channels: dict[StageKey, int] = {(network, stage): channel for network, stage, channel in saved.channels}
    return Lenses(
        view=saved.view,
        views=MappingProxyType(views),
        scope=saved.scope,
        tile=saved.tile,
        form=saved.form,
        plain=saved.plain,
        hidden=frozenset(saved.hidden),
        collapsed=frozenset(saved.collapsed),
        enlarged=saved.enlarged,
        channels=MappingProxyType(channels),
        pin=None if pin is None else Pin(pin.network, pin.stage, pin.channel, pin.cell),
        selection=frozenset(saved.selection),
    )

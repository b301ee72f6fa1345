"""A Document put together again from what a session's document.json holds, and the blobs beside it.

What does not fit is refused with the path of its field.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

import msgspec

from shiftlab.document import Document, Lenses, Pin, StageKey, View
from shiftlab.files import blobs, schema
from shiftlab.files.archive import SessionError, shortened
from shiftlab.learn.draft import Draft
from shiftlab.learn.proposed import proposals
from shiftlab.learn.values import Settings
from shiftlab.network.editing import MOST_IN_MAPS, MOST_LAYERS
from shiftlab.network.geometry import stages
from shiftlab.network.initial import weight_shapes
from shiftlab.network.spec import NetworkError, NetworkSpec
from shiftlab.network.weights import Network
from shiftlab.scene.values import Background, Pattern, Placed, Scene

MOST_IN_WEIGHTS = 1 << 27


def restored(saved: schema.SavedDocument, stored: Mapping[str, bytes]) -> Document:
    """The Document, from its JSON and the blobs by their names.

    Raises
    ------
    SessionError
        One line with the path of what is wrong.
    """
    reader = _Reader(saved, stored)
    with _located("$"):
        return Document(
            scene=reader.scene("$.scene", saved.scene),
            reference=reader.scene("$.reference", saved.reference),
            networks=tuple(
                reader.network(f"$.networks[{index}]", one, (saved.scene.size, saved.reference.size))
                for index, one in enumerate(saved.networks)
            ),
            lenses=_lenses("$.lenses", saved.lenses),
            path=saved.path,
            training=None if saved.training is None else reader.training("$.training", saved.training, saved),
        )


@contextmanager
def _located(path: str) -> Generator[None]:
    """A value that refuses itself in here is refused with its path."""
    try:
        yield
    except SessionError:
        raise
    except (ValueError, OverflowError) as error:
        raise SessionError(f"{path}: {shortened(str(error))}") from error


class _Reader:
    """Puts scenes and networks together from what was saved; each pattern is decoded once."""

    def __init__(self, saved: schema.SavedDocument, stored: Mapping[str, bytes]) -> None:
        self._stored = stored
        self._patterns = tuple(self._pattern(f"$.patterns[{index}]", one) for index, one in enumerate(saved.patterns))

    def _blob(self, path: str, name: str) -> bytes:
        if name not in self._stored:
            raise SessionError(f"{path}: {name} is missing from the session")
        with _located(path):
            blobs.require_named_by_content(name, self._stored[name])
        return self._stored[name]

    def _pattern(self, path: str, saved: schema.SavedPattern) -> Pattern:
        content = self._blob(f"{path}.blob", saved.blob)
        with _located(f"{path}.blob"):
            return blobs.pattern_from_blob(saved.name, content, saved.blob.rpartition(".")[2])

    def _known(self, path: str, index: int) -> Pattern:
        if index >= len(self._patterns):
            raise SessionError(f"{path}: there are {len(self._patterns)} patterns, so none numbered {index}")
        return self._patterns[index]

    def scene(self, path: str, saved: schema.SavedScene) -> Scene:
        ground = saved.background
        image = None if ground.image is None else self._known(f"{path}.background.image", ground.image)
        with _located(f"{path}.background"):
            background = Background(kind=ground.kind, grey=ground.grey, seed=ground.seed, image=image)
        placed = tuple(self._placed(f"{path}.placed[{index}]", one) for index, one in enumerate(saved.placed))
        with _located(path):
            return Scene(saved.size, background, placed, saved.border)

    def _placed(self, path: str, saved: schema.SavedPlaced) -> Placed:
        pattern = self._known(f"{path}.pattern", saved.pattern)
        with _located(path):
            return Placed(
                pattern, saved.at, saved.size, turn=saved.turn, flipped=saved.flipped, contrast=saved.contrast
            )

    def network(self, path: str, saved: schema.SavedNetwork, canvases: tuple[tuple[int, int], ...]) -> Network:
        with _located(f"{path}.spec"):
            for canvas in canvases:
                _require_holdable(saved.spec, canvas)
        if saved.weights is None:
            return Network(saved.spec)
        content = self._blob(f"{path}.weights", saved.weights)
        with _located(f"{path}.weights"):
            weights = blobs.weights_from_blob(content)
        return Network(saved.spec, weights)

    def training(self, path: str, saved: schema.SavedTraining, document: schema.SavedDocument) -> Draft:
        if saved.network >= len(document.networks):
            raise SessionError(f"{path}.network: there is no network numbered {saved.network}")
        classes = tuple(self._known(f"{path}.classes[{at}]", index) for at, index in enumerate(saved.classes))
        painted = None
        if saved.painted is not None:
            content = self._blob(f"{path}.painted", saved.painted)
            with _located(f"{path}.painted"):
                painted = blobs.mask_from_blob(content)
        with _located(f"{path}.settings"):
            settings = Settings(**msgspec.structs.asdict(saved.settings))
        with _located(path):
            now = proposals(document.networks[saved.network].spec, document.scene.size, len(classes))
            # What is no longer proposed was meant as it was written.
            outdated = {name for name, value in now.items() if getattr(settings, name) != value}
            return Draft(
                classes=classes,
                place=saved.place,
                painted=painted,
                size=saved.size,
                variation=saved.variation,
                start=saved.start,
                settings=settings,
                proposed=frozenset(saved.proposed) - outdated,
                network=saved.network,
            )


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


def _lenses(path: str, saved: schema.SavedLenses) -> Lenses:
    pin = saved.pin
    views: dict[StageKey, View] = {(network, stage): view for network, stage, view in saved.views}
    channels: dict[StageKey, int] = {(network, stage): channel for network, stage, channel in saved.channels}
    with _located(path):
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

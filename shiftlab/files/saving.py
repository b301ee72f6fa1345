"""A Document taken apart into what a session's document.json holds, and the blobs beside it."""

from __future__ import annotations

from shiftlab.document import Document, Lenses
from shiftlab.files import blobs, schema
from shiftlab.learn.draft import Draft
from shiftlab.network.weights import Network
from shiftlab.scene.values import Pattern, Scene


def saved(document: Document) -> tuple[schema.SavedDocument, dict[str, bytes]]:
    """What of a document is written as JSON, and the blobs by their names."""
    writer = _Writer()
    made = schema.SavedDocument(
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
    return made, writer.blobs


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

"""The actions of the menu Network that are no surgery."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from shiftlab.document import Document
from shiftlab.network.spec import NetworkSpec, PaddingMode, with_padding
from shiftlab.network.weights import Network
from shiftlab.ui import edits
from shiftlab.ui.actions import Action
from shiftlab.ui.commands.group import Group

PADDINGS: tuple[tuple[PaddingMode, str], ...] = (
    ("zeros", "Zeros"),
    ("circular", "Circular"),
    ("reflect", "Reflect"),
    ("replicate", "Replicate"),
    ("valid", "None (valid)"),
    ("full", "Full"),
)


class NetworkCommands(Group):
    """Padding, seed, and which form of the error is shown."""

    def records(self) -> tuple[Action, ...]:
        return (
            *(
                Action(f"network.padding-{mode}", words, lambda one=mode: self._set_padding(one), "Network/Padding",
                       tooltip=f"Every layer that pads: {words.lower()}")
                for mode, words in PADDINGS
            ),
            Action("network.seed", "Another seed", self._reseed, "Network",
                   tooltip="Draw the weights that are not trained anew",
                   enabled=lambda: self._document.networks[0].weights is None),
            Action("network.form", "Fractional error", self._toggle_form, "Network", keys=("G",),
                   tooltip="The gauges show the fractional form in place of the grid form",
                   checked=lambda: self._document.lenses.form == "fractional"),
            Action("network.plain", "Plain error", lambda: self._lab.look(
                plain=not self._document.lenses.plain), "Network",
                tooltip="The error against the whole response, not only against what the background does not give",
                checked=lambda: self._document.lenses.plain),
        )  # fmt: skip

    def choose(self, name: str) -> None:
        """Another preset."""
        from shiftlab.network import presets

        spec = presets.preset(name)

        def change(document: Document) -> Document:
            document = edits.with_spec(document, spec)
            return edits.on_stage(document) if document.networks[0].weights is not None else document

        self._lab.edit(change, f"Network {name}")

    def _each_spec(self, change: Callable[[NetworkSpec], NetworkSpec], label: str) -> None:
        def edit(document: Document) -> Document:
            return document.with_networks(
                tuple(
                    network if (spec := change(network.spec)) is network.spec else Network(spec, network.weights)
                    for network in document.networks
                )
            )

        self._lab.edit(edit, label)

    def _set_padding(self, mode: PaddingMode) -> None:
        self._each_spec(lambda spec: with_padding(spec, mode), "Padding")

    def _reseed(self) -> None:
        self._each_spec(lambda spec: msgspec.structs.replace(spec, seed=spec.seed + 1), "Seed")

    def _toggle_form(self) -> None:
        self._lab.look(form="grid" if self._document.lenses.form == "fractional" else "fractional")

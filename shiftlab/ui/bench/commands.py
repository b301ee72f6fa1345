"""What the bench adds to the window's actions: the dock itself, A beside B, and surgery, all with a name to find.

What operates on networks is imported when it is wanted: the window is painted before that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication

from shiftlab.document import Document
from shiftlab.network.spec import NetworkError, NetworkSpec
from shiftlab.ui.actions import Action
from shiftlab.ui.lab import Lab

if TYPE_CHECKING:
    from shiftlab.network.editing import Outcome
    from shiftlab.network.head_swaps import HeadKind
    from shiftlab.network.pairs import PresetPair
    from shiftlab.network.surgery import Surgery


class BenchCommands:
    """Makes the records; what they do is done to the lab, network A where they speak of one network."""

    def __init__(self, lab: Lab, toggle: Callable[[str], None], opened: Callable[[], str]) -> None:
        self._lab, self._toggle, self._opened = lab, toggle, opened
        self._asked: NetworkSpec | None = None
        self._possible: frozenset[str] = frozenset()

    def first_records(self) -> tuple[Action, ...]:
        """Those that need no more than the lab: they come first in order, too."""
        return (
            Action(
                "window.bench",
                "Bench",
                lambda: self._toggle("bench"),
                "Window",
                "bench",
                ("L",),
                "Change the network: layers, kernels, head",
                checked=lambda: self._opened() == "bench",
            ),
            Action(
                "network.ab",
                "A|B",
                self._toggle_b,
                "Network",
                "ab",
                ("Ctrl+B",),
                "Fork to B: two networks under the same drag, B at first a copy of A",
                checked=self._two,
            ),
            Action(
                "network.swap",
                "Swap A and B",
                self._swap,
                "Network",
                tooltip="A and B in each other's place",
                enabled=self._two,
            ),
        )

    def records(self) -> tuple[Action, ...]:
        from shiftlab.network.head_swaps import HEADS
        from shiftlab.network.pairs import PAIRS
        from shiftlab.network.surgery import SURGERIES

        return (
            *self.first_records(),
            *(
                Action(
                    f"network.compare-{pair.name.replace(' ', '-')}",
                    f"Compare {pair.name}",
                    lambda pair=pair: self._compare(pair),
                    "Network/Compare",
                    tooltip=pair.point,
                )
                for pair in PAIRS
            ),
            *(
                Action(
                    f"network.surgery-{one.key}",
                    one.title,
                    lambda one=one: self._operate(one),
                    "Network/Surgery",
                    tooltip=one.cost,
                    enabled=lambda one=one: self._can(one),
                )
                for one in SURGERIES
                if not one.key.startswith("padding-")
            ),
            *(
                Action(
                    f"network.head-{kind}",
                    title,
                    lambda kind=kind: self._swap_head(kind),
                    "Network/Head",
                    tooltip=cost,
                )
                for kind, (title, cost) in HEADS.items()
            ),
            Action(
                "network.copy-code",
                "Copy as PyTorch",
                self._copy_code,
                "Network",
                "copy",
                tooltip="Network A as code that needs nothing but torch and gives the same maps",
            ),
            Action(
                "network.tie",
                "Tie dense weights over positions",
                self._tie,
                "Network/Head",
                tooltip="The mean of each channel's weights at every place",
            ),
        )

    def _can(self, one: Surgery) -> bool:
        """Whether an operation changes A; every frame of a drag asks, so that the answers are kept."""
        spec = self._lab.document.networks[0].spec
        if spec is not self._asked:
            from shiftlab.network.surgery import SURGERIES

            self._asked = spec
            self._possible = frozenset(surgery.key for surgery in SURGERIES if surgery.changes(spec))
        return one.key in self._possible

    def _two(self) -> bool:
        return len(self._lab.document.networks) == 2

    def _edit(self, change: Callable[[Document], Document], label: str) -> None:
        self._lab.edit(change, label)

    def _swap(self) -> None:
        from shiftlab.ui.bench import changes

        self._edit(changes.swapped, "Swap A and B")

    def _toggle_b(self) -> None:
        from shiftlab.ui.bench import changes

        if self._two():
            self._edit(changes.without_b, "Remove B")
        else:
            self._edit(changes.forked, "Fork to B")

    def _compare(self, pair: PresetPair) -> None:
        from shiftlab.ui.bench import changes

        self._edit(lambda document: changes.with_pair(document, pair), f"Compare {pair.name}")

    def _operate(self, one: Surgery) -> None:
        from shiftlab.network import editing

        self._change(lambda document: editing.operate(document.networks[0], document.scene.size, one), one.title)

    def _swap_head(self, kind: HeadKind) -> None:
        from shiftlab.network.head_swaps import HEADS, with_head

        self._change(lambda document: with_head(document.networks[0], document.scene.size, kind), HEADS[kind][0])

    def _tie(self) -> None:
        from shiftlab.network.head_swaps import tied
        from shiftlab.ui.bench import changes

        self._edit(
            lambda document: changes.with_network(document, 0, tied(document.networks[0], document.scene.size)),
            "Tie dense weights",
        )

    def _copy_code(self) -> None:
        from shiftlab.network.torch_code import torch_code  # late: needed by few, and not at the start

        document = self._lab.document
        try:
            made = torch_code(document.networks[0], document.scene.size)
        except NetworkError as error:
            self._lab.refused.emit(str(error))
            return
        QGuiApplication.clipboard().setText(made.source)
        if made.weights_name:
            self._lab.refused.emit("Copied, but its weights need a file beside it: Save as PyTorch, in the bench.")

    def _change(self, edit: Callable[[Document], Outcome], label: str) -> None:
        from shiftlab.network.editing import Refused
        from shiftlab.ui.bench import changes

        def change(document: Document) -> Document:
            outcome = edit(document)
            if isinstance(outcome, Refused):
                raise NetworkError(outcome.message)
            return changes.with_network(document, 0, outcome.network)

        self._edit(change, label)

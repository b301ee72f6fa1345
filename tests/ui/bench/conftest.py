"""A bench over a lab."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from shiftlab.document import Document
from shiftlab.network.presets import preset
from shiftlab.ui import edits
from shiftlab.ui.bench.bench import Bench
from shiftlab.ui.lab import Lab
from shiftlab.ui.theme import DARK
from shiftlab.ui.themed import apply_theme
from tests.ui.bench.benches import Make
from tests.ui.middle import middle


@pytest.fixture
def make(qtbot: QtBot) -> Make:
    """Make a shown bench over a document with a network of the presets."""

    def made(network: str = "three-blocks", document: Document | None = None) -> Bench:
        start = middle() if document is None else document
        lab = Lab(edits.with_spec(start, preset(network)))
        bench = Bench(lab)
        lab.setParent(bench)
        qtbot.addWidget(bench)
        apply_theme(bench, DARK)
        bench.resize(400, 820)
        with qtbot.waitExposed(bench):
            bench.show()
        return bench

    return made

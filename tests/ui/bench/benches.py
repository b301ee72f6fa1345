"""What the tests of the bench ask of it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtTest import QTest

from shiftlab.document import Document
from shiftlab.engine.backend import Backend
from shiftlab.engine.messages import Request
from shiftlab.ui.bench.bench import Bench
from shiftlab.ui.bench.layer_form import LayerForm, TypedField
from shiftlab.ui.lab import Lab
from shiftlab.ui.theme import DARK, luts

Make = Callable[..., Bench]


def lab_of(bench: Bench) -> Lab:
    return bench.editor.lab


def spec_of(bench: Bench, side: int = 0):
    return lab_of(bench).document.networks[side].spec


def form_of(bench: Bench) -> LayerForm:
    assert bench.page.layers.form is not None
    return bench.page.layers.form


def field_of(bench: Bench, name: str) -> TypedField:
    found = form_of(bench).editors[name]
    assert isinstance(found, TypedField)
    return found


def type_into(field: TypedField, text: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)


def undone_to_the_start(bench: Bench, start: Document) -> bool:
    lab = lab_of(bench)
    while lab.store.undo_label is not None:
        lab.undo()
    return lab.document.networks == start.networks


def answer(bench: Bench) -> None:
    """Show the head what the real backend says of it."""
    side = bench.editor.side
    document = lab_of(bench).document
    bench.show_snapshot(Backend()(Request(1, document, (), luts(DARK), inspected=bench.head.wanted(side))))

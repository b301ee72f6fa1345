"""What passes between window and worker: late answers, failures, and what signals cost."""

from __future__ import annotations

import sys

import pytest

from shiftlab.engine.messages import Failure
from shiftlab.network import presets
from shiftlab.ui import edits
from shiftlab.ui.bridge import Bridge
from shiftlab.ui.lab import Lab
from shiftlab.ui.theme import DARK, luts
from tests.ui.fake_backend import answer


@pytest.fixture
def lab(qapp, document) -> Lab:
    return Lab(document)


@pytest.fixture
def bridge(lab, backend):
    made = Bridge(lab, lambda: backend)
    yield made
    backend.gate.set()
    made.close(10)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="True and None are immortal there")
def test_a_thousand_emits_leave_the_references_to_true_and_none_alone(lab, bridge, qtbot):
    heard = []
    bridge.loading_changed.connect(heard.append)
    lab.gesture_changed.connect(heard.append)
    bridge.snapshot_ready.connect(lambda snapshot: heard.append(snapshot is None))
    before = sys.getrefcount(True), sys.getrefcount(None)
    for _ in range(1000):
        bridge.loading_changed.emit(True)
        lab.gesture_changed.emit(True)
        bridge.snapshot_ready.emit(None)
    assert len(heard) == 3000
    heard.clear()
    after = sys.getrefcount(True), sys.getrefcount(None)
    assert abs(after[0] - before[0]) < 50
    assert abs(after[1] - before[1]) < 50


def test_nothing_is_computed_before_the_start(bridge, backend, qtbot):
    bridge.want(luts=luts(DARK))
    assert bridge.worker is None
    bridge.start()
    with qtbot.waitSignal(bridge.snapshot_ready):
        pass
    assert not bridge.loading


def test_the_same_is_not_asked_twice(bridge, backend, qtbot):
    bridge.start()
    bridge.want(luts=luts(DARK))
    with qtbot.waitSignal(bridge.snapshot_ready):
        pass
    qtbot.waitUntil(lambda: bridge.shown.request.at_rest)
    count = bridge.worker.submitted
    bridge.want(pictures=(), inspected=(), luts=luts(DARK))
    bridge.post()
    assert bridge.worker.submitted == count


def test_an_answer_for_another_network_is_dropped(lab, bridge, backend, qtbot):
    bridge.start()
    backend.gate.clear()
    bridge.want(luts=luts(DARK))
    qtbot.waitUntil(backend.entered.is_set)
    late = backend.requests[-1]
    lab.edit(lambda document: edits.with_spec(document, presets.preset("seed")), "Network")
    shown = []
    bridge.snapshot_ready.connect(shown.append)
    bridge._deliver(answer(late))
    backend.gate.set()
    qtbot.waitUntil(lambda: len(shown) > 0)
    assert [one.request.document.networks[0].spec.name for one in shown] == ["seed"] * len(shown)


def test_an_older_answer_than_the_one_shown_is_dropped(lab, bridge, backend, qtbot):
    bridge.start()
    bridge.want(luts=luts(DARK))
    with qtbot.waitSignal(bridge.snapshot_ready):
        pass
    old = bridge.shown
    lab.edit(lambda document: edits.placed_at(document, (5, 5)), "Move")
    qtbot.waitUntil(lambda: bridge.shown.request.document is lab.document)
    newest = bridge.shown
    with qtbot.assertNotEmitted(bridge.snapshot_ready, wait=30):
        bridge._deliver(old)
    assert bridge.shown is newest or bridge.shown.request.sequence > newest.request.sequence


def test_a_late_answer_after_the_close_reaches_nobody(lab, bridge, backend, qtbot):
    bridge.start()
    bridge.want(luts=luts(DARK))
    with qtbot.waitSignal(bridge.snapshot_ready):
        pass
    last = bridge.shown
    assert bridge.close(10)
    with qtbot.assertNotEmitted(bridge.snapshot_ready, wait=20):
        bridge._deliver(last)


def test_a_failure_is_told_and_the_next_request_works(lab, bridge, backend, qtbot):
    bridge.start()
    backend.error = RuntimeError("shapes (8, 8) and (4, 4) do not match")
    with qtbot.waitSignal(bridge.failed) as heard:
        bridge.want(luts=luts(DARK))
    assert isinstance(heard.args[0], Failure)
    assert heard.args[0].message == "RuntimeError: shapes (8, 8) and (4, 4) do not match"
    backend.error = None
    with qtbot.waitSignal(bridge.snapshot_ready):
        bridge.again()


def test_a_backend_that_cannot_be_made_is_told_once_and_made_later(lab, backend, qtbot):
    broken = [True]

    def make():
        if broken[0]:
            raise ImportError("no torch here")
        return backend

    bridge = Bridge(lab, make)
    try:
        with qtbot.waitSignal(bridge.failed) as heard:
            bridge.want(luts=luts(DARK))
            bridge.start()
        assert "no torch here" in heard.args[0].message
        broken[0] = False
        with qtbot.waitSignal(bridge.snapshot_ready):
            bridge.again()
    finally:
        assert bridge.close(10)

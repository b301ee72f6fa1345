"""The store: what is undone, what listeners hear, and a random walk against a list of documents."""

import dataclasses
import threading

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from shiftlab.document import Document
from shiftlab.engine.store import Store
from shiftlab.network.spec import Conv, NetworkSpec
from shiftlab.network.weights import Network, Weights
from shiftlab.scene.values import Pattern, Placed, Scene

DOT = Pattern("dot", np.ones((1, 3, 3), np.float32), np.ones((3, 3), np.float32))
NETWORK = Network(NetworkSpec(name="one", layers=(Conv(channels=2),)))
OTHER = Network(NetworkSpec(name="other", layers=(Conv(channels=3),)))


def weights(value):
    return Weights({"conv1.weight": np.full((2, 1, 3, 3), value, np.float32)})


def document():
    scene = Scene(placed=(Placed(DOT, (32, 32), 3),))
    return Document(scene, scene, (NETWORK,))


def moved(given, by):
    return given.with_scene(given.scene.moved(by))


@pytest.fixture
def store():
    return Store(document())


@pytest.fixture
def heard(store):
    changes = []
    store.listen(changes.append)
    return changes


def test_the_same_object_back_is_no_change(store, heard):
    assert not store.update(store.document)
    assert not store.update(store.document, ephemeral=True)
    assert not heard
    assert store.undo_label is None


def test_weights_as_they_were_make_no_undo_entry(store, heard):
    """A run that is ended before its first step, or that learns nothing."""
    network = Network(NETWORK.spec, weights(1))
    store.reset(store.document.with_networks((network,)))
    store.update(moved(store.document, (0, 1)), label="Move")
    store.undo()
    assert store.publish_weights(0, network, weights(1))
    assert not store.keep_all_weights("Train")
    assert (store.undo_label, store.redo_label) == (None, "Move")


def test_an_equal_document_makes_no_undo_entry(store):
    same = dataclasses.replace(store.document)
    store.update(same)
    assert store.undo_label is None


def test_a_drag_is_one_undo_entry(store, heard):
    start = store.document
    for _ in range(60):
        store.update(moved(store.document, (0, 1)), label="Move", ephemeral=True)
    assert store.in_gesture
    store.commit()
    assert len(heard) == 61
    assert [change.ephemeral for change in heard] == [True] * 60 + [False]
    end = store.document
    assert store.undo_label == "Move"
    assert store.undo()
    assert store.document == start
    assert store.redo_label == "Move"
    assert not store.undo()
    assert store.redo()
    assert store.document == end


def test_the_release_may_bring_the_last_place_itself(store):
    start = store.document
    store.update(moved(store.document, (0, 1)), ephemeral=True)
    store.update(moved(store.document, (0, 1)), label="Move")
    assert store.document.scene.placed[0].at == (32, 34)
    store.undo()
    assert store.document == start


def test_a_drag_that_comes_back_leaves_no_entry(store):
    store.update(moved(store.document, (0, 1)), ephemeral=True)
    store.update(moved(store.document, (0, -1)), ephemeral=True)
    store.commit()
    assert store.undo_label is None


def test_a_cancelled_drag_is_as_if_it_had_not_been(store, heard):
    start = store.document
    store.update(moved(start, (2, 0)), ephemeral=True)
    store.cancel()
    assert store.document is start
    assert not heard[-1].ephemeral
    assert store.undo_label is None
    store.cancel()
    assert len(heard) == 2


def test_undo_in_the_midst_of_a_drag_takes_the_drag_back(store):
    start = store.document
    store.update(moved(start, (2, 0)), ephemeral=True, label="Move")
    assert store.undo_label == "Move"
    store.undo()
    assert store.document == start


def test_a_new_change_empties_redo(store):
    store.update(moved(store.document, (1, 0)))
    store.undo()
    store.update(moved(store.document, (0, 1)))
    assert store.redo_label is None
    assert not store.redo()


def test_looking_makes_no_entry_and_does_not_end_a_drag(store):
    start = store.document
    store.update(moved(start, (1, 0)), ephemeral=True, label="Move")
    store.update(store.document.with_lenses(view="left"), undoable=False)
    assert store.in_gesture
    store.update(moved(store.document, (1, 0)), ephemeral=True, label="Move")
    store.commit()
    assert store.document.lenses.view == "left"
    store.undo()
    assert store.document == start


def test_history_is_bounded():
    store = Store(document(), limit=3)
    for _ in range(5):
        store.update(moved(store.document, (0, 1)))
    assert [store.undo() for _ in range(4)] == [True, True, True, False]
    assert store.document.scene.placed[0].at == (32, 34)


def test_reset_forgets(store):
    store.update(moved(store.document, (0, 1)))
    store.reset(document())
    assert store.undo_label is None
    assert not store.undo()


def test_listeners_hear_in_order_even_when_one_of_them_updates(store):
    seen = []

    def straighten(change):
        if change.document.scene.placed[0].at[1] != 32:
            store.update(document(), undoable=False)

    store.listen(straighten)
    store.listen(lambda change: seen.append(change.document.scene.placed[0].at[1]))
    store.update(moved(store.document, (0, 5)))
    assert seen == [37, 32]


def test_a_listener_that_fails_does_not_silence_the_others(store, heard):
    def fail(_):
        raise ValueError("broken listener")

    store.listen(fail)
    late = []
    store.listen(late.append)
    with pytest.raises(ValueError, match="broken listener"):
        store.update(moved(store.document, (0, 1)))
    assert len(heard) == len(late) == 1


def test_a_listener_can_leave(store):
    heard = []
    stop = store.listen(heard.append)
    stop()
    stop()
    store.update(moved(store.document, (0, 1)))
    assert not heard


def test_another_thread_is_refused(store):
    caught = []

    def try_it():
        for call in (lambda: store.update(document()), store.undo, store.commit, lambda: store.listen(print)):
            with pytest.raises(RuntimeError, match="belongs to the thread that made it, not to 'other'"):
                call()
            caught.append(True)

    thread = threading.Thread(target=try_it, name="other")
    thread.start()
    thread.join(10)
    assert len(caught) == 4


class TestPublishedWeights:
    def test_are_shown_without_an_entry(self, store, heard):
        assert store.publish_weights(0, NETWORK, weights(1))
        assert store.publish_weights(0, NETWORK, weights(2))
        assert store.document.networks[0].weights == weights(2)
        assert len(heard) == 2
        assert store.undo_label is None

    def test_stay_through_undo_and_redo_of_a_move(self, store):
        store.publish_weights(0, NETWORK, weights(1))
        store.update(moved(store.document, (0, 1)))
        store.publish_weights(0, NETWORK, weights(2))
        store.undo()
        assert store.document.networks[0].weights == weights(2)
        assert store.document.scene.placed[0].at == (32, 32)
        store.redo()
        assert store.document.networks[0].weights == weights(2)

    def test_become_one_entry_when_kept(self, store):
        store.update(moved(store.document, (0, 1)))
        for value in range(5):
            store.publish_weights(0, NETWORK, weights(value))
        assert store.keep_all_weights()
        assert store.document.networks[0].weights == weights(4)
        store.undo()
        assert store.document.networks == (NETWORK,)
        assert store.document.scene.placed[0].at == (32, 33)
        store.redo()
        assert store.document.networks[0].weights == weights(4)
        assert not store.keep_all_weights()

    def test_go_with_the_network_they_were_made_for(self, store):
        store.publish_weights(0, NETWORK, weights(1))
        store.update(store.document.with_networks((OTHER,)))
        assert not store.publish_weights(0, NETWORK, weights(2))
        assert store.document.networks == (OTHER,)
        assert not store.keep_all_weights()
        assert store.document.networks == (OTHER,)

    def test_of_a_network_that_is_not_there_are_dropped(self, store, heard):
        assert not store.publish_weights(0, OTHER, weights(1))
        assert not store.publish_weights(1, NETWORK, weights(1))
        assert not heard

    def test_of_a_network_that_another_replaces_come_back_with_it(self, store):
        store.publish_weights(0, NETWORK, weights(1))
        shown = store.document
        store.update(store.document.with_networks((OTHER,)))
        store.undo()
        assert store.document == shown
        store.redo()
        assert store.document.networks == (OTHER,)
        store.undo()
        assert store.document.networks[0].weights == weights(1)

    def test_of_a_network_that_is_undone_come_back_with_redo(self, store):
        store.update(store.document.with_networks((OTHER,)))
        store.publish_weights(0, OTHER, weights(1))
        shown = store.document
        store.undo()
        assert store.document.networks == (NETWORK,)
        assert not store.keep_all_weights()
        store.redo()
        assert store.document == shown
        trained = store.document.networks[0]
        assert store.publish_weights(0, trained, weights(2))
        assert store.keep_all_weights()
        store.undo()
        assert store.document.networks == (trained,)

    def test_of_two_networks_come_back_together_where_one_is_replaced(self):
        scene = document().scene
        store = Store(Document(scene, scene, (NETWORK, NETWORK)))
        for index in (0, 1):
            store.publish_weights(index, NETWORK, weights(index + 1))
        shown = store.document
        store.update(store.document.with_networks((OTHER, shown.networks[1])), label="Network")
        assert store.document.networks == (OTHER, shown.networks[1])
        assert not store.keep_all_weights()
        assert store.undo_label == "Network"
        store.undo()
        assert store.document == shown

    def test_stay_published_where_a_gesture_ends_with_the_same_network(self, store):
        store.update(moved(store.document, (0, 1)), ephemeral=True)
        store.publish_weights(0, NETWORK, weights(1))
        store.commit()
        store.publish_weights(0, NETWORK, weights(2))
        assert store.document.networks[0].weights == weights(2)
        assert store.keep_all_weights()
        store.undo()
        assert store.document.networks == (NETWORK,)

    def test_that_were_kept_can_be_trained_on(self, store):
        store.publish_weights(0, NETWORK, weights(1))
        store.keep_all_weights()
        trained = store.document.networks[0]
        store.publish_weights(0, trained, weights(2))
        store.keep_all_weights()
        store.undo()
        assert store.document.networks[0] == trained
        store.undo()
        assert store.document.networks[0] == NETWORK


class Walk(RuleBasedStateMachine):
    """The store against two lists of documents and a note of where a gesture began."""

    def __init__(self):
        super().__init__()
        self.store = Store(document(), limit=1000)
        self.past, self.present, self.future, self.began = [], document(), [], None
        self.heard = self.store.document
        self.store.listen(self.hear)

    def hear(self, change):
        assert change.before == self.heard
        self.heard = change.document

    def end(self):
        if self.began is not None:
            if self.began != self.present:
                self.past.append(self.began)
                self.future.clear()
            self.began = None

    @rule(by=st.integers(-2, 2))
    def drag(self, by):
        new = moved(self.store.document, (0, by))
        self.store.update(new, ephemeral=True)
        if by:
            self.began = self.present if self.began is None else self.began
            self.present = moved(self.present, (0, by))

    @rule(by=st.integers(1, 3))
    def move(self, by):
        self.store.update(moved(self.store.document, (by, 0)))
        self.began = self.present if self.began is None else self.began
        self.present = moved(self.present, (by, 0))
        self.end()

    @rule()
    def release(self):
        self.store.commit()
        self.end()

    @rule()
    @precondition(lambda self: self.began is not None)
    def escape(self):
        self.store.cancel()
        self.present, self.began = self.began, None

    @rule()
    def undo(self):
        self.store.undo()
        self.end()
        if self.past:
            self.future.append(self.present)
            self.present = self.past.pop()

    @rule()
    def redo(self):
        self.store.redo()
        self.end()
        if self.future:
            self.past.append(self.present)
            self.present = self.future.pop()

    @invariant()
    def agrees(self):
        assert self.store.document == self.present == self.heard
        assert self.store.in_gesture == (self.began is not None)
        assert (self.store.undo_label is not None) == bool(self.past or self.began is not None)
        assert (self.store.redo_label is not None) == bool(self.future)


TestWalk = Walk.TestCase
TestWalk.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


def test_published_weights_of_two_networks_are_kept_as_one_undo_entry():
    scene = Scene(size=(32, 32), placed=(Placed(DOT, at=(9, 9), size=3),))
    document = Document(scene, scene, (NETWORK, OTHER))
    store = Store(document)
    made = [Weights({"conv1.weight": np.full((1, 1), number, np.float32)}) for number in (1, 2)]
    for index, weights in enumerate(made):
        assert store.publish_weights(index, document.networks[index], weights)
    assert store.keep_all_weights("Train twins")
    assert [one.weights for one in store.document.networks] == made
    assert store.undo_label == "Train twins"
    assert store.undo()
    assert store.document.networks == document.networks
    assert not store.keep_all_weights()
    assert store.undo_label is None

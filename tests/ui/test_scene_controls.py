"""Fields, paths, jumps, and edits of the scene."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from shiftlab.learn.colour_data import placed_patches
from shiftlab.network import presets
from shiftlab.scene.path import Path
from shiftlab.scene.patterns import builtin
from shiftlab.scene.raster import rasterise
from shiftlab.scene.translation import Displacement
from shiftlab.scene.values import Background
from shiftlab.ui import edits
from shiftlab.ui.asking import canvas_size
from shiftlab.ui.fields import NumberField
from shiftlab.ui.figure.canvas_view import RULER
from shiftlab.ui.frames import FrameMeter
from shiftlab.ui.hits import alpha_at, pattern_at
from shiftlab.ui.lab import Lab
from shiftlab.ui.player import Player, unwrapped
from shiftlab.ui.theme import colour
from tests.ui.middle import middle


def enter(field: NumberField, text: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_positions_are_typed(window):
    enter(window.column.fields.row, "20")
    assert window.lab.document.scene.placed[0].at == (20, 32)
    enter(window.column.fields.reference_col, "30")
    assert window.lab.document.reference.placed[0].at == (32, 30)
    assert window.lab.document.displacement == Displacement(-12, 2)
    window.actions_.run("edit.undo")
    window.actions_.run("edit.undo")
    assert window.lab.document.displacement.zero


@pytest.mark.parametrize(("name", "words"), [("dog", "Drag the dog"), ("red", "Drag the red square")])
def test_what_is_to_be_dragged_is_named(window, name, words):
    like = next((one.pattern for one in placed_patches() if one.pattern.name == name), builtin("dog"))
    window.lab.edit(lambda document: edits.swapped(document, like, 12), "Pattern")
    window.canvas.set_inviting(True)
    assert window.canvas.hint == words


def test_fractions_only_with_sub_pixel(window):
    enter(window.column.fields.col, "33.4")
    assert window.lab.document.scene.placed[0].at == (32, 33)
    window.actions_.run("scene.subpixel")
    enter(window.column.fields.col, "33.4")
    assert window.lab.document.scene.placed[0].at == (32, 33.4)
    window.column.fields.subpixel.click()
    assert window.lab.document.scene.placed[0].at == (32, 33)


def test_the_pattern_is_resized_turned_flipped_and_dimmed_in_both_scenes(window):
    fields = window.column.fields
    enter(fields.side, "20")
    enter(fields.turn, "90")
    enter(fields.contrast, "0.5")
    fields.flip.click()
    for scene in (window.lab.document.scene, window.lab.document.reference):
        one = scene.placed[0]
        assert (one.size, one.turn, one.contrast, one.flipped) == (20, 90, 0.5, True)
    assert window.lab.document.displacement.zero


def test_border_and_ground(window, qtbot):
    window.column.fields.border.buttons["zero"].click()
    assert window.lab.document.scene.border == "zero"
    window.column.fields.ground.chosen.emit("noise")
    assert window.lab.document.scene.background.kind == "noise"
    assert window.column.fields.ground.text() == "noise"
    window.actions_.run("scene.ground-seed")
    assert window.lab.document.scene.background == Background("noise", grey=0.5, seed=1)
    window.canvas.nudge(0, 1)
    qtbot.waitUntil(lambda: window.bridge.shown.request.document is window.lab.document)
    assert window.sentence.sentence.headline.startswith("Not measured")
    window.actions_.run("scene.ground-white")
    assert window.lab.document.scene.background == window.lab.document.reference.background == Background(grey=1.0)
    assert window.actions_["scene.ground-white"].isChecked()
    assert not window.actions_["scene.ground-seed"].isEnabled()


@pytest.mark.parametrize(
    ("typed", "shown", "value"),
    [("12", "12", 12), ("-3.5", "−3.5", -3.5), ("1,25", "1.25", 1.25), ("9999", "100", 100)],
)
def test_a_number_field_takes_numbers(qtbot, typed, shown, value):
    field = NumberField("x", -100, 100)
    qtbot.addWidget(field)
    field.show()
    heard = []
    field.entered.connect(heard.append)
    enter(field, typed)
    assert (field.text(), heard) == (shown, [value])


@pytest.mark.parametrize("typed", ["", "abc", "nan", "inf", "1e"])
def test_a_number_field_takes_nothing_else(qtbot, typed):
    field = NumberField("x", -100, 100)
    qtbot.addWidget(field)
    field.show()
    field.show_value(7)
    heard = []
    field.entered.connect(heard.append)
    field.setFocus()
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_Delete)
    QTest.keyClicks(field, typed)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert (field.text(), field.value, heard) == ("7", 7, [])


def test_a_number_field_steps_and_wraps(qtbot):
    field = NumberField("turn", 0, 359, step=15, suffix="°", whole=True, wraps=True)
    qtbot.addWidget(field)
    field.show_value(350)
    field.step_by(1)
    assert field.text() == "5°"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def lab(qapp) -> Lab:
    return Lab(middle())


@pytest.fixture
def player(lab):
    made = Player(lab, Clock())
    yield made
    made.close()


def step(player: Player, seconds: float) -> None:
    player._clock.now += seconds
    player.advance()


def test_a_replay_goes_with_its_speed_pauses_and_is_one_undo_entry(lab, player):
    player.speed = "slow"
    player.play(Path(((32.0, 32.0), (32.0, 56.0))))
    step(player, 1.0)
    assert lab.document.scene.placed[0].at == (32, 40)
    assert lab.gesture
    player.pause()
    assert not lab.gesture
    step(player, 0.0)
    player.resume()
    step(player, 100.0)
    assert lab.document.scene.placed[0].at == (32, 56)
    assert not player.playing
    lab.undo()
    lab.undo()
    assert lab.document.scene.placed[0].at == (32, 32)


def test_nothing_goes_on_in_a_lab_that_is_opened(lab, player):
    other = edits.placed_at(lab.document, (20.0, 20.0))
    player.play(Path(((32.0, 32.0), (32.0, 56.0))))
    step(player, 0.1)
    lab.take(other)
    assert not player.playing
    step(player, 0.1)
    assert lab.document == other
    player.record(True)
    lab.edit(lambda document: edits.moved(document, (0, 1)), "Nudge")
    lab.take(other)
    assert not player.recording
    player.record(False)
    assert lab.document == other


def test_a_recorded_path_is_replayed_and_scrubbed(lab, player):
    player.record(True)
    for col in range(33, 41):
        lab.edit(lambda document, col=col: edits.placed_at(document, (32, col)), "Move")
    player.record(False)
    assert lab.document.path == tuple((32, col) for col in range(32, 41))
    assert edits.nearest_step(edits.path_of(lab.document), (32, 36)) == 4


def test_a_path_over_a_wrapped_border_goes_on(lab, player):
    lab.edit(lambda document: edits.placed_at(document, (32, 62)), "Move")
    player.record(True)
    for _ in range(4):
        lab.edit(lambda document: edits.moved(document, (0, 1)), "Move")
    player.record(False)
    assert [col for _, col in lab.document.path] == [62, 63, 64, 65, 66]
    assert unwrapped((0, 63), (0, 1), (64, 64)) == (0, 65)


def test_the_slider_takes_the_pattern_along(window):
    window.column.path.slider.setValue(5)
    assert window.lab.document.scene.placed[0].at == (32, 37)
    assert window.column.path.words.text() == "5 of 8 px"
    window.actions_.run("edit.undo")
    assert window.column.path.slider.value() == 0


def test_the_jump_from_the_middle_goes_to_the_lower_right_and_from_a_corner_across():
    document = middle()
    target = edits.jump_target(document)
    assert target == (47, 47)
    there = edits.placed_at(document, target)
    assert edits.jump_target(there) == (17, 17)


def test_the_jump_is_animated_and_can_be_stopped(window, qtbot):
    window.player.speed = "fast"
    window.actions_.run("reference.jump")
    assert window.player.playing
    qtbot.waitUntil(lambda: window.lab.document.scene.placed[0].at != (32, 32))
    window.actions_.run("reference.jump")
    assert not window.player.playing
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert not window.player.paused


def test_the_canvas_is_painted_before_anything_is_computed(make_window, backend):
    backend.gate.clear()
    window = make_window()
    image = window.canvas.grab().toImage()
    x, y = window.canvas.view.centre((30, 32))
    assert image.pixelColor(QPoint(round(x), round(y))).lightness() > 40
    assert window.bridge.shown is None


def test_zooming_keeps_the_place_under_the_pointer(window):
    from PySide6.QtCore import QPointF

    canvas = window.canvas
    point = QPointF(*canvas.view.centre((20, 40)))
    before = canvas.view.place(point.x(), point.y())
    canvas.zoom_by(3, point)
    after = canvas.view.place(point.x(), point.y())
    assert canvas.zoom > 6
    assert after == pytest.approx(before, abs=0.2)
    canvas.zoom_to_fit()
    assert canvas.zoom == 6


@given(
    row=st.integers(-20, 84), col=st.integers(-20, 84), turn=st.sampled_from([0, 30, 90, 215]), wrap=st.booleans(),
    size=st.integers(5, 40), probe=st.tuples(st.integers(0, 63), st.integers(0, 63)),
)  # fmt: skip
def test_what_is_under_the_pointer_is_what_is_drawn(row, col, turn, wrap, size, probe):
    import dataclasses

    document = middle(at=(row, col), size=size, border="wrap" if wrap else "zero")
    one = dataclasses.replace(document.scene.placed[0], turn=turn)
    scene = document.scene.with_placed(0, one)
    drawn = rasterise(scene)[0, probe[0], probe[1]]
    hit = pattern_at(scene, (probe[0] + 0.5, probe[1] + 0.5))
    if drawn > 0.06:
        assert hit == 0
    if hit is None:
        assert drawn <= 0.06
    if not wrap and alpha_at(one, (probe[0] + 0.5, probe[1] + 0.5)) == 0:
        assert drawn == 0


def test_an_added_pattern_covers_none_that_stands_there():
    document = middle()
    for _ in range(6):
        document = edits.added(document, builtin("disc"), 12)
    places = [one.at for one in document.scene.placed]
    assert places[0] == (32, 32)
    assert len(set(places[:5])) == 5
    assert document.scene.placed == document.reference.placed


def test_another_network_brings_its_canvas_and_gives_it_back():
    document = edits.placed_at(middle(), (32, 48))
    big = edits.with_spec(document, presets.preset("vgg11"))
    assert big.scene.size == (224, 224)
    assert big.scene.placed[0].at == (112, 168)
    back = edits.with_spec(big, presets.preset("seed"))
    assert back.scene.size == (64, 64)
    assert back.scene.placed[0].at == (32, 48)
    assert back.scene.placed[0].size == document.scene.placed[0].size


def test_the_rulers_stay_when_the_canvas_is_looked_at_closely(window):
    """What is drawn of them is that of a canvas that begins at the place seen first."""
    canvas = window.canvas
    canvas.zoom_by(4)
    assert canvas.view.rect.x < 0, "the canvas begins outside of its room"
    ground = colour(window.theme.win).rgb()
    picture = canvas.grab().toImage()
    bands = [
        {picture.pixel(x, y) for x in range(1, RULER - 1) for y in range(RULER, canvas.height() - 2)},
        {picture.pixel(x, y) for x in range(RULER, canvas.width() - 2) for y in range(1, RULER - 1)},
    ]
    for colours in bands:
        assert ground in colours
        assert colour(window.theme.t3).rgb() in colours, "ticks"
    assert {picture.pixel(x, y) for x in range(RULER - 9) for y in range(RULER - 9)} == {ground}
    ticks = [x for x in range(RULER, canvas.width()) if picture.pixel(x, RULER - 2) == colour(window.theme.t3).rgb()]
    places = [canvas.view.place(x, 0)[1] for x in ticks]
    assert len(ticks) > 5
    assert all(abs(place - round(place)) <= 0.5 / canvas.zoom for place in places)


def test_frames_are_counted_over_the_last_second():
    clock = Clock()
    meter = FrameMeter(clock)
    assert meter.rate is None
    for _ in range(90):
        clock.now += 1 / 60
        meter.tick()
    assert meter.rate == pytest.approx(60, abs=0.5)
    clock.now += 5
    meter.tick()
    assert meter.rate == pytest.approx(60, abs=0.5)
    for _ in range(10):
        clock.now += 1 / 20
        meter.tick()
    assert meter.rate == pytest.approx(20, abs=0.5)


@pytest.mark.parametrize(
    ("text", "size"), [("64", (64, 64)), ("48x96", (48, 96)), (" 48 × 96 ", (48, 96)), ("48,96", (48, 96))]
)
def test_canvas_sizes_are_read(text, size):
    assert canvas_size(text) == size


@pytest.mark.parametrize("text", ["", "a", "48x", "-3", "1.5"])
def test_what_is_no_canvas_size_is_refused(text):
    with pytest.raises(ValueError, match="ROWS × COLUMNS"):
        canvas_size(text)


def test_another_canvas_size_and_grey_are_asked_for(window, monkeypatch):
    from shiftlab.ui import asking as module

    monkeypatch.setattr(module, "ask_canvas", lambda _parent, _present: "48 x 96")
    monkeypatch.setattr(module, "ask_grey", lambda _parent, _present: 0.25)
    window.actions_.run("scene.canvas-other")
    window.actions_.run("scene.grey")
    assert window.lab.document.scene.size == window.lab.document.reference.size == (48, 96)
    assert window.lab.document.scene.background.grey == 0.25
    assert window.canvas.zoom == 4
    monkeypatch.setattr(module, "ask_canvas", lambda _parent, _present: "8")
    window.actions_.run("scene.canvas-other")
    assert window.notice.text == "canvas sides must be 16 to 512 px, not 8x8"


def test_the_path_says_where_the_pattern_stands_on_it(window):
    words = window.column.path.words
    assert words.text() == "0 of 8 px"
    window.canvas.nudge(0, 3)
    assert words.text() == "3 of 8 px"
    window.canvas.nudge(5, 0)
    assert words.text() == "off the path"
    window.actions_.run("edit.select-all")
    window.actions_.run("edit.delete")
    assert words.text() == ""
    assert window.column.shift._ladder is not None, "the strides are there without a pattern"


def test_the_list_of_networks_has_a_line_between_groups(window):
    actions = window.toolbar.network.menu().actions()
    lists, present = [], []
    for action in actions:
        if action.isSeparator():
            lists.append(tuple(present))
            present = []
        else:
            present.append(action.text())
    assert (*lists, tuple(present)) == presets.groups()

"""Opening, saving, pasting, pictures that carry the state, and what is kept for a restart."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QFileDialog

from shiftlab.files import session, state
from shiftlab.files.autosave import Autosave
from shiftlab.scene.raster import rasterise
from shiftlab.ui import edits
from shiftlab.ui.keeping import Keeper
from shiftlab.ui.screenshot import Shot, png_of, with_state


@pytest.fixture
def moved(window, qtbot):
    window.lab.edit(lambda document: edits.placed_at(document, (20, 41)), "Move")
    window.actions_.run("view.left")
    return window


def same(one, other) -> bool:
    return (one.scene, one.reference, one.networks, one.path, one.lenses) == (
        other.scene, other.reference, other.networks, other.path, other.lenses,
    )  # fmt: skip


def test_a_session_is_saved_and_opened(moved, tmp_path):
    path = tmp_path / "one.shiftlab"
    assert moved.filing.save_as(path)
    assert moved.windowTitle() == "one – ShiftLab"
    saved = moved.lab.document
    moved.canvas.nudge(0, 1)
    assert moved.windowTitle() == "one* – ShiftLab"
    assert moved.filing.open(path)
    assert same(moved.lab.document, saved)
    assert moved.lab.store.undo_label is None
    assert moved._settings.recent[0] == path


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut", b"text", b"\x00" * 4096])
def test_a_broken_session_is_refused_and_the_open_one_stays(moved, tmp_path, content):
    path = tmp_path / "broken.shiftlab"
    path.write_bytes(content)
    before = moved.lab.document
    assert not moved.filing.open(path)
    assert moved.lab.document is before
    assert moved.notice.text.startswith("broken.shiftlab: ")
    assert moved._settings.recent == ()


def test_a_screenshot_of_the_window_restores_the_state(moved, tmp_path, qtbot):
    path = tmp_path / "shot.png"
    with qtbot.waitSignal(moved.shots.said):
        moved.shots.save(Shot("window", "dark", 2), path)
    wanted = moved.lab.document
    with Image.open(path) as picture:
        assert picture.size == (2 * moved.width(), 2 * moved.height())
        assert "shiftlab" in picture.text
    moved.lab.edit(lambda document: edits.placed_at(document, (1, 1)), "Move")
    assert moved.filing.open(path)
    assert same(moved.lab.document, wanted)


def test_a_figure_is_computed_beside_the_worker_and_restores_the_state(moved, tmp_path, qtbot):
    path = tmp_path / "figure.png"
    with qtbot.waitSignal(moved.shots.said):
        moved.shots.save(Shot("figure", "print", 1), path)
    assert same(state.extract(path), moved.lab.document)
    with Image.open(path) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    assert (pixels[4, 4] == 255).all()


def test_a_figure_on_the_clipboard_can_be_pasted(moved, qtbot):
    with qtbot.waitSignal(moved.shots.said):
        moved.shots.copy(Shot("window", "dark", 1))
    wanted = moved.lab.document
    moved.lab.edit(lambda document: edits.placed_at(document, (1, 1)), "Move")
    moved.filing.paste()
    assert same(moved.lab.document, wanted)
    QGuiApplication.clipboard().clear()


def drop(target, mime, keys=Qt.KeyboardModifier.NoModifier):
    """Drop something on a widget as Qt does: on the nearest widget about it that takes drops."""
    while not target.acceptDrops():
        target = target.parentWidget()
    given = (Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, keys)
    entering = QDragEnterEvent(QPoint(5, 5), *given)
    entering.ignore()
    QApplication.sendEvent(target, entering)
    assert entering.isAccepted()
    QApplication.sendEvent(target, QDropEvent(QPointF(5, 5), *given))


def test_a_dropped_image_becomes_a_pattern(window, tmp_path):
    path = tmp_path / "photo.jpg"
    Image.new("RGB", (60, 30), (200, 20, 20)).save(path)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    drop(window.strip.viewport(), mime)
    added = window.lab.document.scene.placed[-1]
    assert added.pattern.name == "photo"
    assert window.lab.document.lenses.selection == {1}
    assert window.lab.document.reference.placed[-1] == added


def test_a_colour_image_keeps_its_colour_for_a_network_that_sees_it(window, tmp_path):
    path = tmp_path / "photo.png"
    Image.new("RGB", (30, 30), (200, 20, 20)).save(path)
    assert window.lab.document.networks[0].spec.channels == 1
    assert window.filing.open(path)
    window.commands.network.choose("vgg11")
    red, green, _blue = rasterise(window.lab.document.scene, 3)[:, 168, 168]
    assert red > 0.7 > 0.1 > green


def test_a_pasted_or_dropped_image_can_become_the_background(window, tmp_path):
    path = tmp_path / "photo.jpg"
    Image.new("RGB", (60, 30), (200, 20, 20)).save(path)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    drop(window.canvas, mime, Qt.KeyboardModifier.ShiftModifier)
    assert window.lab.document.scene.background.image.name == "photo"
    assert len(window.lab.document.scene.placed) == 1


def test_the_list_of_grounds_takes_an_image_too(window, tmp_path, monkeypatch):
    path = tmp_path / "photo.png"
    Image.new("RGB", (60, 30), (200, 20, 20)).save(path)
    ground = window.column.fields.ground
    asked = iter(["", str(path)])
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (next(asked), ""))

    def choose() -> None:
        next(action for action in ground.menu().actions() if action.text() == "image…").trigger()

    choose()
    assert (window.lab.document.scene.background.kind, ground.value) == ("uniform", "black"), "cancelled"
    choose()
    assert window.lab.document.scene.background.image.name == "photo"
    assert (ground.value, ground.text()) == ("image", "image")
    assert [action.text() for action in ground.menu().actions() if action.isChecked()] == ["image…"]
    window.actions_.run("edit.undo")
    assert ground.value == "black"


def test_an_image_as_background(window, tmp_path):
    path = tmp_path / "ground.png"
    Image.new("L", (64, 64), 128).save(path)
    assert window.filing.open(path, "background")
    assert window.lab.document.scene.background.kind == "image"
    assert window.status.text.startswith("shift (0, 0) px")
    window.canvas.nudge(0, 1)
    assert window.status.text.startswith("no shift: ")


def test_a_pasted_image_without_state_is_a_pattern(window):
    image = QImage(20, 20, QImage.Format.Format_RGB32)
    image.fill(0xFF808080)
    mime = QMimeData()
    mime.setImageData(image)
    assert window.filing.take_mime(mime, "pasted")
    assert window.lab.document.scene.placed[-1].pattern.name == "pasted"


def test_nothing_of_use_is_said(window):
    mime = QMimeData()
    mime.setText("hello")
    assert not window.filing.takes(mime)
    assert not window.filing.take_mime(mime, "dropped")
    assert window.notice.text.startswith("Nothing dropped that could be taken")


def test_a_foreign_file_is_refused_by_name(window, tmp_path):
    path = tmp_path / "model.pt"
    path.write_bytes(b"x")
    assert not window.filing.open(path)
    assert window.notice.text.startswith("model.pt: neither a session")


def test_a_spec_opens_as_a_network(window, tmp_path):
    path = tmp_path / "mine.json"
    path.write_text('{"name": "mine", "layers": [{"kind": "conv", "channels": 2}]}')
    assert window.filing.open(path)
    assert window.lab.document.networks[0].spec.name == "mine"
    assert window.toolbar.network.text() == "mine"


def test_a_folder_that_cannot_be_written_is_said(moved, tmp_path):
    assert not moved.filing.save_as(tmp_path / "nowhere" / "a.shiftlab")
    assert "could not be saved" in moved.notice.text


def test_the_state_is_the_same_in_png_and_session(window):
    image = window.grab().toImage()
    document = window.lab.document
    assert same(state.extract(with_state(png_of(image), document)), session.from_bytes(session.to_bytes(document)))


def test_what_is_done_is_kept_but_not_in_the_midst_of_a_drag(window, tmp_path):
    keeper = Keeper(window.lab, Autosave(tmp_path / "runs"))
    (folder,) = (tmp_path / "runs").iterdir()
    kept = folder / "autosave.shiftlab"
    keeper.keep()
    assert not kept.exists()
    window.lab.begin()
    window.lab.during(lambda document: edits.placed_at(document, (9, 9)))
    keeper.keep()
    assert not kept.exists()
    window.lab.end()
    keeper.keep()
    assert session.load(kept).scene.placed[0].at == (9, 9)
    keeper.finish()
    assert not folder.exists()


def test_the_last_session_is_reopened(make_window, settings, tmp_path):
    first = make_window()
    first.lab.edit(lambda document: edits.placed_at(document, (9, 50)), "Move")
    first.close()
    again = make_window()
    assert again.lab.document.scene.placed[0].at == (32, 32)
    assert again.actions_["file.last"].isEnabled()
    again.actions_.run("file.last")
    assert again.lab.document.scene.placed[0].at == (9, 50)
    again.actions_.run("edit.undo")
    assert again.lab.document.scene.placed[0].at == (32, 32)


def test_an_empty_clipboard_is_said(window, monkeypatch):
    class Nothing:
        def mimeData(self):
            return None

    monkeypatch.setattr(QGuiApplication, "clipboard", lambda: Nothing())
    window.actions_.run("edit.paste")
    assert window.notice.text.startswith("Nothing pasted that could be taken")

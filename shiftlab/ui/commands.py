"""Everything that can be done in the window, as records of actions."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec
from PySide6.QtCore import QObject

from shiftlab.document import Document
from shiftlab.network.spec import NetworkSpec, PaddingMode, with_padding
from shiftlab.network.weights import Network
from shiftlab.opening import natural_size, opening_document
from shiftlab.scene import path as ways
from shiftlab.scene import patterns
from shiftlab.scene.values import Background
from shiftlab.ui import edits
from shiftlab.ui.actions import Action
from shiftlab.ui.bench.commands import BenchCommands
from shiftlab.ui.lab import Lab
from shiftlab.ui.lessons.commands import LessonHost, lesson_actions
from shiftlab.ui.measuring.commands import MeasuringCommands
from shiftlab.ui.pathbar import whole_path
from shiftlab.ui.player import SPEEDS, Player
from shiftlab.ui.scenefields import GROUNDS
from shiftlab.ui.settings import ThemeChoice
from shiftlab.ui.tools import ToolName
from shiftlab.ui.training.commands import training_actions

if TYPE_CHECKING:
    from shiftlab.ui.filing import Use

TILES = (None, 16, 32, 64, 128)
CANVASES = (32, 64, 128, 224, 256, 512)
PADDINGS: tuple[tuple[PaddingMode, str], ...] = (
    ("zeros", "Zeros"),
    ("circular", "Circular"),
    ("reflect", "Reflect"),
    ("replicate", "Replicate"),
    ("valid", "None (valid)"),
    ("full", "Full"),
)
MOVES = (
    ("up", "Move up", "Up", (-1, 0)),
    ("down", "Move down", "Down", (1, 0)),
    ("left", "Move left", "Left", (0, -1)),
    ("right", "Move right", "Right", (0, 1)),
)


class Hosts(LessonHost, Protocol):
    """What the window does for its actions."""

    def find_action(self) -> None: ...
    def open_recent(self) -> None: ...
    def set_tool(self, tool: ToolName) -> None: ...
    def tool(self) -> ToolName: ...
    def set_subpixel(self, allow: bool) -> None: ...
    def subpixel(self) -> bool: ...
    def set_snapping(self, on: bool) -> None: ...
    def snapping(self) -> bool: ...
    def zoom_canvas(self, steps: int) -> None: ...
    def ask_canvas(self) -> None: ...
    def ask_grey(self) -> None: ...
    def choose_theme(self, choice: ThemeChoice) -> None: ...
    def theme_choice(self) -> ThemeChoice: ...
    def restore_layout(self) -> None: ...
    def toggle_dock(self, identity: str) -> None: ...
    def show_measures(self, tab: str) -> None: ...
    def show_training(self, page: str) -> None: ...
    def open_dock_id(self) -> str: ...
    def let_go(self) -> None: ...
    def screenshot(self) -> None: ...
    def copy_figure(self) -> None: ...
    def show_shortcuts(self) -> None: ...
    def close(self) -> bool: ...


class Files(Protocol):
    """What opens and saves."""

    def open_dialog(self) -> None: ...
    def image_dialog(self, use: Use) -> None: ...
    def save(self) -> bool: ...
    def save_dialog(self) -> bool: ...
    def paste(self, use: Use = "pattern") -> None: ...
    @property
    def last(self) -> Path: ...
    def reopen_last(self) -> None: ...


class Commands(QObject):
    """Makes the records; what they do is done to the lab, the player, the files and the window."""

    def __init__(self, lab: Lab, player: Player, files: Files, host: Hosts, parent: QObject) -> None:
        super().__init__(parent)
        self._lab, self._player, self._files, self._host = lab, player, files, host
        self._bench = BenchCommands(lab, host.toggle_dock, host.open_dock_id)

    def first_records(self) -> tuple[Action, ...]:
        """Those that the window's own buttons need: all but what operates on networks."""
        return self._ordered(self._bench.first_records())

    def records(self) -> tuple[Action, ...]:
        """All of them, in the order of the menus."""
        return self._ordered(self._bench.records())

    def _ordered(self, bench: tuple[Action, ...]) -> tuple[Action, ...]:
        return (
            *self._file(),
            *self._edit(),
            *self._scene(),
            *self._reference(),
            *self._network(),
            *bench,
            *lesson_actions(self._host),
            *self._view(),
            *MeasuringCommands(self._host.show_measures).records(),
            *training_actions(self._host.show_training),
            *self._path(),
            *self._window(),
        )

    @property
    def _document(self) -> Document:
        return self._lab.document

    def _some(self) -> bool:
        return bool(self._document.scene.placed)

    def _edits(self, change: Callable[[Document], Document], label: str) -> Callable[[], None]:
        def run() -> None:
            self._lab.edit(change, label)

        return run

    def _file(self) -> tuple[Action, ...]:
        files, host = self._files, self._host
        return (
            Action("file.new", "New", self._new, "File", keys=("Ctrl+N",), tooltip="The cat in the middle again"),
            Action("file.open", "Open…", files.open_dialog, "File", keys=("Ctrl+O",),
                   tooltip="A session, a screenshot, an image, or a network"),
            Action("file.recent", "Open recent…", host.open_recent, "File", keys=("Ctrl+Shift+O",),
                   tooltip="Files opened or saved lately"),
            Action("file.last", "Reopen the last session", files.reopen_last, "File", keys=("Ctrl+Shift+R",),
                   tooltip="The lab as it was when its window was closed", enabled=lambda: files.last.is_file()),
            Action("file.save", "Save", lambda: _ignored(files.save()), "File", keys=("Ctrl+S",),
                   tooltip="Save the session"),
            Action("file.save-as", "Save as…", lambda: _ignored(files.save_dialog()), "File", keys=("Ctrl+Shift+S",),
                   tooltip="Save the session under another name"),
            Action("file.image", "Image as pattern…", lambda: files.image_dialog("pattern"), "File",
                   tooltip="Put an image of your own on the canvas"),
            Action("file.background", "Image as background…", lambda: files.image_dialog("background"), "File",
                   tooltip="Lay an image of your own under the patterns"),
            Action("file.screenshot", "Screenshot", host.screenshot, "File", "camera", ("Ctrl+E",),
                   "Save the figure or the window as a PNG that can be opened again"),
            Action("file.copy", "Copy figure", host.copy_figure, "File", "copy", ("Ctrl+Shift+C",),
                   "Copy the figure to the clipboard"),
            Action("file.quit", "Quit", lambda: _ignored(host.close()), "File", keys=("Ctrl+Q",)),
        )  # fmt: skip

    def _new(self) -> None:
        self._player.stop()
        self._lab.edit(lambda _document: opening_document(), "New")

    def _edit(self) -> tuple[Action, ...]:
        store = self._lab.store
        return (
            Action("edit.undo", "Undo", self._lab.undo, "Edit", "undo", ("Ctrl+Z",), "Take the last change back",
                   enabled=lambda: store.undo_label is not None),
            Action("edit.redo", "Redo", self._lab.redo, "Edit", "redo", ("Ctrl+Shift+Z", "Ctrl+Y"),
                   "Make it again", enabled=lambda: store.redo_label is not None),
            Action("edit.paste", "Paste", self._files.paste, "Edit", keys=("Ctrl+V",),
                   tooltip="An image, a session or a screenshot from the clipboard"),
            Action("edit.paste-background", "Paste as background", lambda: self._files.paste("background"), "Edit",
                   keys=("Ctrl+Shift+V",), tooltip="Lay the image on the clipboard under the patterns"),
            Action("edit.delete", "Delete", self._edits(lambda one: one.without_selected(), "Delete"), "Edit",
                   keys=("Del", "Backspace"), tooltip="Take the selected patterns away",
                   enabled=lambda: bool(self._document.lenses.selection)),
            Action("edit.select-all", "Select all", self._select_all, "Edit", keys=("Ctrl+A",),
                   tooltip="Select every pattern", enabled=self._some),
            Action("edit.select-next", "Select next pattern", self._select_next, "Edit", keys=("Ctrl+Tab",),
                   tooltip="Select the next pattern", enabled=self._some),
            *(
                Action(f"edit.move-{name}", text, lambda by=by: self._nudge(by), "Edit/Move",
                       tooltip=f"{text} by 1 px: {key}; by the deepest stride: Shift+{key}; by 0.1 px: Alt+{key}",
                       enabled=self._some)
                for name, text, key, by in MOVES
            ),
        )  # fmt: skip

    def _nudge(self, by: tuple[int, int]) -> None:
        self._lab.edit(lambda document: edits.moved(document, (float(by[0]), float(by[1]))), "Nudge")

    def _select_all(self) -> None:
        self._lab.look(selection=frozenset(range(len(self._document.scene.placed))))

    def _select_next(self) -> None:
        count, index = len(self._document.scene.placed), edits.lead(self._document)
        chosen = self._document.lenses.selection
        following = 0 if index is None or not chosen else (index + 1) % count
        self._lab.look(selection=frozenset({following}))

    def _scene(self) -> tuple[Action, ...]:
        host = self._host
        return (
            Action("tool.move", "Move", lambda: host.set_tool("move"), "Scene", "move", ("V",),
                   "Select and drag patterns", checked=lambda: host.tool() == "move"),
            Action("tool.draw", "Draw", lambda: host.set_tool("draw"), "Scene", "draw", ("D",),
                   "Draw a pattern", checked=lambda: host.tool() == "draw"),
            Action("tool.erase", "Erase", lambda: host.set_tool("erase"), "Scene", "erase", ("E",),
                   "Erase in a fresh drawing", checked=lambda: host.tool() == "erase"),
            *(
                Action(f"scene.add-{name}", name, lambda one=name: self._add(one), "Scene/Add pattern",
                       tooltip=f"Put a {name} on the canvas")
                for name in patterns.names()
            ),
            Action("scene.flip", "Flip", self._edits(lambda document: edits.looking(
                document, lambda one: dataclasses.replace(one, flipped=not one.flipped)), "Flip"),
                "Scene", keys=("F",), tooltip="Mirror what is selected", enabled=self._some),
            Action("scene.turn", "Turn by 15°", self._edits(lambda document: edits.looking(
                document, lambda one: dataclasses.replace(one, turn=one.turn + 15)), "Turn"),
                "Scene", keys=("T",), tooltip="Turn what is selected, counter-clockwise", enabled=self._some),
            Action("scene.larger", "Larger pattern", lambda: self._resize(1), "Scene", keys=("]",),
                   tooltip="Two pixels larger", enabled=self._some),
            Action("scene.smaller", "Smaller pattern", lambda: self._resize(-1), "Scene", keys=("[",),
                   tooltip="Two pixels smaller", enabled=self._some),
            Action("scene.wrap", "Wrap border", lambda: self._set_border("wrap"), "Scene/Border", keys=("W",),
                   tooltip="What leaves the canvas comes in on the other side",
                   checked=lambda: self._document.scene.border == "wrap"),
            Action("scene.zero", "Zero border", lambda: self._set_border("zero"), "Scene/Border", keys=("Z",),
                   tooltip="What leaves the canvas is gone", checked=lambda: self._document.scene.border == "zero"),
            *(
                Action(f"scene.canvas-{side}", f"{side} × {side} px", lambda one=side: self._set_canvas(one),
                       "Scene/Canvas", tooltip=f"A canvas of {side} × {side} px",
                       checked=lambda one=side: self._document.scene.size == (one, one))
                for side in CANVASES
            ),
            Action("scene.canvas-other", "Other size…", host.ask_canvas, "Scene/Canvas",
                   tooltip="A canvas of 16 to 512 px a side, not only square"),
            *(
                Action(f"scene.ground-{name}", f"Ground: {name}", lambda to=ground: self._set_ground(to),
                       "Scene/Ground", tooltip=words,
                       checked=lambda to=ground: self._document.scene.background == to)
                for name, ground, words in GROUNDS
            ),
            Action("scene.grey", "Ground: another grey…", host.ask_grey, "Scene/Ground",
                   tooltip="A uniform ground of any grey"),
            Action("scene.ground-seed", "Ground: another seed", self._reseed_ground, "Scene/Ground",
                   tooltip="Draw the noise or the texture anew",
                   enabled=lambda: self._document.scene.background.kind in ("noise", "texture")),
            Action("scene.subpixel", "Sub-pixel positions", lambda: host.set_subpixel(not host.subpixel()), "Scene",
                   keys=("X",), tooltip="Let patterns stand between pixels", checked=host.subpixel),
            Action("scene.snap", "Snap to the stride", lambda: host.set_snapping(not host.snapping()), "Scene",
                   keys=("N",), tooltip="A drag goes in steps of the deepest stage's stride (or hold Shift)",
                   checked=host.snapping),
        )  # fmt: skip

    def _set_ground(self, ground: Background) -> None:
        self._lab.edit(lambda document: document.with_background(ground), "Ground")

    def _reseed_ground(self) -> None:
        ground = self._document.scene.background
        self._set_ground(dataclasses.replace(ground, seed=ground.seed + 1))

    def _add(self, name: str) -> None:
        pattern, side = patterns.builtin(name), min(self._document.scene.size)
        size = max(1, round(natural_size(name) * min(side / 64, 4)))
        self._lab.edit(lambda document: edits.added(document, pattern, size), f"Add {name}")

    def choose_pattern(self, name: str) -> None:
        """Another pattern in the place of the selected one."""
        pattern, side = patterns.builtin(name), min(self._document.scene.size)
        size = max(1, round(natural_size(name) * min(side / 64, 4)))
        self._lab.edit(lambda document: edits.swapped(document, pattern, size), f"Pattern {name}")

    def choose_network(self, name: str) -> None:
        """Another preset."""
        from shiftlab.network import presets

        spec = presets.preset(name)

        def change(document: Document) -> Document:
            document = edits.with_spec(document, spec)
            return edits.on_stage(document) if document.networks[0].weights is not None else document

        self._lab.edit(change, f"Network {name}")

    def _resize(self, by: int) -> None:
        most = max(self._document.scene.size)
        self._lab.edit(
            lambda document: edits.looking(
                document, lambda one: dataclasses.replace(one, size=min(max(one.size + 2 * by, 1), most))
            ),
            "Resize",
        )

    def _set_border(self, border: str) -> None:
        self._lab.edit(lambda document: document.with_border("wrap" if border == "wrap" else "zero"), "Border")

    def _set_canvas(self, side: int) -> None:
        self._lab.edit(lambda document: document.with_canvas((side, side)), "Canvas size")

    def _reference(self) -> tuple[Action, ...]:
        document = self._lab
        return (
            Action("reference.set", "Set reference here", self._edits(lambda one: one.with_reference_here(),
                   "Set reference"), "Reference", "set-reference", ("R",),
                   "The present place becomes the reference",
                   enabled=lambda: document.document.scene != document.document.reference),
            Action("reference.back", "Back to reference", self._back, "Reference", "back", ("B",),
                   "The patterns go back to the reference",
                   enabled=lambda: document.document.scene != document.document.reference),
            Action("reference.jump", "Jump to corner", self._jump, "Reference", "jump", ("J",),
                   "The pattern travels to the opposite corner; again to stop it", enabled=self._some),
        )  # fmt: skip

    def _back(self) -> None:
        self._player.stop()
        self._lab.edit(lambda document: document.back_to_reference(), "Back to reference")

    def _jump(self) -> None:
        if self._player.playing:
            self._player.pause()
            return
        document = self._document
        index, target = edits.lead(document), edits.jump_target(document)
        if index is not None and target is not None:
            one = document.scene.placed[index]
            self._player.play(ways.Path((one.at, target)), whole=one.on_pixels)

    def _network(self) -> tuple[Action, ...]:
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
            Action("network.plain", "Plain error", lambda: _ignored(self._lab.look(
                plain=not self._document.lenses.plain)), "Network",
                tooltip="The error against the whole response, not only against what the background does not give",
                checked=lambda: self._document.lenses.plain),
        )  # fmt: skip

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

    def _view(self) -> tuple[Action, ...]:
        lenses = lambda: self._document.lenses  # noqa: E731
        views = (
            ("now", "Now", "The maps as they are"),
            ("reference", "At the reference", "The maps with the pattern at its reference"),
            ("changed", "What changed", "Now less at the reference: what did not stay put"),
            ("left", "What is left", "Now less the reference map moved along: what did not move with the pattern"),
        )
        return (
            *(
                Action(f"view.{view}", words, lambda one=view: _ignored(self._lab.look(view=one, views={})), "View",
                       keys=(str(number),), tooltip=tooltip, checked=lambda one=view: lenses().view == one)
                for number, (view, words, tooltip) in enumerate(views, start=1)
            ),
            *(
                Action(f"view.scope-{scope}", f"Colour scope: {scope}",
                       lambda one=scope: _ignored(self._lab.look(scope=one)), "View/Colour scope",
                       tooltip=f"One colour range for each {scope}", checked=lambda one=scope: lenses().scope == one)
                for scope in ("channel", "stage", "network")
            ),
            Action("view.larger-tiles", "Larger tiles", lambda: self.step_tile(1), "View", keys=("Ctrl++", "Ctrl+="),
                   tooltip="Larger tiles"),
            Action("view.smaller-tiles", "Smaller tiles", lambda: self.step_tile(-1), "View", keys=("Ctrl+-",),
                   tooltip="Smaller tiles"),
            Action("view.auto-tiles", "Automatic tiles", lambda: _ignored(self._lab.look(tile=None)), "View",
                   keys=("Ctrl+0",), tooltip="The largest tiles with which all channels fit",
                   checked=lambda: lenses().tile is None),
            Action("view.show-all", "Show all stages", lambda: _ignored(self._lab.look(
                hidden=frozenset(), collapsed=frozenset(), enlarged=None)), "View", keys=("A",),
                tooltip="Bring hidden and collapsed stages back",
                enabled=lambda: bool(lenses().hidden or lenses().collapsed or lenses().enlarged)),
            Action("view.zoom-in", "Zoom the canvas in", lambda: self._host.zoom_canvas(1), "View", keys=("+", "="),
                   tooltip="Zoom the canvas in (Ctrl+wheel)"),
            Action("view.zoom-out", "Zoom the canvas out", lambda: self._host.zoom_canvas(-1), "View", keys=("-",),
                   tooltip="Zoom the canvas out"),
            Action("view.zoom-fit", "Whole canvas", lambda: self._host.zoom_canvas(0), "View", keys=("0",),
                   tooltip="Show the whole canvas"),
            Action("view.let-go", "Let go", self._host.let_go, "View", keys=("Esc",),
                   tooltip="Let go of the pinned cell, of an enlarged stage, of a replay"),
        )  # fmt: skip

    def step_tile(self, by: int) -> None:
        """Larger or smaller tiles, from the present ones."""
        now = self._document.lenses.tile or self._present_tile or 64
        sides = [16, 32, 64, 128]
        nearest = min(range(len(sides)), key=lambda index: abs(sides[index] - now))
        self._lab.look(tile=sides[min(max(nearest + by, 0), len(sides) - 1)])

    _present_tile: int | None = None

    def note_tile(self, tile: int | None) -> None:
        """The side that automatic tiles have at present."""
        self._present_tile = tile

    def _path(self) -> tuple[Action, ...]:
        player = self._player
        return (
            Action("path.record", "Record a path", lambda: player.record(not player.recording), "Path", "record",
                   ("Ctrl+R",), "Record the way of the pattern while it is dragged",
                   checked=lambda: player.recording, enabled=self._some),
            Action("path.play", "Play the path", self._play, "Path", "play", ("P",),
                   "Play the path, or pause", enabled=self._some),
            Action("path.forget", "Forget the path", self._edits(
                lambda document: dataclasses.replace(document, path=()) if document.path else document,
                "Forget path"), "Path", tooltip="Forget the recorded path",
                enabled=lambda: bool(self._document.path)),
            *(
                Action(f"path.{speed}", f"Speed: {speed}", lambda one=speed: self._set_speed(one), "Path/Speed",
                       tooltip=f"{pixels:g} px a second on a canvas of 64 px",
                       checked=lambda one=speed: player.speed == one)
                for speed, pixels in SPEEDS.items()
            ),
        )  # fmt: skip

    def _play(self) -> None:
        if self._player.playing:
            self._player.pause()
        elif self._player.paused:
            self._player.resume()
        elif (path := whole_path(self._document)) is not None:
            self._player.play(path, whole=all(float(v).is_integer() for point in path.points for v in point))

    def _set_speed(self, speed: str) -> None:
        self._player.speed = speed

    def _window(self) -> tuple[Action, ...]:
        host = self._host
        themes: tuple[tuple[ThemeChoice, str], ...] = (("system", "System"), ("light", "Light"), ("dark", "Dark"))
        return (
            Action("view.find", "Find an action", host.find_action, "Window", "search", ("Ctrl+K", "F1"),
                   "Type what you want to do"),
            Action("window.inspector", "Inspector", lambda: host.toggle_dock("inspector"), "Window", "inspector",
                   ("I",), "One channel large, its histogram and kernel",
                   checked=lambda: host.open_dock_id() == "inspector"),
            Action("window.measures", "Measures", lambda: host.toggle_dock("measures"), "Window", "measures",
                   ("M",), "Table, curves, map of shifts, receptive fields",
                   checked=lambda: host.open_dock_id() == "measures"),
            Action("window.positions", "Position map", lambda: host.toggle_dock("positions"), "Window",
                   "position-map", ("O",), "What the network answers with the pattern at every place",
                   checked=lambda: host.open_dock_id() == "positions"),
            Action("window.training", "Training", lambda: host.toggle_dock("training"), "Window", "training",
                   ("U",), "Experiments that learn as you watch",
                   checked=lambda: host.open_dock_id() == "training"),
            *(
                Action(f"window.theme-{choice}", f"{words} theme", lambda one=choice: host.choose_theme(one),
                       "Window/Theme", tooltip=f"{words} theme",
                       checked=lambda one=choice: host.theme_choice() == one)
                for choice, words in themes
            ),
            Action("window.layout", "Restore the layout", host.restore_layout, "Window",
                   tooltip="Size, docks, tiles and stages as at the first start"),
            Action("window.keys", "Keys", host.show_shortcuts, "Window", keys=("Ctrl+/",),
                   tooltip="All keys in a list"),
        )  # fmt: skip


def _ignored(_answer: object) -> None:
    """Drop what an action answers."""

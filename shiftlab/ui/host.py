"""What the window does for its actions, and how the hand works at present: tool, sub-pixel, snapping."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtWidgets import QMenu

from shiftlab.scene.values import Background
from shiftlab.ui.appearance import Appearance
from shiftlab.ui.settings import Settings, ThemeChoice
from shiftlab.ui.tools import ToolName

if TYPE_CHECKING:
    from shiftlab.ui.window import Window

SIZE = QSize(1440, 900)
"""Of the window, where nothing else is known."""


class Host:
    """The `commands.hosts.Hosts` of a window. What it needs of the window is there by the time an action is done."""

    def __init__(self, window: Window, settings: Settings, appearance: Appearance) -> None:
        self._window, self._settings, self._appearance = window, settings, appearance
        self._tool: ToolName = "move"
        self._subpixel = self._snapping = False

    def find_action(self) -> None:
        from shiftlab.ui.palette import Palette  # late: the views of items bring much of Qt along

        window = self._window
        palette = Palette(window.actions_, window, window.theme)
        at = QPoint((window.width() - palette.width()) // 2, window.toolbar.height() + 8)
        palette.move(window.mapToGlobal(at))
        palette.show()

    def open_recent(self) -> None:
        window, paths = self._window, self._settings.recent
        menu = QMenu(window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for path in paths:
            action = menu.addAction(path.name)
            action.setToolTip(str(path))
            action.triggered.connect(lambda _checked=False, one=path: window.filing.open(one))
        if paths:
            menu.addSeparator()
            menu.addAction("Forget these").triggered.connect(self._settings.forget_recent)
        else:
            menu.addAction("No recent files").setEnabled(False)
        menu.setToolTipsVisible(True)
        menu.popup(window.mapToGlobal(QPoint(8, window.toolbar.height())))

    def set_tool(self, tool: ToolName) -> None:
        window = self._window
        self._tool = tool
        window.docks.region.lay_down()
        window.canvas.set_tool(tool)
        window.column.show_tool(tool)
        window.toolbar.show_tool(tool)

    def tool(self) -> ToolName:
        return self._tool

    def set_subpixel(self, allow: bool) -> None:
        self._window.column.fields.allow_fractions(allow)

    def note_subpixel(self, allow: bool) -> None:
        """Patterns may stand between pixels, or not any more: so the box among the fields says."""
        self._subpixel = self._window.canvas.subpixel = allow
        self._window.actions_.refresh()

    def subpixel(self) -> bool:
        return self._subpixel

    def set_snapping(self, on: bool) -> None:
        self._snapping = self._window.canvas.snapping = on

    def snapping(self) -> bool:
        return self._snapping

    def zoom_canvas(self, steps: int) -> None:
        if steps:
            self._window.canvas.zoom_by(steps)
        else:
            self._window.canvas.zoom_to_fit()

    def ask_canvas(self) -> None:
        from shiftlab.ui.asking import ask_canvas, canvas_size

        lab = self._window.lab
        text = ask_canvas(self._window, lab.document.scene.size)
        if text is not None:
            lab.edit(lambda document: document.with_canvas(canvas_size(text)), "Canvas size")

    def ask_grey(self) -> None:
        from shiftlab.ui.asking import ask_grey

        lab = self._window.lab
        grey = ask_grey(self._window, lab.document.scene.background.grey)
        if grey is not None:
            lab.edit(lambda document: document.with_background(Background(grey=grey)), "Ground")

    def choose_theme(self, choice: ThemeChoice) -> None:
        self._settings.theme = choice
        self._appearance.choose(choice)

    def theme_choice(self) -> ThemeChoice:
        return self._appearance.choice

    def toggle_motion(self) -> None:
        self._settings.reduced_motion = not self._settings.reduced_motion

    def reduced_motion(self) -> bool:
        return self._settings.reduced_motion

    def restore_layout(self) -> None:
        window = self._window
        self._settings.forget_layout()
        window.docks.dock.close_dock()
        window.lab.look(hidden=frozenset(), collapsed=frozenset(), enlarged=None, views={}, tile=None)
        window.canvas.zoom_to_fit()
        if not window.isMaximized() and not window.isFullScreen():
            window.resize(SIZE)

    def toggle_dock(self, identity: str) -> None:
        self._window.docks.toggle(identity)

    def show_measures(self, tab: str) -> None:
        self._window.docks.show_measures(tab)

    def show_training(self, page: str) -> None:
        self._window.docks.show_training(page)

    def open_dock_id(self) -> str:
        return self._window.docks.dock.open_id

    def lesson_under_way(self) -> bool:
        return self._window.docks.lesson_under_way

    def lesson_step(self, way: str) -> None:
        tutor = self._window.docks.tutor
        {"forward": tutor.forward, "back": tutor.back, "again": tutor.again, "end": tutor.end}[way]()

    def open_lesson(self) -> None:
        self._window.docks.lessons().open_dialog()

    def let_go(self) -> None:
        window = self._window
        if window.player.playing or window.player.paused:
            window.player.stop()
        elif not window.docks.region.let_go() and not window.canvas.cancel() and not window.linked.let_go():
            window.lab.look(enlarged=None)

    def screenshot(self) -> None:
        from shiftlab.ui.screenshot import ScreenshotDialog

        window = self._window
        ScreenshotDialog(window.shots, window.theme, self._settings.folder or str(Path.home()), window).show()

    def copy_figure(self) -> None:
        from shiftlab.ui.screenshot import Shot

        self._window.shots.copy(Shot("figure", "shown", 2))

    def show_shortcuts(self) -> None:
        from shiftlab.ui.keylist import show_keys

        show_keys(self._window.actions_, self._window)

    def close(self) -> bool:
        return self._window.close()

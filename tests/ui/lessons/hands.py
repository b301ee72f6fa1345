"""What a person does in each step of the lessons, with mouse and keys alone."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

PATIENCE = 30_000
"""Milliseconds until torch must have answered."""
KEYS = {"right": Qt.Key.Key_Right, "left": Qt.Key.Key_Left, "up": Qt.Key.Key_Up, "down": Qt.Key.Key_Down}
NONE, SHIFT, ALT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)
Hand = Callable[..., None]


def settle(window, qtbot) -> None:
    """Wait until the present document has been answered, with its causes."""

    def answered() -> bool:
        shown = window.bridge.shown
        return shown is not None and shown.request.document is window.lab.document and shown.request.at_rest

    qtbot.waitUntil(answered, timeout=PATIENCE)


def arrow(way: str, times: int = 1, keys: Qt.KeyboardModifier = NONE) -> Hand:
    def act(window, _qtbot) -> None:
        for _ in range(times):
            QTest.keyClick(window.canvas, KEYS[way], keys)

    return act


def key(letter: Qt.Key) -> Hand:
    def act(window, qtbot) -> None:
        window.activateWindow()  # a menu may have had the focus
        qtbot.waitUntil(window.isActiveWindow)
        QTest.keyClick(window, letter)

    return act


def drag(by: tuple[int, int]) -> Hand:
    """Drag the first pattern by so many pixels."""

    def act(window, _qtbot) -> None:
        row, col = window.lab.document.scene.placed[0].at

        def point(share: float) -> QPoint:
            x, y = window.canvas.view.centre((row + by[0] * share, col + by[1] * share))
            return QPoint(round(x), round(y))

        QTest.mousePress(window.canvas, Qt.MouseButton.LeftButton, NONE, point(0))
        for step in range(1, 9):
            QTest.mouseMove(window.canvas, point(step / 8))
        QTest.mouseRelease(window.canvas, Qt.MouseButton.LeftButton, NONE, point(1))

    return act


def click_cell(stage: str, cell: tuple[int, int], channel: int = 0) -> Hand:
    def act(window, _qtbot) -> None:
        panel = window.strip.panels[0, stage]
        tile = panel.geometry_.tile(channel)
        box = panel.geometry_.cells(tile, (cell[0], cell[0]), (cell[1], cell[1]))
        point = QPoint(round(box.centre[0]) - panel.x(), round(box.centre[1]) - panel.y())
        QTest.mouseClick(panel, Qt.MouseButton.LeftButton, NONE, point)

    return act


def press(find: Callable[..., object]) -> Hand:
    """Press a button that `find` finds in the window."""

    def act(window, qtbot) -> None:
        button = find(window)
        qtbot.waitUntil(lambda: button.isVisible() and button.isEnabled(), timeout=PATIENCE)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    return act


def choose_network(name: str) -> Hand:
    """Choose a preset in the toolbar's list."""

    def act(window, qtbot) -> None:
        QTest.mouseClick(window.toolbar.network, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
        menu = QApplication.activePopupWidget()
        entry = next(action for action in menu.actions() if action.text() == name)
        QTest.mouseClick(menu, Qt.MouseButton.LeftButton, NONE, menu.actionGeometry(entry).center())
        qtbot.waitUntil(lambda: QApplication.activePopupWidget() is None)

    return act


def operation(name: str) -> Hand:
    """Press a one-click operation of the bench."""
    return press(lambda window: window.docks.dock.content("bench").page.operations.buttons[name])


def view(name: str) -> Hand:
    return press(lambda window: window.head.views.buttons[name])


def click_map(place: tuple[int, int]) -> Hand:
    """Click a place, (row, col) of the pattern's centre, in the map of A once all of it is there."""

    def act(window, qtbot) -> None:
        dock = window.docks.dock.content("positions")

        def whole() -> bool:
            return dock.shown(0) is not None and dock.question() == dock._of and not dock.runner.running

        def painted() -> bool:
            corners = dock.maps[0].point_of((0, 0)), dock.maps[0].point_of(place)
            return corners[1].y() - corners[0].y() > place[0]

        qtbot.waitUntil(lambda: whole() and painted(), timeout=PATIENCE)
        QTest.mouseClick(dock.maps[0], Qt.MouseButton.LeftButton, NONE, dock.maps[0].point_of(place).toPoint())

    return act


def jump(window, qtbot) -> None:
    """J, and wait until the pattern has arrived."""
    QTest.keyClick(window, Qt.Key.Key_J)
    qtbot.waitUntil(lambda: window.player.playing)
    qtbot.waitUntil(lambda: not window.player.playing, timeout=10_000)


def whole_face(window, qtbot) -> None:
    """Select everything, and move it by one stride."""
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    arrow("right", 1, SHIFT)(window, qtbot)


def measures_fields(window, qtbot) -> None:
    key(Qt.Key.Key_M)(window, qtbot)
    press(lambda one: one.docks.dock.content("measures").tabs.buttons["fields"])(window, qtbot)


def repaired(window, qtbot) -> None:
    key(Qt.Key.Key_L)(window, qtbot)
    operation("polyphase")(window, qtbot)
    key(Qt.Key.Key_O)(window, qtbot)


HANDS: dict[str, tuple[Hand, ...]] = {
    "move-the-cat": (drag((6, 9)), view("changed"), key(Qt.Key.Key_4), jump),
    "does-relu-break-it": (arrow("right"), view("left"), arrow("right", 5, ALT), arrow("right", 5, ALT)),
    "the-strides-grid": (arrow("right"), arrow("right"), arrow("right", 1, SHIFT), operation("no-strides")),
    "a-pixel-or-two": (arrow("right"), arrow("right", 3), arrow("right", 2), arrow("right"), arrow("right")),
    "what-one-neuron-sees": (
        click_cell("conv1", (30, 30)),
        click_cell("conv2", (15, 15), 2),
        arrow("right", 12, SHIFT),
        choose_network("deep"),
        measures_fields,
    ),
    "the-corner": (
        drag((3, 4)),
        jump,
        click_map((28, 28)),
        jump,
        operation("tie"),
        press(lambda window: window.docks.dock.content("training").train),
    ),
    "too-much-pooling": (drag((20, 20)), drag((26, -6)), drag((20, 20)), whole_face),
    "what-padding-gives-away": (
        arrow("up", 6, SHIFT),
        arrow("up", 3, SHIFT),
        arrow("right"),
        drag((18, 18)),
        drag((0, 20)),
    ),
    "repairing-it": (
        arrow("right"),
        key(Qt.Key.Key_G),
        arrow("down"),
        arrow("right", 5, ALT),
        click_map((17, 18)),
        repaired,
    ),
}

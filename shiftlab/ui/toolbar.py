"""The toolbar: menu, network, pattern; tools; the reference; history; comparing, finding, picturing."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QWidget

from shiftlab.document import Document
from shiftlab.network import presets
from shiftlab.scene import patterns
from shiftlab.ui import edits
from shiftlab.ui.actions import Actions
from shiftlab.ui.controls import Choice, FlatButton, PickButton, Segments
from shiftlab.ui.theme import colour
from shiftlab.ui.themed import Themed
from shiftlab.ui.tools import ToolName

HEIGHT = 44
MARGIN = 8
"""Room at either side of the line between two groups."""
MENUS = ("File", "Edit", "Scene", "Reference", "Network", "View", "Path", "Window")
ROOMY = 1360
"""Width from which the buttons show their words."""


class Separator(Themed, QWidget):
    """A hairline between groups."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(2 * MARGIN + 1, 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(QRectF(MARGIN, 0, 1, self.height()), colour(self.theme.line2))


class Toolbar(Themed, QWidget):
    """The bar on top. It shows the document and presses actions; it changes nothing itself.

    Attributes
    ----------
    network, pattern : PickButton
    tools : Segments
    """

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.menu_button = FlatButton("", "menu", "Menu  (F10)")
        self.menu_button.setAccessibleName("Menu")
        self.menu_button.setShortcut("F10")
        self.menu_button.clicked.connect(self.open_menu)
        self.network = PickButton(
            "Network", network_choices, icon="network", framed=True, width=168, tooltip="The network that looks"
        )
        self.pattern = PickButton(
            "Pattern", pattern_choices, icon="pattern", framed=True, width=112, tooltip="The pattern that is looked at"
        )
        self.tools = Segments(
            "Tool",
            (
                ("move", "Move", "move", "", actions.record("tool.move").hint),
                ("draw", "Draw", "draw", "", actions.record("tool.draw").hint),
            ),
        )
        self.tools.chosen.connect(lambda tool: actions.run(f"tool.{tool}"))
        reference = [self._button(*one) for one in (
            ("reference.set", "set-reference"), ("reference.back", "back"), ("reference.jump", "jump"))]  # fmt: skip
        history = [self._button(*one, text="") for one in (("edit.undo", "undo"), ("edit.redo", "redo"))]
        compare = self._button("network.ab", "ab")
        find = self._button("view.find", "search", hint="Ctrl K")
        shot = self._button("file.screenshot", "camera")
        self._wordy = (*self.tools.buttons.values(), *reference, compare, find, shot)

        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 0, 8, 0)
        layout.setSpacing(4)
        for widget in (self.menu_button, self.network, self.pattern, Separator(), self.tools, Separator(), *reference):
            layout.addWidget(widget)
        for widget in (Separator(), *history):
            layout.addWidget(widget)
        layout.addStretch(1)
        for widget in (compare, find, Separator(), shot):
            layout.addWidget(widget)

    def _button(self, identity: str, icon: str, *, text: str | None = None, hint: str = "") -> FlatButton:
        return FlatButton.of(self._actions[identity], icon, text=text, hint=hint)

    def open_menu(self) -> None:
        """Show the menu below its button."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        for name in sorted(self._actions.menus(), key=lambda one: MENUS.index(one) if one in MENUS else len(MENUS)):
            self._actions.fill(menu.addMenu(name), name)
        menu.popup(self.menu_button.mapToGlobal(QPoint(0, self.menu_button.height() + 2)))

    def show_document(self, document: Document) -> None:
        self.network.set_value(document.networks[0].spec.name, document.networks[0].spec.name)
        index = edits.lead(document)
        name = document.scene.placed[index].pattern.name if index is not None else "none"
        self.pattern.set_value(name, name)

    def show_tool(self, tool: ToolName) -> None:
        self.tools.set_value("move" if tool == "move" else "draw")

    # Qt's own

    def minimumSizeHint(self) -> QSize:
        return QSize(0, HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        for button in self._wordy:
            button.set_compact(event.size().width() < ROOMY)
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), colour(self.theme.panel))
            painter.fillRect(QRectF(0, self.height() - 1, self.width(), 1), colour(self.theme.line))


def network_choices() -> tuple[Choice, ...]:
    """The presets, with their descriptions, a line between the groups."""
    return tuple(
        Choice(name, name, presets.preset(name).description, apart=name == group[0])
        for group in presets.groups()
        for name in group
    )


def pattern_choices() -> tuple[Choice, ...]:
    """The patterns of our own."""
    return tuple(Choice(name, name) for name in patterns.names())

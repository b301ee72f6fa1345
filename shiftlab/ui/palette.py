"""The palette of actions: type a few letters of what you want to do."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from shiftlab.ui.actions import Action, Actions, shown_key
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.figure.text import draw
from shiftlab.ui.theme import DARK, DISABLED, Theme, colour

NO_MATCH = -1
ROW_HEIGHT = 28
WHERE, KEY = Qt.ItemDataRole.UserRole + 1, Qt.ItemDataRole.UserRole + 2


def score(query: str, text: str) -> int:
    """How well `text` answers `query`: letters in order, better where words begin; NO_MATCH where one is missing.

    An empty query fits everything alike.
    """
    query, text = query.casefold().strip(), text.casefold()
    if query in text:
        at = text.index(query)
        return 1000 - at + (500 if at == 0 or not text[at - 1].isalnum() else 0)
    points, at = 0, 0
    for letter in query.replace(" ", ""):
        found = text.find(letter, at)
        if found < 0:
            return NO_MATCH
        points += 5 if found == 0 or not text[found - 1].isalnum() else (3 if found == at else 1)
        at = found + 1
    return points


def _told(query: str, tooltip: str) -> int:
    """As `score`, of whole words alone: nearly every sentence has most letters in some order."""
    return score(query, tooltip) if query.casefold().strip() in tooltip.casefold() else NO_MATCH


def matching(query: str, records: Sequence[Action]) -> list[Action]:
    """The records that answer `query`, best first; those of equal merit keep their order."""
    scored = [(max(score(query, record.text), _told(query, record.tooltip) // 4), record) for record in records]
    return [record for points, record in sorted(scored, key=lambda pair: -pair[0]) if points > 0 or not query.strip()]


class _Row(QStyledItemDelegate):
    """A row: the words, the menu they stand in, and the key at the right."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    # Qt's own

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(200, ROW_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme = self._theme
        frame = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        state = option.state  # pyright: ignore[reportAttributeAccessIssue]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour(theme.accbg if state & QStyle.StateFlag.State_Selected else theme.hov))
            painter.drawRoundedRect(frame, 4, 4)
        painter.setOpacity(1.0 if state & QStyle.StateFlag.State_Enabled else DISABLED)
        line = Rect(frame.x() + 10, frame.y(), frame.width() - 20, frame.height())
        took = draw(painter, line, str(index.data(KEY)), "meta", theme.t2, "right") + 12
        said = draw(painter, line, str(index.data(Qt.ItemDataRole.DisplayRole)), "control", theme.t1) + 12
        room = Rect(line.x + said, line.y, max(line.width - said - took, 0), line.height)
        draw(painter, room, str(index.data(WHERE)), "meta", theme.t2)
        painter.restore()


class Palette(QDialog):
    """Find an action: a field and the actions that answer it; Enter runs, Esc lets go."""

    WIDTH, HEIGHT = 520, 380

    def __init__(self, actions: Actions, parent: QWidget, theme: Theme = DARK) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("palette")
        self.setAccessibleName("Find an action")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._actions, self._theme = actions, theme
        self.field = QLineEdit()
        self.field.setPlaceholderText("Find an action")
        self.field.setAccessibleName("Find an action")
        self.field.setClearButtonEnabled(False)
        self.list = QListWidget()
        self.list.setAccessibleName("Actions found")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setItemDelegate(_Row(theme, self.list))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(8)
        layout.addWidget(self.field)
        layout.addWidget(self.list)
        self._above = 3 * 8 + self.field.sizeHint().height()
        self.field.textChanged.connect(self._find)
        self.field.installEventFilter(self)
        self.list.itemActivated.connect(lambda _item: self.run_current())
        self.list.itemClicked.connect(lambda _item: self.run_current())
        self._find("")
        self.field.setFocus()

    def _find(self, query: str) -> None:
        self.list.clear()
        for record in matching(query, tuple(self._actions.records.values())):
            item = QListWidgetItem(record.text, self.list)
            item.setData(Qt.ItemDataRole.UserRole, record.id)
            item.setData(WHERE, record.menu.replace("/", " › "))
            item.setData(KEY, shown_key(record.keys[0]) if record.keys else "")
            item.setToolTip(record.hint)
            if not record.enabled():
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEnabled)
        if not self.list.count():
            QListWidgetItem("No action is called so", self.list).setFlags(Qt.ItemFlag.NoItemFlags)
        self._fit()
        self._step(+1, start=-1)

    def _fit(self) -> None:
        """No higher than what was found."""
        rows = min(self.list.count() * ROW_HEIGHT + 2 * self.list.frameWidth() + 2, self.HEIGHT - self._above)
        self.list.setFixedHeight(rows)
        self.setFixedSize(self.WIDTH, self._above + rows)

    def _step(self, by: int, start: int | None = None) -> None:
        at = self.list.currentRow() if start is None else start
        for _ in range(self.list.count()):
            at = (at + by) % self.list.count()
            if self.list.item(at).flags() & Qt.ItemFlag.ItemIsEnabled:
                self.list.setCurrentRow(at)
                return

    def run_current(self) -> None:
        """Close, then run the chosen action."""
        item = self.list.currentItem()
        if item is None or not item.flags() & Qt.ItemFlag.ItemIsEnabled:
            return
        identity = str(item.data(Qt.ItemDataRole.UserRole))
        self.close()
        self._actions.run(identity)

    # Qt's own

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        with QPainter(self) as painter:
            painter.setPen(colour(self._theme.line2))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
                self._step(+1 if event.key() == Qt.Key.Key_Down else -1)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.run_current()
                return True
        return super().eventFilter(watched, event)

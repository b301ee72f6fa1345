"""Actions as records, from which menus, shortcuts, tooltips and the palette of actions derive."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

import msgspec
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QIcon, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget


def _always() -> bool:
    return True


class Action(msgspec.Struct, frozen=True):
    """One thing that a person can do.

    Attributes
    ----------
    id : str
        'reference.set'; unique.
    text : str
        What menus and the palette call it.
    run : callable
    menu : str
        The menu it stands in; several words with '/' make a submenu, '' leaves it to palette and key.
    icon : str
        Name of an icon in resources/icons, or ''.
    keys : tuple of str
        Portable key sequences, the first of which is shown.
    tooltip : str
        A short sentence; the key is added to it.
    enabled, checked : callables, asked whenever the document changes
        `checked` None makes it an action that has no state.
    """

    id: str
    text: str
    run: Callable[[], object]
    menu: str = ""
    icon: str = ""
    keys: tuple[str, ...] = ()
    tooltip: str = ""
    enabled: Callable[[], bool] = _always
    checked: Callable[[], bool] | None = None

    @property
    def hint(self) -> str:
        """The tooltip with its key."""
        words = self.tooltip or self.text
        return f"{words}  ({shown_key(self.keys[0])})" if self.keys else words


def shown_key(key: str) -> str:
    """A portable key sequence as the platform writes it."""
    return QKeySequence(key, QKeySequence.SequenceFormat.PortableText).toString(QKeySequence.SequenceFormat.NativeText)


class Actions(QObject):
    """The window's actions: records, and the QActions made of them when they are first wanted.

    Keys work once `complete` has made all of them, which the window asks for as soon as it has been painted.

    Parameters
    ----------
    records : those that are wanted at once
    all_records : all of them in order, asked for once, later; None where `records` is that
    """

    def __init__(
        self,
        records: Iterable[Action],
        host: QWidget,
        icon: Callable[[str], QIcon] | None = None,
        all_records: Callable[[], Iterable[Action]] | None = None,
    ) -> None:
        super().__init__(host)
        self._first, self._all_records = _by_id(records), all_records
        self._host, self._icon = host, icon
        self._made_icons: set[str] = set()
        self._actions: dict[str, QAction] = {}

    @cached_property
    def records(self) -> Mapping[str, Action]:
        """All records by id, in order."""
        return self._first if self._all_records is None else _by_id(self._all_records())

    def record(self, identity: str) -> Action:
        return self._first[identity] if identity in self._first else self.records[identity]

    def complete(self) -> None:
        """Make every action that has not been made yet."""
        for identity in self.records:
            self[identity]

    def _made(self, record: Action, host: QWidget) -> QAction:
        action = QAction(record.text, host)
        action.setObjectName(record.id)
        action.setToolTip(record.hint)
        action.setStatusTip(record.tooltip)
        action.setShortcuts([QKeySequence(key, QKeySequence.SequenceFormat.PortableText) for key in record.keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setCheckable(record.checked is not None)
        action.triggered.connect(lambda _checked=False: self.run(record.id))
        host.addAction(action)
        _ask(record, action)
        return action

    def __getitem__(self, identity: str) -> QAction:
        action = self._actions.get(identity)
        if action is None:
            action = self._actions[identity] = self._made(self.record(identity), self._host)
        return action

    def run(self, identity: str) -> None:
        """Do it, where its predicate allows, and ask all predicates anew."""
        record = self.record(identity)
        if record.enabled():
            record.run()
        self.refresh()

    def refresh(self) -> None:
        """Ask every predicate, and show the answer."""
        for identity, action in self._actions.items():
            _ask(self.record(identity), action)

    def forget_icons(self) -> None:
        """The theme changed: icons are made anew when a menu shows them."""
        self._made_icons.clear()

    def shown(self, identity: str) -> QAction:
        """The action for a menu, with its icon, which is made only now: most are never shown."""
        action, record = self[identity], self.record(identity)
        if record.icon and self._icon is not None and identity not in self._made_icons:
            action.setIcon(self._icon(record.icon))
            self._made_icons.add(identity)
        return action

    def fill(self, menu: QMenu, name: str) -> QMenu:
        """Add to `menu` the actions of menu `name`; its submenus follow as they are met."""
        submenus: dict[str, QMenu] = {}
        for identity, record in self.records.items():
            if record.menu == name:
                menu.addAction(self.shown(identity))
            elif record.menu.startswith(f"{name}/"):
                title = record.menu.removeprefix(f"{name}/")
                if title not in submenus:
                    submenus[title] = menu.addMenu(title)
                submenus[title].addAction(self.shown(identity))
        return menu

    def menus(self) -> tuple[str, ...]:
        """Names of the top menus in order, that of the window last as everywhere."""
        names = dict.fromkeys(record.menu.split("/")[0] for record in self.records.values() if record.menu)
        return tuple(sorted(names, key=lambda name: name == "Window"))


def _by_id(records: Iterable[Action]) -> dict[str, Action]:
    ordered = tuple(records)
    made = {record.id: record for record in ordered}
    if len(made) != len(ordered):
        twice = sorted({record.id for record in ordered if sum(other.id == record.id for other in ordered) > 1})
        raise ValueError(f"action ids must be unique, these are not: {', '.join(twice)}")
    return made


def _ask(record: Action, action: QAction) -> None:
    """Ask its predicates, and show the answer."""
    action.setEnabled(record.enabled())
    if record.checked is not None:
        action.setChecked(record.checked())

"""One stylesheet for the standard widgets, made of the theme's tokens.

Widgets say what they are by the dynamic property `role`:

=============  ==================  =====================================================
role           widget              look
=============  ==================  =====================================================
bar            QFrame, QToolBar    toolbar and status ground, panel colour
column         QFrame              the canvas column
rail           QFrame              rail ground; its buttons have role 'rail' too
dock           QFrame              ground of a dock's contents
segments       QFrame              ground of a segmented control
segment        QToolButton         one segment; checked is the chosen one
flat           QToolButton         toolbar button without a frame
quiet          QToolButton, QComboBox  'tile 64 px': no frame, label colour
primary        QPushButton         the one accented button
heading, label, meta, tick, value, warning, display, link   QLabel   text roles
line           QFrame              a hairline, 1 px wide or high
number         QLineEdit           a narrow field for a number
=============  ==================  =====================================================
"""

from __future__ import annotations

from functools import lru_cache
from string import Template

import msgspec

from shiftlab.resources import resource
from shiftlab.ui.theme import DISABLED, SIZES, Theme

SHEET = """
* { font-size: ${control}px; outline: none; }
QWidget { color: $t1; }
QMainWindow, QDialog { background: $win; }
QLabel { background: transparent; }
QLabel[role="display"] { font-size: ${display}px; font-weight: 600; }
QLabel[role="heading"] { font-size: ${heading}px; font-weight: 600; }
QLabel[role="label"] { color: $t2; }
QLabel[role="meta"] { font-size: ${meta}px; color: $t2; }
QLabel[role="value"] { font-size: ${meta}px; color: $t1; }
QLabel[role="tick"] { font-size: ${tick}px; color: $t3; }
QLabel[role="warning"] { color: $broke; }
QLabel[role="link"] { color: $acc; }
QLabel:disabled { color: $t1_off; }

QFrame[role="bar"], QToolBar { background: $panel; border: none; }
QFrame[role="column"] { background: $win; border: none; }
QFrame[role="rail"], QFrame[role="dock"] { background: $panel; border: none; }
QFrame[role="line"] { background: $line; border: none; }
QToolBar { spacing: 4px; padding: 0 8px; }
QToolBar::separator { background: $line; width: 1px; margin: 10px 8px; }
QStatusBar { background: $panel; border-top: 1px solid $line; color: $t2; font-size: ${meta}px; }
QStatusBar::item { border: none; }
QMainWindow::separator { background: $line; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: $acc; }
QSplitter::handle { background: $line; }
QSplitter::handle:hover { background: $acc; }

QPushButton { background: $button; border: 1px solid $button_line; border-radius: 4px; padding: 5px 11px;
  min-height: 16px; }
QPushButton:hover { background: $hov; }
QPushButton:pressed, QPushButton:checked { background: $accbg; border-color: $acc; }
QPushButton:focus { border: 2px solid $acc; padding: 4px 10px; }
QPushButton:disabled { color: $t1_off; background: $button_off; border-color: $button_line_off; }
QPushButton[role="primary"] { background: $acc; border-color: $acc; color: $onacc; font-weight: 600; }
QPushButton[role="primary"]:hover { background: $acc_hover; border-color: $acc_hover; }
QPushButton[role="primary"]:focus { border: 2px solid $t1; padding: 4px 10px; }
QPushButton[role="primary"]:disabled { background: $acc_off; border-color: transparent; color: $onacc; }

QToolButton { background: transparent; border: 1px solid transparent; border-radius: 4px; padding: 4px 7px;
  color: $t1; }
QToolButton:hover { background: $hov; }
QToolButton:pressed { background: $accbg; }
QToolButton:checked { background: $accbg; border-color: $acc; font-weight: 600; }
QToolButton:focus { border: 2px solid $acc; padding: 3px 6px; }
QToolButton:disabled { color: $t1_off; }
QToolButton::menu-indicator { image: none; }
QToolButton[popupMode="2"] { padding-right: 22px; }
QToolButton[popupMode="2"]:focus { padding-right: 21px; }
QToolButton[popupMode="2"]::menu-indicator { image: url("${icons}-chevron-down.svg"); width: 12px; height: 12px;
  subcontrol-origin: padding; subcontrol-position: right center; right: 5px; }
QFrame[role="segments"] { background: $segments; border: none; border-radius: 6px; }
QToolButton[role="segment"] { color: $t2; padding: 3px 9px; margin: 0px; }
QToolButton[role="segment"]:hover { color: $t1; }
QToolButton[role="segment"]:checked { color: $t1; }
QToolButton[role="segment"]:focus { padding: 2px 8px; }
QToolButton[role="segment"]:disabled { color: $t2_off; }
QToolButton[role="rail"] { padding: 5px; }
QToolButton[role="rail"]:focus { padding: 4px; }
QToolButton[role="quiet"] { color: $t2; font-size: ${meta}px; }

QLineEdit, QSpinBox, QDoubleSpinBox, QAbstractSpinBox, QComboBox, QPlainTextEdit, QTextEdit {
  background: $ctl; border: 1px solid $field_line; border-radius: 4px; padding: 3px 8px; min-height: 18px;
  selection-background-color: $acc; selection-color: $onacc; }
QLineEdit:hover, QAbstractSpinBox:hover, QComboBox:hover { border-color: $line2; background: $field_hover; }
QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus, QTextEdit:focus {
  border: 2px solid $acc; padding: 2px 7px; }
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled { color: $t1_off; border-color: $button_line_off;
  background: $button_off; }
QAbstractSpinBox QLineEdit, QComboBox QLineEdit { border: none; background: transparent; padding: 0 0 0 5px;
  min-height: 0; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { border: none; background: transparent; width: 14px;
  subcontrol-origin: border; }
QAbstractSpinBox::up-button { subcontrol-position: top right; margin: 2px 2px 0 0; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; margin: 0 2px 2px 0; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover { background: $hov; border-radius: 2px; }
QAbstractSpinBox::up-arrow { image: url("${icons}-chevron-up.svg"); width: 9px; height: 9px; }
QAbstractSpinBox::down-arrow { image: url("${icons}-chevron-down.svg"); width: 9px; height: 9px; }
QLineEdit[role="number"] { padding: 3px 5px; }
QLineEdit[role="number"]:focus { padding: 2px 4px; }
QComboBox { padding-right: 24px; }
QComboBox:focus { padding-right: 23px; }
QComboBox::drop-down { border: none; width: 22px; subcontrol-origin: border; subcontrol-position: right center; }
QComboBox::down-arrow { image: url("${icons}-chevron-down.svg"); width: 12px; height: 12px; }
QComboBox[role="quiet"] { background: transparent; border-color: transparent; color: $t2; }
QComboBox[role="quiet"]:hover { background: $hov; }
QComboBox[role="quiet"]:focus { border-color: $acc; }
QComboBox QAbstractItemView { background: $ctl; border: 1px solid $line2; border-radius: 4px; padding: 4px;
  outline: none; selection-background-color: $hov; selection-color: $t1; }

QCheckBox, QRadioButton { spacing: 7px; color: $t2; border: 2px solid transparent; border-radius: 4px; padding: 1px; }
QCheckBox:hover, QRadioButton:hover { color: $t1; }
QCheckBox:focus, QRadioButton:focus { border-color: $acc; }
QCheckBox:disabled, QRadioButton:disabled { color: $t2_off; }
QCheckBox::indicator, QGroupBox::indicator, QAbstractItemView::indicator { width: 12px; height: 12px;
  border: 1px solid $t3; border-radius: 3px; background: transparent; }
QCheckBox::indicator:hover { border-color: $t1; }
QCheckBox::indicator:checked, QAbstractItemView::indicator:checked { background: $acc; border-color: $acc;
  image: url("${icons}-check.svg"); }
QCheckBox::indicator:indeterminate { background: $acc; border-color: $acc; image: url("${icons}-dash.svg"); }
QCheckBox::indicator:disabled { border-color: $t3_off; }
QCheckBox::indicator:checked:disabled { background: $acc_off; border-color: transparent; }
QRadioButton::indicator { width: 12px; height: 12px; border: 1px solid $t3; border-radius: 7px;
  background: transparent; }
QRadioButton::indicator:checked { border: 4px solid $acc; width: 6px; height: 6px; background: $onacc; }

QSlider:horizontal { min-height: 20px; }
QSlider:vertical { min-width: 20px; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $track; }
QSlider::groove:vertical { width: 4px; border-radius: 2px; background: $track; }
QSlider::sub-page:horizontal { background: $acc; border-radius: 2px; height: 4px; }
QSlider::add-page:vertical { background: $acc; border-radius: 2px; width: 4px; }
QSlider::handle { background: $knob; border: $knob_border; border-radius: 6px; width: 12px; height: 12px; }
QSlider::handle:horizontal { margin: -4px 0; width: ${knob_side}px; height: ${knob_side}px; }
QSlider::handle:vertical { margin: 0 -4px; width: ${knob_side}px; height: ${knob_side}px; }
QSlider::handle:hover { background: $knob_hover; }
QSlider::handle:focus { border: 2px solid $acc; width: 10px; height: 10px; background: $knob_focus; }
QSlider::sub-page:disabled, QSlider::add-page:disabled { background: $acc_off; }
QSlider::handle:disabled { background: $track; border: 1px solid $line2; width: 10px; height: 10px; }

QMenu { background: $ctl; border: 1px solid $line2; padding: 4px; }
QMenu::item { padding: 5px 28px 5px 28px; border-radius: 4px; color: $t1; }
QMenu::item:selected { background: $hov; }
QMenu::item:disabled { color: $t1_off; }
QMenu::separator { height: 1px; background: $line2; margin: 4px 8px; }
QMenu::icon { padding-left: 6px; }
QMenu::indicator { width: 12px; height: 12px; left: 8px; }
QMenu::indicator:checked { image: url("${icons}-menu-check.svg"); }
QMenu::right-arrow { image: url("${icons}-chevron-right.svg"); width: 12px; height: 12px; right: 6px; }
QMenuBar { background: $panel; }
QMenuBar::item { padding: 4px 8px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected { background: $hov; }
QToolTip { background: $ctl; color: $t1; border: 1px solid $line2; padding: 4px 6px; font-size: ${meta}px; }

QScrollArea, QAbstractScrollArea { background: transparent; border: none; }
QScrollBar { background: transparent; border: none; margin: 0; }
QScrollBar:vertical { width: 10px; }
QScrollBar:horizontal { height: 10px; }
QScrollBar::handle { background: $line2; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover, QScrollBar::handle:pressed { background: $t3; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; background: none; border: none; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QDockWidget { titlebar-close-icon: none; color: $t1; font-size: ${heading}px; font-weight: 600; }
QDockWidget::title { background: $panel; padding: 10px 12px; text-align: left; border-left: 1px solid $line; }
QTabWidget::pane { border: none; border-top: 1px solid $line; }
QTabBar { background: transparent; }
QTabBar::tab { color: $t2; background: transparent; border: none; border-bottom: 2px solid transparent;
  padding: 6px 10px; }
QTabBar::tab:hover { color: $t1; background: $hov; }
QTabBar::tab:selected { color: $t1; border-bottom-color: $acc; }
QTabBar::tab:focus { border: 2px solid $acc; padding: 4px 8px 6px 8px; border-radius: 4px; }
QTabBar::tab:disabled { color: $t2_off; }

QAbstractItemView { background: $panel; alternate-background-color: $panel; border: none; gridline-color: $line;
  selection-background-color: $accbg; selection-color: $t1; }
QTableView, QTreeView, QListView { font-size: ${meta}px; border: 1px solid $line; border-radius: 4px; }
QTableView:focus, QTreeView:focus, QListView:focus { border: 2px solid $acc; }
QAbstractItemView::item { padding: 3px 6px; border: none; }
QAbstractItemView::item:hover { background: $hov; }
QAbstractItemView::item:selected { background: $accbg; color: $t1; }
QHeaderView { background: $panel; border: none; }
QHeaderView::section { background: $panel; color: $t2; border: none; border-bottom: 1px solid $line2;
  padding: 4px 6px; font-size: ${meta}px; }
QTableCornerButton::section { background: $panel; border: none; }

QProgressBar { background: $track; border: none; border-radius: 2px; max-height: 4px; min-height: 4px;
  color: transparent; }
QProgressBar::chunk { background: $acc; border-radius: 2px; }
QGroupBox { border: none; margin-top: 20px; font-weight: 600; }
QGroupBox::title { subcontrol-origin: margin; subcontrol-position: top left; }
"""


def _faded(token: str) -> str:
    """The token as what cannot be used shows it, as a stylesheet writes it."""
    red, green, blue = (int(token[index : index + 2], 16) for index in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {round(DISABLED * 100)}%)"


def _mixed(token: str, other: str, share: float) -> str:
    """A little of `other` in `token`."""
    pairs = ((int(token[index : index + 2], 16), int(other[index : index + 2], 16)) for index in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)


@lru_cache(maxsize=4)
def stylesheet(theme: Theme) -> str:
    """The stylesheet of the whole application; Fusion with `palette(theme)` goes under it."""
    dark = theme.dark
    tokens = msgspec.structs.asdict(theme)
    values = {key: value for key, value in tokens.items() if isinstance(value, str) and value.startswith("#")}
    values |= {role: str(size) for role, (size, _) in SIZES.items()}
    values |= {f"{key}_off": _faded(values[key]) for key in ("t1", "t2", "t3", "acc")}
    values |= {
        "icons": resource("icons", "controls").as_posix() + ("/dark" if dark else "/light"),
        "button": theme.ctl,
        "button_line": theme.ctl if dark else theme.line2,
        "button_off": _faded(theme.ctl),
        "button_line_off": "transparent" if dark else _faded(theme.line2),
        "field_line": theme.ctl if dark else theme.line2,
        "field_hover": theme.ctl,
        "segments": theme.ctl if dark else theme.hov,
        "acc_hover": _mixed(theme.acc, "#FFFFFF" if dark else "#000000", 0.12),
        "knob": theme.t1 if dark else "#FFFFFF",
        "knob_hover": "#FFFFFF" if dark else theme.accbg,
        "knob_border": "none" if dark else f"2px solid {theme.acc}",
        "knob_focus": theme.win,
        "knob_side": "12" if dark else "8",
    }
    return Template(SHEET).substitute(values)

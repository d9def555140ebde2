"""The keyboard: which key does what in the window, which keys stay with the control in focus, and the way of Tab."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLayout, QWidget


class Key(NamedTuple):
    """Keys of one action; `action` names the method of the window that it calls."""

    keys: tuple[str, ...]
    action: str
    label: str


UNDO, REDO = ("Ctrl+Z",), ("Ctrl+Shift+Z", "Ctrl+Y")
"""Keys that a text in which something is being typed takes for itself."""

KEYS = (
    Key(("Space",), "toggle", "Play or pause"),
    Key(("Right",), "forward", "One step"),
    Key(("Left",), "back", "One step back"),
    Key(("Home",), "reset", "Back to step 0"),
    Key(("+", "="), "faster", "Faster"),
    Key(("-",), "slower", "Slower"),
    Key(("PgDown",), "next_lesson", "Next lesson"),
    Key(("PgUp",), "previous_lesson", "Previous lesson"),
    Key(("0",), "view_all", "All views"),
    Key(("1",), "view_1", "First view alone"),
    Key(("2",), "view_2", "Second view alone"),
    Key(("3",), "view_3", "Third view alone"),
    Key(("4",), "view_4", "Fourth view alone"),
    Key(("X",), "next_over", "Curves over steps, samples or seconds"),
    Key(("Q",), "next_probe", "What is shown of every layer"),
    Key(("M",), "swap_maps", "One map or several; basins: where to, or how soon"),
    Key(("C",), "change_from_here", "Change from here"),
    Key(("F",), "fork", "Fork"),
    Key(("F9",), "toggle_panel", "Show or hide the panel"),
    Key(("F11",), "toggle_fullscreen", "Full screen"),
    Key(("P",), "toggle_projector", "Projector theme"),
    Key(("D",), "toggle_dark", "Light or dark theme"),
    Key(("L",), "next_language", "Next language"),
    Key(UNDO, "undo", "Undo"),
    Key(REDO, "redo", "Redo"),
    Key(("Ctrl+O",), "open_dialog", "Open an experiment"),
    Key(("Ctrl+S",), "save_dialog", "Save the experiment"),
    Key(("Ctrl+E",), "picture_dialog", "Picture of what is shown"),
    Key(("F10",), "show_menu", "Menu"),
    Key(("?", "F1"), "show_keys", "List of keys"),
)

MOVES = frozenset(
    {
        Qt.Key.Key_Left,
        Qt.Key.Key_Right,
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_PageDown,
    }
)
"""Keys that move within a control in focus."""


def is_own(event: QEvent, typing: bool = False, zooming: bool = False) -> bool:
    """Claim a key for the control in focus before it becomes a key of the window; tell whether it was claimed.

    `typing` adds letters and digits, for controls in which something is typed, `zooming` plus and minus.
    """
    if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return False
    held = Qt.KeyboardModifier
    if event.modifiers() & (held.ControlModifier | held.AltModifier | held.MetaModifier):
        return False
    also = (typing and event.text().isalnum()) or (zooming and event.text() in ("+", "=", "-"))
    if event.key() not in MOVES and not also:
        return False
    event.accept()
    return True


def stops(layout: QLayout | None) -> list[QWidget]:
    """Return the widgets of a layout at which Tab stops, in the order in which they are seen, without hidden ones."""
    found: list[QWidget] = []
    for i in range(layout.count() if layout else 0):
        item = layout.itemAt(i) if layout else None
        widget = item.widget() if item else None
        if widget and widget.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide) and widget.isHidden():
            continue
        if widget and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            found.append(widget)
        found += stops(widget.layout() if widget else item.layout() if item else None)
    return found


def chain(widgets: Iterable[QWidget]) -> None:
    """Let Tab go from each widget to the next."""
    for one, following in pairwise(widgets):
        QWidget.setTabOrder(one, following)


def place_of_focus(widgets: Iterable[QWidget]) -> int | None:
    """Return which of the widgets has its window's focus, if one has."""
    return next((i for i, widget in enumerate(widgets) if widget.window().focusWidget() is widget), None)

"""The keyboard: which key does what in the window, which keys stay with the control in focus, and the way of Tab."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import NamedTuple

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QLayout,
    QLineEdit,
    QWidget,
)
from shiboken6 import isValid


class Key(NamedTuple):
    """Keys of one action; `action` names the method of the window that it calls."""

    keys: tuple[str, ...]
    action: str
    label: str


UNDO, REDO = ("Ctrl+Z",), ("Ctrl+Shift+Z", "Ctrl+Y")
"""Keys that a text in which something is being typed takes for itself."""

KEYS = (
    Key(("Space", "B", "."), "toggle", "Play or pause"),
    Key(("Right",), "forward", "One step"),
    Key(("Left",), "back", "One step back"),
    Key(("Home",), "reset", "Back to step 0"),
    Key(("+", "="), "faster", "Faster"),
    Key(("-",), "slower", "Slower"),
    Key(("PgDown",), "next_lesson", "Next lesson"),
    Key(("PgUp",), "previous_lesson", "Previous lesson"),
    Key(("K", "Ctrl+L"), "show_course", "Course list"),
    Key(("N",), "toggle_notes", "Show or hide the notes"),
    Key(("Ctrl+N",), "toggle_lecturer_notes", "Lecturer’s notes"),
    Key(("G",), "predict", "Predict first: hide the pictures and ask, or show them"),
    Key(("Ctrl+G",), "toggle_asking_first", "Ask first in every lesson"),
    Key(("Ctrl+H",), "show_predictions", "Predictions of this hour"),
    Key(("0",), "view_all", "All views"),
    Key(("1",), "view_1", "First view alone"),
    Key(("2",), "view_2", "Second view alone"),
    Key(("3",), "view_3", "Third view alone"),
    Key(("4",), "view_4", "Fourth view alone"),
    Key(("X",), "next_over", "Curves over steps, samples or seconds"),
    Key(("Q",), "next_probe", "What is shown of every layer"),
    Key(("E",), "reveal_next", "Numbers: one layer on, forward, then backward"),
    Key(("Shift+E",), "reveal_previous", "Numbers: one layer back"),
    Key(("M",), "swap_maps", "One map or several; basins: where to, or how soon"),
    Key(("C",), "change_from_here", "Change from here"),
    Key(("F",), "fork", "Fork"),
    Key(("I",), "paint", "Paint your own points"),
    Key(("F9",), "toggle_panel", "Show or hide the panel"),
    Key(("F11", "F5", "Shift+F5"), "toggle_fullscreen", "Full screen"),
    Key(("P",), "toggle_projector", "Projector theme"),
    Key(("S",), "toggle_stage", "Stage on the second screen"),
    Key(("R",), "rehearse", "Rehearse: as a washed-out projector, then as colour-blind eyes show it"),
    Key(("D",), "toggle_dark", "Light or dark theme"),
    Key(("L",), "next_language", "Next language"),
    Key(UNDO, "undo", "Undo"),
    Key(REDO, "redo", "Redo"),
    Key(("Ctrl+Shift+N",), "new_experiment", "New experiment"),
    Key(("Ctrl+O",), "open_dialog", "Open an experiment, a picture or a table"),
    Key(("Ctrl+V",), "paste_table", "Paste a table"),
    Key(("Ctrl+T",), "show_table", "How the table is read"),
    Key(("Ctrl+S",), "save", "Save the experiment"),
    Key(("Ctrl+Shift+S",), "save_dialog", "Save under another name"),
    Key(("Ctrl+E",), "picture_dialog", "Picture of what is shown"),
    Key(("Ctrl+Shift+C",), "copy_picture", "Copy a picture of what is shown"),
    Key(("Ctrl+M",), "film_dialog", "Film of the run"),
    Key(("Ctrl+D",), "data_dialog", "Save the run’s data"),
    Key(("Ctrl+Q",), "close", "Close"),
    Key(("F10",), "show_menu", "Menu; in full screen also Alt, or the mouse at the upper edge"),
    Key(("A",), "show_activations", "Activations"),
    Key(("H",), "show_first_steps", "Start here"),
    Key(("?", "F1"), "show_keys", "List of keys"),
)

BY_ACTION: Mapping[str, Key] = {key.action: key for key in KEYS}

MOVES = frozenset(
    {Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End}
)
"""Keys that a control keeps by which a value is moved, once Tab has led to it."""

_PAGES = frozenset({Qt.Key.Key_PageUp, Qt.Key.Key_PageDown})
_HELD = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


class Keyboard(QObject):
    """Gives a window its keys wherever the focus is, and the stage the focus once the mouse has used a control.

    A control in focus keeps the keys that move its value: `own_keys`, where its class has them, else
    :data:`MOVES` for sliders and closed lists. A text keeps what can be typed.
    """

    def __init__(self, window: QWidget, stage: QWidget) -> None:
        super().__init__(window)
        self._window, self._stage = window, stage
        self._watched: QWidget | None = None
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._on_focus_changed)

    def _on_focus_changed(self, _: QWidget | None, now: QWidget | None) -> None:
        if self._watched is not None and isValid(self._watched):
            self._watched.removeEventFilter(self)
        self._watched = now if now is not None and now.window() is self._window else None
        if self._watched is None:
            return
        if isinstance(now, (QAbstractSlider, QComboBox, QAbstractButton)) and _mouse_is_down():
            self._stage.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or event.modifiers() & _HELD:
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            return _decide(watched, event)
        # What is no key of the window's either would choose from a closed list by the first letter.
        if event.type() == QEvent.Type.KeyPress and isinstance(watched, QComboBox) and event.text().isprintable():
            event.setAccepted(not event.text())
            return bool(event.text())
        return False


def _mouse_is_down() -> bool:
    return QApplication.mouseButtons() != Qt.MouseButton.NoButton


def _decide(watched: QObject, event: QKeyEvent) -> bool:
    """Accept a key for the control in focus, or leave it to the window; tell whether that is decided here."""
    key = Qt.Key(event.key())
    if isinstance(watched, QLineEdit):
        if key in _PAGES:
            event.setAccepted(watched.isUndoAvailable())  # while something is typed that is no edit yet
        return key in _PAGES
    event.setAccepted(key in _own_keys(watched))
    return True


def _own_keys(control: QObject) -> frozenset[Qt.Key]:
    usual = MOVES if isinstance(control, (QAbstractSlider, QComboBox)) else frozenset()
    own: frozenset[Qt.Key] = getattr(control, "own_keys", usual)
    return own


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

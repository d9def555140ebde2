"""The controls that are on screen, by names under which they are found again."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QWidget


def used() -> list[QWidget]:
    """Return what can be used now: what is in a menu that is open, else in a dialog, else in all windows."""
    app = QApplication
    over = app.activePopupWidget() or app.activeModalWidget()
    tops = [over] if over else [top for top in app.topLevelWidgets() if top.isVisible()]
    return [widget for top in tops for widget in [top, *_below(top)] if _is_used(widget)]


def _below(widget: QWidget) -> Iterator[QWidget]:
    """Yield all widgets in one, but for what a closed choice consists of.

    PySide keeps the Python object of a widget that was made by Qt alone when that is gone: a choice has four.
    """
    for part in widget.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
        yield part
        if not isinstance(part, QComboBox):
            yield from _below(part)
        elif (line := part.lineEdit()) is not None:
            yield line


def _is_used(widget: QWidget) -> bool:
    return widget.isVisible() and widget.isEnabled() and widget.width() > 0 and widget.height() > 0


def name_of(widget: QWidget) -> str:
    """Return the name of a control that is on screen: its class, what it is called, which of several it is."""
    plain, at = _plain_name(widget), 0
    for other in _called(plain):
        if other is widget:
            break
        at += 1
    return f"{plain}|{at}"


def find(name: str) -> QWidget | None:
    """Return the control of a name, if it is on screen."""
    plain, _, at = name.rpartition("|")
    found = list(_called(plain))
    return found[int(at)] if int(at) < len(found) else None


def _called(plain: str) -> Iterator[QWidget]:
    return (widget for widget in used() if _plain_name(widget) == plain)


def _plain_name(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    return f"{type(widget).__name__}:{(widget.accessibleName() or text or widget.objectName())[:60]}"

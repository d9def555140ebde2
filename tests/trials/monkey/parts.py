"""The controls that are on screen, by names under which they are found again."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget


def used() -> list[QWidget]:
    """Return what can be used now: what is in a menu that is open, else in a dialog, else in all windows.

    PySide keeps the Python objects of what Qt has made by itself when that is gone, a kilobyte for each choice found
    here: 2,500 actions gain some 5 MB by it, which are the trial's and not the window's.
    """
    app = QApplication
    over = app.activePopupWidget() or app.activeModalWidget()
    tops = [over] if over else [top for top in app.topLevelWidgets() if top.isVisible()]
    return [widget for top in tops for widget in [top, *top.findChildren(QWidget)] if _is_used(widget)]


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

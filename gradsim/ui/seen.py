"""Whether anything of the program is seen: what is minimised or hidden is neither trained nor drawn."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QWindow
from PySide6.QtWidgets import QWidget

UNSEEN = (QWindow.Visibility.Hidden, QWindow.Visibility.Minimized)


class Seen(QObject):
    """Watches windows, and tells when the last of them goes out of sight, and when one comes back.

    Attributes
    ----------
    now
        Whether one of them is seen, or is about to be shown for the first time.
    """

    changed = Signal(bool)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.now = True
        self._visible: dict[QWindow, bool] = {}

    def watch(self, widget: QWidget) -> None:
        """Watch the window of a widget, too."""
        widget.winId()  # makes it, if it is yet to be shown
        window = widget.windowHandle()
        self._visible[window] = True
        window.visibilityChanged.connect(lambda to: self._on_visibility(window, to))

    def _on_visibility(self, window: QWindow, to: QWindow.Visibility) -> None:
        self._visible[window] = to not in UNSEEN
        before, self.now = self.now, any(self._visible.values())
        if self.now != before:
            self.changed.emit(self.now)

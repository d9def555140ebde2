"""Errors that belong to no field: told in a box of their own, one at a time."""

from __future__ import annotations

import sys
import traceback
from functools import partial
from types import TracebackType

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QMessageBox, QWidget


class Alarm(QObject):
    """Tells errors over a window; while one is on the screen, further ones are only printed."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._box: QMessageBox | None = None

    def tell(self, text: str) -> None:
        """Show `text` in a box, or print it where one is open."""
        if not self._show(text):
            print(f"gradsim: {text}", file=sys.stderr)

    def _show(self, text: str) -> bool:
        if self._box is not None:
            return False
        box = self._box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle("gradsim")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(text)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.finished.connect(self._on_closed)
        box.open()
        return True

    def _on_closed(self) -> None:
        self._box = None

    def show_exceptions(self) -> None:
        """Show unexpected errors in the window instead of losing them in a terminal nobody sees."""

        def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
            traceback.print_exception(kind, error, trace)
            if not issubclass(kind, KeyboardInterrupt):
                QTimer.singleShot(0, self, partial(self._show, f"{kind.__name__}: {error}"))

        sys.excepthook = hook

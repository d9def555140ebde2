"""Errors that belong to no field: told in a box of their own, one at a time."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from functools import partial
from types import TracebackType

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from gradsim.runtime import log
from gradsim.schema.errors import told
from gradsim.ui.later import later


class Alarm(QObject):
    """Tells errors over a window; while one is on the screen, further ones are only printed."""

    def __init__(self, window: QWidget, translate: Callable[[str], str]) -> None:
        super().__init__(window)
        self._window, self._tr = window, translate
        self._box: QMessageBox | None = None

    def tell(self, text: str, trace: str = "") -> None:
        """Show `text` in a box, or print it where one is open; a traceback goes to the log, which the box names."""
        text, file = told(text, self._tr), log.write(text, trace) if trace else None
        if not self._show(self._with_file(text, file)):
            print(f"gradsim: {text}", file=sys.stderr)

    def _with_file(self, text: str, file: object) -> str:
        if file is None:
            return text
        return f"{text}\n\n" + self._tr("More about it is in {file}").format(file=file)

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
        """Show unexpected errors in the window and log them, instead of losing them in a terminal nobody sees."""

        def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
            traceback.print_exception(kind, error, trace)
            if not issubclass(kind, KeyboardInterrupt):
                text = f"{kind.__name__}: {error}"
                file = log.write(text, "".join(traceback.format_exception(kind, error, trace)))
                later(self, partial(self._show, self._with_file(text, file)))

        sys.excepthook = hook

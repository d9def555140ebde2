"""The words of Qt's own dialogs and menus, in the language of a window."""

from __future__ import annotations

from PySide6.QtCore import QLibraryInfo, QTranslator
from PySide6.QtWidgets import QApplication, QWidget

MOVED = {"QAbstractFileIconProvider": "QFileDialog"}
"""Where Qt's catalogues still have words that Qt looks for elsewhere by now, such as "Folder"."""


class QtWords:
    """Puts the words of Qt's own dialogs and menus into the language of a window, as long as that lives."""

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self._installed: list[QTranslator] = []

    def speak(self, language: str) -> None:
        """Use Qt's catalogue for a language; Qt speaks English where it has none."""
        app = QApplication.instance()
        assert app is not None
        for translator in self._installed:
            app.removeTranslator(translator)
            translator.deleteLater()
        catalogue = QTranslator(self._window)
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        self._installed = []
        if catalogue.load(f"qtbase_{language}", folder):
            self._installed = [_Moved(self._window, catalogue), catalogue]
        for translator in self._installed:
            app.installTranslator(translator)


class _Moved(QTranslator):
    """Finds in a catalogue what Qt looks for in the wrong place."""

    def __init__(self, parent: QWidget, catalogue: QTranslator) -> None:
        super().__init__(parent)
        self._catalogue = catalogue

    def isEmpty(self) -> bool:
        return False

    def translate(  # type: ignore[override]  # None is how Qt is told that a word is not known
        self, context: str, source: str, disambiguation: str | None = None, n: int = -1
    ) -> str | None:
        return self._catalogue.translate(MOVED[context], source) or None if context in MOVED else None

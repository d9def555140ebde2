"""The list of what each key does."""

from __future__ import annotations

from html import escape
from itertools import zip_longest
from math import ceil

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QScrollArea, QVBoxLayout, QWidget

from gradsim.ui.keys import KEYS
from gradsim.ui.theme import Look, font
from gradsim.ui.transport import furniture_px

EVERYWHERE = (
    ("Tab", "Next control"),
    ("Enter", "Use the control in focus"),
    ("Esc", "Leave a field, a list or the full screen"),
)
"""Keys that are no actions of the window, and what they do."""
MOST = 0.8
"""How much of the screen it takes at most; of what is higher, a part is seen."""


class KeyList(QDialog):
    """Shows all keys over a window, as wide as they need."""

    def __init__(self, window: QWidget, look: Look) -> None:
        super().__init__(window)
        self.setWindowTitle(look.tr("List of keys"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        px = furniture_px(look)
        self.setStyleSheet(f"* {{ font-size: {px}px; }}")
        column = QVBoxLayout(self)
        column.setContentsMargins(px, px, px, px)
        column.setSpacing(px)
        table = table_of_keys(look)
        self.label = QLabel(table, self)
        self.label.setWordWrap(True)
        most = self.screen().availableSize() * MOST
        wide = min(wanted_px(table, px), most.width())
        self.label.ensurePolished()
        self.label.setFixedSize(wide, self.label.heightForWidth(wide))
        scroll = QScrollArea()
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setWidget(self.label)
        bar = scroll.verticalScrollBar().sizeHint().width()
        scroll.setMinimumSize(wide + bar, min(self.label.height(), most.height()))
        column.addWidget(scroll)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setText(look.tr("Close"))
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)


def table_of_keys(look: Look) -> str:
    """Return what each key does as a table of two columns, which fits on a small screen."""
    rows = [*((" / ".join(key.keys), key.label) for key in KEYS), *EVERYWHERE]
    cells = [f"<td><b>{escape(keys)}</b>&nbsp;&nbsp;</td><td>{escape(look.tr(what))}</td>" for keys, what in rows]
    half = (len(cells) + 1) // 2
    beside = zip_longest(cells[:half], cells[half:], fillvalue="")
    return f"<table>{''.join(f'<tr>{left}<td width=24></td>{right}</tr>' for left, right in beside)}</table>"


def wanted_px(table: str, px: int) -> int:
    """Return the width at which no line of a table is broken, in letters of this size."""
    page = QTextDocument()
    page.setDefaultFont(font(px))
    page.setHtml(table)
    return ceil(page.idealWidth()) + 2

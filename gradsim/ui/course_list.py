"""The course list: all lessons over the dimmed window, to be found by typing and opened."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import QEvent, QObject, QRect, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from gradsim.sim.documents.lesson import Lesson
from gradsim.ui.label import ElidedLabel, Paragraph
from gradsim.ui.theme import Look, icon, mixed
from gradsim.ui.transport import furniture_px

COLUMN_EM, MOST_COLUMNS, ROWS = 30, 4, 4
"""The least width of a column in heights of letters; how many there are at most; how many rows make another."""
MOST_LINES = 4
"""Claims are written for two lines; the window may be smaller than they are written for."""
DIM = 110
"""How dark the window gets behind it, of 255."""

_WAYS = {Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1), Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0)}


class CourseList(QWidget):
    """Lies over a window while a lesson is chosen."""

    chosen = Signal(str)
    """A lesson is to be opened, by its id."""
    closed = Signal()
    """It is to go."""

    def __init__(self, window: QWidget, lessons: Sequence[Lesson], present: str, look: Look) -> None:
        super().__init__(window)
        self._window = window
        self._look, self._present = look, present
        self._px = px = furniture_px(look)
        self.setStyleSheet(_style_sheet(look))
        self._sheet = QFrame(self)
        self._sheet.setObjectName("sheet")
        column = self._column = QVBoxLayout(self._sheet)
        column.setContentsMargins(round(1.2 * px), px, round(1.2 * px), round(0.8 * px))
        column.setSpacing(round(0.8 * px))
        self._search = QLineEdit()
        self._search.setPlaceholderText(look.tr("Type to search: saddle, ReLU, 14"))
        self._search.setAccessibleName(look.tr("Search"))
        magnifier = icon("search", look.theme.muted, px)
        self._search.addAction(magnifier, QLineEdit.ActionPosition.LeadingPosition)
        self._search.setFixedHeight(round(2.6 * px))
        self._search.textChanged.connect(self._on_typed)
        self._search.installEventFilter(self)
        column.addLayout(self._first_line(len(lessons)))
        self._room = QWidget()
        self._grid = QGridLayout(self._room)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(round(0.5 * px))
        self._none = QLabel(look.tr("No lesson has these words."))
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._room)
        column.addWidget(self._scroll, stretch=1)
        self._cards = [_Card(lesson, lesson.id == present, look) for lesson in lessons]
        for card in self._cards:
            card.clicked.connect(self.chosen)
        self._shown: list[_Card] = []
        self._columns = 1
        self._at = 0

    def _first_line(self, count: int) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(round(1.5 * self._px))
        row.addWidget(self._search, stretch=2)
        keys = ElidedLabel(self._look.tr("Arrows choose, Enter opens, Esc closes. PageDown: next lesson."))
        keys.setProperty("role", "muted")
        row.addWidget(keys, stretch=3)
        row.addWidget(QLabel(self._look.tr("{n} lessons").format(n=count)))
        return row

    def open(self, below: QRect) -> None:
        """Show it below the bar at the top of its window, with the present lesson chosen."""
        top = below.bottom() + 1
        self.setGeometry(0, top, self._window.width(), self._window.height() - top)
        self._on_typed("")
        self.show()
        self.raise_()
        self._search.setFocus(Qt.FocusReason.PopupFocusReason)
        self._fit()

    def resizeEvent(self, _: object) -> None:
        self._fit()

    def _fit(self) -> None:
        """Let the sheet be as high as its cards, and no higher than the window."""
        gap = round(0.8 * self._px)
        width = self.width() - 2 * gap
        self._sheet.setGeometry(gap, 0, width, self.height() - gap)
        self._lay_out()
        margins = self._column.contentsMargins()
        inside = width - margins.left() - margins.right() - 2
        above = margins.top() + margins.bottom() + self._search.height() + self._column.spacing() + 4
        rows = self._grid.heightForWidth(inside) if self._grid.hasHeightForWidth() else self._grid.sizeHint().height()
        self._sheet.setGeometry(gap, 0, width, min(self.height() - gap, above + rows))

    # Cards

    def _on_typed(self, text: str) -> None:
        self._shown = [card for card in self._cards if card.matches(text)]
        present = [i for i, card in enumerate(self._shown) if card.lesson.id == self._present]
        self._at = present[0] if present and not text else 0
        self._lay_out()
        self._choose(self._at)

    def _lay_out(self) -> None:
        """Put the cards that match into columns, the first of them full."""
        widest = max(1, self.width() // (COLUMN_EM * self._px))
        self._columns = max(1, min(widest, MOST_COLUMNS, ceil(len(self._cards) / ROWS)))
        for card in (*self._cards, self._none):
            self._grid.removeWidget(card)
            card.setVisible(False)
        rows = self._rows
        for i, card in enumerate(self._shown):
            self._grid.addWidget(card, i % rows, i // rows)
            card.show()
        if not self._shown:
            self._grid.addWidget(self._none, 0, 0)
            self._none.show()
        for column in range(MOST_COLUMNS):
            self._grid.setColumnStretch(column, 1 if column < self._columns else 0)
        for row in range(len(self._cards) + 1):
            self._grid.setRowStretch(row, 0)
        self._grid.setRowStretch(max(1, rows), 1)

    @property
    def _rows(self) -> int:
        return max(1, ceil(len(self._shown) / self._columns))

    def _choose(self, at: int) -> None:
        self._at = max(0, min(at, len(self._shown) - 1))
        for i, card in enumerate(self._shown):
            card.show_chosen(i == self._at)
        if self._shown:
            self._scroll.ensureWidgetVisible(self._shown[self._at])

    # Keys and mouse

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrows choose while text is typed; they move in it only where there is some."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        key = Qt.Key(event.key())
        if key in _WAYS and (not self._search.text() or key in (Qt.Key.Key_Up, Qt.Key.Key_Down)):
            across, down = _WAYS[key]
            self._choose(self._at + down + across * self._rows)
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._shown:
                self.chosen.emit(self._shown[self._at].lesson.id)
            return True
        if key in (Qt.Key.Key_Escape, Qt.Key.Key_Tab):
            self.closed.emit()
            return True
        return False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._sheet.geometry().contains(event.position().toPoint()):
            self.closed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(0, 0, 0, DIM))
        painter.end()


class _Card(QFrame):
    """One lesson: number, title, claim."""

    clicked = Signal(str)

    def __init__(self, lesson: Lesson, is_present: bool, look: Look) -> None:
        super().__init__()
        self.lesson = lesson
        px, language = furniture_px(look), look.language
        self.setObjectName("lesson")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        row = QHBoxLayout(self)
        row.setContentsMargins(round(0.6 * px), round(0.5 * px), round(0.6 * px), round(0.5 * px))
        row.setSpacing(round(0.6 * px))
        number = QLabel(str(lesson.number))
        number.setProperty("role", "number")
        number.setFixedWidth(round(1.8 * px))
        row.addWidget(number, alignment=Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(round(0.1 * px))
        head = QHBoxLayout()
        title = Paragraph(lesson.title(language), most_lines=2)
        title.setProperty("role", "name")
        head.addWidget(title, stretch=1)
        if is_present:
            here = QLabel(look.tr("you are here"))
            here.setProperty("role", "here")
            head.addWidget(here, alignment=Qt.AlignmentFlag.AlignTop)
        column.addLayout(head)
        column.addWidget(Paragraph(lesson.claim(language), most_lines=MOST_LINES))
        column.addStretch(1)
        row.addLayout(column, stretch=1)
        self.setAccessibleName(f"{lesson.number} {lesson.title(language)}")
        texts = (
            lesson.title,
            lesson.subtitle,
            lesson.question,
            lesson.claim,
            *(point.text for point in lesson.points),
        )
        # A lecturer may type in either language.
        self._words = "\n".join(text for words in texts for text in words.by_language.values()).casefold()

    def matches(self, text: str) -> bool:
        """Tell whether it has all the words of a search, or its number is searched."""
        if text.strip().isdecimal():
            return str(self.lesson.number).startswith(text.strip())
        return all(word in self._words for word in text.casefold().split())

    def show_chosen(self, chosen: bool) -> None:
        """Show whether Enter opens it."""
        if self.property("chosen") != chosen:
            self.setProperty("chosen", chosen)
            self.style().unpolish(self)
            self.style().polish(self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.rect().contains(event.position().toPoint()):
            self.clicked.emit(self.lesson.id)


def _style_sheet(look: Look) -> str:
    theme, px = look.theme, furniture_px(look)
    tinted = mixed(theme.accent, theme.card, 0.12).name()
    return f"""
    * {{ font-size: {px}px; color: {theme.ink}; }}
    #sheet {{ background: {theme.card}; border: 1px solid {theme.muted};
        border-bottom-left-radius: {round(0.8 * px)}px; border-bottom-right-radius: {round(0.8 * px)}px; }}
    QScrollArea, QScrollArea > QWidget > QWidget {{ background: {theme.card}; border: none; }}
    QLineEdit {{ border: 2px solid {theme.accent}; border-radius: {round(0.4 * px)}px; padding: 0 {px // 2}px;
        font-weight: 400; background: {theme.card}; }}
    #lesson {{ background: {theme.card}; border: 2px solid {theme.card}; border-radius: {round(0.4 * px)}px; }}
    #lesson:hover {{ border-color: {theme.line}; }}
    #lesson[chosen="true"] {{ background: {tinted}; border-color: {theme.accent}; }}
    QLabel {{ background: transparent; border: none; }}
    QLabel[role="muted"] {{ color: {theme.muted}; }}
    QLabel[role="number"] {{ font-size: {round(1.1 * px)}px; font-weight: 700; color: {theme.accent}; }}
    QLabel[role="name"] {{ font-size: {round(1.1 * px)}px; font-weight: 700; }}
    QLabel[role="here"] {{ font-weight: 700; color: {theme.accent}; }}
    """

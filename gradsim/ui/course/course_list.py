"""The course list: all lessons over the dimmed window, a column for each chapter, found by typing."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import NamedTuple

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from gradsim.schema.errors import told
from gradsim.sim.documents.document import Document
from gradsim.ui.course.card import CLAIM_EM, TITLE_EM, Card
from gradsim.ui.course.pictures import CoursePictures
from gradsim.ui.label import ElidedLabel
from gradsim.ui.plots.devices import painting_on
from gradsim.ui.theme import Look, icon, mixed
from gradsim.ui.transport import furniture_px

COLUMN_EM, MOST_COLUMNS = 24, 4
"""The least width of a column in heights of letters, and how many there are at most."""
UNSEEN = 0.16
"""How much of the ink is in the bars of lessons that have not been seen."""
DIM = 110
"""How dark the window gets behind it, of 255."""

_WAYS = {Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1), Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0)}


class Chapter(NamedTuple):
    """Lessons under one title, by id."""

    title: str
    lessons: Mapping[str, Document]


class Listed(NamedTuple):
    """What is listed: the chapters, which lessons have been seen, and what is wrong with files that are left out."""

    chapters: Sequence[Chapter]
    seen: frozenset[str] = frozenset()
    problems: Sequence[str] = ()


class CourseList(QWidget):
    """Lies over a window while a lesson is chosen.

    Parameters
    ----------
    window
        What it lies over.
    listed
        What there is to choose.
    present
        The id of the lesson that is open; "" for none.
    look
        Colours, sizes, language.
    pictures
        Where pictures are found.
    """

    chosen = Signal(str)
    """A lesson is to be opened, by its id."""
    closed = Signal()
    """It is to go."""
    start_asked = Signal()
    """The first steps are to be shown."""

    def __init__(self, window: QWidget, listed: Listed, present: str, look: Look, pictures: CoursePictures) -> None:
        super().__init__(window)
        self._window, self._look, self._pictures = window, look, pictures
        self._present = present
        self._px = px = furniture_px(look)
        self.setStyleSheet(_style_sheet(look))
        self._sheet = QFrame(self)
        self._sheet.setObjectName("sheet")
        column = self._column = QVBoxLayout(self._sheet)
        column.setContentsMargins(px, round(0.6 * px), px, round(0.4 * px))
        column.setSpacing(round(0.45 * px))
        self._parts = [_Part(chapter, listed.seen, present, look) for chapter in listed.chapters]
        self._cards = [card for part in self._parts for card in part.cards]
        self._documents = {name: each for chapter in listed.chapters for name, each in chapter.lessons.items()}
        for card in self._cards:
            card.clicked.connect(self.chosen)
        self._search = self._new_search()
        column.addLayout(self._first_line(len(listed.seen & self._documents.keys())))
        self._room = QWidget()
        self._row = QHBoxLayout(self._room)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(round(0.9 * px))
        self._none = QLabel(look.tr("No lesson has these words."))
        self._none.hide()
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._room)
        column.addWidget(self._none)
        column.addWidget(self._scroll, stretch=1)
        self._add_problems(listed.problems)
        self._columns: list[list[_Part]] = []
        self._chosen: Card | None = None
        pictures.made.connect(self.show_pictures)

    def _new_search(self) -> QLineEdit:
        look, px = self._look, self._px
        search = QLineEdit()
        search.setPlaceholderText(look.tr("Type to search: saddle, ReLU, 14"))
        search.setAccessibleName(look.tr("Search"))
        search.addAction(icon("search", look.theme.muted, px), QLineEdit.ActionPosition.LeadingPosition)
        search.setFixedHeight(round(2.4 * px))
        search.textChanged.connect(self._on_typed)
        search.installEventFilter(self)
        return search

    def _first_line(self, seen: int) -> QHBoxLayout:
        look, row = self._look, QHBoxLayout()
        row.setSpacing(round(1.2 * self._px))
        row.addWidget(self._search, stretch=2)
        self.count = QLabel(look.tr("{n} of {total} seen").format(n=seen, total=len(self._cards)))
        row.addWidget(self.count)
        row.addWidget(_Progress([card.is_seen for card in self._cards], look))
        keys = ElidedLabel(look.tr("Arrows choose, Enter opens, Esc closes. PageDown: next lesson."))
        keys.setProperty("role", "muted")
        row.addWidget(keys, stretch=3)
        self.start = QPushButton(look.tr("Start here"))
        self.start.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.start.setFixedHeight(self._search.height())
        self.start.clicked.connect(self.start_asked)
        row.addWidget(self.start)
        return row

    def _add_problems(self, problems: Sequence[str]) -> None:
        """Say what is wrong with files that are left out, each in one line."""
        self.problems = []
        for problem in problems:
            label = ElidedLabel(self._look.tr("Left out: {problem}").format(problem=told(problem, self._look.tr)))
            label.setProperty("role", "alarm")
            self.problems.append(label)
            self._column.addWidget(label)

    def open(self, below: QRect) -> Generator[None, None, None]:
        """Show it, in pieces, whole, below the bar at the top of its window, with the present lesson chosen."""
        for part in self._parts:
            self._show_pictures(part.cards)
            yield
        top = below.bottom() + 1
        self.setGeometry(0, top, self._window.width(), self._window.height() - top)
        self._lay_out()
        self.grab(QRect(0, 0, 1, 1))  # gives all texts their letters, by which _fit measures them
        yield
        self._fit()
        self._choose(next((card for card in self._cards if card.lesson.id == self._present), self._cards[0]))
        self.show()
        self.raise_()
        self._search.setFocus(Qt.FocusReason.PopupFocusReason)

    def show_pictures(self) -> None:
        """Show the pictures that there are by now."""
        self._show_pictures(self._cards)

    def _show_pictures(self, cards: Sequence[Card]) -> None:
        theme, language = self._look.theme.name, self._look.language
        for card in cards:
            if not card.picture.has_picture:
                name = card.lesson.id
                card.picture.show_file(self._pictures.place(name, self._documents[name], theme, language))

    def resizeEvent(self, _: object) -> None:
        self._fit()

    def _fit(self) -> None:
        """Let the sheet be as high as its chapters, and no higher than the window."""
        gap = round(0.7 * self._px)
        margins = self._column.contentsMargins()
        lines = [self._search.height(), *(label.sizeHint().height() for label in self.problems)]
        lines += [self._none.sizeHint().height()] if not self._none.isHidden() else []
        above = margins.top() + margins.bottom() + sum(lines) + len(lines) * self._column.spacing() + 4
        room = self.height() - gap - above - self._px // 3
        self._fit_cards(room, (self.width() - 2 * gap - 2 * self._px - 12) // max(1, len(self._columns)))
        height = above + min(room, self._rows_height()) + self._px // 3
        self._sheet.setGeometry(gap, 0, self.width() - 2 * gap, height)

    def _fit_cards(self, room: int, width: int) -> None:
        """Make all cards as high as the longest text needs, else each as its own does, else less."""
        for card in self._cards:
            card.setFixedHeight(card.least_height)
        longest = max((sum(len(part.cards) for part in column) for column in self._columns), default=0)
        spare = (room - self._rows_height()) // max(1, longest)
        own = {card: card.needed_height(width - self._row.spacing()) for card in self._cards}
        needed = max(own.values(), default=0)
        if any(0 <= spare < needed - card.least_height for card in self._cards):
            for card in self._cards:
                card.setFixedHeight(own[card])
            if self._rows_height() <= room:
                return
        for card in self._cards:
            card.setFixedHeight(min(needed, card.least_height + spare) if spare >= 0 else needed)

    def _rows_height(self) -> int:
        """Return the height of the highest column."""
        return max((sum(part.height_of_all() for part in column) for column in self._columns), default=0)

    # Cards

    def _lay_out(self) -> None:
        """Give each chapter a column; what are more chapters than columns stand below the shortest."""
        count = max(1, min(MOST_COLUMNS, self.width() // (COLUMN_EM * self._px)))
        self._columns = [[] for _ in range(count)]
        for part in self._parts:
            shortest = min(self._columns, key=lambda column: sum(len(other.cards) + 0.5 for other in column))
            shortest.append(part)
        for column in self._columns:
            box = QVBoxLayout()
            box.setSpacing(0)
            for part in column:
                box.addWidget(part)
            box.addStretch(1)
            self._row.addLayout(box, stretch=1)

    def _on_typed(self, text: str) -> None:
        found = [card for card in self._cards if card.matches(text)]
        for card in self._cards:
            card.setVisible(card in found)
        for part in self._parts:
            part.setVisible(any(card in found for card in part.cards))
        self._none.setVisible(not found)
        present = [card for card in found if card.lesson.id == self._present and not text]
        self._choose(next(iter([*present, *found]), None))

    def _choose(self, chosen: Card | None) -> None:
        self._chosen = chosen
        for card in self._cards:
            card.show_chosen(card is chosen)
        if chosen:
            self._scroll.ensureWidgetVisible(chosen)

    def _step(self, across: int, down: int) -> None:
        """Choose the next card of the column, or the one at the same height in the next column that has any."""
        columns = [
            [card for part in column for card in part.cards if not card.isHidden()] for column in self._columns
        ]
        columns = [column for column in columns if column]
        at = next((i for i, column in enumerate(columns) if self._chosen in column), None)
        if at is None or self._chosen is None:
            return
        if down:
            row = columns[at].index(self._chosen) + down
            self._choose(columns[at][max(0, min(row, len(columns[at]) - 1))])
        elif 0 <= at + across < len(columns):
            top = _top(self._chosen, self._room)
            self._choose(min(columns[at + across], key=lambda card: abs(_top(card, self._room) - top)))

    # Keys and mouse

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrows choose while text is typed; they move in it only where there is some."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        key = Qt.Key(event.key())
        if key in _WAYS and (not self._search.text() or key in (Qt.Key.Key_Up, Qt.Key.Key_Down)):
            self._step(*_WAYS[key])
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._chosen:
                self.chosen.emit(self._chosen.lesson.id)
            return True
        if key in (Qt.Key.Key_Escape, Qt.Key.Key_Tab):
            self.closed.emit()
            return True
        return False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._sheet.geometry().contains(event.position().toPoint()):
            self.closed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting_on(self) as painter:
            painter.fillRect(self.rect(), QColor(0, 0, 0, DIM))


def _top(card: Card, room: QWidget) -> int:
    return card.mapTo(room, card.rect().topLeft()).y()


class _Part(QWidget):
    """A chapter: its title, how much of it has been seen, its lessons."""

    def __init__(self, chapter: Chapter, seen: frozenset[str], present: str, look: Look) -> None:
        super().__init__()
        px = furniture_px(look)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, round(0.4 * px))
        column.setSpacing(round(0.12 * px))
        head = self._head = QWidget()
        head.setObjectName("chapter")
        row = QHBoxLayout(head)
        row.setContentsMargins(round(0.35 * px), 0, round(0.35 * px), round(0.15 * px))
        title = ElidedLabel(chapter.title)
        title.setProperty("role", "chapter")
        row.addWidget(title, stretch=1)
        done = len(seen & chapter.lessons.keys())
        count = QLabel(look.tr("{n} of {total} seen").format(n=done, total=len(chapter.lessons)))
        count.setProperty("role", "muted")
        row.addWidget(count)
        column.addWidget(head)
        lessons = [document.lesson for document in chapter.lessons.values() if document.lesson]
        self.cards = [Card(lesson, lesson.id == present, lesson.id in seen, look) for lesson in lessons]
        for card in self.cards:
            column.addWidget(card)

    def height_of_all(self) -> int:
        """Return its height with all its lessons."""
        margins = self._column.contentsMargins()
        cards = sum(card.minimumHeight() + self._column.spacing() for card in self.cards)
        return margins.top() + margins.bottom() + self._head.sizeHint().height() + cards


class _Progress(QWidget):
    """A small bar for each lesson, green if it has been seen."""

    def __init__(self, seen: Sequence[bool], look: Look) -> None:
        super().__init__()
        self._seen, self._look, self._px = seen, look, furniture_px(look)
        self._wide = max(3, round(0.42 * self._px))
        self.setFixedSize(QSize(len(seen) * self._wide, round(0.75 * self._px)))

    def paintEvent(self, _: QPaintEvent) -> None:
        with painting_on(self) as painter:
            for i, seen in enumerate(self._seen):
                theme = self._look.theme
                colour = QColor(theme.good) if seen else mixed(theme.ink, theme.card, UNSEEN)
                painter.fillRect(i * self._wide, 0, self._wide - max(1, self._wide // 4), self.height(), colour)


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
    #chapter {{ border-bottom: 2px solid {theme.ink}; }}
    #lesson {{ background: {theme.card}; border: 2px solid {theme.card}; border-radius: {round(0.4 * px)}px; }}
    #lesson:hover {{ border-color: {theme.line}; }}
    #lesson[chosen="true"] {{ background: {tinted}; border-color: {theme.accent}; }}
    QLabel {{ background: transparent; border: none; }}
    QLabel[role="muted"] {{ color: {theme.muted}; }}
    QLabel[role="alarm"] {{ color: {theme.alarm}; }}
    QLabel[role="chapter"] {{ font-size: {round(1.1 * px)}px; font-weight: 700; }}
    QLabel[role="name"] {{ font-size: {round(TITLE_EM * px)}px; font-weight: 700; }}
    QLabel[role="claim"] {{ font-size: {round(CLAIM_EM * px)}px; }}
    """

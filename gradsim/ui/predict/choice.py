"""One of several answers: hands are counted, and told once all have voted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent

from gradsim.sim.documents.document import Document
from gradsim.sim.votes.hands import MOST_HANDS, Hands
from gradsim.sim.votes.vote import Vote
from gradsim.ui.label import wrapped
from gradsim.ui.notes.room import good_colour
from gradsim.ui.plots.devices import painting_on
from gradsim.ui.predict.question import Field, Question, number_in
from gradsim.ui.theme import Look, font, mixed

_DIGITS = (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_4)
_SHIFTED: Mapping[Qt.Key, int] = {
    Qt.Key.Key_Exclam: 0,
    Qt.Key.Key_At: 1,
    Qt.Key.Key_QuoteDbl: 1,
    Qt.Key.Key_NumberSign: 2,
    Qt.Key.Key_section: 2,
    Qt.Key.Key_Dollar: 3,
}
"""What Shift makes of the keys 1 to 4, on American and German keyboards."""

_GREY = 0.5
_FIELD_EM, _MOST_ROW_EM = 3.4, 4.0
MOST_LINES, _CLOSE = 2, 0.86
"""Lines of an answer where there is room for them, and their distance in heights of lines."""


class ChoiceQuestion(Question):
    """Answers with the keys that count hands for them.

    Parameters
    ----------
    document
        Whose lesson asks.
    look
        Colours, sizes, language.
    hands
        What is counted.
    """

    own_keys: ClassVar = frozenset({*_DIGITS, *_SHIFTED, Qt.Key.Key_Backspace, Qt.Key.Key_T})

    def __init__(self, document: Document, look: Look, hands: Hands) -> None:
        super().__init__(document, look)
        self.hands = hands
        self._last: int | None = None
        """The answer that was counted last."""
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.fields = [self._field(i) for i in range(len(self.asked.choices))]
        self._show_counts()

    def _field(self, answer: int) -> Field:
        look = self.look
        field = Field(self)
        field.setAccessibleName(f"{self.asked.choices[answer].text(look.language)}: {look.tr('hands')}")
        field.setToolTip(look.tr("Hands for this answer"))
        field.setAlignment(Qt.AlignmentFlag.AlignRight)
        field.setStyleSheet(
            f"border: none; border-bottom: {max(2, round(look.metrics.hair))}px solid {look.theme.muted};"
            f" border-radius: 0; font-size: {look.metrics.body}px; background: transparent; padding: 0;"
        )
        field.editingFinished.connect(self._on_typed)
        field.returnPressed.connect(self.setFocus)
        field.left.connect(self._on_left)
        return field

    @property
    def hint(self) -> str:
        return self.look.tr("Keys 1 to {n} or a click count a hand, Backspace takes one back.").format(
            n=len(self.asked.choices)
        )

    @property
    def has_tally(self) -> bool:
        return True

    @property
    def shows_counts(self) -> bool:
        """Whether the hands of each answer are seen."""
        return self.tally_shown or self.vote is not None

    def toggle_tally(self) -> None:
        self.tally_shown = not self.tally_shown
        self._show_counts()
        self.changed.emit()

    def show_right(self, vote: Vote) -> None:
        for field in self.fields:
            field.hide()
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.update()

    # Counting

    def count(self, answer: int, back: bool = False) -> None:
        if self.vote is not None or answer >= len(self.hands.counts):
            return
        if back:
            self.hands.take_back(answer)
        else:
            self.hands.count(answer)
        self._on_counted(None if back else answer)

    def _on_counted(self, answer: int | None) -> None:
        self._last = answer
        self.refused.emit("")
        self._show_counts()
        self.changed.emit()

    def _show_counts(self) -> None:
        for field, count in zip(self.fields, self.hands.counts, strict=True):
            if not field.hasFocus():
                field.setText(f"{count}" if self.shows_counts else "")
        self.update()

    def _on_left(self) -> None:
        self.setFocus()
        self._show_counts()

    def _on_typed(self) -> None:
        """Take the number of hands that was typed for an answer."""
        field = self.sender()
        assert isinstance(field, Field)
        text, answer = field.text().strip(), self.fields.index(field)
        if not text or not field.isModified():
            return
        field.setModified(False)
        hands = number_in(text)
        if hands is None or hands != int(hands) or not 0 <= hands <= MOST_HANDS:
            problem = self.look.tr("“{text}” is no number of hands: 0 to {most}.")
            field.clear()
            self.refused.emit(problem.format(text=text, most=f"{MOST_HANDS:,}"))
            return
        self.hands.set_count(answer, int(hands))
        field.clearFocus()
        self._on_counted(answer)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _DIGITS:
            self.count(_DIGITS.index(key), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif key in _SHIFTED:
            self.count(_SHIFTED[key], back=True)
        elif key == Qt.Key.Key_Backspace and self.vote is None:
            self.hands.take_back()
            self._on_counted(None)
        elif key == Qt.Key.Key_T and self.vote is None:
            self.toggle_tally()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        hit = [i for i in range(len(self.fields)) if self.row(i).contains(at)]
        self.setFocus()
        if hit and event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            self.count(hit[0], back=event.button() == Qt.MouseButton.RightButton)

    # Its picture

    def row(self, answer: int) -> QRectF:
        """Return where an answer is."""
        em, head = self.look.metrics.body, self._head
        room = max(1.0, self.height() - head)
        height = min(room / len(self.fields), _MOST_ROW_EM * em)
        return QRectF(0.0, head + answer * height, self.width(), height)

    @property
    def _head(self) -> float:
        return 1.7 * self.look.metrics.body

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        em = self.look.metrics.body
        for i, field in enumerate(self.fields):
            wide, high = round(_FIELD_EM * em), round(1.4 * em)
            row = self.row(i)
            middle = row.top() + self._text_px / 2
            field.setGeometry(self.width() - wide, round(middle - high / 2), wide, high)

    @property
    def _text_px(self) -> float:
        """The height of the row of an answer above its bar."""
        return min(2.7 * self.look.metrics.body, 0.72 * self.row(0).height())

    def paintEvent(self, _: QPaintEvent) -> None:
        with painting_on(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            theme, em = self.look.theme, self.look.metrics.body
            painter.setFont(font(em))
            painter.setPen(QColor(theme.muted))
            votes = self.look.tr("The room, {n} votes").format(n=f"{self.hands.total:,}")
            painter.drawText(QPointF(0, painter.fontMetrics().ascent()), votes)
            for answer in range(len(self.fields)):
                self._paint_row(painter, answer)

    def _is_right(self, answer: int) -> bool:
        return self.vote is not None and self.vote.right.choice == answer

    def _paint_row(self, painter: QPainter, answer: int) -> None:
        theme, em, row = self.look.theme, self.look.metrics.body, self.row(answer)
        is_right = self._is_right(answer)
        ink = QColor(good_colour(self.look) if is_right else theme.ink)
        middle = row.top() + self._text_px / 2
        side = min(1.5 * em, self._text_px - 3.0)
        self._paint_key(painter, answer, QRectF(1.5, middle - side / 2, 1.5 * em, side))
        painter.setFont(font(em, QFont.Weight.Bold if is_right else QFont.Weight.Normal))
        painter.setPen(ink)
        metrics = painter.fontMetrics()
        most = MOST_LINES if self._text_px >= MOST_LINES * _CLOSE * metrics.height() else 1
        left, right = 2.2 * em, self.width() - (_FIELD_EM + 2.0) * em
        lines = wrapped(
            self.asked.choices[answer].text(self.look.language), painter.font(), round(right - left), most
        )
        high = metrics.height() * (_CLOSE if len(lines) > 1 else 1.0)
        top = middle - high * len(lines) / 2
        for i, line in enumerate(lines):
            painter.drawText(QPointF(left, top + i * high + (high - metrics.height()) / 2 + metrics.ascent()), line)
        if is_right:
            widest = max(metrics.horizontalAdvance(line) for line in lines)
            self._paint_tick(painter, QPointF(left + widest + 0.9 * em, middle))
        if self.vote is not None:
            count = f"{self.hands.counts[answer]:,}"
            painter.drawText(
                QPointF(
                    self.width() - metrics.horizontalAdvance(count), middle - metrics.height() / 2 + metrics.ascent()
                ),
                count,
            )
        if self.shows_counts:
            self._paint_bar(painter, answer)

    def _paint_key(self, painter: QPainter, answer: int, cap: QRectF) -> None:
        theme, em = self.look.theme, self.look.metrics.body
        pressed = self._last == answer and self.vote is None
        painter.setPen(QPen(QColor(theme.accent if pressed else theme.ink), max(1.5, em / 18)))
        painter.setBrush(mixed(theme.accent, theme.card, 0.15) if pressed else QColor(theme.card))
        painter.drawRoundedRect(cap, em / 5, em / 5)
        painter.setPen(QColor(theme.ink))
        painter.setFont(font(em, QFont.Weight.Bold))
        painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, f"{answer + 1}")

    def _paint_tick(self, painter: QPainter, middle: QPointF) -> None:
        em = self.look.metrics.body
        pen = QPen(QColor(self.look.theme.good), em / 6)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.save()
        painter.setPen(pen)
        ends = ((-0.40, 0.02), (-0.10, 0.32), (0.42, -0.34))
        painter.drawPolyline([middle + QPointF(x * em, y * em) for x, y in ends])
        painter.restore()

    def _paint_bar(self, painter: QPainter, answer: int) -> None:
        theme, em, row = self.look.theme, self.look.metrics.body, self.row(answer)
        most = max(1, *self.hands.counts)
        colour = QColor(theme.good) if self._is_right(answer) else mixed(theme.ink, theme.card, _GREY)
        high = min(0.55 * em, row.height() - self._text_px - 4.0)
        bar = QRectF(0.0, row.top() + self._text_px + 1.0, self.width() * self.hands.counts[answer] / most, high)
        painter.fillRect(bar, colour)

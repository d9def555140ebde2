"""One lesson in the course list: its picture, number, title and claim, and whether it has been seen."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from gradsim.sim.documents.lesson import Lesson
from gradsim.ui.label import Paragraph, tip
from gradsim.ui.notes.points import draw_tick
from gradsim.ui.plots.devices import painting_on
from gradsim.ui.theme import Look, font
from gradsim.ui.transport import furniture_px

WIDE_EM, HIGH_EM = 172 / 18, 112 / 18
"""Size of a picture in heights of letters."""
PROJECTOR_SHARE = 0.72
"""In the projector theme letters are larger, and pictures are not."""
TITLE_LINES, CLAIM_LINES = 2, 4
"""How many lines there are at most; all of them are beside the picture."""
TITLE_EM, CLAIM_EM = 1.05, 0.92


class Card(QFrame):
    """One lesson; it is opened by a click.

    Parameters
    ----------
    lesson
        Which.
    is_present
        Whether it is the one that is open.
    is_seen
        Whether it has been seen.
    look
        Colours, sizes, language.
    """

    clicked = Signal(str)

    def __init__(self, lesson: Lesson, is_present: bool, is_seen: bool, look: Look) -> None:
        super().__init__()
        self.lesson, self.is_seen = lesson, is_seen
        px, language = furniture_px(look), look.language
        self.setObjectName("lesson")
        self.setProperty("chosen", False)  # else all cards would be polished anew once one of them is chosen
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        edge = round(0.35 * px)
        row.setContentsMargins(edge, edge, edge, 0)
        row.setSpacing(round(0.65 * px))
        self.picture = LessonPicture(look, is_seen, look.tr("you are here") if is_present else "")
        row.addWidget(self.picture, alignment=Qt.AlignmentFlag.AlignTop)
        self._beside = self.picture.width() + row.spacing() + 2 * edge + 4
        """What is not the texts' of the width: the picture, and 2 pixels of a frame at each side."""
        column = QVBoxLayout()
        column.setSpacing(0)
        column.setContentsMargins(0, 0, 0, 0)
        self._above = edge + 4
        """What is not the texts' of the height: a margin above them, and the frame."""
        title, claim = lesson.title(language), lesson.claim(language)
        self.title = Paragraph(f"{lesson.number}  {title}", most_lines=TITLE_LINES)
        self.title.setProperty("role", "name")
        self.claim = Paragraph(claim, most_lines=CLAIM_LINES)
        self.claim.setProperty("role", "claim")
        for label in (self.title, self.claim):
            # The card gives them their heights: a layout would ask for those at many widths.
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            column.addWidget(label)
        column.addStretch(1)
        row.addLayout(column, stretch=1)
        self.least_height = self.picture.height() + 2 * edge + 4
        """How high it is where there is room for no more."""
        self.setFixedHeight(self.least_height)
        self.setToolTip(
            tip("\n".join(filter(None, (f"{lesson.number} · {title}", lesson.question(language), claim))))
        )
        self.setAccessibleName(", ".join([f"{lesson.number} {title}", *([look.tr("seen")] if is_seen else [])]))
        texts = (
            lesson.title,
            lesson.subtitle,
            lesson.question,
            lesson.claim,
            *(point.text for point in lesson.points),
        )
        # A lecturer may type in either language.
        self._words = "\n".join(text for words in texts for text in words.by_language.values()).casefold()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the claim the lines that the title leaves."""
        super().resizeEvent(event)
        inside = max(1, self.width() - self._beside)
        self.title.setFixedHeight(self.title.heightForWidth(inside))
        room = self.height() - self._above - self.title.height()
        self.claim.limit(max(1, min(CLAIM_LINES, room // self.claim.fontMetrics().height())))
        self.claim.setFixedHeight(self.claim.heightForWidth(inside))

    def needed_height(self, width: int) -> int:
        """Return how high it is with all lines of its texts, at a width."""
        for label in (self.title, self.claim):
            label.ensurePolished()
        self.claim.limit(CLAIM_LINES)
        inside = max(1, width - self._beside)
        texts = self.title.heightForWidth(inside) + self.claim.heightForWidth(inside) + self._above
        return max(self.least_height, texts)

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


class LessonPicture(QWidget):
    """The picture of a lesson, with a tick if it has been seen; an empty frame until there is one.

    Parameters
    ----------
    look
        Colours and sizes.
    is_seen
        Whether there is a tick.
    here
        What is written over it of the lesson that is open, else "".
    """

    def __init__(self, look: Look, is_seen: bool, here: str) -> None:
        super().__init__()
        self._look, self._is_seen, self._here = look, is_seen, here
        em = furniture_px(look) * (PROJECTOR_SHARE if look.theme.name == "projector" else 1)
        self.setFixedSize(round(WIDE_EM * em), round(HIGH_EM * em))
        self._pixmap = QPixmap()

    @property
    def has_picture(self) -> bool:
        """Whether there is a picture in it."""
        return not self._pixmap.isNull()

    def show_file(self, path: Path) -> None:
        """Show the picture in a file, once there is one."""
        if not self.has_picture and path.exists():
            self._pixmap = QPixmap(str(path))
            self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        theme, px = self._look.theme, furniture_px(self._look)
        with painting_on(self) as painter:
            hints = QPainter.RenderHint
            painter.setRenderHints(hints.Antialiasing | hints.SmoothPixmapTransform)
            frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            path = QPainterPath()
            path.addRoundedRect(frame, px / 3, px / 3)
            painter.setClipPath(path)
            painter.fillRect(self.rect(), QColor(theme.ground))
            if self.has_picture:
                painter.drawPixmap(self.rect(), self._pixmap)
            if self._here:
                self._draw_here(painter, px)
            painter.setClipping(False)
            painter.setPen(QPen(QColor(theme.accent if self._here else theme.line), 2 if self._here else 1))
            painter.drawPath(path)
            if self._is_seen:
                self._draw_seen(painter, px)

    def _draw_here(self, painter: QPainter, px: int) -> None:
        theme = self._look.theme
        painter.setFont(font(round(0.85 * px), painter.font().weight().Bold))
        band = QRectF(0, self.height() - 1.4 * px, self.width(), 1.4 * px)
        painter.fillRect(band, QColor(theme.accent))
        painter.setPen(QColor(theme.on_accent))
        painter.drawText(band, Qt.AlignmentFlag.AlignCenter, self._here)

    def _draw_seen(self, painter: QPainter, px: int) -> None:
        theme, radius = self._look.theme, 0.62 * px
        middle = QPointF(self.width() - radius - 0.25 * px, radius + 0.25 * px)
        painter.setPen(QPen(QColor(theme.card), 2))
        painter.setBrush(QColor(theme.good))
        painter.drawEllipse(middle, radius, radius)
        draw_tick(painter, middle, px, theme.card)

"""What to watch: points with lamps that turn green while they are true of the run."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gradsim.sim.documents.points import Standing
from gradsim.ui.notes.room import good_colour, small_px
from gradsim.ui.notes.words import SpansLabel, keep_room
from gradsim.ui.plots.devices import painting_on
from gradsim.ui.theme import Look, mixed
from gradsim.ui.views.catalogue import VIEWS

TINT = 0.10
"""How much of the green is in the ground of what is true."""


class Lamp(QWidget):
    """A full disc with a tick while something is true, a ring while it is not, a dot for what nothing measures."""

    def __init__(self, look: Look, px: int) -> None:
        super().__init__()
        self._look, self._px = look, px
        self.true: bool | None = None
        self.setFixedSize(round(1.2 * px), round(1.3 * px))

    def show_standing(self, true: bool | None) -> None:
        """Show whether it is true."""
        if true is not self.true:
            self.true = true
            self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        with painting_on(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            theme, em = self._look.theme, self._px
            middle, radius, thick = QPointF(self.width() / 2, self.height() / 2), 0.5 * em, max(1.5, em / 10)
            if self.true is None:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(theme.muted))
                painter.drawEllipse(middle, 0.18 * em, 0.18 * em)
            elif self.true:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(theme.good))
                painter.drawEllipse(middle, radius, radius)
                draw_tick(painter, middle, em, theme.card)
            else:
                painter.setPen(QPen(QColor(theme.muted), thick))
                painter.drawEllipse(middle, radius - thick / 2, radius - thick / 2)


def draw_tick(painter: QPainter, middle: QPointF, em: float, colour: str) -> None:
    """Draw a tick around a point, for a disc of a height of letters."""
    pen = QPen(QColor(colour), em / 7)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    ends = ((-0.22, 0.02), (-0.06, 0.18), (0.24, -0.16))
    painter.drawPolyline([middle + QPointF(x * em, y * em) for x, y in ends])


class PointRow(QWidget):
    """One point: its lamp, its words, and below them the figure it is measured by."""

    def __init__(self, text: str, look: Look) -> None:
        super().__init__()
        self._look = look
        em = look.metrics.body
        row = QHBoxLayout(self)
        row.setContentsMargins(em // 2, em // 3, em // 2, em // 3)
        row.setSpacing(em // 2)
        self._lamp = Lamp(look, look.metrics.body)
        row.addWidget(self._lamp, alignment=Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(em // 9)
        self._text = SpansLabel(look, em)
        self._text.show_text(text)
        self._figure = SpansLabel(look, small_px(look), look.theme.muted)
        column.addWidget(self._text)
        column.addWidget(self._figure)
        self._figure.hide()
        row.addLayout(column, stretch=1)

    @property
    def true(self) -> bool | None:
        """Whether it is shown as true."""
        return self._lamp.true

    @property
    def shown_figure(self) -> str:
        """What is said of how true it is."""
        return self._figure.shown

    def show_standing(self, standing: Standing) -> None:
        """Show whether it is true now, with its figure."""
        theme = self._look.theme
        self._lamp.show_standing(standing.true)
        self._figure.set_colour(good_colour(self._look) if standing.true else theme.muted)
        told = _told(standing, self._look)
        self._figure.show_text(told)
        if bool(told) is self._figure.isHidden():
            self._figure.setVisible(bool(told))
        keep_room(self._figure)
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        if not self._lamp.true:
            return
        with painting_on(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            theme, radius = self._look.theme, self._look.metrics.radius / 2
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(mixed(theme.good, theme.card, TINT))
            painter.drawRoundedRect(QRectF(self.rect()), radius, radius)


def _told(standing: Standing, look: Look) -> str:
    """Return what is said of how a point stands, with its figure."""
    tr = look.tr
    if standing.view:
        return tr("computed by the view “{view}”").format(view=tr(VIEWS[standing.view].title))
    if not standing.figure:
        return ""
    false = {
        "later": tr("not yet: {figure}"),
        "elsewhere": tr("not at this step: {figure}"),
        "never": tr("not in this run: {figure}"),
    }
    texts = {True: tr("true now: {figure}"), False: false[standing.when], None: "{figure}"}
    return texts[standing.true].format(figure=standing.figure)

"""A formula in a window: drawn as paths, so that it is sharp at any size, and stays paths in PDF and SVG."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradsim.ui.label import wrapped
from gradsim.ui.theme import font
from gradsim.words.formulas import FormulaError, Typeset, typeset

_MOST_LINES = 6


class Formula(QWidget):
    """Shows LaTeX in a colour, as large as asked or as there is room; what does not parse is shown as it is written.

    Parameters
    ----------
    px
        The height of its type.
    colour
        Of all that has no colour of its own.
    """

    def __init__(self, px: int, colour: str) -> None:
        super().__init__()
        self._px, self._colour = px, colour
        self._latex = ""
        self._typeset: Typeset | None = None
        self._renderer = QSvgRenderer(self)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def latex(self) -> str:
        """What is shown."""
        return self._latex

    @property
    def is_typeset(self) -> bool:
        """Whether it is shown as a formula, rather than as it is written."""
        return self._typeset is not None

    def show_formula(self, latex: str) -> None:
        """Show another formula."""
        if latex == self._latex:
            return
        self._latex = latex
        self.setAccessibleName(latex)
        before = self._typeset
        try:
            self._typeset = typeset(latex, self._px, self._colour)
        except FormulaError:
            self._typeset = None
        if self._typeset:
            self._renderer.load(QByteArray(self._typeset.svg.encode()))
        if before is None or self._typeset is None or before.height != self._typeset.height:
            self.updateGeometry()
        self.update()

    @property
    def _font(self) -> QFont:
        return font(round(0.7 * self._px))

    def _scale(self, width: int) -> float:
        """Return how much smaller it is drawn, to have room."""
        return min(1.0, width / self._typeset.width) if self._typeset else 1.0

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        if self._typeset:
            return max(1, round(self._scale(width) * self._typeset.height + 0.5))
        return len(self._lines(width)) * QFontMetrics(self._font).height()

    def sizeHint(self) -> QSize:
        return QSize(1, self.heightForWidth(max(1, self.width())))

    def minimumSizeHint(self) -> QSize:
        return QSize(1, 1)

    def _lines(self, width: int) -> list[str]:
        return wrapped(self._latex, self._font, width, _MOST_LINES) if self._latex else []

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        self.draw(painter)
        painter.end()

    def draw(self, painter: QPainter) -> None:
        """Draw it with a painter whose origin is its corner."""
        if self._typeset:
            scale = self._scale(self.width())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            room = QRectF(0.0, 0.0, scale * self._typeset.width, scale * self._typeset.height)
            self._renderer.render(painter, room)
            return
        painter.setFont(self._font)
        painter.setPen(QColor(self._colour))
        metrics = painter.fontMetrics()
        for i, line in enumerate(self._lines(self.width())):
            painter.drawText(QPointF(0.0, i * metrics.height() + metrics.ascent()), line)

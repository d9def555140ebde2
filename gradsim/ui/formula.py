"""A formula in a window: drawn as paths, so that it is sharp at any size, and stays paths in PDF and SVG."""

from __future__ import annotations

from collections.abc import Generator
from math import ceil

from PySide6.QtCore import QByteArray, QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradsim.ui.label import wrapped
from gradsim.ui.pieces import Pieces
from gradsim.ui.plots.devices import painting_on
from gradsim.ui.theme import font
from gradsim.words.formula_lines import Laid, laid, typeset_apart
from gradsim.words.formulas import FormulaError

_MOST_LINES = 6


class Formula(QWidget):
    """Shows LaTeX in a colour, in as many lines as it needs, smaller where one is too long.

    What does not parse is shown as it is written.

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
        self._problem = True
        self._drawn: Laid | None = None
        self._renderers: dict[str, QSvgRenderer] = {}
        """Of the pieces drawn last, by their pictures."""
        self._pieces = Pieces(self)
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
        return not self._problem

    def show_formula(self, latex: str) -> None:
        """Show another formula."""
        self._pieces.drop()
        if latex == self._latex:
            return
        before = self.heightForWidth(self.width()) if self._latex else 0
        self._latex = latex
        self.setAccessibleName(latex)
        try:
            self._laid(self.width())
            self._problem = False
        except FormulaError:
            self._problem = True
        if before != self.heightForWidth(self.width()):
            self.updateGeometry()
        self.update()

    def show_soon(self, latex: str) -> None:
        """Show another formula once it is typeset, a part of it a turn of the event loop."""
        self._pieces.drop()
        if latex != self._latex:
            self._pieces.begin(self._prepared(latex))

    def _prepared(self, latex: str) -> Generator[None, None, None]:
        yield from typeset_apart(latex, self._px, self._colour)
        self.show_formula(latex)

    def _laid(self, width: int) -> Laid:
        return laid(self._latex, self._px, self._colour, max(1, width))

    @property
    def _font(self) -> QFont:
        return font(round(0.7 * self._px))

    def _scale(self, width: int) -> float:
        """Return how much smaller it is drawn, to have room."""
        return min(1.0, width / self._laid(width).width)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        if not self._problem:
            return max(1, ceil(self._scale(width) * self._laid(width).height))
        return len(self._lines(width)) * QFontMetrics(self._font).height()

    def sizeHint(self) -> QSize:
        return QSize(1, self.heightForWidth(max(1, self.width())))

    def minimumSizeHint(self) -> QSize:
        return QSize(1, 1)

    def _lines(self, width: int) -> list[str]:
        return wrapped(self._latex, self._font, width, _MOST_LINES) if self._latex else []

    def paintEvent(self, _: QPaintEvent) -> None:
        with painting_on(self) as painter:
            self.draw(painter)

    def draw(self, painter: QPainter) -> None:
        """Draw it with a painter whose origin is its corner."""
        if not self._problem:
            self._draw_pieces(painter)
            return
        painter.setFont(self._font)
        painter.setPen(QColor(self._colour))
        metrics = painter.fontMetrics()
        for i, line in enumerate(self._lines(self.width())):
            painter.drawText(QPointF(0.0, i * metrics.height() + metrics.ascent()), line)

    def _draw_pieces(self, painter: QPainter) -> None:
        now, scale = self._laid(self.width()), self._scale(self.width())
        if now is not self._drawn:
            self._drawn = now
            known, texts = self._renderers, {piece.picture.svg for piece in now.pieces}
            self._renderers = {svg: known.get(svg) or QSvgRenderer(QByteArray(svg.encode())) for svg in texts}
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for picture, x, y in now.pieces:
            renderer = self._renderers[picture.svg]
            renderer.render(painter, QRectF(scale * x, scale * y, scale * picture.width, scale * picture.height))

"""A curve that the room draws over the real axes, and the gap from it to the measured one."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from gradsim.engine.nn.probes import INDEX, PROBES
from gradsim.sim.documents.document import Document
from gradsim.sim.documents.measures import run_index
from gradsim.sim.votes.drawing import Drawing
from gradsim.sim.votes.vote import Vote
from gradsim.ui.keys import MOVES
from gradsim.ui.notes.words import SpansLabel
from gradsim.ui.predict.drawing_plot import DrawingPlot
from gradsim.ui.predict.question import Question
from gradsim.ui.theme import Look
from gradsim.words.sentences import NO_BREAK, Span

_APART = 4 * NO_BREAK
"""Between the parts of the key."""


class CurveQuestion(Question):
    """Axes to draw over.

    Parameters
    ----------
    document
        Whose lesson asks.
    look
        Colours, sizes, language.
    drawing
        What is drawn.
    """

    own_keys: ClassVar = MOVES | {Qt.Key.Key_Backspace, Qt.Key.Key_Delete}

    def __init__(self, document: Document, look: Look, drawing: Drawing) -> None:
        super().__init__(document, look)
        self.drawing = drawing
        self._chosen = -1
        """Which point keys move, -1 before they have moved any."""
        self._last: tuple[float, float] | None = None
        """Where the pen was, while the button is down."""
        self.plot = DrawingPlot(document, look, drawing)
        self.plot.pressed.connect(self._on_pressed)
        self.plot.dragged.connect(self._on_dragged)
        self.plot.released.connect(self._on_released)
        self.setCursor(Qt.CursorShape.CrossCursor)
        em = look.metrics.body
        self._key = SpansLabel(look, em)
        self._key.show_text(self._key_text())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(em // 4)
        row = QHBoxLayout()
        row.addWidget(self._key)
        column.addLayout(row)
        column.addWidget(self.plot, stretch=1)

    def _key_text(self) -> str:
        """Return what is drawn, where that has a name of its own, and the key of the line."""
        assert self.asked.curve is not None
        probe, key = INDEX.get(self.asked.curve.quantity), f"○ {self.look.tr('drawn by the room')}"
        return key if probe is None else f"{self.look.tr(PROBES[probe].label)}{_APART}{key}"

    @property
    def hint(self) -> str:
        return self.look.tr("Draw with the mouse, or with the arrow keys; Backspace clears it.")

    def show_right(self, vote: Vote) -> None:
        self.setCursor(Qt.CursorShape.ArrowCursor)
        assert self.asked.curve is not None
        if not vote.is_known:
            return
        run = run_index(self.document.experiment, self.asked.curve.run)
        self._key.show_spans(
            [Span(self._key_text() + _APART), Span(f"● {self.look.tr('measured')}", run)], self.plot.look
        )
        self.plot.show_right(vote.right)

    # Drawing

    def _on_pressed(self, place: QPointF) -> None:
        self.setFocus()
        if self.vote is None:
            self._last = self.plot.point_at(place)
            self._draw_to(self._last)

    def _on_dragged(self, place: QPointF) -> None:
        if self._last is not None and self.vote is None:
            self._draw_to(self.plot.point_at(place))

    def _on_released(self) -> None:
        self._last = None

    def _draw_to(self, point: tuple[float, float]) -> None:
        self.drawing.stroke(self._last or point, point)
        self._last = point
        self._chosen = self.drawing.nearest(point[0])
        self._on_changed()

    def _on_changed(self) -> None:
        self.refused.emit("")
        self.plot.show_drawing(self._chosen if self.hasFocus() else -1)
        self.changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if self.vote is not None or key not in self.own_keys:
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self.drawing.clear()
            self._chosen = -1
            self._on_changed()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._raise(1 if key == Qt.Key.Key_Up else -1)
        else:
            self._choose(key)

    def _choose(self, key: Qt.Key) -> None:
        last = len(self.drawing.x) - 1
        ways = {Qt.Key.Key_Left: self._chosen - 1, Qt.Key.Key_Right: self._chosen + 1, Qt.Key.Key_End: last}
        self._chosen = min(max(ways.get(key, 0), 0), last)
        self.plot.show_drawing(self._chosen)

    def _raise(self, by: int) -> None:
        """Move the point that is chosen up or down; one that is not drawn yet begins beside its neighbour."""
        self._chosen = max(self._chosen, 0)
        self.drawing.set_point(self._chosen, self.plot.raised(self._chosen, by))
        self._on_changed()

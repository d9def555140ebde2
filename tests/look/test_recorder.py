"""The measurement itself: it finds each fault in a scene that has it, and none in one that has not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gradsim.sim.documents.lessons import load
from gradsim.ui.app import application
from gradsim.ui.theme import Look, font
from tests.look.faults import CHECKS
from tests.look.scenes import Scene

Draw = Callable[[QPainter], None]


class _Card(QWidget):
    """Draws what it is given on white."""

    def __init__(self, draw: Draw) -> None:
        super().__init__()
        self._draw = draw
        self.resize(640, 360)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("#ffffff"))
        self._draw(painter)
        painter.end()


def scene_of(draw: Draw, theme: str = "light") -> Scene:
    application()
    return Scene(_Card(draw), load("vanishing"), Look.fit(theme, "en", QSize(640, 360)))


def text(words: str, x: float, colour: str = "#000000", size: int = 20) -> Draw:
    def draw(painter: QPainter) -> None:
        painter.setFont(font(size))
        painter.setPen(QColor(colour))
        painter.drawText(QPointF(x, 100.0), words)

    return draw


def line(colour: str, y: float = 200.0) -> Draw:
    def draw(painter: QPainter) -> None:
        painter.setPen(QPen(QColor(colour), 3.0))
        painter.drawLine(QLineF(20.0, y, 600.0, y))

    return draw


def on(colour: str, draw: Draw) -> Draw:
    def draw_on(painter: QPainter) -> None:
        painter.fillRect(QRectF(0.0, 150.0, 640.0, 100.0), QColor(colour))
        draw(painter)

    return draw_on


def dot(painter: QPainter) -> None:
    painter.setBrush(QColor("#ad3807"))
    painter.drawEllipse(QRectF(60.0, 85.0, 12.0, 12.0))


def both(one: Draw, other: Draw) -> Draw:
    def draw(painter: QPainter) -> None:
        one(painter)
        other(painter)

    return draw


GOOD = both(text("Loss", 40), both(text("Accuracy", 200), line("#055cf8")))
BAD = [
    ("faint_texts", text("Loss", 40, "#8a8a8a"), "light"),
    ("faint_texts", text("Loss", 40, "#666666"), "projector"),
    ("faint_texts", text("Loss", 40, "#a80000"), "projector"),
    ("faint_lines", on("#3a2a20", line("#ad3807")), "light"),
    ("small_texts", text("Loss", 40, size=11), "projector"),
    ("small_texts", text("10⁻⁵", 40, size=40), "projector"),
    ("cut_texts", text("Loss", 615), "light"),
    ("cut_texts", text("Los…", 40), "light"),
    ("texts_over_texts", both(text("Loss", 40), text("Accuracy", 60)), "light"),
    ("texts_over_marks", both(text("Loss", 40), line("#055cf8", 92.0)), "light"),
    ("texts_over_marks", both(dot, text("Loss", 40)), "light"),
]


@pytest.mark.parametrize("check", CHECKS)
def test_nothing_is_wrong_with_a_good_scene(check: str) -> None:
    assert list(CHECKS[check](scene_of(GOOD))) == []


@pytest.mark.parametrize(("check", "draw", "theme"), BAD)
def test_a_fault_is_found(check: str, draw: Draw, theme: str) -> None:
    assert {name for name in CHECKS if list(CHECKS[name](scene_of(draw, theme)))} == {check}

"""Markers are filled where a painter would stroke them, to the same pixels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from gradsim.ui.app import application
from gradsim.ui.plots.marks import fill_outlined
from gradsim.ui.plots.sample_marks import SHAPES
from gradsim.ui.theme import MARKERS
from tests.golden.compare import Pixels, pixels

EDGE, INSIDE = QColor("#1f4e79"), QColor("#f2c14e")
RADIUS = 6.0


def drawn(draw: Callable[[QPainter], None], ratio: float) -> Pixels:
    image = QImage(round(48 * ratio), round(48 * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor("#cfd8dc"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    draw(painter)
    painter.end()
    return pixels(image)


@pytest.mark.parametrize("ratio", [1.0, 2.0])
@pytest.mark.parametrize("width", [0.25 * RADIUS, 0.7 * RADIUS])
@pytest.mark.parametrize("shape", sorted({marker.shape for marker in MARKERS}))
def test_they_are_as_polygons_with_a_pen(shape: str, width: float, ratio: float) -> None:
    application()
    outline = QPolygonF([QPointF(*corner) for corner in RADIUS * SHAPES[shape]])
    for x, y in np.random.default_rng(0).uniform(20.0, 28.0, (40, 2)).tolist():
        at = QPointF(x, y)

        def stroke(painter: QPainter, at: QPointF = at) -> None:
            painter.setPen(QPen(EDGE, width))
            painter.setBrush(INSIDE)
            painter.drawPolygon(outline.translated(at))

        def fill(painter: QPainter, at: QPointF = at) -> None:
            fill_outlined(painter, shape, RADIUS, at, width, EDGE, INSIDE)

        np.testing.assert_array_equal(drawn(fill, ratio), drawn(stroke, ratio))

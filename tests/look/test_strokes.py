"""Lines of many segments look whole: no seam where two of them meet."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from gradsim.ui.app import application
from gradsim.ui.plots.strokes import Strokes

WIDE = 400


@pytest.mark.parametrize("width", [3.0, 6.0])
@pytest.mark.parametrize("spacing", [1.7, 4.2, 31.3])
def test_a_line_has_its_own_colour_all_along(width: float, spacing: float) -> None:
    application()
    image = QImage(WIDE, 40, QImage.Format.Format_RGB32)
    image.fill(QColor("#ffffff"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(QColor("#000000"), width, c=Qt.PenCapStyle.FlatCap)
    x = np.arange(0.3, WIDE, spacing)
    Strokes().line(painter, np.stack([x, np.full(len(x), 20.0)], axis=1), pen)
    painter.end()
    along = [image.pixelColor(i, 19).red() for i in range(2, int(x[-1]) - 1)]
    assert max(along) <= 2

"""Markers at the ends of lines: eight are told apart without colour."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter

from gradsim.ui.app import application
from gradsim.ui.plots.marks import draw_marker
from gradsim.ui.theme import CAPITALS, Look, font, load_fonts
from tests.golden.compare import pixels


def test_eight_markers_differ_in_shape_alone() -> None:
    application()
    look = Look.fit("light", "en", QSize(1920, 1080), tuple(range(8)))
    drawn = []
    for run in range(8):
        image = QImage(40, 40, QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_marker(painter, look, QColor("#000000"), QPointF(20, 20), 10.0, look.run_marker(run))
        painter.end()
        drawn.append(pixels(image)[:, :, 0] < 128)
    for i, one in enumerate(drawn):
        for other in drawn[:i]:
            assert (one != other).sum() > 0.12 * max(one.sum(), other.sum())


def test_one_or_two_runs_have_dots() -> None:
    look = Look.fit("light", "en", QSize(1920, 1080), (3, 7))
    assert {look.run_marker(run).shape for run in range(2)} == {"circle"}
    assert not look.run_marker(1).hollow


def test_capitals_are_as_high_as_sizes_take_them_to_be() -> None:
    application()
    load_fonts()
    assert QFontMetricsF(font(1000)).capHeight() / 1000.0 == pytest.approx(CAPITALS, abs=0.002)


@pytest.mark.parametrize(
    ("size", "large", "small"), [((1920, 1080), 40, 28), ((1024, 768), 28.4, 20), ((3840, 2160), 80, 56)]
)
def test_capitals_of_the_projector_theme_follow_the_height(size: tuple[int, int], large: float, small: float) -> None:
    metrics = Look.fit("projector", "en", QSize(*size)).metrics
    for type_px, capitals in ((metrics.title, large), (metrics.verdict, large), (metrics.name, large)):
        assert QFontMetricsF(font(type_px)).capHeight() >= capitals
    for type_px in (metrics.body, metrics.tick):
        assert QFontMetricsF(font(type_px)).capHeight() >= small

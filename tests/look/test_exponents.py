"""Exponents in the projector theme: as high as other digits, raised, measured as they are drawn."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QLabel, QWidget

from gradsim.ui.app import application
from gradsim.ui.exponents import RAISED_EM, draw_in, draw_text, pieces, rich_text, width_of
from gradsim.ui.theme import Look, font
from gradsim.words.numbers import figure
from tests.look.recorder import Text, recorded


def look(theme: str) -> Look:
    application()
    return Look.fit(theme, "en", QSize(1920, 1080))


def test_pieces() -> None:
    assert pieces(look("projector"), figure(1.3e-6)) == [("1.3 × 10", False), ("−6", True)]
    assert pieces(look("projector"), "x² + y²") == [("x", False), ("2", True), (" + y", False), ("2", True)]
    assert pieces(look("projector"), "plain") == [("plain", False)]
    assert pieces(look("light"), "10⁻⁶") == [("10⁻⁶", False)]


class _Written(QWidget):
    def __init__(self, words: str, flags: Qt.AlignmentFlag | None) -> None:
        super().__init__()
        self._words, self._flags = words, flags
        self.resize(400, 120)

    def paintEvent(self, event: object) -> None:
        painter = QPainter(self)
        painter.setFont(font(40))
        if self._flags is None:
            draw_text(painter, look("projector"), QPointF(10.0, 80.0), self._words)
        else:
            draw_in(painter, look("projector"), QRectF(10.0, 20.0, 300.0, 80.0), self._flags, self._words)
        painter.end()


def written(words: str, flags: Qt.AlignmentFlag | None = None) -> list[Text]:
    application()
    return recorded(_Written(words, flags)).texts


def test_an_exponent_is_raised_at_full_size_and_follows_its_base() -> None:
    base, exponent = written("10⁻⁵")
    assert (base.text, exponent.text) == ("10", "−5")
    assert exponent.capitals == base.capitals
    assert base.base.y() - exponent.base.y() == pytest.approx(RAISED_EM * 40)
    metrics = QFontMetrics(font(40))
    assert exponent.base.x() - base.base.x() == pytest.approx(metrics.horizontalAdvance("10"), abs=1.0)
    assert width_of(look("projector"), font(40), "10⁻⁵") == sum(map(metrics.horizontalAdvance, ("10", "−5")))


@pytest.mark.parametrize(
    ("flags", "left"),
    [(Qt.AlignmentFlag.AlignLeft, 0.0), (Qt.AlignmentFlag.AlignHCenter, 0.5), (Qt.AlignmentFlag.AlignRight, 1.0)],
)
def test_it_stands_in_a_rectangle_as_other_text_does(flags: Qt.AlignmentFlag, left: float) -> None:
    base, _ = written("10⁻⁵", flags | Qt.AlignmentFlag.AlignVCenter)
    spare = 300.0 - width_of(look("projector"), font(40), "10⁻⁵")
    assert base.base.x() == pytest.approx(10.0 + left * spare, abs=1.0)
    assert 10.0 <= base.box.top() - 20.0 <= 40.0


def test_rich_text_has_it_at_full_size_too() -> None:
    label = QLabel(rich_text(look("projector"), "10⁻⁵ < x", 40))
    label.setFont(font(40))
    label.adjustSize()
    base, exponent, rest = recorded(label).texts
    assert (base.text, exponent.text, rest.text) == ("10", "−5", " < x")
    assert exponent.capitals == pytest.approx(base.capitals, abs=1.0)
    assert 0.2 * 40 < base.base.y() - exponent.base.y() < 0.7 * 40

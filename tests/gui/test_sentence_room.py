"""A sentence over a picture: whether it has room, and how long it stays while steps follow one another."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, QSize, Qt

from gradsim.ui.app import application
from gradsim.ui.theme import Look
from gradsim.ui.turns import STAYS_S
from gradsim.ui.views.common.sentence import Sentence
from gradsim.words.sentences import Span

TEXT = "sigmoid keeps 0.0023 of its gradient from layer to layer and tanh ×10⁻⁵; the rest goes nowhere"
WORDS = TEXT.split()
CHINESE = "各层把梯度乘以零点二五，十层之后几乎什么都不剩；"


@pytest.mark.parametrize("theme", ["light", "projector"])
def test_a_sentence_has_room_where_its_lines_have(theme: str) -> None:
    application()
    sentence = Sentence(Look.fit(theme, "en", QSize(1600, 1000)))
    told = []
    for width in range(300, 1900, 170):
        sentence.resize(width, 100)
        for count in range(1, 70, 2):
            for text in (" ".join((WORDS * 5)[:count]), (CHINESE * 9)[: 3 * count]):
                metrics = sentence._label.fontMetrics()
                lines = metrics.boundingRect(QRect(0, 0, round(0.97 * width), 10_000), Qt.TextFlag.TextWordWrap, text)
                told.append(sentence._has_room(text))
                assert told[-1] == (lines.height() <= 2.5 * metrics.lineSpacing()), (width, text)
    assert any(told)
    assert not all(told)


def test_in_motion_a_sentence_stays_until_it_can_have_been_read(monkeypatch: pytest.MonkeyPatch) -> None:
    application()
    sentence, now = Sentence(Look.fit("light", "en", QSize(1600, 1000))), [5.0]
    monkeypatch.setattr("gradsim.ui.views.common.sentence.time.perf_counter", lambda: now[0])
    sentence.resize(900, 60)

    def told(text: str, in_motion: bool) -> str:
        sentence.tell(lambda brevity: [Span(text)], 1, in_motion)
        return sentence.told

    assert told("first", in_motion=True) == "first"
    assert told("second", in_motion=True) == "first"
    assert told("at rest", in_motion=False) == "at rest"
    now[0] += 1.1 * STAYS_S
    assert told("third", in_motion=True) == "third"

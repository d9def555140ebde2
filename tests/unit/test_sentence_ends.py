"""How sentences with figures begin and end."""

from __future__ import annotations

import pytest

from gradsim.words.sentences import Wording, plain_text


@pytest.mark.parametrize(
    ("language", "figure", "told"),
    [("en", "12", "At step 12."), ("en", "…", "At step …"), ("zh_CN", "…", "At step …。")],
)
def test_a_figure_that_is_to_come_ends_the_sentence_with_three_dots(language: str, figure: str, told: str) -> None:
    wording = Wording(language)
    for filling in (figure, wording.fill("[{figure}]", run=1, figure=figure)):
        assert plain_text(wording.sentence(wording.fill("at step {at}", at=filling), ())) == told

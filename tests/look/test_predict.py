"""The sheet on which a class predicts: every text is legible and has room, in all themes and sizes."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from gradsim.sim.documents import results
from gradsim.sim.documents.document import Document
from gradsim.sim.documents.predict import reveal_step
from gradsim.sim.run.tape import Past
from gradsim.sim.votes.drawing import Drawing
from gradsim.sim.votes.guess import Guess
from gradsim.sim.votes.hands import Hands
from gradsim.sim.votes.numbers import Guesses
from gradsim.sim.votes.vote import empty_guess, revealed
from gradsim.ui.app import application
from gradsim.ui.export import settle
from gradsim.ui.predict.hour import HourList
from gradsim.ui.predict.sheet import Sheet
from gradsim.ui.theme import Look
from gradsim.ui.themes import THEMES
from tests.covering import covering
from tests.golden.compare import packed
from tests.gui.asking import ALL
from tests.look.faults import CHECKS, LARGE, SMALL
from tests.look.scenes import SIZES, Scene, lowest_capitals

CHECKED = ("faint_texts", "cut_texts", "texts_over_texts", "texts_over_marks", "faint_lines")
ABOVE = 0.13
"""How much of the window the bars above the sheet take."""


@cache
def _run(name: str) -> tuple[Document, Past]:
    document = ALL[name]()
    return document, results.run(document)[1].until(reveal_step(document))


@cache
def _guess(name: str) -> Guess:
    guess = empty_guess(_run(name)[0])
    _FILL[name](guess)
    return guess


def _fill_hands(guess: Guess) -> None:
    assert isinstance(guess, Hands)
    for answer, count in enumerate((9, 6, 26)):
        guess.set_count(answer, count)


def _fill_guesses(guess: Guess) -> None:
    assert isinstance(guess, Guesses)
    for value in (20, 30, 31, 33, 100, 150, 30):
        guess.add(value)


def _fill_layers(guess: Guess) -> None:
    assert isinstance(guess, Drawing)
    guess.stroke((1.0, 1e-3), (4.0, 1e-1))


def _fill_steps(guess: Guess) -> None:
    assert isinstance(guess, Drawing)
    guess.stroke((0.0, 1.0), (40.0, 2.0))


_FILL = {"choice": _fill_hands, "number": _fill_guesses, "layers": _fill_layers, "steps": _fill_steps}


@pytest.mark.parametrize(("theme", "language", "size"), covering(THEMES, ["en", "zh_CN"], SIZES))
@pytest.mark.parametrize("name", ALL)
def test_all_texts_of_the_sheet_can_be_read_from_the_back_row(
    shown: list[QWidget], name: str, theme: str, size: tuple[int, int], language: str
) -> None:
    document, past = _run(name)
    look = Look.fit(theme, language, QSize(*size))
    sheet = Sheet(None, QSize(*size), document, look, _guess(name))
    shown.append(sheet)
    sheet.resize(size[0], round((1.0 - ABOVE) * size[1]))
    sheet.show()
    settle(application())
    scene = Scene(sheet, document, sheet.look)
    assert _faults(scene) == {}
    assert lowest_capitals(scene) >= size[1] * SMALL - 0.5
    sheet.show_vote(revealed(document, past, _guess(name)))
    settle(application())
    scene = Scene(sheet, document, sheet.look)
    assert _faults(scene) == {}
    assert lowest_capitals(scene) >= size[1] * SMALL - 0.5
    verdict = [
        text.capitals for text in scene.drawn.texts if sheet._verdict.geometry().contains(text.box.center().toPoint())
    ]
    assert verdict
    assert min(verdict) >= size[1] * LARGE - 0.5


def _faults(scene: Scene) -> dict[str, list[str]]:
    found = {name: sorted(set(CHECKS[name](scene))) for name in CHECKED}
    return {name: faults for name, faults in found.items() if faults}


@pytest.mark.parametrize("theme", THEMES)
def test_the_gap_is_seen_on_its_ground(shown: list[QWidget], theme: str) -> None:
    """Between the two curves there are pixels of a colour that the sheet does not have before the reveal."""
    document, past = _run("steps")
    sheet = Sheet(None, QSize(1920, 1080), document, Look.fit(theme, "en", QSize(1920, 1080)), _guess("steps"))
    shown.append(sheet)
    sheet.resize(1920, 940)
    sheet.show()
    settle(application())
    before = packed(Scene(sheet, document, sheet.look).pixels)
    sheet.show_vote(revealed(document, past, _guess("steps")))
    settle(application())
    after = packed(Scene(sheet, document, sheet.look).pixels)
    colours, counts = np.unique(after, return_counts=True)
    assert counts[~np.isin(colours, before)].max(initial=0) > 0.01 * after.size


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("theme", THEMES)
def test_the_list_of_the_hour_can_be_read(shown: list[QWidget], theme: str, language: str) -> None:
    window = QWidget()
    shown.append(window)
    window.resize(1920, 2400)
    votes = [revealed(*_run(name), _guess(name)) for name in ALL]
    listed = HourList(window, votes, Look.fit(theme, language, QSize(1920, 1080)), lambda: None)
    listed.show()
    settle(application())
    scene = Scene(listed, _run("choice")[0], listed.look)
    assert _faults(scene) == {}
    assert len(scene.drawn.texts) >= 16

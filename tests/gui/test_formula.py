"""Formulas as widgets: drawn sharp, as paths in vector pictures, as text where they do not parse."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QBuffer, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from pytestqt.qtbot import QtBot

from gradsim.ui.app import application
from gradsim.ui.formula import Formula
from gradsim.words import formula_lines
from gradsim.words.formulas import Typeset, typeset
from tests.golden.compare import pixels

FRACTION = r"\frac{\partial L}{\partial w} = \sum_i \textcolor{#ad3807}{\delta_i} a_i"


@pytest.fixture
def formula(qtbot: QtBot) -> Formula:
    application()
    made = Formula(24, "#12151c")
    qtbot.addWidget(made)
    made.show_formula(FRACTION)
    made.resize(400, made.heightForWidth(400))
    return made


def _drawn(formula: Formula, ratio: float = 1.0) -> QImage:
    image = QImage(formula.size() * ratio, QImage.Format.Format_RGB32)
    image.fill(0xFFFFFFFF)
    image.setDevicePixelRatio(ratio)
    painter = QPainter(image)
    formula.draw(painter)
    painter.end()
    return image


def test_it_has_its_own_size_and_colours(formula: Formula) -> None:
    assert formula.is_typeset
    whole = typeset(FRACTION, 24, "#12151c")
    assert formula.height() == pytest.approx(whole.height, abs=1.5)
    assert _inked_columns(formula)[-1] == pytest.approx(whole.width, abs=6.0)
    seen = pixels(_drawn(formula, 4.0)).reshape(-1, 3).astype(int)
    for colour in ((0x12, 0x15, 0x1C), (0xAD, 0x38, 0x07)):
        assert (abs(seen - colour).max(axis=1) < 3).any()


def test_it_takes_more_lines_where_there_is_no_room(formula: Formula) -> None:
    assert formula.heightForWidth(100) > 1.3 * formula.heightForWidth(400)
    formula.resize(100, formula.heightForWidth(100))
    assert _inked_columns(formula)[-1] < 100


def test_it_is_smaller_where_it_cannot_be_broken(formula: Formula) -> None:
    formula.show_formula(r"\frac{a + b + c + d + e + f}{x}")
    assert formula.heightForWidth(90) < formula.heightForWidth(400)
    formula.resize(90, formula.heightForWidth(90))
    assert 60 < _inked_columns(formula)[-1] < 90


def _inked_columns(formula: Formula) -> list[int]:
    return np.flatnonzero((pixels(_drawn(formula)) < 200).any(axis=(0, 2))).tolist()


def test_it_is_sharp_at_every_pixel_ratio(formula: Formula) -> None:
    """A picture that was blown up would have no more hard edges than one of ratio 1."""

    def inked(image: QImage) -> float:
        seen = pixels(image).astype(int).sum(axis=2)
        return float((seen < 100).sum() / (seen < 600).sum())

    assert inked(_drawn(formula, 4.0)) > 1.5 * inked(_drawn(formula))


def test_a_vector_picture_gets_paths(formula: Formula) -> None:
    buffer = QBuffer()
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(QSize(400, 100))
    painter = QPainter(generator)
    formula.draw(painter)
    painter.end()
    text = bytes(buffer.data().data()).decode()
    assert text.count("<path") >= 10
    assert "<image" not in text


@pytest.mark.parametrize("latex", ["x_{", r"\frac{1}", r"\nosuch", "", "梯度"])
def test_what_does_not_parse_is_shown_as_it_is_written(formula: Formula, latex: str) -> None:
    formula.show_formula(latex)
    assert not formula.is_typeset
    formula.resize(400, max(1, formula.heightForWidth(400)))
    assert bool((pixels(_drawn(formula)) < 200).any()) is bool(latex)
    formula.show_formula(FRACTION)
    assert formula.is_typeset


def test_only_what_has_changed_is_typeset(formula: Formula, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counted(latex: str, px: float, colour: str) -> object:
        asked.append(latex)
        return typeset(latex, px, colour)

    monkeypatch.setattr("gradsim.words.formula_lines.typeset", counted)
    for latex in ("a = 1", "a = 1", "a = 2", "a = 2"):
        formula.show_formula(latex)
        formula.heightForWidth(formula.width())
    assert asked == ["a", "{} = {}", "1", "a", "{} = {}", "2"]
    known = typeset.cache_info().misses
    formula.show_formula("a = 2 = 1.234567 = 1")
    assert typeset.cache_info().misses == known + 1


def test_in_motion_one_part_is_typeset_a_turn(
    formula: Formula, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, typeset_now = formula.latex, list[str]()

    def noted(latex: str, px: float, colour: str) -> Typeset:
        typeset_now.append(latex)
        return typeset(latex, px, colour)

    monkeypatch.setattr(formula_lines, "typeset", noted)
    formula.show_soon("x = 1.25 = 2.5")
    assert (formula.latex, typeset_now) == (before, [])
    work = formula._pieces._work
    assert work is not None
    next(work)
    assert (formula.latex, typeset_now) == (before, ["x"])
    qtbot.waitUntil(lambda: formula.latex == "x = 1.25 = 2.5", timeout=5_000)
    assert formula.is_typeset


def test_what_does_not_parse_is_shown_as_it_is_in_motion_too(formula: Formula, qtbot: QtBot) -> None:
    formula.show_soon(r"x = \frac{1")
    qtbot.waitUntil(lambda: formula.latex == r"x = \frac{1", timeout=5_000)
    assert not formula.is_typeset


def test_what_is_shown_at_once_takes_the_place_of_what_is_to_come(formula: Formula, qtbot: QtBot) -> None:
    formula.show_soon("x = 1")
    formula.show_formula("x = 2")
    qtbot.wait(100)
    assert formula.latex == "x = 2"


def test_pictures_of_parts_that_stay_are_kept(formula: Formula) -> None:
    formula.show_formula("x = 1.25")
    _drawn(formula)
    before = dict(formula._renderers)
    formula.show_formula("x = 1.5")
    _drawn(formula)
    kept = [svg for svg, renderer in formula._renderers.items() if before.get(svg) is renderer]
    assert len(kept) == len(before) - 1

"""Surfaces at the edge of what floating point and formulas allow: every view draws them, every rate is found."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QSize
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import Document
from gradsim.sim.documents.experiments import experiment_from
from gradsim.sim.kinds.race.racer import lowest_value
from gradsim.sim.kinds.race.spec import Race
from gradsim.sim.run.tape import Tape
from gradsim.ui.app import application
from gradsim.ui.board import Board
from gradsim.ui.export import settle
from gradsim.ui.theme import Look
from gradsim.ui.views.catalogue import VIEWS
from gradsim.ui.writers.writer import image_of
from tests.golden.compare import colours, pixels
from tests.look.recorder import recorded
from tests.unit.races import raced

SQUARE = [-1.0, 1.0, -1.0, 1.0]
WIDE = [-3.0, 3.0, -3.0, 3.0]


def made(expression: str, window: list[float], start: list[float], *optimizers: Any, **settings: Any) -> Race:
    runs = [{"label": f"R{i}", "optimizer": optimizer} for i, optimizer in enumerate(optimizers or ("sgd",))]
    race = experiment_from(
        {
            "kind": "race",
            "steps": 12,
            "surface": {"name": "formula", "expression": expression, "window": window},
            "start": start,
            "runs": runs,
            **settings,
        }
    )
    assert isinstance(race, Race)
    return race


def at(rate: float, name: str = "sgd") -> dict[str, Any]:
    return {"name": name, "learning_rate": rate}


ODD = {
    "steep to the end of numbers": made("exp(x**2 + y**2)", [-20.0, 20.0, -20.0, 20.0], [1.0, 1.0], at(0.01)),
    "as large as numbers get": made("1e308*(x**2 + y**2)", SQUARE, [0.5, 0.5], at(1e-12)),
    "as low as numbers get": made("-1e308*(x**2 + y**2)", SQUARE, [0.5, 0.5], at(1e-12)),
    "both ways": made("sinh(x**2*y)", [-12.0, 12.0, -12.0, 12.0], [1.0, 1.0], at(0.01)),
    "as small as numbers get": made("1e-320*(x**2 + y**2)", SQUARE, [0.5, 0.5], at(1.0)),
    "level": made("0*x*y", SQUARE, [0.5, 0.5], at(1.0)),
    "a head where there is no value": made("log(x) + y**2", WIDE, [0.5, 1.0], at(0.9), at(0.1)),
    "no value in the middle of the window": made("-sqrt(x) - y", WIDE, [1.0, 1.0], replicas=8, spread=2.0),
    "lower than the minimum": made("x**3 - 3*x + y**2", WIDE, [-2.5, 0.0], at(0.01), at(0.1, "adam")),
    "all gone": made("x**4 + y**4", WIDE, [2.0, 2.0], at(10.0), at(20.0)),
    "downhill leads beyond all numbers": made("1e306*(x**2 + y**2)", SQUARE, [0.5, 0.5], at(0.01, "adam")),
    "a step leads beyond all numbers": made("1e300*(x**2 + y**2)", SQUARE, [0.5, 0.5], at(1e6), at(1e6, "lion")),
    "a start far from a tiny window": made("x**2 + y", [-5e-151, 5e-151, -5e-151, 5e-151], [1e-113, 1e6], at(0.1)),
    "far away and small": made(
        "(x - 1000)**2 + (y - 1000)**2",
        [999.9999, 1000.0001, 999.9999, 1000.0001],
        [999.99995, 1000.00005],
        at(0.1),
    ),
}
RACE_VIEWS = [key for key, view in VIEWS.items() if any(view.refusal(race) is None for race in ODD.values())]


@lru_cache(maxsize=1)
def run_of(race: Race) -> Tape:
    """Return the run of a race, which its views follow one after the other."""
    return raced(race)[1]


@pytest.mark.parametrize("view", RACE_VIEWS)
@pytest.mark.parametrize("race", ODD.values(), ids=list(ODD))
def test_every_view_draws_it(qtbot: QtBot, race: Race, view: str) -> None:
    """An exception while painting would fail the test, or end the process."""
    if VIEWS[view].refusal(race) is not None:
        return
    app = application()
    board = Board("light", "en")
    qtbot.addWidget(board)
    board.resize(640, 480)
    board.show_document(Document(race), [view])
    board.show()
    settle(app)
    tape = run_of(race)
    board.draw(tape, 0)
    board.finish_studies()
    for step in (0, 3, race.steps):
        board.draw(tape, step)
        settle(app)
        assert colours(pixels(image_of(board, 1.0))) > 5


@pytest.mark.parametrize("start", [(0.9, 0.6), (200.0, 0.0)])
def test_curves_that_are_below_the_lowest_minimum_in_the_window_say_so(
    qtbot: QtBot, start: tuple[float, float]
) -> None:
    """Away from the narrow window the default formula is lower than anywhere in it."""
    table = {"kind": "race", "steps": 2, "surface": {"name": "formula", "window": [-499e3, 501e3, -5e-151, 5e-151]}}
    race = experiment_from({**table, "start": list(start), "runs": [{"label": "R"}]})
    assert isinstance(race, Race)
    value, tape = VIEWS["value"](race, Look.fit("light", "en", QSize(800, 560), ())), run_of(race)
    qtbot.addWidget(value)
    value.resize(640, 240)
    value.draw(tape.until(2))
    lowest = lowest_value(race.surface)
    assert lowest is not None
    is_below = np.nanmax(tape.until(2).replicas(0, "value")) < lowest
    assert is_below == (start[1] != 0.0)
    assert ("f is below f*" in str([text.text for text in recorded(value).texts])) == is_below


def test_far_away_and_small_it_is_descended() -> None:
    racer, _ = raced(ODD["far away and small"])
    assert racer.diverged == []


@pytest.mark.parametrize(
    ("expression", "optimizer"),
    [("sin(30*x)*exp(x*y)*100", "nag"), ("(x-1.8)**2 + (y-1.32)**2", "adamw"), ("(x-1.8)**2 + (y-1.32)**2", "nadam")],
)
def test_a_rate_is_found_where_no_descent_ends_lower_than_it_began(expression: str, optimizer: str) -> None:
    race = made(expression, WIDE, [1.8, 1.32], optimizer)
    assert 0.0 < race.runs[0].optimizer.learning_rate < 1e3

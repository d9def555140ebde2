"""Views of runs that change say what is in force at the step shown; the panel says what differs."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import Document
from gradsim.sim.documents.drafts import Draft
from gradsim.ui.app import application
from gradsim.ui.label import ElidedLabel
from gradsim.ui.panels.card import RunCard
from gradsim.ui.panels.panel import Panel
from gradsim.ui.shown_options import ShownOptions
from gradsim.ui.theme import Look
from gradsim.ui.views.race.basins import BasinView
from gradsim.ui.views.race.map import Maps
from gradsim.ui.views.race.step import Step
from tests.unit.races import SGD, race, raced
from tests.unit.small import RELU, experiment

RACE = race(SGD | {"changes": [{"step": 20, "optimizer": {"name": "adam", "learning_rate": 0.25}}]}, {"label": "B"})
SGD_RULE, ADAM_RULE = "x ← x − η g", "x ← x − η m̂ / (√ŝ + ε)"


@pytest.fixture
def look() -> Look:
    application()
    return Look.fit("light", "en", QSize(1100, 700))


def texts(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(ElidedLabel))


def test_the_step_is_told_by_the_rule_that_takes_it(qtbot: QtBot, look: Look) -> None:
    view, (_, tape) = Step(RACE, look), raced(RACE)
    qtbot.addWidget(view)
    for step, rule in ((19, SGD_RULE), (20, ADAM_RULE), (40, ADAM_RULE), (3, SGD_RULE)):
        view.draw(tape.until(step))
        assert any(line.startswith(f"{rule}; ") for line in texts(view).splitlines())


def test_a_map_says_the_rate_in_force(qtbot: QtBot, look: Look) -> None:
    view, (_, tape) = Maps(RACE, look), raced(RACE)
    qtbot.addWidget(view)
    for step, rate in ((20, "η 0.01 "), (21, "η 0.25 ")):
        view.draw(tape.until(step))
        assert rate in texts(view)


def test_basins_name_all_optimizers_that_lead_there(qtbot: QtBot, look: Look) -> None:
    view = BasinView(RACE, look)
    qtbot.addWidget(view)
    view.resize(1100, 700)
    view.grab()
    assert "η 0.01 → Adam, η 0.25" in texts(view)


def test_the_panel_says_what_changes(qtbot: QtBot, look: Look) -> None:
    forked = RELU | {"label": "F", "changes": [{"step": 20, "activation": "elu"}, {"step": 30}]}
    panel = Panel(Draft.of(Document(experiment(RELU, forked))), look, ShownOptions())
    qtbot.addWidget(panel)
    told = [card.accessibleName() for card in panel.findChildren(RunCard)]
    assert "ELU from 20, from 30" in told[1]

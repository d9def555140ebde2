"""Changing the surface of a race: rates that were given stay, and those that were adapted are named."""

from __future__ import annotations

import copy

from pytestqt.qtbot import QtBot

from gradsim.engine.suited_rates import suited_rates
from gradsim.sim.documents.document import parse
from gradsim.ui.sign import Sign
from tests.gui.conftest import RACE, OpenWindow


def test_the_window_says_which_rates_have_followed_the_surface(qtbot: QtBot, open_window: OpenWindow) -> None:
    given = RACE.replace('optimizer = "sgd"', 'optimizer = { name = "sgd", learning_rate = 0.123 }')
    window = open_window(parse(given, "race"), language="zh_CN")
    [sign] = window.findChildren(Sign)
    assert not sign.isVisible()
    table = copy.deepcopy(dict(window.editing.draft.table))
    window.editing.edit({**table, "surface": "booth"})
    rates = [run.optimizer.learning_rate for run in window.controller.document.experiment.runs]
    assert rates == [0.123, suited_rates()["booth"]["adam"]]
    assert sign.isVisible()
    before, after = suited_rates()["himmelblau"]["adam"], rates[1]
    assert sign.text() == f"已按曲面调整学习率：Adam {before:g} → {after:g}"
    window.undo()
    assert not sign.isVisible()

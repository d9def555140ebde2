"""Runs that differ in surface, in the window: edited, drawn on maps of their own, and one surface again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import parse
from gradsim.sim.documents.experiments import full_table
from gradsim.sim.kinds.race.spec import Race
from gradsim.ui.views.race.map import Map, Maps
from gradsim.ui.window import Window
from tests.gui.conftest import RACE, OpenWindow, the_view

VIEWS = '[lesson]\nid = "t"\ntitle = "T"\nviews = ["map", "value", "rates", "step"]\n'


def edited(qtbot: QtBot, window: Window, surface: str | dict[str, Any]) -> Race:
    table = full_table(window.controller.document.experiment)
    table["runs"][1]["surface"] = surface
    window.editing.edit(table)
    until(qtbot, lambda: window.controller.running_document.experiment == window.controller.document.experiment)
    window.settle()
    until(qtbot, lambda: window.board.shown_step >= 0)
    experiment = window.controller.document.experiment
    assert isinstance(experiment, Race)
    return experiment


def until(qtbot: QtBot, holds: Callable[[], bool]) -> None:
    qtbot.waitUntil(holds, timeout=10_000)


def keys(window: Window) -> list[str]:
    assert window.board._content is not None
    return [view.key for view in window.board._content.views]


def test_maps_side_by_side_take_the_place_of_the_map_and_give_it_back(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(parse(RACE + VIEWS, "race"))
    until(qtbot, lambda: window.board.shown_step >= 0)
    assert the_view(window, Map).race.has_one_surface
    experiment = edited(qtbot, window, {"name": "three_hump_camel"})
    assert [surface.key for surface in experiment.surfaces][1] == "three_hump_camel"
    until(qtbot, lambda: keys(window)[:2] == ["maps", "value"])
    maps = the_view(window, Maps)
    assert [plot.surface for plot in maps._maps] == list(experiment.surfaces)
    assert "step" not in keys(window)
    assert window.board._content is not None
    absent = window.board._content._absent()
    assert absent is not None
    assert absent.text() == "Not shown: The step, taken apart; it shows one surface, and the runs differ in theirs"
    experiment = edited(qtbot, window, "same")
    assert experiment.has_one_surface
    until(qtbot, lambda: keys(window)[0] == "map")

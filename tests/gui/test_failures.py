"""What the window tells of errors on the threads that compute, and what the log keeps of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QMessageBox
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import Document, parse
from gradsim.sim.kinds.race.basins import basin_maps
from gradsim.sim.kinds.race.rates import sweep
from gradsim.sim.kinds.train.trainer import Trainer
from gradsim.ui.app import application
from gradsim.ui.views.race import basins, rates
from gradsim.ui.window import Window
from tests.gui.conftest import RACE, OpenWindow


def alarms(window: Window) -> list[str]:
    labels = window.board.findChildren(QLabel)
    return [label.text() for label in labels if label.property("role") == "alarm" and label.isVisible()]


def broken_from(results: int, study: Callable[..., Iterator[object]]) -> Callable[..., Iterator[object]]:
    def broken(*arguments: object) -> Iterator[object]:
        for found, _ in zip(study(*arguments), range(results), strict=False):
            yield found
        raise ValueError("nobody knows")

    return broken


@pytest.mark.parametrize("results", [0, 1])
@pytest.mark.parametrize(("view", "module", "name"), [("rates", rates, "sweep"), ("basins", basins, "basin_maps")])
def test_a_view_whose_study_failed_says_so_until_another_goes_well(
    qtbot: QtBot,
    open_window: OpenWindow,
    monkeypatch: pytest.MonkeyPatch,
    log_file: Path,
    results: int,
    view: str,
    module: object,
    name: str,
) -> None:
    study = {"sweep": sweep, "basin_maps": basin_maps}[name]
    monkeypatch.setattr(module, name, broken_from(results, study))
    window = open_window(parse(RACE, "race"))
    window.show_views((view,))
    qtbot.waitUntil(lambda: bool(alarms(window)), timeout=20_000)
    assert set(alarms(window)) == {"Not computed: ValueError: nobody knows"}
    window.reset()
    window.forward()
    qtbot.wait(50)
    assert set(alarms(window)) == {"Not computed: ValueError: nobody knows"}  # drawing does not wipe it out
    assert log_file.read_text("utf-8").count("in broken\n") == 1
    monkeypatch.setattr(module, name, study)
    table = parse(RACE.replace('"himmelblau"', '"beale"'), "race")
    window.controller.open(table)
    window.show_views((view,))
    qtbot.waitUntil(lambda: not alarms(window), timeout=20_000)


def test_the_box_names_the_log_that_has_the_workers_traceback(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, log_file: Path
) -> None:
    window = open_window()

    def fails(trainer: Trainer) -> None:
        raise RuntimeError("a step went wrong")

    monkeypatch.setattr(Trainer, "advance", fails)
    qtbot.waitUntil(lambda: bool(window.findChildren(QMessageBox)), timeout=20_000)
    [box] = window.findChildren(QMessageBox)
    assert box.text() == f"RuntimeError: a step went wrong\n\nMore about it is in {log_file}"
    assert "in fails\n" in log_file.read_text("utf-8")
    box.close()


def test_where_no_run_can_begin_nothing_plays(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, log_file: Path, small: Document
) -> None:
    def fails(trainer: Trainer, *_: object) -> None:
        raise KeyError("k")

    monkeypatch.setattr(Trainer, "__init__", fails)
    application()
    window = Window(small, "light", "en")
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: bool(window.findChildren(QMessageBox)), timeout=20_000)
    [box] = window.findChildren(QMessageBox)
    assert box.text().startswith("KeyError: 'k'\n")
    box.close()
    controller = window.controller
    assert not controller.playing
    qtbot.waitUntil(lambda: not controller._frames.isActive())
    controller.toggle()
    qtbot.waitUntil(lambda: not controller.playing and not controller._frames.isActive())
    monkeypatch.undo()
    window.editing.edit({**window.editing.draft.table, "seed": 5})
    qtbot.waitUntil(lambda: controller.tape is not None)

"""What is shown of every layer: all that is measured can be chosen, and each is drawn on a scale that suits it."""

from __future__ import annotations

from math import inf
from pathlib import Path

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolTip
from pytestqt.qtbot import QtBot

from gradsim.engine.nn.probes import INDEX, PROBES
from gradsim.schema.errors import FileError
from gradsim.sim.documents.document import parse
from gradsim.sim.run.tape import MEDIAN
from gradsim.ui.export import Picture, export
from gradsim.ui.plots.plot import Plot
from gradsim.ui.theme import Look
from gradsim.ui.views.train.gradients import Gradients
from gradsim.ui.views.train.layer_bars import FACTORS
from gradsim.ui.views.train.layer_scale import scale_of
from gradsim.ui.window import Window
from tests.gui.conftest import SMALL, OpenWindow, menu_actions
from tests.unit.small import HEALTHY, RUNAWAY, experiment, trained

LESSON = '[lesson]\nid = "t"\ntitle = "T"\nprobe = "slope"\n'


def gradients(qtbot: QtBot, window: Window) -> Gradients:
    """Return the picture that is on screen, once it is: there may be another that is being taken away."""

    window.settle()

    def shown() -> list[Gradients]:
        return [view for view in window.board.findChildren(Gradients) if view.isVisibleTo(window.board)]

    qtbot.waitUntil(lambda: len(shown()) == 1, timeout=10_000)
    return shown()[0]


def told(qtbot: QtBot, window: Window, layer: int) -> str:
    """Return what is said where the pointer is over a layer of the first run."""
    plot = gradients(qtbot, window).findChildren(Plot)[0]
    plot.hovered.emit(QPointF(float(layer), 0.0))
    return QToolTip.text()


def test_a_key_goes_through_all_that_is_measured_while_training_runs(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    window.controller.toggle()
    seen = [window.board.options.value("probe")]
    for _ in PROBES:
        QTest.keyClick(window, Qt.Key.Key_Q)
        seen.append(window.board.options.value("probe"))
        qtbot.wait(30)  # some frames, each with all that it draws
        assert gradients(qtbot, window).options.probe == seen[-1]
    assert seen == [*INDEX, PROBES[0].key]


def test_the_pointer_tells_what_was_measured(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    window.choose_option("probe", "activation_mean")
    window.controller.set_speed(inf)
    qtbot.waitUntil(lambda: window.board.shown_step == 40, timeout=10_000)
    assert window.controller.tape is not None
    mean = window.controller.tape.until(40).band(0, "activation_mean")[1, MEDIAN]
    assert f"{mean:.4g}" in told(qtbot, window, 1)


def test_the_menu_brings_a_picture_of_every_layer_back(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    window.show_views(("loss",))
    menu_actions(window)["saturated units"].trigger()
    assert gradients(qtbot, window).options.probe == "saturated"


def test_a_lesson_says_what_it_shows_first(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(parse(SMALL + LESSON, "lesson"))
    assert gradients(qtbot, window).options.probe == "slope"


def test_an_unknown_probe_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"--probe: 'slop' is not one of .*did you mean 'slope'"):
        export(parse(SMALL, "small"), tmp_path / "out.png", None, Picture(options={"probe": "slop"}))


@pytest.mark.parametrize("probe", INDEX)
def test_a_scale_holds_the_medians_of_runs_that_do_not_leave(probe: str) -> None:
    spec = experiment(HEALTHY, HEALTHY | {"label": "ReLU", "activation": "relu"})
    _, tape = trained(spec)
    scale = scale_of(probe)
    for step in (0, 1, 40):
        past = tape.until(step)
        low, high = scale.range(past, spec, probe)
        medians = np.concatenate([past.band(run, probe)[:, MEDIAN] for run in range(2)])
        known = medians[np.isfinite(medians) & ((medians != 0.0) | (not scale.zero_is_apart))]
        places = scale.places(known, (low, high))
        assert low < high
        assert ((low <= places) & (places <= high)).all()
        assert low <= scale.base((low, high)) <= high


@pytest.mark.parametrize("probe", INDEX)
def test_a_run_that_leaves_does_not_press_the_others_flat(probe: str) -> None:
    """Shares end at 1 whatever comes; other scales end ten times, or four decades, above where the runs began."""
    spec = experiment(HEALTHY, RUNAWAY)
    trainer, tape = trained(spec)
    (divergence,) = trainer.diverged
    past, scale = tape.until(divergence.step), scale_of(probe)
    first = np.concatenate([tape.until(1).band(run, probe)[:, MEDIAN] for run in range(2)])
    start = float(np.nanmax(np.abs(first)))
    end = scale.range(past, spec, probe)[1]
    assert end <= (np.log10(start) + 5.0 if scale.zero_is_apart else max(20.0 * start, 1.0))


@pytest.mark.parametrize("runs", [2, 5])
def test_what_needs_an_update_says_at_the_start_that_there_is_none(qtbot: QtBot, runs: int) -> None:
    spec = experiment(*({**HEALTHY, "label": str(run)} for run in range(runs)), steps=2)
    view = Gradients(spec, Look.fit("light", "en", QSize(900, 600)), Gradients.options_type(probe="update_ratio"))
    qtbot.addWidget(view)
    view.resize(900, 500)
    _, tape = trained(spec)
    seen = []
    for step in (0, 1, 0):
        view.draw(tape.until(step))
        seen.append(["no update yet" in words_of(plot) for plot in view.findChildren(Plot)])
    count = 1 if runs > 4 else runs
    assert seen == [[True] * count, [False] * count, [True] * count]


@pytest.mark.parametrize("probe", FACTORS)
@pytest.mark.parametrize("hidden", [[], [4]])
@pytest.mark.parametrize("runs", [1, 5])
def test_what_hidden_layers_do_says_where_there_are_none(
    qtbot: QtBot, runs: int, hidden: list[int], probe: str
) -> None:
    spec = experiment(*({**HEALTHY, "hidden": hidden, "label": str(run)} for run in range(runs)), steps=2)
    view = Gradients(spec, Look.fit("light", "en", QSize(900, 600)), Gradients.options_type(probe=probe))
    qtbot.addWidget(view)
    view.resize(900, 500)
    view.draw(trained(spec)[1].until(1))
    assert ["no hidden layer" in words_of(plot) for plot in view.findChildren(Plot)] == [not hidden]


def words_of(plot: Plot) -> list[str]:
    """Return what is written in a plot."""
    return [item.toPlainText() for item in plot.items() if isinstance(item, pg.TextItem) and item.isVisible()]

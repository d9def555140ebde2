"""Where lines begin and are marked: forks, forks of forks, several of one run, changes of a run's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPixmap
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import Document
from gradsim.sim.documents.results import run
from gradsim.sim.kinds import Experiment
from gradsim.sim.run.tape import Tape
from gradsim.ui.app import application
from gradsim.ui.plots.plane import Plane
from gradsim.ui.plots.trails import Trail, TrailLayer
from gradsim.ui.theme import Look
from gradsim.ui.views.common.branches import branches_of
from gradsim.ui.views.race.map import Map, trail
from gradsim.ui.views.race.race_curves import Value
from gradsim.ui.views.train.history import History
from gradsim.ui.views.train.train_curves import Loss, LossOnTest
from tests.golden.compare import Pixels, pixels
from tests.unit.races import race
from tests.unit.small import RELU, SIGMOID, experiment

ELU, LEAKY = {"step": 10, "activation": "elu"}, {"step": 10, "activation": "leaky_relu"}
LATE, LATER = {"step": 20, "batch_size": 4}, {"step": 15, "batch_size": 4}


def changed(*changes: dict[str, Any], **settings: Any) -> dict[str, Any]:
    return RELU | {"label": ""} | settings | {"changes": list(changes)}


FORKS = experiment(SIGMOID, RELU, changed(LEAKY), changed(ELU), changed(LEAKY, LATE), changed(LEAKY, LATER))
RACE = race(
    {"label": "Plain", "changes": [{"step": 5, "clip": "norm"}]},
    {"label": "Adam", "optimizer": "adam"},
    {"optimizer": "adam", "changes": [{"step": 12, "optimizer": "sgd"}]},
    replicas=3,
    spread=0.1,
)


@pytest.fixture
def look() -> Look:
    application()
    return Look.fit("light", "en", QSize(1100, 700))


def tape_of(spec: Experiment) -> Tape:
    return run(Document(spec))[1]


def test_forks_of_one_run_and_forks_of_forks() -> None:
    found = branches_of(FORKS.runs)
    assert [(each.parent, each.start) for each in found] == [(None, 0), (None, 0), (1, 10), (1, 10), (2, 20), (2, 15)]
    assert [each.siblings for each in found] == [0, 0, 0, 1, 0, 0]
    assert not any(each.changes for each in found)


def test_without_its_parent_a_fork_has_a_past_and_changes_of_its_own() -> None:
    late = changed(LEAKY, LATE)
    [alone] = branches_of(experiment(late).runs)
    assert (alone.parent, alone.start, alone.changes) == (None, 0, (10, 20))
    [_, other] = branches_of(experiment(changed(LEAKY), late).runs)
    assert (other.parent, other.start, other.changes) == (0, 20, ())


def begins(view: Any) -> list[float | None]:
    """Return where on the axis each line begins, None of one that is not drawn."""
    points = [line._line._points for line in view._lines]
    return [float(p[0, 0]) if len(p) else None for p in points]


def test_a_curve_begins_at_its_fork_and_only_then(qtbot: QtBot, look: Look) -> None:
    view, tape = Loss(FORKS, look), tape_of(FORKS)
    qtbot.addWidget(view)
    view.resize(900, 500)
    for step, wanted in (
        (9, [0, 0]),
        (10, [0, 0, 10, 10]),
        (17, [0, 0, 10, 10, None, 15]),
        (40, [0, 0, 10, 10, 20, 15]),
    ):
        view.draw(tape.until(step))
        assert begins(view) == [*wanted, *[None] * (6 - len(wanted))]
        labelled = {label.run for label in view._labels.labels if label.text}
        assert labelled == {run for run, begin in enumerate(begins(view)) if begin is not None}
    past = tape.until(40)
    parents = [(1, 10, 2), (1, 10, 3), (2, 20, 4), (2, 15, 5)]
    for parent, step, fork in parents:
        [mark] = view._lines[fork]._marks.marks
        assert (mark.x, mark.y) == (step, view.bands(past, parent)[step, 1])


def test_a_curve_that_is_measured_now_and_then_hangs_on_its_parent(qtbot: QtBot, look: Look) -> None:
    data = {"name": "digits", "samples": 150, "test_fraction": 0.2}
    spec = experiment(RELU, changed(LEAKY), data=data)
    view, past = LossOnTest(spec, look), tape_of(spec).until(40)
    qtbot.addWidget(view)
    known = np.flatnonzero(np.isfinite(view.bands(past, 0)[:, 1]))
    assert 10 not in known
    view.draw(past)
    assert begins(view) == [0, known[known < 10][-1]]


JUMPS = {
    "activation": RELU | {"changes": [{"step": 12, "activation": "sigmoid"}]},
    "a number": RELU | {"changes": [{"step": 12, "given": "w1[1,1] = 3"}]},
    "at a fork": changed({"step": 12, "activation": "sigmoid"}),
    "batch size": RELU | {"changes": [{"step": 12, "batch_size": 4}]},
}


@pytest.mark.parametrize(("name", "run_of"), JUMPS.items(), ids=JUMPS)
def test_a_line_jumps_where_a_change_makes_another_thing_of_the_run(
    qtbot: QtBot, look: Look, name: str, run_of: dict[str, Any]
) -> None:
    spec = experiment(RELU, run_of, replicas=1) if name == "at a fork" else experiment(run_of, replicas=1)
    view, past = Loss(spec, look), tape_of(spec).until(40)
    qtbot.addWidget(view)
    view.resize(900, 500)
    view.draw(past)
    line, values = view._lines[-1], view.bands(past, len(spec.runs) - 1)[:, 1]
    drawn = dict(zip(line._x.tolist(), line._middle.tolist(), strict=True))
    jumps = name != "batch size"
    assert [drawn[step] == values[step] for step in (12, 13)] == [jumps, jumps]
    assert any(drawn[step] != values[step] for step in range(16, 36))  # all else is smoothed


def test_marks_say_what_they_are(qtbot: QtBot, look: Look) -> None:
    view = Value(RACE, look)
    qtbot.addWidget(view)
    assert view.branch_texts(4) == []
    assert view.branch_texts(11) == ["◇ Plain: By norm from 5"]
    fork = RACE.labels[2]
    assert view.branch_texts(12)[1:] == [f"○ {fork} leaves Adam at step 12"]


def drawn_on(ground: QPixmap, layer: TrailLayer, trails: list[Trail], plane: Plane) -> Pixels:
    picture = ground.copy()
    painter = QPainter(picture)
    layer.draw(painter, trails, plane, 1.0, ground)
    painter.end()
    return pixels(picture.toImage())


def test_a_long_path_of_which_ever_fewer_places_are_kept_is_drawn_once(qtbot: QtBot, look: Look) -> None:
    turns = np.linspace(0.0, 12.0, 3001)
    path = np.stack([3.0 * np.cos(turns) * np.exp(-turns / 9.0), 2.0 * np.sin(1.3 * turns)], axis=1)
    plane, ground = Plane(look, (-4.0, 4.0, -4.0, 4.0), QSize(500, 400)), QPixmap(500, 400)
    ground.fill("white")
    growing, lanes = TrailLayer(look), None
    for step, every in ((300, 1), (511, 1), (517, 2), (1019, 2), (1030, 4), (1033, 4), (2999, 8)):
        places = path[np.unique([*range(0, step + 1, every), step])]
        trails = [Trail(places, look.run_pen(0))]
        once, grown = (drawn_on(ground, layer, trails, plane) for layer in (TrailLayer(look), growing))
        assert np.abs(grown - once).mean() < 1.0
        assert lanes in (None, growing.lanes)
        lanes = growing.lanes
    other = Trail(path[::8] * 0.5, look.run_pen(0))
    assert (
        np.abs(drawn_on(ground, growing, [other], plane) - drawn_on(ground, TrailLayer(look), [other], plane)).max()
        == 0
    )
    assert growing.lanes is not lanes


def test_a_path_begins_at_its_fork_and_goes_on_in_the_kept_picture(qtbot: QtBot, look: Look) -> None:
    view, tape = Map(RACE, look), tape_of(RACE)
    qtbot.addWidget(view)
    plane, ground = Plane(look, RACE.surface.window, QSize(500, 400)), QPixmap(500, 400)
    ground.fill("white")
    growing = TrailLayer(look)
    for step in (3, 11, 12, 13, 25, 40, 8, 20):
        past = tape.until(step)
        trails = [trail(view, past, i, gone=False, labelled=True) for i in range(3)]
        assert len(trails[2].places) == len(trails[2].others) == max(0, step - 11)
        once, grown = (drawn_on(ground, layer, trails, plane) for layer in (TrailLayer(look), growing))
        assert np.abs(grown - once).mean() < 1.0
    assert [mark.of_fork for mark in trails[2].marks] == [True]
    assert np.array_equal(trails[2].places[0], trails[1].places[12])
    assert (trails[2].marks[0].x, trails[2].marks[0].y) == tuple(trails[1].places[12])
    assert [mark.of_fork for mark in trails[0].marks] == [False]


def test_a_path_alone_on_its_map_is_whole(qtbot: QtBot, look: Look) -> None:
    view, past = Map(RACE, look), tape_of(RACE).until(40)
    qtbot.addWidget(view)
    found = trail(view, past, 2, gone=False, labelled=False)
    assert len(found.places) == 41
    assert [mark.of_fork for mark in found.marks] == [False]


def test_a_strip_is_cut_where_its_run_changes(qtbot: QtBot, look: Look) -> None:
    view, tape = History(FORKS, look), tape_of(FORKS)
    qtbot.addWidget(view)
    for step, wanted in ((12, [[], [], [10], [10], [10], [10]]), (40, [[], [], [10], [10], [10, 20], [10, 15]])):
        view.draw(tape.until(step))
        assert [strip._changes.ends[:, 0].tolist() for strip in view._strips] == wanted


def test_another_change_under_the_same_name_moves_the_mark(qtbot: QtBot, look: Look) -> None:
    one, other = (experiment(RELU, changed(LEAKY | {"step": step}, label="F")) for step in (10, 20))
    assert Loss.frame(one) == Loss.frame(other)
    view = Loss(one, look)
    qtbot.addWidget(view)
    view.set_experiment(other)
    view.draw(tape_of(other).until(40))
    assert begins(view) == [0, 20]

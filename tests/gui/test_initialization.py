"""The view of initialization: lines, dots and names are where the tape says, and never over each other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import Document
from gradsim.sim.documents.results import run
from gradsim.sim.kinds.train.passage import Passage, middle, passage
from gradsim.ui.app import application
from gradsim.ui.export import Picture, prepared, settle
from gradsim.ui.plots.fan import Fan, range_of, shown_seeds
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.train.initialization import FanOptions, InitializationView
from tests.gui.conftest import OpenWindow, the_view
from tests.unit.small import RELU, experiment

DEEP = {"hidden": [8] * 12, "batch_size": 16}
INITS: dict[str, Any] = {
    "He": "he_normal",
    "LeCun": "lecun_normal",
    "A name of 22 characters": {"name": "normal", "std": 0.01},
    "随机梯度下降法与动量的结合以及初始化": {"name": "normal", "std": 1.0},
    "Xavier": "xavier_normal",
    "Uniform": "he_uniform",
    "Orthogonal": "orthogonal",
    "Large": {"name": "normal", "std": 0.9},
}
RUNS: list[dict[str, Any]] = [RELU | {"label": name, "init": init} for name, init in INITS.items()]
LOST: dict[str, Any] = RELU | {"label": "Lost", "init": {"name": "normal", "std": 1000.0}, "hidden": [8] * 60}


@contextmanager
def shown(
    *runs: dict[str, Any], theme: str = "light", size: tuple[int, int] = (1920, 1080), step: int = 0, **settings: Any
) -> Iterator[tuple[InitializationView, Document]]:
    settings = {"common": DEEP, "replicas": 3, "steps": 25} | settings
    document = Document(experiment(*runs, **settings))
    options: dict[str, ViewOptions] = {}
    with prepared(document, step, Picture(theme, size=size, view="initialization"), options) as (board, _):
        [view] = board.findChildren(InitializationView)
        yield view, document


def test_lines_are_drawn_at_the_sizes_of_the_tape(qtbot: QtBot) -> None:
    with shown(*RUNS[:3], step=7) as (view, document):
        past = run(document)[1].until(7)
        for at in range(3):
            found = passage(past, at)
            for fan, logs in zip(view.fans, (found.forward, found.backward), strict=True):
                # Lines that coincide lie beside each other: 3 of their widths at most, and at the start they are one.
                away = fan._lines[at]._points[:, 1] - np.clip(middle(logs), *fan._range)
                px = away * fan.plot.room_px()[1] / (fan._y[1] - fan._y[0])
                assert -1e-6 <= px.min() <= px.max() <= 3 * 1.6 * view.look.metrics.line + 1e-6
                assert px[-1 if fan._backward else 0] == pytest.approx(0.0, abs=1e-6)
                ends = fan._seeds[at].ends
                assert len(ends) == 3 * 11
                np.testing.assert_allclose(np.sort(ends[:, 1]), np.sort(np.clip(logs[:-1], *fan._y).ravel()))


@pytest.mark.parametrize("theme", ["light", "projector"])
@pytest.mark.parametrize("size", [(1024, 768), (1920, 1080)])
@pytest.mark.parametrize("runs", [1, 2, 5, 8])
def test_names_and_factors_never_overlap(qtbot: QtBot, theme: str, size: tuple[int, int], runs: int) -> None:
    with shown(*RUNS[:runs], theme=theme, size=size) as (view, _):
        for fan in view.fans:
            labels = fan._labels
            assert len(labels.labels) == runs
            (low, high), height = fan._y, fan.plot.room_px()[1]
            places = [QPointF(0.0, (high - label.place) / (high - low) * height) for label in labels.labels]
            told = [rect for rect, label in zip(labels.text_rects(places), labels.labels, strict=True) if label.text]
            assert len(told) in (0, runs)
            for one, other in combinations(told, 2):
                assert abs(one.center().y() - other.center().y()) >= 0.99 * labels.font.pixelSize()
            assert all(rect.top() > -2 and rect.bottom() < height + 2 for rect in told)
            [[left, right]] = [fan.plot.box.viewRange()[0]]
            per_px = (right - left) / fan.plot.room_px()[0]
            room = -left if fan._backward else right - 11.0
            widest = max(map(labels.width_px, (label.text or "" for label in labels.labels)))
            assert widest <= room / per_px + 1


def test_the_label_of_a_line_is_its_factor(qtbot: QtBot) -> None:
    with shown(*RUNS[:2]) as (view, document):
        past = run(document)[1].until(0)
        for at, name in enumerate(("He", "LeCun")):
            for fan, factor in zip(view.fans, passage(past, at).factors, strict=True):
                assert fan._labels.labels[at].text == f"{name}  ×{factor:.2f}"


def test_a_dot_for_each_replica_at_its_accuracy(qtbot: QtBot) -> None:
    with shown(*RUNS[:2], step=25) as (view, document):
        past = run(document)[1].until(25)
        outcomes = view.outcomes
        for at, shown_run in enumerate(outcomes._outcomes):
            history = past.replicas(at, "test_accuracy")
            last = history[~np.isnan(history).any(axis=1)][-1]
            np.testing.assert_array_equal(shown_run.values, last)
            for value in last:
                share = (outcomes._x(value) - outcomes._room().left()) / outcomes._room().width()
                assert share == pytest.approx(value)


def test_of_a_regression_the_loss_is_shown_beside_that_of_the_mean(qtbot: QtBot) -> None:
    common = {**DEEP, "output": "linear", "loss": "mse"}
    with shown(*RUNS[:2], step=25, common=common, data={"name": "linear"}) as (view, document):
        measure, data = view.outcomes._measure, document.experiment.data.load()  # type: ignore[attr-defined]
        mean = data.train.y.mean(axis=0)
        assert measure.reference == pytest.approx(0.5 * np.mean(np.sum((data.test.y - mean) ** 2, axis=1)))
        assert not measure.is_share
        past = run(document)[1].until(25)
        history = past.replicas(0, "test_loss")
        np.testing.assert_array_equal(view.outcomes._outcomes[0].values, history[~np.isnan(history).any(axis=1)][-1])


def test_a_run_that_is_lost_at_once_has_a_line_to_where_its_numbers_end(qtbot: QtBot) -> None:
    with shown(*RUNS[:2], LOST, dtype="float32", step=3) as (view, _):
        line = view.fans[0]._lines[2]._points
        assert 3 < len(line) < 60
        assert line[-1, 1] == view.fans[0]._range[1]
        assert not len(view.fans[1]._lines[2]._points)
        assert view.outcomes._outcomes[2].problem == "diverged at step 0"
        assert view.outcomes._outcomes[2].words == "too large to be numbers"


@pytest.mark.parametrize("theme", ["light", "dark", "projector"])
@pytest.mark.parametrize("depths", [[[]], [[1]], [[], [5]], [[8] * 100, [3]], [[8] * 8, [8] * 30, []]])
def test_networks_of_any_depths(qtbot: QtBot, theme: str, depths: list[list[int]]) -> None:
    runs = [RELU | {"label": str(len(hidden)), "hidden": hidden} for hidden in depths]
    if not any(depths):
        assert InitializationView.refusal(experiment(*runs)) is not None
        return
    with shown(*runs, theme=theme, step=2, steps=2) as (view, _):
        for at, hidden in enumerate(depths):
            for fan in view.fans:
                assert len(fan._lines[at]._points) == len(hidden)
        assert not view.grab().isNull()


def test_the_pointer_reads_the_sizes(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    with shown(*RUNS[:1]) as (view, document):
        told: list[str | None] = []
        monkeypatch.setattr(view, "show_tooltip", told.append)
        found = passage(run(document)[1].until(0), 0)
        view.fans[0].plot.hovered.emit(QPointF(4.2, 0.0))
        forward, backward = (10.0 ** middle(logs)[4] for logs in (found.forward, found.backward))
        assert told == [f"layer 5\nHe: a ×{forward:.2f}   δ ×{backward:.2f}"]
        view.fans[0].plot.hovered.emit(None)
        assert told[-1] is None


def test_the_range_holds_all_and_leaves_room_for_nothing() -> None:
    document = Document(experiment(*RUNS[:4], common=DEEP, steps=1))
    past = run(document)[1].until(0)
    found = [passage(past, at) for at in range(4)]
    low, high = range_of(found)
    logs = np.concatenate([middle(each.forward) for each in found])
    assert low <= logs.min() <= logs.max() <= high


def test_many_replicas_and_layers_have_few_thin_lines(qtbot: QtBot) -> None:
    with shown(*RUNS[:2], replicas=40, steps=1) as (view, _):
        assert shown_seeds(view._blades()[0]) == 16
        assert "thin lines: 16 of the seeds" in view._fan_cards[1]._plain[0]


def test_a_view_below_keeps_its_share_of_the_height(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(Document(experiment(*RUNS[:2], common=DEEP, steps=30)))
    window.resize(1600, 1000)
    window.show_views(("initialization", "loss"))
    window.settle()
    qtbot.waitUntil(lambda: window.board.shown_step >= 0, timeout=10_000)
    settle(application())
    assert window.board._content
    above, below = window.board._content.views
    assert below.height() >= 0.38 * (above.height() + below.height())


def test_it_can_stay_at_the_start(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(Document(experiment(*RUNS[:2], common=DEEP, steps=30)))
    window.show_views(("initialization",))
    window.settle()
    window.controller.pause()
    window.controller.seek(20)
    qtbot.waitUntil(lambda: window.board.shown_step == 20, timeout=10_000)
    moved = the_view(window, InitializationView).fans[0]._lines[0]._points.copy()
    window.board.options.choose("at", "start")
    window.settle()
    view = the_view(window, InitializationView)
    assert view.options == FanOptions("start")
    window.controller.seek(0)
    qtbot.waitUntil(lambda: window.board.shown_step == 0, timeout=10_000)
    kept = view.fans[0]._lines[0]._points.copy()
    window.controller.seek(20)
    qtbot.waitUntil(lambda: window.board.shown_step == 20, timeout=10_000)
    np.testing.assert_array_equal(view.fans[0]._lines[0]._points, kept)
    assert (moved != kept).any()


@pytest.mark.parametrize("at", ["start", "shown"])
def test_fans_of_the_start_are_not_drawn_anew_at_other_steps(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    window = open_window(Document(experiment(*RUNS[:2], common=DEEP, steps=30)))
    window.show_views(("initialization",))
    window.board.options.choose("at", at)
    window.settle()
    window.controller.pause()
    window.controller.seek(20)
    qtbot.waitUntil(lambda: window.board.shown_step == 20, timeout=10_000)
    window.settle()
    view, tape = the_view(window, InitializationView), window.controller.tape
    assert tape is not None
    drawn: list[Fan] = []
    monkeypatch.setattr(Fan, "_show", lambda fan: drawn.append(fan))
    for step in (10, 11, 12):
        view.draw(tape.until(step))
    assert drawn == ([] if at == "start" else [*view.fans] * 3)


@pytest.mark.parametrize("size", [(1920, 1080), (1024, 768)])
def test_names_of_one_layer_are_whole_beside_its_ends(qtbot: QtBot, size: tuple[int, int]) -> None:
    runs = [{"activation": "sigmoid"}, {"activation": "relu"}]
    with shown(*runs, theme="projector", size=size, common={"hidden": [8]}) as (view, _):
        for fan in view.fans:
            assert [label.text for label in fan._labels.labels] == ["Sigmoid", "ReLU"]


def test_where_lines_would_lie_flat_they_have_the_room_of_the_sentence(qtbot: QtBot) -> None:
    with shown(*RUNS[:4], theme="projector", size=(1024, 768)) as (view, _):
        heights = {}
        for lines in (16, 13):
            view.setFixedHeight(lines * view.look.metrics.tick)
            settle(application())
            heights[view._sentence.isHidden()] = view.fans[0].plot.room_px()[1]
    assert heights[True] > 0.9 * heights[False] > 90.0


def test_the_pointer_reads_what_is_known_of_either_way_alone(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Activations of infinite data are relative to nothing; gradients may be numbers all the same."""
    window = open_window()
    window.show_views(("initialization",))
    view = the_view(window, InitializationView)
    nothing, known = np.empty((0, 1)), np.zeros((3, 1))
    read: list[str | None] = []
    monkeypatch.setattr(view, "show_tooltip", read.append)
    for forward, backward in ((nothing, known), (known, nothing)):
        view._passages = [Passage(forward, backward) for _ in view.names]
        view._on_hovered(2)
    assert "a –   δ ×1.00" in str(read[0])
    assert "a ×1.00   δ –" in str(read[1])

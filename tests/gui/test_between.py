"""The view between two networks: the line and the barrier are where the losses are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import Document
from gradsim.sim.kinds.train.between import ALONG, Between, Network
from gradsim.ui.export import Picture, prepared
from gradsim.ui.views.train.between import BetweenView
from tests.unit.small import RELU, SIGMOID, experiment

ADAM = RELU | {"label": "Adam", "optimizer": {"name": "adam", "learning_rate": 0.01}}


@contextmanager
def shown(
    *runs: dict[str, Any],
    theme: str = "light",
    size: tuple[int, int] = (1920, 1080),
    options: Mapping[str, Any] = {},
    dtype: str = "float64",
) -> Iterator[tuple[BetweenView, Between]]:
    document = Document(experiment(*runs, steps=30, dtype=dtype))
    with prepared(document, 30, Picture(theme, size=size, view="between"), options) as (board, _):
        [view] = board.findChildren(BetweenView)
        assert view.found is not None
        [found] = view.found.runs
        yield view, found


@pytest.mark.parametrize("theme", ["light", "dark", "projector"])
@pytest.mark.parametrize("size", [(1024, 768), (1920, 1080)])
def test_line_chord_and_barrier_are_drawn_where_the_losses_are(
    qtbot: QtBot, theme: str, size: tuple[int, int]
) -> None:
    with shown(RELU, ADAM, theme=theme, size=size, options={"towards": "replica"}) as (view, found):
        assert found.pair == (Network(0, 0), Network(0, 1))
        plot, (low, high) = view.plot, view.plot.box.viewRange()[1]
        inside = found.losses[20:101]
        assert low < inside.min()
        assert inside.max() < high
        np.testing.assert_array_equal(plot.line._points[20:101, 1], inside)
        np.testing.assert_array_equal(plot.chord._points, [[0.0, found.ends[0]], [1.0, found.ends[1]]])
        assert not found.is_convex
        [[x0, y0, x1, y1]] = plot.barrier.ends
        assert x0 == x1 == ALONG[found.top]
        assert y1 - y0 == pytest.approx(found.barrier)
        assert "not convex" in view._sentence.told


def test_the_options_choose_the_networks(qtbot: QtBot) -> None:
    with shown(RELU, SIGMOID, ADAM) as (_, found):
        assert found.pair == (Network(0, 0), Network(2, 0))
    with shown(RELU, SIGMOID, ADAM, options={"run": 2, "seed": 3}) as (_, found):
        assert found.pair == (Network(1, 2), Network(1, 0))


def test_of_a_network_that_is_lost_at_once_there_is_no_line(qtbot: QtBot) -> None:
    deep = RELU | {"hidden": [8] * 60}
    lost = deep | {"label": "Lost", "init": {"name": "normal", "std": 1000.0}}
    with shown(deep, lost, dtype="float32") as (view, found):
        assert found is None
        assert view.plot.isHidden()
        assert view._card._warning.startswith("Lost: diverged at step 0")


def test_the_pointer_reads_the_loss(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    with shown(RELU, ADAM) as (view, found):
        told: list[str | None] = []
        monkeypatch.setattr(view, "show_tooltip", told.append)
        view.plot.read.emit(60)
        assert told == [f"50 % of the way: loss {found.losses[60]:.4g}"]
        view.plot.read.emit(None)
        assert told[-1] is None

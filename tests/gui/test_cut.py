"""The view along the next step: lines and marks are where the losses are, at the step shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import Document
from gradsim.sim.kinds.train.cuts import ALONG, Cut
from gradsim.ui.export import Picture, prepared
from gradsim.ui.views.train.cut import CutView
from tests.unit.small import HEALTHY, RELU, RUNAWAY, SIGMOID, experiment


@contextmanager
def shown(
    *runs: dict[str, Any], theme: str = "light", size: tuple[int, int] = (1920, 1080), step: int = 5
) -> Iterator[CutView]:
    document = Document(experiment(*runs, steps=30))
    with prepared(document, step, Picture(theme, size=size, view="cut"), {}) as (board, _):
        [view] = board.findChildren(CutView)
        yield view


@pytest.mark.parametrize("theme", ["light", "dark", "projector"])
@pytest.mark.parametrize("size", [(1024, 768), (1920, 1080)])
@pytest.mark.parametrize("runs", [1, 2, 8])
def test_marks_are_on_the_lines(qtbot: QtBot, theme: str, size: tuple[int, int], runs: int) -> None:
    many = [
        RELU | {"label": f"R{i}", "optimizer": {"name": "sgd", "learning_rate": 10.0 ** (i - 4)}} for i in range(8)
    ]
    with shown(*many[8 - runs :], theme=theme, size=size) as view:
        assert view.found is not None
        for plot, cut in zip(view.plots, view.found.runs, strict=True):
            if cut is None:
                assert plot.isHidden()
                continue
            (x0, x1), (low, high) = plot.plot.box.viewRange()
            assert (x0, x1) == (-1.0, 3.0)
            np.testing.assert_allclose(plot._marks._places[:2, 1], np.clip(cut.ends, low, high))
            assert np.nanmin(cut.whole) > low
            assert len(plot._whole._points) == np.isfinite(cut.whole).sum()


def test_at_the_last_step_it_shows_the_last_one_and_says_so(qtbot: QtBot) -> None:
    with shown(SIGMOID, step=29) as before, shown(SIGMOID, step=30) as last:
        assert before.found is not None
        assert last.found is not None
        np.testing.assert_array_equal(before.found.runs[0].whole, last.found.runs[0].whole)
        assert "this is the last one" in last._cards[0]._plain[0]
        assert "this is the last one" not in before._cards[0]._plain[0]


def test_the_sentence_and_the_pointer_tell_the_losses(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    with shown(SIGMOID) as view:
        assert view.found is not None
        [cut] = view.found.runs
        assert isinstance(cut, Cut)
        assert view._sentence.told.startswith("The next step of Sigmoid ")
        told: list[str | None] = []
        monkeypatch.setattr(view, "show_tooltip", told.append)
        at = int(np.argmin(np.abs(ALONG - 1.5)))
        view.plots[0].hovered.emit(at)
        assert told == [f"1.5 of the step: training loss {cut.whole[at]:.4g}, on the batch {cut.batch[at]:.4g}"]
        view.plots[0].hovered.emit(None)
        assert told[-1] is None


def test_a_diverged_run_has_no_line(qtbot: QtBot) -> None:
    with shown(RUNAWAY, HEALTHY, step=30) as view:
        assert [plot.isHidden() for plot in view.plots] == [True, False]

"""Noise of the gradient and what a loss costs, in the window: what is drawn is what was computed."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import Document
from gradsim.ui.views.train.costs import Costs
from gradsim.ui.views.train.noise import NoiseView
from tests.gui.conftest import OpenWindow, the_view


def test_the_law_and_the_runs_own_batches_are_drawn(
    qtbot: QtBot, open_window: OpenWindow, small: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(small)
    window.show_views(("noise",))
    window.settle()
    view = the_view(window, NoiseView)
    qtbot.waitUntil(lambda: view.found is not None and view.found.step == 40, timeout=30_000)
    assert view.found is not None
    for run, found in enumerate(view.found.runs):
        np.testing.assert_allclose(view._lines[run]._points[:, 1], np.log10(found.law))
        np.testing.assert_allclose(view._lines[run]._points[:, 0], np.log10(found.sizes))
        dot = view._dots.dots[run]
        assert found.batch == 16
        assert (dot.x, dot.y) == (np.log10(16), np.log10(found.expected))
    told: list[str | None] = []
    monkeypatch.setattr(view, "show_tooltip", told.append)
    view._on_hovered(QPointF(np.log10(8.0), 0.0))
    assert told
    assert str(told[0]).startswith("Sigmoid, batch of 8: measured ")
    assert "off by" in view._sentence.told


def test_three_plots_of_one_loss(qtbot: QtBot, open_window: OpenWindow, small: Document) -> None:
    window = open_window(small)
    window.show_views(("costs",))
    window.settle()
    view = the_view(window, Costs)
    qtbot.waitUntil(lambda: window.board.shown_step == 40, timeout=30_000)
    assert [part.options.over for part in view.parts] == ["steps", "samples", "seconds"]
    steps, samples, _ = (part._lines[0].points[0] for part in view.parts)
    np.testing.assert_allclose(samples, 16.0 * steps)
    assert "is reached by" in view._sentence.told

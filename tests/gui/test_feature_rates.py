"""The effective rate of each feature, in the window: what is drawn is what was computed."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import Document
from gradsim.ui.views.train.feature_rates import FeatureRatesView
from tests.gui.conftest import OpenWindow, the_view
from tests.unit.small import experiment

SPARSE = experiment(
    {"optimizer": {"name": "sgd", "learning_rate": 3.0}},
    {"optimizer": {"name": "adagrad", "learning_rate": 3.0}},
    {"optimizer": "lion"},
    data={"name": "sparse", "samples": 600, "features": 60},
    common={"hidden": [], "output": "sigmoid", "init": "zeros", "batch_size": 32},
)


def test_a_dot_for_each_feature_or_a_line_where_all_have_one_rate(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(Document(SPARSE, None))
    window.show_views(("feature_rates",))
    window.settle()
    view = the_view(window, FeatureRatesView)
    qtbot.waitUntil(lambda: view.found is not None and view.found.step == 40, timeout=30_000)
    assert view.found is not None
    plot, high = view.plot, view.plot.plot.box.viewRange()[1][1]
    wanted = np.log10(view.found.runs[1].known)
    wanted[:, 1] = np.minimum(wanted[:, 1], high)
    np.testing.assert_allclose(plot.marks[1].points, wanted)
    assert [len(marks.points) > 40 for marks in plot.marks] == [False, True, False]
    np.testing.assert_allclose(plot.lines[0]._points[:, 1], np.log10(3.0))
    assert [len(line._points) > 3 for line in plot.lines] == [True, True, False]
    assert "SGD: one rate for all features. Adagrad: rare features learn at" in view._sentence.told
    assert [label.text for label in plot._labels.labels] == ["SGD", "Adagrad"]
    told: list[str | None] = []
    monkeypatch.setattr(view, "show_tooltip", told.append)
    plot.plot.hovered.emit(QPointF(*plot.marks[1].points[0]))
    assert str(told[-1]).startswith("not zero in ")
    assert "SGD: 3.0\nAdagrad: " in str(told[-1])
    plot.plot.hovered.emit(None)
    assert told[-1] is None

"""Layers as dots on stems: wide enough to be seen, whiskers on them, a line where there is no room for stems."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import Document
from gradsim.sim.documents.results import run
from gradsim.sim.run.tape import MEDIAN
from gradsim.ui.app import application
from gradsim.ui.export import settle
from gradsim.ui.label import ElidedLabel
from gradsim.ui.plots.dots import radii
from gradsim.ui.plots.stems import LEAST_PX
from gradsim.ui.theme import Look
from gradsim.ui.views.race.rates import Rates
from gradsim.ui.views.train.gradients import Gradients
from gradsim.ui.views.train.layer_bars import LayerBars, _Backward
from gradsim.ui.writers.writer import image_of
from tests.golden.compare import Pixels, pixels
from tests.unit.races import race
from tests.unit.small import RELU, SIGMOID, experiment


def look_of(theme: str) -> Look:
    application()
    return Look.fit(theme, "en", QSize(1920, 1080))


def shown(qtbot: QtBot, layers: int, theme: str = "light", width: int = 1500) -> Gradients:
    spec = experiment(SIGMOID, RELU, common={"hidden": [4] * layers, "batch_size": 16}, replicas=8, steps=5)
    view = Gradients(spec, look_of(theme))
    qtbot.addWidget(view)
    view.resize(width, 500)
    view.show()
    settle(application())
    view.draw(run(Document(spec))[1].until(5))
    settle(application())
    return view


def picture(bars: LayerBars) -> Pixels:
    return pixels(image_of(bars.plot, 1.0))


def place(bars: LayerBars, layer: int, value: float) -> tuple[int, int]:
    """Return the pixel (row, column) of a value of a layer on the log axis."""
    at = bars.plot.box.mapViewToScene(QPointF(layer, value))
    return round(at.y()), round(at.x())


def near(seen: Pixels, row: int, columns: slice, colour: QColor) -> int:
    """Return how many pixels of a part of a row have nearly this colour."""
    wanted = np.array([colour.red(), colour.green(), colour.blue()])
    return int((np.abs(seen[row, columns].astype(int) - wanted).max(axis=1) < 70).sum())


@pytest.mark.parametrize("theme", ["light", "dark", "projector"])
def test_a_stem_stands_under_each_dot(qtbot: QtBot, theme: str) -> None:
    for bars in shown(qtbot, 6, theme)._apart:
        assert bars._band is not None
        assert bars._shared is not None
        seen = picture(bars)
        for layer, value in enumerate(np.log10(bars._band[:, MEDIAN])):
            row, column = place(bars, layer, 0.2 * value + 0.8 * bars._shared[0])
            assert LEAST_PX <= near(seen, row, slice(column - 15, column + 15), bars._stems._pale) < 25
            row, column = place(bars, layer, value)
            assert near(seen, row, slice(column - 15, column + 15), bars._stems._colour) >= 4


@pytest.mark.parametrize("theme", ["light", "dark", "projector"])
def test_a_whisker_is_seen_on_dot_and_stem(qtbot: QtBot, theme: str) -> None:
    look = look_of(theme)
    for bars in shown(qtbot, 6, theme)._apart:
        assert bars._band is not None
        assert bars._shared is not None
        seen, radius = picture(bars), bars._stems.radius_px(bars._column_px())
        with np.errstate(divide="ignore"):
            logs = np.log10(bars._band)
        for layer, (low, middle, high) in enumerate(logs):
            row, column = place(bars, layer, middle)
            assert near(seen, row, slice(column - 2, column + 3), QColor(look.theme.card)) >= 1
            for end in (low, high):
                if bars._shared[0] < end < bars._shared[1] and abs(place(bars, layer, end)[0] - row) > radius + 6:
                    beyond = round((place(bars, layer, end)[0] + row + radius * np.sign(middle - end)) / 2)
                    assert near(seen, beyond, slice(column - 2, column + 3), QColor(look.theme.ink)) >= 1


@pytest.mark.parametrize(("layers", "width", "stems"), [(6, 1500, True), (60, 1800, True), (60, 900, False)])
def test_where_there_is_no_room_for_stems_there_is_a_line(qtbot: QtBot, layers: int, width: int, stems: bool) -> None:
    bars = shown(qtbot, layers, width=width)._apart[0]
    assert np.isfinite(bars._stems._values[:, MEDIAN]).sum() == (layers + 1 if stems else 0)
    assert len(bars._line._points) == (0 if stems else layers + 1)


def test_the_first_and_the_last_hidden_layer_tell_their_values(qtbot: QtBot) -> None:
    sigmoid, relu = shown(qtbot, 6)._apart
    assert all(label.isVisible() for label in sigmoid._ends.values())
    for bars in (sigmoid, relu):
        assert sorted(bars._ends) == [0, 5]
        assert bars._band is not None
        for layer, label in bars._ends.items():
            assert label.toPlainText() == bars._scale.told(float(bars._band[layer, MEDIAN]))


def test_dots_that_coincide_are_rings() -> None:
    places = np.array([(0.0, 0.0), (0.0, 1.0), (50.0, 0.0), (0.5, 0.0)])
    found = radii(places, 5.0)
    assert found[0] > found[1] > found[3] == found[2] == 5.0


def test_no_line_of_rates_goes_on_where_runs_diverge(qtbot: QtBot) -> None:
    spec = race({"label": "SGD", "optimizer": "sgd"}, {"label": "Momentum", "optimizer": "momentum"}, steps=40)
    view = Rates(spec, look_of("light"))
    qtbot.addWidget(view)
    view.resize(900, 400)
    view.draw(run(Document(spec))[1].until(40))
    view.show_study([*view.study().make()][-1])
    assert view._sweep is not None
    values = view._sweep.values(40)
    assert np.isinf(values).any()
    top = view.plot.box.viewRange()[1][1]
    for line, rates, row in zip(view._lines, view._sweep.rates, values, strict=True):
        finite = np.log10(rates[: np.argmax(np.isinf(row)) if np.isinf(row).any() else len(row)])
        assert line._points[-1, 0] <= finite[-1]
        assert line._points[:, 1].max() <= top
    assert len(view._dots._crosses) == int(np.isinf(values).any(axis=1).sum())


def test_a_line_of_text_is_whole_or_shorter_or_ends_in_an_ellipsis(qtbot: QtBot) -> None:
    label = ElidedLabel("median of 8 seeds, smoothed over 15 steps")
    qtbot.addWidget(label)
    label.shorter = ("median of 8", "median")
    width = label.fontMetrics().horizontalAdvance
    for room, expected in ((width(label.text()), label.text()), (width("median of 8") + 1, "median of 8")):
        label.resize(room, 30)
        assert label.shown == expected
    label.resize(width("media"), 30)
    assert label.shown.endswith("…")


@pytest.mark.parametrize("width", [260, 340, 420, 600, 1500])
def test_values_of_neighbours_do_not_lie_over_each_other(qtbot: QtBot, width: int) -> None:
    """In a network of two hidden layers the two values stand beside each other, or the second is left out."""
    seen = 0
    for bars in shown(qtbot, 2, width=width)._apart:
        ends = [label for label in bars._ends.values() if label.isVisible()]
        seen += len(ends)
        boxes = [label.mapRectToScene(label.boundingRect()) for label in ends]
        assert not any(
            one.adjusted(2, 4, -2, -4).intersects(two.adjusted(2, 4, -2, -4)) for one, two in pairwise(boxes)
        )
    assert seen >= 2 or width < 600


@pytest.mark.parametrize("width", [260, 420, 700, 1500])
def test_the_arrow_back_is_whole_or_absent(qtbot: QtBot, width: int) -> None:
    for bars in shown(qtbot, 2, width=width)._apart:
        [arrow] = bars.card.findChildren(_Backward)
        seen = pixels(image_of(arrow, 1.0)).astype(int)
        drawn = np.flatnonzero((np.abs(seen - seen[0, 0]).max(axis=-1) > 40).any(axis=0))
        assert not len(drawn) or drawn.min() > 1
        assert bool(len(drawn)) == (width >= 700)

"""Axes, names and values in plots: whole, at their places, and never on each other, whatever is shown."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import Document
from gradsim.sim.documents.results import run
from gradsim.sim.kinds import Experiment
from gradsim.sim.run.tape import MEDIAN, Tape
from gradsim.ui.app import application
from gradsim.ui.export import settle
from gradsim.ui.plots.dots import Dots
from gradsim.ui.plots.end_labels import EndLabel, EndLabels
from gradsim.ui.plots.plot import DecadeAxis, NamedAxis, Plot, ValueAxis, _Axis, row_of_labels
from gradsim.ui.theme import Look
from gradsim.ui.views.common.curves import Curves
from gradsim.ui.views.common.view import View
from gradsim.ui.views.race.arrival import Arrival
from gradsim.ui.views.race.race_curves import RaceCurveOptions, Value
from gradsim.ui.views.race.rates import Rates
from gradsim.ui.views.train.gradients import MOST_APART, Gradients
from gradsim.ui.views.train.history import History
from gradsim.ui.views.train.train_curves import Accuracy, Loss
from tests.golden.compare import Pixels, pixels
from tests.unit.races import race
from tests.unit.small import experiment

NAMES = ("A name of 24 characters!", "ReLU", "具有二十四个字符的中文名称与很长的说明文字用于测试", "tanh")
OPTIMIZERS = ("sgd", "momentum", "nag", "adagrad", "adadelta", "rmsprop", "adam", "sgd")
SIZES = ((430, 330), (960, 560), (300, 240))


@cache
def trained(runs: int, layers: int) -> tuple[Experiment, Tape]:
    activations = ("sigmoid", "relu", "tanh", "elu")
    made = [{"label": f"{i} {NAMES[i % 4]}"[:24], "activation": activations[i % 4]} for i in range(runs)]
    spec = experiment(*made, common={"hidden": [3] * layers, "batch_size": 16}, steps=60 if layers < 50 else 5)
    return spec, run(Document(spec))[1]


@cache
def raced(runs: int) -> tuple[Experiment, Tape]:
    made = [{"label": f"{i} {NAMES[i % 4]}"[:24], "optimizer": OPTIMIZERS[i]} for i in range(runs)]
    spec = race(*made, steps=60)
    return spec, run(Document(spec))[1]


def shown(qtbot: QtBot, view: View, tape: Tape, step: int, size: tuple[int, int]) -> View:
    qtbot.addWidget(view)
    view.resize(*size)
    view.show()
    settle(application())
    view.draw(tape.until(step))
    if (study := view.study()) is not None:
        view.show_study([*study.make()][-1])
    settle(application())
    view.draw(tape.until(step))
    view.grab()
    return view


def look_of(theme: str, language: str) -> Look:
    application()
    return Look.fit(theme, language, QSize(1024, 768) if theme == "projector" else QSize(1920, 1080))


def ink(axis: _Axis) -> list[QRectF]:
    """Return where the labels of an axis are, in pixels of its plot."""
    drawn = axis.generateDrawSpecs(QPainter())
    rects = []
    for rect, side, text in drawn[2] if drawn else []:
        width, height = axis._width(text), 0.75 * axis._tick_px
        middle = rect.center()
        left = {Qt.AlignmentFlag.AlignLeft: rect.left(), Qt.AlignmentFlag.AlignRight: rect.right() - width}.get(
            side, middle.x() - width / 2
        )
        rects.append(axis.mapRectToScene(QRectF(left, middle.y() - height / 2, width, height)))
    return rects


def apart(rects: Sequence[QRectF]) -> bool:
    inner = [rect.adjusted(0.01, 0.01, -0.01, -0.01) for rect in rects]
    return not any(one.intersects(other) for one, other in combinations(inner, 2))


def inside(rects: Sequence[QRectF], plot: Plot) -> bool:
    return all(QRectF(plot.rect()).adjusted(-1, -1, 1, 1).contains(rect) for rect in rects)


def names_of(plot: Plot) -> list[QRectF]:
    """Return where names are written in a plot, in its pixels."""
    found = []
    for item in plot.scene().items():
        if isinstance(item, EndLabels):
            places = [plot.box.mapViewToScene(QPointF(item._column, label.place)) for label in item.labels]
            rects = item.text_rects(places)
            found += [rect for rect, label in zip(rects, item.labels, strict=True) if label.text]
        if isinstance(item, Dots):
            corner = plot.box.sceneBoundingRect().topLeft()
            found += [placed.rect.translated(corner) for placed in item.placed]
    return found


def check_axes(view: View, fewest: int = 2) -> None:
    plots = [plot for plot in view.findChildren(Plot) if plot.isVisibleTo(view)]
    assert plots
    for plot in plots:
        axes = [item for item in plot.scene().items() if isinstance(item, _Axis)]
        labels = [rect for axis in axes for rect in ink(axis)]
        assert apart(labels), view.key
        assert inside(labels, plot), view.key
        for axis in axes:
            if not isinstance(axis, NamedAxis):
                assert len(ink(axis)) - bool(axis.title) >= fewest, (view.key, axis.orientation)


@pytest.mark.parametrize(("theme", "language"), [("light", "en"), ("dark", "zh_CN"), ("projector", "en")])
@pytest.mark.parametrize("runs", [1, 3, 8])
def test_curves_of_so_many_runs(qtbot: QtBot, theme: str, language: str, runs: int) -> None:
    spec, tape = trained(runs, 3)
    for kind, size in [
        (kind, size) for kind in (Loss, Accuracy) for size in SIZES[: 2 if theme == "projector" else 3]
    ]:
        for step in (0, 7, 60):
            view = shown(qtbot, kind(spec, look_of(theme, language)), tape, step, size)
            assert isinstance(view, Curves)
            check_axes(view)
            names = names_of(view.plot)
            assert apart(names)
            assert inside(names, view.plot)
            if size == SIZES[1]:
                assert len(names) == runs
                check_names_are_free_of_lines(view, names)


def check_names_are_free_of_lines(view: Curves, names: Sequence[QRectF]) -> None:
    for line in view._lines:
        x, y = line.points
        for at in zip(x.tolist(), y.tolist(), strict=True):
            place = view.plot.box.mapViewToScene(QPointF(*at))
            assert not any(rect.contains(place) for rect in names)


@pytest.mark.parametrize("runs", [1, 4, 5, 8])
@pytest.mark.parametrize("layers", [1, 12, 64])
def test_layers_of_so_many_runs(qtbot: QtBot, runs: int, layers: int) -> None:
    spec, tape = trained(runs, layers)
    for theme, language in (("light", "zh_CN"), ("projector", "en")):
        for kind in (Gradients, History):
            size = (1600, 560) if theme == "light" else (1900, 900)
            view = shown(qtbot, kind(spec, look_of(theme, language)), tape, 5, size)
            check_axes(view, fewest=1)
            assert len(view.findChildren(Plot)) == (runs if kind is History or runs <= MOST_APART else 1)
            if kind is Gradients and runs > MOST_APART:
                names = names_of(view.findChildren(Plot)[0])
                assert len(names) == runs
                assert apart(names)
                assert inside(names, view.findChildren(Plot)[0])


def test_values_over_bars_are_whole_however_low_they_are(qtbot: QtBot) -> None:
    spec, tape = trained(2, 3)
    told = 0
    for height in range(110, 330, 10):
        view = shown(qtbot, Gradients(spec, look_of("light", "en")), tape, 5, (900, height))
        assert isinstance(view, Gradients)
        for bars in view._apart:
            for value in (label for label in bars._ends.values() if label.isVisible()):
                bottom = bars.plot.box.mapViewToScene(value.pos()).y()
                room = bottom - bars.plot.box.sceneBoundingRect().top()
                assert room >= QFontMetrics(value.textItem.font()).tightBoundingRect(value.toPlainText()).height()
                told += 1
    assert told


@pytest.mark.parametrize("hidden", [[], [3], [3, 3]])
@pytest.mark.parametrize("width", [184, 240, 400])
def test_layers_are_drawn_however_narrow_they_are(qtbot: QtBot, hidden: list[int], width: int) -> None:
    spec = experiment({"label": "A"}, {"label": "B"}, common={"hidden": hidden, "batch_size": 16}, steps=2)
    tape = run(Document(spec))[1]
    view = shown(qtbot, Gradients(spec, look_of("light", "en")), tape, 1, (width, 228))
    assert isinstance(view, Gradients)
    for bars in view._apart:
        image = pixels(bars.plot.grab().toImage())
        assert np.any(image.max(axis=2) - image.min(axis=2) > 60)


@pytest.mark.parametrize("theme", ["light", "projector"])
@pytest.mark.parametrize("runs", [1, 3, 8])
def test_races_of_so_many_runs(qtbot: QtBot, theme: str, runs: int) -> None:
    spec, tape = raced(runs)
    for kind, size in ((Value, (700, 330)), (Rates, (700, 330)), (Arrival, (700, 240))):
        for step in (0, 60):
            view = shown(qtbot, kind(spec, look_of(theme, "en")), tape, step, size)
            check_axes(view)
            [plot] = view.findChildren(Plot)
            assert inside(names_of(plot), plot)
            assert kind is Rates or apart(names_of(plot))


@pytest.mark.parametrize(
    ("sizes", "over", "is_log"),
    [((20, 1), "samples", True), ((20, 20), "samples", False), ((20, 1), "steps", False)],
)
def test_races_over_samples_with_batches_of_different_sizes_have_a_log_axis(
    qtbot: QtBot, sizes: tuple[int, int], over: str, is_log: bool
) -> None:
    """One sample after the other: the first are as wide apart as all those of the larger batch that follow."""
    spec = race(*({"batch_size": size} for size in sizes), surface="logistic", start=[-8.0, 1.0], steps=60)
    tape = run(Document(spec))[1]
    view = shown(qtbot, Value(spec, look_of("light", "en"), RaceCurveOptions(over=over)), tape, 60, (900, 500))
    assert isinstance(view, Value)
    assert isinstance(view._bottom, DecadeAxis) is is_log
    check_axes(view)
    for size, line in zip(sizes, view._lines, strict=True):
        seen = np.arange(61) * (size if over == "samples" else 1)
        expected = np.log10(np.maximum(seen, 1)) if is_log else seen
        np.testing.assert_allclose(line.points[0][[0, -1]], expected[[0, -1]], atol=1e-9)
        assert set(np.round(line.points[0], 6)) <= set(np.round(expected, 6))
    low, high = view.plot.box.viewRange()[0]
    most = 60.0 * (max(sizes) if over == "samples" else 1)
    last = np.log10(most) if is_log else most
    assert low <= 0.0 < last <= high < 2.0 * last


def test_names_of_those_that_arrive_are_apart_from_those_that_do_not_yet(qtbot: QtBot) -> None:
    spec, tape = raced(8)
    view = shown(qtbot, Arrival(spec, look_of("light", "en")), tape, 60, (760, 240))
    assert isinstance(view, Arrival)
    assert sorted(named.run for named in view.marks.named) == list(range(8))
    assert apart([named.rect for named in view.marks.named])


@pytest.mark.parametrize("size", [(760, 240), (400, 190), (320, 210)])
def test_names_of_those_that_have_not_arrived_are_not_cut_off(qtbot: QtBot, size: tuple[int, int]) -> None:
    spec, tape = raced(8)
    view = shown(qtbot, Arrival(spec, look_of("light", "en")), tape, 0, size)
    assert isinstance(view, Arrival)
    assert sorted(named.run for named in view.marks.named) == list(range(8))
    assert apart([named.rect for named in view.marks.named])
    assert max(named.rect.right() for named in view.marks.named) <= view.plot.room_px()[0] + 1


@pytest.mark.parametrize("step", [0, 1, 5, 30, 60])
def test_the_start_of_each_curve_is_on_its_axis(qtbot: QtBot, step: int) -> None:
    spec, tape = trained(4, 3)
    view = Loss(spec, look_of("light", "en"))
    qtbot.addWidget(view)
    low, high = view.range(tape.until(step))
    for i in range(4):
        first = tape.until(0).history(i, "loss")[0, MEDIAN]
        assert low <= first <= high


@pytest.mark.parametrize("runs", [1, 8])
def test_curves_are_drawn_however_narrow_they_are(qtbot: QtBot, runs: int) -> None:
    spec, tape = trained(runs, 3)
    view = shown(qtbot, Loss(spec, look_of("light", "en")), tape, 60, (430, 330))
    assert isinstance(view, Loss)
    for width in range(20, 160):
        view.plot.resize(width, 120)
        (low, high), _ = view.plot.box.viewRange()
        assert low < 0.0 < 60.0 <= high < 200.0


def test_a_loss_that_falls_at_once_is_on_the_axis_from_its_start(qtbot: QtBot) -> None:
    """Of many steps, 98 % are far below the first."""
    bands = np.full((4000, 3), 0.5)
    bands[:2] = 4.02

    class Fallen:
        steps, step, diverged, gone = np.arange(4000), 3999, (), frozenset[int]()

        def history(self, run: int, name: str) -> Any:
            return bands

    spec, _ = trained(1, 3)
    view = Loss(spec, look_of("light", "en"))
    qtbot.addWidget(view)
    assert view.range(Fallen())[1] >= 4.02  # type: ignore[arg-type]


@pytest.mark.parametrize("size", SIZES)
def test_a_time_axis_grows_with_the_run(qtbot: QtBot, size: tuple[int, int]) -> None:
    spec, tape = trained(2, 3)
    ends = []
    for step in (0, 20, 40, 60):
        view = shown(qtbot, Loss(spec, look_of("light", "en")), tape, step, size)
        assert isinstance(view, Loss)
        ends.append(view._bottom.end)
        assert view.plot.box.viewRange()[0][1] >= view._bottom.end
    assert ends == [40.0, 40.0, 50.0, 60.0]


@pytest.mark.parametrize("width", [60, 80, 130, 300])
def test_the_labels_of_an_axis_leave_room_for_what_is_drawn(qtbot: QtBot, width: int) -> None:
    look = look_of("light", "en")
    plot = Plot(look, axis := ValueAxis("left", look), ValueAxis("bottom", look))
    qtbot.addWidget(plot)
    plot.set_ranges((-1e-300, 1e-300), (-1e-300, 1e-300))
    plot.left_width(axis.labels(-1e-300, 1e-300))
    plot.resize(width, 100)
    plot.show()
    settle(application())
    assert plot.box.width() >= 0.3 * width
    has_labels = bool(axis.generateDrawSpecs(QPainter())[2])  # type: ignore[index]
    assert has_labels == axis.has_room == (width == 300)


@given(
    st.lists(st.floats(0, 800), max_size=20).map(sorted), st.floats(1, 90), st.floats(0, 20),
    st.floats(0, 120), st.booleans(),
)  # fmt: skip
def test_labels_of_a_row_never_overlap(
    places: list[float], width: float, gap: float, title: float, title_first: bool
) -> None:
    kept, named = row_of_labels(places, [width] * len(places), (-60.0, 860.0), gap, title, title_first)
    spans = sorted([span for span in kept if span] + ([named] if named else []))
    assert all(one[1] + gap <= other[0] + 1e-5 for one, other in pairwise(spans))
    assert all(start >= -60.0 and stop <= 860.0 + 1e-9 for start, stop in spans)
    assert not places or title or kept[-1]
    if places and title_first and named and named[1] < places[0] and (places[-1] - places[0] > width + gap):
        assert kept[0] is not None


@settings(max_examples=60)
@given(st.floats(-6, 6), st.floats(0.0, 1.0), st.floats(180, 1200), st.sampled_from(["left", "bottom"]))
def test_an_axis_of_numbers_has_enough_ticks_at_round_places(
    magnitude: float, start: float, length: float, orientation: str
) -> None:
    high = 10.0**magnitude
    axis = ValueAxis(orientation, look_of("light", "en"))
    [(spacing, values)] = axis.tickValues(start * high * 0.9, high, length)
    assert len(values) >= 2
    assert all(abs(value / spacing - round(value / spacing)) < 1e-6 for value in values)
    assert all("e" not in text for text in axis.tickStrings(values, 1.0, spacing))
    assert len(set(axis.tickStrings(values, 1.0, spacing))) == len(values)


@settings(max_examples=200)
@given(st.floats(-300, 300), st.floats(0.0, 0.9999), st.floats(180, 1200), st.booleans())
def test_ticks_of_tiny_and_huge_numbers_are_told_apart_in_few_letters(
    magnitude: float, start: float, length: float, negative: bool
) -> None:
    low, high = sorted((-1.0) ** negative * 10.0**magnitude * share for share in (start, 1.0))
    axis = ValueAxis("left", look_of("light", "en"))
    [(spacing, values)] = axis.tickValues(low, high, length)
    texts = axis.tickStrings(values, 1.0, spacing)
    assert len(set(texts)) == len(values) >= 2
    assert max(map(len, texts)) <= 18, texts
    assert "e" not in "".join(texts)


@settings(max_examples=60)
@given(st.integers(-300, 20), st.integers(1, 40), st.floats(100, 1200))
def test_an_axis_of_powers_has_enough_ticks(low: int, decades: int, length: float) -> None:
    axis = DecadeAxis("left", look_of("light", "en"))
    [(_, values)] = axis.tickValues(float(low), float(low + decades), length)
    assert 1 <= len(values) <= length / axis._tick_px
    assert decades < 4 or len(values) >= 2


def test_names_close_above_each_other_are_whole(qtbot: QtBot) -> None:
    """The ground of the lower name does not cut what of the upper one reaches below its line."""
    look = Look.fit("light", "en", QSize(960, 540))
    item = EndLabels(look, 2)
    em = look.metrics.name
    upper = EndLabel(0, "gypqg 2", 20.0, 2.0 * em, 2.0 * em)
    lower = EndLabel(1, "aaaaaa", 20.0, 3.0 * em, 3.0 * em)  # as near as names come, no letter reaches up

    def painted(labels: list[EndLabel]) -> Pixels:
        image = QImage(200, 6 * em, QImage.Format.Format_RGB32)
        image.fill(QColor(look.theme.card))
        item.show_labels(labels, 20.0, QRectF(0, 0, 200, 6 * em))
        painter = QPainter(image)
        item.paint(painter)
        painter.end()
        return pixels(image)[: round(2.75 * em), 40:]

    assert np.array_equal(painted([upper, lower]), painted([upper]))

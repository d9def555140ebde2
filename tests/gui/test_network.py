"""The network's picture: its lines and figures are what was measured, its pulse runs on play alone."""

from __future__ import annotations

import ctypes
import itertools
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QSize
from PySide6.QtGui import QColor, QFont, QFontMetrics
from PySide6.QtWidgets import QApplication, QStyle, QWidget
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import Document
from gradsim.sim.documents.results import run
from gradsim.sim.kinds.train.network_sample import DrawnNetwork
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.run.tape import Tape
from gradsim.ui.app import application
from gradsim.ui.export import Picture, prepared, settle
from gradsim.ui.motion import motion_is_welcome
from gradsim.ui.plots.network_blocks import NetworkBlocks
from gradsim.ui.plots.network_lines import NetworkLines
from gradsim.ui.plots.network_picture import MOST_HIDDEN, NetworkPicture, spaced
from gradsim.ui.plots.strength import LEVELS
from gradsim.ui.theme import Look, font
from gradsim.ui.views.train import network as module
from gradsim.ui.views.train.gradients import Gradients
from gradsim.ui.views.train.network import NetworkOptions, NetworkView, best_columns, shared_decades
from gradsim.words.numbers import exact, figure
from tests.covering import covering
from tests.gui.conftest import OpenWindow, the_view
from tests.gui.test_chain_and_census import MANY, point_at
from tests.look.recorder import recorded
from tests.unit.small import RELU, SIGMOID, experiment

DEEP = {"hidden": [8, 8, 8], "batch_size": 16}
FAST = {"optimizer": {"name": "sgd", "learning_rate": 1e6}}
DYING = RELU | {"optimizer": {"name": "sgd", "learning_rate": 3.0}}


def small(*runs: dict[str, Any], common: dict[str, Any] = DEEP, **settings: Any) -> Train:
    return experiment(*(runs or (SIGMOID, DYING)), common=common, **{"replicas": 3, "steps": 12} | settings)


@contextmanager
def shown(
    spec: Train, step: int = 12, theme: str = "light", size: tuple[int, int] = (1200, 800), language: str = "en"
) -> Iterator[NetworkView]:
    picture = Picture(theme, language, size=size, view="network")
    with prepared(Document(spec), step, picture, {}) as (board, _):
        assert (board.width(), board.height()) == size
        [view] = board.findChildren(NetworkView)
        yield view


def known(view: NetworkView, index: int) -> DrawnNetwork:
    assert view.found
    found = view.found.runs[index]
    assert isinstance(found, DrawnNetwork)
    return found


def lines_of(picture: NetworkPicture) -> NetworkLines:
    assert isinstance(picture.drawing, NetworkLines)
    return picture.drawing


def tape_of(spec: Train) -> Tape:
    return run(Document(spec))[1]


# The figures


@pytest.mark.parametrize("replicas", [1, 2, 3])
@pytest.mark.parametrize("hidden", [[], [8, 8, 8], [5] * 30])
def test_figures_are_those_of_the_bars(qtbot: QtBot, replicas: int, hidden: list[int]) -> None:
    application()
    spec = small(common=DEEP | {"hidden": hidden}, replicas=replicas)
    look, tape = Look.fit("light", "en", QSize(1200, 800)), tape_of(spec)
    network, bars = NetworkView(spec, look), Gradients(spec, look)
    for view in (network, bars):
        qtbot.addWidget(view)
    for step in (0, 5, 12):
        for view in (network, bars):
            view.draw(tape.until(step))
        for index, (figures, apart) in enumerate(zip(network._figures, bars._apart, strict=True)):
            assert apart._band is not None
            np.testing.assert_array_equal(figures.values, apart._band[:, 1])
            medians = np.median(tape.until(step).values(index, "grad_rms"), axis=1)
            np.testing.assert_allclose(figures.values, medians, rtol=1e-12)


def test_the_figures_of_a_run_that_diverged_are_those_of_its_bars(qtbot: QtBot) -> None:
    application()
    gone = RELU | {
        "label": "Gone",
        "output": "linear",
        "loss": "mse",
        "optimizer": {"name": "sgd", "learning_rate": 1e4},
    }
    spec, look = small(SIGMOID, gone, steps=40), Look.fit("light", "en", QSize(1200, 800))
    past = tape_of(spec).until(40)
    assert past.gone == {1}
    network, bars = NetworkView(spec, look), Gradients(spec, look)
    for view in (network, bars):
        qtbot.addWidget(view)
        view.draw(past)
    np.testing.assert_array_equal(network._figures[1].values, bars._apart[1]._band[:, 1])  # type: ignore[index]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_figure_is_written_under_every_gap(qtbot: QtBot, theme: str) -> None:
    spec = small()
    tape = tape_of(spec)
    with shown(spec, theme=theme) as view:
        for index, picture in enumerate(view._pictures):
            drawing, texts = lines_of(picture), recorded(picture).texts
            for layer, value in enumerate(np.median(tape.until(12).values(index, "grad_rms"), axis=1).tolist()):
                [text] = [
                    t
                    for t in texts
                    if t.text == figure(value) and abs(t.box.center().x() - drawing.middle(layer)) < 3
                ]
                assert text.box.top() > drawing.room.bottom()


def test_the_sentence_tells_the_ratio_of_the_figures_that_are_shown(qtbot: QtBot) -> None:
    with shown(small(SIGMOID)) as view:
        values = view._figures[0].values
        assert figure(float(values[-1] / values[0])) in view._sentence._label.text()


# Lines, units, blocks


@pytest.mark.parametrize("theme", ["light", "dark", "projector"])
def test_lines_are_as_strong_as_the_gradients_of_their_weights(qtbot: QtBot, theme: str) -> None:
    with shown(small(), theme=theme) as view:
        for index, picture in enumerate(view._pictures):
            network, drawing = known(view, index), lines_of(picture)
            strokes = {
                tuple(np.round(ends, 1)): stroke
                for stroke in recorded(picture).strokes
                for ends in stroke.segments.tolist()
            }
            low, high = view._key.decades
            for gap, values in enumerate(network.weights):
                for ends, value in zip(drawing._ends(gap).tolist(), values.tolist(), strict=True):
                    share = (np.log10(value) - low) / (high - low) if value > 0.0 else 0.0
                    level = round(float(np.clip(share, 0.0, 1.0)) * (LEVELS - 1))
                    stroke = strokes[tuple(np.round(ends, 1))]
                    assert stroke.colour == drawing.strength.colour(level / (LEVELS - 1)).name()


def test_no_figure_is_above_the_scale_and_the_strongest_are_near_its_end(qtbot: QtBot) -> None:
    tape = tape_of(small())
    for step in range(13):
        low, high = shared_decades(tape.until(step), small())
        figures = np.concatenate([np.median(tape.until(step).values(i, "grad_rms"), axis=1) for i in (0, 1)])
        seen = [np.median(tape.until(step).replicas(i, "grad_rms"), axis=2).max() for i in (0, 1)]
        assert low < np.log10(figures[figures > 0.0]).min()
        assert high - 2.0 < np.log10(max(seen)) <= high


@pytest.mark.parametrize("theme", ["light", "dark", "projector"])
def test_stronger_is_darker_and_wider_on_light_ground_and_brighter_on_dark(qtbot: QtBot, theme: str) -> None:
    with shown(small(), theme=theme) as view:
        strength = lines_of(view._pictures[0]).strength
        lightness = [colour.lightnessF() for colour in strength.colours]
        widths = [strength.pen(level, 100.0).widthF() for level in range(LEVELS)]
        assert lightness == sorted(lightness, reverse=theme != "dark")
        assert lightness[0] != lightness[-1]
        assert widths == sorted(widths)
        assert (widths[-1] > 2 * widths[0]) == (theme != "dark")


def test_dead_units_are_crossed(qtbot: QtBot) -> None:
    with shown(small()) as view:
        counts = []
        for index, picture in enumerate(view._pictures):
            dead = sum(int(each.sum()) for each in known(view, index).dead)
            ink = QColor(view.look.theme.ink).name()
            room = lines_of(picture).room
            strokes = [s for s in recorded(picture).strokes if s.colour == ink and len(s.points) == 2]
            crossing = [s for s in strokes if room.contains(QPointF(*s.points.mean(axis=0)))]
            assert len(crossing) == 2 * dead
            counts.append(dead)
        assert counts[0] == 0 < counts[1]
        assert "crossed units are dead" in view._which.text()
    with shown(small(SIGMOID)) as view:
        assert "crossed" not in view._which.text()


def test_the_same_lines_are_drawn_for_both_runs_and_at_each_step(qtbot: QtBot) -> None:
    spec = small()
    ends = []
    for step in (0, 12):
        with shown(spec, step) as view:
            for picture in view._pictures:
                drawing = lines_of(picture)
                ends.append(np.concatenate([drawing._ends(gap)[:, [1, 3]] for gap in range(4)]))
                ends[-1] = (ends[-1] - drawing.room.top()) / drawing.room.height()
    for other in ends[1:]:
        np.testing.assert_allclose(other, ends[0], atol=1e-9)


@pytest.mark.parametrize("layers", [MOST_HIDDEN, MOST_HIDDEN + 1, 30, 100])
def test_deep_networks_are_blocks(qtbot: QtBot, layers: int) -> None:
    with shown(small(common=DEEP | {"hidden": [4] * layers}, replicas=1, steps=2), 2) as view:
        assert (view.study() is None) == (layers > MOST_HIDDEN)
        for picture, figures in zip(view._pictures, view._figures, strict=True):
            drawing = picture.drawing
            assert drawing is not None
            assert isinstance(drawing, NetworkBlocks) == (layers > MOST_HIDDEN)
            if isinstance(drawing, NetworkBlocks):
                assert len(figures.values) == layers + 1
                shapes = [
                    shape for shape in recorded(picture).shapes if shape.box.height() > 0.9 * drawing.room.height()
                ]
                colours = [s.colour for s in shapes if s.box.width() < 0.5 * drawing.room.width()]
                shares = drawing.strength.shares(figures.values)
                assert colours[: layers + 1] == [drawing.strength.colour(share).name() for share in shares.tolist()]


def test_wide_layers_are_said_to_be_a_sample(qtbot: QtBot) -> None:
    with shown(small(common=DEEP | {"hidden": [100, 33]}, replicas=1, steps=1), 1) as view:
        assert "32 of 100 units, 32 of 33 units" in view._which.text()
        assert "2 of each unit’s weights are drawn (6 at the output)" in view._which.text()
        assert "chosen by lot" in view._which.text()


def test_outputs_are_called_by_class_and_target(qtbot: QtBot) -> None:
    cases: list[tuple[dict[str, Any], dict[str, Any], list[str]]] = [
        ({"name": "digits", "samples": 150}, {}, [str(n) for n in range(10)]),
        ({"name": "moons"}, {}, ["0", "1"]),
        ({"name": "moons"}, {"output": "sigmoid"}, ["1"]),
        ({"name": "linear"}, {"output": "linear", "loss": "mse"}, ["y"]),
    ]
    for data, settings, names in cases:
        with shown(small(SIGMOID, common=DEEP | settings, data=data)) as view:
            picture = view._pictures[0]
            drawing, texts = lines_of(picture), recorded(picture).texts
            right = [
                t.text
                for t in texts
                if t.box.left() > drawing.room.right() and t.box.bottom() < drawing.room.bottom() + 5
            ]
            assert right == names
            assert (picture._fitted.image_side > 0) == (data["name"] == "digits")


def test_lines_that_are_late_say_of_which_step_they_are(qtbot: QtBot) -> None:
    spec = small()
    with shown(spec, 5) as view:
        assert "lines of step" not in view._which.text()
        view.set_in_motion(True)
        view.draw(tape_of(spec).until(9))
        assert "lines of step 5" in view._which.text()
        figures = np.median(tape_of(spec).until(9).values(0, "grad_rms"), axis=1)
        np.testing.assert_allclose(view._figures[0].values, figures, rtol=1e-12)


# The pointer


def test_the_pointer_reads_units_weights_and_layers(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    with shown(small()) as view:
        told: list[str | None] = []
        monkeypatch.setattr(view, "show_tooltip", told.append)
        for index, picture in enumerate(view._pictures):
            network, drawing = known(view, index), lines_of(picture)
            for layer in (1, 2, 3, 4):
                point_at(picture, QPointF(*drawing.points(layer)[3]))
                assert told[-1] is not None
                assert f"unit 4: |∂L/∂b| = {exact(float(network.biases[layer - 1][3]))}\n" in told[-1]
                assert told[-1].endswith("\nstep 12, replica 1 of 3")
                assert ("dead: on for none" in told[-1]) == (layer < 4 and bool(network.dead[layer - 1][3]))
            point_at(picture, QPointF(*drawing.points(0)[20]))
            assert told[-1] is not None
            assert told[-1].startswith(f"input 21: {exact(float(network.x[20]))}")
            gap, ends, read = network.sample.gaps[3], drawing._ends(3), 0
            for line in range(0, len(ends), 7):
                at = ends[line, :2] + 0.31 * (ends[line, 2:] - ends[line, :2])
                point_at(picture, QPointF(*at))
                below = network.sample.units[3][gap.start[line]] + 1
                value, above = exact(float(network.weights[3][line])), gap.stop[line] + 1
                text = f"output, weight from {below} below to unit {above}: |∂L/∂w| = {value}"
                spot = drawing.spot(QPointF(*at))
                assert spot is not None
                if spot == ("weight", 3, line):
                    read += 1
                    assert told[-1] is not None
                    assert told[-1].startswith(text)
            assert read >= 3  # where lines cross, another one may be nearer
            picture.leaveEvent(None)
            assert told[-1] is None


def test_the_pointer_reads_blocks(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    with shown(small(SIGMOID, common=DEEP | {"hidden": [4] * 20}, steps=2), 2) as view:
        told: list[str | None] = []
        monkeypatch.setattr(view, "show_tooltip", told.append)
        drawing = view._pictures[0].drawing
        assert isinstance(drawing, NetworkBlocks)
        for layer in (0, 10, 20):
            point_at(view._pictures[0], drawing.block(layer).center())
            name = f"hidden {layer + 1}" if layer < 20 else "output"
            value = exact(float(view._figures[0].values[layer]))
            assert told[-1] == f"{name}: RMS |∂L/∂W| = {value}\nmedian of 3 seeds"


# The pulse


def test_a_picture_that_is_exported_has_no_pulse(qtbot: QtBot) -> None:
    with shown(small()) as view:
        assert not view._timer.isActive()
        assert [picture.pulse.phase for picture in view._pictures] == [None, None]


def playing(open_window: OpenWindow, spec: Train) -> tuple[Any, NetworkView]:
    window = open_window(Document(spec))
    window.show_views(("network",))
    window.settle()
    window.controller.set_speed(1)
    return window, the_view(window, NetworkView)


def test_the_pulse_runs_on_play_alone(qtbot: QtBot, open_window: OpenWindow) -> None:
    window, view = playing(open_window, small(steps=4000))
    qtbot.waitUntil(lambda: view._pictures[0].pulse.phase is not None, timeout=10_000)
    window.controller.pause()
    assert not view._timer.isActive()
    assert [picture.pulse.phase for picture in view._pictures] == [None, None]
    window.controller.seek(3)
    assert not view._timer.isActive()
    window.controller.toggle()
    qtbot.waitUntil(view._timer.isActive, timeout=10_000)
    window.hide()
    assert not view._timer.isActive()
    window.show()
    assert view._timer.isActive()


def test_there_is_no_pulse_where_less_motion_is_asked_for(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "motion_is_welcome", lambda _: False)
    window, view = playing(open_window, small(steps=4000))
    first = window.controller.step
    qtbot.waitUntil(lambda: window.controller.step > first, timeout=10_000)
    assert view.in_motion
    assert not view._timer.isActive()


def test_the_pulse_may_be_switched_off(qtbot: QtBot) -> None:
    application()
    for option in ("on", "off"):
        view = NetworkView(small(), Look.fit("light", "en", QSize(1200, 800)), NetworkOptions(pulse=option))
        qtbot.addWidget(view)
        view.show()
        view.set_in_motion(True)
        assert view._timer.isActive() == (option == "on")


def test_what_a_style_and_a_system_ask_for_is_heard(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    application()
    picture = QWidget()
    qtbot.addWidget(picture)
    assert motion_is_welcome(picture)
    for duration in (200, 0):
        monkeypatch.setattr(QApplication, "style", lambda n=duration: _Style(n))
        assert motion_is_welcome(picture) == (duration > 0)


def test_what_windows_asks_for_is_heard(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    application()
    picture = QWidget()
    qtbot.addWidget(picture)
    for answers, animates in itertools.product((True, False), (True, False)):

        def asked(what: int, size: int, place: Any, flags: int, answers: bool = answers, on: bool = animates) -> int:
            assert (what, size, flags) == (0x1042, 0, 0)
            ctypes.cast(place, ctypes.POINTER(ctypes.c_int))[0] = int(on)
            return int(answers)

        user32 = SimpleNamespace(SystemParametersInfoW=asked)
        monkeypatch.setattr(ctypes, "windll", SimpleNamespace(user32=user32), raising=False)
        monkeypatch.setattr(sys, "platform", "win32")
        assert motion_is_welcome(picture) == (animates or not answers)


def test_less_motion_is_chosen_in_the_menu_and_remembered(qtbot: QtBot, open_window: OpenWindow) -> None:
    window, view = playing(open_window, small(steps=4000))
    assert view._timer.isActive()
    for reduces in (True, False):
        action = next(each for each in window.menus.menu("View").actions() if each.text() == "Reduce motion")
        assert action.isChecked() != reduces
        action.trigger()
        qtbot.waitUntil(partial(_beats, view, not reduces), timeout=10_000)
        assert window.settings().still == reduces
    window.restore(replace(window.settings(), still=True))
    assert not motion_is_welcome(view)


def _beats(view: NetworkView, wanted: bool) -> bool:
    return view._timer.isActive() == wanted


class _Style:
    """A style that animates for so many milliseconds."""

    def __init__(self, duration: int) -> None:
        self._duration = duration

    def styleHint(self, hint: QStyle.StyleHint) -> int:
        return self._duration if hint == QStyle.StyleHint.SH_Widget_Animation_Duration else -1


def test_the_pulse_is_as_bright_as_the_figure_of_each_layer(qtbot: QtBot) -> None:
    with shown(small()) as view:
        low, high = view._key.decades
        for picture, figures in zip(view._pictures, view._figures, strict=True):
            with np.errstate(divide="ignore"):
                shares = np.clip((np.log10(figures.values) - low) / (high - low), 0.0, 1.0)
            seen: dict[int, float] = {}
            for phase in np.linspace(0.0, 1.0, 301).tolist():
                picture.pulse.move(phase)
                for layer in range(4):
                    bright = picture.pulse.brightness(lines_of(picture).middle(layer))
                    seen[layer] = max(seen.get(layer, 0.0), bright)
            np.testing.assert_allclose([seen[layer] for layer in range(4)], shares, atol=0.02)


def test_the_pulse_runs_from_the_output_to_the_input(qtbot: QtBot) -> None:
    with shown(small(RELU)) as view:
        picture = view._pictures[0]
        order: list[int] = []
        for phase in np.linspace(0.0, 1.0, 101).tolist():
            picture.pulse.move(phase)
            bright = [picture.pulse.brightness(lines_of(picture).middle(layer)) for layer in range(4)]
            if max(bright) > 0.3 and (not order or order[-1] != int(np.argmax(bright))):
                order.append(int(np.argmax(bright)))
        assert order == [3, 2, 1, 0]


# Dead units in blocks


def test_blocks_are_hollow_by_the_share_of_dead_units(qtbot: QtBot) -> None:
    """By that of the median of the replicas, as are the figures below them."""
    deep = {"hidden": [8] * (MOST_HIDDEN + 1), "batch_size": 16}
    spec = small(SIGMOID, DYING, common=deep)
    past = tape_of(spec).until(12)
    shares = [np.median(past.values(index, "dead")[: MOST_HIDDEN + 1], axis=1) for index in range(2)]
    assert not shares[0].any()
    assert shares[1].any()
    with shown(spec) as view:
        assert "hollow" in view._which.text()
        for picture, wanted in zip(view._pictures, shares, strict=True):
            blocks = picture.drawing
            assert isinstance(blocks, NetworkBlocks)
            for layer, share in enumerate([*wanted.tolist(), 0.0]):
                part = blocks.dead_part(layer)
                assert part.height() == pytest.approx(share * blocks.room.height())
                assert part.bottom() == pytest.approx(blocks.room.bottom())
        most = int(np.argmax(shares[1]))
        assert f"{100 * shares[1][most]:.0f} %" in view._told_of_layer(1, None, most)
    with shown(small(SIGMOID, common=deep)) as view:
        assert "hollow" not in view._which.text()


def test_a_run_that_has_diverged_is_said_to_have_not_to_have_lost_its_gradient(qtbot: QtBot) -> None:
    gone: dict[str, Any] = FAST | {"label": "Gone", "activation": "linear"}
    for layers in (3, MOST_HIDDEN + 1):
        with shown(small(SIGMOID, gone, common=DEEP | {"hidden": [8] * layers})) as view:
            assert view._gone == {1}
            assert "Gone: diverged" in view._sentence.told


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("layers", [4, 11, 30, 91, 100])
def test_names_of_layers_do_not_touch(qtbot: QtBot, layers: int, language: str) -> None:
    spec = small(RELU, SIGMOID, common=DEEP | {"hidden": [4] * layers}, replicas=1, steps=1)
    for theme, size in (("light", (1920, 1080)), ("projector", (1920, 1080)), ("projector", (1024, 768))):
        with shown(spec, 1, theme, size, language) as view:
            for picture in view._pictures:
                bottom, tick = picture.room().bottom(), view.look.metrics.tick
                texts = [each.box for each in recorded(picture).texts if each.box.center().y() > bottom]
                row = sorted((box.left(), box.right()) for box in texts if box.center().y() < bottom + 1.6 * tick)
                assert len(row) > 2
                assert all(right + 0.3 * tick < left for (_, right), (left, _) in itertools.pairwise(row))


# All counts of runs, in all sizes


def overlapping(boxes: Sequence[Any]) -> list[tuple[str, str]]:
    return [
        (one.text, other.text)
        for i, one in enumerate(boxes)
        for other in boxes[i + 1 :]
        if one.box.adjusted(1, 1, -1, -1).intersects(other.box.adjusted(1, 1, -1, -1))
    ]


@pytest.mark.parametrize(
    ("theme", "size", "runs"), covering(["light", "projector"], [(1024, 768), (1920, 1080)], range(1, 9))
)
def test_any_number_of_runs_has_room(qtbot: QtBot, theme: str, size: tuple[int, int], runs: int) -> None:
    common = DEEP | {"hidden": [8] * 8}
    with shown(small(*MANY[:runs], common=common, replicas=1, steps=1), 1, theme, size) as view:
        for picture, figures in zip(view._pictures, view._figures, strict=True):
            texts = recorded(picture).texts
            assert overlapping(texts) == []
            assert all(text.box.left() >= -1 and text.box.right() <= picture.width() + 1 for text in texts)
            assert lines_of(picture).room.height() > 1.5 * view.look.metrics.tick
            written = [text.text for text in texts]
            if theme == "light":
                assert figures.texts[-1] in written
        assert view._sentence.isHidden() or view._sentence.height() < 2.9 * _line(view)


def _line(view: NetworkView) -> int:
    return QFontMetrics(font(view.look.metrics.title, QFont.Weight.Bold)).lineSpacing()


@pytest.mark.parametrize(
    ("theme", "size", "layers"),
    covering(["light", "dark", "projector"], [(1024, 768), (1920, 1080)], [0, 1, 8, 12, 13, 30, 100]),
)
def test_any_depth_has_room(qtbot: QtBot, theme: str, size: tuple[int, int], layers: int) -> None:
    with shown(small(common=DEEP | {"hidden": [3] * layers}, replicas=1, steps=1), 1, theme, size, "zh_CN") as view:
        for picture in view._pictures:
            texts = recorded(picture).texts
            assert overlapping(texts) == []
            assert all(text.box.left() >= -1 and text.box.right() <= picture.width() + 1 for text in texts)


def test_cards_are_arranged_to_suit_the_room() -> None:
    assert [best_columns(2, *room, 100) for room in ((1900, 900), (1600, 300), (700, 900))] == [1, 2, 1]
    assert best_columns(4, 1900, 900, 100) == 2
    assert best_columns(8, 1900, 850, 230) == 4


def test_texts_that_have_no_room_are_left_out_evenly_but_for_the_ends() -> None:
    places = [10.0 * i for i in range(11)]
    assert spaced(places, [8.0] * 11, 1.0) == list(range(11))
    assert spaced(places, [18.0] * 11, 1.0) == [0, 2, 4, 6, 8, 10]
    assert spaced(places, [28.0] * 11, 1.0) == [0, 3, 6, 10]
    assert spaced(places, [200.0] * 11, 1.0) == [10]
    assert spaced([5.0], [8.0], 1.0) == [0]


@pytest.mark.parametrize(("height", "few"), [(120, 0), (140, 1), (170, 2), (300, 2)])
def test_a_low_view_leaves_out_texts_rather_than_cutting_them(qtbot: QtBot, height: int, few: int) -> None:
    spec = small(common=DEEP | {"hidden": [8] * 8}, replicas=1)
    with shown(spec, size=(900, 600)) as view:
        view.setParent(None)
        qtbot.addWidget(view)
        view.resize(560, height)
        view.show()
        settle(application())
        for picture in view._pictures:
            texts = recorded(picture).texts
            assert overlapping(texts) == []
            assert all(text.box.bottom() <= picture.height() for text in texts)
            assert lines_of(picture).room.height() > view.look.metrics.tick
            assert picture._fitted.rows == few


# Over the bars


@pytest.mark.parametrize(("runs", "size"), [(1, (1920, 1080)), (2, (1920, 1080)), (2, (1024, 768))])
@pytest.mark.parametrize("layers", [3, MOST_HIDDEN + 1])
def test_the_gaps_stand_over_the_bars_of_their_layers(
    qtbot: QtBot, open_window: OpenWindow, runs: int, size: tuple[int, int], layers: int
) -> None:
    spec = small(SIGMOID, RELU, common=DEEP | {"hidden": [8] * layers})
    window = open_window(Document(replace(spec, runs=spec.runs[:runs])), size=size)
    window.show_views(("network", "gradients"))
    window.settle()
    view, below = the_view(window, NetworkView), the_view(window, Gradients)
    if view._columns != runs:
        pytest.skip("the networks are not beside each other, as the bars are")
    for picture, bars in zip(view._pictures, below._apart, strict=True):
        qtbot.waitUntil(partial(_is_drawn, picture), timeout=10_000)
        QApplication.processEvents()  # plots are laid out by an event
        picture.grab()
        left = picture.mapTo(window, QPoint(0, 0)).x()
        for layer in range(layers + 1):
            bar = bars.plot.mapTo(window, bars.plot.mapFromScene(bars.plot.box.mapViewToScene(QPointF(layer, -1.0))))
            assert picture.drawing
            assert left + picture.drawing.middle(layer) == pytest.approx(bar.x(), abs=1.5)


def _is_drawn(picture: NetworkPicture) -> bool:
    return picture.drawing is not None


def test_alone_the_network_takes_all_its_width(qtbot: QtBot) -> None:
    with shown(small()) as view:
        for picture in view._pictures:
            assert picture.columns_below() is None
            assert picture.room().width() > 0.75 * picture.width()

"""The way back and the units that take part: what is drawn, told and offered there is what was measured."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import Document
from gradsim.sim.documents.results import run
from gradsim.sim.kinds.train.chain import chain
from gradsim.sim.kinds.train.snapshot import snapshots
from gradsim.sim.run.tape import Past
from gradsim.ui.app import application
from gradsim.ui.exponents import width_of
from gradsim.ui.export import Picture, prepared, settle
from gradsim.ui.theme import Look, font
from gradsim.ui.views.train.census import REVIVAL, CensusView
from gradsim.ui.views.train.chain import ChainView
from gradsim.ui.writers.writer import image_of
from gradsim.words.numbers import figure
from tests.golden.compare import pixels
from tests.gui.conftest import OpenWindow, the_view
from tests.unit.small import RELU, SIGMOID, as_train, experiment, trained

DEEP = {"hidden": [8, 8, 8], "batch_size": 16}
DYING = RELU | {"optimizer": {"name": "sgd", "learning_rate": 3.0}}
"""A rate at which some units die at once."""
NAMES = ["Sigmoid", "ReLU", "A name of 22 characters", "随机梯度下降法与动量的结合以及初始化"]
MANY = [{"label": f"{name}{i}", "activation": "sigmoid"} for i in range(2) for name in NAMES]
MIDDLE = QSize(1200, 800)


def way_back(
    qtbot: QtBot, *runs: dict[str, Any], theme: str = "light", size: QSize = MIDDLE
) -> tuple[ChainView, Past]:
    application()
    spec = experiment(*runs, common=DEEP, replicas=3, steps=5)
    view = ChainView(spec, Look.fit(theme, "en", size))
    qtbot.addWidget(view)
    view.resize(size)
    view.show()
    settle(application())
    past = run(Document(spec))[1].until(5)
    view.draw(past)
    settle(application())
    return view, past


def test_levels_are_drawn_at_the_norms_of_the_tape(qtbot: QtBot) -> None:
    view, past = way_back(qtbot, SIGMOID, RELU)
    for stairs in view._stairs:
        seen = pixels(image_of(stairs, 1.0)).astype(int)
        ink = QColor(view.look.theme.ink)
        norms = past.values(stairs.run, "delta_norm")[:, 0]
        assert len(norms) == 4
        for layer, norm in enumerate(norms):
            row, column = round(stairs._y(float(np.log10(norm)))), round(stairs._x(layer))
            spot = seen[row - 1 : row + 2, column - 2 : column + 3]
            assert np.abs(spot - [ink.red(), ink.green(), ink.blue()]).max(axis=-1).min() < 30


def test_the_pointer_reads_the_factors_of_the_tape(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    view, past = way_back(qtbot, SIGMOID, RELU)
    told: list[str | None] = []
    monkeypatch.setattr(view, "show_tooltip", told.append)
    for stairs in view._stairs:
        norms, weights, slopes = (
            past.values(stairs.run, name)[:, 0] for name in ("delta_norm", "weight_factor", "slope_factor")
        )
        for layer in range(3):
            QTest.mouseMove(stairs, QPoint(round(stairs._x(layer)), 100))
            text = told[-1]
            assert text is not None
            assert f"hidden {layer + 1}: " in text
            assert f"‖δ‖ = {figure(float(norms[layer + 1]))} ×" in text
            assert text.endswith(f"×{weights[layer]:.2f} ×{slopes[layer]:.2f} = {figure(float(norms[layer]))}")
        QTest.mouseMove(stairs, QPoint(round(stairs._x(3)), 100))
        assert told[-1] == f"output: δ = a − y\n‖δ‖ = {figure(float(norms[3]))}"


def test_a_click_marks_a_layer_in_all_runs_and_a_second_unmarks_it(qtbot: QtBot) -> None:
    view, _ = way_back(qtbot, SIGMOID, RELU)
    view._stairs[0].clearFocus()  # the frame of what keys steer is no mark
    before = [pixels(image_of(stairs, 1.0)) for stairs in view._stairs]
    where = QPoint(round(view._stairs[0]._x(1)), 100)
    QTest.mouseClick(view._stairs[0], Qt.MouseButton.LeftButton, pos=where)
    for stairs, unmarked in zip(view._stairs, before, strict=True):
        changed = (pixels(image_of(stairs, 1.0)) != unmarked).any(axis=(0, 2))
        columns = np.flatnonzero(changed)
        assert stairs._x(0.5) - 2 <= columns.min() <= columns.max() <= stairs._x(1.5) + 2
        assert len(columns) > 20
    QTest.mouseClick(view._stairs[0], Qt.MouseButton.LeftButton, pos=where)
    for stairs, unmarked in zip(view._stairs, before, strict=True):
        np.testing.assert_array_equal(pixels(image_of(stairs, 1.0)), unmarked)


def test_the_product_goes_where_there_is_no_room_for_both(qtbot: QtBot) -> None:
    view, _ = way_back(qtbot, SIGMOID, RELU)
    assert view._product.isVisible()
    view.resize(1200, 300)
    assert not view._product.isVisible()
    assert all(stairs.isVisible() for stairs in view._stairs)
    view.resize(1200, 800)
    assert view._product.isVisible()


@pytest.mark.parametrize("theme", ["light", "projector"])
@pytest.mark.parametrize("runs", [1, 2, 3, 4, 8])
@pytest.mark.parametrize("size", [QSize(1024, 768), QSize(1920, 1080)])
def test_the_sentence_has_two_lines_at_most(qtbot: QtBot, theme: str, runs: int, size: QSize) -> None:
    view, _ = way_back(qtbot, *MANY[:runs], theme=theme, size=size)
    label = view._sentence._label
    assert any(run["label"] in label.text() for run in MANY[:runs])
    assert label.height() < 2.9 * QFontMetrics(label.font()).lineSpacing()


@pytest.mark.parametrize("theme", ["light", "projector"])
@pytest.mark.parametrize("size", [QSize(1024, 640), QSize(1920, 1080)])
def test_names_of_eight_products_do_not_overlap(qtbot: QtBot, theme: str, size: QSize) -> None:
    view, _ = way_back(qtbot, *MANY, theme=theme, size=size)
    lengths = view._lengths
    row = lengths._room.height() / 8
    assert QFontMetrics(lengths._name_font).tightBoundingRect("A名g").height() <= row


@pytest.mark.parametrize("theme", ["light", "dark", "projector"])
@pytest.mark.parametrize("runs", [1, 2, 3, 4])
def test_the_key_of_the_steps_is_never_cut(qtbot: QtBot, theme: str, runs: int) -> None:
    view, _ = way_back(qtbot, *MANY[:runs], theme=theme, size=QSize(1024, 768))
    for stairs in view._stairs:
        tick, room = view.look.metrics.tick, stairs._room().width()
        key = stairs._key(room)
        assert sum(fill is not None for _, fill in key) == 2
        widths = [width_of(view.look, font(tick), text) + (1.2 * tick if fill else 0.0) for text, fill in key]
        left = stairs._left_px()  # a short key may begin at the card's edge
        assert sum(widths) + 0.7 * tick * (len(key) - 1) <= room + (left if len(key) == 2 else 0) + 1


def test_a_run_that_has_diverged_is_said_to_have(qtbot: QtBot) -> None:
    gone: dict[str, Any] = RELU | {"label": "Gone", "init": {"name": "normal", "std": 1000.0}, "hidden": [8] * 60}
    view, past = way_back(qtbot, SIGMOID, gone)
    assert past.gone == {1}
    assert "Gone</span>" in view._sentence._label.text()
    assert ": diverged" in view._sentence._label.text()
    assert "nothing of the gradient" not in view._sentence._label.text()
    assert chain(past, 1, 0).is_gone


# The census


def point_at(widget: QWidget, place: QPointF) -> None:
    """Move the pointer over a widget that is not on screen."""
    none, move = Qt.MouseButton.NoButton, QEvent.Type.MouseMove
    event = QMouseEvent(move, place, place, none, none, Qt.KeyboardModifier.NoModifier)
    application().sendEvent(widget, event)


def units(theme: str = "light", *runs: dict[str, Any]) -> tuple[Document, Picture]:
    spec = experiment(*(runs or (SIGMOID, DYING)), common=DEEP, replicas=2, steps=20)
    return Document(spec), Picture(theme, size=(1200, 700), view="census")


def test_an_export_waits_for_the_count_of_its_step(qtbot: QtBot) -> None:
    document, picture = units()
    tape = run(document)[1]
    for step in (0, 7, 20):
        with prepared(document, step, picture, {}) as (board, _):
            [view] = board.findChildren(CensusView)
            assert view.found is not None
            assert view.found.step == step
            for index, layers in enumerate(view.found.runs):
                dead = [float(layer.dead.mean()) for layer in layers]
                if step == 0:  # units are judged at the first step and once in many
                    np.testing.assert_array_equal(dead, tape.until(0).values(index, "dead")[:3, 0])
            board.resize(900, 500)
            settle(application())
            assert not view.grab().isNull()


def test_bars_are_as_long_as_the_shares(qtbot: QtBot) -> None:
    document, picture = units()
    with prepared(document, 20, picture, {}) as (board, _):
        [view] = board.findChildren(CensusView)
        assert view.found
        bars, layers = view._bars[1], view.found.runs[1]
        seen = pixels(image_of(bars, 1.0)).astype(int)
        colour = QColor(view.look.run_colour(1))
        own = np.abs(seen - [colour.red(), colour.green(), colour.blue()]).max(axis=-1) < 30
        for at, layer in enumerate(layers):
            column, shares = bars._column(at), np.sort(layer.on)[::-1]
            row = column.height() / len(shares)
            for rank, share in enumerate(shares):
                if share == 0.0:
                    continue  # in the box of the dead ones
                y = round(column.top() + (rank + 0.4) * row)
                drawn = own[y, round(column.left()) : round(column.right())].sum()
                assert drawn == pytest.approx(share * column.width(), abs=2)
        assert any(layer.dead.any() for layer in layers)


def test_the_pointer_counts_the_units(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    document, picture = units()
    tape = run(document)[1]
    with prepared(document, 0, picture, {}) as (board, _):
        [view] = board.findChildren(CensusView)
        told: list[str | None] = []
        monkeypatch.setattr(view, "show_tooltip", told.append)
        for index, bars in enumerate(view._bars):
            for layer in range(3):
                point_at(bars, bars._column(layer).center())
                dead = round(8 * float(tape.until(0).values(index, "dead")[layer, 0]))
                assert told[-1] is not None
                assert told[-1].startswith(f"{dead} of 8 units are dead\n")
            bars.leaveEvent(None)
            assert told[-1] is None


@pytest.mark.parametrize("theme", ["light", "projector"])
def test_only_runs_that_switch_off_are_offered_a_way_back(qtbot: QtBot, theme: str) -> None:
    document, picture = units(theme)
    with prepared(document, 0, picture, {}) as (board, _):
        [view] = board.findChildren(CensusView)
        shown = [
            [button.isVisibleTo(card) for button in card.findChildren(QPushButton) if "Leaky" in button.text()]
            for card in view._cards
        ]
        assert shown == [[], [theme == "light"]]


def test_cards_of_many_runs_are_wide_enough(qtbot: QtBot) -> None:
    spec = experiment(*MANY, common=DEEP, replicas=1, steps=1)
    picture = Picture("projector", size=(1024, 768), view="census")
    with prepared(Document(spec), 1, picture, {}) as (board, _):
        [view] = board.findChildren(CensusView)
        assert (board.width(), board.height()) == (1024, 768)
        assert view.minimumSizeHint().width() <= view.width()
        cards = view._cards
        assert len({card.y() for card in cards}) == 2
        assert len({card.x() for card in cards}) == 4


def test_the_way_back_is_a_change_from_the_step_shown_and_is_undone(qtbot: QtBot, open_window: OpenWindow) -> None:
    document, _ = units()
    window = open_window(document)
    window.show_views(("census",))
    window.controller.pause()
    window.controller.seek(12)
    view = the_view(window, CensusView)
    qtbot.waitUntil(lambda: view.found is not None and view.found.step == 12, timeout=10_000)
    before = window.editing.draft
    [button] = [each for each in view.findChildren(QPushButton) if "Leaky" in each.text()]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    [change] = as_train(window.editing.draft.document.experiment).runs[1].changes
    assert change.step == 12
    assert dict(change.settings)["activation"].key == REVIVAL["name"]
    assert dict(change.settings)["activation"].slope == REVIVAL["slope"]
    assert dict(change.settings)["optimizer"].learning_rate == 0.3  # a tenth
    assert as_train(window.editing.draft.document.experiment).runs[0].changes == ()
    window.undo()
    assert window.editing.draft == before


def test_the_share_over_time_is_that_of_the_tape_however_it_is_come_to(qtbot: QtBot) -> None:
    document, picture = units()
    tape = run(document)[1]
    hidden = [8, 8, 8]
    for layer in (None, 1):
        with prepared(document, 3, picture, {}) as (board, _):
            [view] = board.findChildren(CensusView)
            curves = view._over_time
            assert curves is not None
            curves.show_layer(layer)
            for step in (3, 20, 11, 20):  # the user goes back and forth
                past = tape.until(step)
                for index in range(2):
                    values = past.replicas(index, "dead")
                    wanted = values[:, layer] if layer is not None else values[:, :3].mean(axis=1)
                    bands = np.quantile(wanted, [0.05, 0.5, 0.95], axis=1).T
                    np.testing.assert_allclose(curves.bands(past, index), bands, atol=1e-12)
            assert len(hidden) == values.shape[1] - 1


def test_where_none_can_die_saturated_units_are_shown_over_time(qtbot: QtBot) -> None:
    for runs, channel in (((SIGMOID,), "saturated"), ((SIGMOID, DYING), "dead")):
        document, picture = units("light", *runs)
        with prepared(document, 1, picture, {}) as (board, _):
            [view] = board.findChildren(CensusView)
            assert view._over_time is not None
            assert view._over_time.channel == channel
        with prepared(document, 1, picture, {"share": "off"}) as (board, _):
            [view] = board.findChildren(CensusView)
            assert view._over_time is not None
            assert view._over_time.channel == "off"


def test_without_measurements_there_is_no_share_over_time(qtbot: QtBot) -> None:
    spec = experiment(SIGMOID, DYING, common=DEEP, replicas=2, steps=3, probes="off")
    with prepared(Document(spec), 3, Picture("light", size=(1200, 700), view="census"), {}) as (board, _):
        [view] = board.findChildren(CensusView)
        assert view.found is not None
        assert view._over_time is None


def test_a_click_on_a_layer_tells_of_it_alone_and_a_second_of_all(qtbot: QtBot) -> None:
    document, picture = units()
    with prepared(document, 20, picture, {}) as (board, _):
        [view] = board.findChildren(CensusView)
        assert view.found is not None
        bars = view._bars[1]
        whole = view._sentence.told
        where = bars._column(1).center().toPoint()
        QTest.mouseClick(bars, Qt.MouseButton.LeftButton, pos=where)
        assert view.state() == {"layer": 1}
        assert view._sentence.told.startswith("In layer 2 ")
        dead = int(view.found.runs[1][1].dead.sum())
        assert dead
        assert f"{dead} of 8 units" in view._sentence.told
        QTest.mouseClick(bars, Qt.MouseButton.LeftButton, pos=where)
        assert view.state() == {}
        assert view._sentence.told == whole


def test_the_layer_stays_chosen_in_another_theme(qtbot: QtBot, open_window: OpenWindow) -> None:
    document, _ = units()
    window = open_window(document)
    window.show_views(("census",))
    window.controller.pause()
    window.settle()
    qtbot.waitUntil(lambda: the_view(window, CensusView).found is not None, timeout=10_000)
    the_view(window, CensusView)._bars[0].layer_chosen.emit(2)
    window.set_theme("dark")
    window.settle()
    qtbot.waitUntil(lambda: the_view(window, CensusView).look.theme.name == "dark", timeout=10_000)
    qtbot.waitUntil(lambda: the_view(window, CensusView).found is not None, timeout=10_000)
    view = the_view(window, CensusView)
    assert view.state() == {"layer": 2}
    assert view._sentence.told.startswith("In layer 3 ")


def test_after_the_change_it_is_counted_which_units_are_on_again(qtbot: QtBot) -> None:
    sgd = {"name": "sgd", "learning_rate": 1e-2}
    leaky = {"step": 8, "activation": {"name": "leaky_relu", "slope": 0.1}, "optimizer": sgd}
    changed = DYING | {"label": "Changed", "changes": [leaky]}
    spec = experiment(DYING, changed, common=DEEP, replicas=2, steps=20)
    document, picture = Document(spec), Picture("light", size=(1600, 900), view="census")
    trainer, tape = trained(spec)
    x = trainer.data.train.x
    networks = {}
    for step in (8, 20):
        *_, found = snapshots(spec, trainer.data, tape.keyframe_before(step), step, 0)
        assert found is not None
        networks[step] = found[1]
    dead = on_again = 0
    z = {}
    for step, network in networks.items():
        assert network is not None
        a, slope = x, 0.1 if step > 8 else 0.0
        for at in range(3):
            z[step, at] = a @ network.layers[at].w + network.layers[at].b
            a = np.where(z[step, at] > 0.0, z[step, at], slope * z[step, at])
    for at in range(3):
        was = (z[8, at] <= 0.0).all(axis=0)
        dead += int(was.sum())
        on_again += int((was & (z[20, at] > 0.0).any(axis=0)).sum())
    assert dead > 0
    with prepared(document, 20, picture, {}) as (board, _):
        [view] = board.findChildren(CensusView)
        assert f"{on_again} of the {dead} that were dead at step 8 are on again" in view._sentence.told
    with prepared(document, 8, picture, {}) as (board, _):
        [view] = board.findChildren(CensusView)
        assert "again" not in view._sentence.told

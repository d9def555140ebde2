"""The diagram of numbers in the window: what it writes, what keys reveal, and numbers that are dragged and typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolTip
from pytestqt.qtbot import QtBot

from gradsim.schema.parameters import encode
from gradsim.sim.documents.document import Document, read
from gradsim.sim.kinds.train.sample_passes import Spot
from gradsim.sim.kinds.train.snapshot import snapshots
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.run.tape import Tape
from gradsim.ui.plots.number_diagram import NumberDiagram
from gradsim.ui.plots.number_layout import NumberLayout
from gradsim.ui.views.train.diagram import DiagramView
from gradsim.ui.window import Window
from gradsim.words.numbers import exact
from tests.gui.conftest import OpenWindow, the_view
from tests.look.recorder import Text, recorded
from tests.unit.small import as_train, experiment, trained
from tests.unit.test_sample_passes import PAIRS, RATE, SIZES, by_hand, given, spec_of

MAZUR = Path(__file__).parents[2] / "docs" / "examples" / "mazur-2-2-2.toml"
W5 = Spot("weight", 1, 0, 0)
EDITED = {
    Spot("weight", 0, 1, 0): lambda run, data: run.init.layers[0][0][1],
    Spot("bias", 1, 1): lambda run, data: run.bias_init.layers[1][1],
    Spot("x", 0, 0): lambda run, data: data.x[0],
    Spot("y", 0, 0): lambda run, data: data.y[0],
}


def opened(qtbot: QtBot, open_window: OpenWindow, document: Document, step: int = 0) -> Window:
    """Return a window that shows the diagram at a step."""
    window = open_window(document)
    window.resize(1600, 1000)
    window.show_views(("diagram",))
    window.settle()
    window.controller.pause()
    window.controller.seek(step)
    qtbot.waitUntil(lambda: getattr(the_view(window, DiagramView).found, "step", -1) == step, timeout=10_000)
    return window


@pytest.fixture
def mazur(qtbot: QtBot, open_window: OpenWindow) -> Window:
    return opened(qtbot, open_window, read(MAZUR))


def diagram(window: Window) -> NumberDiagram:
    return the_view(window, DiagramView).diagrams[0]


def places(window: Window) -> NumberLayout:
    shown = diagram(window).shown
    assert shown is not None
    return diagram(window).numbers_layout(shown)


def all_written(window: Window) -> list[Text]:
    """Return all that is written in the diagram."""
    return list(recorded(diagram(window)).texts)


def written(window: Window, place: QRectF, texts: Sequence[Text] | None = None) -> list[float]:
    """Return the numbers that are written in a place, of texts that are known or as they are now."""
    texts = all_written(window) if texts is None else texts
    found = [text.text for text in texts if place.contains(text.box.center())]
    return [_number(text) for text in found if any(character.isdigit() for character in text)]


def _number(text: str) -> float:
    mantissa, _, power = text.replace("−", "-").partition(" × 10")
    return float(f"{mantissa}e{power.translate(str.maketrans('⁻⁰¹²³⁴⁵⁶⁷⁸⁹', '-0123456789')) or 0}")


def four_digits(value: float) -> float:
    return float(f"{value:.3e}")


@pytest.mark.parametrize(("output", "loss"), PAIRS)
@pytest.mark.parametrize("activation", ["tanh", "softplus"])
def test_all_that_is_written_is_true_to_the_last_digit(
    qtbot: QtBot, open_window: OpenWindow, activation: str, output: str, loss: str
) -> None:
    window = opened(qtbot, open_window, Document(spec_of(activation, output, loss)))
    layout, (w, b) = places(window), given()
    assert layout.is_full
    assert layout.write is exact
    found, texts = by_hand(activation, output, loss, w, b), all_written(window)
    for layer in range(len(w)):
        for unit in range(SIZES[layer + 1]):
            for symbol, values in (("z", found["z"]), ("a", found["a"][1:]), ("δ", found["delta"]), ("b", b)):
                cell = written(window, layout.cell(layer, unit, symbol), texts)
                assert cell == [four_digits(values[layer][unit])], (layer, unit, symbol)
            for below in range(SIZES[layer]):
                weight = written(window, layout.weight(layer, below, unit), texts)
                assert weight == [four_digits(w[layer][below, unit])]
    for unit, term in enumerate(found["terms"]):
        assert written(window, layout.target(unit, 1), texts) == [four_digits(term)]
    while not diagram_is_updated(window):
        QTest.keyClick(window, Qt.Key.Key_E)
    texts = all_written(window)
    for layer, (below, unit) in ((0, (1, 2)), (1, (2, 3)), (2, (0, 1))):
        new = w[layer][below, unit] - RATE * found["dw"][layer][below, unit]
        assert written(window, layout.weight(layer, below, unit), texts) == [four_digits(new)]
        assert written(window, layout.cell(layer, unit, "b"), texts) == [
            four_digits(b[layer][unit] - RATE * found["delta"][layer][unit])
        ]


def diagram_is_updated(window: Window) -> bool:
    shown = diagram(window).shown
    assert shown is not None
    return shown.is_updated


def test_keys_reveal_layer_by_layer_and_back(mazur: Window) -> None:
    layout, told = places(mazur), []
    cells = [layout.cell(0, 0, "z"), layout.cell(1, 0, "a"), layout.cell(1, 0, "δ"), layout.cell(0, 0, "δ")]
    weight = layout.weight(1, 0, 0)
    for _ in range(6):
        told.append(("".join("01"[bool(written(mazur, cell))] for cell in cells), written(mazur, weight)[0]))
        QTest.keyClick(mazur, Qt.Key.Key_E)
    assert told == [
        ("1111", 0.4),
        ("1111", 0.3589),
        ("0000", 0.4),
        ("1000", 0.4),
        ("1100", 0.4),
        ("1110", 0.4),
    ]
    for _ in range(2):
        QTest.keyClick(mazur, Qt.Key.Key_E, Qt.KeyboardModifier.ShiftModifier)
    assert not written(mazur, cells[2])
    assert written(mazur, cells[1])


def test_keys_reveal_two_runs_as_far_as_the_deeper_one_goes(qtbot: QtBot, open_window: OpenWindow) -> None:
    runs = {"hidden": [], "loss": "mse"}, {"hidden": [2, 3], "loss": "mse"}
    window = opened(qtbot, open_window, Document(experiment(*runs, data={"name": "moons", "samples": 60})))
    stages = []
    for _ in range(9):
        QTest.keyClick(window, Qt.Key.Key_E)
        shown = [each.shown for each in the_view(window, DiagramView).diagrams.values()]
        stages.append(tuple(each.stage for each in shown if each is not None))
    assert stages == [(3, 7), (0, 0), (1, 1), (2, 2), (3, 3), (3, 4), (3, 5), (3, 6), (3, 7)]


def test_a_theme_changes_neither_what_is_revealed_nor_what_is_chosen(qtbot: QtBot, mazur: Window) -> None:
    click(mazur, diagram(mazur).place(Spot("bias", 1, 0)).center().toPoint())
    for _ in range(4):
        QTest.keyClick(mazur, Qt.Key.Key_E)
    before = diagram(mazur)
    mazur.set_theme("dark")
    mazur.settle()
    qtbot.waitUntil(lambda: diagram(mazur) is not before and diagram(mazur).shown is not None, timeout=10_000)
    shown = diagram(mazur).shown
    assert shown is not None
    assert (shown.stage, shown.chosen) == (2, Spot("bias", 1, 0))


def lines(window: Window) -> list[str]:
    shown = diagram(window).shown
    assert shown is not None
    return [texts[0] for texts in shown.lines]


def test_what_is_clicked_is_told(mazur: Window) -> None:
    assert lines(mazur) == ["∂L/∂w = δ × a = 0.1385 × 0.5933 = 0.08217", "next update: w 0.4 → 0.3589"]
    start, stop = places(mazur).line(0, 1, 0)
    click(mazur, (start + (stop - start) * 0.8).toPoint())  # the line, away from its number
    assert lines(mazur)[0] == "∂L/∂w = δ × x = 0.008771 × 0.1 = 8.771 × 10⁻⁴"
    click(mazur, diagram(mazur).place(Spot("bias", 1, 0)).center().toPoint())
    assert lines(mazur) == ["∂L/∂b = δ × 1 = 0.1385", "next update: b 0.6 → 0.6"]  # held fixed
    click(mazur, (places(mazur).box(1, 0).topLeft() + QPoint(3, 3)).toPoint())
    assert lines(mazur) == [
        "δ = f′(z) × Σ w δ = 0.2413 × (0.4 × 0.1385 + 0.5 × (−0.0381)) = 0.008771",
        "z = Σ w x + b = 0.15 × 0.05 + 0.2 × 0.1 + 0.35 = 0.3775;  a = 0.5933",
    ]


def click(window: Window, place: QPoint) -> None:
    QTest.mouseClick(diagram(window), Qt.MouseButton.LeftButton, pos=place)


def edited(window: Window, spot: Spot) -> float:
    """Return a number of the experiment that runs."""
    spec = as_train(window.controller.running_document.experiment)
    value: Any = EDITED[spot](spec.runs[0], spec.data)
    return float(value)


@contextmanager
def held(window: Window, spot: Spot) -> Iterator[QPoint]:
    """Hold a number with the mouse."""
    picture = diagram(window)
    place = picture.place(spot).center().toPoint()
    QTest.mousePress(picture, Qt.MouseButton.LeftButton, pos=place)
    yield place
    QTest.mouseRelease(picture, Qt.MouseButton.LeftButton, pos=place)


@pytest.mark.parametrize("spot", EDITED)
def test_a_number_is_dragged_and_the_drag_undone_at_once(qtbot: QtBot, mazur: Window, spot: Spot) -> None:
    before, em = edited(mazur, spot), diagram(mazur).look.metrics.tick
    with held(mazur, spot) as place:
        for px in (2 * em, 3 * em, 4 * em):
            QTest.mouseMove(diagram(mazur), place - QPoint(0, px))
            qtbot.wait(20)
    qtbot.waitUntil(lambda: edited(mazur, spot) == round(before + 0.5, 2), timeout=10_000)
    qtbot.waitUntil(lambda: shown_value(mazur, spot) == round(before + 0.5, 2), timeout=10_000)
    mazur.undo()
    qtbot.waitUntil(lambda: edited(mazur, spot) == before, timeout=10_000)
    qtbot.waitUntil(lambda: shown_value(mazur, spot) == before, timeout=10_000)


def shown_value(window: Window, spot: Spot) -> float:
    shown = diagram(window).shown
    assert shown is not None
    return shown.passes.value(spot)


def type_in(window: Window, spot: Spot, text: str) -> None:
    picture = diagram(window)
    QTest.mouseDClick(picture, Qt.MouseButton.LeftButton, pos=picture.place(spot).center().toPoint())
    assert picture.field.isVisible()
    picture.field.setText(text)
    QTest.keyClick(picture.field, Qt.Key.Key_Return)
    assert not picture.field.isVisible()


@pytest.mark.parametrize("spot", EDITED)
def test_a_number_is_typed(qtbot: QtBot, mazur: Window, spot: Spot) -> None:
    type_in(mazur, spot, "0,75")
    qtbot.waitUntil(lambda: edited(mazur, spot) == 0.75, timeout=10_000)
    qtbot.waitUntil(lambda: shown_value(mazur, spot) == 0.75, timeout=10_000)


@pytest.mark.parametrize("spot", EDITED)
@pytest.mark.parametrize("text", ["2e6", "much"])
def test_what_is_outside_its_limits_snaps_back_and_says_so(
    monkeypatch: pytest.MonkeyPatch, mazur: Window, spot: Spot, text: str
) -> None:
    told: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda *arguments: told.append(arguments[1]))
    before = edited(mazur, spot)
    type_in(mazur, spot, text)
    assert edited(mazur, spot) == shown_value(mazur, spot) == before
    assert any(("1,000,000" if text == "2e6" else "“much” is not a number") in each for each in told), told


def test_a_drag_ends_where_a_number_is_not_allowed(monkeypatch: pytest.MonkeyPatch, mazur: Window) -> None:
    told: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda *arguments: told.append(arguments[1]))
    spot, em = Spot("y", 0, 0), diagram(mazur).look.metrics.tick
    with held(mazur, spot) as place:
        for px in (16 * em, 17 * em, 18 * em):
            QTest.mouseMove(diagram(mazur), place - QPoint(0, px))
    assert edited(mazur, spot) == shown_value(mazur, spot) == 0.01
    assert "numbers from 0 to 1" in told[-1]


def subtitle(window: Window) -> str:
    return the_view(window, DiagramView).cards[0]._plain[0]


WITH_TWO_INPUTS = {"hidden": [3]}


@pytest.mark.parametrize("spot", [Spot("weight", 0, 1, 0), Spot("bias", 1, 1)])
@pytest.mark.parametrize(("replicas", "step"), [(3, 0), (3, 4), (1, 4), (1, 40)])
def test_weights_are_dragged_at_any_step_in_all_replicas_and_it_says_so(
    qtbot: QtBot, open_window: OpenWindow, spot: Spot, replicas: int, step: int
) -> None:
    spec = experiment(
        WITH_TWO_INPUTS | {"label": "A"},
        WITH_TWO_INPUTS | {"label": "B", "activation": "tanh"},
        data={"name": "moons", "samples": 60},
        replicas=replicas,
    )
    window = opened(qtbot, open_window, Document(spec), step)
    before = shown_value(window, spot)
    drag(qtbot, window, spot, 4)
    qtbot.waitUntil(lambda: shown_value(window, spot) == round(before + 0.5, 2), timeout=10_000)
    edited = as_train(window.controller.running_document.experiment)
    assert window.controller.step == step
    for index, run in enumerate(edited.runs):
        is_edited = step == 0 or index == 0
        table = encode(run)
        assert bool(table["given"]) == (step == 0)
        assert [change["step"] for change in table["changes"]] == ([step - 1] if step and is_edited else [])
        for replica in range(replicas):
            [*_, found] = snapshots(edited, edited.data.load(), played(edited).keyframe_before(step), step, replica)
            network = found[index] if found else None
            assert network is not None
            layer = network.layers[spot.layer]
            value = layer.w[spot.below, spot.unit] if spot.kind == "weight" else layer.b[spot.unit]
            assert (value == round(before + 0.5, 2)) == is_edited
    assert ("from this step on" in subtitle(window)) == (step > 0)
    assert ("in all 3 replicas" in subtitle(window)) == (replicas == 3)
    window.undo()
    qtbot.waitUntil(lambda: shown_value(window, spot) == before, timeout=10_000)
    assert window.controller.running_document.experiment == spec


def played(spec: Train) -> Tape:
    return trained(spec)[1]


def drag(qtbot: QtBot, window: Window, spot: Spot, ems: int) -> None:
    em = diagram(window).look.metrics.tick
    with held(window, spot) as place:
        for px in range(1, ems + 1):
            QTest.mouseMove(diagram(window), place - QPoint(0, px * em))
            qtbot.wait(20)


@pytest.mark.parametrize("spot", [Spot("weight", 0, 1, 0), Spot("bias", 1, 1)])
@pytest.mark.parametrize("text", ["2e6", "much"])
def test_what_is_outside_its_limits_at_a_later_step_snaps_back_and_says_so(
    monkeypatch: pytest.MonkeyPatch, qtbot: QtBot, open_window: OpenWindow, spot: Spot, text: str
) -> None:
    told: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda *arguments: told.append(arguments[1]))
    spec = experiment(WITH_TWO_INPUTS, data={"name": "moons", "samples": 60})
    window = opened(qtbot, open_window, Document(spec), 4)
    before = shown_value(window, spot)
    type_in(window, spot, text)
    assert shown_value(window, spot) == before
    assert window.editing.draft.document.experiment == spec
    assert any(("1,000,000" if text == "2e6" else "“much” is not a number") in each for each in told), told


@pytest.mark.parametrize("step", [0, 4])
@pytest.mark.parametrize(("spot", "limit"), [(Spot("x", 0, 0), "2e6"), (Spot("y", 0, 1), "1.5")])
def test_a_sample_of_the_data_is_altered_in_the_picture_alone_and_it_says_so(
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
    open_window: OpenWindow,
    step: int,
    spot: Spot,
    limit: str,
) -> None:
    told: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda *arguments: told.append(arguments[1]))
    spec = experiment(WITH_TWO_INPUTS, data={"name": "moons", "samples": 60})
    window = opened(qtbot, open_window, Document(spec), step)
    type_in(window, spot, "0.5")
    qtbot.waitUntil(lambda: shown_value(window, spot) == 0.5, timeout=10_000)
    drag(qtbot, window, spot, 4)
    qtbot.waitUntil(lambda: shown_value(window, spot) == 1.0, timeout=10_000)
    assert "altered in this picture alone" in subtitle(window)
    type_in(window, spot, limit)
    assert any("a number from" in each for each in told), told
    assert shown_value(window, spot) == 1.0
    window.controller.seek(step + 1)
    qtbot.waitUntil(lambda: getattr(the_view(window, DiagramView).found, "step", -1) == step + 1, timeout=10_000)
    assert shown_value(window, spot) == 1.0
    assert window.editing.draft.document.experiment == spec
    before = diagram(window)
    window.set_theme("dark")
    window.settle()
    qtbot.waitUntil(lambda: diagram(window) is not before and diagram(window).shown is not None, timeout=10_000)
    assert shown_value(window, spot) == 1.0
    type_in(window, spot, "")
    data = spec.data.load().train
    own = data.x[0, 0] if spot.kind == "x" else data.y[0, 0]  # its second unit is that of the one column
    qtbot.waitUntil(lambda: "x, y in this picture alone" in subtitle(window), timeout=10_000)
    assert shown_value(window, spot) == own


def test_inputs_and_targets_of_one_sample_are_edited_from_step_0_on_and_it_says_so(
    qtbot: QtBot, mazur: Window
) -> None:
    mazur.controller.seek(4)
    qtbot.waitUntil(lambda: getattr(the_view(mazur, DiagramView).found, "step", -1) == 4, timeout=10_000)
    assert "x, y from step 0 on" in subtitle(mazur)
    type_in(mazur, Spot("y", 0, 0), "0.5")
    qtbot.waitUntil(lambda: shown_value(mazur, Spot("y", 0, 0)) == 0.5, timeout=10_000)
    assert edited(mazur, Spot("y", 0, 0)) == 0.5


def test_targets_of_softmax_are_dragged_and_stay_shares(qtbot: QtBot, open_window: OpenWindow) -> None:
    data = {"name": "point", "x": [1.0], "y": [0.0, 1.0, 0.0]}
    spec = experiment({"hidden": [2]}, data=data, replicas=1, common={"batch_size": "all"})
    window = opened(qtbot, open_window, Document(spec))
    drag(qtbot, window, Spot("y", 0, 0), 4)
    qtbot.waitUntil(lambda: shown_value(window, Spot("y", 0, 0)) == 0.5, timeout=10_000)
    assert shown_value(window, Spot("y", 0, 1)) == 0.5


def test_an_edit_in_one_of_two_runs_is_made_in_both(qtbot: QtBot, open_window: OpenWindow) -> None:
    runs = {"loss": "mse"}, {"loss": "cross_entropy"}
    common = {"hidden": [2], "output": "sigmoid", "batch_size": "all"}
    spec = experiment(*runs, common=common, data={"name": "point", "x": [1.0]}, replicas=1)
    window = opened(qtbot, open_window, Document(spec))
    view, spot = the_view(window, DiagramView), Spot("weight", 0, 1, 0)
    assert list(view.diagrams) == [0, 1]
    type_in(window, spot, "-3")
    qtbot.waitUntil(lambda: shown_value(window, spot) == -3.0, timeout=10_000)
    shown = the_view(window, DiagramView).diagrams[1].shown
    assert shown is not None
    assert shown.passes.value(spot) == -3.0
    mse, cross_entropy = (each.shown for each in the_view(window, DiagramView).diagrams.values())
    assert mse is not None
    assert cross_entropy is not None
    slope = mse.passes.layers[1].slope[0]
    assert mse.passes.layers[1].delta[0] == pytest.approx(slope * cross_entropy.passes.layers[1].delta[0], rel=1e-9)


@pytest.mark.parametrize("size", [(1920, 1080), (1024, 768)])
@pytest.mark.parametrize("theme", ["light", "projector"])
def test_the_numbers_of_a_chosen_unit_do_not_touch(
    qtbot: QtBot, open_window: OpenWindow, theme: str, size: tuple[int, int]
) -> None:
    spec = experiment({"hidden": [10, 10, 10]}, data={"name": "moons", "samples": 60}, replicas=1)
    window = opened(qtbot, open_window, Document(spec))
    window.resize(*size)
    window.set_theme(theme)
    window.settle()
    window.show_views(("diagram",))
    window.settle()
    qtbot.waitUntil(lambda: diagram(window).shown is not None, timeout=10_000)
    for unit in (0, 4, 9):
        click(window, places(window).box(2, unit).center().toPoint())
        texts = [text for text in recorded(diagram(window)).texts if text.text.strip()]
        for one, other in combinations(texts, 2):
            shared = one.box & other.box
            assert min(shared.width(), shared.height()) <= 1.0, (one.text, other.text)


def test_a_wide_network_writes_the_numbers_of_what_is_chosen(qtbot: QtBot, open_window: OpenWindow) -> None:
    spec = experiment({"hidden": [10, 10, 10]}, data={"name": "moons", "samples": 60}, replicas=1)
    window = opened(qtbot, open_window, Document(spec))
    layout = places(window)
    assert not layout.is_full
    click(window, layout.box(2, 4).center().toPoint())
    shown = diagram(window).shown
    assert shown is not None
    assert shown.chosen == Spot("unit", 1, 4)
    for below in range(10):
        value = shown.passes.layers[1].w[below, 4]
        assert written(window, layout.weight(1, below, 4)) == [four_digits(value)]
    assert len(recorded(diagram(window)).texts) < 60

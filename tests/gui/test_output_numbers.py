"""The table of the output layer in the window: the run and the sample that are chosen, and rows that have no room."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import Document
from gradsim.sim.kinds.train.numbers import OutputNumbers, output_numbers
from gradsim.sim.kinds.train.one_sample import one_sample
from gradsim.ui.app import application
from gradsim.ui.plots.numbers_table import NumbersTable
from gradsim.ui.theme import Look
from gradsim.ui.views.train.numbers import NumbersOptions, NumbersView
from gradsim.ui.window import Window
from tests.gui.conftest import OpenWindow, the_view
from tests.unit.small import as_train, experiment
from tests.unit.test_output_numbers import networks, of_layer


def test_it_shows_the_sample_at_the_step(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    window.show_views(("numbers",))
    window.settle()
    window.controller.pause()
    window.controller.seek(7)
    qtbot.waitUntil(lambda: getattr(the_view(window, NumbersView).found, "step", -1) == 7, timeout=10_000)
    view = the_view(window, NumbersView)
    assert list(view.tables) == [0]  # ten units have room for one run
    spec = as_train(window.controller.running_document.experiment)
    found = output_numbers(networks(spec, 7)[0], one_sample(spec.runs[0], spec.data.load(), 0))
    assert view.found is not None
    assert view.found.runs[0].a.tolist() == found.a.tolist()
    assert view.tables[0].columns[-3].texts == [f"{value:g}" for value in found.y]
    assert "sample 1 of the training set" in view.cards[0]._plain[0]
    assert view.sentence.told.startswith("Sigmoid gives the true class ")


def test_run_and_sample_are_chosen(qtbot: QtBot) -> None:
    application()
    look = Look.fit("light", "en", QSize(1200, 800))
    view = NumbersView(experiment(), look, NumbersOptions(run=2, sample=1_000_000))
    qtbot.addWidget(view)
    assert list(view.tables) == [1]
    spec = as_train(view.experiment)
    data = spec.data.load()
    last = networks(spec, 0)[1]
    assert (
        view.taker()(last, data).z.tolist()
        == output_numbers(last, one_sample(last.run, data, len(data.train) - 1)).z.tolist()
    )
    few = NumbersView(experiment(data={"name": "moons", "samples": 60}), look)
    qtbot.addWidget(few)
    assert list(few.tables) == [0, 1]


def test_a_low_table_keeps_the_true_class_and_the_largest_gradients(qtbot: QtBot) -> None:
    application()
    spec = experiment()
    found = output_numbers(networks(spec, 5)[0], one_sample(spec.runs[0], spec.data.load(), 3))
    look = Look.fit("light", "en", QSize(1200, 800))
    table = NumbersTable(look, 0)
    qtbot.addWidget(table)
    table.show_numbers(found, [str(unit) for unit in range(10)], "true class")
    table.resize(1200, 800)
    assert len(table._shown()[0].texts) == 10
    table.resize(1200, round(9.5 * look.metrics.tick))
    names = table._shown()[0].texts
    others = [unit for unit in abs(found.delta).argsort()[::-1].tolist() if unit != found.true_unit]
    wanted = sorted([found.true_unit, *others[: len(names) - 1]])
    assert 1 < len(names) < 10
    assert [int(name.split()[0]) for name in names] == wanted
    assert table._shown()[0].total == f"{len(names)} of 10"


def test_a_document_with_two_classes_in_one_column_has_two_units(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(Document(experiment(data={"name": "moons", "samples": 60})))
    window.show_views(("numbers",))
    window.settle()
    window.controller.pause()
    qtbot.waitUntil(lambda: the_view(window, NumbersView).found is not None, timeout=10_000)
    assert len(the_view(window, NumbersView).tables[0].columns[0].texts) == 2


def test_a_z_is_dragged_at_the_start(qtbot: QtBot, open_window: OpenWindow) -> None:
    spec = of_layer([3.0, 1.0, -3.0], [0.0, 1.0, 0.0], output="softmax", loss="cross_entropy")
    window = open_window(Document(spec))
    window.show_views(("numbers",))
    window.settle()
    window.controller.pause()
    window.controller.seek(0)
    qtbot.waitUntil(lambda: getattr(the_view(window, NumbersView).found, "step", -1) == 0, timeout=10_000)
    drag_a_z(window)
    qtbot.waitUntil(lambda: _z(window) == [3.0, 3.0, -3.0], timeout=10_000)
    found = _shown(window)
    assert found.a[:2].tolist() == [found.a[0], found.a[0]]
    run = as_train(window.controller.running_document.experiment).runs[0]
    assert run.bias_init.layers == ((0.0, 2.0, 0.0),)  # type: ignore[attr-defined]


@pytest.mark.parametrize("replicas", [1, 3])
def test_a_z_is_dragged_later_and_the_change_undone_at_once(
    qtbot: QtBot, open_window: OpenWindow, replicas: int
) -> None:
    runs = {"label": "A"}, {"label": "B", "loss": "mse"}
    spec = experiment(*runs, data={"name": "moons", "samples": 60}, replicas=replicas)
    window = open_window(Document(spec))
    window.show_views(("numbers",))
    window.settle()
    window.controller.pause()
    window.controller.seek(2)
    qtbot.waitUntil(lambda: getattr(the_view(window, NumbersView).found, "step", -1) == 2, timeout=10_000)
    before = _z(window)
    drag_a_z(window)
    after = [before[0], pytest.approx(round(before[1] + 2.0, 1), abs=1e-4)]
    qtbot.waitUntil(lambda: _z(window) == after, timeout=10_000)
    edited = as_train(window.controller.running_document.experiment)
    assert [change.step for change in edited.runs[0].changes] == [1]
    assert edited.runs[1] == spec.runs[1]
    assert ("in all 3 replicas" in the_view(window, NumbersView).cards[0]._plain[0]) == (replicas == 3)
    window.undo()
    qtbot.waitUntil(lambda: _z(window) == before, timeout=10_000)
    assert window.controller.running_document.experiment == spec


def drag_a_z(window: Window) -> None:
    """Drag the z of the second unit by 2."""
    view = the_view(window, NumbersView)
    table = view.tables[0]
    place = table.cell(1).center().toPoint()
    QTest.mousePress(table, Qt.MouseButton.LeftButton, pos=place)
    for px in (10, 4 * view.look.metrics.tick):
        QTest.mouseMove(table, place + QPoint(px, 0))
    QTest.mouseRelease(table, Qt.MouseButton.LeftButton, pos=place + QPoint(px, 0))


def _shown(window: Window) -> OutputNumbers:
    found = the_view(window, NumbersView).found
    assert found is not None
    one = found.runs[0]
    assert isinstance(one, OutputNumbers)
    return one


def _z(window: Window) -> list[float]:
    return [round(float(z), 9) for z in _shown(window).z]

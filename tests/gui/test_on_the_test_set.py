"""What networks do with the test set, as it is drawn and read; views that do not apply say why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from gradsim.cli import main
from gradsim.engine.data.samples import Cache
from gradsim.engine.data.tables import dataset
from gradsim.schema.errors import FileError
from gradsim.sim.documents.document import Document, dump
from gradsim.sim.documents.experiments import experiment_from, full_table
from gradsim.sim.documents.results import run
from gradsim.sim.kinds.train.snapshot import snapshots
from gradsim.sim.kinds.train.spec import Train
from gradsim.ui.app import application
from gradsim.ui.board import Board
from gradsim.ui.export import Picture, export, prepared, settle
from gradsim.ui.plots.confusion_matrix import ConfusionMatrix
from gradsim.ui.plots.sample_list import SampleList, SampleRows
from gradsim.ui.views.common.view import Card
from gradsim.ui.views.train.confusion import ConfusionView
from gradsim.ui.views.train.predicted import PredictedView
from gradsim.ui.views.train.representation import RepresentationView, layers_shown
from gradsim.ui.views.train.samples import SamplesView
from gradsim.ui.writers.writer import image_of
from tests.covering import covering
from tests.golden.compare import colours, pixels
from tests.gui.conftest import OpenWindow, edit_to, menu_actions, the_view
from tests.gui.test_chain_and_census import point_at
from tests.unit.races import race
from tests.unit.small import RELU, SIGMOID, experiment, trained
from tests.unit.test_view_refusals import EXPERIMENTS, REFUSED

STEPS = 20
DIGITS = {"data": {"name": "digits", "samples": 400}, "steps": STEPS, "replicas": 2}
PLANE = {"data": {"name": "moons", "samples": 100}, "steps": STEPS, "replicas": 2}
FIT = {"output": "linear", "loss": "mse", "hidden": [6], "batch_size": 16}
NUMBERS = {"data": {"name": "linear", "samples": 120, "features": 3}, "steps": STEPS, "replicas": 2, "common": FIT}
OTHERS = [{"label": f"Run {i}", "activation": "tanh"} for i in range(8)]


def of_numbers(**settings: Any) -> Train:
    return experiment({"label": "Tanh", "activation": "tanh"}, **(NUMBERS | settings))


def predicted_by(spec: Train, run: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return what the first replica of a run predicts of the test set at the last step, and its targets."""
    trainer, tape = trained(spec)
    *_, last = snapshots(spec, trainer.data, tape.keyframe_before(STEPS), STEPS, 0)
    assert last is not None
    network, test = last[run], trainer.data.test
    assert network is not None
    a = test.x
    for layer in network.layers[:-1]:
        z = a @ layer.w + layer.b
        a = np.tanh(z) if network.run.activation.key == "tanh" else np.maximum(z, 0.0)
    return a @ network.layers[-1].w + network.layers[-1].b, test.y


# The confusion matrix


def test_cells_hold_what_the_pointer_reads(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = experiment(RELU, SIGMOID, **DIGITS)
    z, y = predicted_by(spec, 0)
    with prepared(Document(spec), STEPS, Picture(size=(1400, 800), view="confusion"), {}) as (board, _):
        [view] = board.findChildren(ConfusionView)
        told: list[str | None] = []
        monkeypatch.setattr(view, "show_tooltip", told.append)
        matrix = view._matrices[0]
        for row in range(10):
            for column in range(10):
                point_at(matrix, matrix.cell(row, column).center())
                both = (y.argmax(axis=1) == row) & (z.argmax(axis=1) == column)
                total = int(y[:, row].sum())
                assert told[-1] == f"is {row}, taken for {column}: {both.sum()} of {total}"
        matrix.leaveEvent(None)
        assert told[-1] is None


def test_cells_with_samples_are_filled_and_others_are_not(qtbot: QtBot) -> None:
    spec = experiment(RELU, **DIGITS)
    z, y = predicted_by(spec, 0)
    with prepared(Document(spec), STEPS, Picture(size=(1400, 800), view="confusion"), {}) as (board, _):
        [matrix] = board.findChildren(ConfusionMatrix)
        seen, card = pixels(image_of(matrix, 1.0)).astype(int), QColor(matrix.look.theme.card)
        for row in range(10):
            for column in range(10):
                place = matrix.cell(row, column)
                corner = seen[round(place.bottom()) - 5, round(place.right()) - 5]
                empty = np.abs(corner - [card.red(), card.green(), card.blue()]).max() < 8
                assert empty == (not ((y.argmax(axis=1) == row) & (z.argmax(axis=1) == column)).any())


@pytest.mark.parametrize(
    ("theme", "size", "runs"), covering(["light", "projector"], [(1024, 768), (1920, 1080)], [1, 2, 8])
)
def test_matrices_of_all_runs_have_room(qtbot: QtBot, theme: str, size: tuple[int, int], runs: int) -> None:
    spec = experiment(*OTHERS[:runs], **(DIGITS | {"steps": 1}))
    with prepared(Document(spec), 1, Picture(theme, size=size, view="confusion"), {}) as (board, _):
        assert (board.width(), board.height()) == size
        for matrix in board.findChildren(ConfusionMatrix):
            inside = matrix.rect().adjusted(-1, -1, 1, 1)
            assert inside.contains(matrix.cell(0, 0).toRect())
            assert inside.contains(matrix.cell(9, 9).toRect())
            assert matrix.cell(0, 0).height() >= 4.0


@pytest.mark.parametrize("runs", [1, 2])
def test_the_names_of_classes_end_before_the_word_recall(qtbot: QtBot, tmp_path: Path, runs: int) -> None:
    names = ("setosa", "versicolor", "virginica")
    lines = ["a,b,c,kind", *(f"{i % 7},{i % 5},{i % 11},{names[i % 3]}" for i in range(90))]
    (tmp_path / "flowers.csv").write_text("\n".join(lines))
    data = {"name": "csv", "path": str(tmp_path / "flowers.csv")}
    spec = experiment(*OTHERS[:runs], data=data, steps=1, replicas=2)
    for size in ((1024, 768), (1920, 1080)):
        picture = Picture(size=size)
        with prepared(Document(spec), 1, picture, {}) as (board, _):
            for matrix in board.findChildren(ConfusionMatrix):
                if matrix._recall_px() > 1.0:
                    word = matrix._room().right() + 0.5 * matrix.look.metrics.tick
                    assert max(matrix._above(at, 2).right() for at in range(3)) < word


# Samples


def shown(view: SamplesView, run: int) -> SampleList:
    return view._lists[run]


@pytest.mark.parametrize("order", ["worst", "surest", "file"])
def test_samples_come_in_the_order_asked_for(qtbot: QtBot, order: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = experiment(RELU, SIGMOID, **DIGITS)
    z, y = predicted_by(spec, 0)
    share = np.exp(z - z.max(axis=1, keepdims=True))
    share /= share.sum(axis=1, keepdims=True)
    losses = -np.log((share * y).sum(axis=1))
    expected = {"worst": losses.argsort()[::-1], "surest": share.max(axis=1).argsort()[::-1]}
    numbers = expected.get(order, np.arange(len(y)))
    picture = Picture(size=(1400, 800), view="samples")
    with prepared(Document(spec), STEPS, picture, {"order": order}) as (board, _):
        [view] = board.findChildren(SamplesView)
        told: list[str | None] = []
        monkeypatch.setattr(view, "show_tooltip", told.append)
        tiles = shown(view, 0)
        assert len(tiles.shown) > 4
        for at in range(5):
            point_at(tiles, tiles.place(at).center())
            assert told[-1] is not None
            assert told[-1].startswith(f"test sample {numbers[at] + 1}: loss ")
            assert float(told[-1].split()[-1]) == pytest.approx(losses[numbers[at]], rel=1e-3)
            assert tiles._tell is not None
            one = tiles._tell(at)
            said = int(z[numbers[at]].argmax())
            assert one.said.name == f"says {said}"
            assert one.said.share == pytest.approx(share[numbers[at], said])
            assert one.wrong == (said != y[numbers[at]].argmax())


def test_keys_and_wheel_turn_the_pages(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(Document(experiment(RELU, SIGMOID, **DIGITS)))
    window.show_views(("samples",))
    window.controller.pause()
    view = the_view(window, SamplesView)
    qtbot.waitUntil(lambda: shown(view, 0).count > 0, timeout=10_000)
    tiles = shown(view, 0)
    page, row = tiles.rows * tiles.columns, tiles.columns
    last = -(-tiles.count // row) * row - page
    assert last > page
    tiles.setFocus()
    for key, expected in (
        (Qt.Key.Key_Down, row),
        (Qt.Key.Key_Up, 0),
        (Qt.Key.Key_Up, 0),
        (Qt.Key.Key_Right, page),
        (Qt.Key.Key_Left, 0),
        (Qt.Key.Key_Right, page),
        (Qt.Key.Key_Home, 0),
    ):
        QTest.keyClick(tiles, key)
        assert tiles.first == expected
    turn(tiles, -120)
    assert tiles.first == row
    turn(tiles, -120 * 1000)
    assert tiles.first == last
    text = next(label.text() for label in view.cards[0].findChildren(QLabel) if "test samples" in label.text())
    assert text.startswith(f"test samples {last + 1} to {tiles.count} of {tiles.count}")
    window.set_theme("dark")
    qtbot.waitUntil(lambda: the_view(window, SamplesView) is not view, timeout=5_000)
    rebuilt = shown(the_view(window, SamplesView), 0)
    qtbot.waitUntil(lambda: rebuilt.count > 0, timeout=5_000)
    assert rebuilt.first == last


def turn(tiles: SampleList, angle: int) -> None:
    at, none = QPointF(20, 20), Qt.MouseButton.NoButton
    keys, phase = Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    application().sendEvent(tiles, QWheelEvent(at, at, QPoint(), QPoint(0, angle), none, keys, phase, False))


def test_rows_are_in_the_units_of_their_source(qtbot: QtBot, tmp_path: Path) -> None:
    rows = [(round(5.0 + 0.1 * i, 1), i % 4, "cat" if i % 3 else "dog") for i in range(60)]
    table = "width (cm),legs,animal\n" + "".join(f"{a},{b},{c}\n" for a, b, c in rows)
    (tmp_path / "animals.csv").write_text(table, encoding="utf-8")
    data = {"name": "csv", "path": str(tmp_path / "animals.csv")}
    spec = experiment(RELU, **(DIGITS | {"data": data}))
    with prepared(Document(spec), STEPS, Picture(size=(1400, 800), view="samples"), {}) as (board, _):
        [view] = board.findChildren(SamplesView)
        listing = shown(view, 0)
        assert listing._tell is not None
        told = [listing._tell(at) for at in range(listing.count)]
        found = [(float(one.inputs[0]), int(one.inputs[1]), one.true.name) for one in told]
        assert len(found) == 12
        assert set(found) <= set(rows)
        assert {len(one.inputs[0].split(".")[1]) for one in told} == {1}


@pytest.mark.parametrize("runs", [1, 2, 3, 8])
def test_of_many_runs_the_one_chosen_is_shown(qtbot: QtBot, runs: int) -> None:
    spec = experiment(*OTHERS[:runs], **(DIGITS | {"steps": 1}))
    with prepared(Document(spec), 1, Picture(size=(1400, 800), view="samples"), {"run": 3}) as (board, _):
        [view] = board.findChildren(SamplesView)
        assert list(view.cards) == ([2] if runs > 2 else list(range(runs)))


def test_other_data_are_shown_as_they_are(qtbot: QtBot, open_window: OpenWindow, tmp_path: Path) -> None:
    for names in (("width", "legs", "age"), ("height", "wings", "speed")):
        rows = "".join(f"{i},{i % 4},{i % 7},{'cat' if i % 3 else names[0]}\n" for i in range(60))
        (tmp_path / f"{names[0]}.csv").write_text(",".join(names) + ",animal\n" + rows)

    def of(name: str) -> Train:
        return experiment(
            RELU, SIGMOID, **(DIGITS | {"data": {"name": "csv", "path": str(tmp_path / f"{name}.csv")}})
        )

    window = open_window(Document(of("width")))
    window.show_views(("samples", "confusion"))
    assert the_view(window, ConfusionView)._matrices[0]._names == ["cat", "width"]
    with qtbot.waitSignal(window.controller.started, timeout=10_000):
        edit_to(window, full_table(of("height")))
    qtbot.waitUntil(lambda: the_view(window, ConfusionView)._matrices[0]._names == ["cat", "height"], timeout=10_000)
    listing = shown(the_view(window, SamplesView), 0)
    assert isinstance(listing, SampleRows)
    assert listing._names == ["height", "wings", "speed"]


# Predicted against true


def test_points_are_at_true_and_predicted_values(qtbot: QtBot) -> None:
    spec = of_numbers()
    said, true = predicted_by(spec, 0)
    with prepared(Document(spec), STEPS, Picture(size=(1400, 800), view="predicted"), {}) as (board, _):
        [view] = board.findChildren(PredictedView)
        [plot] = view._plots.values()
        low, high = plot._range
        points = plot.marks[1].points
        np.testing.assert_allclose(points[:, 0], true[: len(points), 0])
        np.testing.assert_allclose(points[:, 1], np.clip(said[: len(points), 0], low, high), rtol=1e-9)
        assert len(points) == min(80, len(true))
        (x0, x1), (y0, y1) = plot.plot.box.viewRange()
        assert (x0, x1) == (y0, y1)
        residual, total = ((true - said) ** 2).sum(), ((true - true.mean()) ** 2).sum()
        texts = [label.text() for label in view.findChildren(QLabel)]
        assert any(f"R² {1 - residual / total:#.3g}".rstrip(".") in text.replace("−", "-") for text in texts)


# What layers make of the plane


def test_planes_of_all_layers_are_shown_up_to_five() -> None:
    assert layers_shown(1, 5) == [0, 1]
    assert layers_shown(4, 5) == [0, 1, 2, 3, 4]
    assert layers_shown(100, 5) == [0, 25, 50, 75, 100]
    assert layers_shown(100, 3) == [0, 50, 100]


@pytest.mark.parametrize("theme", ["light", "projector"])
@pytest.mark.parametrize("hidden", [[1], [4, 4], [3] * 30])
def test_each_layer_is_drawn(qtbot: QtBot, theme: str, hidden: list[int]) -> None:
    spec = experiment(RELU, SIGMOID, **(PLANE | {"common": {"hidden": hidden, "batch_size": 16}}))
    picture = Picture(theme, size=(1024, 768), view="representation")
    with prepared(Document(spec), STEPS, picture, {}) as (board, _):
        [view] = board.findChildren(RepresentationView)
        for row in view._rows.values():
            for plane in row:
                room = plane.room().toRect()
                assert min(room.width(), room.height()) > 60
                assert colours(pixels(image_of(plane, 1.0))) > 8


def test_a_run_that_has_diverged_is_said_to_have(qtbot: QtBot) -> None:
    gone = RELU | {"label": "Gone", "init": {"name": "normal", "std": 1000.0}, "hidden": [8] * 60}
    spec = experiment(SIGMOID, gone, **DIGITS)
    for view in ("confusion", "samples"):
        with prepared(Document(spec), STEPS, Picture(size=(1400, 800), view=view), {}) as (board, _):
            texts = [label.text() for label in board.findChildren(QLabel)]
            assert any(">Gone</span>" in text and "has diverged" in text for text in texts)
            assert [text for text in texts if text.startswith("diverged at step ")]


# Views that do not apply


def absent(board: Board) -> list[str]:
    found = board.findChildren(QLabel, "absent")
    return [line for label in found if label.isVisibleTo(board) for line in label.text().split("\n")]


def test_the_command_line_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.toml").write_text(dump(Document(of_numbers())), encoding="utf-8")
    command = ["export", str(tmp_path / "x.toml"), "--view", "confusion", "--out", str(tmp_path / "x.png")]
    assert main(command) == 2
    error = capsys.readouterr().err
    assert "'confusion' has nothing to show of this experiment: it needs classes, and the targets are" in error
    assert error.count("\n") == 1
    assert not (tmp_path / "x.png").exists()


def test_a_file_with_views_that_do_not_apply_is_good_and_they_are_told_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lesson = '[lesson]\nid = "x"\ntitle = { en = "X" }\nviews = ["loss", "confusion"]\n'
    (tmp_path / "x.toml").write_text(dump(Document(of_numbers())) + lesson, encoding="utf-8")
    assert main(["check", str(tmp_path / "x.toml")]) == 0
    reason = "it needs classes, and the targets are numbers"
    expected = f"gradsim: {tmp_path / 'x.toml'}: lesson.views[1]: 'confusion' is not shown: {reason}\n"
    assert capsys.readouterr().err == expected


def test_a_view_of_another_kind_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"'chain' has .*: it shows experiments of the kind train, and"):
        export(Document(race()), tmp_path / "x.png", None, Picture(view="chain"))


def test_views_of_a_file_that_do_not_apply_are_told_of_above_the_others(
    qtbot: QtBot, open_window: OpenWindow
) -> None:
    table = {
        **{"data": {"name": "linear", "samples": 60, "features": 3}, "steps": 5, "common": FIT},
        "runs": [{"label": "A"}],
    }
    from gradsim.sim.documents.document import parse

    text = dump(Document(experiment_from(table)))
    lesson = '[lesson]\nid = "x"\ntitle = { en = "X" }\nviews = ["confusion", "loss", "boundary"]\n'
    window = open_window(parse(text + lesson, "x.toml"))
    assert absent(window.board) == [
        "Not shown: Confusion matrix; it needs classes, and the targets are numbers",
        "Not shown: Decision boundary; it needs two inputs, and there are 3",
    ]
    window.show_views(("loss",))
    window.settle()
    assert absent(window.board) == []
    window.show_views(("confusion",))
    window.settle()
    assert absent(window.board) == ["Not shown: Confusion matrix; it needs classes, and the targets are numbers"]
    assert window.board.findChildren(Card)  # the usual views are shown instead


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_menu_shows_why_a_view_cannot_be_chosen(qtbot: QtBot, open_window: OpenWindow, name: str) -> None:
    from gradsim.ui.views.catalogue import VIEWS, of_kind

    found = EXPERIMENTS[name]
    actions = menu_actions(open_window(Document(found)))
    for key in of_kind(found.kind):
        action = actions[VIEWS[key].title.replace("&", "&&")]
        reason = REFUSED[name].get(key)
        assert action.isEnabled() == (reason is None)
        assert reason is None or reason in action.toolTip()


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_all_views_that_apply_are_drawn_and_the_others_told_of(qtbot: QtBot, name: str) -> None:
    from gradsim.ui.views.catalogue import VIEWS, applying, of_kind, stand_in
    from gradsim.ui.views.common.view import View

    found = EXPERIMENTS[name]
    keys = tuple(of_kind(found.kind))
    document = Document(found)
    board = Board("light", "en")
    qtbot.addWidget(board)
    board.setFixedSize(1600, 900)  # so many need more, and would have it grow and be built anew
    board.show_document(document, keys)
    board.show()
    settle(application())
    _, tape = run(document)
    board.draw(tape, tape.head)
    board.finish_studies()
    settle(application())
    shown = [view for view in board.findChildren(View) if view.isVisibleTo(board)]
    views = [view.key for view in shown if type(view) in VIEWS.values()]  # not those that are parts of another
    assert views == applying(keys, found)
    stood_in = {key for key in REFUSED[name] if stand_in(key, found) != key}  # shown as another, nothing is lacking
    assert len(absent(board)) == len(REFUSED[name].keys() - stood_in)
    assert not board.grab().isNull()


@pytest.mark.parametrize("view", ["samples", "confusion"])
def test_data_that_are_gone_are_told_of_once_they_are_not_at_hand(
    qtbot: QtBot, open_window: OpenWindow, tmp_path: Path, view: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "animals.csv"
    path.write_text("width,animal\n" + "".join(f"{i},{'cat' if i % 3 else 'dog'}\n" for i in range(60)))
    window = open_window(Document(experiment(RELU, **(DIGITS | {"data": {"name": "csv", "path": str(path)}}))))
    window.show_views((view,))
    window.settle()
    assert absent(window.board) == []
    path.unlink()
    window.set_theme("dark")
    window.settle()
    assert absent(window.board) == []
    monkeypatch.setattr(dataset, "SPLITS", Cache(1))  # as where others have taken their place
    window.set_theme("light")
    qtbot.waitUntil(lambda: bool(absent(window.board)), timeout=5_000)
    [line] = absent(window.board)
    assert line.endswith("it needs the samples, and their file cannot be read any more")

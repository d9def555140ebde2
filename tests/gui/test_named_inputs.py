"""Pictures over inputs speak of the table: its names, units and classes; lengths in one unit have one scale."""

from __future__ import annotations

from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QToolTip
from pytestqt.qtbot import QtBot

from gradsim.engine.data import Split
from gradsim.engine.types import Array
from gradsim.sim.documents.document import Document
from gradsim.sim.documents.experiments import experiment_from
from gradsim.sim.kinds.train.trainer import Trainer
from gradsim.ui.plots.classes import class_colour, class_shape
from gradsim.ui.themes import THEMES
from gradsim.ui.views.train.boundary import Boundary, DecisionPlane
from gradsim.ui.views.train.fit import Fit, FittedLine
from gradsim.ui.views.train.over_inputs import OverInputs
from gradsim.ui.window import Window
from tests.gui.conftest import OpenWindow, the_view
from tests.unit.small import as_train, trained

STEPS = 30
RUN: dict[str, Any] = {"label": "Tanh", "activation": "tanh", "hidden": [6], "batch_size": 16}
TABLE: dict[str, Any] = {
    "steps": STEPS,
    "replicas": 3,
    "runs": [RUN | {"optimizer": {"name": "adam", "learning_rate": 0.05}}],
}
NUMBERS = {"output": "linear", "loss": "mse"}


def flowers(folder: Path) -> dict[str, Any]:
    """Return a table of lengths in cm, widths, and the names of three classes."""
    rng = np.random.default_rng(1)
    lines = ["length (cm),width,colour"]
    for i, colour in enumerate(("violet", "amber", "crimson")):
        lines += [
            f"{5 + i + 0.5 * a:.2f},{0.3 + 0.7 * i + 0.2 * b:.2f},{colour}" for a, b in rng.standard_normal((40, 2))
        ]
    (folder / "flowers.csv").write_text("\n".join(lines))
    return {"data": {"name": "csv", "path": str(folder / "flowers.csv")}}


def prices(folder: Path) -> dict[str, Any]:
    rng = np.random.default_rng(2)
    lines = [
        "area (m²),price (€)",
        *(
            f"{a:.1f},{900 * a + 4000 * e:.0f}"
            for a, e in zip(rng.uniform(40, 200, 80), rng.standard_normal(80), strict=True)
        ),
    ]
    (folder / "prices.csv").write_text("\n".join(lines))
    return {"data": {"name": "csv", "path": str(folder / "prices.csv")}, "common": NUMBERS}


def document(**settings: Any) -> Document:
    return Document(experiment_from(TABLE | settings))


def at_the_end(qtbot: QtBot, window: Window, kind: type[OverInputs]) -> OverInputs:
    window.controller.set_speed(inf)
    # A window may build its views anew meanwhile: it is the one then on the board that counts.
    qtbot.waitUntil(
        lambda: window.board.shown_step == STEPS and the_view(window, kind).asked == STEPS, timeout=30_000
    )
    return the_view(window, kind)


def predicted(window: Window, x: Array) -> tuple[Array, Split]:
    """Return the outputs (replicas, N, outputs) of the trained networks for inputs (N, features), in plain NumPy."""
    spec = as_train(window.controller.running_document.experiment)
    trainer, _ = trained(spec)
    data, found = trainer.data, []
    raw = np.array([[(x[i, j] - c.zero) / c.one for j, c in enumerate(data.inputs)] for i in range(len(x))])
    inputs, outputs = raw.shape[1], data.train.y.shape[1]
    for p in trainer.parameters(0):
        w1, b1, rest = p[: 6 * inputs].reshape(inputs, 6), p[6 * inputs : 6 * inputs + 6], p[6 * inputs + 6 :]
        w2, b2 = rest[: 6 * outputs].reshape(6, outputs), rest[6 * outputs :]
        found.append(np.tanh(raw @ w1 + b1) @ w2 + b2)
    return np.array(found), data


def test_the_pointer_speaks_of_the_table(qtbot: QtBot, open_window: OpenWindow, tmp_path: Path) -> None:
    window = open_window(document(**flowers(tmp_path)))
    view = at_the_end(qtbot, window, Boundary)
    [plane] = view.pictures
    assert isinstance(plane, DecisionPlane)
    x, y = plane.x[10], plane.y[5]
    assert 4.0 < x < 8.0  # in cm, as in the table
    logits, data = predicted(window, np.array([[x, y]]))
    shares = np.exp(logits - logits.max(axis=-1, keepdims=True))
    score = np.median((shares / shares.sum(axis=-1, keepdims=True))[:, 0], axis=0)
    name = ("amber", "crimson", "violet")[score.argmax()]
    plane.plot.hovered.emit(QPointF(x, y))
    said = QToolTip.text()
    assert f"length {x:.1f} cm, width {y:.2f}: {name}, {100 * score.max():.0f} %" in said.replace("−", "-")
    assert data.names == ("amber", "crimson", "violet")


def test_the_legend_names_the_classes_and_the_test_set(qtbot: QtBot, open_window: OpenWindow, tmp_path: Path) -> None:
    for theme in THEMES:
        window = open_window(document(**flowers(tmp_path)), theme)
        view = the_view(window, Boundary)
        texts = [key.text for key in view.legend.keys]
        assert texts[:4] == ["amber", "crimson", "violet", "hollow: test set"]
        for number, key in enumerate(view.legend.keys[:3]):
            assert key.brush.color() == QColor(class_colour(THEMES[theme], number))
            assert key.shape == class_shape(number)


def test_without_names_classes_have_numbers(qtbot: QtBot, open_window: OpenWindow) -> None:
    view = the_view(open_window(document(data={"name": "moons", "test_fraction": 0.0}), language="zh_CN"), Boundary)
    assert [key.text for key in view.legend.keys][:2] == ["类别 0", "类别 1"]
    assert not any("空心" in key.text for key in view.legend.keys)


def test_a_fit_is_in_the_units_of_the_table(qtbot: QtBot, open_window: OpenWindow, tmp_path: Path) -> None:
    window = open_window(document(**prices(tmp_path)))
    view = at_the_end(qtbot, window, Fit)
    [line] = view.pictures
    assert isinstance(line, FittedLine)
    assert line.bands is not None
    outputs, data = predicted(window, line.x[:, None])
    expected = data.targets[0].zero + data.targets[0].one * np.median(outputs[..., 0], axis=0)
    np.testing.assert_allclose(line.bands[:, 1], expected, rtol=1e-4)
    assert 20_000 < expected.min() < expected.max() < 250_000
    line.plot.hovered.emit(QPointF(line.x[50], 0.0))
    assert "area " in QToolTip.text()
    assert " m²: price " in QToolTip.text()
    assert " € (" in QToolTip.text()


@pytest.mark.parametrize("size", [(1920, 1080), (1024, 768), (1000, 1400)])
@pytest.mark.parametrize("data", ["moons", "circles", "blobs"])
def test_lengths_in_one_unit_have_one_scale(
    qtbot: QtBot, open_window: OpenWindow, data: str, size: tuple[int, int]
) -> None:
    window = open_window(document(data=data), size=size)
    window.show_views(("boundary",))
    [plane] = the_view(window, Boundary).pictures
    width, height = plane.plot.room_px()
    (left, right), (low, high) = plane.plot.box.viewRange()
    assert width / (right - left) == pytest.approx(height / (high - low), rel=0.02)
    assert min(width, height) > 150


def test_how_good_a_run_is_is_measured_on_the_test_set(qtbot: QtBot, open_window: OpenWindow, tmp_path: Path) -> None:
    window = open_window(document(**flowers(tmp_path)))
    view = at_the_end(qtbot, window, Boundary)
    spec = as_train(window.controller.running_document.experiment)
    data = Trainer(spec).data
    own = np.stack([column.own(data.test.x[:, i]) for i, column in enumerate(data.inputs)], axis=1)
    logits, _ = predicted(window, own)
    right = (logits.argmax(axis=-1) == data.test.y.argmax(axis=-1)).mean(axis=1)
    texts = [label.text() for label in view.pictures[0].card.findChildren(QLabel)]
    assert f"test accuracy {100 * np.median(right):.0f} %" in texts


@pytest.mark.parametrize("theme", ["light", "projector"])
def test_of_many_runs_each_picture_has_room(qtbot: QtBot, open_window: OpenWindow, theme: str) -> None:
    runs = [RUN | {"label": f"Run {number} of eight, by name"} for number in range(8)]
    window = open_window(document(runs=runs, data="circles"), theme, size=(1920, 1080))
    window.show_views(("boundary",))
    view = at_the_end(qtbot, window, Boundary)
    for picture in view.pictures:
        assert min(picture.plot.room_px()) > 60
        [title] = [label for label in picture.card.findChildren(QLabel) if label.property("role") == "title"]
        score, name = title.text().split("  ")
        assert score.endswith(" %")
        assert name == picture.label
    texts = [label.text() for label in view.findChildren(QLabel)]
    assert any(text.startswith("across x₁, up x₂; test accuracy") for text in texts)


def test_a_projector_opens_with_the_picture_over_the_inputs(open_window: OpenWindow, tmp_path: Path) -> None:
    for settings, kind in (({"data": "moons"}, Boundary), (prices(tmp_path), Fit)):
        the_view(open_window(document(**settings), "projector"), kind)


def test_no_mark_is_cut(open_window: OpenWindow, tmp_path: Path) -> None:
    """A class whose samples are all of one height was cut to a strip of that height."""
    lines = ["a,b,c", *(f"{i},{i % 2},{'xy'[i % 2]}" for i in range(40))]
    (tmp_path / "rows.csv").write_text("\n".join(lines))
    window = open_window(document(data={"name": "csv", "path": str(tmp_path / "rows.csv")}), size=(1920, 1080))
    [plane] = the_view(window, Boundary).pictures
    window.grab()  # what is painted for the first time takes its place
    for mark in plane._marks:
        box = mark.mapToScene(mark.boundingRect()).boundingRect()
        places = [mark.mapToScene(QPointF(*point)) for point in mark.points]
        assert all(box.adjusted(8, 8, -8, -8).contains(place) for place in places)


@pytest.mark.parametrize("theme", THEMES)
def test_four_classes_differ_in_colour_and_in_shape(theme: str) -> None:
    colours = [QColor(class_colour(THEMES[theme], number)) for number in range(4)]
    assert len({class_shape(number) for number in range(4)}) == 4
    hues = sorted(colour.hueF() for colour in colours)
    apart = np.diff([*hues, hues[0] + 1.0])
    assert min(apart) > 0.06
    assert not {colour.name() for colour in colours} & set(THEMES[theme].runs)

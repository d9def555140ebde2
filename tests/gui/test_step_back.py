"""One step of the way back: opened by a click or a key, closed by Escape, with the figures of the tape."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import Document
from gradsim.sim.documents.results import run
from gradsim.sim.kinds.train.chain import output_factor
from gradsim.sim.kinds.train.snapshot import snapshots
from gradsim.ui.app import application
from gradsim.ui.export import Picture, prepared, settle
from gradsim.ui.views.train.chain import ChainView
from gradsim.words.numbers import factor_text, figure
from tests.gui.conftest import OpenWindow, the_view
from tests.gui.test_chain_and_census import DEEP, MANY, way_back
from tests.unit.small import RELU, SIGMOID, experiment, trained

ENDS: list[dict[str, Any]] = [
    SIGMOID | {"label": "Squared", "output": "sigmoid", "loss": "mse"},
    SIGMOID | {"label": "Cross", "output": "sigmoid", "loss": "cross_entropy"},
    SIGMOID | {"label": "Huber", "output": "tanh", "loss": "huber"},
    SIGMOID | {"label": "Line", "output": "linear", "loss": "mae"},
]


def row(view: ChainView, run_index: int) -> str:
    """Return what stands in a run's row, without its colours."""
    return " ".join(filter(None, map(plain, view._step._cells[run_index])))


def plain(label: QLabel) -> str:
    return label.text().partition(">")[2].removesuffix("</span>").replace("&#x27;", "'")


def test_a_click_opens_the_step_of_a_layer_with_the_figures_of_the_tape(qtbot: QtBot) -> None:
    view, past = way_back(qtbot, SIGMOID, RELU)
    stairs = view._stairs[0]
    QTest.mouseClick(stairs, Qt.MouseButton.LeftButton, pos=QPoint(round(stairs._x(1)), 100))
    assert view._step.isVisible()
    assert not view._product.isVisible()
    assert view._step._title.text() == "hidden 2: δ₂ = (W₃ᵀ δ₃) ∘ f′(z₂)"
    for index, name in enumerate(("Sigmoid", "ReLU")):
        norms, weights, slopes, mean = (
            past.values(index, key)[:, 0] for key in ("delta_norm", "weight_factor", "slope_factor", "slope")
        )
        above, here = (figure(float(norms[layer])) for layer in (2, 1))
        factors = f"{factor_text(float(weights[1]))} {factor_text(float(slopes[1]))}"
        assert row(view, index) == f"{name} {above} {factors} = {here} {mean[1]:.2g}"


def test_keys_go_from_layer_to_layer_and_escape_closes(qtbot: QtBot) -> None:
    view, _ = way_back(qtbot, SIGMOID, RELU)
    stairs = view._stairs[0]
    stairs.setFocus(Qt.FocusReason.TabFocusReason)
    seen = []
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Right):
        QTest.keyClick(stairs, key)
        seen.append(view._chosen)
    assert seen == [3, 2, 1, 2]
    assert view._step.isVisible()
    QTest.keyClick(stairs, Qt.Key.Key_Escape)
    assert view._chosen == -1
    assert view._product.isVisible()
    QTest.keyClick(stairs, Qt.Key.Key_Right)
    assert view._chosen == 0
    QTest.keyClick(stairs, Qt.Key.Key_Left)
    assert view._chosen == 0
    QTest.keyClick(stairs, Qt.Key.Key_Home)
    assert view._chosen == -1


def test_escape_closes_what_a_click_has_opened_in_the_window(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    window.show_views(("chain",))
    window.settle()
    window.controller.pause()
    window.controller.seek(5)
    qtbot.waitUntil(lambda: window.board.shown_step == 5, timeout=10_000)
    view = the_view(window, ChainView)
    stairs = view._stairs[1]
    QTest.mouseClick(stairs, Qt.MouseButton.LeftButton, pos=QPoint(round(stairs._x(2)), 100))
    assert view._chosen == 2
    assert window.focusWidget() is stairs
    window.set_theme("dark")
    window.settle()
    view = the_view(window, ChainView)
    assert view._chosen == 2
    view._stairs[0].setFocus()
    QTest.keyClick(view._stairs[0], Qt.Key.Key_Escape)
    assert view._chosen == -1
    assert view.state() == {}


@pytest.mark.parametrize("theme", ["light", "projector"])
def test_where_there_is_little_room_the_grey_lines_tell_the_step(qtbot: QtBot, theme: str) -> None:
    view, _ = way_back(qtbot, SIGMOID, RELU, theme=theme, size=QSize(1200, 300))
    assert not view._below.isVisible()
    before = view._cards[0]._plain
    view._stairs[0].chosen.emit(1)
    assert not view._below.isVisible()
    assert view._cards[0]._plain[0].startswith("δ₂ = (W₃ᵀ δ₃) ∘ f′(z₂): ")
    assert factor_text(float(view._chains[0].slopes[1])) in view._cards[0]._plain[-1] or theme == "light"
    view._stairs[0].chosen.emit(-1)
    assert view._cards[0]._plain == before


def test_what_the_loss_gives_is_that_of_the_network_at_the_step(qtbot: QtBot) -> None:
    spec = experiment(*ENDS, common=DEEP, replicas=2, steps=9)
    trainer, tape = trained(spec)
    for step in (0, 9):
        *_, networks = snapshots(spec, trainer.data, tape.keyframe_before(step), step, 0)
        assert networks is not None
        with prepared(Document(spec), step, Picture("light", size=(1600, 900), view="chain"), {}) as (board, _):
            [view] = board.findChildren(ChainView)
            for found, network in zip(view._chains, networks, strict=True):
                assert network is not None
                assert found.output == pytest.approx(output_factor(network), rel=1e-12)
                assert found.error == pytest.approx(float(np.linalg.norm(network.error)), rel=1e-12)
            assert [stairs._error_name for stairs in view._stairs] == ["a − y", "a − y", "∂L/∂a", "∂L/∂a"]
            view._on_chosen(3)
            settle(application())
            assert [row(view, index).split()[2:4] for index in range(4)] == [
                [factor_text(view._chains[0].output), "="],
                ["cancels", "="],
                [factor_text(view._chains[2].output), "="],
                ["×1.00", "="],
            ]


def test_no_study_where_the_factor_of_the_output_is_known(qtbot: QtBot) -> None:
    view, _ = way_back(qtbot, SIGMOID, RELU)
    assert view.study() is None
    squared, _ = way_back(qtbot, SIGMOID | {"output": "sigmoid", "loss": "mse"})
    assert squared.study() is not None


@pytest.mark.parametrize("size", [QSize(1024, 768), QSize(1920, 1080)])
@pytest.mark.parametrize("hidden", [[8], [8] * 8, [8] * 30, [8] * 100])
def test_the_note_lies_on_no_level_and_no_factor(qtbot: QtBot, size: QSize, hidden: list[int]) -> None:
    runs = [SIGMOID | {"hidden": hidden}, RELU | {"hidden": hidden}]
    view, _ = way_back(qtbot, *runs, size=size)
    for stairs in view._stairs:
        stairs.grab()
        note = stairs.note_place()
        if note is None:
            continue
        assert stairs._room().contains(note)
        logs = np.log10(stairs._chain.norms)  # type: ignore[union-attr]
        for layer, level in enumerate(logs[np.isfinite(logs)]):
            assert not note.contains(stairs._x(layer), stairs._y(float(level)))
    assert any(stairs.note_place() is not None for stairs in view._stairs)


def test_with_many_runs_there_is_nothing_to_click_and_nothing_breaks(qtbot: QtBot) -> None:
    view, _ = way_back(qtbot, *MANY)
    view.restore({"layer": 2})
    view.draw(run(Document(view.train))[1].until(3))
    assert not view.grab().isNull()

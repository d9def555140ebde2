"""The surface in three dimensions: what is in front hides what is behind, and the mouse turns it."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPen
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradsim.engine.surfaces.user_formula import Formula
from gradsim.ui.app import application
from gradsim.ui.plots.scene import _USUAL, Scene
from gradsim.ui.plots.trails import Trail
from gradsim.ui.theme import Look, Metrics
from gradsim.ui.themes import THEMES
from tests.golden.compare import colours, differing_share, pixels

HILL = Formula("exp(-4*(x**2 + y**2))", (-1.0, 1.0, -1.0, 1.0))


@pytest.fixture
def scene(qtbot: QtBot) -> Scene:
    application()
    theme = THEMES["light"]
    made = Scene(Look(theme, Metrics.fit(theme, QSize(960, 540), "en"), "en"), HILL)
    qtbot.addWidget(made)
    made.resize(800, 500)
    made.show()
    qtbot.waitExposed(made)
    made.grab()
    return made


def picture(scene: Scene) -> QImage:
    return scene.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def seen(scene: Scene, *places: tuple[float, float]) -> list[bool]:
    found: list[bool] = scene._seen(scene._box(np.array(places)), scene.turn, scene.tilt).tolist()
    return found


def test_a_hill_hides_what_is_behind_it(scene: Scene) -> None:
    scene.turn, scene.tilt = 0.0, 0.35
    scene.grab()
    assert seen(scene, (0.0, 0.0), (0.0, -0.8), (0.0, 0.45)) == [True, True, False]
    scene.turn = np.pi
    scene.grab()
    assert seen(scene, (0.0, 0.45), (0.0, -0.45)) == [True, False]


def test_what_is_nearer_is_lower_in_the_picture_and_has_the_larger_depth(scene: Scene) -> None:
    scene.turn, scene.tilt = 0.0, 0.6
    near, far = scene._project(np.array([[0.0, -1.0, 0.0], [0.0, 1.0, 0.0]]))
    assert near[0] == pytest.approx(far[0])
    assert near[1] > far[1]
    assert near[2] > far[2]


def test_the_mouse_turns_it_and_a_double_click_turns_it_back(scene: Scene) -> None:
    before = picture(scene)
    QTest.mousePress(scene, Qt.MouseButton.LeftButton, pos=QPoint(400, 250))
    QTest.mouseMove(scene, QPoint(470, 290))
    QTest.mouseRelease(scene, Qt.MouseButton.LeftButton, pos=QPoint(470, 290))
    assert scene.turn == pytest.approx((_USUAL[0] - 0.56) % (2 * np.pi))
    assert scene.tilt > _USUAL[1]
    assert differing_share(pixels(before), pixels(picture(scene))) > 0.05
    QTest.mouseDClick(scene, Qt.MouseButton.LeftButton, pos=QPoint(400, 250))
    QTest.mouseRelease(scene, Qt.MouseButton.LeftButton, pos=QPoint(400, 250))
    assert differing_share(pixels(before), pixels(picture(scene))) == 0.0


def test_paths_are_drawn_where_they_are_seen(scene: Scene) -> None:
    scene.turn, scene.tilt = 0.0, 0.35
    bare = pixels(picture(scene))
    pen = QPen(QColor("#c2390f"), 4.0)
    front = np.stack([np.linspace(-0.9, 0.9, 50), np.full(50, -0.7)], axis=1)
    scene.show_trails([Trail(front, pen, "Run")], (0.0, 0.0))
    drawn = pixels(picture(scene))
    assert 0.002 < differing_share(bare, drawn) < 0.2
    scene.show_trails([Trail(front[:20], pen, "Run")], (0.0, 0.0))
    assert differing_share(drawn, pixels(picture(scene))) > 0.001
    scene.show_trails([Trail(np.full((9, 2), np.nan), pen, "Run")], (0.0, 0.0))
    assert differing_share(bare, pixels(picture(scene))) == 0.0


def test_a_formula_without_values_everywhere_is_shown_where_it_has_some(qtbot: QtBot) -> None:
    application()
    theme = THEMES["dark"]
    made = Scene(Look(theme, Metrics.fit(theme, QSize(400, 300), "en"), "en"), Formula("log(x) + y**2"))
    qtbot.addWidget(made)
    made.resize(400, 300)
    assert colours(pixels(picture(made))) > 20


@pytest.mark.parametrize("formula", ["exp(x)*exp(y)", "exp(-1e6*(x**2 + y**2))", "1e-12*x"])
def test_heights_of_needles_and_plains_have_few_ticks(formula: str) -> None:
    application()
    theme = THEMES["light"]
    look = Look(theme, Metrics.fit(theme, QSize(400, 300), "en"), "en")
    made = Scene(look, Formula(formula, (-5e5, 5e5, -5.0, 5.0)))
    assert len(made._axis) <= 100
    made.deleteLater()

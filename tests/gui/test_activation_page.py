"""Activations by themselves: the page draws what is chosen and set there, and needs no run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from gradsim.engine.nn.activations import ACTIVATIONS
from gradsim.ui import activation_page
from gradsim.ui.activation_page import ActivationPage
from gradsim.ui.app import application
from gradsim.ui.export import settle
from gradsim.ui.plots.activation_curves import ActivationCurves
from gradsim.ui.theme import Look
from tests.gui.conftest import OpenWindow

OpenPage = Callable[..., ActivationPage]


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[OpenPage]:
    """Return what opens the page over a window of some size."""
    application()
    windows: list[QWidget] = []

    def opened(theme: str = "light", size: QSize | None = None, language: str = "en") -> ActivationPage:
        size = size or QSize(1920, 1080)
        windows.append(QWidget())
        windows[-1].resize(size)
        found = ActivationPage(windows[-1], Look.fit(theme, language, size))
        found.show()
        settle(application())
        return found

    yield opened
    for window in windows:
        window.deleteLater()


def choose(found: ActivationPage, side: int, key: str) -> None:
    """Choose an activation as a user does."""
    combo = found.editors[side].findChildren(QComboBox)[0]
    combo.activated.emit(combo.findData(key))
    settle(application())


@pytest.mark.parametrize("key", ACTIVATIONS)
def test_any_activation_is_drawn_with_its_formula(page: OpenPage, key: str) -> None:
    found = page()
    other = "sigmoid" if key != "sigmoid" else "tanh"
    choose(found, 0, key)
    choose(found, 1, other)
    assert [curve.activation for curve in found.curves.curves] == [ACTIVATIONS[key](), ACTIVATIONS[other]()]
    assert len({curve.colour for curve in found.curves.curves}) == 2
    text = found.formulas[0].text()
    assert ACTIVATIONS[key].label in text
    assert ACTIVATIONS[key].formula.replace("<", "&lt;") in text
    assert ACTIVATIONS[key].label in found.sentence.told
    assert not found.grab().isNull()


def test_one_activation_chosen_twice_is_drawn_once(page: OpenPage) -> None:
    found = page()
    choose(found, 1, "sigmoid")
    assert [curve.activation.key for curve in found.curves.curves] == ["sigmoid"]
    assert found.formulas[1].text() == ""


def test_a_setting_changes_the_curve_and_what_is_refused_does_not(page: OpenPage) -> None:
    found = page()
    choose(found, 0, "leaky_relu")
    for text, slope, refused in (("0.3", 0.3, False), ("7", 0.3, True), ("0.5", 0.5, False)):
        [field] = [each for each in found.editors[0].findChildren(QLineEdit) if each.isVisible()]
        field.setText(text)
        field.editingFinished.emit()
        settle(application())
        drawn = found.curves._sampled[0]
        np.testing.assert_allclose(drawn.f, np.where(drawn.z > 0, drawn.z, slope * drawn.z))
        assert found._problem.isVisible() == refused
        assert f"slope = {slope}<br>" in found.formulas[0].text()


@pytest.mark.parametrize("theme", ["light", "dark", "projector"])
@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("size", [QSize(1024, 768), QSize(1920, 1080)])
def test_it_fits_into_its_window(page: OpenPage, theme: str, language: str, size: QSize) -> None:
    found = page(theme, size, language)
    choose(found, 0, "leaky_relu")
    choose(found, 1, "elu")
    assert found.width() <= size.width()
    assert found.height() <= size.height()
    tick = found._look.metrics.tick
    for band in found.curves.bands():
        assert min(band.width(), band.height()) > 5 * tick
        assert found.curves.rect().contains(band.toAlignedRect())


def test_its_picture_is_copied_and_saved(page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = page()
    found.copy()
    image = QGuiApplication.clipboard().image()
    assert image.width() == 2 * found.sheet.width()
    target = tmp_path / "a.png"
    monkeypatch.setattr(activation_page, "asked_path", lambda *_: target)
    found.save()
    assert target.stat().st_size > 1000
    assert not found._problem.isVisible()
    monkeypatch.setattr(activation_page, "asked_path", lambda *_: tmp_path / "none" / "a.png")
    found.save()
    assert found._problem.isVisible()
    target.unlink()
    target.mkdir()  # what stands there is not replaced
    monkeypatch.setattr(activation_page, "asked_path", lambda *_: target)
    found.save()
    assert "a.png" in found._problem.text()
    assert list(tmp_path.iterdir()) == [target]


def test_a_key_opens_it_and_escape_closes_it(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    QTest.keyClick(window, Qt.Key.Key_A)
    [found] = window.findChildren(ActivationPage)
    assert found.isVisible()
    assert found.findChildren(ActivationCurves)[0].curves
    QTest.keyClick(found, Qt.Key.Key_Escape)
    assert not found.isVisible()

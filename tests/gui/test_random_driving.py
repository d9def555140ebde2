"""Whatever is pressed, clicked and typed while it trains, the window goes on: see the driver."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradsim.ui.later import later
from tests.gui.driver import Driver, Fault, drive

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


@pytest.mark.parametrize("seed", range(3))
def test_nothing_fails_whatever_is_done(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.chdir(tmp_path)
    drive(seed, 35, tmp_path)


def harm(driver: Driver, how: str) -> None:
    """Do what the driver is to notice."""
    window = driver.window
    if how == "exception":
        later(window, lambda: 1 // 0)
        QTest.qWait(50)
    elif how == "empty":
        assert window.board._content is not None
        window.board._content.hide()
    else:
        table = dict(window.editing.draft.table)
        window.editing.edit({**table, "steps": "many"})
        window.controller.tape = None


@pytest.mark.parametrize(
    ("how", "told"), [("exception", "ZeroDivisionError"), ("empty", "empty"), ("lost", "taken the run away")]
)
def test_the_driver_notices(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str, told: str
) -> None:
    driver = Driver(0, tmp_path)
    monkeypatch.setattr(driver, "_act", lambda: harm(driver, how))
    try:
        driver.check()
        with pytest.raises(Fault, match=told):
            driver.drive(1)
    finally:
        driver.close()

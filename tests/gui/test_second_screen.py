"""The stage on a second screen, and that there has to be one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QToolTip

from tests.gui import second_screen
from tests.gui.conftest import OpenWindow, menu_actions

CHECKS = [name for name in vars(second_screen) if name.startswith("check")]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Run all checks on two screens of a size each; return what went wrong in each, "" for nothing."""
    folder = tmp_path_factory.mktemp("screens")
    dots = {"logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}
    screens = [
        {"name": "here", "x": 0, "y": 0, "width": 1366, "height": 768, **dots},
        {"name": "there", "x": 1366, "y": 0, "width": 1920, "height": 1080, **dots},
    ]
    (folder / "screens.json").write_text(json.dumps({"screens": screens}))
    run = subprocess.run(
        [sys.executable, "-m", "tests.gui.second_screen", str(folder)],
        env={**os.environ, "QT_QPA_PLATFORM": f"offscreen:configfile={folder / 'screens.json'}"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    result: dict[str, str] = json.loads(run.stdout.splitlines()[-1])
    return result


@pytest.mark.parametrize("check", CHECKS)
def test_on_two_screens(check: str, found: dict[str, str]) -> None:
    assert not found[check], found[check]


def test_with_one_screen_the_stage_stays_and_that_is_said(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window()
    action = menu_actions(window)["Stage on the second screen"]
    assert not action.isEnabled()
    assert not action.isChecked()
    told: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda place, text, *rest: told.append(text))
    window.toggle_stage()
    assert not window.stage.is_out
    assert ["There is no second screen." in text for text in told] == [True]

"""The whole window: every text of bar, panel and pictures is legible and has room, in all themes and languages."""

from __future__ import annotations

import pytest

from gradsim.sim.documents.lessons import load
from gradsim.ui.app import application
from gradsim.ui.export import settle
from gradsim.ui.themes import THEMES
from tests.covering import covering
from tests.gui.conftest import OpenWindow, garbage_elsewhere, open_window, settings_folder, small
from tests.look.faults import CHECKS
from tests.look.scenes import SIZES, Scene

CHECKED = ("faint_texts", "cut_texts", "texts_over_texts")
__all__ = ["garbage_elsewhere", "open_window", "settings_folder", "small"]


@pytest.mark.parametrize(("theme", "language", "size"), covering(THEMES, ["en", "zh_CN"], SIZES))
def test_all_texts_are_legible_and_have_room(
    open_window: OpenWindow, theme: str, size: tuple[int, int], language: str
) -> None:
    document = load("vanishing")
    window = open_window(document, theme, language, size)
    window.controller.pause()
    settle(application())
    assert window._look is not None
    scene = Scene(window, document, window._look)
    assert {name: sorted(set(CHECKS[name](scene))) for name in CHECKED} == {name: [] for name in CHECKED}

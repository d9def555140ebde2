"""A language is one file: with few words in it, everything works, and the rest is said in English."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from gradsim.cli import main
from gradsim.resources import resource
from gradsim.sim.documents.document import Document, parse
from gradsim.sim.documents.lessons import lessons
from gradsim.ui import settings
from gradsim.ui.export import Picture, export
from gradsim.ui.key_list import KeyList
from gradsim.ui.window import Window
from gradsim.words import languages as words
from tests.gui.conftest import SMALL, OpenWindow, menu_actions

GERMAN = """
"Menu" = "Menü"
"Loss" = "Verlust"
"step {n}" = "Schritt {n}"
"Not run: {problem}" = "Nicht: {wer}"
"More ▼" = "Mehr { ▼"
"Less ▲" = 3
"""


@pytest.fixture(autouse=True)
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put a third file beside the translations, with some words, and some of those wrong."""
    folder = tmp_path / "translations"
    shutil.copytree(resource("translations"), folder)
    (folder / "de.toml").write_text(GERMAN, encoding="utf-8")

    def found(*parts: str) -> Path:
        return folder.joinpath(*parts[1:]) if parts[0] == "translations" else resource(*parts)

    monkeypatch.setattr(words, "resource", found)
    cached = (words.languages, words.catalogue)
    for function in cached:
        function.cache_clear()
    yield
    for function in cached:
        function.cache_clear()


def test_words_that_are_missing_or_do_not_fit_are_english() -> None:
    assert words.languages() == ("en", "de", "zh_CN")
    texts = ("Loss", "step {n}", "Not run: {problem}", "More ▼", "Less ▲", "Fit")
    said = {text: words.translate(text, "de") for text in texts}
    assert list(said.values()) == ["Verlust", "Schritt {n}", "Not run: {problem}", "More ▼", "Less ▲", "Fit"]


def test_every_lesson_opens(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(language="de")
    for document in lessons().values():
        window.editing.open(document)
        assert document.lesson is not None
        assert document.lesson.title("en") in window.windowTitle()
        qtbot.waitUntil(partial(is_shown, window, document), timeout=20_000)
        window.settle()
        assert len(menu_actions(window)) > 30


def is_shown(window: Window, document: Document) -> bool:
    return window.board.on_screen == document and window.board.shown_step >= 0


@pytest.mark.parametrize("name", ["vanishing", "race"])
def test_a_lesson_is_exported(qtbot: QtBot, tmp_path: Path, name: str) -> None:
    export(lessons()[name], tmp_path / "a.png", 2, Picture(language="de", size=(640, 400)))
    assert not QImage(str(tmp_path / "a.png")).isNull()


def test_the_window_goes_through_all_languages(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(language="de")
    assert window.panel is not None
    window.panel._on_picked(0)
    window.show_keys()
    for box in window.findChildren(KeyList):
        box.close()
    seen = []
    for _ in words.languages():
        window.next_language()
        window.settle()
        qtbot.wait(50)
        seen.append(window.settings().language)
    assert seen == ["zh_CN", "en", "de"]
    settings.save(window.settings())
    assert settings.load().language == "de"
    window.settle()
    foot = window.board.foot
    assert foot is not None
    qtbot.waitUntil(lambda: foot.corner.startswith("Schritt "), timeout=5_000)


def test_files_may_speak_it_and_need_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = SMALL + '[lesson]\nid = "t"\ntitle = { en = "T", de = "Titel" }\nverdict = { de = "{first} {slowdown}" }\n'
    document = parse(text, "lesson")
    assert document.lesson is not None
    assert (document.lesson.title("de"), document.lesson.title("zh_CN")) == ("Titel", "T")
    (tmp_path / "a.toml").write_text(text)
    assert main(["check", str(tmp_path / "a.toml")]) == 0
    out = tmp_path / "a.png"
    assert main(["export", str(tmp_path / "a.toml"), "--lang", "de", "--step", "1", "--out", str(out)]) == 0
    assert main(["run", str(tmp_path / "a.toml"), "--steps", "2"]) == 0
    (tmp_path / "a.toml").write_text(text.replace("de = ", "fr = "))
    assert main(["check", str(tmp_path / "a.toml")]) == 2
    assert "lesson.title.fr: 'fr' is not one of en, de, zh_CN" in capsys.readouterr().err


def test_the_window_opens_in_it(qtbot: QtBot, open_window: OpenWindow) -> None:
    window: Window = open_window(parse(SMALL, "small"), theme="projector", language="de")
    qtbot.waitUntil(lambda: window.board.shown_step >= 0, timeout=10_000)
    window.toggle_panel()
    window.next_over()
    window.next_probe()

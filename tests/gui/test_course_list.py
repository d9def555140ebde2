"""The course list: all lessons with their pictures, found by typing, opened by Enter or the mouse; what was seen."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gradsim.sim.documents.document import dump, write
from gradsim.sim.documents.lessons import Course, chapters, course, lessons, use_own_lessons
from gradsim.sim.documents.texts import Words
from gradsim.sim.kinds.race import extent
from gradsim.ui.course import make_pictures, pictures, walk
from gradsim.ui.course.card import Card
from gradsim.ui.course.course_list import CourseList
from gradsim.ui.settings import load, save
from gradsim.ui.window import Window
from tests.covering import covering
from tests.gui.conftest import OpenWindow

CHAPTERS = {"Gradients through depth": 5, "Losses": 6, "Descent": 6, "Optimizers": 5}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the user's own pictures out of every test, for processes that it starts too."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(pictures, "folder", lambda: tmp_path / "cache" / "gradsim" / "pictures")
    monkeypatch.setattr(make_pictures, "folder", pictures.folder)
    return tmp_path / "cache" / "gradsim" / "pictures"


@pytest.fixture
def own_lessons(tmp_path: Path) -> Iterator[Path]:
    """A folder of lessons of one's own, one of which is bad."""
    folder = tmp_path / "own"
    folder.mkdir()
    saddle = lessons()["saddle"]
    assert saddle.lesson is not None
    mine = replace(saddle, lesson=replace(saddle.lesson, id="mine", title=Words("Mine"), chapter=Words()))
    write(folder / "mine.toml", mine)
    (folder / "bad.toml").write_text(dump(mine).replace('"mine"', '"bad"').replace("steps = ", "stepps = "))
    use_own_lessons(folder)
    yield folder
    use_own_lessons(None)


@pytest.fixture
def whole_course(monkeypatch: pytest.MonkeyPatch) -> Course:
    """A made-up course of 22 lessons in four chapters, with the experiments of those there are."""
    known, found = list(lessons().values()), Course()
    titles = [title for title, count in CHAPTERS.items() for _ in range(count)]
    for i, title in enumerate(titles):
        document = known[i % len(known)]
        assert document.lesson is not None
        chapter = Words(title)
        lesson = replace(document.lesson, id=f"made-up-{i}", number=i + 1, chapter=chapter)
        found.lessons[lesson.id] = replace(document, lesson=lesson)
    parts = [(Words(title), [name for name, each in zip(found.lessons, titles, strict=True) if each == title])
             for title in CHAPTERS]  # fmt: skip
    monkeypatch.setattr(walk, "course", lambda: found)
    monkeypatch.setattr(walk, "chapters", lambda: parts)
    monkeypatch.setattr(walk, "lessons", lambda: found.lessons)
    return found


def opened(window: Window) -> CourseList:
    window.show_course()
    window.settle()
    assert window.walk.list is not None
    QApplication.processEvents()
    return window.walk.list


def is_open(window: Window) -> bool:
    return window.walk.is_open


def shown(course: CourseList) -> list[str]:
    return [card.lesson.id for card in course._cards if card.isVisible()]


def chosen(course: CourseList) -> str:
    [card] = [card for card in course._cards if card.isVisible() and card.property("chosen")]
    return card.lesson.id


def press(key: Qt.Key) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, key)


def present(window: Window) -> str:
    lesson = window.editing.draft.document.lesson
    return lesson.id if lesson else ""


@pytest.mark.parametrize(
    ("language", "theme", "size"),
    covering(["en", "zh_CN"], ["light", "projector"], [(1920, 1080), (1024, 768), (800, 560)]),
)
def test_it_lists_every_lesson_whole(
    qtbot: QtBot, open_window: OpenWindow, language: str, theme: str, size: tuple[int, int]
) -> None:
    window = open_window(lessons()["saddle"], theme, language, size)
    course = opened(window)
    assert shown(course) == list(lessons())
    assert chosen(course) == "saddle"
    assert [card.lesson.id for card in course._cards if card.picture._here] == ["saddle"]
    for card in course._cards:
        assert card.title.text() == f"{card.lesson.number}  {card.lesson.title(language)}"
        assert card.claim.text() == card.lesson.claim(language)
        for label in (card.title, card.claim):
            lines = label.lines(label.width())
            is_cut = any(line.endswith("…") for line in lines)
            assert not is_cut or size[0] < 1024
            assert label.height() >= label.heightForWidth(label.width())
            assert card.rect().contains(label.geometry())
    assert window.rect().contains(course.geometry())


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("theme", ["light", "projector"])
def test_a_whole_course_is_seen_at_once_a_column_for_each_chapter(
    qtbot: QtBot, open_window: OpenWindow, whole_course: Course, language: str, theme: str
) -> None:
    window = open_window(whole_course.lessons["made-up-7"], theme, language, (1920, 1080))
    course = opened(window)
    assert [len(card.lesson.chapter.by_language) for card in course._cards] == [1] * 22
    assert course._scroll.verticalScrollBar().maximum() == 0
    lefts = {card.lesson.chapter("en"): card.mapTo(course, card.rect().topLeft()).x() for card in course._cards}
    assert list(lefts) == list(CHAPTERS)
    assert list(lefts.values()) == sorted(set(lefts.values()))
    assert all(course._sheet.rect().contains(card.mapTo(course._sheet, card.rect().bottomRight()))
               for card in course._cards)  # fmt: skip


def test_arrows_lead_through_the_columns(qtbot: QtBot, open_window: OpenWindow, whole_course: Course) -> None:
    window = open_window(whole_course.lessons["made-up-0"], size=(1920, 1080))
    course = opened(window)
    for key, expected in (
        (Qt.Key.Key_Down, 1),
        (Qt.Key.Key_Right, 6),  # the second of the next chapter
        (Qt.Key.Key_Right, 12),
        (Qt.Key.Key_Right, 18),
        (Qt.Key.Key_Right, 18),
        (Qt.Key.Key_Up, 17),
        (Qt.Key.Key_Up, 17),
        (Qt.Key.Key_Left, 11),
    ):
        press(key)
        assert chosen(course) == f"made-up-{expected}"
    press(Qt.Key.Key_Return)
    assert present(window) == "made-up-11"
    assert not is_open(window)
    assert window.focusWidget() is window.board


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("saddle POINTS delayed", ["saddle"]),
        ("鞍点 耽搁", ["saddle"]),
        ("22", ["landscape"]),
        ("", list(lessons())),
        ("Sigmoid RELU", ["vanishing", "chain"]),
        ("no such word", []),
    ],
)
def test_typing_searches(qtbot: QtBot, open_window: OpenWindow, typed: str, found: list[str]) -> None:
    course = opened(open_window(lessons()["ravine"]))
    course._search.insert(typed)  # QTest types no Chinese
    assert shown(course) == found
    assert course._none.isVisible() is (not found)


def test_a_click_opens_a_lesson_and_escape_opens_none(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(lessons()["vanishing"])
    opened(window)
    press(Qt.Key.Key_Escape)
    assert not is_open(window)
    assert present(window) == "vanishing"
    [card] = [card for card in opened(window).findChildren(Card) if card.lesson.id == "plateaus"]
    QTest.mouseClick(card, Qt.MouseButton.LeftButton)
    assert not is_open(window)
    assert present(window) == "plateaus"


def test_it_is_shown_whole_some_turns_later_and_asked_for_again_before_that_not_at_all(
    qtbot: QtBot, open_window: OpenWindow
) -> None:
    window = open_window(lessons()["vanishing"])
    window.show_course()
    assert window.findChildren(CourseList) == []
    qtbot.waitUntil(lambda: window.walk.list is not None, timeout=20_000)
    assert window.walk.list is not None
    assert window.walk.list.isVisible()
    window.show_course()
    window.show_course()
    window.show_course()
    window.settle()
    assert not is_open(window)
    assert [each for each in window.findChildren(CourseList) if each.isVisible()] == []


def test_the_title_opens_it_and_page_down_is_the_windows_still(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(lessons()["vanishing"])
    assert window.transport is not None
    window.transport.title.click()
    assert is_open(window)
    press(Qt.Key.Key_PageDown)
    assert not is_open(window)
    assert present(window) == list(lessons())[1]


def test_what_has_been_seen_has_a_tick_and_is_remembered(qtbot: QtBot, open_window: OpenWindow) -> None:
    document = lessons()["saddle"]
    assert document.lesson is not None
    at = document.lesson.step_of("", document.experiment.steps)
    window = open_window(document)
    window.controller.pause()
    window.controller.seek(at - 1)
    qtbot.waitUntil(lambda: window.controller.step == at - 1, timeout=20_000)
    course = opened(window)
    assert not any(card.is_seen for card in course._cards)
    window.walk.close_list()
    window.controller.seek(at)
    qtbot.waitUntil(lambda: bool(window.walk.seen), timeout=20_000)
    course = opened(window)
    assert [card.lesson.id for card in course._cards if card.is_seen] == ["saddle"]
    assert course.count.text() == f"1 of {len(lessons())} seen"
    [card] = [card for card in course._cards if card.is_seen]
    assert _has(card.picture.grab().toImage(), window._look_now.theme.good)
    save(window.settings())
    other = open_window(lessons()["ravine"])
    other.restore(load())
    assert other.walk.seen == {"saddle"}


def _has(image: QImage, colour: str) -> bool:
    wanted = QColor(colour).rgb()
    return any(image.pixel(x, y) == wanted for x in range(image.width()) for y in range(image.height()))


def test_own_lessons_are_a_chapter_and_bad_ones_are_told(
    qtbot: QtBot, open_window: OpenWindow, own_lessons: Path
) -> None:
    course = opened(open_window(lessons()["vanishing"], size=(1920, 1080)))
    assert shown(course)[-1] == "mine"
    assert course._parts[-1].cards[0].lesson.id == "mine"
    assert len(course._parts) == len(chapters())
    [problem] = course.problems
    assert problem.text().startswith("Left out: ")
    assert "bad.toml" in problem.text()
    assert "\n" not in problem.text()
    assert problem.isVisible()


def test_pictures_are_made_beside_the_window_each_once(
    qtbot: QtBot, open_window: OpenWindow, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two = {name: lessons()[name] for name in ("saddle", "ravine")}
    monkeypatch.setattr(walk, "lessons", lambda: two)
    monkeypatch.setattr(walk, "chapters", lambda: [(Words("Two"), list(two))])
    window = open_window(lessons()["saddle"])
    window.walk.pictures.makes = True
    made: list[bool] = []
    window.walk.pictures.made.connect(lambda: made.append(True))
    shown_list = opened(window)
    # The process that makes them lets every other go first.
    qtbot.waitUntil(lambda: len(list(cache.glob("*.png"))) == 2, timeout=600_000)
    qtbot.waitUntil(lambda: len(made) > 0, timeout=600_000)
    places = [pictures.place(each, "light", "en") for each in two.values()]
    assert {path.name for path in cache.iterdir()} == {path.name for path in places}
    shown_list.show_pictures()
    assert [card.lesson.id for card in shown_list._cards if card.picture.has_picture] == list(two)
    for path in places:
        image = QImage(str(path))
        assert image.size() == pictures.SIZE
        assert len({image.pixel(x, y) for x in range(0, 344, 3) for y in range(0, 224, 3)}) > 50
    qtbot.waitUntil(lambda: window.walk.pictures._process is None, timeout=60_000)
    window.walk.pictures.want(two, course().files, "light", "en")
    assert window.walk.pictures._process is None  # there is nothing to make


def test_a_picture_is_kept_by_what_decides_how_it_looks() -> None:
    document = lessons()["saddle"]
    changed = document.with_experiment(document.experiment.with_settings(steps=77))
    places = {
        pictures.place(document, "light", "en"),
        pictures.place(document, "dark", "en"),
        pictures.place(document, "light", "zh_CN"),
        pictures.place(changed, "light", "en"),
    }
    assert len(places) == 4
    assert pictures.place(document, "light", "en") in places


def test_a_lesson_without_a_picture_is_said_to_be_and_the_next_is_made(
    qtbot: QtBot, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "nice", lambda by: None, raising=False)
    (tmp_path / "bad.toml").write_text("steps = ")
    good = course().files["saddle"]
    assert make_pictures.main(["light", "en", str(tmp_path / "bad.toml"), str(good)]) == 1
    assert "bad.toml: not a TOML file" in capsys.readouterr().err
    assert pictures.place(lessons()["saddle"], "light", "en").exists()


def test_the_next_lesson_is_prepared_while_nothing_moves(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    following = list(lessons())[list(lessons()).index("ravine") + 1]
    experiment = lessons()[following].experiment
    monkeypatch.setattr(extent, "_known", OrderedDict())
    window = open_window(lessons()["ravine"])
    qtbot.waitUntil(lambda: window.controller.step > 3, timeout=20_000)
    assert experiment not in extent._known
    window.controller.pause()
    qtbot.waitUntil(lambda: experiment in extent._known, timeout=20_000)
    assert window.editing.draft.document == lessons()["ravine"]

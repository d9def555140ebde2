"""The handout: a page a lesson in one PDF, a folder of pictures with an index; one bad lesson stops no other."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from gradsim.cli import main
from gradsim.sim.documents import lessons as course
from gradsim.sim.documents.document import Document, dump, parse
from gradsim.ui.export import Picture, prepared
from gradsim.ui.formula import Formula
from gradsim.ui.handout_page import HEIGHT, WIDTH, Page, page_look
from gradsim.ui.notes.words import SpansLabel
from gradsim.ui.views.catalogue import VIEWS

Lessons = Mapping[str, Document]

ONE = r"""
steps = 30
replicas = 2
data = { name = "digits", samples = 100 }
common = { hidden = [8, 8], batch_size = 20 }
runs = [{ activation = "sigmoid" }, { activation = "relu" }]
[lesson]
id = "one"
number = 1
title = { en = "The first", zh_CN = "第一课" }
question = { en = "Which is it?", zh_CN = "是哪一个？" }
verdict = "The loss is {now}"
views = ["loss"]
picture_step = 20
why = { en = "At step 20 the loss is {now}, and not {start}.", zh_CN = "此时损失为 {now}。" }
formula = 'L = \frac{1}{n} \sum_i L_i'
live_formula = '{now} < {start}'
sources = ["A book"]
measures.now = { quantity = "loss", run = 1 }
measures.start = { quantity = "loss", run = 1, step = 0 }
notes = { do = "Ask first.", usual = "Neither." }
"""
TWO = """
kind = "race"
surface = "himmelblau"
steps = 40
runs = [{ optimizer = "sgd" }, { optimizer = "adam" }]
[lesson]
id = "two"
number = 2
title = { en = "The second", zh_CN = "第二课" }
views = ["map"]
"""


@pytest.fixture
def two_lessons(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lessons]:
    """A course of two short lessons."""
    folder = tmp_path_factory.mktemp("lessons")
    for name, text in (("1-one", ONE), ("2-two", TWO)):
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(course, "_lesson_files", lambda: sorted(folder.glob("*.toml")))
    course.reread()
    yield course.lessons()
    course.reread()


def page_count(path: Path) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", path.read_bytes()))


def streams(path: Path) -> list[bytes]:
    """Return what is in a PDF, uncompressed."""
    found = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", path.read_bytes(), re.DOTALL)
    return [zlib.decompress(each) for each in found if each[:1] == b"x"]


def test_a_folder_has_the_pictures_the_index_and_the_pages(
    qtbot: QtBot, two_lessons: Lessons, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["export", "--all", "--out", str(out), "--size", "960x540"]) == 0
    assert sorted(path.name for path in out.iterdir()) == ["handout.pdf", "index.md", "one.png", "two.png"]
    assert page_count(out / "handout.pdf") == 2
    image = QImage(str(out / "one.png"))
    assert image.size() == QSize(960, 540)
    assert image.text("gradsim-step") == "20"
    index = (out / "index.md").read_text(encoding="utf-8")
    assert index.index("## 1 · The first") < index.index("## 2 · The second")
    for part in ("Which is it?", "![The first](one.png)", r"$$ L = \frac{1}{n} \sum_i L_i $$"):
        assert part in index
    [loss] = re.findall(r"\*\*The loss is ([\d.]+\d)\.\*\*", index)
    assert f"At step 20 the loss is {loss}, and not" in index
    assert not re.search(r"\{(now|start)\}", index)
    assert capsys.readouterr().err == ""  # progress is for terminals


def test_the_picture_of_a_page_is_lines_and_letters(qtbot: QtBot, two_lessons: Lessons, tmp_path: Path) -> None:
    assert main(["export", "--all", "--out", str(tmp_path / "a.pdf")]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]
    whole = (tmp_path / "a.pdf").read_bytes()
    assert b"/FontFile" in whole
    drawn = max(streams(tmp_path / "a.pdf"), key=lambda stream: stream.count(b" l\n"))
    assert drawn.count(b" l\n") > 100  # lines lead to points
    assert drawn.count(b"Tj") > 10  # letters are letters


@pytest.mark.parametrize(
    ("language", "title", "question"), [("en", "The first", "Which"), ("zh_CN", "第一课", "是哪")]
)
@pytest.mark.parametrize("theme", ["light", "dark", "projector"])
def test_a_page_says_all_of_it_in_a_language_and_a_theme(
    qtbot: QtBot, two_lessons: Lessons, theme: str, language: str, title: str, question: str
) -> None:
    document = two_lessons["one"]
    with prepared(document, 20, Picture(theme, language, (960, 540)), {}) as (board, _):
        look = page_look(theme, language, document)
        page = Page(document, board.past, board, look, with_notes=True)
        texts = [label.shown for label in page.findChildren(SpansLabel)]
        assert f"1  {title}" in texts
        assert any(text.startswith(question) for text in texts)
        assert "Ask first." in texts
        assert "A book" in texts
        formula, live = page.findChildren(Formula)
        assert formula.is_typeset
        assert live.is_typeset
        assert re.search(r"\d", live.latex)
        image = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        page.draw(painter)
        painter.end()
        _assert_nothing_overlaps(page)
        assert image.pixelColor(3, 3).name() == look.theme.card
        box = page._picture.geometry()
        places = [(x, y) for x in range(box.left(), box.right(), 7) for y in range(box.top(), box.bottom(), 7)]
        assert len({image.pixel(x, y) for x, y in places}) > 20  # the picture is in its place
        page.deleteLater()


def _assert_nothing_overlaps(page: Page) -> None:
    shown = [each for each in page.findChildren(QLabel) if each.isVisibleTo(page)]
    boxes = [each.rect().translated(each.mapTo(page, each.rect().topLeft())) for each in shown]
    for i, box in enumerate(boxes):
        assert page.rect().contains(box)
        assert not any(box.intersects(other) for other in boxes[i + 1 :])
    for label in shown:
        assert label.height() >= label.heightForWidth(label.width())


def test_the_notes_are_on_the_pages_only_when_asked_for(qtbot: QtBot, two_lessons: Lessons) -> None:
    document = two_lessons["one"]
    with prepared(document, 20, Picture(size=(640, 400)), {}) as (board, _):
        page = Page(document, board.past, board, page_look("light", "en", document), with_notes=False)
        assert not any(label.shown == "Ask first." for label in page.findChildren(SpansLabel))
        page.deleteLater()


def test_what_is_longer_than_a_page_is_drawn_smaller(qtbot: QtBot, two_lessons: Lessons) -> None:
    document = parse(ONE.replace("At step 20", "word " * 250 + "At step 20"), "one")
    with prepared(document, 20, Picture(size=(640, 640)), {}) as (board, _):
        page = Page(document, board.past, board, page_look("light", "en", document), with_notes=True)
        assert page.height() > HEIGHT
        image = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        page.draw(painter)
        painter.end()
        ground = image.pixel(3, 3)
        assert all(image.pixel(x, y) == ground for x in range(0, WIDTH, 4) for y in range(HEIGHT - 40, HEIGHT))
        page.deleteLater()


def test_what_is_wrong_with_one_lesson_is_one_line_and_the_rest_goes_on(
    qtbot: QtBot, two_lessons: Lessons, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "--all", "--out", str(tmp_path / "o"), "--step", "35", "--size", "640x400"]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line == "gradsim: one: --step: 35 is beyond the last step, 30"
    assert sorted(path.name for path in (tmp_path / "o").iterdir()) == ["handout.pdf", "index.md", "two.png"]
    assert page_count(tmp_path / "o" / "handout.pdf") == 1


def test_an_error_of_the_program_in_one_lesson_is_one_line_too(
    qtbot: QtBot,
    two_lessons: Lessons,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    log_file: Path,
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("nothing to divide by")

    monkeypatch.setattr(VIEWS["map"], "draw", fail)
    assert main(["export", "--all", "--out", str(tmp_path / "a.pdf"), "--size", "640x400"]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("gradsim: two: ZeroDivisionError: nothing to divide by; more about it is in ")
    assert "Traceback" in log_file.read_text()
    assert page_count(tmp_path / "a.pdf") == 1


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["--all", "--out", "missing/a.pdf"], "cannot be written: there is no folder missing"),
        (["--all", "--out", "missing/deeper"], "missing/deeper: not a folder"),
        (["one.toml", "--notes", "--out", "a.png"], "--notes is for --all"),
    ],
)
def test_what_cannot_be_written_is_refused_first(
    arguments: list[str],
    part: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.toml").write_text(dump(parse(ONE, "one")))
    assert main(["export", *arguments]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert part in line
    assert [path.name for path in tmp_path.iterdir()] == ["one.toml"]

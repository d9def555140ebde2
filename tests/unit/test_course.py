"""The course goes on without a bad file; lessons of one's own; new-lesson; check --watch; the page on lessons."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gradsim.cli import BAD_INPUT, DONE, main
from gradsim.sim.documents import lessons as course_of_lessons
from gradsim.sim.documents import results
from gradsim.sim.documents.document import Document, parse, read, sentence
from gradsim.sim.documents.lessons import OWN, chapters, check_all, course, lessons, reread, use_own_lessons
from gradsim.sim.documents.measures import Readings
from gradsim.sim.documents.points import standings
from gradsim.sim.documents.predict import answer, reveal_step
from gradsim.ui.views.catalogue import check_views
from gradsim.words.sentences import plain_text

PAGE = Path(__file__).parents[2] / "docs" / "lessons.md"
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
BUNDLED = list(lessons())


@pytest.fixture(autouse=True)
def own_lessons_are_forgotten() -> Iterator[None]:
    yield
    use_own_lessons(None)


def lesson(name: str, more: str = "") -> str:
    return f'steps = 5\n[[runs]]\n[lesson]\nid = "{name}"\ntitle = "T"\n{more}'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    texts = {
        "a": lesson("mine", "number = 7"),
        "b": lesson("yours", "number = 2"),
        "bad": "x = ",
        "bad-measure": lesson("no-measure", 'measures.slow = { quantity = "los" }'),
        "bad-view": lesson("no-view", 'views = ["lss"]'),
        "taken": lesson("saddle"),
        "twice": lesson("mine", "minutes = 3"),
        "no-lesson": "[[runs]]\n",
        "chapter": lesson("named", 'chapter = "Mine"'),
        "deep": lesson("deep", 'chapter = { en = "Gradients through depth", zh_CN = "穿过多层的梯度" }'),
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    return tmp_path


def test_the_course_goes_on_without_bad_files_and_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lessons", "--lessons", str(folder)]) == DONE
    said = capsys.readouterr()
    assert {line.split()[1] for line in said.out.splitlines()} == {*BUNDLED, "mine", "yours", "named", "deep"}
    left_out = [line.removeprefix(f"gradsim: left out: {folder}/") for line in said.err.splitlines()]
    assert [line.partition(": ")[0] for line in left_out] == [
        "bad-measure.toml", "bad-view.toml", "bad.toml", "taken.toml", "twice.toml",
    ]  # fmt: skip
    assert left_out[-1] == "twice.toml: lesson.id: 'mine' is taken by a.toml"


def test_a_bad_bundled_file_is_left_out_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "01-good.toml").write_text(lesson("good"))
    (tmp_path / "02-bad.toml").write_text(lesson("bad", "numbr = 3"))
    monkeypatch.setattr(course_of_lessons, "_lesson_files", lambda: sorted(tmp_path.glob("*.toml")))
    use_own_lessons(None)
    assert list(lessons()) == ["good"]
    assert [problem.count("lesson.numbr") for problem in course().problems] == [1]


def test_other_folders_do_not_have_the_bundled_files_read_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundled = lessons()["saddle"]
    read_again: list[Path] = []

    def noted(path: Path) -> Document:
        read_again.append(path)
        return read(path)

    monkeypatch.setattr(course_of_lessons, "read", noted)
    use_own_lessons(folder)
    assert lessons()["saddle"] is bundled
    assert {path.parent for path in read_again} == {folder}
    reread()
    assert lessons()["saddle"] == bundled
    assert course().files["saddle"] in read_again


def test_own_lessons_come_last_in_a_chapter_of_their_own_unless_they_name_one(folder: Path) -> None:
    use_own_lessons(folder)
    found = chapters()
    assert dict(found)[OWN] == ["no-view", "yours", "mine"]  # views are known to the window alone
    assert [title("en") for title, _ in found[-2:]] == ["Own lessons", "Mine"]
    of_depth = next(names for words, names in found if words("en") == "Gradients through depth")
    assert of_depth[-1] == "deep"
    assert of_depth[0] in BUNDLED
    assert list(lessons()) == [name for _, names in found for name in names]


def test_lessons_are_found_in_the_documents(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(course_of_lessons, "documents_folder", lambda: folder)
    use_own_lessons(None)
    assert {"mine", "yours"} < set(lessons())


def test_an_own_lesson_is_run_by_its_id(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "mine", "--lessons", str(folder)]) == DONE
    assert capsys.readouterr().out.startswith("step 5: ")


def test_a_folder_that_is_not_there_gets_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lessons", "--lessons", str(tmp_path / "no")]) == BAD_INPUT
    assert capsys.readouterr().err == f"gradsim: {tmp_path / 'no'}: there is no such folder of lessons\n"


# New lessons


def test_a_new_lesson_is_right_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new-lesson", "first", "--lessons", str(tmp_path)]) == DONE
    path = tmp_path / "first.toml"
    assert main(["check", str(path)]) == DONE
    assert capsys.readouterr().err == ""
    is_true(parse(path.read_text(encoding="utf-8"), "first.toml"))


@pytest.mark.parametrize("name", ["saddle", "First", "a b", "../x", ""])
def test_a_name_that_is_none_or_taken_is_refused(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new-lesson", name, "--lessons", str(tmp_path)]) == BAD_INPUT
    assert capsys.readouterr().err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "first.toml").write_text("mine")
    assert main(["new-lesson", "first", "--lessons", str(tmp_path)]) == BAD_INPUT
    assert (tmp_path / "first.toml").read_text() == "mine"


def test_a_file_that_is_watched_is_checked_after_each_saving(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path, texts = tmp_path / "a.toml", iter(["x = ", lesson("a"), None])
    path.write_text(lesson("a"))
    looks = 0

    def save(_: float) -> None:
        nonlocal looks
        looks += 1
        if looks % 2:  # nothing is saved between the other looks
            return
        text = next(texts)
        if text is None:
            raise KeyboardInterrupt
        path.write_text(text)

    monkeypatch.setattr(time, "sleep", save)
    with pytest.raises(KeyboardInterrupt):
        main(["check", "--watch", str(path)])
    said = capsys.readouterr()
    assert said.out == f"{path}: nothing is wrong\n" * 2
    assert said.err.count("\n") == 1
    assert "not a TOML file" in said.err


# The page


def is_true(document: Document) -> None:
    """Fail unless a lesson is right, all its points hold where they are to, and its question has an answer."""
    check_all(document)
    check_views(document)
    assert document.lesson is not None
    _, tape = results.run(document)
    for i, point in enumerate(document.lesson.points):
        past = tape.until(document.lesson.step_of(point.at, document.experiment.steps))
        assert standings(document, past, "en")[i].true, point
    readings = Readings(document.experiment, tape.until(document.experiment.steps), document.lesson.measures)
    assert [str(each) for each in document.lesson.holds if not each.holds(readings)] == []
    assert "…" not in plain_text(sentence(document, tape.until(document.experiment.steps), "en"))
    if document.lesson.predict:
        assert answer(document, tape.until(reveal_step(document))).choice is not None


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_the_examples_of_the_page_are_right(example: str) -> None:
    is_true(parse(example, "lessons.md"))


def test_the_page_shows_a_lesson_in_about_ten_lines_and_one_with_all_keys() -> None:
    assert len(EXAMPLES) == 2
    assert len(EXAMPLES[0].splitlines()) <= 10
    whole = parse(EXAMPLES[1], "lessons.md").lesson
    assert whole is not None
    shown = (
        "chapter",
        "points",
        "tries",
        "why",
        "formula",
        "live_formula",
        "minutes",
        "sources",
        "measures",
        "predict",
    )
    assert [name for name in shown if not getattr(whole, name)] == []
    assert all((whole.notes.do, whole.notes.say, whole.notes.usual, whole.notes.trap))

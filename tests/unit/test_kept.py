"""What is kept of unsaved work gives the same history back."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path

import pytest

from gradsim.sim.documents import kept as module
from gradsim.sim.documents.document import Document, write
from gradsim.sim.documents.drafts import MAX_DRAFTS, History
from gradsim.sim.documents.kept import Kept, Writer, read_kept
from gradsim.sim.documents.lessons import lessons
from tests.unit.small import experiment


def edited(history: History, **settings: object) -> History:
    return history.edited({**copy.deepcopy(dict(history.draft.table)), **settings})


@pytest.fixture
def history() -> History:
    """Return one with changes of a lesson, another document, a refused draft and something to redo."""
    found = edited(edited(History.of(lessons()["vanishing"]), seed=5), seed=6)
    found = found.opened(Document(experiment()))
    return edited(edited(edited(found, steps=7), steps=8), replicas=-1).undone()


def test_a_history_comes_back_as_it_was(history: History) -> None:
    back = read_kept(Writer().text(Kept(history, {1: Path("/a/b.toml")})))
    assert back.history == history
    assert back.paths == {1: Path("/a/b.toml")}
    assert back.history.draft == history.draft
    assert back.history.redone().draft.refusal == history.redone().draft.refusal is not None
    assert [each.document.is_as_in_the_lesson for each in back.history.drafts[:3]] == [True, False, False]
    assert back.history.unsaved_by_hand() == history.unsaved_by_hand()


def test_each_text_is_written_once(history: History) -> None:
    table = json.loads(Writer().text(Kept(history)))
    assert len(table["texts"]) == len(set(table["texts"])) == 6


def test_a_writer_says_the_same_of_a_history_that_goes_on(history: History) -> None:
    writer = Writer()
    for step in (history, edited(history, steps=9), history.undone()):
        assert writer.text(Kept(step)) == Writer().text(Kept(step))


def test_a_file_that_has_changed_since_holds_nothing_any_more(tmp_path: Path) -> None:
    path, document = tmp_path / "a.toml", Document(experiment())
    write(path, document)
    saved = History.of(lessons()["vanishing"]).opened(document, path)
    text = Writer().text(Kept(saved))
    assert read_kept(text).history.is_saved
    write(path, Document(experiment(steps=3)))
    assert not read_kept(text).history.is_saved
    path.unlink()
    assert read_kept(text).history.unsaved_by_hand() == (document,)


def test_of_a_history_that_is_too_long_the_end_is_kept(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = len(Writer().text(Kept(history)))
    monkeypatch.setattr(module, "MAX_BYTES", whole - 1)
    text = Writer().text(Kept(history))
    assert len(text) < whole
    back = read_kept(text).history
    assert back.draft == history.draft
    assert back.drafts == history.drafts[-len(back.drafts) :]


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", "{}", "[" * 9999, '{"format": 0}', '{"format": 1}', '{"format": 1, "texts": ["what"]}',
     '{"format": 1, "texts": [], "drafts": [], "held": [], "position": 0, "paths": {}}',
     '{"format": 1, "texts": [], "drafts": [{"document": [3], "opening": 0}], "held": [], "position": 0}'],
)  # fmt: skip
def test_what_says_nothing_of_the_kind_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # whatever it says: it goes into the log
        read_kept(text)


def test_two_histories_are_joined(history: History) -> None:
    first = edited(History.of(Document(experiment(steps=3))), steps=4)
    joined, shift = first.joined(history)
    assert joined.draft == replace(history.draft, opening=history.draft.opening + shift)
    assert joined.can_redo
    for _ in history.drafts[: history.position + 1]:
        joined = joined.undone()
    assert joined.draft == first.draft
    assert joined.draft.document in joined.unsaved_by_hand()


def test_of_two_long_histories_the_draft_shown_stays_in_sight() -> None:
    long = History.of(Document(experiment()))
    for steps in range(3, 3 + MAX_DRAFTS):
        long = edited(long, steps=steps)
    joined, _ = long.joined(long.undone())
    assert len(joined.drafts) == MAX_DRAFTS
    assert joined.draft.document == long.undone().draft.document


def test_an_experiment_is_kept_with_its_lesson_and_without() -> None:
    lesson = lessons()["vanishing"]
    history = History.of(lesson).opened(Document(lesson.experiment))
    back = read_kept(Writer().text(Kept(history))).history
    assert [draft.document for draft in back.drafts] == [lesson, Document(lesson.experiment)]

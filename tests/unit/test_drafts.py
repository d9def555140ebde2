"""Drafts and their history, as tables of what happens and what is shown then."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from gradsim.sim.documents.document import Document, parse
from gradsim.sim.documents.drafts import MAX_DRAFTS, OPENED, RUNS, Draft, History, Refusal, difference
from gradsim.sim.documents.experiments import full_table, with_another_run, without_run
from gradsim.sim.documents.lessons import lessons

TEXT = """
seed = 1
steps = 40
data = { name = "moons", samples = 80 }
[common]
hidden = [4]
output = "sigmoid"
batch_size = 8
[[runs]]
label = "Sigmoid"
activation = "sigmoid"
optimizer = { name = "sgd", learning_rate = 0.1 }
[[runs]]
label = "mine"
activation = "relu"
optimizer = { name = "adam", learning_rate = 0.1 }
"""
DOCUMENT = parse(TEXT, "text")
OTHER = parse(TEXT.replace("steps = 40", "steps = 50"), "other")
RACE = parse('kind = "race"\n[[runs]]\noptimizer = "sgd"\n', "race")

Table = Mapping[str, Any]
Change = Callable[[History], History]


def change(history: History, continuing: bool = False, **settings: Any) -> History:
    """Edit settings of the experiment."""
    return history.edited({**copy.deepcopy(dict(history.draft.table)), **settings}, continuing)


def change_runs(history: History, *runs: int, continuing: bool = False, **settings: Any) -> History:
    """Edit settings of some runs; a setting of an entry is written optimizer__learning_rate."""
    table = copy.deepcopy(dict(history.draft.table))
    for run in runs:
        for name, value in settings.items():
            key, _, inner = name.partition("__")
            table["runs"][run][key] = {**table["runs"][run][key], inner: value} if inner else value
    return history.edited(table, continuing)


def edited_beside_a_name(history: History) -> History:
    """Edit what only the second run's optimizer has, while the first run gets another name."""
    table = copy.deepcopy(dict(change_runs(history, 1, optimizer="momentum").draft.table))
    table["runs"][0] |= {"label": "yours", "optimizer": "sgd"}
    before = history.edited(table)
    after = copy.deepcopy(dict(before.draft.table))
    after["runs"][0]["label"] = "theirs"
    after["runs"][1]["optimizer"]["momentum"] = 0.5
    return before.edited(after)


def seeds(history: History) -> list[Any]:
    return [draft.table["seed"] for draft in history.drafts]


def test_an_edit_that_is_allowed_makes_another_document() -> None:
    draft = Draft.of(DOCUMENT)
    after = draft.edited({**draft.table, "seed": 2})
    assert (after.document.experiment.seed, after.refusal) == (2, None)
    assert after.table == after.allowed == full_table(after.document.experiment)
    assert draft == Draft.of(DOCUMENT)


@pytest.mark.parametrize("value", [10**19, -1, 0.5, "many", 10**400, [1], float("nan"), float("inf"), True])
@pytest.mark.parametrize("key", ["seed", "steps", "replicas"])
def test_an_edit_that_is_not_allowed_keeps_the_table_and_the_last_document(key: str, value: object) -> None:
    draft = Draft.of(DOCUMENT)
    after = draft.edited({**draft.table, key: value})
    assert after.table[key] is value
    assert after.document is DOCUMENT
    assert after.refusal is not None
    assert after.refusal.path == key
    assert "\n" not in after.refusal.problem


def test_what_contradicts_is_refused_until_the_second_edit() -> None:
    history = change_runs(History.of(DOCUMENT), 0, 1, output="linear")
    assert history.draft.refusal is not None
    history = change_runs(history, 0, 1, loss="mse")
    assert history.draft.refusal is None
    assert history.undone().draft.refusal is not None
    assert history.undone().undone().draft == Draft.of(DOCUMENT)


def test_what_follows_from_an_edit_is_part_of_the_draft() -> None:
    history = change_runs(History.of(DOCUMENT), 0, activation="tanh")
    assert history.draft.document.experiment.labels == ("Tanh", "mine")
    assert history.undone().draft.document.experiment.labels == ("Sigmoid", "mine")
    named = change_runs(history, 0, label="My Tanh")
    assert change_runs(named, 0, activation="gelu").draft.document.experiment.labels[0] == "My Tanh → GELU"


def test_what_is_typed_while_another_setting_is_refused_stays() -> None:
    draft = Draft.of(RACE)
    refused = draft.edited({**draft.table, "surface": {"name": "formula", "expression": "x**"}})
    assert refused.refusal is not None
    rate = {**refused.table["runs"][0]["optimizer"], "learning_rate": 0.033}
    runs = [{**refused.table["runs"][0], "optimizer": rate}]
    typed = refused.edited({**refused.table, "start": [0.3, 0.4], "runs": runs})
    mended = typed.edited({**typed.table, "surface": {"name": "formula", "expression": "x**2 + y**2"}})
    assert mended.refusal is None
    assert mended.table["start"] == [0.3, 0.4]
    assert mended.table["runs"][0]["optimizer"]["learning_rate"] == 0.033
    untouched = refused.edited({**refused.table, "surface": "booth"})
    assert untouched.document == draft.edited({**draft.table, "surface": "booth"}).document


def test_a_change_of_the_surface_is_called_so() -> None:
    history = History.of(RACE)
    assert history.edited({**history.draft.table, "surface": "booth"}).to_undo == "Surface"


def test_a_change_of_the_surface_of_one_run_is_called_by_what_it_is_there() -> None:
    history = change_runs(History.of(RACE), 0, surface={"name": "ravine", "kappa": 10.0})
    assert history.to_undo == "Own surface"
    assert change_runs(history, 0, surface__kappa=20.0).to_undo == "Condition number"


def test_what_was_left_for_another_document_is_not_forgotten_by_many_changes() -> None:
    history = change_runs(History.of(DOCUMENT), 0, hidden=[5]).opened(RACE)
    for step in range(1, 2 * MAX_DRAFTS):
        history = history.edited({**history.draft.table, "steps": step})
    assert len(history.drafts) <= MAX_DRAFTS
    assert len(history.unsaved_by_hand()) == 2


def test_a_refused_edit_is_a_change_that_no_file_holds() -> None:
    history = change_runs(History.of(DOCUMENT), 0, 1, output="linear")
    assert history.unsaved_by_hand() == (DOCUMENT,)


def test_runs_come_and_go_while_another_setting_is_refused() -> None:
    history = change(History.of(DOCUMENT), seed="many")
    history = history.edited(with_another_run(history.draft.table, 0))
    history = history.edited(without_run(history.draft.table, 1))
    history = change_runs(history, 0, batch_size=4)
    history = history.edited(without_run(history.draft.table, 0))
    assert history.draft.refusal == Refusal("seed", "'many' is not a whole number from 0 to 4,294,967,295")
    history = change(history, seed=3)
    assert len(history.draft.document.experiment.runs) == 1


def test_data_that_mend_a_refusal_are_told_with_the_runs_of_before() -> None:
    """A run was added meanwhile: what the last allowed document held has fewer."""
    history = change(History.of(DOCUMENT), seed="many")
    history = history.edited(with_another_run(history.draft.table, 0))
    data = {**history.draft.table["data"], "samples": 70}
    history = change(history, seed=3, data=data)
    assert not history.draft.refusal
    assert history.notes("en") == []


def test_undo_and_redo_walk_the_drafts() -> None:
    history = change(change(History.of(DOCUMENT), seed=2), seed=3)
    assert (history.can_undo, history.can_redo) == (True, False)
    back = history.undone()
    assert (back.draft.table["seed"], back.can_undo, back.can_redo) == (2, True, True)
    first = back.undone()
    assert (first.draft, first.can_undo, first.can_redo) == (Draft.of(DOCUMENT), False, True)
    assert first.undone() == first
    assert first.redone().redone() == history
    assert history.redone() == history


def test_an_edit_after_undo_drops_what_was_undone() -> None:
    history = change(change(change(History.of(DOCUMENT), seed=2), seed=3).undone(), seed=4)
    assert seeds(history) == [1, 2, 4]
    assert not history.can_redo


def test_an_edit_that_changes_nothing_is_none() -> None:
    history = change(change(History.of(DOCUMENT), seed=2), seed=3).undone()
    assert change(history, seed=2) is history


DRAGS: list[tuple[str, list[Change], list[Any]]] = [
    ("one drag", [lambda h: change(h, True, seed=2), lambda h: change(h, True, seed=3)], [1, 3]),
    (
        "two drags",
        [lambda h: change(h, True, seed=2), History.settled, lambda h: change(h, True, seed=3)],
        [1, 2, 3],
    ),
    ("typed twice", [lambda h: change(h, seed=2), lambda h: change(h, seed=3)], [1, 2, 3]),
    ("typed after a drag", [lambda h: change(h, True, seed=2), lambda h: change(h, seed=3)], [1, 2, 3]),
    ("dragged after typing", [lambda h: change(h, seed=2), lambda h: change(h, True, seed=3)], [1, 2, 3]),
    (
        "another slider between",
        [lambda h: change(h, True, seed=2), lambda h: change(h, True, steps=9), lambda h: change(h, True, seed=3)],
        [1, 2, 2, 3],
    ),
    ("there and back", [lambda h: change(h, True, seed=2), lambda h: change(h, True, seed=1)], [1]),
    (
        "there, back and there",
        [lambda h: change(h, True, seed=2), lambda h: change(h, True, seed=1), lambda h: change(h, True, seed=3)],
        [1, 3],
    ),
    (
        "back to the draft before, which was a drag of its own",
        [
            lambda h: change(h, True, seed=2).settled(),
            lambda h: change(h, True, seed=3),
            lambda h: change(h, True, seed=2),
            lambda h: change(h, True, seed=4),
        ],
        [1, 2, 4],
    ),
    ("through what is refused", [lambda h: change(h, True, seed=-2), lambda h: change(h, True, seed=3)], [1, 3]),
    ("a typing error mended", [lambda h: change(h, seed="x"), lambda h: change(h, seed=3)], [1, 3]),
    ("a typing error taken back", [lambda h: change(h, seed="x"), lambda h: change(h, seed=1)], [1]),
    (
        "after an undo",
        [
            lambda h: change(h, True, seed=2),
            lambda h: change(h, True, steps=9).undone(),
            lambda h: change(h, True, seed=3),
        ],
        [1, 2, 3],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "expected"), [drag[1:] for drag in DRAGS], ids=[drag[0] for drag in DRAGS])
def test_the_steps_of_a_drag_are_one_change(changes: list[Change], expected: list[Any]) -> None:
    history = History.of(DOCUMENT)
    for each in changes:
        history = each(history)
    assert seeds(history) == expected


def test_drags_of_two_runs_are_two_changes() -> None:
    history = change_runs(History.of(DOCUMENT), 0, continuing=True, optimizer__learning_rate=0.2)
    history = change_runs(history, 1, continuing=True, optimizer__learning_rate=0.2)
    assert len(history.drafts) == 3


def test_a_drag_of_all_runs_passes_through_the_value_of_one() -> None:
    history = change_runs(History.of(DOCUMENT), 0, optimizer__learning_rate=0.3)
    for rate in (0.2, 0.3, 0.4):
        history = change_runs(history, 0, 1, continuing=True, optimizer__learning_rate=rate)
    assert len(history.drafts) == 3


def test_the_oldest_drafts_are_forgotten() -> None:
    history = History.of(DOCUMENT)
    for seed in range(2, MAX_DRAFTS + 12):
        history = change(history, seed=seed)
    assert len(history.drafts) == MAX_DRAFTS
    assert history.draft.table["seed"] == MAX_DRAFTS + 11
    assert (history.position, history.can_redo) == (MAX_DRAFTS - 1, False)


def test_opening_is_a_change_that_is_undone() -> None:
    history = change(History.of(DOCUMENT), seed=2).opened(RACE)
    assert history.draft.document == RACE
    assert history.draft.opening != history.undone().draft.opening
    assert history.undone().draft.table["seed"] == 2
    assert change(history, steps=9).undone().undone().draft.table["seed"] == 2


def test_opening_what_is_shown_as_it_was_opened_is_no_change() -> None:
    history = History.of(DOCUMENT)
    assert history.opened(DOCUMENT).drafts == history.drafts
    assert len(change(history, seed=2).opened(DOCUMENT).drafts) == 3


NAMES: list[tuple[str, Change, str]] = [
    ("of the experiment", lambda h: change(h, seed=2), "Seed"),
    ("of all runs", lambda h: change_runs(h, 0, 1, batch_size=4), "Batch size"),
    ("of one run's entry", lambda h: change_runs(h, 1, optimizer__learning_rate=0.2), "Learning rate"),
    ("of the data", lambda h: change(h, data={**h.draft.table["data"], "samples": 90}), "Samples"),
    ("another entry", lambda h: change_runs(h, 1, optimizer={"name": "momentum"}), "Optimizer"),
    ("that renames a run", lambda h: change_runs(h, 0, activation="tanh"), "Activation"),
    ("of a name", lambda h: change_runs(h, 0, label="yours"), "Name"),
    ("of one run, while another is renamed", lambda h: edited_beside_a_name(h), "Momentum factor"),
    ("several", lambda h: change(h, seed=2, steps=9), ""),
    ("a run more", lambda h: h.edited(with_another_run(h.draft.table, 0)), RUNS),
    ("a run less", lambda h: h.edited(without_run(h.draft.table, 0)), RUNS),
    ("refused", lambda h: change(h, seed="many"), "Seed"),
    ("no such setting", lambda h: change(h, start=[0.0, 0.0]), ""),
    (
        "of no such entry",
        lambda h: change(change(h, data={"name": "odd", "a": 1}), data={"name": "odd", "a": 2}),
        "Data",
    ),
    ("another kind", lambda h: h.opened(RACE), OPENED),
]


@pytest.mark.parametrize(("edit", "name"), [case[1:] for case in NAMES], ids=[case[0] for case in NAMES])
def test_a_change_is_called_by_what_it_changed(edit: Change, name: str) -> None:
    history = edit(History.of(DOCUMENT))
    assert history.to_undo == name
    assert history.undone().to_redo == name


def test_tables_that_are_the_same_differ_in_nothing() -> None:
    table = full_table(DOCUMENT.experiment)
    assert difference(table, copy.deepcopy(table)) == (frozenset(), frozenset())


A, B = Path("a.toml"), Path("b.toml")


def document(seed: int) -> Document:
    return change(History.of(DOCUMENT), seed=seed).draft.document


SAVED: list[tuple[str, list[Change], list[Document]]] = [
    ("nothing", [], []),
    ("an edit", [lambda h: change(h, seed=2)], [document(2)]),
    ("an edit undone", [lambda h: change(h, seed=2).undone()], []),
    ("an edit redone", [lambda h: change(h, seed=2).undone().redone()], [document(2)]),
    ("an edit and its opposite", [lambda h: change(h, seed=2), lambda h: change(h, seed=1)], []),
    ("an edit saved", [lambda h: change(h, seed=2), lambda h: h.saved(h.draft.document, A)], []),
    ("saved, then undone", [lambda h: change(h, seed=2), lambda h: h.saved(h.draft.document, A).undone()], []),
    (
        "saved, then edited",
        [lambda h: change(h, seed=2), lambda h: change(h.saved(h.draft.document, A), seed=3)],
        [document(3)],
    ),
    (
        "saved, overwritten, and back to what was in the file first",
        [
            lambda h: change(h, seed=2),
            lambda h: change(h.saved(h.draft.document, A), seed=3),
            lambda h: h.saved(h.draft.document, A).undone(),
        ],
        [document(2)],
    ),
    (
        "saved in two files",
        [
            lambda h: change(h, seed=2),
            lambda h: change(h.saved(h.draft.document, A), seed=3),
            lambda h: h.saved(h.draft.document, B).undone(),
        ],
        [],
    ),
    ("refused alone", [lambda h: change(h, seed="many")], [DOCUMENT]),
    ("an edit, then one refused", [lambda h: change(change(h, seed=2), steps="many")], [document(2)]),
    ("another opened", [lambda h: h.opened(OTHER)], []),
    ("another opened after an edit", [lambda h: change(h, seed=2).opened(OTHER)], [document(2)]),
    (
        "another opened after an edit, and edited",
        [lambda h: change(h, seed=2).opened(RACE), lambda h: change(h, steps=9)],
        [change(History.of(RACE), steps=9).draft.document, document(2)],
    ),
    ("opened anew after an edit", [lambda h: change(h, seed=2).opened(DOCUMENT)], [document(2)]),
    ("an edit left and come back to", [lambda h: change(h, seed=2).opened(OTHER).undone()], [document(2)]),
    ("a file opened, and overwritten", [lambda h: change(h.opened(OTHER, A), seed=2),
                                        lambda h: h.saved(h.draft.document, A).undone()], [OTHER]),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "expected"), [case[1:] for case in SAVED], ids=[case[0] for case in SAVED])
def test_what_was_made_by_hand_and_is_in_no_file(changes: list[Change], expected: list[Document]) -> None:
    history = History.of(DOCUMENT)
    for each in changes:
        history = each(history)
    assert list(history.unsaved_by_hand()) == expected


def test_lessons_are_files_too() -> None:
    history = History.of(DOCUMENT)
    for lesson in [*lessons().values()] * 2:
        history = history.opened(lesson)
    assert history.unsaved_by_hand() == ()

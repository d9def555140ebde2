"""Drafts of an experiment while it is edited, and the history of them that undo and redo walk: values, no state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from gradsim.schema.parameters import EntryOf, Parameter, ParameterError, parameters
from gradsim.sim.documents.document import Document
from gradsim.sim.documents.experiments import experiment_from, followed, full_table
from gradsim.sim.kinds import kind_of, kinds

MAX_DRAFTS = 200
"""How many drafts a history keeps; the oldest are forgotten."""

OPENED, RUNS = "Opening", "Runs"
"""What led to a draft, where it is not one setting."""


class Refusal(NamedTuple):
    """Where an experiment is not allowed, and why."""

    path: str
    problem: str


@dataclass(frozen=True)
class Draft:
    """An experiment as it is being edited, which need not be allowed. Never changed: an edit makes another.

    Attributes
    ----------
    table
        The full table as it was edited.
    document
        The last that was allowed; it is what runs and what a file gets.
    opening
        Number of the opening that it goes back to: all drafts of one document that was opened have the same.
    refusal
        What is wrong with the table; None where it is allowed, and `document` is what it says.
    """

    table: Mapping[str, Any]
    document: Document
    opening: int = 0
    refusal: Refusal | None = None

    @property
    def is_as_in_the_lesson(self) -> bool:
        """Whether title, question and sentence of the lesson are about what runs."""
        return self.document.is_as_in_the_lesson

    @classmethod
    def of(cls, document: Document, opening: int = 0) -> Draft:
        """Return the draft of a document that nobody has edited."""
        return cls(full_table(document.experiment), document, opening)

    @cached_property
    def allowed(self) -> Mapping[str, Any]:
        """The full table of the last allowed document."""
        return full_table(self.document.experiment)

    def edited(self, table: Mapping[str, Any]) -> Draft:
        """Return the draft with another full table, and with what follows from the edit."""
        if len(self.table["runs"]) == len(table["runs"]):
            allowed = self.allowed if len(self.allowed["runs"]) == len(table["runs"]) else self.table
            table = followed(allowed, self.table, table)
        return self.with_table(table)

    def with_table(self, table: Mapping[str, Any]) -> Draft:
        """Return the draft with another full table, exactly as it is given."""
        try:
            experiment = experiment_from(table)
            kind_of(experiment).check(experiment)
        except ParameterError as error:
            return replace(self, table=table, refusal=Refusal(error.path, error.problem))
        return Draft.of(self.document.with_experiment(experiment), self.opening)


@dataclass(frozen=True)
class History:
    """The drafts there were, one of which is shown; steps of one drag count as one.

    Attributes
    ----------
    drafts
        From the oldest to the newest.
    position
        Which of them is shown; those after it can be redone.
    continuing
        Whether the next step of the drag that led to the draft shown replaces it.
    held
        Documents that need not be saved, with their files; None for those opened without one, such as lessons.
    """

    drafts: tuple[Draft, ...]
    position: int = 0
    continuing: bool = False
    held: tuple[tuple[Path | None, Document], ...] = ()

    @classmethod
    def of(cls, document: Document) -> History:
        """Return the history that begins with a document as it was opened."""
        return cls((Draft.of(document),), held=((None, document),))

    @property
    def draft(self) -> Draft:
        """The draft that is shown."""
        return self.drafts[self.position]

    # Changes

    def edited(self, table: Mapping[str, Any], continuing: bool = False) -> History:
        """Return the history after an edit of the draft shown; `continuing` says that it is a step of a drag."""
        draft = self.draft.edited(table)
        if draft == self.draft:
            return self
        if not self._replaces_shown(draft, table, continuing):
            return self._followed_by(draft, continuing)
        before = self.drafts[: self.position]
        if draft == before[-1]:  # dragged back to where it was
            return replace(self, drafts=before, position=self.position - 1, continuing=False)
        return replace(self, drafts=(*before, draft), continuing=continuing)

    def _replaces_shown(self, draft: Draft, table: Mapping[str, Any], continuing: bool) -> bool:
        """Tell whether a new draft replaces the one shown: a step of the same drag, or a refused value corrected.

        `table` is what was edited, without what follows from it.
        """
        if self.position == 0 or self.drafts[self.position - 1].opening != draft.opening:
            return False
        if not ((self.continuing and continuing) or self.draft.refusal):
            return False
        last = difference(self.drafts[self.position - 1].table, self.draft.table)
        if self.draft.refusal and last.holds(difference(self.draft.table, table)):
            return True
        return last.is_of_one_setting_with(difference(self.draft.table, draft.table))

    def settled(self) -> History:
        """Return the history after the end of a drag: the next one is another change."""
        return replace(self, continuing=False)

    def opened(self, document: Document, path: Path | None = None, is_new: bool = False) -> History:
        """Return the history after another document was opened: from a file, a lesson, or a new one."""
        draft = Draft.of(document, max(draft.opening for draft in self.drafts) + 1)
        held = self.held if is_new else self._with_held(path, document)
        if replace(draft, opening=self.draft.opening) == self.draft:
            return replace(self.settled(), held=held)
        return replace(self._followed_by(draft, False), held=held)

    def joined(self, other: History) -> tuple[History, int]:
        """Return the history with another one after the draft shown, and what its openings are shifted by."""
        shift = max(draft.opening for draft in self.drafts) + 1
        following = [replace(draft, opening=draft.opening + shift) for draft in other.drafts]
        drafts = _shortened([*self.drafts[: self.position + 1], *following])
        after = len(other.drafts) - other.position
        held = self.held
        for path, document in other.held:
            held = replace(self, held=held)._with_held(path, document)
        return History(drafts, max(0, len(drafts) - after), held=held), shift

    def waiting(self, table: Mapping[str, Any], why: Refusal) -> History:
        """Return the history with a full table that cannot be judged yet; what runs stays what it is."""
        return self._followed_by(replace(self.draft, table=table, refusal=why), False)

    def _followed_by(self, draft: Draft, continuing: bool) -> History:
        drafts = _shortened([*self.drafts[: self.position + 1], draft])
        return replace(self, drafts=drafts, position=len(drafts) - 1, continuing=continuing)

    # Undo and redo

    @property
    def can_undo(self) -> bool:
        """Whether there is a draft before."""
        return self.position > 0

    @property
    def can_redo(self) -> bool:
        """Whether there is a draft after."""
        return self.position < len(self.drafts) - 1

    def undone(self) -> History:
        """Return the history with the draft before shown, if there is one."""
        return replace(self, position=self.position - 1, continuing=False) if self.can_undo else self

    def redone(self) -> History:
        """Return the history with the draft after shown, if there is one."""
        return replace(self, position=self.position + 1, continuing=False) if self.can_redo else self

    @property
    def to_undo(self) -> str:
        """What undo takes back, as the English name of a setting or the like; "" where it has no one name."""
        return _name_of_change(self.undone().draft, self.draft)

    @property
    def to_redo(self) -> str:
        """What redo does again, named alike."""
        return _name_of_change(self.draft, self.redone().draft)

    def notes(self, language: str) -> list[str]:
        """Say what the change to the draft shown has brought along that should not go unnoticed."""
        before, after = self.drafts[max(self.position - 1, 0)], self.draft
        if before.opening != after.opening or after.refusal:
            return []
        if len(before.allowed["runs"]) != len(after.table["runs"]):
            return []  # a run was added or removed, perhaps while something was refused
        return kinds()[after.table["kind"]].notes(before.allowed, after.table, language)

    # Files

    def saved(self, document: Document, path: Path) -> History:
        """Return the history after a document was written to a file, in place of what the file held before."""
        return replace(self, held=self._with_held(path, document))

    def _with_held(self, path: Path | None, document: Document) -> tuple[tuple[Path | None, Document], ...]:
        kept = [(at, what) for at, what in self.held if at != path or (at is None and what != document)]
        return (*kept, (path, document))

    def holds(self, document: Document) -> bool:
        """Tell whether a file or lesson says the same as a document."""
        return any(held == document for _, held in self.held)

    @property
    def is_saved(self) -> bool:
        """Whether a file or lesson says what the draft shown says."""
        return self.draft.refusal is None and self.holds(self.draft.document)

    def unsaved_by_hand(self) -> tuple[Document, ...]:
        """Return what was made by hand and is in no file: as it is shown, and as it was left for something else."""
        past = self.drafts[: self.position + 1]
        left = [draft for draft, after in pairwise(past) if draft.opening != after.opening]
        found: list[Document] = []
        for draft in (self.draft, *reversed(left)):
            if (draft.refusal or not self.holds(draft.document)) and draft.document not in found:
                found.append(draft.document)
        return tuple(found)


def _shortened(drafts: list[Draft]) -> tuple[Draft, ...]:
    """Return at most MAX_DRAFTS of them, without the oldest; the last of each opening goes last of all."""
    while len(drafts) > MAX_DRAFTS:
        within = (i for i, (draft, after) in enumerate(pairwise(drafts)) if draft.opening == after.opening)
        del drafts[next(within, 0)]
    return tuple(drafts)


# What differs between two tables


class Difference(NamedTuple):
    """Where two full tables differ: in which runs, and in which settings, named as in ``optimizer.learning_rate``."""

    runs: frozenset[int]
    names: frozenset[str]

    def is_of_one_setting_with(self, other: Difference) -> bool:
        """Tell whether both are of the same settings, and of the same run or of no run."""
        return self.names == other.names and (self.runs == other.runs or bool(self.runs & other.runs))

    def holds(self, other: Difference) -> bool:
        """Tell whether all that differs there is inside what differs here: ``data.path`` is inside ``data``."""
        inside = all(any(f"{name}.".startswith(f"{own}.") for own in self.names) for name in other.names)
        return inside and self.runs == other.runs and bool(other.names)


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Difference:
    """Return where two tables differ; labels count where nothing else does, for they follow."""
    if len(before["runs"]) != len(after["runs"]):
        return Difference(frozenset(), frozenset({"runs"}))
    names = set(_names({**before, "runs": ()}, {**after, "runs": ()}))
    runs: set[int] = set()
    for i, (one, other) in enumerate(zip(before["runs"], after["runs"], strict=True)):
        found = list(_names(one, other))
        names.update(found)
        runs.update([i] if found else [])
    return Difference(frozenset(runs), frozenset(names - {"label"} or names))


def _names(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted(before.keys() | after.keys()):
        one, other = before.get(key), after.get(key)
        if one == other:
            continue
        if isinstance(one, Mapping) and isinstance(other, Mapping) and one.get("name") == other.get("name"):
            yield from (f"{key}.{name}" for name in _names(one, other))
        else:
            yield key


def _name_of_change(before: Draft, after: Draft) -> str:
    if before.opening != after.opening:
        return OPENED
    names = difference(before.table, after.table).names
    if not names:
        return ""
    if names == {"runs"}:
        return RUNS
    kind = kinds()[after.table["kind"]]
    whole = parameters(kind.experiment)
    # Of several settings, an entry of the experiment has led to the others: a surface to its start.
    leading = [name for name in names if len(names) == 1 or isinstance(whole.get(name), EntryOf)]
    if len(leading) != 1:
        return ""
    [name] = leading
    # A run may have a setting of the same name as the experiment: a surface; and labels alone follow in other runs.
    tables = [(before.table, after.table), *zip(before.table["runs"], after.table["runs"], strict=True)]
    at = next(
        i for i, (one, other) in enumerate(tables) if name in _names({**one, "runs": ()}, {**other, "runs": ()})
    )
    return _label(parameters(kind.run) if at else whole, name, tables[at][1])


def _label(known: Mapping[str, Parameter], name: str, table: Mapping[str, Any]) -> str:
    """Return what a setting in a table is called, whose name leads through entries: ``optimizer.learning_rate``.

    What is refused because there is no such setting has no name; one of an entry that does not exist has the entry's.
    """
    key, _, rest = name.partition(".")
    parameter = known.get(key)
    if not rest or not isinstance(parameter, EntryOf):
        return parameter.label if parameter else ""
    entry = table[key].get("name")
    exists = isinstance(entry, str) and entry in parameter.registry
    return _label(parameters(parameter.registry[entry]), rest, table[key]) if exists else parameter.label

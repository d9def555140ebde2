"""Where lines of runs begin and are marked: a past that is shared is drawn once, and a fork leaves it at a mark."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from gradsim.schema.parameters import encode, parameters
from gradsim.sim.run.changes import ChangesOf, change_texts
from gradsim.sim.run.forks import shared_past
from gradsim.sim.run.tape import Past
from gradsim.ui.plots.branch_marks import BranchMark
from gradsim.words.languages import translate

RING, LOZENGE = "○", "◇"
"""How the marks of forks and of changes are written."""


class Branch(NamedTuple):
    """What is drawn of a run beside others.

    Attributes
    ----------
    parent
        The run that it is a fork of, if it is one.
    start
        The step from which on it is drawn.
    changes
        The steps of its changes after that.
    siblings
        How many forks before it leave at the same place.
    jumps
        The steps of those changes after which another thing is measured, at its start too.
    """

    parent: int | None = None
    start: int = 0
    changes: tuple[int, ...] = ()
    siblings: int = 0
    jumps: tuple[int, ...] = ()

    def rows(self, past: Past) -> Rows:
        """Return what of a past's rows is drawn."""
        if self.start > past.step:
            return Rows(len(past.steps))
        first = _row_at(past, self.start)
        fork = () if self.parent is None else (Marked(first, of_fork=True, siblings=self.siblings),)
        changes = [Marked(_row_at(past, step)) for step in self.changes if step <= past.step]
        jumps = tuple(_row_at(past, step) for step in self.jumps if step < past.step)
        return Rows(first, (*fork, *changes), jumps)


class Marked(NamedTuple):
    """A row of a past at which a line is marked: for a fork with so many siblings before it, or for a change."""

    row: int
    of_fork: bool = False
    siblings: int = 0

    def at(self, x: float, y: float) -> BranchMark:
        """Return the mark at a place in data coordinates."""
        return BranchMark(x, y, self.of_fork, self.siblings)


class Rows(NamedTuple):
    """Rows of a past: the first that is drawn, those that are marked, and those after which a line jumps."""

    first: int
    marked: tuple[Marked, ...] = ()
    jumps: tuple[int, ...] = ()


def _row_at(past: Past, step: int) -> int:
    return int(np.searchsorted(past.steps, step, side="right")) - 1


def branches_of(runs: Sequence[Any]) -> list[Branch]:
    """Return what is drawn of each run where all are drawn in one picture."""
    found: list[Branch] = []
    pasts = shared_past(runs)
    for i, (run, shared) in enumerate(zip(runs, pasts, strict=True)):
        start = shared.step if shared else -1
        steps = tuple(change.step for change in run.changes if change.step > start)
        siblings = pasts[:i].count(shared) if shared else 0
        jumps = tuple(step for step in _changes_of(run).jumps_of(run.changes) if step >= start)
        found.append(Branch(shared.parent if shared else None, max(start, 0), steps, siblings, jumps))
    return found


def alone(run: Any) -> Branch:
    """Return what is drawn of a run that has a picture of its own."""
    return Branch(changes=tuple(change.step for change in run.changes), jumps=_changes_of(run).jumps_of(run.changes))


def _changes_of(run: Any) -> ChangesOf:
    """Return what declares the changes of a run."""
    changes = parameters(type(run))["changes"]
    assert isinstance(changes, ChangesOf)
    return changes


def branch_texts(
    runs: Sequence[Any], branches: Sequence[Branch], names: Sequence[str], step: int, language: str
) -> list[str]:
    """Say what the marks up to a step stand for."""
    texts = []
    for run, branch, name in zip(runs, branches, names, strict=True):
        if branch.parent is not None and branch.start <= step:
            text = translate("{run} leaves {other} at step {n}", language)
            texts.append(f"{RING} {text.format(run=name, other=names[branch.parent], n=f'{branch.start:,}')}")
        told = change_texts(encode(run), _changes_of(run).settings, language) if branch.changes else []
        pairs = zip(run.changes, told, strict=False)
        texts += [f"{LOZENGE} {name}: {text}" for change, text in pairs if change.step in branch.changes
                  and change.step <= step]  # fmt: skip
    return texts

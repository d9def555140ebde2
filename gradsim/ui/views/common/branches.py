"""Where lines of runs begin and are marked: a past that is shared is drawn once, and a fork leaves it at a mark."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from gradsim.schema.parameters import encode, parameters
from gradsim.sim.run.changes import ChangesOf, change_texts
from gradsim.sim.run.forks import shared_past
from gradsim.sim.run.tape import Past
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
    """

    parent: int | None = None
    start: int = 0
    changes: tuple[int, ...] = ()

    def rows(self, past: Past) -> Rows:
        """Return what of a past's rows is drawn."""
        if self.start > past.step:
            return Rows(len(past.steps))
        first = _row_at(past, self.start)
        forks = () if self.parent is None else ((first, True),)
        changes = [(_row_at(past, step), False) for step in self.changes if step <= past.step]
        return Rows(first, (*forks, *changes))


class Rows(NamedTuple):
    """Rows of a past: the first that is drawn, and those that are marked, with whether the run is a fork there."""

    first: int
    marked: tuple[tuple[int, bool], ...] = ()


def _row_at(past: Past, step: int) -> int:
    return int(np.searchsorted(past.steps, step, side="right")) - 1


def branches_of(runs: Sequence[Any]) -> list[Branch]:
    """Return what is drawn of each run where all are drawn in one picture."""
    found = []
    for run, shared in zip(runs, shared_past(runs), strict=True):
        start = shared.step if shared else -1
        steps = tuple(change.step for change in run.changes if change.step > start)
        found.append(Branch(shared.parent if shared else None, max(start, 0), steps))
    return found


def alone(run: Any) -> Branch:
    """Return what is drawn of a run that has a picture of its own."""
    return Branch(changes=tuple(change.step for change in run.changes))


def branch_texts(
    runs: Sequence[Any], branches: Sequence[Branch], names: Sequence[str], step: int, language: str
) -> list[str]:
    """Say what the marks up to a step stand for."""
    texts = []
    for run, branch, name in zip(runs, branches, names, strict=True):
        if branch.parent is not None and branch.start <= step:
            text = translate("{run} leaves {other} at step {n}", language)
            texts.append(f"{RING} {text.format(run=name, other=names[branch.parent], n=f'{branch.start:,}')}")
        changes = parameters(type(run))["changes"]
        assert isinstance(changes, ChangesOf)
        told = change_texts(encode(run), changes.settings, language) if branch.changes else []
        pairs = zip(run.changes, told, strict=False)
        texts += [f"{LOZENGE} {name}: {text}" for change, text in pairs if change.step in branch.changes
                  and change.step <= step]  # fmt: skip
    return texts

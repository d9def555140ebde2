"""Sentences on all runs of which several may share what is said: one clause each, or one for all with a list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from gradsim.words.languages import translate
from gradsim.words.sentences import Span, filled


class Told(NamedTuple):
    """What is said of a run, and of further ones; `further` is "" where their names are listed before it."""

    first: str
    further: str = ""


class RunTold(NamedTuple):
    """A run, what is said of it, and the figure in that, "" where there is none."""

    run: int
    said: Told
    number: str = ""


def told_of_runs(told: Iterable[RunTold], names: Sequence[str], language: str) -> list[Span]:
    """Return the sentences on these runs, in their order; those of which the same is said share one."""
    alike: dict[Told, list[RunTold]] = {}
    for one in told:
        alike.setdefault(one.said, []).append(one)
    spans: list[Span] = []
    for said, runs in alike.items():
        spans += [Span(translate(". ", language))] if spans else []
        spans += _about(said, runs, names, language)
    return [*spans, Span(translate(".", language))]


def _about(said: Told, runs: Sequence[RunTold], names: Sequence[str], language: str) -> list[Span]:
    if not said.further:
        labels = [Span(names[one.run], one.run) for one in runs]
        between = Span(translate(", ", language))
        listed = [span for label in labels for span in (between, label)][1:]
        return filled(translate(said.first, language), lambda _: listed)
    spans: list[Span] = []
    for at, (run, _, count) in enumerate(runs):
        known = {"label": [Span(names[run], run)], "n": [Span(count, run)]}
        spans += filled(translate(said.further if at else said.first, language), known.__getitem__)
    return spans

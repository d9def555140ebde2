"""Samples of the test set with what the networks say of them, the worst first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from gradsim.engine.data import Column, Split
from gradsim.engine.types import Indices
from gradsim.schema.errors import Phrase
from gradsim.schema.parameters import Choice
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.train.needs import lacks_data, lacks_test_set
from gradsim.sim.kinds.train.outcome_sentences import Clause, errors_clause, mistakes_clause
from gradsim.sim.kinds.train.outcomes import Outcomes, Values, outcomes
from gradsim.sim.kinds.train.snapshot import Snapshot
from gradsim.sim.kinds.train.spec import Train
from gradsim.ui.plots.sample_list import Answer, DigitTiles, SampleList, SampleRows, Told
from gradsim.ui.theme import Look
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.train.column_texts import ColumnTexts
from gradsim.ui.views.train.outcome_view import MOST_RUNS, OneRunOptions, OutcomeView, runs_shown, short_names
from gradsim.ui.views.train.over_inputs import column_of
from gradsim.words.numbers import exact, index
from gradsim.words.sentences import Span, Wording

MOST_COLUMNS = 60
"""More columns than these have room on no screen."""

ORDER = Choice(
    "Order of samples",
    help="Which samples come first.",
    choices=("worst", "surest", "file"),
    labels=("worst first", "surest first", "in file order"),
    notes=(
        "Those with the highest loss come first.",
        "Those come first whose prediction has the highest probability; of numbers, those that are nearest.",
        "Samples come as they are in the test set.",
    ),
)


@dataclass(frozen=True)
class Listed:
    """What a network says of samples, and the orders in which they may be listed.

    Attributes
    ----------
    all
        What it says.
    scores, said, true
        As :class:`Outcomes` has them, computed once.
    off
        How far its predictions of the first target are off, (N,).
    orders
        The samples in each order but that of the file; equal ones come as in the file.
    """

    all: Outcomes
    scores: Values
    said: Indices
    true: Indices
    off: Values
    orders: Mapping[str, Indices]

    def order(self, name: str) -> Indices:
        """Return the samples (N,) in an order of ORDER."""
        return self.orders[name] if name in self.orders else np.arange(len(self.off))

    @property
    def most_off(self) -> float:
        """The largest of `off`."""
        return float(self.off.max())


def listed(found: Outcomes, classes: bool) -> Listed:
    """Bring samples into their orders."""
    off = np.abs(found.predictions[:, 0] - found.truth[:, 0])
    surest = -found.scores.max(axis=1) if classes else found.losses
    keys = {"worst": -found.losses, "surest": surest}
    orders = {name: np.argsort(key, kind="stable") for name, key in keys.items()}
    return Listed(found, found.scores, found.decided, found.classes, off, orders)


@dataclass(frozen=True)
class SampleOptions(OneRunOptions):
    """Which samples of which run come first."""

    order: str = ORDER.field("worst")


class SamplesView(OutcomeView):
    """A list for each of two runs, or for one of more."""

    key = "samples"
    title = "Samples of the test set"
    help = "Samples of the test set with what the network says of them and what they are."
    order = 85
    options_type = SampleOptions
    options: SampleOptions

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        self._lists: dict[int, SampleList] = {}
        super().__init__(experiment, look, options)
        self._set_up()

    def set_experiment(self, experiment: Experiment) -> None:
        super().set_experiment(experiment)
        self._set_up()

    def _set_up(self) -> None:
        """Make ready to write the columns of the data."""
        test, inputs = self.data.test, self._inputs[:MOST_COLUMNS]
        self._texts = [ColumnTexts(column, test.x[:, at]) for at, column in enumerate(inputs)]
        self._target_text = ColumnTexts(self._target, test.y[:, 0])

    @classmethod
    def lacks(cls, experiment: Train) -> Phrase | None:
        return lacks_test_set(experiment) or lacks_data(experiment)

    @classmethod
    def taken(cls, network: Snapshot, data: Split) -> Listed:
        return listed(outcomes(network, data, data.test), data.classes)

    def shown_runs(self) -> Sequence[int]:
        narrow = self.look.theme.name == "projector" and not self.side
        return runs_shown(self.options, len(self.experiment.runs), 1 if narrow else MOST_RUNS)

    def picture(self, run: int) -> SampleList:
        made = self._lists[run] = self._made(run)
        made.scrolled.connect(partial(self._show_subtitle, run))
        made.hovered.connect(partial(self._on_hovered, run))
        return made

    def _made(self, run: int) -> SampleList:
        if self.side:
            return DigitTiles(self.look, run, self.side)
        tr = self.look.tr
        last = tr("probability") if self.data.classes else tr("off by")
        return SampleRows(
            self.look, run, [each.name for each in self._inputs[:MOST_COLUMNS]], (tr("true"), tr("predicted"), last)
        )

    @property
    def _inputs(self) -> list[Column]:
        return [column_of(self.data.inputs, at, f"x{index(at + 1)}") for at in range(self.data.test.x.shape[1])]

    @property
    def _target(self) -> Column:
        return column_of(self.data.targets, 0, "y")

    def show_run(self, run: int, found: Listed) -> None:
        tell = self._told_class if self.data.classes else self._told_number
        self._lists[run].show_samples(len(found.order(self.options.order)), partial(tell, run, found))

    def _told_class(self, run: int, found: Listed, at: int) -> Told:
        """Return what is told of the sample at a place in the order: its class, and what it is taken for."""
        sample, names, tr = found.order(self.options.order)[at], short_names(self.data), self.look.tr
        says, is_ = (tr("says {name}"), tr("is {name}")) if self.side else ("{name}", "{name}")
        answer = _share if self.train.runs[run].output.range == (0.0, 1.0) else _score
        said, true = int(found.said[sample]), int(found.true[sample])
        return Told(
            self.data.test.x[sample] if self.side else None,
            () if self.side else self._row(sample),
            answer(says.format(name=names[said]), float(found.scores[sample, said])),
            answer(is_.format(name=names[true]), float(found.scores[sample, true])),
            said != true,
        )

    def _told_number(self, run: int, found: Listed, at: int) -> Told:
        """Return what is told of the sample at a place in the order: its number, and what is predicted of it."""
        sample = found.order(self.options.order)[at]
        off = float(found.off[sample])
        said, true = (self._target.own(each[sample, 0]).item() for each in (found.all.predictions, found.all.truth))
        share = off / found.most_off if found.most_off else 0.0
        text = self._target_text
        answer = Answer(text(said), text(abs(said - true)), share)
        return Told(None, self._row(sample), answer, Answer(text(true), "", 0.0), False)

    def _row(self, sample: int) -> list[str]:
        """Return the inputs of a sample as the cells of a row."""
        values = self.data.test.x[sample]
        return [text(text.column.own(value).item()) for text, value in zip(self._texts, values, strict=False)]

    def _show_subtitle(self, run: int) -> None:
        picture = self._lists[run]
        if run not in self.cards or not picture.count:
            return
        shown, tr, order = picture.shown, self.look.tr, ORDER.label_of(self.options.order)
        place = tr("test samples {first} to {last} of {n}").format(
            first=f"{shown.start + 1:,}", last=f"{shown.stop:,}", n=f"{picture.count:,}"
        )
        whole = (place, tr(order), self.about_replica(), tr("wheel and arrows turn the pages"))
        self.cards[run].set_subtitle(*(self.about(*whole[:most]) for most in range(len(whole), 0, -1)))

    def clause(self, found: Any, label: Span, wording: Wording) -> Clause:
        if self.data.classes:
            return mistakes_clause(found.all, label, self.class_names(), wording)
        column = self._target
        return errors_clause(found.off * abs(column.one), column.named()[1], label, wording)

    def _on_hovered(self, run: int, at: int | None) -> None:
        known = self.found.runs[run] if self.found else None
        if at is None or known is None:
            self.show_tooltip(None)
            return
        sample = int(known.order(self.options.order)[at])
        text = self.look.tr("test sample {n}: loss {loss}")
        self.show_tooltip(text.format(n=f"{sample + 1:,}", loss=exact(float(known.all.losses[sample]))))

    def state(self) -> dict[str, Any]:
        first = {run: picture.first for run, picture in self._lists.items() if picture.first}
        return {"first": first} if first else {}

    def restore(self, state: Mapping[str, Any]) -> None:
        for run, first in state.get("first", {}).items():
            if run in self._lists:
                self._lists[run].keep(first)


def _share(name: str, value: float) -> Answer:
    percent = 100.0 * value
    digits = 1 if 0.05 <= percent < 1.0 or 99.0 < percent < 99.95 else 0
    return Answer(name, f"{percent:.{digits}f} %", min(1.0, max(0.0, value)))


def _score(name: str, value: float) -> Answer:
    return Answer(name, exact(value), min(1.0, max(0.0, value)))

"""What views have in common that show what networks do with the test set: a sentence, and a card for each run."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from typing import Any, ClassVar

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from gradsim.engine.data import Split
from gradsim.schema.parameters import Integer, ParameterError
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.train.outcome_sentences import Clause, diverged_clause
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.run.tape import Past
from gradsim.ui.theme import Look
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.sentence import Sentence
from gradsim.ui.views.common.view import Card
from gradsim.ui.views.train.boundary import class_names
from gradsim.ui.views.train.snapshot_view import Found, SeedOptions, SnapshotView
from gradsim.words.sentences import Span, Wording

MOST_RUNS = 2
"""Of more runs than these, views with an option for that show one."""


@dataclass(frozen=True)
class OneRunOptions(SeedOptions):
    """Which replica of which run is shown, where there is no room for several."""

    run: int = Integer("Run", help="Which run is shown where there is no room for all.", low=1, high=8).field(1)


def runs_shown(options: OneRunOptions, runs: int, most: int) -> Sequence[int]:
    """Return which of so many runs are shown: all where there are `most` at most, else the one that is chosen."""
    return range(runs) if runs <= most else [min(options.run, runs) - 1]


class OutcomeView(SnapshotView):
    """Tells and shows, of one replica of each run, what it does with samples."""

    place = "upper"
    stretch = 2
    most_beside: ClassVar[int] = 4
    """More runs than these are in two rows."""

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__(experiment, look, options)
        self.data = self.train.data.load()
        self.column_box = QVBoxLayout()
        self.column_box.setSpacing(look.metrics.gap)
        self.box.addLayout(self.column_box)
        self.sentence = Sentence(look)
        self._clauses: list[Clause] = []
        self.column_box.addWidget(self.sentence)
        self._grid = QGridLayout()
        self._grid.setSpacing(look.metrics.gap)
        self.column_box.addLayout(self._grid, stretch=1)
        self.cards: dict[int, Card] = {}
        for at, run in enumerate(self.shown_runs()):
            self._add(at, run)

    @classmethod
    def frame(cls, experiment: Train) -> Hashable:
        names: tuple[object, ...] = ()
        with suppress(ParameterError):
            data = experiment.data.load()
            columns = [column.name for column in (*data.inputs, *data.targets)]
            names = data.names, *columns, data.train.x.shape[1], data.train.y.shape[1]
        return super().frame(experiment), experiment.data.key, names

    def shown_runs(self) -> Sequence[int]:
        """Return the runs that are shown."""
        return range(len(self.experiment.runs))

    def picture(self, run: int) -> QWidget:
        """Return the picture of a run."""
        raise NotImplementedError

    def show_run(self, run: int, found: Any) -> None:
        """Show what was taken of a run."""
        raise NotImplementedError

    def clause(self, found: Any, label: Span, wording: Wording) -> Clause:
        """Say what was taken of a run."""
        raise NotImplementedError

    def _add(self, at: int, run: int) -> None:
        card = Card(self.look, self.names[run], "", self.look.text_colour(run), keeps_line=True)
        card.body.addWidget(self.picture(run))
        runs = len(self.shown_runs())
        columns = runs if runs <= self.most_beside else ceil(runs / 2)
        self._grid.addWidget(card, at // columns, at % columns)
        self._grid.setColumnStretch(at % columns, 1)
        self._grid.setRowStretch(at // columns, 1)
        self.cards[run] = card

    def set_experiment(self, experiment: Experiment) -> None:
        super().set_experiment(experiment)
        with suppress(ParameterError):  # of data that are gone meanwhile, what is shown stays
            self.data = self.train.data.load()

    def draw(self, past: Past) -> None:
        super().draw(past)
        gone = {divergence.run: divergence for divergence in past.diverged}
        for run, card in self.cards.items():
            card.set_warning(self.divergence_text(gone[run]) if run in gone else None)

    def show_found(self, found: Found) -> None:
        wording, clauses = Wording(self.look.language), []
        for run in self.cards:
            one, label = found.runs[run], Span(self.names[run], run)
            if one is not None:
                self.show_run(run, one)
            clauses.append(self.clause(one, label, wording) if one is not None else diverged_clause(label, wording))
        self._clauses = clauses
        self._tell()

    def _tell(self) -> None:
        self.sentence.tell(self._told, len(self._clauses))

    def _told(self, brevity: int) -> list[Span]:
        """Say of each run what it does, of as many as have room."""
        wording = Wording(self.look.language)
        return wording.sentence(wording.clauses(self._clauses[: len(self._clauses) - brevity]), self.names)

    @property
    def side(self) -> int:
        """How many pixels a row of the samples has, 0 where they are no images."""
        return self.train.data.pixels[1]

    def about(self, *parts: str) -> str:
        """Join what stands on the grey line of a card."""
        return self.look.tr("; ").join(filter(None, parts))

    def class_names(self) -> list[str]:
        """Return what the classes are called in a sentence; those of images, what is to be seen on them."""
        return short_names(self.data) if self.side else class_names(self.data, self.look)


def short_names(data: Split) -> list[str]:
    """Return what the classes are called beside a picture: their names, or their numbers alone."""
    return list(data.names) or [str(number) for number in range(max(2, data.train.y.shape[1]))]

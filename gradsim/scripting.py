"""Runs for scripts and notebooks: all that was measured, as arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gradsim.schema.errors import InputError, unknown_name
from gradsim.schema.parameters import parameters
from gradsim.sim.documents import results
from gradsim.sim.documents.document import Document, Shown, sentence
from gradsim.sim.documents.experiments import adapted, experiment_from, followed, full_table
from gradsim.sim.documents.files import check_target
from gradsim.sim.documents.lessons import load
from gradsim.sim.documents.points import studied_in
from gradsim.sim.kinds import DEFAULT_KIND, Experiment, kind_of, kinds
from gradsim.sim.kinds.kind import Quantity
from gradsim.sim.run.simulation import Simulation, new_tape, play
from gradsim.sim.run.tape import Divergence, Past
from gradsim.words.languages import ENGLISH
from gradsim.words.sentences import plain_text

Values = npt.NDArray[np.float64]

MAX_RECORD_BYTES = 4 * 2**30
"""What a record of every step may take."""


SHORT_FOR = {"learning_rate": "optimizer.learning_rate"}
"""Settings within settings that have a short name."""


def run_experiment(source: Document | Path | str | None, settings: Mapping[str, Any]) -> Results:
    """Return the results of an experiment, see :func:`gradsim.run`."""
    return results_of(with_settings(document_of(source), settings))


def document_of(source: Document | Path | str | None) -> Document | None:
    """Return the document that is meant by itself, a path or a lesson's id; None for None."""
    return source if isinstance(source, Document) else load(str(source)) if source is not None else None


def results_of(document: Document, every_step: bool = True) -> Results:
    """Run a document; record every step, or of long runs as many as a tape holds."""
    experiment = document.experiment
    kind_of(experiment).check(experiment)
    simulation = kind_of(experiment).simulations(experiment)()
    if every_step:
        _check_room(simulation, experiment)
    tape = new_tape(simulation, every_step=every_step)
    for _ in play(simulation, tape, wanted=lambda step: False):
        pass
    return Results(document, simulation, tape.until(experiment.steps))


def _check_room(simulation: Simulation, experiment: Experiment) -> None:
    need = 8 * simulation.layout.channels * (simulation.layout.replicas + 3) * (experiment.steps + 1)
    if need > MAX_RECORD_BYTES:
        raise InputError(
            f"a record of all {experiment.steps:,} steps would take {need / 2**30:.1f} GiB; "
            f"at most {MAX_RECORD_BYTES / 2**30:.0f} GiB are allowed, so take fewer steps or replicas"
        )


def with_settings(document: Document | None, given: Mapping[str, Any]) -> Document:
    """Return the document with these settings, and with what follows from them as from an edit in the window.

    A name with a point in it is a setting within one: ``optimizer.momentum``, ``data.noise``.
    """
    settings = {SHORT_FOR.get(name, name): _plain(value) for name, value in given.items()}
    within = {name: value for name, value in settings.items() if "." in name}
    document = _with_whole(document, {name: value for name, value in settings.items() if name not in within})
    return _with_inner(document, within) if within else document


def _with_inner(document: Document, settings: Mapping[str, Any]) -> Document:
    """Return the document with these settings within others, those of runs in all of them."""
    before = full_table(document.experiment)
    table, runs = dict(before), [dict(run) for run in before["runs"]]
    of_runs = parameters(kind_of(document.experiment).run)
    for name, value in settings.items():
        outer, _, inner = name.partition(".")
        for each in runs if outer in of_runs else [table]:
            if not isinstance(each.get(outer), dict):
                raise InputError(f"{name}: {outer} has no settings of its own")
            each[outer] = {**each[outer], inner: value}
    experiment = experiment_from({**table, "runs": runs})
    return document.with_experiment(experiment_from(followed(before, before, full_table(experiment))))


def _with_whole(document: Document | None, settings: dict[str, Any]) -> Document:
    before = full_table(document.experiment) if document else {"runs": [{}]}
    table = dict(before)
    if document and isinstance(settings.get("common"), Mapping):
        settings = {**settings.pop("common"), **settings}
    key = settings.get("kind", table.get("kind", DEFAULT_KIND))
    kind = kinds().get(key) if isinstance(key, str) else None
    of_runs = set(parameters(kind.run)) - {"label"} if kind else set()
    common = {name: value for name, value in settings.items() if name in of_runs}
    table |= {name: value for name, value in settings.items() if name not in of_runs}
    if isinstance(table["runs"], list) and all(isinstance(run, Mapping) for run in table["runs"]):
        table["runs"] = [{**run, **common} for run in table["runs"]]
    experiment = experiment_from(table)
    if document is None:
        return Document(adapted(experiment, table))
    if "runs" not in settings and experiment.kind == document.experiment.kind:
        experiment = experiment_from(followed(before, before, full_table(experiment)))
    return document.with_experiment(experiment)


def _plain(value: Any) -> Any:
    """Return a value as a file has it: numbers and arrays of NumPy, tuples and paths are allowed in scripts too."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, Path) else value


class Results:
    """What a run of an experiment has come to.

    ``results["Sigmoid"]`` or ``results[0]`` is one of its runs; iterating goes through all.

    Attributes
    ----------
    experiment
        Its settings.
    labels : tuple of str
        The names of the runs.
    steps : (n,)
        The steps that were taken, from 0; fewer than asked for where all runs have diverged.
    """

    def __init__(self, document: Document, simulation: Simulation, past: Past) -> None:
        self.experiment: Experiment = document.experiment
        self.labels = self.experiment.labels
        self.steps = past.steps
        self._document, self._simulation, self._past = document, simulation, past

    def __getitem__(self, run: str | int) -> RunResults:
        if isinstance(run, str):
            if run not in self.labels:
                raise KeyError(unknown_name(run, self.labels))
            run = self.labels.index(run)
        return RunResults(self._document.experiment, self._past, range(len(self.labels))[run])

    def __iter__(self) -> Iterator[RunResults]:
        return (self[i] for i in range(len(self.labels)))

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def verdict(self) -> str:
        """The sentence on the last step, as the window says it."""
        found = Shown(found=studied_in(self._document, self._past))
        return plain_text(sentence(self._document, self._past, ENGLISH, found))

    def to_csv(self, path: Path | str) -> None:
        """Write everything measured to a CSV file."""
        self._save(Path(path), ".csv")

    def to_json(self, path: Path | str) -> None:
        """Write everything measured to a JSON file."""
        self._save(Path(path), ".json")

    def to_npz(self, path: Path | str) -> None:
        """Write all that it takes to repeat the run to an npz file."""
        self._save(Path(path), ".npz")

    def _save(self, path: Path, ending: str) -> None:
        check_target(path, (ending,))
        results.check_room(path, self.experiment)
        results.save(path, self._document, self._simulation, self._past)

    def __repr__(self) -> str:
        return f"<gradsim results of {', '.join(self.labels)}: {len(self.steps) - 1:,} steps>"


class RunResults:
    """What was measured of one run; each quantity is an attribute, :attr:`quantities` says which there are.

    Arrays are (replicas, steps + 1), those of layers (replicas, steps + 1, layers), those of vectors
    (replicas, steps + 1, 2). What has no value is NaN: after a divergence, where a ratio is undefined, of the
    test set at the steps at which it is not measured.
    """

    def __init__(self, experiment: Experiment, past: Past, index: int) -> None:
        self.label = experiment.labels[index]
        self.settings = experiment.runs[index]
        self.quantities: Mapping[str, Quantity] = kind_of(experiment).quantities(experiment)
        self._past, self._index = past, index

    def __getattr__(self, name: str) -> Values:
        quantities = self.__dict__.get("quantities", {})
        if name not in quantities:
            raise AttributeError(unknown_name(name, quantities))
        values = np.moveaxis(self._past.replicas(self._index, quantities[name].channel), -1, 0)
        values.flags.writeable = False
        return values

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.quantities]

    @property
    def diverged(self) -> Divergence | None:
        """Where the run has left the finite numbers, if it has."""
        return next((each for each in self._past.diverged if each.run == self._index), None)

    def __repr__(self) -> str:
        return f"<gradsim run {self.label}: {', '.join(self.quantities)}>"

"""Small experiments for tests: quick to train, written as plain tables like those in files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gradsim.engine.nn.probes import PROBES
from gradsim.sim.documents.document import Document, sentence
from gradsim.sim.documents.experiments import experiment_from
from gradsim.sim.documents.lesson import Lesson
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.kinds.train.trainer import Trainer
from gradsim.sim.run.simulation import new_tape, play
from gradsim.sim.run.tape import Divergence, Past, Tape, Values
from gradsim.words.sentences import Span

SIGMOID = {"label": "Sigmoid", "activation": "sigmoid", "init": "xavier_normal"}
RELU = {"label": "ReLU", "activation": "relu", "init": "he_normal"}

HEALTHY = {"label": "Healthy", "activation": "tanh", "output": "linear", "loss": "mse"}
RUNAWAY = HEALTHY | {"label": "Runaway", "activation": "linear", "optimizer": {"name": "sgd", "learning_rate": 30.0}}
LATE = HEALTHY | {"label": "Late", "hidden": [], "optimizer": {"name": "sgd", "learning_rate": 1e3}}


def verdict(
    found: Experiment, lesson: Lesson | None, past: Past, gone: Sequence[Divergence], language: str
) -> list[Span]:
    """Return the sentence on the end of `past`, by which those of `gone` that come before it have diverged."""
    by_then = tuple(divergence for divergence in gone if divergence.step <= past.step)
    return sentence(Document(found, lesson), replace(past, diverged=by_then), language)


def as_train(found: Experiment) -> Train:
    """Return an experiment that is known to train networks."""
    assert isinstance(found, Train)
    return found


def train_from(table: Mapping[str, Any]) -> Train:
    """Return the training experiment of a table."""
    return as_train(experiment_from(table))


def experiment(*runs: dict[str, Any], **settings: Any) -> Train:
    """Return a small experiment; settings of runs go into `common` or a run, others beside them."""
    table: dict[str, Any] = {
        "replicas": 3,
        "steps": 40,
        "seed": 5,
        "data": {"name": "digits", "samples": 150},
        "common": {"hidden": [7, 5], "batch_size": 16},
        "runs": list(runs or (SIGMOID, RELU)),
    }
    return train_from(table | settings)


def trained(spec: Train) -> tuple[Trainer, Tape]:
    """Train to the end."""
    trainer = Trainer(spec)
    tape = new_tape(trainer)
    for _ in play(trainer, tape):
        pass
    return trainer, tape


def names() -> list[str]:
    """Return the names of all that is measured of a run."""
    return ["loss", "accuracy", *(probe.key for probe in PROBES)]


def measured(tape: Tape, run: int) -> dict[str, Values]:
    """Return all that was measured of a run, at all steps, by name."""
    past = tape.until(tape.head)
    return {name: past.replicas(run, name) for name in names()}


def row(past: Past, runs: int) -> Values:
    """Return all that was measured at a past's step."""
    return np.vstack([np.atleast_2d(past.values(run, name)) for run in range(runs) for name in names()])


def assert_same(one: dict[str, Values], other: dict[str, Values]) -> None:
    """Fail unless two runs' measurements are the same, bit for bit."""
    for name, values in one.items():
        np.testing.assert_array_equal(values, other[name], err_msg=name)

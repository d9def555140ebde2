"""Small races for tests, written as plain tables like those in files."""

from __future__ import annotations

from typing import Any

from gradsim.sim.documents.document import Document
from gradsim.sim.documents.experiments import experiment_from
from gradsim.sim.documents.results import run
from gradsim.sim.kinds.race.racer import QUANTITIES, VECTORS, Racer
from gradsim.sim.kinds.race.spec import Race
from gradsim.sim.run.tape import Tape, Values

SGD = {"label": "SGD", "optimizer": {"name": "sgd", "learning_rate": 0.01}}
ADAM = {"label": "Adam", "optimizer": {"name": "adam", "learning_rate": 0.1}}

AWAY = {"label": "Away", "optimizer": {"name": "sgd", "learning_rate": 10.0}}
"""Leaves most surfaces within a few steps."""


def race(*runs: dict[str, Any], **settings: Any) -> Race:
    """Return a small race."""
    table = {"kind": "race", "steps": 40, "seed": 5, "surface": "beale", "runs": list(runs or (SGD, ADAM))}
    found = experiment_from(table | settings)
    assert isinstance(found, Race)
    return found


def seven() -> Race:
    """Return a race of seven optimizers at the rates that suit them, of which sketches and other programs tell."""
    names = ("sgd", "momentum", "nag", "adagrad", "adadelta", "rmsprop", "adam")
    return race(*({"optimizer": name} for name in names), steps=300)


def raced(spec: Race) -> tuple[Racer, Tape]:
    """Race to the end."""
    racer, tape = run(Document(spec))
    assert isinstance(racer, Racer)
    return racer, tape


def path(tape: Tape, index: int, name: str) -> Values:
    """Return a quantity of a run's descents at all steps: (n, replicas), of vectors (n, 2, replicas)."""
    return tape.until(tape.head).replicas(index, name)


def everything(tape: Tape, index: int) -> dict[str, Values]:
    """Return all that was measured of a run, at all steps, by name."""
    return {name: path(tape, index, name) for name in (*QUANTITIES, *VECTORS)}

"""From an experiment of any kind to what runs it."""

from __future__ import annotations

from collections.abc import Callable

from gradsim.sim.documents.experiments import Experiment, Train
from gradsim.sim.kinds.race.racer import Racer, check_race
from gradsim.sim.kinds.train import checks
from gradsim.sim.kinds.train.trainer import trainers
from gradsim.sim.run.simulation import Simulation


def check(experiment: Experiment) -> None:
    """Check what the settings alone do not tell.

    Raises
    ------
    ParameterError
        As :func:`gradsim.sim.kinds.train.checks.check` or :func:`gradsim.sim.kinds.race.racer.check_race`.
    """
    if isinstance(experiment, Train):
        checks.check(experiment)
    else:
        check_race(experiment)


def simulations(experiment: Experiment) -> Callable[[], Simulation]:
    """Return a function that makes simulations of the experiment, all of the same data."""
    if isinstance(experiment, Train):
        return trainers(experiment)
    return lambda: Racer(experiment)

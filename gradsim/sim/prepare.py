"""From an experiment of any kind to what runs it."""

from __future__ import annotations

from collections.abc import Callable

from gradsim.sim import checks
from gradsim.sim.race import Racer, check_race
from gradsim.sim.simulation import Simulation
from gradsim.sim.spec import Experiment, Train
from gradsim.sim.train import trainers


def check(experiment: Experiment) -> None:
    """Check what the settings alone do not tell.

    Raises
    ------
    ParameterError
        As :func:`gradsim.sim.checks.check` or :func:`gradsim.sim.race.check_race`.
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

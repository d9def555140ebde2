"""Results of a race: the paths as tables, and all that it takes to repeat the race."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from gradsim.sim.kinds.race.racer import Racer, Slopes
from gradsim.sim.kinds.race.spec import Race
from gradsim.sim.run.draws import Batches, noise, starts
from gradsim.sim.run.tape import Past

_KEYS = {"x": "x", "y": "y", "f": "value", "distance": "distance", "grad_norm": "grad_norm"}
"""Names in files, and those of the tape."""


def race_table(racer: Racer, past: Past) -> dict[str, Any]:
    """Return each run's path: lists over the steps; with several descents a run, a list of such lists for each.

    A value is null where a run had diverged; so is every distance where the window has no minimum.
    """
    runs: list[dict[str, Any]] = []
    for i, label in enumerate(racer.experiment.labels):
        measured = {key: _listed(past.replicas(i, name)) for key, name in _KEYS.items()}
        measured["evaluations"] = _listed(past.replicas(i, "samples")[:, :1])
        gone = [d for d in racer.diverged if d.run == i]
        runs.append({"label": label, **measured, **({"diverged": {"step": gone[0].step}} if gone else {})})
    return {"kind": "race", "steps": past.steps.tolist(), "runs": runs}


def _listed(values: npt.NDArray[np.float64]) -> list[Any]:
    """Return (n, replicas) as lists by replica; of one replica, its list."""
    columns = [[x if np.isfinite(x) else None for x in column] for column in values.T.tolist()]
    return columns[0] if len(columns) == 1 else columns


def race_rows(racer: Racer, past: Past) -> list[list[Any]]:
    """Return a row for each run, descent and step; empty cells where the JSON file has null."""
    rows: list[list[Any]] = [["run", "replica", "step", "evaluations", *_KEYS]]
    for i, label in enumerate(racer.experiment.labels):
        columns = [past.replicas(i, name) for name in ("samples", *_KEYS.values())]
        for replica in range(racer.experiment.replicas):
            for at, step in enumerate(past.steps):
                cells = [column[at, replica] for column in columns]
                rows.append([label, replica, step, *(x if np.isfinite(x) else "" for x in cells)])
    return rows


def race_arrays(racer: Racer) -> dict[str, Any]:
    """Return all that an independent implementation needs to repeat the race: starts, ends, draws."""
    race = racer.experiment
    first = starts(race.start, race.spread, race.seed, race.replicas)
    arrays: dict[str, Any] = {}
    for i in range(len(race.runs)):
        for replica, (initial, final) in enumerate(zip(first, racer.points(i), strict=True)):
            arrays[f"run{i}/replica{replica}/initial"] = initial
            arrays[f"run{i}/replica{replica}/final"] = final
    if race.noise:
        draws = np.array([noise(race.seed, step, race.replicas) for step in range(racer.step)])
        for replica in range(race.replicas):
            arrays[f"replica{replica}/noise"] = race.noise * draws[:, replica]
    _add_samples(arrays, racer)
    return arrays


def _add_samples(arrays: dict[str, Any], racer: Racer) -> None:
    """Add the samples of a surface that is a mean over samples, and the rows of each run's batches."""
    race = racer.experiment
    if not race.surface.sample_count:
        return
    arrays["train_x"], arrays["train_y"] = race.surface.data
    for i, run in enumerate(race.runs):
        batch = Slopes(race, run, race.replicas).batch
        batches = Batches(race.seed, race.replicas, race.surface.sample_count, batch)
        rows = np.array([batches.at(step) for step in range(racer.step)], np.int32)
        for replica in range(race.replicas):
            arrays[f"run{i}/replica{replica}/batches"] = rows[:, replica]


def draw_bytes(race: Race) -> int:
    """Return how many bytes of draws :func:`race_arrays` holds for a race run to its end."""
    noisy = 16 * race.steps * race.replicas if race.noise else 0
    batches = sum(Slopes(race, run, race.replicas).batch for run in race.runs)
    return noisy + 4 * race.steps * race.replicas * batches

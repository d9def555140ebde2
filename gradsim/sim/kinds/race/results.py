"""Results of a race: the paths as tables, and all that it takes to repeat the race."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import repeat
from typing import Any

import numpy as np
import numpy.typing as npt

from gradsim.sim.kinds.race.legs import batch_of
from gradsim.sim.kinds.race.racer import Racer
from gradsim.sim.kinds.race.spec import Race, RaceRun
from gradsim.sim.run.cells import number_cells, number_lists, text_cell
from gradsim.sim.run.draws import noise, starts
from gradsim.sim.run.replay import Drawn, changes_table
from gradsim.sim.run.tape import Past

_KEYS = {"x": "x", "y": "y", "f": "value", "distance": "distance", "grad_norm": "grad_norm"}
"""Names in files, and those of the tape."""


def race_table(racer: Racer, past: Past) -> dict[str, Any]:
    """Return each run's path: lists over the steps; with several descents a run, a list of such lists for each.

    A value is null where a run had diverged; so is every distance where the window has no minimum.
    """
    runs: list[dict[str, Any]] = []
    for i, run in enumerate(racer.experiment.runs):
        measured = {key: _listed(past.replicas(i, name)) for key, name in _KEYS.items()}
        measured["evaluations"] = _listed(past.replicas(i, "samples")[:, :1])
        gone = [d for d in racer.diverged if d.run == i]
        runs.append(
            {
                "label": racer.experiment.labels[i],
                **changes_table(run),
                **measured,
                **({"diverged": {"step": gone[0].step}} if gone else {}),
            }
        )
    return {"kind": "race", "steps": past.steps.tolist(), "runs": runs}


def _listed(values: npt.NDArray[np.float64]) -> list[Any]:
    """Return (n, replicas) as lists by replica; of one replica, its list."""
    columns = number_lists(values.T)
    return columns[0] if len(columns) == 1 else columns


def race_rows(racer: Racer, past: Past) -> Iterator[Sequence[str]]:
    """Yield a row for each run, descent and step; empty cells where the JSON file has null."""
    yield "run", "replica", "step", "evaluations", *_KEYS
    steps = list(map(str, past.steps.tolist()))
    for i, label in enumerate(racer.experiment.labels):
        columns = [past.replicas(i, name) for name in ("samples", *_KEYS.values())]
        for replica in range(racer.experiment.replicas):
            same = repeat(text_cell(label), len(steps)), repeat(str(replica), len(steps))
            yield from zip(*same, steps, *(number_cells(each[:, replica]) for each in columns), strict=True)


def race_arrays(racer: Racer) -> dict[str, Any]:
    """Return all that an independent implementation needs to repeat the race: starts, ends, draws, changes."""
    race = racer.experiment
    first = starts(race.start, race.spread, race.seed, race.replicas)
    arrays: dict[str, Any] = {}
    for i in range(len(race.runs)):
        for replica, (initial, final) in enumerate(zip(first, racer.points(i), strict=True)):
            arrays[f"run{i}/replica{replica}/initial"] = initial
            arrays[f"run{i}/replica{replica}/final"] = final
    if race.noise:
        draws = np.empty((racer.step, race.replicas, 2))  # none, where the race ended at its start
        for step in range(racer.step):
            draws[step] = noise(race.seed, step, race.replicas)
        for replica in range(race.replicas):
            arrays[f"replica{replica}/noise"] = race.noise * draws[:, replica]
    for i, run in enumerate(race.runs):
        surface, own = race.surfaces[i], "" if race.has_one_surface else f"run{i}/"
        if surface.sample_count:
            arrays[f"{own}train_x"], arrays[f"{own}train_y"] = surface.data
        arrays |= _drawn(race, run).arrays(i, run, racer.step)
    return arrays


def _drawn(race: Race, run: RaceRun) -> Drawn[RaceRun]:
    return Drawn(race.seed, race.replicas, race.surface_of(run).sample_count, partial(batch_of, race=race))


def draw_bytes(race: Race) -> int:
    """Return how many bytes of draws :func:`race_arrays` holds for a race run to its end."""
    noisy = 16 * race.steps * race.replicas if race.noise else 0
    return noisy + sum(_drawn(race, run).bytes_of(run, race.steps) for run in race.runs)

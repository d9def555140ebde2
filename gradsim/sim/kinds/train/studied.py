"""What a lesson may measure that takes a longer computation: a view's, or here and now where nobody waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from gradsim.sim.kinds.kind import Studied
from gradsim.sim.kinds.train.feature_rates import FeatureRates, feature_rates
from gradsim.sim.kinds.train.landscape import TRUE_WITHIN, Landscape, landscape
from gradsim.sim.kinds.train.snapshot import snapshots
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.run.tape import Past

RARE_TO_FREQUENT = "rare_to_frequent"

STUDIED: Mapping[str, Studied] = {
    RARE_TO_FREQUENT: Studied(
        "feature_rates",
        "The effective rate of the rarest quarter of the inputs over that of the most frequent ones.",
        is_share=False,
    ),
    "positions_in_plane": Studied(
        "landscape", "The share of the variance of the path's positions that lies in the plane of the map."
    ),
    "moves_in_plane": Studied(
        "landscape", "The share of the squared length of the moves from one kept state to the next that lies in it."
    ),
    "off_in_plane": Studied(
        "landscape", "The share of the path on which the loss in the plane is off by more than 10 %."
    ),
}


def found_on_plane(found: Landscape) -> dict[str, dict[int, float]]:
    """Return what a landscape tells of the runs whose paths are on it."""
    runs = [track.run for track in found.tracks]
    figures = {
        "positions_in_plane": float(found.shares.sum()),
        "moves_in_plane": found.moves,
        "off_in_plane": float((found.errors > TRUE_WITHIN).mean()),
    }
    return {name: dict.fromkeys(runs, value) for name, value in figures.items()}


def found_of_features(runs: Sequence[FeatureRates | None]) -> dict[str, dict[int, float]]:
    """Return what the rates of features tell of each run that has them."""
    return {RARE_TO_FREQUENT: {i: each.ratio for i, each in enumerate(runs) if each and each.rates is not None}}


def study(experiment: Train, past: Past, name: str) -> dict[int, float]:
    """Compute one of the figures of each run's first replica at the end of a past."""
    computed = _features if name == RARE_TO_FREQUENT else _planes
    return computed(experiment, past).get(name, {})


def _features(experiment: Train, past: Past) -> dict[str, dict[int, float]]:
    data = experiment.data.load()
    for networks in snapshots(experiment, data, past.keyframes.before(past.step), past.step, 0):
        if networks is not None:
            return found_of_features([feature_rates(each, data) if each else None for each in networks])
    return {}


def _planes(experiment: Train, past: Past) -> dict[str, dict[int, float]]:
    found: dict[str, dict[int, float]] = {}
    of_run = partial(landscape, experiment, past.keyframes)
    for run in range(len(experiment.runs)):
        plane = next((each for each in of_run((run,), 0, 1.0) if each is not None), None)
        for name, runs in found_on_plane(plane).items() if isinstance(plane, Landscape) else ():
            found.setdefault(name, {}).update(runs)
    return found

"""One sample as a network takes it: as it is in the data, or with other numbers to see what these would do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from gradsim.engine.data import Samples, Split
from gradsim.engine.types import Array
from gradsim.sim.kinds.train.dimensions import targets
from gradsim.sim.kinds.train.spec import TrainRun


class Altered(NamedTuple):
    """An input x or a target y of a sample, by its place from 0, that has another value than in the data."""

    kind: Literal["x", "y"]
    unit: int
    value: float


def one_sample(run: TrainRun, data: Split, sample: int, altered: Sequence[Altered] = ()) -> Samples:
    """Return a sample (from 0) of the training set as a run's networks take it, with some numbers altered."""
    one = Samples(data.train.x[sample : sample + 1], data.train.y[sample : sample + 1])
    x, y = one.x, targets(run, data, one)
    for each in altered:
        if each.kind == "x" and each.unit < x.shape[1]:
            x = x.copy()
            x[0, each.unit] = each.value
        elif each.kind == "y" and each.unit < y.shape[1]:
            y = with_target(y[0], each.unit, each.value, run.output.key == "softmax")[None, :]
    return Samples(x, y)


def with_target(y: Array, unit: int, value: float, are_shares: bool) -> Array:
    """Return targets (outputs,) one of which has another value; where they are shares, the others share the rest."""
    found = np.array(y, np.float64)
    found[unit] = value
    others = np.arange(len(found)) != unit
    if are_shares and others.any():
        rest = found[others]
        found[others] = (1.0 - value) * (rest / rest.sum() if rest.sum() > 0.0 else 1.0 / len(rest))
    return found + 0.0

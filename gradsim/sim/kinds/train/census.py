"""Which units take part: of each unit, on how much of the training set it passes any gradient on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gradsim.engine.nn.probes import SATURATED_BELOW
from gradsim.engine.types import Array
from gradsim.sim.kinds.train.snapshot import Snapshot, hidden_passes

Shares = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LayerCensus:
    """The units of a hidden layer, (units,) each.

    Attributes
    ----------
    on
        The share of samples on which the unit is on: where f'(z) is not 0.
    flat
        The share of samples on which it is saturated: f'(z) is not 0, but |f'(z)| < 0.05 of its largest value. None
        where f has no flat end, as leaky ReLU.
    """

    on: Shares
    flat: Shares

    @property
    def dead(self) -> npt.NDArray[np.bool_]:
        """Whether each unit is on for no sample: then no gradient reaches its weights."""
        return np.asarray(self.on == 0.0)

    @property
    def taking_part(self) -> Shares:
        """The share of samples on which each unit is on and not saturated."""
        return np.asarray(self.on - self.flat)


def census(network: Snapshot, x: Array) -> tuple[LayerCensus, ...]:
    """Count over the samples `x` (N, features), layer by layer from the first hidden one."""
    activation, found = network.run.activation, []
    for _, slope in hidden_passes(network, x):
        on = slope > 0.0
        flat = on & (slope < SATURATED_BELOW * activation.peak) & activation.saturates
        found.append(LayerCensus(on.mean(axis=0), flat.mean(axis=0)))
    return tuple(found)

"""A network small enough to draw: some of its units, some of their weights, and what was measured of these.

Which ones is drawn by lot, from the sizes of the layers alone: so the same at every step, and for all networks of
one shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from gradsim.engine.nn.dead import dies
from gradsim.engine.types import Array, Indices
from gradsim.sim.kinds.train.census import census
from gradsim.sim.kinds.train.snapshot import Snapshot

MOST_INPUTS, MOST_UNITS = 64, 32
"""Of more inputs, and of more units in a layer, so many are drawn."""

FEW_WEIGHTS, LEAST_A_UNIT, MOST_A_UNIT = 64, 2, 6
"""Between two layers all weights are drawn if they are so few; else about as many, but so many of each unit's."""


@dataclass(frozen=True)
class Gap:
    """The weights that are drawn between two layers.

    Attributes
    ----------
    start, stop : (lines,)
        The units below and above that each of them joins, as places among the units that are drawn.
    each
        How many weights of each unit above are drawn.
    """

    start: Indices
    stop: Indices
    each: int


@dataclass(frozen=True)
class NetworkSample:
    """What is drawn of networks of one shape.

    Attributes
    ----------
    sizes
        Layer sizes from inputs to outputs.
    units
        The units of each layer that are drawn, inputs first, in their order.
    gaps
        The weights between each two layers.
    """

    sizes: tuple[int, ...]
    units: tuple[Indices, ...]
    gaps: tuple[Gap, ...]


@lru_cache(maxsize=64)
def network_sample(sizes: tuple[int, ...]) -> NetworkSample:
    """Return what is drawn of networks with these layer sizes."""
    lot = np.random.Generator(np.random.PCG64(np.random.SeedSequence(sizes)))
    most = (MOST_INPUTS, *(MOST_UNITS for _ in sizes[1:]))
    units = tuple(_some(lot, size, limit) for size, limit in zip(sizes, most, strict=True))
    gaps = tuple(_gap(lot, len(below), len(above)) for below, above in pairwise(units))
    return NetworkSample(sizes, units, gaps)


def _some(lot: np.random.Generator, size: int, most: int) -> Indices:
    return np.arange(size) if size <= most else np.sort(lot.choice(size, most, replace=False))


def _gap(lot: np.random.Generator, below: int, above: int) -> Gap:
    each = below if below * above <= FEW_WEIGHTS else min(below, _each(above))
    start = np.concatenate([np.sort(lot.choice(below, each, replace=False)) for _ in range(above)])
    return Gap(start, np.repeat(np.arange(above), each), each)


def _each(above: int) -> int:
    return int(np.clip(round(FEW_WEIGHTS / above), LEAST_A_UNIT, MOST_A_UNIT))


@dataclass(frozen=True)
class DrawnNetwork:
    """What was measured of the units and weights that are drawn of a network.

    Attributes
    ----------
    sample
        Which ones they are.
    weights : (lines,) for each gap
        |dL/dw| of the weights.
    biases : (units,) for each layer from the first hidden one to the output
        |dL/db| of the units.
    dead : (units,) for each hidden layer
        Whether a unit is on for no training sample, so that no gradient reaches its weights.
    dead_counts
        How many units of each hidden layer are dead, drawn or not.
    x : (features,)
        The first sample of the batch.
    batch
        How many samples the batch has.
    """

    sample: NetworkSample
    weights: tuple[Array, ...]
    biases: tuple[Array, ...]
    dead: tuple[npt.NDArray[np.bool_], ...]
    dead_counts: tuple[int, ...]
    x: Array
    batch: int


def drawn_network(network: Snapshot, x: Array) -> DrawnNetwork:
    """Pick what is drawn of a network; its units are judged by the training samples `x` (N, features)."""
    layers = network.layers
    sample = network_sample((network.x.shape[1], *(len(layer.b) for layer in layers)))
    weights = tuple(
        np.abs(layer.dw[below[gap.start], above[gap.stop]])
        for layer, gap, (below, above) in zip(layers, sample.gaps, pairwise(sample.units), strict=True)
    )
    biases = tuple(np.abs(layer.db[units]) for layer, units in zip(layers, sample.units[1:], strict=True))
    dead = _dead(network, x)
    shown = tuple(each[units] for each, units in zip(dead, sample.units[1:], strict=False))
    counts = tuple(int(each.sum()) for each in dead)
    return DrawnNetwork(sample, weights, biases, shown, counts, network.x[0].copy(), len(network.x))


def _dead(network: Snapshot, x: Array) -> Sequence[npt.NDArray[np.bool_]]:
    if not dies(network.run.activation):
        return [np.zeros(len(layer.b), np.bool_) for layer in network.layers[:-1]]
    return [layer.dead for layer in census(network, x)]

"""What each hidden layer makes of a plane of inputs: its picture in two dimensions, and how separable it has become.

How far the classes can be cut apart is what a linear classifier on the layer's activations gets right, a linear
probe: Alain and Bengio 2016. The picture shows the directions in which it cuts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gradsim.engine.types import Array, Indices
from gradsim.sim.kinds.train.outcomes import activations
from gradsim.sim.kinds.train.predictions import decided
from gradsim.sim.kinds.train.snapshot import Snapshot

Values = npt.NDArray[np.float64]

_FAR = 100.0
"""Half the length of a cut, in units of the samples' spread: farther than any picture reaches."""
_NEGLIGIBLE = 1e-9


@dataclass(frozen=True)
class Probe:
    """The best linear classifier on some values: least squares on one-hot classes.

    Attributes
    ----------
    weights, biases : (units, classes), (classes,)
        The class with the largest `values @ weights + biases` is decided for.
    share
        The share of the samples it was made from that it gets right.
    """

    weights: Values
    biases: Values
    share: float


@dataclass(frozen=True)
class LayerPlane:
    """What a layer makes of a plane.

    Attributes
    ----------
    layer
        Its number from 1; 0 for the plane itself.
    nodes, samples : (n, 2), (N, 2)
        Where the nodes of a grid over the plane and the samples are; of a layer, along each direction the samples'
        standard deviation is 1.
    cut : (2, 2)
        Two far points on the line along which the probe cuts two classes apart; NaN for more classes.
    separable
        The share of the samples that the probe gets right.
    """

    layer: int
    nodes: Values
    samples: Values
    cut: Values
    separable: float


def representation(
    network: Snapshot, nodes: Array, samples: Array, classes: Indices
) -> tuple[tuple[LayerPlane, ...], Indices]:
    """Return the plane and what each hidden layer makes of it, and the classes that the nodes (n, 2) are taken for.

    Parameters
    ----------
    samples, classes : (N, 2), (N,)
        By which the directions are chosen, and what they are of.
    """
    both, count = np.concatenate([nodes, samples]), len(nodes)
    layers = [both, *activations(network, both)]
    planes = [_plane(layer, a[:count], a[count:], samples, classes) for layer, a in enumerate(layers)]
    last = network.layers[-1]
    z = layers[-1][:count] @ last.w + last.b
    predictions = np.empty_like(z)
    network.run.output.value(z, predictions, np.empty_like(z))
    return tuple(planes), decided(predictions)


def linear_probe(values: Array, classes: Indices) -> Probe:
    """Fit the classes (N,) by a linear function of `values` (N, units)."""
    inputs = np.hstack([np.asarray(values, np.float64), np.ones((len(values), 1))])
    targets = np.eye(max(2, int(classes.max()) + 1))[classes]
    found = np.asarray(np.linalg.lstsq(inputs, targets, rcond=None)[0], np.float64)
    return Probe(found[:-1], found[-1], float(((inputs @ found).argmax(axis=1) == classes).mean()))


def _plane(layer: int, nodes: Array, samples: Array, inputs: Array, classes: Indices) -> LayerPlane:
    """Lay a layer's nodes and samples (…, units) flat, turned and mirrored so that they lie as in the plane."""
    probe, centre = linear_probe(samples, classes), samples.mean(axis=0)
    spread = np.asarray(samples - centre, np.float64)
    directions = _directions(probe, spread)
    if layer:
        laid = spread @ directions
        sizes = np.abs(laid).max(initial=0.0) * _in_range(laid).std(axis=0)
        directions = directions / np.where(sizes > 0.0, sizes, 1.0)
    left, _, right = np.linalg.svd(_in_range(spread @ directions).T @ _in_range(inputs - inputs.mean(axis=0)))
    turn = left @ right
    cut = _cut(probe, centre, directions) @ turn
    return LayerPlane(layer, (nodes - centre) @ directions @ turn, spread @ directions @ turn, cut, probe.share)


def _directions(probe: Probe, spread: Values) -> Values:
    """Return two orthogonal directions (units, 2): those the probe looks along, then that of the largest spread."""
    found = np.zeros((len(probe.weights), 2))
    left, sizes, _ = np.linalg.svd(probe.weights - probe.weights.mean(axis=1, keepdims=True), full_matrices=False)
    known = int((sizes[:2] > _NEGLIGIBLE).sum())
    found[:, :known] = left[:, :known]
    for at in range(known, min(2, len(found))):
        rest = _in_range(spread - spread @ found @ found.T)
        found[:, at] = np.linalg.eigh(rest.T @ rest)[1][:, -1]
    return found


def _in_range(values: Values) -> Values:
    """Return values divided by the largest, so that their products stay within what floating point holds."""
    most = np.abs(values).max(initial=0.0)
    return values / most if most > 0.0 else values


def _cut(probe: Probe, centre: Array, directions: Values) -> Values:
    """Return two points on the probe's cut between two classes in these directions, of which the first crosses it."""
    if probe.weights.shape[1] != 2:
        return np.full((2, 2), np.nan)
    across, bias = probe.weights[:, 1] - probe.weights[:, 0], probe.biases[1] - probe.biases[0]
    slope = across @ directions[:, 0] / (directions[:, 0] @ directions[:, 0])
    at = -(centre @ across + bias) / slope if abs(slope) > _NEGLIGIBLE else np.nan
    return np.array([[at, -_FAR], [at, _FAR]])

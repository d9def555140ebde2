"""Predictions of networks for any inputs, from a keyframe on the tape, and the classes they decide for."""

from __future__ import annotations

import numpy as np

from gradsim.engine.data import Split
from gradsim.engine.nn.network import Model, Stack, parameter_count
from gradsim.engine.types import Array, Indices
from gradsim.sim.kinds.train.dimensions import layer_sizes, state_places
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.run.changes import measured_in
from gradsim.sim.run.tape import Keyframe

MAX_SEEDS = 8
"""Predictions are made by this many replicas at most, the first."""
_PIECE = 200


class Predictor:
    """Lets the networks of one run predict the same inputs again and again, in single precision.

    Parameters
    ----------
    x : (N, features)
        The inputs.
    """

    def __init__(self, experiment: Train, data: Split, index: int, x: Array) -> None:
        run = experiment.runs[index]
        sizes = layer_sizes(run, data)
        self._replicas, self._predicting = experiment.replicas, min(experiment.replicas, MAX_SEEDS)
        start = state_places(experiment, data)[index].start
        self._place = slice(start, start + self._replicas * parameter_count(sizes))
        self._run, self._sizes = run, sizes
        self._stack = self._stack_at(0)
        self._count = len(x)
        rows = np.arange(_PIECE * -(-len(x) // _PIECE)) % len(x)
        with np.errstate(over="ignore"):  # what is beyond single precision is infinite there
            self._pieces = x[rows].astype(np.float32).reshape(-1, 1, _PIECE, x.shape[1])

    def _stack_at(self, step: int) -> Stack:
        run = measured_in(self._run, step).run
        model = Model(run.activation, run.output, run.loss)
        return Stack(self._sizes, _PIECE, [model], self._predicting, np.float32)

    def __call__(self, keyframe: Keyframe) -> Array | None:
        """Return the predictions (seeds, N, outputs) of the networks in a state; None unless all are finite.

        The activations are those in force when that step was measured.
        """
        if self._run.changes:
            self._stack = self._stack_at(keyframe.step)
        params = keyframe.state[self._place].reshape(self._replicas, -1)[: self._predicting]
        if np.isnan(params).any():
            return None
        found = []
        with np.errstate(all="ignore"):
            np.copyto(self._stack.params, params, casting="same_kind")
            for piece in self._pieces:
                self._stack.forward(np.broadcast_to(piece, (self._predicting, *piece.shape[1:])))
                found.append(self._stack.predictions.copy())
        predictions = np.concatenate(found, axis=1)[:, : self._count]
        return predictions if np.isfinite(predictions).all() else None


def scores_of(predictions: Array) -> Array:
    """Return a score for each class (…, classes), the highest of which decides, from predictions (…, outputs)."""
    if predictions.shape[-1] > 1:
        return predictions
    return np.concatenate([1.0 - predictions, predictions], axis=-1)


def decided(values: Array) -> Indices:
    """Return the classes (…,) that predictions or targets (…, outputs) decide for.

    A single output decides for class 1 above 0.5, whatever the output: its
    targets are 0 and 1 with tanh and linear too.
    """
    if values.shape[-1] == 1:
        return np.asarray(values[..., 0] > 0.5, np.intp)
    # argmax copies arrays of another memory order: booleans make the smallest copy.
    return np.asarray((values == values.max(axis=-1, keepdims=True)).argmax(axis=-1))

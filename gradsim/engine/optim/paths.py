"""Points that descend together with one optimizer; races, sweeps of learning rates and basin maps use them."""

from __future__ import annotations

from typing import Self

import numpy as np

from gradsim.engine.optim.clipping import Clip, NoClip
from gradsim.engine.optim.rule import Optimizer
from gradsim.engine.types import Array
from gradsim.schema.parameters import encode


class Paths:
    """K points with the state of their optimizer.

    Parameters
    ----------
    optimizer : Optimizer
        The rule and its settings.
    points : (K, 2)
        Initial positions; changed in place.
    rates : (K,), optional
        A learning rate for each point, instead of the optimizer's.
    clip : Clip
        The clipping of the gradients.
    """

    def __init__(
        self, optimizer: Optimizer, points: Array, rates: Array | None = None, clip: Clip | None = None
    ) -> None:
        self.optimizer, self.points, self._clip = optimizer, points, clip or NoClip()
        # Hyper-parameters are (1, 1), not (K, 1): broadcasting one number halves the time of a step.
        self.hyper: dict[str, Array] = {
            name: np.full((1, 1), value, np.float64) for name, value in encode(optimizer).items()
        }
        if rates is not None:
            self.hyper["learning_rate"] = np.array(rates, np.float64).reshape(-1, 1)
        self._rate = self.hyper["learning_rate"].copy()
        self.state: dict[str, Array] = {name: np.zeros_like(points) for name in optimizer.used_state}
        self.clipped = points
        """The clipped gradients (K, 2) of the last step, valid until the next."""
        self._work = [np.empty_like(points) for _ in range(optimizer.scratch + 2)]

    def step(self, gradients: Array, t: int, factor: float = 1.0) -> None:
        """Take step number `t` (from 1) with these gradients (K, 2), the learning rate times `factor`."""
        np.multiply(self._rate, factor, out=self.hyper["learning_rate"])
        self.clipped = self._clip.clipped(gradients, self._work[-1])
        self.optimizer.update(self.points, self.clipped, self.state, self.hyper, t, *self._work[:-1])

    def go_on_from(self, other: Paths) -> None:
        """Take over what paths of the same rule remember; what they did not keep stays at zero."""
        for name in self.state.keys() & other.state.keys():
            np.copyto(self.state[name], other.state[name])

    def arrays(self) -> tuple[Array, ...]:
        """Return all arrays (K, 2) that the next steps depend on, the points first."""
        return (self.points, *self.state.values())

    def copy_from(self, other: Self) -> None:
        """Copy points and state from paths of the same optimizer and number of points."""
        for mine, theirs in zip(self.arrays(), other.arrays(), strict=True):
            np.copyto(mine, theirs)

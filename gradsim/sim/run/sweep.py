"""What a sweep of learning rates has found so far, in races as in training."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gradsim.engine.types import Array
from gradsim.sim.run.tape import Values

MAX_RECORDS = 400
"""The largest number of steps of a sweep whose values are stored."""


@dataclass(frozen=True)
class Sweep:
    """An immutable snapshot of a sweep under way.

    Attributes
    ----------
    rates : (runs, R)
        Learning rates of each run, ascending.
    steps : (n,)
        The steps whose values are stored.
    done
        The share of all there is to compute.
    """

    rates: Array
    steps: npt.NDArray[np.int64]
    _values: Values
    done: float = 1.0

    def values(self, step: int) -> Values:
        """Return the values (runs, R) at the last stored step up to `step`.

        They are inf where a run has diverged, NaN where it has not come to that step yet.
        """
        return np.asarray(self._values[self._row(step)])

    def step(self, step: int) -> int:
        """Return the step that :meth:`values` returns."""
        return int(self.steps[self._row(step)])

    def _row(self, step: int) -> int:
        return max(0, int(np.searchsorted(self.steps, step, side="right")) - 1)

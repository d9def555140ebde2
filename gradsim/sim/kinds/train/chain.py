"""The gradient's way back through a network, taken apart into factors.

One layer back, delta_l = (W_{l+1} delta_{l+1}) * f'(z_l): first the weights
change its norm, then f' does. The norm of any layer is that of the output
times all factors between. Rumelhart, Hinton, Williams 1986; as a product of
factors Hochreiter 1991, Bengio, Simard, Frasconi 1994.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradsim.sim.run.tape import Past, Values


@dataclass(frozen=True)
class Chain:
    """The norms of delta of one network, and what changes them from layer to layer.

    Attributes
    ----------
    norms : (layers,)
        Euclidean norm of delta = dL/dz over the batch's samples and units, from the first hidden layer to the output.
    weights, slopes : (layers - 1,)
        Factors from layer l + 1 to l: ||W delta|| / ||delta||, then ||f'(z) * W delta|| / ||W delta||. NaN where
        there is nothing left to divide by.
    """

    norms: Values
    weights: Values
    slopes: Values

    @property
    def falls(self) -> Values:
        """Each layer's norm over that of the output, as the factors between them multiply to, log10: (layers,)."""
        return _summed(np.log10(self.weights) + np.log10(self.slopes))

    @property
    def falls_by_weights(self) -> Values:
        """The product of the weights' factors from the output down to each layer, log10: (layers,)."""
        return _summed(np.log10(self.weights))

    @property
    def falls_by_slopes(self) -> Values:
        """The product of the factors of f' from the output down to each layer, log10: (layers,)."""
        return _summed(np.log10(self.slopes))


def chain(past: Past, run: int, replica: int) -> Chain:
    """Return the way back of one replica of a run, as it was measured at the end of `past`."""
    norms, weights, slopes = (
        past.values(run, name)[:, replica] for name in ("delta_norm", "weight_factor", "slope_factor")
    )
    return Chain(norms, weights[:-1], slopes[:-1])


def _summed(logs: Values) -> Values:
    """Return the sums of `logs` from each place to the end, and 0 for the end itself."""
    return np.append(np.cumsum(logs[::-1])[::-1], 0.0)

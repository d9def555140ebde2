"""Clipping: gradients that are too large are reduced before the optimizer takes its step.

The gradients that are measured and shown are the unclipped ones. Coupled weight
decay is added after clipping, as in PyTorch when its utilities are called
between the backward pass and the step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from gradsim.engine.norms import row_norms
from gradsim.engine.types import Array
from gradsim.schema.parameters import Number
from gradsim.schema.registry import Entry, Registry

CLIPS: Registry[Clip] = Registry("clipping")


class Clip(Entry):
    """A bound on the gradients that the optimizer uses."""

    bounds: ClassVar[bool] = True
    """Whether there is a bound."""

    def clipped(self, g: Array, out: Array) -> Array:
        """Return the gradients `g` (K, P), clipped row by row, in `out`; `g` itself if there is no bound."""
        raise NotImplementedError


@CLIPS.add
class NoClip(Clip):
    """No bound."""

    key = "none"
    label = "None"
    formula = "g"
    bounds = False

    def clipped(self, g: Array, out: Array) -> Array:
        return g


@CLIPS.add
@dataclass(frozen=True)
class ClipNorm(Clip):
    """g min(1, max_norm / (|g| + 1e-6)), |g| over all parameters of a network: torch.nn.utils.clip_grad_norm_.

    Pascanu, Mikolov and Bengio 2013. The direction stays.
    """

    key = "norm"
    label = "By norm"
    formula = "g · min(1, c / (‖g‖ + 10⁻⁶))"

    max_norm: float = Number(
        "Largest norm",
        help="A longer gradient of all weights and biases of a network is shortened to this; its direction stays. "
        "The gradients shown are the unclipped ones.",
        low=1e-12,
        high=1e12,
        slider=(1e-3, 100),
        log=True,
    ).field(1.0)

    def clipped(self, g: Array, out: Array) -> Array:
        # Norms and factors are float64: those of float32 gradients may overflow or underflow in float32.
        factors = np.minimum(self.max_norm / (row_norms(g) + 1e-6), 1.0)
        return np.multiply(g, factors[:, None], out=out, casting="same_kind")


@CLIPS.add
@dataclass(frozen=True)
class ClipValue(Clip):
    """Each component of g within -clip_value … clip_value: torch.nn.utils.clip_grad_value_. The direction changes."""

    key = "value"
    label = "By value"
    formula = "min(max(g, −c), c)"

    clip_value: float = Number(
        "Largest value",
        help="Each component of the gradient is cut at plus and minus this, by itself, so the direction changes. "
        "The gradients shown are the unclipped ones.",
        low=1e-12,
        high=1e12,
        slider=(1e-4, 10),
        log=True,
    ).field(0.5)

    def clipped(self, g: Array, out: Array) -> Array:
        return np.clip(g, -self.clip_value, self.clip_value, out=out)

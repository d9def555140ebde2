"""Optimizers: pure functions on parameters and gradients of shape (K, P).

Row k is network k (or point k of a race on a surface); hyper-parameters are
(K, 1) columns, so networks with different settings take their step together.
Definitions and defaults are PyTorch's unless a docstring says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from gradsim.engine.parameters import Number
from gradsim.engine.registry import Entry, Registry
from gradsim.engine.types import Array

OPTIMIZERS: Registry[Optimizer] = Registry("optimizer")


class Optimizer(Entry):
    """A rule that turns gradients into steps."""

    state: ClassVar[tuple[str, ...]] = ()
    """Names of the (K, P) arrays it keeps between steps; they start at zero."""

    @staticmethod
    def update(x: Array, g: Array, state: Mapping[str, Array], h: Mapping[str, Array], t: int, work: Array) -> None:
        """Take step number `t` (from 1), in place.

        Parameters
        ----------
        x, g : (K, P)
            Parameters, changed in place, and their gradients, left alone.
        state : mapping of (K, P)
            What :attr:`state` names, changed in place.
        h : mapping of (K, 1)
            Hyper-parameters by field name.
        work : (K, P)
            Scratch space.
        """
        raise NotImplementedError


@OPTIMIZERS.add
@dataclass(frozen=True)
class Sgd(Optimizer):
    """Gradient descent: x -= learning_rate g. Stochastic or not is the batch size's business."""

    key = "sgd"
    label = "SGD"
    formula = "x ← x − η g"

    learning_rate: float = Number(
        "Learning rate",
        help="How far one step goes along the gradient.",
        low=0,
        high=1e6,
        slider=(1e-4, 10),
        log=True,
        basic=True,
    ).field(0.1)

    @staticmethod
    def update(x: Array, g: Array, state: Mapping[str, Array], h: Mapping[str, Array], t: int, work: Array) -> None:
        np.multiply(g, h["learning_rate"], out=work)
        np.subtract(x, work, out=x)

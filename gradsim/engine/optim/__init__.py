"""Optimizers: pure functions on parameters and gradients of shape (K, P).

Row k is network k (or point k of a race on a surface); hyper-parameters are
(K, 1) columns, so networks with different settings take their step together.
Definitions and defaults are PyTorch's unless a docstring says otherwise.

To add an optimizer, write one class in any module of this package.
"""

from gradsim.engine.optim.rule import OPTIMIZERS, Hyper, Optimizer, State
from gradsim.schema.registry import discover

__all__ = ["OPTIMIZERS", "Hyper", "Optimizer", "State"]

discover(__name__)

"""Optimizers: pure functions on parameters and gradients of shape (K, P).

Row k is network k (or point k of a race on a surface); hyper-parameters are
(K, 1) columns, so networks with different settings take their step together.
Definitions and defaults are PyTorch's unless a docstring says otherwise. Menus
show them in the order of the modules, each of which builds on the one before.
"""

from gradsim.engine.optim.adam import Adam, AdaMax, AdamW, AmsGrad, Lion, Nadam
from gradsim.engine.optim.adaptive import Adadelta, Adagrad, RmsProp
from gradsim.engine.optim.descent import Momentum, Nag, Sgd
from gradsim.engine.optim.rule import OPTIMIZERS, Hyper, Optimizer, State

__all__ = [
    "OPTIMIZERS",
    "AdaMax",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "AmsGrad",
    "Hyper",
    "Lion",
    "Momentum",
    "Nadam",
    "Nag",
    "Optimizer",
    "RmsProp",
    "Sgd",
    "State",
]

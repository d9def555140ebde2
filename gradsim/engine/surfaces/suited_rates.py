"""Which learning rate suits an optimizer on a surface: measured, by a race of all rates."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from gradsim.engine.optim import OPTIMIZERS
from gradsim.engine.optim.paths import Paths
from gradsim.engine.surfaces import Surface
from gradsim.engine.surfaces.stationary import stationary_points
from gradsim.engine.types import Array

STEPS = 500
"""How long a race usually is."""

RATES = tuple(float(f"{digit}e{decade}") for decade in range(-6, 2) for digit in (1, 2, 5))
"""Three rates in each of eight decades, so that five are left whatever the surface's slopes."""

_OPTIMIZERS = (
    "sgd",
    "momentum",
    "nag",
    "adagrad",
    "adadelta",
    "rmsprop",
    "adam",
    "adamw",
    "amsgrad",
    "nadam",
    "adamax",
    "lion",
)
_TABLE = {
    "beale": (0.01, 0.002, 0.002, 2, 2, 0.05, 0.5, 0.5, 0.5, 0.2, 2, 0.05),
    "rosenbrock": (0.002, 0.001, 0.001, 0.5, 1, 0.02, 0.2, 0.2, 0.2, 0.05, 0.5, 0.01),
    "himmelblau": (0.01, 0.01, 0.01, 1, 5, 0.1, 1, 1, 1, 0.2, 1, 0.1),
    "booth": (0.02, 0.02, 0.01, 1, 10, 0.1, 0.2, 1, 0.2, 0.5, 0.5, 0.5),
    "matyas": (1, 0.5, 0.5, 2, 10, 0.05, 2, 2, 2, 0.5, 2, 0.5),
    "three_hump_camel": (0.2, 0.05, 0.05, 1, 5, 0.1, 0.5, 0.5, 0.5, 1, 1, 0.05),
    "six_hump_camel": (0.05, 0.01, 0.01, 1, 2, 0.05, 0.5, 0.5, 0.5, 0.5, 0.5, 0.05),
    "rastrigin": (0.005, 0.002, 0.001, 0.5, 0.5, 0.05, 0.5, 1, 0.5, 0.02, 0.5, 0.01),
    "ackley": (0.1, 0.01, 0.02, 1, 0.5, 0.1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.01),
    "styblinski_tang": (0.02, 0.01, 0.005, 1, 20, 0.1, 0.5, 0.5, 0.5, 0.2, 1, 0.1),
    "goldstein_price": (1e-6, 1e-6, 1e-6, 0.2, 10, 0.02, 0.2, 0.2, 0.2, 0.1, 0.2, 0.01),
    "mccormick": (0.1, 0.005, 0.02, 2, 10, 0.1, 0.2, 0.2, 0.2, 0.2, 0.5, 0.005),
    "saddle": (0.005, 0.0005, 0.0005, 0.02, 0.01, 0.001, 0.001, 0.001, 0.001, 0.001, 0.002, 0.002),
    "walled_saddle": (0.5, 0.1, 0.1, 1, 2, 0.05, 1, 1, 1, 0.1, 1, 0.05),
    "monkey_saddle": (0.002, 0.0005, 0.0005, 0.02, 0.02, 0.001, 0.001, 0.001, 0.001, 0.001, 0.002, 0.002),
    "ravine": (0.01, 0.01, 0.005, 1, 5, 0.1, 1, 1, 1, 0.5, 1, 0.1),
    "two_wells": (0.1, 0.02, 0.01, 1, 2, 0.05, 1, 1, 1, 0.2, 1, 0.02),
    "plateau": (2, 1, 1, 1, 2, 0.05, 1, 1, 1, 0.2, 2, 0.1),
    "least_squares": (0.1, 0.1, 0.1, 1, 5, 0.05, 1, 1, 1, 0.2, 1, 0.05),
    "logistic": (10, 0.1, 0.1, 5, 20, 0.5, 0.5, 1, 0.5, 1, 1, 0.01),
    "logistic_squared": (20, 1, 1, 2, 20, 0.2, 0.1, 0.2, 0.1, 0.5, 0.2, 0.01),
}
SUITED: dict[str, dict[str, float]] = {
    surface: dict(zip(_OPTIMIZERS, map(float, rates), strict=True)) for surface, rates in _TABLE.items()
}
"""What :func:`measured_rate` returns for each surface as it is and each optimizer, kept here as it takes a while."""

_AS_LOW = 1e-3  # of the descent: which ends count as equally low


def suited_rate(surface: Surface, optimizer: str) -> float:
    """Return the rate that suits an optimizer: of the table, or measured for a surface with settings of its own."""
    if surface == type(surface)() and optimizer in SUITED.get(surface.key, {}):
        return SUITED[surface.key][optimizer]
    return measured_rate(surface, optimizer)


@lru_cache(maxsize=1024)
def measured_rate(surface: Surface, optimizer: str) -> float:
    """Return the rate of :data:`RATES` that suits an optimizer, its other settings at their defaults.

    It is one whose path from the surface's start stays in the window for all
    :data:`STEPS`. The largest of these is left out, for the next would be too
    much, unless the window has no minimum, so that going on means going
    out. Of the others it is that which ends lowest; of those that end as low but
    for a thousandth of the descent, that which is lowest on average, so that it
    neither dawdles nor overshoots. The smallest, where all of them leave.
    """
    values, inside = _race(surface, optimizer)
    stay = np.flatnonzero(inside)
    if any(point.kind == "minimum" for point in stationary_points(surface)) and len(stay) > 1:
        stay = stay[:-1]
    if not len(stay):
        return RATES[0]
    ends = values[-1, stay]
    as_low = stay[ends <= ends.min() + _AS_LOW * np.maximum(values[0, stay] - ends.min(), 0.0)]
    return RATES[int(as_low[np.argmin(values[:, as_low].mean(axis=0))])]


def _race(surface: Surface, optimizer: str) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Return the values (STEPS + 1, rates) along the paths, and which paths stay in the window and have values."""
    x0, x1, y0, y1 = surface.window
    paths = Paths(OPTIMIZERS[optimizer](), np.tile(surface.start, (len(RATES), 1)), np.array(RATES))
    gradients, path = np.empty_like(paths.points), np.empty((STEPS + 1, *paths.points.shape))
    path[0] = paths.points
    with np.errstate(all="ignore"):
        for t in range(1, STEPS + 1):
            surface.gradient_into(paths.points, gradients)
            paths.step(gradients, t)
            path[t] = paths.points
        inside = np.asarray(((path >= (x0, y0)) & (path <= (x1, y1))).all(axis=(0, 2)))
        values = surface.value(path[..., 0], path[..., 1])
    return values, inside & np.isfinite(values).all(axis=0)

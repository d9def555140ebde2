"""Momentum on a quadratic: its rates and limits as published (reference.json), by the engine's own steps.

Velocity and point go on by one 2x2 matrix in each direction, whatever the step: its eigenvalues say all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from gradsim.engine.optim import OPTIMIZERS
from gradsim.schema.parameters import decode, encode
from tests.reference.test_reference import descend, reproduces


def eigenvalues(key: str, rate: float, curvature: float, momentum: float) -> npt.NDArray[np.complex128]:
    """Return the eigenvalues of the matrix by which a rule takes (velocity, x) further on curvature x² / 2.

    Its columns are what one step of the optimizer makes of (1, 0) and (0, 1).
    """
    rule = decode(OPTIMIZERS[key], {"learning_rate": rate, "momentum": momentum})
    columns = {name: np.full((1, 1), value) for name, value in encode(rule).items()}
    state, x = {"velocity": np.array([[1.0, 0.0]])}, np.array([[0.0, 1.0]])
    rule.update(x, curvature * x, state, columns, 1)
    return np.linalg.eigvals(np.vstack([state["velocity"], x]))


def contraction(key: str, rate: float, curvatures: npt.ArrayLike, momentum: float) -> float:
    """Return by how much a step shrinks, in the long run, the slowest part of the distance to the minimum."""
    return max(float(np.abs(eigenvalues(key, rate, c, momentum)).max()) for c in np.atleast_1d(curvatures))


@reproduces("quadratic_optimal_0.01_1.0", "quadratic_optimal_0.2_4.0")
def test_the_best_rate_and_momentum_on_a_quadratic(entry: Any) -> None:
    lambdas, expected = entry["setup"]["lambdas"], entry["expected"]
    best_rate, best_momentum, best = (expected[key] for key in ("hb_lr_opt", "hb_beta_opt", "hb_rate"))
    for curvature, sign in zip(lambdas, (1.0, -1.0), strict=True):
        # Both eigenvalues are one double value there, which rounding splits by its root; their sum and product stay.
        values = eigenvalues("momentum", best_rate, curvature, best_momentum)
        assert values.sum() == pytest.approx(2.0 * sign * best, rel=entry["tolerance"])
        assert values.prod() == pytest.approx(best**2, rel=entry["tolerance"])
    for rate, momentum in ((0.99, 1.0), (1.01, 1.0), (1.0, 0.99), (1.0, 1.01)):
        assert contraction("momentum", rate * best_rate, lambdas, momentum * best_momentum) > best * (1.0 + 1e-4)
    # Along the path itself the double value shows as k rate^k: what is left of k steps' shrinkage is about k.
    steps = 400
    path = descend(lambda x: x * lambdas, (1.0, 1.0), best_rate, steps, "momentum", momentum=best_momentum)
    left = np.abs(path[-1]) / best**steps
    assert ((left > 0.1 * steps) & (left < 10.0 * steps)).all()


LIMITS: dict[str, tuple[str, Callable[[float], float]]] = {
    "momentum": ("lr*lambda<2+2*beta", lambda beta: 2 + 2 * beta),
    "nag": ("lr*lambda<(2+2*beta)/(1+2*beta)", lambda beta: (2 + 2 * beta) / (1 + 2 * beta)),
}


@reproduces("stability_limits")
@pytest.mark.parametrize("key", LIMITS)
@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9, 0.99])
def test_momentum_is_stable_below_its_limit_alone(entry: Any, key: str, beta: float) -> None:
    published, limit_of = LIMITS[key]
    assert entry["expected"]["heavy_ball" if key == "momentum" else key] == published
    limit = limit_of(beta)
    if (key, beta) == ("nag", 0.9):
        assert limit == pytest.approx(entry["expected"]["nag_edge_beta_0p9"], rel=entry["tolerance"])
    for curvature in (0.01, 1.0, 100.0):
        below, at, above = (
            contraction(key, share * limit / curvature, curvature, beta) for share in (0.99, 1.0, 1.01)
        )
        assert below < 1.0 < above
        assert at == pytest.approx(1.0, rel=entry["tolerance"])


@reproduces("stability_limits")
@pytest.mark.parametrize("beta", [0.25, 0.81, 0.99])
def test_a_heavy_ball_that_swings_fades_by_the_root_of_its_momentum(entry: Any, beta: float) -> None:
    """Complex eigenvalues have the modulus sqrt(beta), not 2 sqrt(beta) as it is printed."""
    for curvature in (0.01, 1.0, 100.0):
        damped, limit = (1.0 - np.sqrt(beta)) ** 2, (1.0 + np.sqrt(beta)) ** 2
        for share in (0.01, 0.5, 0.99):
            values = eigenvalues("momentum", (damped + share * (limit - damped)) / curvature, curvature, beta)
            assert (values.imag != 0.0).all()
            np.testing.assert_allclose(np.abs(values), np.sqrt(beta), rtol=entry["tolerance"])


@reproduces("stability_limits")
@pytest.mark.parametrize("pull", [0.01, 0.25, 0.81])
def test_a_heavy_ball_is_fastest_where_it_just_does_not_swing(entry: Any, pull: float) -> None:
    """`pull` is the learning rate times the curvature."""
    assert entry["expected"]["critical_damping"] == "beta=(1-sqrt(lr*lambda))^2, rate 1-sqrt(lr*lambda)"
    beta, best = (1.0 - np.sqrt(pull)) ** 2, 1.0 - np.sqrt(pull)
    for curvature in (0.01, 1.0, 100.0):
        rate = pull / curvature
        values = eigenvalues("momentum", rate, curvature, beta)
        assert values.sum() == pytest.approx(2.0 * best, rel=entry["tolerance"])
        assert values.prod() == pytest.approx(best**2, rel=entry["tolerance"])
        for share in (0.98, 1.02):
            assert contraction("momentum", rate, curvature, share * beta) > best * (1.0 + 1e-4)

"""Initial weights and biases: what each initializer draws, and what twins share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from gradsim.engine.nn.initializers import INITIALIZERS, GivenValues, Initializer, Normal, Orthogonal, Shape, Uniform
from gradsim.engine.nn.network import layer_views
from gradsim.engine.types import Array
from gradsim.sim.run.draws import initial_parameters
from tests.unit.small import train_from

SIZES = (3, 4, 2)
RANDOM = [entry() for entry in INITIALIZERS.values() if entry.random]


def drawn(init: Initializer, shape: Shape, seed: int = 0) -> Array:
    return init.sample(np.random.default_rng(seed), shape[0], shape[-1], shape, 0)


def start(replicas: int = 2, **settings: Any) -> tuple[list[Array], list[Array]]:
    """Return the weights and biases that a small network starts from."""
    run = train_from({"runs": [{"hidden": [4], **settings}]}).runs[0]
    return layer_views(initial_parameters(run.init, run.bias_init, SIZES, 0, replicas), SIZES)


@pytest.mark.parametrize("init", RANDOM, ids=repr)
def test_a_draw_depends_on_its_generator_alone(init: Initializer) -> None:
    first, again, other = (drawn(init, (5, 3), seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert first.shape == (5, 3)
    assert first.dtype == np.float64
    assert not np.array_equal(first, other)
    first[:] = 0.0
    np.testing.assert_array_equal(drawn(init, (5, 3)), again)


def test_what_does_not_draw_is_known_and_the_same_for_all_replicas() -> None:
    plain: dict[str, dict[str, Any]] = {
        "zeros": {},
        "constant": {"value": 0.3},
        "values": {"layers": [[[1, 2, 3, 4]] * 3, [[5, 6]] * 4]},
    }
    assert {key for key, entry in INITIALIZERS.items() if not entry.random} == set(plain)
    for key, settings in plain.items():
        weights, _ = start(replicas=3, init={"name": key} | settings)
        for w in weights:
            np.testing.assert_array_equal(w, np.broadcast_to(w[:1], w.shape))
    assert weights[0][2].tolist() == [[1, 2, 3, 4]] * 3


def test_twins_share_their_raw_draws() -> None:
    normals, uniforms = (
        [drawn(init, (5, 3)) for init in RANDOM if init.key in ("normal", "uniform") or init.key.endswith(suffix)]
        for suffix in ("_normal", "_uniform")
    )
    for family, reference in ((normals, drawn(Normal(), (5, 3))), (uniforms, drawn(Uniform(), (5, 3)))):
        alike = [w for w in family if np.ptp(w / reference) < 1e-14]
        assert len(alike) == 4  # itself and Xavier, He, LeCun
    q, sample = drawn(Orthogonal(), (5, 3)), drawn(Normal(), (5, 3))
    np.testing.assert_allclose(np.triu(q.T @ sample), q.T @ sample, atol=1e-15)


@pytest.mark.parametrize("shape", [(6, 6), (7, 3), (3, 7), (1, 4), (4, 1)], ids=str)
@pytest.mark.parametrize("gain", [1.0, 1.5])
def test_orthogonal_weights_keep_lengths_up_to_the_gain(shape: tuple[int, int], gain: float) -> None:
    w = drawn(Orthogonal(gain), shape)
    tall = w if shape[0] >= shape[1] else w.T
    np.testing.assert_allclose(tall.T @ tall, gain**2 * np.eye(min(shape)), atol=1e-14)


@pytest.mark.parametrize("shape", [(3, 3), (5, 3), (3, 5)], ids=str)
def test_orthogonal_weights_are_a_rotation_drawn_uniformly(shape: tuple[int, int]) -> None:
    """Each number has mean 0 and variance 1 / n; without the signs of R the diagonal's mean would be far from 0."""
    rng, n, count = np.random.default_rng(2), max(shape), 4000
    w = np.stack([Orthogonal().sample(rng, *shape, shape, 0) for _ in range(count)])
    np.testing.assert_allclose(w.mean(axis=0), 0.0, atol=5.0 / np.sqrt(n * count))
    np.testing.assert_allclose(w.var(axis=0), 1.0 / n, atol=5.0 * np.sqrt(2.0 / count) / n)


def test_given_values_are_those_of_every_replica() -> None:
    weights = [[[1, 2, 3, 4], [5, 6, 7, 8], [-9, 0, 0.5, 1]], [[1, 2], [3, 4], [5, 6], [7, 8]]]
    biases = [[1, 2, 3, 4], [0.25, -1]]
    w, b = start(
        replicas=3,
        init={"name": "values", "layers": weights},
        bias_init={"name": "values", "layers": biases},
    )
    for found, given in ((w, weights), (b, biases)):
        for layer in (0, 1):
            assert len(found[layer]) == 3
            for replica in found[layer]:
                np.testing.assert_array_equal(replica, given[layer])


@pytest.mark.parametrize(
    ("layers", "shapes"),
    [(((0.6,),), [(1,)]), ((((1.0, 2.0),), ((3.0,), (4.0,))), [(1, 2), (2, 1)])],
)
def test_given_values_of_the_networks_shape_are_accepted(layers: tuple[Any, ...], shapes: Sequence[Shape]) -> None:
    GivenValues(layers).check(shapes)

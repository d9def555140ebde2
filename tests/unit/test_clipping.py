"""Gradient clipping: what bounds a step, and that what is measured stays as it is."""

from __future__ import annotations

import dataclasses
import tracemalloc
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from gradsim.engine.optim import Optimizer
from gradsim.engine.optim.adam import AdamW
from gradsim.engine.optim.clipping import CLIPS, ClipNorm, ClipValue
from gradsim.engine.optim.descent import Momentum, Sgd
from gradsim.sim.kinds.train.dimensions import scratch_arrays
from gradsim.sim.kinds.train.memory import bytes_needed
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.kinds.train.trainer import Trainer
from gradsim.sim.run.settings import alters_gradients
from tests.unit.small import RELU, SIGMOID, assert_same, experiment, measured, trained

DTYPES = (np.float32, np.float64)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("key", CLIPS)
def test_gradients_are_left_alone_and_each_network_is_clipped_by_itself(key: str, dtype: npt.DTypeLike) -> None:
    g = (np.random.default_rng(0).standard_normal((5, 9)) * [[1e-3], [0.1], [1.0], [10.0], [1e3]]).astype(dtype)
    before, clip = g.copy(), CLIPS[key]()
    clipped = clip.clipped(g, np.empty_like(g))
    np.testing.assert_array_equal(g, before)
    assert clipped.dtype == dtype
    assert (clipped is g) == (not clip.bounds)
    for row in range(5):
        np.testing.assert_array_equal(clipped[row], clip.clipped(g[row : row + 1], np.empty_like(g[:1]))[0])


@pytest.mark.parametrize(("dtype", "size"), [(np.float32, 1e38), (np.float32, 1e-38), (np.float64, 1e300)])
def test_a_norm_of_any_size_is_clipped(dtype: npt.DTypeLike, size: float) -> None:
    g = np.full((2, 900), size, dtype)
    with np.errstate(over="ignore"):
        clipped = ClipNorm(max_norm=3.0).clipped(g, np.empty_like(g))
    np.testing.assert_allclose(clipped, np.full_like(g, min(size, 3.0 / 30.0)), rtol=1e-6)


def test_what_is_within_the_bound_stays_bit_for_bit() -> None:
    g = np.random.default_rng(1).standard_normal((3, 7))
    for clip in (ClipNorm(max_norm=100.0), ClipValue(clip_value=100.0)):
        np.testing.assert_array_equal(clip.clipped(g, np.empty_like(g)), g)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("key", CLIPS)
def test_nothing_as_large_as_the_network_is_allocated(key: str, dtype: npt.DTypeLike) -> None:
    g = np.random.default_rng(0).standard_normal((4, 100_000)).astype(dtype)
    out = np.empty_like(g)
    tracemalloc.start()
    try:
        CLIPS[key]().clipped(g, out)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < g[0].nbytes


def first_steps(**settings: Any) -> tuple[Train, npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
    """Return an experiment of one run, its parameters at first, the gradient, and the parameters after one update."""
    spec = experiment(RELU | settings, steps=1)
    trainer = Trainer(spec)
    trainer.measure()
    before, g = trainer.parameters(0), trainer._groups[0].stack.grads.copy()
    trainer.advance()
    np.testing.assert_array_equal(trainer._groups[0].stack.grads, g)
    return spec, before, g, trainer.parameters(0)


def test_weight_decay_is_added_to_the_clipped_gradient() -> None:
    optimizer = {"name": "sgd", "learning_rate": 0.1, "weight_decay": 2.0}
    _, x, g, moved = first_steps(optimizer=optimizer, clip={"name": "norm", "max_norm": 0.01})
    norms = np.linalg.norm(g, axis=1, keepdims=True)
    assert (norms > 0.01).all()
    np.testing.assert_allclose(moved, x - 0.1 * (g * 0.01 / (norms + 1e-6) + 2.0 * x), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("clip", [{"name": "norm", "max_norm": 0.01}, {"name": "value", "clip_value": 1e-3}])
def test_what_is_measured_is_not_clipped(clip: dict[str, Any]) -> None:
    free, bound = (measured(trained(experiment(RELU | more, steps=1))[1], 0) for more in ({}, {"clip": clip}))
    assert_same({name: values[:1] for name, values in free.items()}, {name: bound[name][:1] for name in bound})
    assert (free["loss"][1] != bound["loss"][1]).all()


@pytest.mark.parametrize(
    ("optimizer", "clip", "alters", "proportional"),
    [
        (Sgd(), "none", False, True),
        (Sgd(weight_decay=0.1), "none", True, False),
        (Sgd(), "norm", True, False),
        (Momentum(), "none", False, False),
        (AdamW(), "none", False, False),
        (AdamW(), "value", True, False),
    ],
)
def test_only_plain_descent_along_what_is_measured_is_in_proportion(
    optimizer: Optimizer, clip: str, alters: bool, proportional: bool
) -> None:
    run = dataclasses.replace(experiment().runs[0], optimizer=optimizer, clip=CLIPS[clip]())
    assert (alters_gradients(run), run.proportional) == (alters, proportional)
    assert scratch_arrays(run) == optimizer.scratch + alters


def test_what_is_off_takes_no_room() -> None:
    plain, clipped = experiment(SIGMOID), experiment(SIGMOID | {"clip": "norm"})
    parameters = Trainer(plain)._groups[0].stack.params
    more = bytes_needed(clipped, clipped.data.load()) - bytes_needed(plain, plain.data.load())
    assert more == 2 * parameters.nbytes  # the run's trainer, and the one that goes back

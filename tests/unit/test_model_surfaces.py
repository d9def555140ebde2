"""Surfaces that are losses of real models: exact derivatives, batches that add up, convex or not."""

from __future__ import annotations

import numpy as np
import pytest

from gradsim.engine.stationary import stationary_points
from gradsim.engine.surfaces import SURFACES, Surface
from gradsim.engine.surfaces.models import LeastSquares, Logistic, LogisticSquared, ModelSurface

MODELS = [entry() for entry in SURFACES.values() if issubclass(entry, ModelSurface)]
each_model = pytest.mark.parametrize("model", MODELS, ids=[model.key for model in MODELS])


def places(surface: Surface, count: int = 40) -> np.ndarray:
    x0, x1, y0, y1 = surface.window
    return np.random.default_rng(3).uniform((x0, y0), (x1, y1), (count, 2))


def mean_loss(model: ModelSurface, x: float, y: float) -> float:
    """The loss sample by sample, in plain Python."""
    total = 0.0
    for u, v in zip(*model.data, strict=True):
        z = x * u + y
        p = 1.0 / (1.0 + np.exp(-z))
        total += {
            "least_squares": 0.5 * (z - v) ** 2,
            "logistic": -np.log(p if v else 1.0 - p),
            "logistic_squared": 0.5 * (p - v) ** 2,
        }[model.key]
    return float(total / model.samples_of)


@each_model
def test_the_value_is_the_mean_over_real_samples(model: ModelSurface) -> None:
    assert model.samples_of == 200
    for x, y in places(model, 5):
        assert float(model.value(x, y)) == pytest.approx(mean_loss(model, x, y), rel=1e-9)


@each_model
def test_derivatives_are_exact(model: ModelSurface) -> None:
    h = 1e-5
    for x, y in places(model):
        slopes = np.array(
            [(model.value(x + h, y) - model.value(x - h, y)), (model.value(x, y + h) - model.value(x, y - h))]
        ) / (2 * h)
        np.testing.assert_allclose(model.gradient(x, y), slopes, rtol=1e-6, atol=1e-9)
        xx, xy, yy = model.hessian(x, y)
        bends = (model.gradient(x + h, y) - model.gradient(x - h, y)) / (2 * h)
        np.testing.assert_allclose([xx, xy], bends, rtol=1e-6, atol=1e-9)
        bends = (model.gradient(x, y + h) - model.gradient(x, y - h)) / (2 * h)
        np.testing.assert_allclose([xy, yy], bends, rtol=1e-6, atol=1e-9)


@each_model
def test_shapes_are_kept_and_blocks_agree(model: ModelSurface, monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = (grid.reshape(4, 5, 2) for grid in places(model).T)
    values, derivatives = model.value(x, y), model.derivatives(x, y)
    assert (values.shape, derivatives.shape) == ((4, 5, 2), (5, 4, 5, 2))
    assert model.value(1.0, 2.0).shape == ()
    monkeypatch.setattr("gradsim.engine.surfaces.models.BLOCK", 600)
    np.testing.assert_allclose(model.value(x, y), values, rtol=1e-14)
    np.testing.assert_allclose(model.derivatives(x, y), derivatives, rtol=1e-13, atol=1e-15)


@each_model
def test_gradients_of_batches_make_up_the_gradient(model: ModelSurface) -> None:
    points = places(model, 6)
    whole, out = np.empty_like(points), np.empty_like(points)
    model.gradient_into(points, whole)
    model.gradient_on(points, np.arange(model.samples_of)[None], out)
    np.testing.assert_allclose(out, whole, rtol=1e-12, atol=1e-15)
    single = np.empty((model.samples_of, 2))
    for i, point in enumerate(points):
        model.gradient_on(np.tile(point, (model.samples_of, 1)), np.arange(model.samples_of)[:, None], single)
        np.testing.assert_allclose(single.mean(axis=0), whole[i], rtol=1e-12, atol=1e-15)


def test_least_squares_has_its_minimum_where_linear_algebra_has_it() -> None:
    model = LeastSquares()
    u, v = model.data
    solution, *_ = np.linalg.lstsq(np.stack([u, np.ones_like(u)], axis=1), v, rcond=None)
    [point] = stationary_points(model)
    np.testing.assert_allclose((point.x, point.y), solution, rtol=1e-12)
    assert point.kind == "minimum"


def test_the_offset_makes_the_valley_narrow() -> None:
    def condition(model: LeastSquares) -> float:
        xx, xy, yy = model.hessian(0.0, 0.0)
        return float(np.linalg.cond([[xx, xy], [xy, yy]]))

    assert condition(LeastSquares(offset=0.0)) == pytest.approx(1.0)
    assert condition(LeastSquares()) == pytest.approx(17 + 12 * 2**0.5)  # of [[5, 2], [2, 1]]


def eigenvalues(model: ModelSurface) -> np.ndarray:
    x0, x1, y0, y1 = model.window
    xx, xy, yy = model.hessian(*np.meshgrid(np.linspace(x0, x1, 30), np.linspace(y0, y1, 30)))
    return np.linalg.eigvalsh(np.moveaxis(np.array([[xx, xy], [xy, yy]]), (0, 1), (-2, -1)))


def test_cross_entropy_is_convex_and_squared_error_is_not() -> None:
    assert eigenvalues(Logistic()).min() > 0.0
    assert eigenvalues(LogisticSquared()).min() < -1e-3


def test_both_logistic_losses_have_the_same_samples_and_one_minimum() -> None:
    for mine, other in zip(Logistic().data, LogisticSquared().data, strict=True):
        np.testing.assert_array_equal(mine, other)
    for model in (Logistic(), LogisticSquared()):
        assert [point.kind for point in stationary_points(model)] == ["minimum"]


def test_at_the_start_cross_entropy_is_steep_and_squared_error_level() -> None:
    steep, level = (np.hypot(*model.gradient(*model.start)) for model in (Logistic(), LogisticSquared()))
    assert steep > 50 * level


@each_model
def test_far_out_nothing_overflows(model: ModelSurface) -> None:
    x, y = np.array([1e3, -1e3, 1e6]), np.array([-1e3, 1e3, 1e6])
    assert np.isfinite(model.value(x, y)).all()
    assert np.isfinite(model.derivatives(x, y)).all()

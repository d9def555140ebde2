"""The losses of models as surfaces: they are those of the samples, exactly, whichever of them are taken."""

from __future__ import annotations

import itertools
import tracemalloc
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad, hessian

from gradsim.engine.data.images import Digits
from gradsim.engine.surfaces import SURFACES, Surface
from gradsim.engine.surfaces.stationary import stationary_points
from gradsim.engine.types import Array
from gradsim.schema.parameters import ParameterError, decode

KEYS = ("least_squares", "logistic", "logistic_squared")
NEURONS = KEYS[1:]
TABLES: list[tuple[str, dict[str, float]]] = [
    (key, {"samples": samples}) for key in KEYS for samples in (10, 200, 351)
]
TABLES += [("least_squares", {"samples": 1797, "offset": offset}) for offset in (0.0, 4.0)]
EACH = [pytest.param(decode(SURFACES[key], table), id=f"{key}-{table}") for key, table in TABLES]
USUAL = [pytest.param(SURFACES[key](), id=key) for key in KEYS]


def loss(key: str, theta: Array, u: Array, v: Array) -> Any:
    """The mean loss, written for autograd."""
    z = theta[0] * u + theta[1]
    if key == "least_squares":
        return anp.mean((z - v) ** 2) / 2
    if key == "logistic":
        return anp.mean(anp.logaddexp(0.0, z) - v * z)
    return anp.mean((1 / (1 + anp.exp(-z)) - v) ** 2) / 2


def some_points(surface: Surface, count: int) -> Array:
    x0, x1, y0, y1 = surface.window
    return np.random.default_rng(1).uniform((x0, y0), (x1, y1), (count, 2))


def minimum(surface: Surface) -> Array:
    found = stationary_points(surface)
    assert [point.kind for point in found] == ["minimum"]
    return np.array([found[0].x, found[0].y])


@pytest.mark.parametrize("surface", EACH)
def test_values_and_derivatives_are_those_of_autograd(surface: Surface) -> None:
    u, v = surface.data
    points = some_points(surface, 20)
    gradients, hessians = surface.gradient(*points.T), surface.hessian(*points.T)
    for i, point in enumerate(points):

        def f(theta: Array) -> Any:
            return loss(surface.key, theta, u, v)

        (xx, xy), (_, yy) = hessian(f)(point)
        np.testing.assert_allclose(surface.value(*point), f(point), rtol=1e-12)
        np.testing.assert_allclose(gradients[:, i], grad(f)(point), rtol=1e-10, atol=1e-13)
        np.testing.assert_allclose(hessians[:, i], [xx, xy, yy], rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("surface", EACH)
def test_all_samples_make_the_gradient_and_so_do_single_ones_on_average(surface: Surface) -> None:
    points, every = some_points(surface, 7), np.arange(surface.sample_count)
    out, expected = np.empty_like(points), surface.gradient(*points.T).T
    surface.minibatch_gradient(points, every[None], out)
    np.testing.assert_allclose(out, expected, rtol=1e-11, atol=1e-13)
    surface.minibatch_gradient(points, np.stack([np.roll(every, i) for i in range(7)]), out)
    np.testing.assert_allclose(out, expected, rtol=1e-11, atol=1e-13)
    for point, mean in zip(points, expected, strict=True):
        singles = np.empty((surface.sample_count, 2))
        surface.minibatch_gradient(np.tile(point, (surface.sample_count, 1)), every[:, None], singles)
        np.testing.assert_allclose(singles.mean(axis=0), mean, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("surface", USUAL)
def test_each_point_has_the_batch_of_its_row(surface: Surface) -> None:
    """More points than go through at once, with samples that occur twice."""
    points = some_points(surface, 3000)
    rows = np.random.default_rng(2).integers(0, surface.sample_count, (3000, 16))
    out = np.empty_like(points)
    surface.minibatch_gradient(points, rows, out)
    u, v = surface.data
    for i in (0, 1, 2047, 2048, 2999):
        expected = grad(lambda theta, of: loss(surface.key, theta, u[of], v[of]))(points[i], rows[i])
        np.testing.assert_allclose(out[i], expected, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("surface", USUAL)
def test_a_point_alone_has_the_bits_that_it_has_among_others(surface: Surface) -> None:
    points = some_points(surface, 600)
    values, gradients = surface.value(*points.T), surface.gradient(*points.T)
    for i in (0, 1, 399, 599):
        assert surface.value(*points[i]) == values[i]
        np.testing.assert_array_equal(surface.gradient(*points[i]), gradients[:, i])


@pytest.mark.parametrize("surface", USUAL)
def test_single_precision_is_kept(surface: Surface) -> None:
    points = some_points(surface, 300)
    rows = np.arange(surface.sample_count)[None]
    single, out = points.astype(np.float32), np.empty((300, 2), np.float32)
    expected = surface.gradient(*points.T).T
    surface.gradient_into(single, out, surface.workspace(300, np.float32))
    np.testing.assert_allclose(out, expected, rtol=1e-4, atol=1e-4)
    surface.minibatch_gradient(single, rows, out)
    np.testing.assert_allclose(out, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("surface", USUAL)
def test_a_fine_map_takes_no_more_memory_than_its_points(surface: Surface) -> None:
    x, y = np.meshgrid(np.linspace(*surface.window[:2], 400), np.linspace(*surface.window[2:], 400))
    surface.value(0.0, 0.0)
    tracemalloc.start()
    try:
        surface.value(x, y)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 6 * x.nbytes


@pytest.mark.parametrize("surface", USUAL)
def test_what_diverges_is_infinite_or_no_number_and_warns_of_nothing(surface: Surface) -> None:
    points = np.array([(1e300, 1e300), (np.nan, 0.0), (np.inf, 1.0), (-1e200, 3.0)])
    out = np.empty_like(points)
    surface.gradient_into(points, out)
    surface.minibatch_gradient(points, np.array([[0, 1]]), out)
    surface.hessian(*points.T)
    assert np.isnan(surface.value(*points.T)[1])


def test_the_samples_are_the_first_of_the_file_and_as_many_as_there_are() -> None:
    split = Digits(test_fraction=0.0).load().train
    images, digits = split.x.reshape(-1, 8, 8), split.y.argmax(axis=1)
    two_or_eight = np.isin(digits, (2, 8))
    for key, there in (("least_squares", len(images)), *((key, int(two_or_eight.sum())) for key in NEURONS)):
        assert decode(SURFACES[key], {"samples": there}).sample_count == there
        for refused in (9, there + 1):
            with pytest.raises(
                ParameterError, match=rf"^samples: {refused} is not a whole number from 10 to {there:,}$"
            ):
                decode(SURFACES[key], {"samples": refused})
    left, right = SURFACES["least_squares"]().data
    assert np.corrcoef(left, images[:200, :, :4].sum(axis=(1, 2)))[0, 1] == pytest.approx(1.0)
    assert np.corrcoef(right, images[:200, :, 4:].sum(axis=(1, 2)))[0, 1] == pytest.approx(1.0)
    assert (left.mean(), left.std()) == pytest.approx((2.0, 1.0))
    for key in NEURONS:
        u, v = SURFACES[key]().data
        assert v.tolist() == (digits[two_or_eight][:200] == 8).tolist()
        assert np.corrcoef(u, images[two_or_eight][:200, 3:5].sum(axis=(1, 2)))[0, 1] == pytest.approx(1.0)
        assert (u.mean(), u.std()) == pytest.approx((0.0, 1.0))
    with pytest.raises(ValueError, match="read-only"):
        left += 1.0


def test_formulas_have_no_samples_and_models_have() -> None:
    assert {key for key, surface in SURFACES.items() if surface.sample_count} == set(KEYS)
    assert {key for key, surface in SURFACES.items() if surface().sample_count} == set(KEYS)


@pytest.mark.parametrize("offset", [0.0, 2.0, 4.0])
def test_the_least_squares_minimum_is_that_of_numpy_and_its_valley_as_long_as_said(offset: float) -> None:
    surface = decode(SURFACES["least_squares"], {"offset": offset})
    u, v = surface.data
    expected = np.linalg.lstsq(np.stack([u, np.ones_like(u)], axis=1), v)[0]
    np.testing.assert_allclose(minimum(surface), expected, rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(surface.hessian(1.0, 2.0), [1.0 + offset**2, offset, 1.0], rtol=1e-12, atol=1e-12)


def test_descent_on_least_squares_zigzags_where_it_is_fast() -> None:
    """At a rate of 0.3, of at most 2 / 5.83, each step crosses the valley."""
    surface = SURFACES["least_squares"]()
    valley, across = minimum(surface), np.array(stationary_points(surface)[0].eigenvectors[1])
    point, sides = np.array([surface.start]), []
    for _ in range(10):
        sides.append(float((point[0] - valley) @ across))
        point = point - 0.3 * surface.gradient(*point.T).T
    assert all(before * after < 0.0 for before, after in itertools.pairwise(sides))
    assert abs(sides[2]) > 0.5


@pytest.mark.parametrize(
    ("key", "samples"),
    [*(("logistic", n) for n in (10, 11, 20, 50)), *((key, n) for key in NEURONS for n in (100, 200, 351))],
)
def test_a_neurons_only_stationary_point_is_a_minimum_well_within_the_window(key: str, samples: int) -> None:
    surface = decode(SURFACES[key], {"samples": samples})
    assert np.abs(minimum(surface)).max() < 0.75 * surface.window[1]


def test_cross_entropys_minimum_is_neither_round_nor_a_ravine() -> None:
    low, high = stationary_points(SURFACES["logistic"]())[0].eigenvalues
    assert 2.0 < high / low < 10.0


def test_cross_entropy_is_convex_and_the_squared_error_is_not() -> None:
    cross_entropy, squared = (SURFACES[key]() for key in NEURONS)
    x0, x1, y0, y1 = cross_entropy.window
    grid = np.meshgrid(np.linspace(x0, x1, 101), np.linspace(y0, y1, 101))
    (xx, xy, yy), (sxx, sxy, syy) = cross_entropy.hessian(*grid), squared.hessian(*grid)
    assert (xx > 0.0).all()
    assert (xx * yy > xy**2).all()
    assert (sxx * syy < sxy**2).mean() > 0.2


def test_where_the_neuron_is_most_wrong_the_squared_error_learns_least() -> None:
    """The two have the same window, start and samples; nearly all answers at the start are wrong, and surely so."""
    cross_entropy, squared = (SURFACES[key]() for key in NEURONS)
    assert (cross_entropy.window, cross_entropy.start) == (squared.window, squared.start)
    u, v = cross_entropy.data
    np.testing.assert_array_equal(squared.data, (u, v))
    w, b = cross_entropy.start
    wrong = np.abs(1.0 / (1.0 + np.exp(-(w * u + b))) - v)
    assert np.median(wrong) > 0.99
    slopes = [float(np.hypot(*surface.gradient(w, b))) for surface in (cross_entropy, squared)]
    assert slopes[0] > 0.5
    assert slopes[1] < 0.02
    points = np.array([(w, b), (w, b)])
    for _ in range(50):
        for i, surface in enumerate((cross_entropy, squared)):
            points[i] -= surface.gradient(*points[i])
    values = [float(squared.value(*point)) for point in points]
    assert values[0] < 0.03
    assert values[1] > 0.25


@pytest.mark.parametrize("key", NEURONS)
def test_slopes_far_out_on_the_plateau_are_exact(key: str) -> None:
    """Where all margins are large: minus exp(-|m|) or its square, to the last digits, and no zero."""
    surface = SURFACES[key]()
    u, v = surface.data
    b = 60.0
    out = np.empty((1, 2))
    for row in (int(np.argmax(v)), int(np.argmin(v))):
        surface.minibatch_gradient(np.array([(0.0, b)]), np.array([[row]]), out)
        q, r = np.exp(-b), 1.0
        if not v[row]:
            q, r = r, q
        slope = q if key == "logistic" else q * q * r
        np.testing.assert_allclose(out[0], [slope * u[row] * (1 - 2 * v[row]), slope * (1 - 2 * v[row])], rtol=1e-13)
    assert np.isfinite(surface.value(0.0, 1e4))

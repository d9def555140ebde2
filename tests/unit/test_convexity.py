"""Where surfaces curve down, what chords say of it, and which descents arrive: against independent computations."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest

from gradsim.engine.surfaces import SURFACES, Surface
from gradsim.engine.surfaces.ink import middles
from gradsim.engine.surfaces.models import LeastSquares, Logistic, LogisticSquared
from gradsim.engine.surfaces.simple import Ravine
from gradsim.engine.surfaces.user_formula import Formula
from gradsim.sim.kinds.race.convexity import (
    SIDE,
    STARTS,
    Convexity,
    alike,
    chord,
    convexity,
    convexity_sentence,
    curvature,
    first_chord,
    places,
)
from gradsim.sim.kinds.race.racer import lowest_value
from gradsim.words.sentences import Wording, plain_text
from tests.unit.races import SGD, path, race, raced

Values = npt.NDArray[np.float64]
CLEAR = 1e-3
"""Curvatures nearer to 0 than this share are left out where differences of values are the judge."""

SMOOTH = ["logistic", "logistic_squared", "least_squares", "beale", "himmelblau", "three_hump_camel", "rosenbrock"]


def grid(surface: Surface, count: int) -> tuple[Values, Values]:
    x, y = np.meshgrid(*places(surface, count, in_cells=True))
    return np.asarray(x.ravel()), np.asarray(y.ravel())


def by_differences(surface: Surface, x: Values, y: Values) -> Values:
    """Return the Hessians (n, 2, 2) from values alone."""
    h = 1e-3
    f = surface.value
    xx = f(x + h, y) - 2.0 * f(x, y) + f(x - h, y)
    yy = f(x, y + h) - 2.0 * f(x, y) + f(x, y - h)
    xy = (f(x + h, y + h) - f(x + h, y - h) - f(x - h, y + h) + f(x - h, y - h)) / 4.0
    return np.moveaxis(np.array([[xx, xy], [xy, yy]]), 2, 0) / h**2


def clear(surface: Surface, count: int) -> tuple[Values, Values, Values]:
    """Return places of a grid whose curvature is told from 0 by differences too, and the curvature there."""
    x, y = grid(surface, count)
    hessians = np.abs(by_differences(surface, x, y)).sum(axis=(1, 2))
    found = curvature(surface, x, y)
    # Differences of values cannot tell what is below their rounding.
    seen = (np.abs(found) > CLEAR) & (hessians * CLEAR > 1e-8 * (1.0 + np.abs(surface.value(x, y))))
    return x[seen], y[seen], found[seen]


@pytest.mark.parametrize("key", SMOOTH)
def test_signs_of_curvature_are_those_of_finite_differences(key: str) -> None:
    surface = SURFACES[key]()
    x, y, found = clear(surface, 31)
    smallest = np.linalg.eigvalsh(by_differences(surface, x, y))[:, 0]
    assert len(x) > 100
    np.testing.assert_array_equal(found < 0.0, smallest < 0.0)


@pytest.mark.parametrize("key", SMOOTH)
def test_short_chords_say_what_the_curvature_says(key: str) -> None:
    surface = SURFACES[key]()
    half = 1e-3 * (surface.window[1] - surface.window[0])
    for x, y, found in zip(*clear(surface, 13), strict=True):
        xx, xy, yy = surface.hessian(x, y)
        _, vectors = np.linalg.eigh(np.array([[xx, xy], [xy, yy]]))
        rises = [
            chord(surface, (x - half * u, y - half * v), (x + half * u, y + half * v), 5).rise
            for u, v in (*vectors.T.tolist(), (1.0, 0.0), (0.0, 1.0))
        ]
        assert (max(rises) > 0.0) == (found < 0.0), (x, y, found, rises)


def test_cross_entropy_is_below_every_chord_and_squared_error_is_not() -> None:
    draws = np.random.default_rng(3).uniform(-12.0, 12.0, (200, 2, 2))
    above = {
        surface: sum(chord(surface, tuple(start), tuple(end)).rise > 0.0 for start, end in draws)
        for surface in (Logistic(), LogisticSquared())
    }
    assert above[Logistic()] == 0
    assert above[LogisticSquared()] > 100


def test_a_chord_is_measured() -> None:
    parabola = Formula(expression="-(x**2)", window=(-2.0, 2.0, -1.0, 1.0))
    found = chord(parabola, (-1.0, 0.0), (1.0, 0.5))
    assert found.rise == 1.0
    assert found.at == 0.5
    np.testing.assert_array_equal(found.heights, -1.0)
    np.testing.assert_allclose(found.values, -((2.0 * found.shares - 1.0) ** 2), atol=1e-15)
    flat = chord(Formula(expression="3*x + y", window=(-2.0, 2.0, -1.0, 1.0)), (-1.9, 0.1), (1.7, 0.9))
    assert flat.rise == 0.0


def results(spec_surface: str | dict[str, object], as_suits: bool = False, **run: object) -> tuple[Convexity, ...]:
    spec = race(SGD | run, surface=spec_surface, steps=60)
    *_, found = convexity(alike(spec, 0, as_suits), 0, as_suits)
    return found


@pytest.mark.parametrize("samples", [20, 50, 200])
def test_the_share_is_that_of_plain_numpy(samples: int) -> None:
    u, v = middles(samples)
    x, y = np.meshgrid(np.linspace(-12, 12, SIDE), np.linspace(-12, 12, SIDE))
    p = 1.0 / (1.0 + np.exp(-(x[..., None] * u + y[..., None])))
    twice = {
        "cross-entropy": p * (1.0 - p),
        "squared error": p * (1.0 - p) * (p * (1.0 - p) + (p - v) * (1.0 - 2.0 * p)),
    }
    for each in results({"name": "logistic", "samples": samples}):
        h = [[(twice[each.name] * one * other).mean(axis=2) for one in (u, u**0)] for other in (u, u**0)]
        smallest = np.linalg.eigvalsh(np.moveaxis(np.array(h), (0, 1), (2, 3)))[..., 0]
        size = np.abs(np.array(h)).sum(axis=(0, 1))
        assert each.share == float((smallest < -1e-12 * size).mean())
        assert (each.share == 0.0) == (each.name == "cross-entropy")


def test_shares_are_those_published_in_the_course() -> None:
    cross_entropy, squared = results("logistic_squared")
    assert cross_entropy.share == 0.0
    assert squared.share == pytest.approx(0.948, abs=0.002)


@pytest.mark.parametrize("rate", [1.0, 20.0])
def test_who_arrives_is_counted_by_plain_descent(rate: float) -> None:
    for each in results("logistic_squared", optimizer={"name": "sgd", "learning_rate": rate}):
        lowest = lowest_value(each.surface)
        assert each.arrived is not None
        assert each.paths is not None
        assert lowest is not None
        cells = -12.0 + 24.0 * (np.arange(STARTS) + 0.5) / STARTS
        w, b = (axis.ravel() for axis in np.meshgrid(cells, cells))
        np.testing.assert_array_equal(each.paths[0], np.stack([w, b], axis=1))
        for _ in range(60):
            by_w, by_b = each.surface.gradient(w, b)
            w, b = w - rate * by_w, b - rate * by_b
        np.testing.assert_allclose(each.paths[-1], np.stack([w, b], axis=1), rtol=1e-9, atol=1e-9)
        np.testing.assert_array_equal(each.arrived, each.surface.value(w, b) - lowest < 0.001)


def test_a_descent_is_that_of_the_race_from_there() -> None:
    momentum = {"label": "M", "optimizer": {"name": "momentum", "learning_rate": 0.01}}
    [found] = results("himmelblau", optimizer=momentum["optimizer"])
    assert found.paths is not None
    for start in (0, 77):
        spec = race(momentum, surface="himmelblau", steps=60, start=found.paths[0, start].tolist())
        _, tape = raced(spec)
        np.testing.assert_allclose(path(tape, 0, "x")[:, 0], found.paths[:, start, 0], rtol=1e-12)
        np.testing.assert_allclose(path(tape, 0, "y")[:, 0], found.paths[:, start, 1], rtol=1e-12)


def test_suited_rates_are_taken_of_each_loss() -> None:
    assert [each.rate for each in results("logistic", as_suits=True)] == [10.0, 20.0]
    assert [each.rate for each in results("logistic", as_suits=False)] == [0.01, 0.01]


def test_the_losses_of_a_neuron_share_its_samples() -> None:
    both = {"cross-entropy": Logistic(50), "squared error": LogisticSquared(50)}
    assert Logistic(50).losses == LogisticSquared(50).losses == both
    assert LeastSquares().losses == {LeastSquares.label: LeastSquares()}


def test_what_diverges_does_not_arrive_and_what_has_no_minimum_is_not_counted() -> None:
    [gone] = results("himmelblau", optimizer={"name": "sgd", "learning_rate": 10.0})
    assert gone.arrived is not None
    assert not gone.arrived.any()
    assert gone.paths is not None
    assert np.isnan(gone.paths[-1]).all()
    [slope] = results({"expression": "x + y", "window": [-1, 1, -1, 1]})
    assert slope.arrived is None
    assert slope.share == 0.0
    assert plain_text(convexity_sentence([slope], Wording("en"))).endswith("has a negative curvature.")


def test_places_without_a_value_do_not_count() -> None:
    [found] = results({"expression": "log(x)", "window": [-1, 1, -1, 1]})
    assert found.share == 1.0
    assert 0.4 < np.isnan(found.curvature).mean() < 0.6


def test_the_sentence_tells_the_figures_of_each_loss() -> None:
    spec = race(SGD, surface="logistic_squared", steps=300)
    *_, found = convexity(alike(spec, 0, True), 0, True)
    counts = [int(each.arrived.sum()) for each in found if each.arrived is not None]
    assert counts[0] == STARTS**2 > counts[1]
    sentence = convexity_sentence(found, Wording("en"))
    assert plain_text(sentence) == (
        "Cross-entropy is convex here: 0 % of the window has a negative curvature, 144 of 144 starts arrive; "
        f"squared error is not convex: 95 % of the window has a negative curvature, {counts[1]} of 144 starts arrive."
    )
    coloured = ["".join(span.text for span in sentence if span.run == loss) for loss in (0, 1)]
    assert coloured == [
        "Cross-entropy is convex here0 %144 of 144",
        f"squared error is not convex95 %{counts[1]} of 144",
    ]
    lengths = [len(plain_text(convexity_sentence(found, Wording("en"), brevity))) for brevity in range(3)]
    assert all(one > other for one, other in pairwise(lengths))


def test_the_first_chord_is_one_that_is_crossed_where_there_is_one() -> None:
    for surface in ("saddle", "walled_saddle", "two_wells", "himmelblau", "logistic_squared"):
        spec = race(SGD, surface=surface, start=[0.3, 0.2])
        assert any(chord(loss, *first_chord(spec)).rise > 0.0 for loss in spec.surface.losses.values())
    bowl = race(SGD, surface=Ravine.key, start=[0.5, 0.2])
    assert first_chord(bowl) == ((0.5, 0.2), (0.0, 0.0))

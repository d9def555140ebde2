"""Learning rates that suit: the table is what is measured, and what is measured arrives."""

from __future__ import annotations

import numpy as np
import pytest

from gradsim.engine.optim import OPTIMIZERS
from gradsim.engine.surfaces import SURFACES, ExpressionSurface
from gradsim.engine.surfaces.suited_rates import RATES, SUITED, _race, measured_rate, suited_rate
from gradsim.schema.parameters import decode


def _smooth(key: str) -> bool:
    """Sines and exponentials differ in the last digit between processors, and hops between minima show it."""
    surface = SURFACES[key]
    if issubclass(surface, ExpressionSurface):
        return not any(word in surface.expression for word in ("sin", "cos", "exp"))
    return key == "least_squares"


SMOOTH = [key for key in SUITED if _smooth(key)]


def test_every_surface_but_ones_own_has_a_rate_for_every_optimizer() -> None:
    assert set(SUITED) == set(SURFACES) - {"formula"}
    assert all(set(rates) == set(OPTIMIZERS) for rates in SUITED.values())
    assert all(rate in RATES for rates in SUITED.values() for rate in rates.values())


@pytest.mark.parametrize("surface", SMOOTH)
def test_the_table_is_what_is_measured(surface: str) -> None:
    for optimizer, rate in SUITED[surface].items():
        assert measured_rate(SURFACES[surface](), optimizer) == rate, optimizer


@pytest.mark.parametrize("surface", [key for key in SUITED if key not in SMOOTH])
def test_a_suited_rate_descends_and_stays_in_the_window(surface: str) -> None:
    for optimizer, rate in SUITED[surface].items():
        values, inside = _race(SURFACES[surface](), optimizer)
        path = values[:, RATES.index(rate)]
        assert inside[RATES.index(rate)], optimizer
        assert path[-1] < path[0], optimizer


def test_the_rate_on_a_quadratic_is_near_the_best_one() -> None:
    """Of gradient descent, 2 / (1 + kappa): here 0.0198, of which 0.01 is the next rate below."""
    assert measured_rate(SURFACES["ravine"](), "sgd") == 0.01


def test_a_surface_with_settings_of_its_own_is_measured() -> None:
    steep = decode(SURFACES["ravine"], {"kappa": 10_000.0})
    assert suited_rate(steep, "sgd") == 1e-4
    assert suited_rate(SURFACES["ravine"](), "sgd") == SUITED["ravine"]["sgd"]


def test_where_every_rate_leaves_the_smallest_is_taken() -> None:
    nowhere = decode(SURFACES["formula"], {"expression": "log(-1 - x**2)"})
    assert suited_rate(nowhere, "sgd") == RATES[0]
    values, inside = _race(nowhere, "sgd")
    assert np.isnan(values).all()
    assert not inside.any()

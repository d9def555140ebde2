"""Learning rates that suit: the table is what is measured, on every processor, and what is measured arrives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from gradsim.engine.optim import OPTIMIZERS
from gradsim.engine.suited_rates import RATES, STEPS, TABLE, _run, measured_rate, suited_rate, suited_rates
from gradsim.engine.surfaces import SURFACES, Surface
from gradsim.schema.parameters import decode

TABLED = [key for key in SURFACES if key != "formula"]


@pytest.mark.parametrize("key", TABLED)
def test_the_table_is_what_is_measured(key: str) -> None:
    """If this fails, run ``python -m gradsim.engine.suited_rates``."""
    assert suited_rates()[key] == {optimizer: measured_rate(SURFACES[key](), optimizer) for optimizer in OPTIMIZERS}


def test_the_table_holds_no_surface_that_is_gone() -> None:
    assert list(suited_rates()) == TABLED
    assert TABLE.read_bytes().isascii()


@pytest.mark.parametrize("shift", [-1e-12, 1e-12])
@pytest.mark.parametrize("key", ["six_hump_camel", "ackley"])
def test_rounding_does_not_decide_which_rate_suits(key: str, shift: float) -> None:
    """Processors differ in the last place, which grows along a chaotic path; a shifted start has the same effect."""
    surface: type[Surface] = SURFACES[key]
    x, y = surface().start
    shifted = type("Shifted", (surface,), {"start": (x + shift, y + shift)})()
    for optimizer, rate in suited_rates()[key].items():
        assert measured_rate(shifted, optimizer) == rate, optimizer


@pytest.mark.parametrize("key", ["beale", "monkey_saddle", "logistic"])
@pytest.mark.parametrize("optimizer", ["sgd", "nadam"])
def test_a_suited_rate_descends_and_stays_in_the_window(key: str, optimizer: str) -> None:
    paths, at = _run(SURFACES[key](), optimizer), RATES.index(suited_rates()[key][optimizer])
    assert paths.inside[:, :, at].all()
    assert (paths.values[STEPS, :, at] < paths.values[0, :, at]).all()


def test_the_rate_on_a_quadratic_is_near_the_best_one() -> None:
    """Of gradient descent, 2 / (1 + kappa): here 0.0198, of which 0.01 is the next rate below."""
    assert measured_rate(SURFACES["ravine"](), "sgd") == 0.01


def test_a_surface_with_settings_of_its_own_is_measured() -> None:
    steep = decode(SURFACES["ravine"], {"kappa": 10_000.0})
    assert suited_rate(steep, "sgd") == 1e-4
    assert suited_rate(SURFACES["ravine"](), "sgd") == suited_rates()["ravine"]["sgd"]


@pytest.mark.parametrize("table", [{}, {"ravine": {"adam": 7.0}}])
def test_what_the_table_lacks_is_measured(table: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """As for an optimizer or a surface that was added and not measured yet."""
    monkeypatch.setattr("gradsim.engine.suited_rates.suited_rates", lambda: table)
    assert suited_rate(SURFACES["ravine"](), "sgd") == 0.01
    assert suited_rate(SURFACES["ravine"](), "adam") == table.get("ravine", {}).get("adam", 1.0)


def test_where_every_rate_leaves_the_smallest_is_taken() -> None:
    nowhere = decode(SURFACES["formula"], {"expression": "log(-1 - x**2)"})
    assert suited_rate(nowhere, "sgd") == RATES[0]
    paths = _run(nowhere, "sgd")
    assert np.isnan(paths.values).all()
    assert not paths.inside.any()

"""The ground under paths: its colours keep those of the runs legible, its levels show ravines and plateaus."""

from __future__ import annotations

import numpy as np
import pytest

from gradsim.engine.surfaces import SURFACES
from gradsim.ui.plots.ground import Relief, Values, ground_colours, levels
from gradsim.ui.theme import THEMES, Theme

EACH_THEME = [pytest.param(theme, id=name) for name, theme in THEMES.items()]


def luminance(colours: Values) -> Values:
    """Relative luminance of sRGB bytes (..., 3), WCAG 2."""
    coded = colours / 255.0
    linear = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ np.array([0.2126, 0.7152, 0.0722]))


def rgb(name: str) -> Values:
    return np.array([int(name[i : i + 2], 16) for i in (1, 3, 5)], np.float64)


def contrast(first: Values, second: Values) -> Values:
    brighter, darker = np.maximum(first, second), np.minimum(first, second)
    return np.asarray((brighter + 0.05) / (darker + 0.05))


def of_grid(key: str) -> Values:
    surface = SURFACES[key]()
    x0, x1, y0, y1 = surface.window
    return surface.value(*np.meshgrid(np.linspace(x0, x1, 101), np.linspace(y0, y1, 101)))


@pytest.mark.parametrize("theme", EACH_THEME)
def test_every_run_keeps_its_contrast_on_every_ground(theme: Theme) -> None:
    ground = luminance(ground_colours(theme).astype(np.float64))
    for colour in (*theme.runs, theme.ink):
        assert contrast(ground, luminance(rgb(colour))).min() >= 3.0, colour


@pytest.mark.parametrize("theme", EACH_THEME)
def test_lower_ground_is_darker_everywhere(theme: Theme) -> None:
    colours = ground_colours(theme)
    assert colours.shape == (256, 3)
    assert colours.dtype == np.uint8
    ground = luminance(colours.astype(np.float64))
    # Bytes are coarser than 256 steps of so short a scale: neighbours may be the same or off by one.
    assert (np.diff(ground[::8]) > 0).all()
    assert contrast(ground[-1], ground[0]) >= 1.4


@pytest.mark.parametrize("key", list(SURFACES))
def test_levels_lie_inside_and_rise(key: str) -> None:
    values = of_grid(key)
    found = levels(values, 14)
    assert len(found) == 14
    assert (np.diff(found) > 0).all()
    assert values.min() < found[0]
    assert found[-1] < values.max()


def test_levels_are_at_equal_means_of_rank_and_log_height() -> None:
    values = np.concatenate([np.linspace(0.0, 1.0, 301), np.geomspace(1.0, 1e4, 200)[1:]])
    heights = values - values.min()
    eps = 0.01 * np.median(heights[heights > 0])
    for i, level in enumerate(levels(values, 9)):
        rank = np.interp(level, values, np.linspace(0.0, 1.0, len(values)))
        height = np.log1p(level / eps) / np.log1p(1e4 / eps)
        assert (rank + height) / 2 == pytest.approx((i + 1) / 10, abs=2e-3)


def test_a_ravine_and_a_plateau_both_have_levels() -> None:
    rosenbrock = of_grid("rosenbrock")
    found = levels(rosenbrock, 14)
    assert (found < np.quantile(rosenbrock, 0.1)).sum() >= 2  # the valley
    assert (found > np.quantile(rosenbrock, 0.5)).sum() >= 2  # the slopes
    plateau = np.full(1000, 5.0)
    plateau[:50] = np.linspace(0.0, 5.0, 50)
    inside = levels(plateau, 10)
    assert len(inside) == 10
    assert (inside < 5.0).all()


def test_level_ground_and_missing_values() -> None:
    assert len(levels(np.full((3, 3), 2.0), 5)) == 0
    assert len(levels(np.full(4, np.nan), 5)) == 0
    relief = Relief(np.array([np.inf, np.nan, 1.0, 2.0, 4.0]))
    assert relief.height(np.array([0.0, 1.0, 4.0, np.inf])).tolist() == [0.0, 0.0, 1.0, 1.0]
    assert relief.share(np.array([1.0, 4.0])).tolist() == [0.0, 1.0]
    assert np.isnan(relief.height(np.array([np.nan]))).all()
    assert np.isnan(relief.share(np.array([np.nan]))).all()
    assert Relief(np.full(3, 2.0)).height(np.array([2.0])).tolist() == [0.0]

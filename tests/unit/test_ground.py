"""The map's ground: everything that is drawn on it reads, and its levels show plateaus and ravines."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtGui import QColor

from gradsim.engine.surfaces import SURFACES
from gradsim.engine.types import Array
from gradsim.ui.plots.ground import ground_colours, levels
from gradsim.ui.themes import THEMES, Theme


def luminance(colours: npt.ArrayLike) -> Array:
    """WCAG 2 relative luminance of colours (…, 3) from 0 to 255."""
    share = np.asarray(colours, float) / 255.0
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ np.array([0.2126, 0.7152, 0.0722]))


def _rgb(name: str) -> list[int]:
    colour = QColor(name)
    return [colour.red(), colour.green(), colour.blue()]


def contrast(colours: npt.ArrayLike, other: str) -> float:
    light = luminance(np.vstack([colours, _rgb(other)]))
    low, high = np.minimum(light[:-1], light[-1]), np.maximum(light[:-1], light[-1])
    return float(((high + 0.05) / (low + 0.05)).min())


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_runs_and_text_stand_out_on_all_of_it(theme: Theme) -> None:
    ground = ground_colours(theme)
    for colour in theme.runs:
        assert contrast(ground, colour) >= 3.0, colour
    least = 7.0 if theme.name == "projector" else 4.5
    assert contrast(ground, theme.ink) >= least


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_higher_is_lighter(theme: Theme) -> None:
    light = luminance(ground_colours(theme))
    assert (np.diff(light[::8]) > 0.0).all()
    assert (light[-1] + 0.05) / (light[0] + 0.05) >= 1.5


@pytest.mark.parametrize("key", [key for key in SURFACES if key != "formula"])
def test_levels_ascend_and_leave_no_part_of_a_map_empty(key: str) -> None:
    surface = SURFACES[key]()
    x0, x1, y0, y1 = surface.window
    values = surface.value(*np.meshgrid(np.linspace(x0, x1, 120), np.linspace(y0, y1, 120)))
    edges = levels(values, 26)
    assert (np.diff(edges) > 0.0).all()
    assert (edges[0], edges[-1]) == (values.min(), values.max())
    shares = np.histogram(values, edges)[0] / values.size
    assert shares.max() < 0.25


def test_levels_of_a_level_surface() -> None:
    assert (levels(np.full((3, 3), 2.0), 4) == 2.0).all()


def test_levels_show_the_floor_of_a_ravine() -> None:
    """Of values over six decades, each decade has levels of its own."""
    values = np.logspace(-3, 3, 10_000)
    counts = np.histogram(levels(values, 25), np.logspace(-3, 3, 7))[0]
    assert counts[1:].min() >= 2

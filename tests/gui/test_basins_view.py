"""The maps of basins on screen: what they show, how they look, and when they are computed anew."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QPoint, QSize
from PySide6.QtGui import QColor, QImage

from gradsim.engine.optim.descent import Sgd
from gradsim.engine.surfaces.stationary import Ended, stationary_points
from gradsim.sim.documents.document import parse
from gradsim.sim.kinds.race.basins import SIDE, Basins, basin_maps
from gradsim.sim.kinds.race.spec import Race
from gradsim.ui.app import application
from gradsim.ui.export import settle
from gradsim.ui.sights import MATRICES, linear
from gradsim.ui.theme import Look, Metrics
from gradsim.ui.themes import THEMES, Theme
from gradsim.ui.views.race.basins import ELSEWHERE, NEVER, STATIONARY, ArrivalView, BasinView, best_columns
from gradsim.ui.writers.writer import image_of

TEXT = """
kind = "race"
steps = 30
surface = "himmelblau"
[[runs]]
label = "A"
optimizer = { name = "sgd", learning_rate = 0.02 }
[[runs]]
label = "B"
optimizer = { name = "adam", learning_rate = 0.5 }
"""


def race(text: str = TEXT) -> Race:
    experiment = parse(text, "x").experiment
    assert isinstance(experiment, Race)
    return experiment


@pytest.fixture(scope="module")
def maps() -> tuple[Basins, ...]:
    *_, found = basin_maps(race())
    return found


def view_in(
    theme: str, language: str = "en", size: tuple[int, int] = (1100, 700), kind: type[BasinView] = BasinView
) -> BasinView:
    application()
    metrics = Metrics.fit(THEMES[theme], QSize(*size), language)
    view = kind(race(), Look(THEMES[theme], metrics, language))
    view.resize(*size)
    return view


def colour_at(image: QImage, view: BasinView, run: int, x: float, y: float) -> str:
    plot = view._parts[run][1]
    at = plot.mapTo(view, plot.plane.point_px(x, y).toPoint())
    return image.pixelColor(at).name()


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("theme", list(THEMES))
def test_a_pixel_has_the_colour_of_where_its_start_ends(theme: str, language: str, maps: tuple[Basins, ...]) -> None:
    view = view_in(theme, language)
    app = application()
    view.show()
    empty = image_of(view, 1.0)
    view.show_study(maps)
    settle(app)
    image = image_of(view, 1.0)
    assert image != empty
    surface = view.race.surface
    places = dict.fromkeys(stationary_points(surface), -1)
    places |= {point: i for i, point in enumerate(p for p in places if p.kind == "minimum")}
    x0, x1, y0, y1 = surface.window
    rng, right, tried = np.random.default_rng(0), 0, 200
    for x, y in rng.uniform(0.02, 0.98, (tried, 2)) * (x1 - x0, y1 - y0) + (x0, y0):
        row, column = int((y - y0) / (y1 - y0) * SIDE), int((x - x0) / (x1 - x0) * SIDE)
        ended, at = Ended(int(maps[0].ended[row, column])), int(maps[0].at[row, column])
        greys = dict(zip(ELSEWHERE, THEMES[theme].elsewhere, strict=True))
        expected = greys.get(ended) or [*THEMES[theme].basins, STATIONARY][list(places.values())[at]]
        right += colour_at(image, view, 0, x, y) == expected
    # The others are under level lines, marks and names, or at the edge of a start's cell.
    assert right > 0.6 * tried
    view.close()


def test_how_soon_is_another_picture_of_the_same_study(maps: tuple[Basins, ...]) -> None:
    where, soon = view_in("light"), view_in("light", kind=ArrivalView)
    assert where.study().key == soon.study().key
    for view in (where, soon):
        view.show()
        view.show_study(maps)
        settle(application())
    assert image_of(where, 1.0) != image_of(soon, 1.0)
    for view in (where, soon):
        view.close()


def test_only_what_basins_depend_on_has_them_computed_anew(maps: tuple[Basins, ...]) -> None:
    view = view_in("light")
    key = view.study().key
    view.show_study(maps)
    same = replace(view.race, start=(1.0, 1.0), replicas=5, spread=0.3)
    same = replace(same, runs=tuple(replace(run, label=f"{run.label}'") for run in same.runs))
    view.set_experiment(same)
    assert view.study().key == key
    assert view._known is maps
    assert {plot._opacity for _, plot in view._parts} == {1.0}
    other = replace(same, noise=1.0)
    view.set_experiment(other)
    assert view.study().key != key
    assert view._known is None
    # Those of before stay, pale, until there are others.
    assert view._basins is maps
    assert all(plot._opacity < 0.5 and plot._image is not None for _, plot in view._parts)
    assert view._card._plain == ("computing …",)
    assert view.findings() == {}
    faster = replace(same.runs[0], optimizer=Sgd(learning_rate=0.03))
    for changed in (replace(same, steps=31), replace(same, seed=9), replace(same, runs=(faster, same.runs[1]))):
        view.set_experiment(changed)
        assert view.study().key != key
    view.close()


@pytest.mark.parametrize("size", [(1560, 840), (1000, 560), (900, 1200)])
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_maps_are_level_with_the_legend_right_below_them(
    maps: tuple[Basins, ...], size: tuple[int, int], language: str
) -> None:
    view = view_in("light", language, size)
    view.show_study(maps)
    view.show()
    settle(application())
    plots = [plot for _, plot in view._parts]
    tops = [plot.mapTo(view, QPoint()).y() for plot in plots]
    if view._columns == len(plots):
        assert len(set(tops)) == 1
    lowest = max(top + plot.plane.rect.bottom() for top, plot in zip(tops, plots, strict=True))
    assert view._legend.mapTo(view, QPoint()).y() - lowest < 4 * view.look.metrics.tick
    below = view.height() - view._legend.geometry().bottom()
    above = view._parts[0][0].mapTo(view, QPoint()).y() - view._card._subtitle.geometry().bottom()
    assert abs(above - below) < 2 * view.look.metrics.tick
    view.close()


def test_the_study_gives_what_the_view_shows() -> None:
    view = view_in("dark")
    *_, result = view.study().make()
    assert [basins.cell for basins in result] == [1, 1]
    view.show_study(result)
    assert view._basins == result
    view.close()


@pytest.mark.parametrize(("count", "size", "columns"), [(1, (900, 600), 1), (3, (1800, 700), 3), (4, (900, 900), 2)])
def test_maps_are_as_large_as_they_can_be(count: int, size: tuple[int, int], columns: int) -> None:
    assert best_columns(count, *size, 17) == columns


_TO_LMS = [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
           [0.0883024619, 0.2817188376, 0.6299787005]]  # fmt: skip
_TO_LAB = [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
           [0.0259040371, 0.7827717662, -0.8086757660]]  # fmt: skip


def oklab(colour: str, seen: npt.ArrayLike) -> npt.NDArray[np.float64]:
    one = QColor(colour)
    coded = np.array([one.redF(), one.greenF(), one.blueF()])
    cones = np.array(_TO_LMS) @ np.clip(np.array(seen) @ linear(coded), 0.0, 1.0)
    found: npt.NDArray[np.float64] = np.array(_TO_LAB) @ np.cbrt(cones)
    return found


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
@pytest.mark.parametrize(
    "eyes", [np.eye(3), MATRICES["protanopia"], MATRICES["deuteranopia"]], ids=["usual", "protan", "deutan"]
)
def test_colours_are_told_apart_by_all_eyes(eyes: npt.ArrayLike, theme: Theme) -> None:
    colours = [*theme.basins, STATIONARY, *theme.elsewhere]
    for one, other in combinations(colours, 2):
        assert np.hypot.reduce(oklab(one, eyes) - oklab(other, eyes)) >= 0.06, (one, other)
    for one, other in combinations(theme.basins[:4], 2):
        assert np.hypot.reduce(oklab(one, eyes) - oklab(other, eyes)) >= 0.2, (one, other)
    assert NEVER not in colours


@pytest.mark.parametrize("theme", list(THEMES))
def test_no_basin_has_the_colour_of_a_run(theme: str) -> None:
    for basin in THEMES[theme].basins:
        for run in THEMES[theme].runs:
            assert np.hypot.reduce(oklab(basin, np.eye(3)) - oklab(run, np.eye(3))) >= 0.06, (basin, run)


@pytest.mark.parametrize("size", [(1100, 700), (1900, 500), (700, 900)])
def test_basins_are_shown_at_one_scale(size: tuple[int, int]) -> None:
    view = view_in("light", size=size)
    view.show()
    settle(application())
    for _, plot in view._parts:
        x0, x1, y0, y1 = plot.plane.window
        assert plot.plane.window == view.race.surface.window
        assert plot.plane.rect.width() / (x1 - x0) == pytest.approx(plot.plane.rect.height() / (y1 - y0))
    view.close()


def test_basins_that_are_stretched_say_so() -> None:
    view = BasinView(
        race(TEXT.replace('"himmelblau"', '{ expression = "x**2 + y**2", window = [-90, 90, -1, 1] }')), look()
    )
    view.resize(900, 700)
    view.show()
    settle(application())
    stretch = view._parts[0][1].plane.stretch
    assert stretch > 1.0
    assert f"y stretched {stretch:g} : 1" in view._card._subtitle.text()
    view.close()


def look() -> Look:
    application()
    return Look.fit("light", "en", QSize(900, 700))

"""The colours of runs: told apart by all eyes, and legible on what they lie on."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from PySide6.QtCore import QSize

from gradsim.sim.documents.document import parse
from gradsim.sim.documents.lessons import lessons
from gradsim.ui.identities import IDENTITIES, slots_of
from gradsim.ui.sights import washed
from gradsim.ui.theme import Look
from gradsim.ui.themes import THEMES, Theme
from tests.look.colours import SIGHTS, contrast, difference, lab, least_difference, rgb

# Sharma, Wu and Dalal 2005, Table 1: pairs 1, 4, 7, 9, 11, 13, 16 to 20, 25 to 27, 31, 33, 34.
SHARMA = [
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
    ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0000),
    ((50, 0, 0), (50, -1, 2), 2.3669),
    ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
    ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
    ((50, -0.001, 2.49), (50, 0.0009, -2.49), 4.8045),
    ((50, 2.5, 0), (50, 0, -2.5), 4.3065),
    ((50, 2.5, 0), (73, 25, -18), 27.1492),
    ((50, 2.5, 0), (61, -5, 29), 22.8977),
    ((50, 2.5, 0), (56, -27, -3), 31.9030),
    ((50, 2.5, 0), (58, 24, 15), 19.4535),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((63.0109, -31.0961, -5.8663), (62.8187, -29.7946, -4.0864), 1.2630),
    ((61.2901, 3.7196, -5.3901), (61.4292, 2.2480, -4.9620), 1.8731),
    ((90.9257, -0.5406, -0.9208), (88.6381, -0.8985, -0.7239), 1.5381),
    ((6.7747, -0.2908, -2.4247), (5.8714, -0.0985, -2.2286), 0.6377),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]


@pytest.mark.parametrize(("one", "other", "published"), SHARMA)
def test_differences_are_the_published_ones(
    one: tuple[float, ...], other: tuple[float, ...], published: float
) -> None:
    assert difference(np.array(one), np.array(other)) == pytest.approx(published, abs=5e-5)
    assert difference(np.array(other), np.array(one)) == pytest.approx(published, abs=5e-5)


def test_lightness_and_contrast_of_black_and_white() -> None:
    assert lab(rgb("#ffffff")) == pytest.approx([100.0, 0.0, 0.0], abs=1e-3)
    assert contrast(rgb("#000000"), rgb("#ffffff")) == pytest.approx(21.0)
    assert contrast(rgb("#767676"), rgb("#ffffff")) == pytest.approx(4.54, abs=0.01)


EIGHT = {"light": 15.8, "dark": 16.1, "projector": 13.4}


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("theme", THEMES)
def test_runs_are_told_apart_by_all_eyes(theme: str, sight: str) -> None:
    runs = THEMES[theme].runs
    assert least_difference(runs[:4], sight) >= 18.0
    assert least_difference(runs, sight) >= EIGHT[theme] - 0.05


@pytest.mark.parametrize(
    ("theme", "published"),
    [("light", (41, 45, 29, 12)), ("dark", (65, 56, 95, 84)), ("projector", (21, 31, 10, 5))],
)
def test_four_runs_are_told_apart_in_grey_print(theme: str, published: tuple[int, ...]) -> None:
    lightness = [lab(rgb(colour))[0] for colour in THEMES[theme].runs[:4]]
    assert lightness == pytest.approx(published, abs=0.5)
    assert min(abs(one - other) for one, other in combinations(lightness, 2)) > 3.5


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_runs_and_text_are_legible(theme: Theme) -> None:
    for ground in (theme.ground, theme.card):
        for name, colour in (("ink", theme.ink), ("muted", theme.muted), ("alarm", theme.alarm)):
            assert contrast(rgb(colour), rgb(ground)) >= (7.0 if theme.name == "projector" else 4.5), name
        least = (8.8, 5.3) if theme.name == "projector" else (4.5, 4.5)
        for runs, figure in ((theme.runs[:4], least[0]), (theme.runs, least[1])):
            assert min(contrast(rgb(run), rgb(ground)) for run in runs) >= figure
    assert contrast(rgb(theme.on_accent), rgb(theme.accent)) >= 4.5


def test_a_washed_out_projector_is_legible() -> None:
    theme = THEMES["projector"]
    card = washed(rgb(theme.card))
    for colour in (theme.ink, theme.muted, theme.alarm, *theme.runs[:4]):
        assert contrast(washed(rgb(colour)), card) >= 4.5
    assert min(contrast(washed(rgb(run)), card) for run in theme.runs) >= 3.0
    look = Look.fit("projector", "en", QSize(1920, 1080), tuple(range(8)))
    for run in range(8):
        name = rgb(look.text_colour(run))
        assert contrast(washed(name), card) >= 4.5
        assert contrast(name, rgb(theme.card)) >= 7.0


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_no_run_has_the_colour_of_a_basin(theme: Theme) -> None:
    for sight, least in (("normal", 15.0), ("protan", 8.0), ("deutan", 8.0), ("tritan", 8.0)):
        for run in theme.runs:
            for basin in theme.basins:
                assert difference(lab(rgb(run), sight), lab(rgb(basin), sight)) >= least, (run, basin)


# Identities


def test_an_activation_or_optimizer_has_one_colour_in_all_lessons() -> None:
    seen: dict[str, set[int]] = {}
    for document in lessons().values():
        runs, slots = document.experiment.runs, slots_of(document.experiment)
        assert len(set(slots)) == len(slots)
        for setting in ("activation", "optimizer"):
            keys = [getattr(run, setting).key if hasattr(run, setting) else "" for run in runs]
            if len(set(keys)) == len(keys) and (
                len(keys) > 1 or setting == "activation" or not hasattr(runs[0], "activation")
            ):
                for key, slot in zip(keys, slots, strict=True):
                    seen.setdefault(key, set()).add(slot)
    assert {"sigmoid", "relu", "sgd", "momentum", "adam"} <= set(seen)
    assert all(slots == {IDENTITIES[key]} for key, slots in seen.items() if key in IDENTITIES)


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_momentum_and_its_variants_are_not_alike(theme: Theme) -> None:
    colours = [lab(rgb(theme.runs[slot])) for slot in experiment_slots("momentum", "nag", "momentum")]
    assert min(difference(colours[0], other) for other in colours[1:]) >= 25.0


def experiment_slots(*optimizers: str) -> tuple[int, ...]:
    runs = "\n".join(f'[[runs]]\noptimizer = {{ name = "{name}" }}' for name in optimizers)
    return slots_of(parse(f'kind = "race"\nsurface = "beale"\n{runs}', "test").experiment)


@pytest.mark.parametrize(
    ("optimizers", "slots"),
    [
        (("sgd", "sgd", "sgd"), (0, 1, 2)),
        (("sgd", "sgd", "adam"), (3, 2, 0)),
        (("lion", "adamw", "nadam", "amsgrad"), (2, 3, 1, 0)),
        (("adam", "lion", "adam", "lion"), (0, 2, 3, 1)),
        (("sgd", "momentum", "nag", "adagrad", "adadelta", "rmsprop", "adam", "lion"), (3, 1, 7, 6, 4, 5, 0, 2)),
        (("momentum", "momentum", "momentum", "nag"), (1, 0, 2, 7)),
        (("momentum", "momentum", "adam"), (1, 2, 0)),
    ],
)
def test_other_runs_take_what_is_left(optimizers: tuple[str, ...], slots: tuple[int, ...]) -> None:
    assert experiment_slots(*optimizers) == slots

"""A view that has nothing to show of an experiment says why: every view, for every kind of experiment."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from gradsim.sim.kinds import Experiment, kind_of
from gradsim.ui.views.catalogue import VIEWS, applying, of_kind, refusals
from gradsim.words.languages import translate
from tests.unit.races import ADAM, SGD, race
from tests.unit.small import RELU, SIGMOID, experiment

FIT = {"output": "linear", "loss": "mse"}
SIGMOID_OUTPUTS = {"output": "sigmoid", "batch_size": 16, "hidden": [7]}
EXPERIMENTS: Mapping[str, Experiment] = {
    "images": experiment(),
    "plane": experiment(data={"name": "moons", "samples": 60}),
    "one input": experiment(FIT, data={"name": "sine", "samples": 60}),
    "many inputs": experiment(FIT, data={"name": "linear", "samples": 60, "features": 3}),
    "two inputs": experiment(FIT, data={"name": "linear", "samples": 60, "features": 2}),
    "no test set": experiment(data={"name": "moons", "samples": 60, "test_fraction": 0.0}),
    "no hidden layer": experiment(common={"hidden": [], "batch_size": 16}),
    "not measured": experiment(probes="off"),
    "sigmoid outputs": experiment({"loss": "mse"}, {"loss": "cross_entropy"}, common=SIGMOID_OUTPUTS),
    "sigmoid outputs, not measured": experiment({"loss": "mse"}, common=SIGMOID_OUTPUTS, probes="off"),
    "another loss": experiment({"loss": "mae"}, common=SIGMOID_OUTPUTS),
    "another loss later": experiment(
        {"loss": "mse", "changes": [{"step": 9, "loss": "huber"}]}, common=SIGMOID_OUTPUTS
    ),
    "many outputs": experiment(
        {"output": "sigmoid", "loss": "mse"}, data={"name": "point", "y": [0.5] * 11}, common={"batch_size": "all"}
    ),
    "deep": experiment(data={"name": "moons", "samples": 60}, common={"hidden": [3] * 4, "batch_size": 16}),
    "one network of each kind": experiment(SIGMOID, RELU, replicas=1),
    "race": race(),
    "own surfaces": race(SGD, {**ADAM, "surface": "himmelblau"}),
    "no minimum": race(surface={"expression": "x + y", "window": [-1, 1, -1, 1]}, start=[0.5, 0.5]),
}

NO_PLANE = "it needs two inputs, and there are 64"
NO_LINE = "it needs one input and one target; inputs: {}, targets: {}"
CLASSES = "it needs classes, and the targets are numbers"
NUMBERS = "it needs targets that are numbers, and they are classes"
TESTS = "it needs a test set, and no sample is kept for one"
HIDDEN = "it needs a hidden layer, and no run has one"
MEASURED = "it needs what is measured at every layer, and measurements are off"
OUTPUTS = {"duel": "it needs sigmoid outputs, and not all runs have them"}
LOSSES = {"duel": "it compares squared error and cross-entropy, and a run has another loss"}
UNITS = "it needs at most 10 units a layer, and this network has {}"
PIXELS = {
    "boundary": NO_PLANE,
    "representation": NO_PLANE,
    "fit": NO_LINE.format(64, 10),
    "predicted": NUMBERS,
    "diagram": UNITS.format(64),
}
IMAGES = PIXELS | OUTPUTS
OF_NUMBERS = OUTPUTS | dict.fromkeys(("accuracy", "test_accuracy", "confusion"), CLASSES)
ONE_SURFACE = "it shows one surface, and the runs differ in theirs"
REFUSED: Mapping[str, Mapping[str, str]] = {
    "images": IMAGES,
    "plane": OUTPUTS | {"fit": NO_LINE.format(2, 1), "predicted": NUMBERS},
    "one input": OF_NUMBERS | dict.fromkeys(("boundary", "representation"), "it needs two inputs, and there are 1"),
    "many inputs": OF_NUMBERS
    | dict.fromkeys(("boundary", "representation"), "it needs two inputs, and there are 3")
    | {"fit": NO_LINE.format(3, 1)},
    "two inputs": OF_NUMBERS | dict.fromkeys(("boundary", "representation"), CLASSES) | {"fit": NO_LINE.format(2, 1)},
    "no test set": OUTPUTS
    | {"fit": NO_LINE.format(2, 1), "predicted": NUMBERS}
    | dict.fromkeys(("test_loss", "test_accuracy", "samples", "confusion"), TESTS),
    "no hidden layer": IMAGES | dict.fromkeys(("initialization", "chain", "load", "census"), HIDDEN),
    "not measured": IMAGES | dict.fromkeys(("network", "gradients", "initialization", "chain", "history"), MEASURED),
    "sigmoid outputs": PIXELS,
    "sigmoid outputs, not measured": PIXELS
    | dict.fromkeys(("network", "gradients", "initialization", "chain", "history", "duel"), MEASURED),
    "another loss": PIXELS | LOSSES,
    "another loss later": PIXELS | LOSSES,
    "many outputs": dict.fromkeys(("accuracy", "test_accuracy", "confusion"), CLASSES)
    | dict.fromkeys(("boundary", "representation"), "it needs two inputs, and there are 1")
    | {"fit": NO_LINE.format(1, 11), "numbers": "it needs at most 10 output units, and there are 11"}
    | {"diagram": UNITS.format(30)}
    | dict.fromkeys(("test_loss", "samples"), TESTS),
    "deep": OUTPUTS
    | {"fit": NO_LINE.format(2, 1), "predicted": NUMBERS}
    | {"diagram": "it needs at most 4 layers of weights, and this network has 5"},
    "one network of each kind": IMAGES
    | {"between": "it needs two networks of one shape and one loss, and there are none"},
    "race": {},
    "own surfaces": dict.fromkeys(("map", "basins", "arrivals", "surface3d", "step"), ONE_SURFACE),
    "no minimum": {
        "arrival": "it needs a lowest value f*, and none is known of this surface",
        "distance": "it needs a minimum, and none is known of this surface",
    },
}


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_view_has_something_to_show_or_says_why_not(name: str) -> None:
    found = EXPERIMENTS[name]
    assert refusals(of_kind(found.kind), found) == REFUSED[name]
    for key in VIEWS.keys() - of_kind(found.kind).keys():
        kind = VIEWS[key].kind
        wanted = f"it shows experiments of the kind {kind}, and this one is of the kind {found.kind}"
        assert VIEWS[key].refusal(found) == wanted


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_reasons_are_told_in_chinese_too(name: str) -> None:
    for reason in refusals(VIEWS, EXPERIMENTS[name]).values():
        told = reason.told(lambda text: translate(text, "zh_CN"))
        assert told.startswith("它")


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_usual_views_all_have_something_to_show(name: str) -> None:
    found = EXPERIMENTS[name]
    usual = list(kind_of(found).usual_views(found))
    assert applying(usual, found) == usual != []


def test_the_view_that_it_swaps_with_stands_in_for_one_that_does_not_apply() -> None:
    assert applying(["map", "value"], EXPERIMENTS["race"]) == ["map", "value"]
    assert applying(["map", "value"], EXPERIMENTS["own surfaces"]) == ["maps", "value"]
    assert applying(["map", "maps"], EXPERIMENTS["own surfaces"]) == ["maps"]
    assert applying(["basins", "value"], EXPERIMENTS["own surfaces"]) == ["value"]

"""Registries: what a key may be, and what each entry owes to menus and files."""

from __future__ import annotations

import dataclasses
import importlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradsim.engine.data import DATASETS
from gradsim.engine.nn.activations import ACTIVATIONS
from gradsim.engine.nn.initializers import INITIALIZERS
from gradsim.engine.nn.losses import LOSSES
from gradsim.engine.nn.outputs import OUTPUTS
from gradsim.engine.optim import OPTIMIZERS
from gradsim.engine.optim.clipping import CLIPS
from gradsim.engine.optim.schedules import SCHEDULES
from gradsim.engine.surfaces import SURFACES
from gradsim.schema.parameters import parameters
from gradsim.schema.registry import Entry, Registry, discover

REGISTRIES: list[Registry[Any]] = [
    *(ACTIVATIONS, OUTPUTS, LOSSES, INITIALIZERS, OPTIMIZERS, SCHEDULES, CLIPS, DATASETS, SURFACES),
]
ENTRIES = [pytest.param(key, entry, id=f"{r.kind}-{key}") for r in REGISTRIES for key, entry in r.items()]


class Apple(Entry):
    key = "apple"
    label = "Apple"


class Pear(Entry):
    key = "pear"
    label = "Pear"


@pytest.fixture
def fruits() -> Registry[Entry]:
    registry: Registry[Entry] = Registry("fruit")
    registry.add(Pear)
    registry.add(Apple)
    return registry


def test_entries_are_found_by_key_in_the_order_of_their_adding(fruits: Registry[Entry]) -> None:
    assert dict(fruits) == {"pear": Pear, "apple": Apple}
    assert list(fruits) == ["pear", "apple"]


def test_an_unknown_key_names_the_kind_and_the_nearest(fruits: Registry[Entry]) -> None:
    with pytest.raises(KeyError, match="fruit: 'aple' is not one of pear, apple; did you mean 'apple'"):
        fruits["aple"]


def test_nothing_near_is_not_suggested(fruits: Registry[Entry]) -> None:
    with pytest.raises(KeyError, match=r"fruit: 'zzz' is not one of pear, apple[^;]*$"):
        fruits["zzz"]


def test_a_duplicate_key_raises_and_changes_nothing(fruits: Registry[Entry]) -> None:
    class Other(Entry):
        key = "apple"
        label = "Other"

    with pytest.raises(ValueError, match="fruit 'apple' is registered twice"):
        fruits.add(Other)
    assert fruits["apple"] is Apple


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.kind)
def test_each_registry_has_entries_with_labels_of_their_own(registry: Registry[Any]) -> None:
    labels = [entry.label for entry in registry.values()]
    assert labels
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize(("key", "entry"), ENTRIES)
def test_an_entry_is_a_frozen_dataclass_whose_every_field_is_a_parameter(key: str, entry: type[Any]) -> None:
    assert entry.key == key
    assert entry.__doc__
    assert entry.__dataclass_params__.frozen
    assert [field.name for field in dataclasses.fields(entry)] == list(parameters(entry))
    assert entry() == entry()


MENU_ORDER = {
    "optimizer": "sgd momentum nag adagrad adadelta rmsprop adam adamw amsgrad nadam adamax lion",
    "data": "digits mnist moons circles spirals xor blobs linear sine sparse point csv",
    "surface": "beale rosenbrock himmelblau booth matyas three_hump_camel six_hump_camel rastrigin ackley "
    "styblinski_tang goldstein_price mccormick least_squares logistic logistic_squared "
    "saddle walled_saddle monkey_saddle ravine two_wells plateau formula",
}


@pytest.mark.parametrize("registry", [OPTIMIZERS, DATASETS, SURFACES], ids=lambda registry: registry.kind)
def test_entries_of_a_package_keep_their_order(registry: Registry[Any]) -> None:
    """New entries may stand between these; a module that is renamed must not reorder menus."""
    known = MENU_ORDER[registry.kind].split()
    assert [key for key in registry if key in known] == known


def test_a_module_is_found_without_being_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the order of names, but for what another module imports."""
    package = tmp_path / "orchard"
    package.mkdir()
    (package / "__init__.py").write_text("from gradsim.schema.registry import Registry\nTREES = Registry('tree')\n")
    entry = "from orchard import TREES\n{first}@TREES.add\nclass Tree:\n    key = label = {key!r}\n"
    for name, first in (("a", "from orchard import c\n"), ("b", ""), ("c", "")):
        (package / f"{name}.py").write_text(entry.format(first=first, key=name))
    monkeypatch.syspath_prepend(tmp_path)
    orchard = importlib.import_module("orchard")
    try:
        discover("orchard")
        assert list(orchard.TREES) == ["c", "a", "b"]
    finally:
        for name in ("orchard", "orchard.a", "orchard.b", "orchard.c"):
            sys.modules.pop(name, None)


def test_a_loss_that_depends_on_the_output_has_a_formula_for_each() -> None:
    """Of cross-entropy only the formula behind softmax was shown; behind sigmoid it has another term."""
    a, y = np.array([[0.2, 0.5, 0.3]]), np.array([[0.0, 1.0, 0.0]])
    logits = {"softmax": np.log(a), "sigmoid": np.log(a / (1.0 - a))}
    for loss in LOSSES.values():
        values = {key: loss().value(OUTPUTS[key](), z, a, y, np.empty_like(a)).item() for key, z in logits.items()}
        differs = abs(values["softmax"] - values["sigmoid"]) > 1e-9
        assert differs == all(f"{key}: " in loss.formula for key in logits)
        if loss.key == "cross_entropy":
            of_softmax, of_sigmoid = -np.sum(y * np.log(a)), -np.sum(y * np.log(a) + (1 - y) * np.log(1 - a))
            assert values == pytest.approx({"softmax": of_softmax, "sigmoid": of_sigmoid})

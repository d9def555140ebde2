"""Registries: what a key may be, and what each entry owes to menus and files."""

from __future__ import annotations

import dataclasses
from typing import Any

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
from gradsim.schema.registry import Entry, Registry

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

"""Registries: the one place where a kind of building block is listed.

To add an activation, loss, initializer, optimizer, schedule or data set, write
one class in the module of its kind, or in any module of the package of its
kind, and decorate it with ``@REGISTRY.add``; files, forms, the command line and
the parametrised tests pick it up.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import ClassVar, TypeVar

from gradsim.schema.errors import unknown_name


@dataclass(frozen=True)
class Entry:
    """A named building block; a subclass with settings is a frozen dataclass, and its fields are the settings."""

    key: ClassVar[str]
    label: ClassVar[str]
    formula: ClassVar[str] = ""
    short: ClassVar[str] = ""
    """What runs are called that differ in it, where its label is too long for that."""


E = TypeVar("E", bound=Entry)


class Registry(Mapping[str, type[E]]):
    """Entries of one kind by their key, in the order of menus."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._entries: dict[str, type[E]] = {}

    def add(self, entry: type[E]) -> type[E]:
        """Register `entry` (a class decorator); a key that is taken raises ValueError."""
        if entry.key in self._entries:
            raise ValueError(f"{self.kind} {entry.key!r} is registered twice")
        self._entries[entry.key] = entry
        return entry

    def __getitem__(self, key: str) -> type[E]:
        try:
            return self._entries[key]
        except KeyError:
            raise KeyError(f"{self.kind}: {unknown_name(key, self._entries)}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def discover(package: str) -> None:
    """Import all modules of a package, so that the entries they define are registered.

    Entries are in the order of the modules' names, except that a module comes
    after those that it imports; within a module, in the order of definition.
    """
    for name in sorted(module.name for module in iter_modules(sys.modules[package].__path__)):
        import_module(f"{package}.{name}")

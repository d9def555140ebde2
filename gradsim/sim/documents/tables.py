"""Tables within a table of a file, as parameters: one of them, or several by names of one's own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, TypeVar

from gradsim.schema.errors import Given, Phrase
from gradsim.schema.parameters import Parameter, ParameterError, decode, parameters

T = TypeVar("T")

NAME = re.compile(r"[a-z][a-z0-9_]+")
"""What a table of one's own may be called; no name has one letter alone, so that formulas are free to use these."""


class Table(Mapping[str, T]):
    """Values by name, never changed; two with equal names have one hash, as values need not have any."""

    def __init__(self, values: Mapping[str, T]) -> None:
        self._values = dict(values)

    def __getitem__(self, name: str) -> T:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __hash__(self) -> int:
        return hash(frozenset(self._values))

    def __repr__(self) -> str:
        return f"Table({self._values})"


@dataclass(frozen=True, kw_only=True)
class Flag(Parameter):
    """True or false."""

    def parse(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise self._refuse(value)
        return value

    @property
    def allowed(self) -> str:
        return Phrase("true or false")


@dataclass(frozen=True, kw_only=True)
class TableOf(Parameter):
    """A table of the settings that a dataclass declares; those that have their defaults are not written."""

    cls: type[Any]
    optional: bool = False
    """Whether there may be none."""

    def parse(self, value: object) -> Any:
        if value is None and self.optional:
            return None
        if not isinstance(value, Mapping):
            raise self._refuse(value)
        return decode(self.cls, value)

    def plain(self, value: Any) -> dict[str, Any] | None:
        if value is None:
            return None
        usual = {field.name: field.default for field in fields(self.cls)}
        said = {key: (parameter, getattr(value, key)) for key, parameter in parameters(self.cls).items()}
        return {
            key: parameter.plain(given)
            for key, (parameter, given) in said.items()
            if usual[key] is MISSING or given != usual[key]
        }

    @property
    def allowed(self) -> str:
        return Phrase("a table of {names}", names=", ".join(parameters(self.cls)))


@dataclass(frozen=True, kw_only=True)
class TablesOf(Parameter):
    """Tables by names of one's own, at most `most` of them."""

    item: TableOf
    most: int = 64

    def parse(self, value: object) -> Table[Any]:
        if not isinstance(value, Mapping) or len(value) > self.most:
            raise self._refuse(value)
        return Table({name: self._named(str(name), table) for name, table in value.items()})

    def _named(self, name: str, table: object) -> Any:
        if not NAME.fullmatch(name):
            template = "{name} is not a name: two or more of a–z, 0–9 and _, beginning with a letter"
            raise ParameterError("", Phrase(template, name=Given(name)))
        return self.item.parse_at(name, table)

    def plain(self, value: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self.item.plain(each) for name, each in value.items()}

    @property
    def allowed(self) -> str:
        return Phrase("at most {most} tables by name, each {item}", most=str(self.most), item=self.item.allowed)

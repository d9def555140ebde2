"""What views have a choice of: each declares its options as parameters, and all that shows them follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gradsim.schema.parameters import Choice, Integer, Parameter, parameters

MOST_LISTED = 12
"""Whole numbers are listed in a menu where there are at most so many."""


@dataclass(frozen=True)
class ViewOptions:
    """The options of a view: a subclass declares each of them with a parameter. This one has none."""

    @property
    def help(self) -> str:
        """One sentence on what is shown with these options, "" where the view's own says it."""
        return ""


def options_of(types: Iterable[type[ViewOptions]]) -> dict[str, Parameter]:
    """Return all options that these declare, by name, in their order."""
    found: dict[str, Parameter] = {}
    for each in types:
        found |= {name: one for name, one in parameters(each).items() if name not in found}
    return found


def with_option(chosen: Mapping[str, ViewOptions], name: str, value: Any) -> dict[str, ViewOptions]:
    """Return the options of views, by their keys, with this one changed in all that have it."""
    return {
        key: replace(options, **{name: value}) if name in parameters(type(options)) else options
        for key, options in chosen.items()
    }


def listed(parameter: Parameter) -> tuple[Any, ...]:
    """Return all values of an option where they are few, () where they are not: a form shows those."""
    if isinstance(parameter, Choice):
        return parameter.choices
    if isinstance(parameter, Integer) and parameter.high - parameter.low < MOST_LISTED:
        return (*parameter.words, *range(int(parameter.low), int(parameter.high) + 1))
    return ()


def label_of(parameter: Parameter, value: Any) -> str:
    """Return what a menu calls a value of an option, in English."""
    return parameter.label_of(value) if isinstance(parameter, Choice) else str(value)

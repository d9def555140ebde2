"""Single weights and biases that are given a number: ``w2[1,3] = 0.4; b1[2] = -0.3``.

``w2[1,3]`` is the weight of layer 2 from unit 1 of the layer below to its own unit 3, ``b1[2]`` the bias of unit 2 of
layer 1. Layers are counted from 1 at the first with weights, units from 1.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import nan
from typing import Literal, NamedTuple

from gradsim.engine.nn.network import layer_views
from gradsim.engine.types import Array
from gradsim.schema.errors import Given, Phrase, one_line
from gradsim.schema.parameters import ParameterError, Text

LARGEST = 1e6
"""Numbers lie between minus and plus this."""
MOST = 200
"""At most so many numbers are given at once."""

_WEIGHT = re.compile(r"w(\d{1,4})\[(\d{1,5}),\s*(\d{1,5})\]")
_BIAS = re.compile(r"b(\d{1,4})\[(\d{1,5})\]")


class GivenNumber(NamedTuple):
    """A weight or a bias, with its number.

    Attributes
    ----------
    layer, unit, below
        Which one, each counted from 0; `below` is None for a bias.
    value
        The number.
    """

    layer: int
    unit: int
    below: int | None
    value: float

    @property
    def name(self) -> str:
        """What files call the weight or bias."""
        if self.below is None:
            return f"b{self.layer + 1}[{self.unit + 1}]"
        return f"w{self.layer + 1}[{self.below + 1},{self.unit + 1}]"

    def __str__(self) -> str:
        return f"{self.name} = {repr(self.value + 0.0).removesuffix('.0')}"


@dataclass(frozen=True, kw_only=True)
class GivenNumbers(Text):
    """Weights and biases with their numbers, in one line of text; each is named once."""

    most: int = 20_000

    def parse(self, value: object) -> tuple[GivenNumber, ...]:  # type: ignore[override]
        text = super().parse(value)
        found = [self._one(each.strip()) for each in text.split(";") if each.strip()]
        if len(found) > MOST:
            template, count = "{given} numbers are given; at most {most} are allowed", f"{len(found):,}"
            raise ParameterError("", Phrase(template, given=count, most=str(MOST)))
        names = [each.name for each in found]
        twice = next((name for at, name in enumerate(names) if name in names[:at]), "")
        if twice:
            raise ParameterError("", Phrase("{name} is given twice", name=twice))
        return tuple(found)

    def _one(self, text: str) -> GivenNumber:
        name, _, number = (part.strip() for part in text.replace("−", "-").partition("="))
        weight, bias = _WEIGHT.fullmatch(name), _BIAS.fullmatch(name)
        places = [int(place) - 1 for match in (weight, bias) if match for place in match.groups()]
        if not places or min(places) < 0:
            what = '{value} is neither like "w2[1,3] = 0.4" nor like "b1[2] = -0.3"'
            raise ParameterError("", Phrase(what, value=Given(text)))
        below = places[1] if weight else None
        return GivenNumber(places[0], places[-1], below, self._number(name, number))

    def _number(self, name: str, text: str) -> float:
        try:
            found = float(text.replace("_", "?"))  # as in 1_000, which Python takes for a number
        except ValueError:
            found = nan
        if not abs(found) <= LARGEST:
            template = "{name} = {value} is not a number from {low} to {high}"
            low, high = f"{-LARGEST:,.0f}", f"{LARGEST:,.0f}"
            raise ParameterError("", Phrase(template, name=name, value=one_line(text[:40]), low=low, high=high))
        return found

    def plain(self, value: Sequence[GivenNumber]) -> str:
        return text_of(value)

    @property
    def allowed(self) -> str:
        return Phrase('one line of text such as "w2[1,3] = 0.4; b1[2] = -0.3"')


def text_of(numbers: Sequence[GivenNumber]) -> str:
    """Return the text that a file has for numbers."""
    return "; ".join(map(str, numbers))


def text_with(text: str, number: GivenNumber) -> str:
    """Return the text after a number was given, too; one that is not allowed is replaced."""
    kept = [number if each.name == number.name else each for each in _known(text)]
    return text_of(kept if number in kept else [*kept, number])


def text_without(text: str, kind: Literal["w", "b"]) -> str:
    """Return the text without all weights, or without all biases."""
    return text_of([each for each in _known(text) if each.name[0] != kind])


def _known(text: str) -> tuple[GivenNumber, ...]:
    with suppress(ParameterError):
        return GivenNumbers("").parse(text)
    return ()


def check_given(numbers: Sequence[GivenNumber], sizes: Sequence[int]) -> None:
    """Raise ParameterError for a weight or a bias that networks with these layer sizes, input first, do not have."""
    for each in numbers:
        if each.layer >= len(sizes) - 1:
            template, layers = "{name} is not there: the layers with weights are {layers}", str(len(sizes) - 1)
            raise ParameterError("", Phrase(template, name=each.name, layers=layers))
        below, units = sizes[each.layer : each.layer + 2]
        if each.unit >= units or (each.below or 0) >= below:
            template = "{name} is not there: layer {layer} has {below} inputs and {units} units"
            counts = {"layer": str(each.layer + 1), "below": str(below), "units": str(units)}
            raise ParameterError("", Phrase(template, name=each.name, **counts))


def give(params: Array, numbers: Sequence[GivenNumber], sizes: Sequence[int]) -> None:
    """Write the numbers into the parameters (K, P) of networks with these layer sizes, input first."""
    weights, biases = layer_views(params, sizes)
    for each in numbers:
        if each.below is None:
            biases[each.layer][:, each.unit] = each.value
        else:
            weights[each.layer][:, each.below, each.unit] = each.value

"""Points of the plane that were painted by hand; the experiment's file holds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import ceil, cos, isfinite, log10, pi, sin, sqrt
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gradsim.engine.data.samples import DATASETS, SPLITS, TEST, Column, Dataset, Split, class_targets, split
from gradsim.engine.data.user_formula import FARTHEST, Window, check_window
from gradsim.schema.errors import Given, Phrase
from gradsim.schema.parameters import Numbers, Parameter, ParameterError

MAX_POINTS, MAX_CLASSES = 2000, 8
IN_A_ROW = 10
"""So many points stand in one row of a file."""
DIGITS = 3
"""Places are rounded to this many digits of the side of the window."""
MOST_STRETCHED = 3.0
"""A window whose sides differ by more than this factor has axes of different units."""


class Dot(NamedTuple):
    """A point and its class."""

    x: float
    y: float
    label: int


@dataclass(frozen=True, kw_only=True)
class Dots(Parameter):
    """Points, in rows such as "0: 0.1 0.25, -0.5 0.75": a class, and the places of points of that class."""

    def parse(self, value: object) -> tuple[Dot, ...]:
        if not isinstance(value, list | tuple):
            raise self._refuse(value)
        found: list[Dot] = []
        for i, row in enumerate(value):
            try:
                found += _row(row)
            except (ValueError, TypeError, AttributeError):
                template = 'row {n}, {row}, is not like "0: 0.1 0.25, -0.5 0.75"; classes are from 0 to {most}'
                what = Phrase(template, n=str(i + 1), row=Given(row), most=str(MAX_CLASSES - 1))
                raise ParameterError("", what) from None
        if len(found) > MAX_POINTS:
            template, most = "{count} points are given; at most {most} are allowed", f"{MAX_POINTS:,}"
            raise ParameterError("", Phrase(template, count=f"{len(found):,}", most=most))
        return tuple(found)

    def plain(self, value: Sequence[Dot]) -> list[str]:
        return rows_of(value)

    @property
    def allowed(self) -> str:
        template = 'a list of rows such as "0: 0.1 0.25, -0.5 0.75", with at most {most} points'
        return Phrase(template, most=f"{MAX_POINTS:,}")


def _row(row: str) -> list[Dot]:
    """Return the points of a row of a file; ValueError or the like for what is none."""
    label, colon, places = row.partition(":")
    number = int(label) if label.strip().isdecimal() else -1
    if not colon or not 0 <= number < MAX_CLASSES:
        raise ValueError(row)
    return [_dot(place, number) for place in places.split(",")]


def _dot(place: str, label: int) -> Dot:
    x, y = map(float, place.split())
    if "_" in place or not (isfinite(x) and isfinite(y) and abs(x) <= FARTHEST and abs(y) <= FARTHEST):
        raise ValueError(place)
    return Dot(x, y, label)


def rows_of(dots: Sequence[Dot]) -> list[str]:
    """Return the rows of a file, of points in their order."""
    rows = []
    for label, alike in groupby(dots, key=lambda dot: dot.label):
        places = [f"{_digits(dot.x)} {_digits(dot.y)}" for dot in alike]
        for first in range(0, len(places), IN_A_ROW):
            rows.append(f"{label}: {', '.join(places[first : first + IN_A_ROW])}")
    return rows


def _digits(value: float) -> str:
    return repr(value + 0.0).removesuffix(".0")  # no negative zero


def rounded(x: float, y: float, label: int, window: Window) -> Dot:
    """Return a point as it is kept: to a thousandth of the window's sides."""
    x0, x1, y0, y1 = window
    return Dot(round(x, _decimals(x1 - x0)), round(y, _decimals(y1 - y0)), label)


def _decimals(side: float) -> int:
    return DIGITS - ceil(log10(side)) + 1


def _usual() -> tuple[Dot, ...]:
    """Return a disc of one class in a ring of another: 40 points each, in a sunflower's order."""
    dots = []
    for i in range(80):
        radius, angle = sqrt((i + 0.5) / 80), i * pi * (3.0 - sqrt(5.0))
        label, radius = (0, 0.65 * radius) if i < 40 else (1, radius)
        dots.append(Dot(round(0.85 * radius * cos(angle), 2), round(0.85 * radius * sin(angle), 2), label))
    return tuple(dots)


@DATASETS.add
@dataclass(frozen=True)
class Points(Dataset):
    """Points of the plane painted by hand, in the file itself.

    Inputs are scaled by the window, not by the points, so that the plane stays
    as it is while points are added: evenly spread ones have mean 0 and standard
    deviation 1. There are as many classes as the highest number says, at least
    two. With a share for testing, every so many points are kept apart.
    """

    key = "points"
    label = "Painted points"

    points: tuple[Dot, ...] = Dots(
        "Points", help="Rows of a class and of places x y; paint them on the picture of the decision boundary."
    ).field(_usual())
    window: Window = Numbers(
        "Window",
        help="The part of the plane: x from, x to, y from, y to.",
        low=-FARTHEST,
        high=FARTHEST,
        least=4,
        most=4,
    ).field((-1.0, 1.0, -1.0, 1.0))
    test_fraction: float = TEST.field(0.0)

    def __post_init__(self) -> None:
        check_window(self.window)

    @property
    def classes(self) -> int:
        """How many there are."""
        return max(2, 1 + max((dot.label for dot in self.points), default=0))

    @property
    def are_tests(self) -> npt.NDArray[np.bool_]:
        """Which points are kept apart for testing; a point that is added at the end changes that of no other."""
        numbers = np.floor(np.arange(len(self.points) + 1) * self.test_fraction)
        return np.asarray(numbers[1:] > numbers[:-1])

    def load(self) -> Split:
        return SPLITS.get(self, self._split)

    def _split(self) -> Split:
        if not self.points:
            raise ParameterError("points", Phrase("there is no point yet; paint some on the decision boundary"))
        own = np.array([dot[:2] for dot in self.points])
        labels = np.array([dot.label for dot in self.points])
        tests = self.are_tests
        order, train = np.argsort(tests, kind="stable"), int((~tests).sum())
        inputs = [_column(name, *self.window[2 * axis : 2 * axis + 2]) for axis, name in enumerate(("x", "y"))]
        x = np.stack([(own[:, axis] - each.zero) / each.one for axis, each in enumerate(inputs)], axis=1)
        found = split(x[order], class_targets(labels, self.classes)[order], train, classes=True)
        (x0, x1), (y0, y1) = self.window[:2], self.window[2:]
        alike = 1.0 / MOST_STRETCHED <= (x1 - x0) / (y1 - y0) <= MOST_STRETCHED
        return replace(found, inputs=tuple(inputs), one_unit=alike, window=self.window)


def _column(name: str, low: float, high: float) -> Column:
    """Return the column of a side of the window, evenly spread over which it has deviation 1 in training."""
    return Column(name, (low + high) / 2.0, (high - low) / sqrt(12.0))

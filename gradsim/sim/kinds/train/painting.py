"""Painted data: from the points of a plane that are there, and with points added or taken away."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np

from gradsim.engine.data import DATASETS, Column, Split
from gradsim.engine.data.user_points import DIGITS, MAX_CLASSES, MAX_POINTS, Dot, Points, rounded
from gradsim.engine.types import Array
from gradsim.schema.parameters import EntryOf, ParameterError
from gradsim.sim.kinds.train.checks import has_plane
from gradsim.sim.kinds.train.predictions import decided
from gradsim.sim.kinds.train.spec import Train

MARGIN = 0.15
"""How much more than the points a window shows on each side."""
DATA = EntryOf("Data", registry=DATASETS)


def points_of(experiment: Train) -> Points:
    """Return data to paint on from: the points of a plane that is there, else the usual ones."""
    if isinstance(experiment.data, Points):
        return experiment.data
    if has_plane(experiment):
        with suppress(ParameterError):  # their file may be gone since
            return _dots_of(experiment.data.load())
    return Points()


def _dots_of(data: Split) -> Points:
    """Return the samples of a plane as painted points, with some room around them."""
    inputs = data.inputs or (Column("x"), Column("y"))
    points = np.concatenate([data.train.x, data.test.x])[:MAX_POINTS]
    labels = decided(np.concatenate([data.train.y, data.test.y]))[:MAX_POINTS]
    own = np.stack([column.own(points[:, axis]) for axis, column in enumerate(inputs)], axis=1)
    sides = [_side(own[:, axis]) for axis in (0, 1)]
    window = (*sides[0], *sides[1])
    kept = sorted(zip(labels.tolist(), own.tolist(), strict=True), key=lambda each: each[0])
    dots = tuple(rounded(x, y, label, window) for label, (x, y) in kept if label < MAX_CLASSES)
    return Points(dots, window)


def _side(values: Array) -> tuple[float, float]:
    """Return round ends around values."""
    low, high = float(values.min()), float(values.max())
    margin = MARGIN * ((high - low) or 1.0)
    digits = DIGITS - 1 - int(np.ceil(np.log10(2.0 * margin + high - low)))
    return round(low - margin, digits), round(high + margin, digits)


def with_points(table: Mapping[str, Any], points: Points) -> dict[str, Any]:
    """Return a full table with painted data; a batch that is larger than they are becomes all of them."""
    count = int((~points.are_tests).sum())
    runs = [_with_batches(run, count) for run in table["runs"]] if count else table["runs"]
    return {**table, "data": DATA.plain(points), "runs": runs}


def _with_batches(settings: Mapping[str, Any], count: int) -> dict[str, Any]:
    found = dict(settings)
    if isinstance(found.get("batch_size"), int) and found["batch_size"] > count:
        found["batch_size"] = "all"
    if "changes" in found:
        found["changes"] = [_with_batches(change, count) for change in found["changes"]]
    return found


def points_in(table: Mapping[str, Any]) -> Points | None:
    """Return the painted data of a full table, which need not be allowed; None where there are none."""
    try:
        data = DATA.parse(table.get("data"))
    except ParameterError:
        return None
    return data if isinstance(data, Points) else None


def painted(added: Sequence[Dot], removed: Collection[Dot], table: Mapping[str, Any]) -> dict[str, Any]:
    """Return a full table with points added and others removed, where its data are painted."""
    before = points_in(table)
    if before is None:
        return dict(table)
    gone = set(removed)
    dots = [dot for dot in before.points if dot not in gone]
    return with_points(table, replace(before, points=(*dots, *added)[:MAX_POINTS]))


def cleared(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return a full table without any point."""
    before = points_in(table)
    return dict(table) if before is None else with_points(table, replace(before, points=()))

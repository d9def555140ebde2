"""Experiments at the ends of what is allowed are drawn, or views say why not: cases in which that once was not so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.trials.extremes.cases import Case, Table
from tests.trials.extremes.drawing import faults_of
from tests.trials.extremes.tables import table_of


def training(data: Table, *runs: Table, **settings: Any) -> Table:
    return {"kind": "train", "steps": 3, "replicas": 1, "data": data, "runs": list(runs), **settings}


XOR = {"name": "xor", "samples": 30}
DEEP = {"batch_size": "all", "hidden": [4] * 30, "init": "uniform", "loss": "mae", "output": "sigmoid"}
NUMBERS = {"batch_size": "all", "hidden": [3], "loss": "mse", "output": "linear"}
FLAT = {**NUMBERS, "init": "zeros", "activation": "relu"}
FAR = {"optimizer": {"name": "sgd", "learning_rate": 1e6}}
TINY = {
    "kind": "race", "steps": 3, "replicas": 2, "runs": [{}],
    "surface": {"name": "formula", "expression": "1e-150*x*y", "window": [-0.05, 0.05, -5e5, 5e5]},
}  # fmt: skip
HUGE = {"name": "csv", "path": "huge, usual for huge 8", "scaling": "none"}
CASES = {
    "noise relative to hardly any gradient": Case(training(XOR, DEEP, dtype="float32"), ("noise",)),
    "noise relative to no gradient": Case(
        training({"name": "formula", "expression": "0*x", "samples": 30}, FLAT), ("noise",)
    ),
    "values near 1e-150": Case(TINY, ("value", "surface3d")),
    "data near 1e300": Case(training(HUGE, NUMBERS), ("load", "predicted", "samples")),
    "a curve through data near 1e300": Case(training({**HUGE, "path": "huge for huge 8"}, NUMBERS), ("fit",)),
    "data beyond single precision": Case(training(HUGE, NUMBERS, dtype="float32"), ("initialization", "loss")),
    "weights that run away": Case(
        training(XOR, *({**DEEP, "hidden": [8], "activation": name, **FAR} for name in ("sigmoid", "silu", "gelu"))),
        ("diagram", "census", "boundary", "confusion"),
    ),
    "rates of 0": Case(
        training(
            {"name": "sparse", "samples": 11},
            {**NUMBERS, "loss": "cross_entropy", "output": "softmax", "schedule": {"name": "step", "gamma": 0}},
            {**NUMBERS, "loss": "cross_entropy", "output": "softmax", "optimizer": "adam"},
            steps=6,
        ),
        ("feature_rates",),
    ),
    "a pole in a race": Case(
        {**TINY, "surface": {"name": "formula", "expression": "1/x+1/y"}, "start": [1e-9, 1.0]}, ("map", "value")
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_they_are_drawn(name: str) -> None:
    case = CASES[name]
    data = case.table.get("data", {})
    if data.get("name") == "csv":
        case = replace(case, table={**case.table, "data": {**data, "path": table_of(data["path"])}})
    faults, pictures = faults_of(case)
    assert not faults, "\n\n".join(faults)
    assert pictures >= len(case.views)

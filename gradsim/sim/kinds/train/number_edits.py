"""Edits of an experiment by which a number of a small network becomes another one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from gradsim.engine.nn.given import GivenNumber, text_with, text_without
from gradsim.sim.kinds.train.one_sample import with_target
from gradsim.sim.kinds.train.sample_passes import SamplePasses, Spot
from gradsim.sim.run.forks import change_from

Edit = Callable[[dict[str, Any]], dict[str, Any]]


def given_edit(numbers: Mapping[int, GivenNumber], step: int) -> Edit:
    """Return the edit after which runs, by their indices, have a weight or a bias with this number at a step.

    It is in every replica. At step 0 the run begins with it; later it takes the place of what the update before the
    step has made, so that all is as it was up to then.
    """

    def edit(table: dict[str, Any]) -> dict[str, Any]:
        for run, number in numbers.items():
            if step == 0:
                table["runs"][run]["given"] = text_with(table["runs"][run]["given"], number)
                continue
            table = change_from(table, run, step - 1)
            changes = [
                {**each, "given": text_with(each.get("given", ""), number)} if each["step"] == step - 1 else each
                for each in table["runs"][run]["changes"]
            ]
            table["runs"][run] = {**table["runs"][run], "changes": changes}
        return table

    return edit


def number_of(spot: Spot, value: float) -> GivenNumber:
    """Return a weight or a bias with its number."""
    return GivenNumber(spot.layer, spot.unit, spot.below if spot.kind == "weight" else None, value)


def start_edit(spot: Spot, value: float, runs: Sequence[SamplePasses | None]) -> Edit:
    """Return the edit after which all replicas, which start equal, start with another weight or bias.

    `runs` are the networks of all runs before any update. It is changed in every one that has it, and all numbers of
    its kind are written down as they are.
    """

    def edit(table: dict[str, Any]) -> dict[str, Any]:
        for run, passes in zip(table["runs"], runs, strict=False):
            if passes is not None and len(run["hidden"]) + 1 == len(passes.layers) and passes.has(spot):
                run["init" if spot.kind == "weight" else "bias_init"] = _given(passes, spot, value)
                run["given"] = text_without(run["given"], "w" if spot.kind == "weight" else "b")
        return table

    return edit


def _given(passes: SamplePasses, spot: Spot, value: float) -> dict[str, Any]:
    """Return the initializer that gives all weights, or all biases, of a network, one of them with another value."""
    if spot.kind == "weight":
        weights = [layer.w.tolist() for layer in passes.layers]
        weights[spot.layer][spot.below][spot.unit] = value
        return {"name": "values", "layers": weights}
    biases = [layer.b.tolist() for layer in passes.layers]
    biases[spot.layer][spot.unit] = value
    return {"name": "values", "layers": biases}


def sample_edit(spot: Spot, value: float, passes: SamplePasses) -> Edit:
    """Return the edit that gives the one sample of the data another input or target.

    Of targets that are shares, the others share the rest; of two units for one target, it is that of the second.
    """

    def edit(table: dict[str, Any]) -> dict[str, Any]:
        data = table["data"]
        if spot.kind == "x":
            data["x"] = [value if unit == spot.unit else each for unit, each in enumerate(data["x"])]
            return table
        y = with_target(np.asarray(passes.output.y), spot.unit, value, passes.output.is_softmax)
        data["y"] = y[-len(data["y"]) :].tolist()
        return table

    return edit

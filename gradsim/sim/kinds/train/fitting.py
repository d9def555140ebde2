"""Networks that fit the data: which output, loss and batch size the runs take when other data are chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gradsim.engine.data import DATASETS, Dataset, Split
from gradsim.engine.nn.losses import LOSSES
from gradsim.engine.nn.outputs import OUTPUTS
from gradsim.schema.parameters import EntryOf, ParameterError, parameters
from gradsim.sim.kinds.train.checks import reaches
from gradsim.sim.kinds.train.spec import Train, TrainRun
from gradsim.words.languages import translate

ALL = "all"
FOLLOWING = ("output", "loss", "batch_size")
"""The settings of runs that follow the data, in the order in which they are told."""


def output_and_loss(data: Split) -> tuple[str, str]:
    """Return the keys of the usual output and loss for the targets of data."""
    if data.classes:
        return "softmax", "cross_entropy"
    labels = data.train.y.shape[1] > 1 and bool(np.isin(data.train.y, (0.0, 1.0)).all())
    return ("sigmoid", "cross_entropy") if labels else ("linear", "mse")


def followed(allowed: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return a full table whose data were chosen anew with the runs brought in line with them.

    A run changes where its output cannot give the targets, or was for numbers and the targets are classes now.
    A table of the user's own also sees to it that a batch is not larger than all there is. Nothing changes with
    another setting of the same data, such as a target that is dragged: what it cannot be, the runs refuse.
    """
    name = _named(after["data"])
    own = name in DATASETS and DATASETS[name].own
    is_chosen = own or name != _named(allowed["data"])
    data = _split(after["data"]) if is_chosen and after["data"] != allowed["data"] else None
    if data is None:
        return dict(after)
    before = _split(allowed["data"])
    from_numbers = before is not None and not before.classes
    return {**after, "runs": [_fitting(run, data, from_numbers, own) for run in after["runs"]]}


def _fitting(run: Mapping[str, Any], data: Split, from_numbers: bool, own: bool) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    output, loss = output_and_loss(data)
    own_output, own_loss = _named(run["output"]), _named(run["loss"])
    if own_output in OUTPUTS and own_loss in LOSSES:
        is_short = not data.classes and not reaches(OUTPUTS[own_output], data.train.y)
        if is_short or (data.classes and from_numbers and own_output == "linear"):
            changed = {"output": output}
            if is_short and output in LOSSES[own_loss].outputs:
                loss = own_loss
            changed |= {"loss": run["loss"] if loss == own_loss else loss}
    batch = run["batch_size"]
    if own and isinstance(batch, int) and batch > len(data.train) > 0:
        changed["batch_size"] = ALL
    return {**run, **changed}


def _split(entry: object) -> Split | None:
    """Return the samples of data given as a plain value; None where there are none."""
    try:
        data: Dataset = parameters(Train)["data"].parse(entry)
        return data.load()
    except ParameterError:
        return None


def _named(entry: Any) -> str:
    return str(entry.get("name", "")) if isinstance(entry, Mapping) else str(entry)


def followed_notes(before: Mapping[str, Any], after: Mapping[str, Any], language: str) -> list[str]:
    """Say which output, loss and batch size have followed the data from one full table to another."""
    if before["data"] == after["data"]:
        return []
    changes = []
    for key in FOLLOWING:
        pairs = zip(before["runs"], after["runs"], strict=True)
        values = [new[key] for old, new in pairs if old[key] != new[key]]
        if values:
            changes.append(_told(key, values[0], language))
    if not changes:
        return []
    listed = translate(", ", language).join(changes)
    return [translate("Brought in line with the data: {settings}. Ctrl+Z takes it back.", language).format(
        settings=listed
    )]  # fmt: skip


def _told(key: str, value: Any, language: str) -> str:
    """Return a setting of a run with its new value, in a few words."""
    parameter = parameters(TrainRun)[key]
    label = parameter.label_of(value) if isinstance(parameter, EntryOf) else str(value)
    return f"{translate(parameter.label, language)} {translate(label, language)}"

"""What only the data, or the memory there is, can refuse."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from gradsim.engine.data import DATASETS, Dataset, Split
from gradsim.engine.nn.given import check_given
from gradsim.engine.nn.losses import LOSSES
from gradsim.engine.nn.outputs import OUTPUTS, Output
from gradsim.engine.types import Array
from gradsim.schema.errors import Name, Phrase, either
from gradsim.schema.parameters import ParameterError
from gradsim.sim.kinds.train.dimensions import layer_sizes
from gradsim.sim.kinds.train.memory import bytes_needed
from gradsim.sim.kinds.train.spec import Train, TrainRun
from gradsim.sim.run.changes import phases

MAX_BYTES = 4 * 2**30

_TOO_LARGE = (
    "training would take {need} GiB; at most {most} GiB are allowed, so take smaller layers or smaller batches",
    "training would take {need} GiB; at most {most} GiB are allowed, "
    "so take fewer replicas, smaller layers or smaller batches",
)
_OTHER_NUMBERS = {
    "output": "{name} needs classes or {wanted}, but the targets of the data {data} are other numbers; "
    "take the output {others}",
    "loss": "{name} needs classes or {wanted}, but the targets of the data {data} are other numbers; "
    "take the loss {others}",
}


def check(experiment: Train) -> Split:
    """Return the experiment's data, after checking what only the data can tell.

    Raises
    ------
    ParameterError
        For data that cannot be had, a loss or output that does not go with
        them, a batch larger than the data, initial values that do not fit the
        layers, or more memory than is allowed.
    """
    try:
        data = experiment.data.load()
    except ParameterError as error:
        raise error.below("data") from None
    count = len(data.train)
    if count == 0:
        what = Phrase("no sample is left for training; take more samples or a smaller test share")
        raise ParameterError("data", what)
    for i, run in enumerate(experiment.runs):
        if not data.classes:
            _check_numbers(f"runs[{i}]", run, experiment.data.key, data)
        for phase in phases(run):
            _check_batch(phase.path(f"runs[{i}]"), phase.run.batch_size, count)
            _check_given(phase.path(f"runs[{i}]"), phase.run, layer_sizes(run, data))
        _check_initial(f"runs[{i}]", run, layer_sizes(run, data))
    need = bytes_needed(experiment, data)
    if need > MAX_BYTES:
        many = experiment.replicas > 1
        raise ParameterError(
            "replicas" if many else "runs",
            Phrase(
                _TOO_LARGE[many],
                need=f"{need / 2**30:.1f}",
                most=f"{MAX_BYTES / 2**30:.0f}",
            ),
        )
    return data


def with_fitting_batches(experiment: Train, usual: Sequence[bool]) -> Train:
    """Return the experiment with all samples in a batch where its size is the usual one, and that is more."""
    if not any(usual):
        return experiment
    try:
        count = experiment.data.training_size()
    except ParameterError:
        return experiment  # said by `check`
    runs = [
        replace(run, batch_size="all") if is_usual and _is_more(run.batch_size, count) else run
        for run, is_usual in zip(experiment.runs, usual, strict=True)
    ]
    return replace(experiment, runs=tuple(runs))


def _is_more(batch: int | str, count: int) -> bool:
    """Tell whether a batch is of more samples than there are, if there are some."""
    return isinstance(batch, int) and batch > count > 0


def _check_batch(path: str, batch: int | str, count: int) -> None:
    """Refuse a batch of more samples than there are."""
    if isinstance(batch, int) and batch > count:
        several_are = (
            "{batch} is more than the {count} training samples there are; a whole number from 1 to {count} or {all}"
        )
        one_is = "{batch} is more than the one sample there is; 1 or {all}"
        values = {"batch": str(batch), "count": str(count), "all": Name("'all'", "all")}
        raise ParameterError(f"{path}.batch_size", Phrase(several_are if count > 1 else one_is, **values))


def _check_numbers(path: str, run: TrainRun, data_key: str, data: Split) -> None:
    """Refuse an output whose range lacks targets that are numbers; if the loss allows no other output, the loss."""
    y = data.train.y
    if reaches(run.output, y):
        return
    low, high = run.output.range
    in_sum = run.output.key == "softmax" and y.shape[1] > 1
    numbers = Phrase("numbers from {low} to {high}", low=f"{low:g}", high=f"{high:g}")
    wanted = Phrase("shares that sum to 1") if in_sum else numbers
    setting, others = "output", [key for key in run.loss.outputs if reaches(OUTPUTS[key], y)]
    if not others:
        setting, others = "loss", [key for key, loss in LOSSES.items() if "linear" in loss.outputs]
    raise ParameterError(
        f"{path}.{setting}",
        Phrase(
            _OTHER_NUMBERS[setting],
            name=Name(f"{getattr(run, setting).key!r}", getattr(run, setting).label),
            wanted=wanted,
            data=Name(f"{data_key!r}", DATASETS[data_key].label),
            others=either(
                Name(key, (OUTPUTS if setting == "output" else LOSSES)[key].label)
                for key in sorted(others, key=lambda other: other != "linear")
            ),
        ),
    )


def reaches(output: Output | type[Output], y: Array) -> bool:
    """Tell whether an output's predictions can equal these targets."""
    low, high = output.range
    inside = bool((y >= low).all() and (y <= high).all())
    return inside and (output.key != "softmax" or y.shape[1] == 1 or bool(np.isclose(y.sum(axis=1), 1.0).all()))


def _check_initial(path: str, run: TrainRun, sizes: Sequence[int]) -> None:
    weights, biases = list(pairwise(sizes)), [(fan_out,) for fan_out in sizes[1:]]
    for setting, init, shapes in (("init", run.init, weights), ("bias_init", run.bias_init, biases)):
        try:
            init.check(shapes)
        except ParameterError as error:
            raise error.below(f"{path}.{setting}") from None


def _check_given(path: str, run: TrainRun, sizes: Sequence[int]) -> None:
    try:
        check_given(run.given, sizes)
    except ParameterError as error:
        raise error.below(f"{path}.given") from None


def has_accuracy(experiment: Train) -> bool:
    """Tell whether the experiment's runs classify."""
    return _traits(experiment.data).classes


def has_test_set(experiment: Train) -> bool:
    """Tell whether some of the experiment's samples are held out for testing."""
    return _traits(experiment.data).tests


def has_plane(experiment: Train) -> bool:
    """Tell whether the experiment's runs classify points of a plane."""
    traits = _traits(experiment.data)
    return traits.classes and traits.inputs == 2


def has_line(experiment: Train) -> bool:
    """Tell whether the experiment's runs predict one number from one."""
    traits = _traits(experiment.data)
    return not traits.classes and (traits.inputs, traits.targets) == (1, 1)


def input_count(experiment: Train) -> int:
    """Return how many inputs a sample has; 0 where the data cannot be read."""
    return _traits(experiment.data).inputs


def target_count(experiment: Train) -> int:
    """Return how many targets a sample has; 0 where the data cannot be read."""
    return _traits(experiment.data).targets


class _Traits(NamedTuple):
    """What of a data set decides what is measured and drawn."""

    classes: bool
    tests: bool
    inputs: int
    targets: int


def _traits(data: Dataset) -> _Traits:
    """Return the traits of data; if a file can no longer be read, those it had last."""
    with suppress(ParameterError):
        loaded = data.load()
        _TRAITS[data] = _Traits(
            loaded.classes, len(loaded.test) > 0, loaded.train.x.shape[1], loaded.train.y.shape[1]
        )
    while len(_TRAITS) > MAX_REMEMBERED:
        del _TRAITS[next(iter(_TRAITS))]
    return _TRAITS.get(data, _Traits(classes=True, tests=True, inputs=0, targets=0))


_TRAITS: dict[Dataset, _Traits] = {}
MAX_REMEMBERED = 64

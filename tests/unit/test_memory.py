"""Memory: what is counted before a run is what the window's run then takes, and no sample is kept twice."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from gradsim.schema.parameters import ParameterError
from gradsim.sim.kinds.train import checks
from gradsim.sim.kinds.train.memory import bytes_needed
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.kinds.train.trainer import Trainer
from gradsim.sim.run.simulation import new_tape, play, revisit
from tests.unit.small import experiment, train_from, trained

WIDE: dict[str, Any] = {"hidden": [128, 128], "optimizer": "adam"}
MOONS: dict[str, Any] = {"data": {"name": "moons", "samples": 5000}, "replicas": 32}
SHAPES: dict[str, tuple[list[dict[str, Any]], dict[str, Any]]] = {
    "eight batch sizes": (
        [{"hidden": [16], "batch_size": 2**i} for i in range(8)],
        {"data": {"name": "mnist", "samples": 1000}, "replicas": 2},
    ),
    "deep": ([{"hidden": [32] * 8}, {"hidden": [32] * 8, "activation": "relu"}], {"steps": 70}),
    "wide": ([WIDE], {}),
    "wide, nothing measured": ([WIDE], {"probes": "off"}),
    "several optimizers": ([WIDE, {"hidden": [128, 128]}, {"hidden": [100], "clip": "norm"}], {}),
    "all samples at once": (
        [{"hidden": [64, 64], "batch_size": "all"}],
        {"data": {"name": "digits", "samples": 500}},
    ),
    "many networks next to nothing": ([{"hidden": [], "batch_size": "all", "output": "sigmoid"}], MOONS),
    "two units, and single samples": ([{"hidden": [2], "batch_size": 1}], MOONS),
    "larger batches from a step on": (
        [WIDE | {"batch_size": 4, "changes": [{"step": 6, "batch_size": 1000, "optimizer": "amsgrad"}]}],
        {},
    ),
    "a long run": ([{"hidden": [4] * 8, "batch_size": 4}], {"steps": 1500, "replicas": 2}),
    "one that diverges": (
        [WIDE | {"optimizer": {"name": "sgd", "learning_rate": 1e6}, "activation": "linear"}, WIDE],
        {},
    ),
}


@pytest.fixture(scope="module", autouse=True)
def imported() -> None:
    """What a first run imports is no memory of the next."""
    trained(experiment(steps=2))


@pytest.fixture
def traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


def taken(spec: Train) -> int:
    """Return the most bytes held while it is trained, and a step computed again; its data were there before."""
    data = spec.data.load()
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    trainer = Trainer(spec, data)
    tape = new_tape(trainer)
    for _ in play(trainer, tape):
        pass
    for _ in revisit(Trainer(spec, data), tape, max(0, trainer.step - 1)):
        pass
    mapped = tape._rows.nbytes + tape._bands.nbytes
    return data.nbytes + mapped + tracemalloc.get_traced_memory()[1] - before


@pytest.mark.usefixtures("traced")
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("shape", SHAPES)
def test_memory_is_counted_before_any_is_taken(shape: str, dtype: str) -> None:
    runs, settings = SHAPES[shape]
    labelled = [{"label": str(i), **run} for i, run in enumerate(runs)]
    usual = {"data": "digits", "replicas": 4, "steps": 12}
    spec = train_from(usual | settings | {"runs": labelled, "dtype": dtype})
    need = bytes_needed(spec, spec.data.load())
    assert need / 1.5 <= taken(spec) <= need


def test_more_than_is_allowed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = experiment()
    need = bytes_needed(spec, spec.data.load())
    monkeypatch.setattr(checks, "MAX_BYTES", need)
    checks.check(spec)
    monkeypatch.setattr(checks, "MAX_BYTES", need - 1)
    with pytest.raises(ParameterError, match="GiB are allowed"):
        checks.check(spec)


def test_groups_share_the_samples() -> None:
    sizes = [{"label": str(size), "batch_size": size} for size in (1, 2, 4)]
    plain = Trainer(experiment(*sizes))
    for group in plain._groups:
        for samples, data in ((group._train, plain.data.train), (group.wholes["test"].samples, plain.data.test)):
            assert np.shares_memory(samples.x, data.x)
            assert np.shares_memory(samples.y, data.y)
    single = Trainer(experiment(*sizes, dtype="float32"))
    for part in ("train", "test"):
        assert len({id(group.wholes[part].samples) for group in single._groups}) == 1

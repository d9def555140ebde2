"""The output layer in numbers, against plain NumPy and worked examples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradsim.sim.kinds.train.numbers import OutputNumbers, exponential_text, output_numbers
from gradsim.sim.kinds.train.one_sample import one_sample
from gradsim.sim.kinds.train.snapshot import Snapshot, snapshots
from gradsim.sim.kinds.train.spec import Train
from gradsim.ui.plots.numbers_table import columns
from tests.unit.small import experiment, train_from, trained

PAIRS = [
    ("softmax", "cross_entropy"), ("softmax", "mse"), ("sigmoid", "cross_entropy"), ("sigmoid", "mse"),
    ("tanh", "mse"), ("linear", "mse"), ("linear", "mae"), ("linear", "huber"),
]  # fmt: skip


def of_layer(z: list[float], y: list[float], **settings: Any) -> Train:
    """Return an experiment of one layer that has these z before any update."""
    table = {
        "steps": 3,
        "replicas": 1,
        "data": {"name": "point", "x": [1.0], "y": y},
        "common": {"hidden": [], "batch_size": "all", "init": {"name": "values", "layers": [[z]]}, **settings},
        "runs": [{}],
    }
    return train_from(table)


def networks(spec: Train, step: int) -> list[Snapshot]:
    """Return the networks of the first replica at a step."""
    _, tape = trained(spec)
    *_, found = snapshots(spec, spec.data.load(), tape.keyframe_before(step), step, 0)
    assert found is not None
    return [network for network in found if network is not None]


def numbers(spec: Train, step: int = 0, sample: int = 0) -> OutputNumbers:
    """Return the numbers of the first run."""
    return output_numbers(networks(spec, step)[0], one_sample(spec.runs[0], spec.data.load(), sample))


@pytest.mark.parametrize(
    ("y", "loss", "delta"),
    [
        ([1, 0, 0], 0.129, [-0.121, 0.119, 0.002]),
        ([0, 0, 1], 6.129, [0.879, 0.119, -0.998]),
        ([0, 1, 0], 2.129, [0.879, -0.881, 0.002]),
    ],
)
def test_the_worked_example_of_softmax(y: list[float], loss: float, delta: list[float]) -> None:
    found = numbers(of_layer([3.0, 1.0, -3.0], y, output="softmax", loss="cross_entropy"))
    assert found.a == pytest.approx([0.878878, 0.118943, 0.002179], abs=5e-7)
    assert found.loss == pytest.approx(loss, abs=5e-4)
    assert found.true_unit == y.index(1)
    assert found.delta == pytest.approx(delta, abs=5e-4)
    assert found.delta.sum() == pytest.approx(0.0, abs=1e-15)
    table = columns(found, ["1", "2", "3"], str)
    assert table[2].texts == ["20.1", "2.7", "0.05"]
    assert table[2].total == "Σ = 22.9"
    assert [column.total for column in table[-2:]] == [f"L = {loss:.3g}", "Σ = 0"]


@pytest.mark.parametrize("step", [0, 5])
@pytest.mark.parametrize(("output", "loss"), PAIRS)
def test_every_output_and_loss_against_plain_numpy(output: str, loss: str, step: int) -> None:
    run = {"output": output, "loss": loss}
    spec = experiment(run, common={"hidden": [6, 5], "batch_size": 16, "activation": "tanh"}, replicas=1)
    network, data, sample = networks(spec, step)[0], spec.data.load(), 7
    a, y = data.train.x[sample], data.train.y[sample]
    for layer in network.layers[:-1]:
        a = np.tanh(a @ layer.w + layer.b)
    z = a @ network.layers[-1].w + network.layers[-1].b
    found = output_numbers(network, one_sample(network.run, data, sample))
    assert found.z == pytest.approx(z, rel=1e-12)
    assert found.y.tolist() == y.tolist()
    given = _outputs(output, z)
    assert found.a == pytest.approx(given, rel=1e-12)
    assert found.terms == pytest.approx(_terms(loss, output, given, y), rel=1e-9, abs=1e-12)
    for unit in range(len(z)):
        both = []
        for shift in (1e-6, -1e-6):
            moved = z + shift * (np.arange(len(z)) == unit)
            both.append(float(_terms(loss, output, _outputs(output, moved), y).sum()))
        assert found.delta[unit] == pytest.approx((both[0] - both[1]) / 2e-6, rel=1e-5, abs=1e-8)


def _outputs(output: str, z: Any) -> Any:
    powers = np.exp(z)
    return {"softmax": powers / powers.sum(), "sigmoid": 1 / (1 + 1 / powers), "tanh": np.tanh(z), "linear": z}[
        output
    ]


def _terms(loss: str, output: str, a: Any, y: Any) -> Any:
    off = np.abs(a - y)
    if loss == "cross_entropy":
        others = 0.0 if output == "softmax" else (1.0 - y) * np.log(1.0 - a)
        return -(y * np.log(a) + others)
    return {"mse": 0.5 * off**2, "mae": off, "huber": np.where(off < 1.0, 0.5 * off**2, off - 0.5)}[loss]


def test_it_is_the_loss_that_is_trained_on() -> None:
    spec = of_layer([2.0, -1.0], [0.0, 1.0], output="sigmoid", loss="cross_entropy")
    _, tape = trained(spec)
    for step in range(4):
        assert numbers(spec, step).loss == pytest.approx(tape.until(step).values(0, "loss")[0], rel=1e-12)


@pytest.mark.filterwarnings("error")
def test_far_from_the_middle_nothing_overflows() -> None:
    found = numbers(of_layer([1000.0, 0.0, -1000.0], [0.0, 0.0, 1.0], output="softmax", loss="cross_entropy"))
    assert found.loss == pytest.approx(2000.0)
    assert found.a.tolist() == [1.0, 0.0, 0.0]
    assert columns(found, ["1", "2", "3"], str)[2].texts == ["2.0 × 10⁴³⁴", "1.0", "5.1 × 10⁻⁴³⁵"]


@pytest.mark.parametrize(
    ("z", "text"), [(0.0, "1.0"), (3.0, "20.1"), (-3.0, "0.05"), (np.log(10.0) * 8, "1.0 × 10⁸")]
)
def test_powers_are_told_as_people_say_them(z: float, text: str) -> None:
    assert exponential_text(z) == text

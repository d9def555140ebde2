"""Every number of a small network's passes, against plain NumPy; and edits of the numbers that are given."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from gradsim.sim.documents.experiments import experiment_from, full_table
from gradsim.sim.kinds.train.sample_passes import SamplePasses, Spot, number_edit, sample_passes
from gradsim.sim.kinds.train.spec import Train
from tests.unit.small import as_train, experiment, train_from
from tests.unit.test_output_numbers import networks

RATE = 0.01
ACTIVATIONS: dict[str, Any] = {
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
    "tanh": (np.tanh, lambda z: 1 / np.cosh(z) ** 2),
    "relu": (lambda z: np.maximum(0, z), lambda z: (z > 0) * 1.0),
    "softplus": (lambda z: np.log(1 + np.exp(z)), lambda z: 1 / (1 + np.exp(-z))),
    "linear": (lambda z: z, np.ones_like),
}
PAIRS = [("softmax", "cross_entropy"), ("softmax", "mse"), ("sigmoid", "cross_entropy"), ("sigmoid", "mse"),
         ("linear", "mse")]  # fmt: skip
SIZES = (2, 3, 4, 2)


def given(sizes: tuple[int, ...] = SIZES) -> tuple[list[Any], list[Any]]:
    """Return weights and biases between layers of these sizes."""
    rng = np.random.Generator(np.random.PCG64(3))
    pairs = list(pairwise(sizes))
    w = [rng.normal(0, 0.6, pair).round(3) for pair in pairs]
    return w, [rng.normal(0, 0.5, above).round(3) for _, above in pairs]


X, Y = np.array([0.7, -1.2]), np.array([0.0, 1.0])


def spec_of(activation: str, output: str, loss: str) -> Train:
    """Return an experiment on one sample that begins with these weights, and takes plain steps."""
    w, b = given()
    run = {
        "activation": activation,
        "output": output,
        "loss": loss,
        "hidden": list(SIZES[1:-1]),
        "init": {"name": "values", "layers": [each.tolist() for each in w]},
        "bias_init": {"name": "values", "layers": [each.tolist() for each in b]},
        "batch_size": "all",
        "optimizer": {"name": "sgd", "learning_rate": RATE},
    }
    data = {"name": "point", "x": X.tolist(), "y": Y.tolist()}
    return train_from({"replicas": 1, "steps": 3, "data": data, "runs": [run]})


def by_hand(activation: str, output: str, loss: str, w: list[Any], b: list[Any]) -> dict[str, Any]:
    """Return all numbers of one forward and backward pass, by layer."""
    value, slope = ACTIVATIONS[activation]
    a, z = [X], []
    for layer, (weights, biases) in enumerate(zip(w, b, strict=True)):
        z.append(weights.T @ a[-1] + biases)
        a.append(value(z[-1]) if layer < len(w) - 1 else _output(output, z[-1]))
    off = a[-1] - Y
    if loss == "cross_entropy" or output == "linear":
        delta = off
    elif output == "sigmoid":
        delta = off * a[-1] * (1 - a[-1])
    else:
        delta = (np.diag(a[-1]) - np.outer(a[-1], a[-1])) @ off
    deltas = [delta]
    for layer in range(len(w) - 1, 0, -1):
        deltas.insert(0, (w[layer] @ deltas[0]) * slope(z[layer - 1]))
    terms = 0.5 * off**2
    if loss == "cross_entropy":
        rest = np.where(Y == 1, 0.0, np.log(1 - a[-1])) if output == "sigmoid" else 0.0
        terms = -(Y * np.log(a[-1]) + rest)
    return {"z": z, "a": a, "delta": deltas, "dw": [np.outer(*each) for each in zip(a, deltas, strict=False)],
            "terms": terms}  # fmt: skip


def _output(output: str, z: Any) -> Any:
    powers = np.exp(z)
    return {"softmax": powers / powers.sum(), "sigmoid": 1 / (1 + 1 / powers), "linear": z}[output]


@pytest.mark.parametrize(("output", "loss"), PAIRS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_both_passes_and_the_update(activation: str, output: str, loss: str) -> None:
    spec, (w, b) = spec_of(activation, output, loss), given()
    for step in range(2):
        found = sample_passes(networks(spec, step)[0], spec.data.load(), 0)
        expected = by_hand(activation, output, loss, w, b)
        assert found.sizes == SIZES
        assert found.output.terms == pytest.approx(expected["terms"], rel=1e-9)
        for layer, numbers in enumerate(found.layers):
            assert numbers.w == pytest.approx(w[layer], rel=1e-12)
            assert numbers.b == pytest.approx(b[layer], rel=1e-12)
            assert numbers.below == pytest.approx(expected["a"][layer], rel=1e-12)
            assert numbers.z == pytest.approx(expected["z"][layer], rel=1e-12)
            assert numbers.a == pytest.approx(expected["a"][layer + 1], rel=1e-12)
            assert numbers.delta == pytest.approx(expected["delta"][layer], rel=1e-9, abs=1e-15)
            assert numbers.dw == pytest.approx(expected["dw"][layer], rel=1e-9, abs=1e-15)
        w = [each - RATE * gradient for each, gradient in zip(w, expected["dw"], strict=True)]
        b = [each - RATE * delta for each, delta in zip(b, expected["delta"], strict=True)]


def test_one_of_several_samples_is_what_the_network_trains_on() -> None:
    spec = experiment({"activation": "tanh"}, data={"name": "moons", "samples": 60}, replicas=2)
    network, data = networks(spec, 5)[0], spec.data.load()
    losses = [sample_passes(network, data, sample).loss for sample in range(len(data.train))]
    assert len(set(losses)) > 1
    assert sample_passes(network, data, 3).x.tolist() == data.train.x[3].tolist()


def passes_of(spec: Train) -> list[SamplePasses]:
    return [sample_passes(network, spec.data.load(), 0) for network in networks(spec, 0)]


@pytest.mark.parametrize(
    "spot", [Spot("weight", 1, 3, 2), Spot("weight", 0, 0, 1), Spot("bias", 2, 1), Spot("x", 0, 1), Spot("y", 0, 0)]
)
def test_an_edit_changes_one_number_alone(spot: Spot) -> None:
    spec = spec_of("tanh", "sigmoid", "mse")
    before = passes_of(spec)
    edited = as_train(experiment_from(number_edit(spot, 0.25, before)(full_table(spec))))
    after = passes_of(edited)[0]
    assert after.value(spot) == 0.25
    assert before[0].value(spot) != 0.25
    for other in all_spots(after):
        if other != spot:
            assert after.value(other) == before[0].value(other)


def all_spots(passes: SamplePasses) -> list[Spot]:
    found = [Spot("x", 0, unit) for unit in range(len(passes.x))]
    found += [Spot("y", 0, unit) for unit in range(len(passes.output.y))]
    for at, layer in enumerate(passes.layers):
        found += [Spot("bias", at, unit) for unit in range(len(layer.b))]
        found += [Spot("weight", at, unit, below) for below, unit in np.ndindex(layer.w.shape)]
    return found


def test_an_edit_reaches_every_run_that_has_the_weight() -> None:
    runs = [{"hidden": [2, 2]}, {"hidden": [3, 2]}, {"hidden": [2]}]
    spec = experiment(*runs, data={"name": "moons", "samples": 60}, replicas=1)
    before = passes_of(spec)
    edited = as_train(experiment_from(number_edit(Spot("weight", 0, 2, 1), -4.0, before)(full_table(spec))))
    after = passes_of(edited)
    assert after[1].layers[0].w[1, 2] == -4.0
    assert [run.init.key for run in edited.runs] == ["xavier_normal", "values", "xavier_normal"]
    assert after[0].layers[0].w.tolist() == before[0].layers[0].w.tolist()
    assert after[1].layers[1].w.tolist() == before[1].layers[1].w.tolist()

"""Every number of a small network's passes, against plain NumPy; and edits of the numbers that are given."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from gradsim.sim.documents.experiments import experiment_from, full_table
from gradsim.sim.kinds.train.number_edits import Edit, given_edit, number_of, sample_edit, start_edit
from gradsim.sim.kinds.train.one_sample import Altered, one_sample
from gradsim.sim.kinds.train.sample_passes import SamplePasses, Spot, sample_passes
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
        found = sample_passes(networks(spec, step)[0], one_sample(spec.runs[0], spec.data.load(), 0))
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
    losses = [sample_passes(network, one_sample(network.run, data, sample)).loss for sample in range(len(data.train))]
    assert len(set(losses)) > 1
    assert sample_passes(network, one_sample(network.run, data, 3)).x.tolist() == data.train.x[3].tolist()


def passes_of(spec: Train) -> list[SamplePasses]:
    return [sample_passes(network, one_sample(network.run, spec.data.load(), 0)) for network in networks(spec, 0)]


def edit_of(spot: Spot, value: float, runs: list[SamplePasses]) -> Edit:
    return sample_edit(spot, value, runs[0]) if spot.kind in ("x", "y") else start_edit(spot, value, runs)


@pytest.mark.parametrize(
    "spot", [Spot("weight", 1, 3, 2), Spot("weight", 0, 0, 1), Spot("bias", 2, 1), Spot("x", 0, 1), Spot("y", 0, 0)]
)
def test_an_edit_changes_one_number_alone(spot: Spot) -> None:
    spec = spec_of("tanh", "sigmoid", "mse")
    before = passes_of(spec)
    edited = as_train(experiment_from(edit_of(spot, 0.25, before)(full_table(spec))))
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
    edited = as_train(experiment_from(start_edit(Spot("weight", 0, 2, 1), -4.0, before)(full_table(spec))))
    after = passes_of(edited)
    assert after[1].layers[0].w[1, 2] == -4.0
    assert [run.init.key for run in edited.runs] == ["xavier_normal", "values", "xavier_normal"]
    assert after[0].layers[0].w.tolist() == before[0].layers[0].w.tolist()
    assert after[1].layers[1].w.tolist() == before[1].layers[1].w.tolist()


def test_no_number_is_a_negative_zero() -> None:
    init = {"name": "normal", "std": 30.0}
    for activation in ("relu", "tanh"):
        spec = experiment({"activation": activation, "init": init}, data={"name": "moons", "samples": 60}, replicas=1)
        [found] = passes_of(spec)
        for layer in found.layers:
            for values in (layer.z, layer.a, layer.delta, layer.dw):
                assert not np.signbit(values[values == 0.0]).any()
        assert any((layer.delta == 0.0).any() for layer in found.layers)


# Edits at later steps.


@pytest.mark.parametrize(("output", "loss"), PAIRS)
@pytest.mark.parametrize("spot", [Spot("weight", 1, 3, 2), Spot("bias", 2, 1)])
def test_after_an_edit_at_a_step_both_passes_and_the_update(spot: Spot, output: str, loss: str) -> None:
    spec, (w, b) = spec_of("tanh", output, loss), given()
    first = by_hand("tanh", output, loss, w, b)
    w = [each - RATE * gradient for each, gradient in zip(w, first["dw"], strict=True)]
    b = [each - RATE * delta for each, delta in zip(b, first["delta"], strict=True)]
    edited = as_train(experiment_from(given_edit({0: number_of(spot, -0.75)}, 1)(full_table(spec))))
    place = (spot.below, spot.unit) if spot.kind == "weight" else spot.unit
    (w if spot.kind == "weight" else b)[spot.layer][place] = -0.75
    for step in (1, 2):
        found = sample_passes(networks(edited, step)[0], one_sample(spec.runs[0], spec.data.load(), 0))
        expected = by_hand("tanh", output, loss, w, b)
        for layer, numbers in enumerate(found.layers):
            assert numbers.w == pytest.approx(w[layer], rel=1e-12)
            assert numbers.b == pytest.approx(b[layer], rel=1e-12)
            assert numbers.a == pytest.approx(expected["a"][layer + 1], rel=1e-12)
            assert numbers.delta == pytest.approx(expected["delta"][layer], rel=1e-9, abs=1e-15)
            assert numbers.dw == pytest.approx(expected["dw"][layer], rel=1e-9, abs=1e-15)
        w = [each - RATE * gradient for each, gradient in zip(w, expected["dw"], strict=True)]
        b = [each - RATE * delta for each, delta in zip(b, expected["delta"], strict=True)]


def test_edits_at_one_step_are_one_change_and_the_last_of_a_number_holds() -> None:
    table = full_table(experiment({}, {"label": "B", "changes": [{"step": 6, "clip": "norm"}]}))
    for run, spot, value in ((1, W5, 1.0), (1, Spot("bias", 0, 2), 2.0), (1, W5, 3.0), (0, W5, 4.0)):
        table = given_edit({run: number_of(spot, value)}, 7)(table)
    changes = [run["changes"] for run in table["runs"]]
    assert changes[0] == [{"step": 6, "given": "w2[2,1] = 4"}]
    assert changes[1][0]["given"] == "w2[2,1] = 3; b1[3] = 2"
    assert changes[1][0]["clip"]["name"] == "norm"
    assert given_edit({0: number_of(W5, 5.0)}, 0)(table)["runs"][0]["given"] == "w2[2,1] = 5"


W5 = Spot("weight", 1, 0, 1)


def test_numbers_given_before_do_not_outlast_a_start_that_is_written_down() -> None:
    spec = spec_of("tanh", "sigmoid", "mse")
    table = given_edit({0: number_of(W5, 5.0)}, 0)(full_table(spec))
    table = given_edit({0: number_of(Spot("bias", 0, 0), 6.0)}, 0)(table)
    before = passes_of(as_train(experiment_from(table)))
    after = passes_of(as_train(experiment_from(start_edit(W5, 0.25, before)(table))))[0]
    assert before[0].value(W5) == 5.0
    assert after.value(W5) == 0.25
    assert after.value(Spot("bias", 0, 0)) == 6.0


# Samples that are altered.


@pytest.mark.parametrize(
    ("output", "y", "unit", "value", "expected"),
    [
        ("sigmoid", [0.0, 1.0, 0.0], 2, 0.5, [0.0, 1.0, 0.5]),
        ("softmax", [0.0, 1.0, 0.0], 1, 0.8, [0.1, 0.8, 0.1]),
        ("softmax", [0.0, 1.0, 0.0], 0, 0.3, [0.3, 0.7, 0.0]),
        ("softmax", [1.0], 0, 0.25, [0.25, 0.75]),
        ("sigmoid", [1.0], 0, 0.25, [0.25]),
    ],
)
def test_targets_that_are_shares_share_what_is_left(
    output: str, y: list[float], unit: int, value: float, expected: list[float]
) -> None:
    spec = experiment(
        {"output": output}, data={"name": "point", "x": [1.0, 2.0], "y": y}, common={"batch_size": "all"}
    )
    data = spec.data.load()
    found = one_sample(spec.runs[0], data, 0, [Altered("x", 1, -3.0), Altered("y", unit, value)])
    assert found.y[0] == pytest.approx(expected, abs=1e-15)
    assert found.x.tolist() == [[1.0, -3.0]]
    assert data.train.x.tolist() == [[1.0, 2.0]]
    assert data.train.y.tolist() == [y]


@pytest.mark.parametrize(("output", "loss"), PAIRS)
def test_an_altered_sample_goes_through_the_network_as_it_is(output: str, loss: str) -> None:
    spec = spec_of("tanh", output, loss)
    network, data = networks(spec, 1)[0], spec.data.load()
    altered = [Altered("x", 0, 2.5), Altered("y", 1, 0.6)]
    found = sample_passes(network, one_sample(network.run, data, 0, altered))
    a = np.array([2.5, X[1]])
    for layer in network.layers[:-1]:
        a = np.tanh(a @ layer.w + layer.b)
    out = _output(output, a @ network.layers[-1].w + network.layers[-1].b)
    y = np.array([0.4 if output == "softmax" else 0.0, 0.6])
    delta = out - y
    if (output, loss) == ("sigmoid", "mse"):
        delta *= out * (1 - out)
    if (output, loss) == ("softmax", "mse"):
        delta = (np.diag(out) - np.outer(out, out)) @ delta
    assert found.output.a == pytest.approx(out, rel=1e-12)
    assert found.output.y == pytest.approx(y, abs=1e-15)
    assert found.output.delta == pytest.approx(delta, rel=1e-9, abs=1e-14)


def test_an_edit_of_a_target_keeps_shares_and_the_one_column_of_two_units() -> None:
    for y, edited in (([0.0, 1.0, 0.0], [0.25, 0.75, 0.0]), ([1.0], [0.75])):
        spec = experiment({}, data={"name": "point", "x": [1.0], "y": y}, common={"batch_size": "all"}, replicas=1)
        table = sample_edit(Spot("y", 0, 0), 0.25, passes_of(spec)[0])(full_table(spec))
        assert table["data"]["y"] == edited
        assert passes_of(as_train(experiment_from(table)))[0].output.y[0] == 0.25

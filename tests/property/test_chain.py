"""The way back taken apart: the factors between layers multiply to the norms that were measured."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gradsim.engine.nn.activations import ACTIVATIONS
from gradsim.engine.nn.losses import LOSSES, Huber
from gradsim.sim.kinds.train.chain import cancels, chain, output_factor
from gradsim.sim.kinds.train.snapshot import Snapshot, snapshots
from gradsim.sim.kinds.train.trainer import Trainer
from gradsim.sim.run.tape import Tape, Values
from tests.property.cases import cases
from tests.unit.small import experiment, trained

ENDS = [(output, loss) for loss in LOSSES for output in LOSSES[loss].outputs]
WIDTHS = st.integers(1, 6)
DEPTHS = st.one_of(
    st.lists(WIDTHS, min_size=0, max_size=6),
    st.builds(lambda width, depth: [width] * depth, WIDTHS, st.integers(7, 100)),
)


def run(activation: str, end: tuple[str, str], hidden: list[int], batch: int) -> dict[str, Any]:
    return {
        "activation": activation,
        "output": end[0],
        "loss": end[1],
        "hidden": hidden,
        "batch_size": batch,
        "optimizer": {"name": "sgd", "learning_rate": 0.01},
    }


RUNS = st.builds(run, st.sampled_from(list(ACTIVATIONS)), st.sampled_from(ENDS), DEPTHS, st.integers(1, 9))


def seen_again(trainer: Trainer, tape: Tape, step: int, replica: int) -> tuple[Snapshot | None, ...]:
    *_, last = snapshots(trainer.experiment, trainer.data, tape.keyframe_before(step), step, replica)
    assert last is not None
    return last


@cases(40)
@given(settings=RUNS)
def test_the_factors_multiply_to_the_norms(settings: dict[str, Any]) -> None:
    trainer, tape = trained(experiment(settings, replicas=2, steps=3))
    if trainer.diverged:
        return
    past = tape.until(3)
    [network] = seen_again(trainer, tape, 3, 1)
    assert network is not None
    found = chain(past, 0, 1)
    delta = network.layers[-1].delta
    np.testing.assert_allclose(found.norms[-1], np.linalg.norm(delta), rtol=1e-12)
    for at in reversed(range(len(found.norms) - 1)):
        passed = delta @ network.layers[at + 1].w.T
        if not np.linalg.norm(passed) > 1e-300:
            break
        np.testing.assert_allclose(found.weights[at], np.linalg.norm(passed) / np.linalg.norm(delta), rtol=1e-9)
        delta = passed * network.layers[at].slope
        np.testing.assert_allclose(found.slopes[at], np.linalg.norm(delta) / np.linalg.norm(passed), rtol=1e-9)
        if not np.linalg.norm(delta) > 1e-300:
            break
        np.testing.assert_allclose(found.norms[-1] * 10.0 ** found.falls[at], found.norms[at], rtol=1e-9)
        parts = found.falls_by_weights[at] + found.falls_by_slopes[at]
        np.testing.assert_allclose(parts, found.falls[at], rtol=1e-9, atol=1e-12)


def given_by_the_loss(network: Snapshot) -> Values:
    """Return dL/da of the mean loss of the batch, or with cross-entropy a - y over it, in plain NumPy."""
    a, y, loss = network.layers[-1].a, network.y, network.run.loss
    if loss.key == "mae":
        error = np.sign(a - y)
    elif isinstance(loss, Huber):
        error = np.clip(a - y, -loss.delta, loss.delta)
    else:
        error = a - y
    return np.asarray(error / len(a), np.float64)


@cases(40)
@given(settings=RUNS)
def test_from_what_the_loss_gives_the_factors_multiply_to_the_norm_of_the_first_layer(
    settings: dict[str, Any],
) -> None:
    trainer, tape = trained(experiment(settings, replicas=2, steps=3))
    if trainer.diverged:
        return
    [network] = seen_again(trainer, tape, 3, 1)
    assert network is not None
    run = trainer.experiment.runs[0]
    factor = output_factor(network)
    found = chain(tape.until(3), 0, 1, factor, cancels(run))
    error = float(np.linalg.norm(given_by_the_loss(network)))
    if not error > 1e-300:
        assert np.isnan(factor)
        return
    np.testing.assert_allclose(found.output, found.norms[-1] / error, rtol=1e-9)
    np.testing.assert_allclose(found.error, error, rtol=1e-9)
    if cancels(run) or run.output.key == "linear":
        np.testing.assert_allclose(factor, 1.0, rtol=1e-12)
    if not found.norms[0] > 1e-300:
        return
    logs = np.log10([error, found.output, *found.weights, *found.slopes])
    np.testing.assert_allclose(10.0 ** logs.sum(), found.norms[0], rtol=1e-9)


@cases(10)
@given(settings=RUNS, step=st.integers(0, 12))
def test_a_network_is_seen_again_as_it_was_measured(settings: dict[str, Any], step: int) -> None:
    trainer, tape = trained(experiment(settings, RELU_THEN_TANH, replicas=2, steps=12))
    if trainer.diverged:
        return
    past = tape.until(step)
    for index, network in enumerate(seen_again(trainer, tape, step, 1)):
        assert network is not None
        assert network.step == step
        norms = [np.linalg.norm(layer.dw) for layer in network.layers]
        np.testing.assert_allclose(norms, past.values(index, "grad_norm")[:, 1], rtol=1e-12, atol=1e-300)
        for layer, before in zip(network.layers, [network.x, *(each.a for each in network.layers)], strict=False):
            np.testing.assert_allclose(before @ layer.w + layer.b, layer.z, rtol=1e-9, atol=1e-12)
            np.testing.assert_allclose(before.T @ layer.delta, layer.dw, rtol=1e-9, atol=1e-300)


RELU_THEN_TANH = {
    "label": "Fork",
    "activation": "relu",
    "changes": [{"step": 5, "activation": "tanh"}, {"step": 9, "batch_size": 4}],
}


def test_the_error_keeps_the_derivative_of_the_output_apart() -> None:
    ends = (("sigmoid", "cross_entropy"), ("sigmoid", "mse"), ("linear", "mse"), ("softmax", "cross_entropy"))
    for end in ends:
        trainer, tape = trained(experiment(run("tanh", end, [5], 8), steps=2))
        [network] = seen_again(trainer, tape, 2, 0)
        assert network is not None
        last = network.layers[-1]
        np.testing.assert_allclose(network.error, (last.a - network.y) / 8, rtol=1e-12)
        slope = last.a * (1.0 - last.a) if end == ("sigmoid", "mse") else 1.0
        np.testing.assert_allclose(last.delta, network.error * slope, rtol=1e-12)


def test_a_run_that_has_diverged_is_not_seen() -> None:
    away = run("linear", ("linear", "mse"), [5], 8) | {"optimizer": {"name": "sgd", "learning_rate": 1e3}}
    trainer, tape = trained(experiment(away | {"label": "Away"}, run("tanh", ENDS[0], [5], 8), steps=60))
    assert [gone.run for gone in trainer.diverged] == [0]
    gone, network = seen_again(trainer, tape, 60, 0)
    assert gone is None
    assert network is not None

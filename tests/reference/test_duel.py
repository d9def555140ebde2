"""What is shown of losses at a sigmoid output: against the neuron of the book, and plain NumPy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradsim.sim.documents.document import read
from gradsim.sim.kinds.train.duel import OutputState, error_bands, gradient_bands, output_state, right_by
from gradsim.sim.kinds.train.snapshot import Snapshot, snapshots
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.run.tape import MEDIAN, Tape
from gradsim.ui.views.train.duel import DuelView
from tests.unit.small import as_train, experiment, train_from, trained

ENTRIES = json.loads((Path(__file__).parent / "reference.json").read_text("utf-8"))
BOOK = [each for each in ENTRIES if each["name"].startswith(("nielsen_ch3_mse_eta", "nielsen_ch3_ce_eta"))]
DUELS = {"mse": "Squared error", "cross_entropy": "Cross-entropy"}


def neuron(w: float, b: float, rate: float, steps: int, y: float = 0.0) -> Train:
    """Return the duel of the two losses of one neuron, from one start and at one rate."""
    return train_from(
        {
            "steps": steps,
            "replicas": 1,
            "data": {"name": "point", "x": [1.0], "y": [y]},
            "common": {
                "hidden": [],
                "output": "sigmoid",
                "init": {"name": "values", "layers": [[[w]]]},
                "bias_init": {"name": "values", "layers": [[b]]},
                "optimizer": {"name": "sgd", "learning_rate": rate},
                "batch_size": "all",
            },
            "runs": [{"label": label, "loss": loss} for loss, label in DUELS.items()],
        }
    )


def at(spec: Train, tape: Tape, step: int) -> list[tuple[Snapshot, OutputState]]:
    """Return the networks of the first replica at a step, and what is shown of them."""
    *_, found = snapshots(spec, spec.data.load(), tape.keyframe_before(step), step, 0)
    assert found is not None
    return [(network, output_state(network)) for network in found if network is not None]


@pytest.mark.parametrize("entry", BOOK, ids=lambda entry: str(entry["name"]))
def test_the_neuron_of_the_book_is_shown_where_it_is(entry: Any) -> None:
    setup, run = entry["setup"], int("_ce_" in entry["name"])
    w, b = (float(part[1:]) for part in entry["name"].split("_")[-2:])
    spec = neuron(w, b, setup["eta"], 301)
    trainer, tape = trained(spec)
    past = tape.until(301)
    shown = error_bands(past, run, spec.runs[run], 1, 1)[:, MEDIAN]
    lengths = gradient_bands(past, run, spec.runs[run], 1)[:, MEDIAN]
    for step, wanted in entry["expected"].items():
        _, state = at(spec, tape, int(step))[run]
        a = wanted["a"]
        assert state.a == pytest.approx(a, abs=entry["tolerance"])
        assert state.z == pytest.approx(wanted["w"] + wanted["b"], abs=2 * entry["tolerance"])
        assert state.factor == pytest.approx(a * (1.0 - a), abs=entry["tolerance"])
        delta = a if run else a * a * (1.0 - a)
        assert state.delta == pytest.approx(delta, abs=entry["tolerance"])
        assert state.error == pytest.approx(1.0 / (1.0 - a) if run else a, rel=1e-8)
        assert shown[int(step)] == pytest.approx(a, abs=1e-7)  # by the root of the loss
        assert lengths[int(step)] == pytest.approx(delta, abs=entry["tolerance"])
    assert trainer.step == 301


@pytest.mark.parametrize(("start", "ratio", "steps"), [(1.0, 9.5, (52, 10)), (3.0, 405.0, (1416, 23))])
def test_the_table_of_starts_is_seen(start: float, ratio: float, steps: tuple[int, int]) -> None:
    spec = neuron(start, start, 0.15, steps[0] + 5)
    _, tape = trained(spec)
    (_, squared), (_, entropy) = at(spec, tape, 0)
    assert entropy.delta / squared.delta == pytest.approx(ratio, rel=0.005)
    past = tape.until(tape.head)
    for run, wanted in enumerate(steps):
        errors = error_bands(past, run, spec.runs[run], 1, 1)[:, MEDIAN]
        assert np.flatnonzero(errors < 0.5)[0] == wanted


@pytest.mark.parametrize("step", [0, 7])
@pytest.mark.parametrize("hidden", [[], [7], [6, 5, 4]])
def test_deep_networks_against_plain_numpy(hidden: list[int], step: int) -> None:
    runs = [{"label": label, "loss": loss} for loss, label in DUELS.items()]
    common = {"hidden": hidden, "output": "sigmoid", "batch_size": 16, "activation": "tanh"}
    spec = experiment(*runs, common=common, replicas=1)
    _, tape = trained(spec)
    past = tape.until(step)
    for run, (network, state) in enumerate(at(spec, tape, step)):
        a = network.x
        activations = []
        for layer in network.layers:
            z = a @ layer.w + layer.b
            a = np.tanh(z) if layer is not network.layers[-1] else 1.0 / (1.0 + np.exp(-z))
            activations.append(a)
        y, slope = network.y, a * (1.0 - a)
        given = (a - y) / slope if run else a - y
        delta = given * slope
        back = delta
        for layer, below in zip(network.layers[:0:-1], activations[-2::-1], strict=True):
            back = (back @ layer.w.T) * (1.0 - below**2)
        assert state.error == pytest.approx(np.sqrt(np.mean(given**2)), rel=1e-10)
        assert state.delta == pytest.approx(np.sqrt(np.mean(delta**2)), rel=1e-10)
        assert state.fall == pytest.approx(np.linalg.norm(delta) / np.linalg.norm(back), rel=1e-10)
        assert (state.z, state.low, state.high) == pytest.approx((z.mean(), *np.quantile(z, (0.05, 0.95))))
        errors = error_bands(past, run, spec.runs[run], 16, y.shape[1])[-1, MEDIAN]
        assert errors == pytest.approx(np.sqrt(np.mean((a - y) ** 2)), rel=1e-10)
        gradient = gradient_bands(past, run, spec.runs[run], 16)[-1, MEDIAN]
        assert gradient == pytest.approx(np.sqrt(np.mean(delta**2)), rel=1e-10)


EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "loss-at-a-sigmoid.toml"


def test_the_example_says_by_which_step_each_output_is_right() -> None:
    spec = as_train(read(EXAMPLE).experiment)
    assert DuelView.refusal(spec) is None
    _, tape = trained(spec)
    past = tape.until(tape.head)
    errors = [error_bands(past, index, run, 1, 1)[:, MEDIAN] for index, run in enumerate(spec.runs)]
    assert [right_by(each, past.steps) for each in errors] == [
        _right_by(2.0, "mse", 0.15),
        17,
        _right_by(2.0, "mse", 2.0),
    ]
    assert _right_by(2.0, "cross_entropy", 0.15) == 17


def _right_by(start: float, loss: str, rate: float) -> int:
    """Return the first step at which the output of one neuron is below 1/2, by plain arithmetic."""
    z, step = 2.0 * start, 0
    while (a := 1.0 / (1.0 + np.exp(-z))) >= 0.5:
        z -= 2.0 * rate * (a if loss == "cross_entropy" else a * a * (1.0 - a))
        step += 1
    return step

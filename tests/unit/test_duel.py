"""Losses at a sigmoid output: far out on the flats, another start, and what is said of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gradsim.sim.documents.experiments import experiment_from, full_table
from gradsim.sim.kinds.train.duel import (
    OutputState,
    error_bands,
    gradient_bands,
    loss_slope,
    output_state,
    right_by,
    start_edit,
)
from gradsim.sim.kinds.train.duel_sentence import duel_sentence
from gradsim.sim.kinds.train.snapshot import snapshots
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.run.tape import MEDIAN
from gradsim.words.sentences import BRIEFEST, Wording, plain_text
from tests.reference.test_duel import neuron
from tests.unit.small import as_train, experiment, trained


def started(spec: Train, replica: int = 0) -> list[OutputState]:
    """Return what is shown of the networks before any update."""
    _, tape = trained(replace(spec, steps=1))
    *_, found = snapshots(spec, spec.data.load(), tape.keyframe_before(0), 0, replica)
    assert found is not None
    return [output_state(network) for network in found if network is not None]


@pytest.mark.filterwarnings("error")
def test_the_flattest_places_have_right_slopes() -> None:
    _, entropy = neuron(1.0, 1.0, 0.1, 1).runs
    z, y = np.array([[40.0], [40.0], [-40.0], [800.0]]), np.array([[0.0], [1.0], [1.0], [1.0]])
    found = loss_slope(entropy, z, y).ravel()
    assert found[:3] == pytest.approx([np.exp(40.0) + 1.0, -1.0, -np.exp(40.0) - 1.0], rel=1e-12)
    assert found[3] == -1.0
    assert loss_slope(entropy, np.array([[800.0]]), np.array([[0.0]])).item() == np.inf


@pytest.mark.parametrize("target", [0.0, 0.25, 1.0])
def test_targets_between_count_too(target: float) -> None:
    for run, state in enumerate(started(neuron(1.5, -0.5, 0.1, 1, target))):
        a = 1.0 / (1.0 + np.exp(-1.0))
        given = (a - target) / (a * (1.0 - a)) if run else a - target
        assert state.error == pytest.approx(abs(given))
        assert state.delta == pytest.approx(abs(given) * a * (1.0 - a))


@pytest.mark.parametrize("z", [-5.5, 0.0, 7.25])
def test_the_start_is_moved_to_where_it_is_dropped(z: float) -> None:
    spec = neuron(2.0, 2.0, 0.15, 5)
    states = started(spec)
    edit = start_edit([state.biases for state in states], z - states[0].z)
    moved = as_train(experiment_from(edit(full_table(spec))))
    assert [state.z for state in started(moved)] == pytest.approx([z, z], abs=1e-9)


def test_the_start_of_a_deep_network_moves_by_its_output_biases_alone() -> None:
    runs = {"loss": "mse"}, {"loss": "cross_entropy"}
    bias_init = {"name": "constant", "value": 0.3}
    spec = experiment(*runs, common={"hidden": [7, 5], "output": "sigmoid", "batch_size": 16, "bias_init": bias_init})
    states = started(spec, 2)
    edit = start_edit([state.biases for state in states], 4.0)
    moved = started(as_train(experiment_from(edit(full_table(spec)))), 2)
    for state, other in zip(states, moved, strict=True):
        assert other.z == pytest.approx(state.z + 4.0, abs=1e-3)
        assert other.biases[:-1] == state.biases[:-1] == ((0.3,) * 7, (0.3,) * 5)
        assert other.biases[-1] == pytest.approx((4.3,) * 10)


def test_another_shape_keeps_its_start() -> None:
    table = full_table(neuron(2.0, 2.0, 0.15, 5))
    deeper = {**table, "runs": [{**run, "hidden": [3]} for run in table["runs"]]}
    before = [run["bias_init"] for run in deeper["runs"]]
    edited = start_edit([((2.0,),), ((2.0,),)], 1.0)(deeper)
    assert [run["bias_init"] for run in edited["runs"]] == before


def test_a_loss_that_changes_is_told_by_the_one_in_force() -> None:
    changes = [{"step": 3, "loss": "cross_entropy", "batch_size": 8}]
    common = {"hidden": [5], "output": "sigmoid", "batch_size": 16}
    spec = experiment({"loss": "mse", "changes": changes}, common=common, replicas=1, steps=6)
    _, tape = trained(spec)
    past = tape.until(6)
    errors = error_bands(past, 0, spec.runs[0], 120, 10)[:, MEDIAN]
    lengths = gradient_bands(past, 0, spec.runs[0], 120)[:, MEDIAN]
    for step in range(7):
        *_, found = snapshots(spec, spec.data.load(), tape.keyframe_before(step), step, 0)
        assert found is not None
        assert found[0] is not None
        a, y = found[0].layers[-1].a, found[0].y
        assert errors[step] == pytest.approx(np.sqrt(np.mean((a - y) ** 2)), rel=1e-9), step
        assert lengths[step] == pytest.approx(output_state(found[0]).delta, rel=1e-9)


def test_the_step_by_which_an_output_is_right() -> None:
    steps = np.array([0, 2, 4, 6])
    assert right_by(np.array([0.9, 0.6, 0.4, 0.1]), steps) == 4
    assert right_by(np.array([0.9, 0.8, 0.7, 0.6]), steps) == -1


# The sentence

NAMES = ("Squared error", "Cross-entropy")


def said(*states: OutputState | None, since: tuple[int, ...] = (-1, -1), brevity: int = 0) -> str:
    """Return the sentence in English."""
    return plain_text(duel_sentence(states, NAMES, since, Wording("en", brevity)))


def test_at_the_start_it_says_what_each_has_to_learn_from() -> None:
    states = started(neuron(2.0, 2.0, 0.15, 1))
    assert said(*states) == (
        "Sure and wrong, a = 0.98 for target 0: "
        "σ′ leaves Squared error 0.017 to learn from; Cross-entropy keeps 0.98."
    )
    assert said(*states, brevity=3) == "To learn from: Squared error 0.017; Cross-entropy 0.98."
    near = started(neuron(0.5, 0.5, 0.15, 1))
    assert said(*near).startswith("For target 0, a = 0.73: σ′ leaves Squared error 0.14 to learn from")


def test_later_it_says_which_is_right_and_since_when() -> None:
    wrong, right = started(neuron(1.5, 1.5, 0.15, 1))[0], started(neuron(-1.0, -1.0, 0.15, 1))[1]
    assert said(wrong, right, since=(-1, 17)) == (
        "Target 0: Squared error is still wrong with a = 0.95 and has 0.043 to learn from; "
        "Cross-entropy is right by step 17 and now at a = 0.12."
    )
    assert said(wrong, None).endswith("Cross-entropy: diverged.")
    assert said(None, None) == "Squared error and Cross-entropy: diverged."


def test_of_deep_networks_it_tells_output_and_fall_apart() -> None:
    runs = {"label": NAMES[0], "loss": "mse"}, {"label": NAMES[1], "loss": "cross_entropy"}
    common = {"hidden": [12] * 5, "output": "sigmoid", "batch_size": 16}
    squared, entropy = started(experiment(*runs, common=common))
    assert said(squared, entropy) == (
        f"Squared error: ∂L/∂z is {squared.factor:.2g} of ∂L/∂a; Cross-entropy: ∂L/∂z = a − y, whole; "
        f"back to layer 1 the gradient falls about {_three(np.sqrt(squared.fall * entropy.fall))} times under each."
    )
    apart = replace(entropy, fall=10.0 * squared.fall)
    assert f"falls {_three(apart.fall)} times under Cross-entropy" in said(squared, apart)
    assert "grows 4.0 times under Squared error" in said(replace(squared, fall=0.25), apart)
    assert "nothing of it comes back to layer 1 under Squared error" in said(replace(squared, fall=np.inf), apart)


def _three(value: float) -> str:
    return f"{float(f'{value:.3g}'):,.0f}"


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_a_briefer_sentence_is_no_longer(language: str) -> None:
    states = started(neuron(2.0, 2.0, 0.15, 1))
    lengths = [len(plain_text(duel_sentence(states, NAMES, (-1, -1), Wording(language, n)))) for n in range(BRIEFEST)]
    assert lengths == sorted(lengths, reverse=True)

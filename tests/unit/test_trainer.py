"""Training: the same bits again, matched twins, and runs that leave the finite numbers."""

from __future__ import annotations

import dataclasses
from itertools import accumulate, count, pairwise
from typing import Any

import numpy as np
import pytest

from gradsim.engine.nn.initializers import INITIALIZERS
from gradsim.engine.nn.network import layer_views
from gradsim.engine.nn.probes import MAY_BE_UNDEFINED
from gradsim.engine.optim import OPTIMIZERS
from gradsim.engine.optim.schedules import SCHEDULES
from gradsim.sim.kinds.train.dimensions import layer_names, layer_sizes
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.kinds.train.trainer import Trainer
from gradsim.sim.run import tape as tape_module
from gradsim.sim.run.draws import Batches
from gradsim.sim.run.simulation import new_tape, play, revisit
from tests.unit.small import HEALTHY, LATE, RELU, RUNAWAY, SIGMOID, assert_same, experiment, measured, row, trained

DTYPES = ("float64", "float32")


def final(trainer: Trainer, run: int) -> Any:
    return trainer.parameters(run)


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_same_experiment_gives_the_same_bits(dtype: str) -> None:
    (one, one_tape), (two, two_tape) = (trained(experiment(dtype=dtype)) for _ in range(2))
    for run in range(2):
        assert_same(measured(one_tape, run), measured(two_tape, run))
        np.testing.assert_array_equal(final(one, run), final(two, run))


def test_another_seed_gives_other_bits() -> None:
    one, two = (trained(experiment(seed=seed))[1] for seed in (1, 2))
    assert (measured(one, 0)["loss"] != measured(two, 0)["loss"]).all()


def test_training_learns() -> None:
    _, tape = trained(experiment(steps=300, common={"hidden": [20], "batch_size": "all"}))
    for run in range(2):
        loss = measured(tape, run)["loss"]
        assert (loss[-1] < 0.8 * loss[0]).all()


def test_step_0_is_before_any_update_and_the_last_is_after_all() -> None:
    trainer, tape = trained(experiment(steps=5))
    np.testing.assert_array_equal(tape.until(5).steps, np.arange(6))
    fresh = Trainer(experiment(steps=5))
    np.testing.assert_array_equal(fresh.measure()[0], measured(tape, 0)["loss"][0])
    assert (final(trainer, 0) != fresh.initial(0)).any()


def test_twins_start_from_the_same_draws_up_to_scale() -> None:
    spec = experiment(SIGMOID, RELU, HEALTHY | {"label": "N", "init": {"name": "normal", "std": 3.0}})
    trainer = Trainer(spec)
    sizes = layer_sizes(spec.runs[0], trainer.data)
    xavier, he, normal = (layer_views(trainer.initial(run), sizes)[0] for run in range(3))
    for layer, (fan_in, fan_out) in enumerate(pairwise(sizes)):
        np.testing.assert_allclose(he[layer] / xavier[layer], np.sqrt((fan_in + fan_out) / fan_in), rtol=1e-14)
        np.testing.assert_allclose(normal[layer] / he[layer], 3.0 / np.sqrt(2.0 / fan_in), rtol=1e-14)


def test_a_deeper_twin_starts_from_the_same_first_layers() -> None:
    trainer = Trainer(experiment(SIGMOID, SIGMOID | {"label": "Deeper", "hidden": [7, 5, 4]}))
    shallow, deep = (
        layer_views(trainer.initial(i), layer_sizes(run, trainer.data))[0]
        for i, run in enumerate(trainer.experiment.runs)
    )
    for layer in range(2):
        np.testing.assert_array_equal(shallow[layer], deep[layer])


def random_initializers(of_biases: bool) -> list[str]:
    fixed = {"zeros", "constant", "values", *(["orthogonal"] if of_biases else [])}
    return [key for key in INITIALIZERS if key not in fixed]


@pytest.mark.parametrize(
    ("setting", "key"),
    [(name, key) for name in ("init", "bias_init") for key in random_initializers(name == "bias_init")],
)
def test_each_replica_and_layer_draws_for_itself(setting: str, key: str) -> None:
    spec = experiment({setting: key}, common={"hidden": [8, 8, 8], "batch_size": 16})
    trainer = Trainer(spec)
    drawn = layer_views(trainer.initial(0), layer_sizes(spec.runs[0], trainer.data))[setting == "bias_init"]
    assert len({tuple(replica.ravel()[:8]) for layer in drawn[1:3] for replica in layer}) == 2 * spec.replicas


@pytest.mark.parametrize("replicas", [1, 2, 8])
def test_a_replica_does_not_depend_on_how_many_there_are(replicas: int) -> None:
    (few, few_tape), (many, many_tape) = (trained(experiment(replicas=k)) for k in (replicas, 9))
    for run in range(2):
        rows, all_rows = measured(few_tape, run), measured(many_tape, run)
        assert_same(rows, {name: values[..., :replicas] for name, values in all_rows.items()})
        np.testing.assert_array_equal(final(few, run), final(many, run)[:replicas])


@pytest.mark.parametrize(
    "other",
    [
        SIGMOID | {"label": "Other", "hidden": [7, 5, 4]},
        SIGMOID | {"label": "Other", "batch_size": "all"},
        RELU | {"label": "Other"},
    ],
    ids=["depth", "batch size", "activation"],
)
def test_a_run_does_not_depend_on_the_others(other: dict[str, Any]) -> None:
    _, alone = trained(experiment(SIGMOID))
    for runs, at in (((SIGMOID, other), 0), ((other, SIGMOID), 1)):
        trainer, together = trained(experiment(*runs))
        assert_same(measured(alone, 0), measured(together, at))
        assert trainer.parameters(at).shape == trainer.initial(at).shape


# Divergence. The healthy run lies before, between and behind runs that diverge, in their stack or in another.

DEEPER = {"hidden": [7, 5, 4]}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("other", [{}, DEEPER], ids=["same stack", "other stack"])
def test_a_run_that_diverges_is_taken_out_alone(other: dict[str, Any], place: int, dtype: str) -> None:
    runs = [RUNAWAY | other, RUNAWAY | other | {"label": "Later", "optimizer": {"name": "sgd", "learning_rate": 2}}]
    runs.insert(place, HEALTHY)
    lost = [i for i in range(3) if i != place]
    trainer, tape = trained(experiment(*runs, dtype=dtype))
    _, alone = trained(experiment(HEALTHY, dtype=dtype))
    assert trainer.step == 40
    assert_same(measured(tape, place), measured(alone, 0))
    assert sorted(d.run for d in trainer.diverged) == lost
    assert trainer.diverged == tape.diverged
    for divergence in trainer.diverged:
        run = trainer.experiment.runs[divergence.run]
        assert 0 < divergence.step < 40
        assert 0 <= divergence.layer < len(layer_names(run))
        assert 0 <= divergence.replica < 3
        single, single_tape = trained(experiment(runs[divergence.run], dtype=dtype))
        assert [d._replace(run=divergence.run) for d in single.diverged] == [divergence]
        assert single.step == divergence.step
        for name, values in measured(tape, divergence.run).items():
            if name not in MAY_BE_UNDEFINED:
                assert np.isfinite(values[: divergence.step]).all()
            assert np.isnan(values[divergence.step :]).all()
            np.testing.assert_array_equal(values[: divergence.step + 1], measured(single_tape, 0)[name])
        np.testing.assert_array_equal(final(trainer, divergence.run), final(single, 0))


@pytest.mark.parametrize("rate", [0.6, 1.0, 2.0, 30.0])
def test_the_layer_named_is_where_numbers_left_the_finite_first(rate: float) -> None:
    trainer, _ = trained(experiment(RUNAWAY | {"optimizer": {"name": "sgd", "learning_rate": rate}}))
    (divergence,) = trainer.diverged
    spec, data = trainer.experiment, trainer.data
    names = layer_names(spec.runs[0])
    weights, biases = layer_views(trainer.parameters(0), layer_sizes(spec.runs[0], data))
    batch = Batches(spec.seed, spec.replicas, len(data.train), 16).at(divergence.step)
    passed: list[tuple[str, Any]] = []  # all that is computed, in its order, of a linear network with squared error
    a = [data.train.x[batch]]
    with np.errstate(all="ignore"):
        for name, w, b in zip(names, weights, biases, strict=True):
            a.append(a[-1] @ w + b[:, None])
            passed.append((name, a[-1].mean(axis=(1, 2))))
        delta = (a[-1] - data.train.y[batch]) / 16
        for name, w, below in zip(names[::-1], weights[::-1], a[-2::-1], strict=True):
            passed.append((name, np.abs(below.swapaxes(1, 2) @ delta).max(axis=(1, 2))))
            delta = delta @ w.swapaxes(1, 2)
    first = next((name, np.flatnonzero(~np.isfinite(v))[0]) for name, v in passed if not np.isfinite(v).all())
    assert (names[divergence.layer], divergence.replica) == first


def test_it_ends_where_the_last_run_diverges() -> None:
    trainer, tape = trained(experiment(RUNAWAY, RUNAWAY | {"label": "Again"}))
    assert trainer.step == trainer.diverged[-1].step == tape.head < 40
    assert len(trainer.diverged) == 2


# Going back: every step is computed again from the keyframe before it.

HISTORIES = {
    "single precision": experiment(steps=70, replicas=2, dtype="float32"),
    "diverging": experiment(LATE, HEALTHY, RUNAWAY | DEEPER, steps=70, replicas=2),
    "all diverging": experiment(RUNAWAY, LATE, steps=70, replicas=2),
    "batches of all sizes": experiment(
        SIGMOID, RELU | {"batch_size": 1}, HEALTHY | {"batch_size": "all"}, steps=70, replicas=2
    ),
}


# Arrays of the optimizer come, go on, and go; and a run that has diverged has changes to come.
CHANGES: list[dict[str, Any]] = [
    {"step": 0, "optimizer": {"name": "rmsprop", "momentum": 0.5}},
    {"step": 9, "optimizer": {"name": "rmsprop", "centered": 1}, "batch_size": 5},
    {"step": 10, "optimizer": "adam", "batch_size": "all"},
    {"step": 35, "optimizer": {"name": "adam", "learning_rate": 0.01}, "batch_size": 7},
]
HISTORIES["changes"] = experiment(
    SIGMOID | {"changes": [*CHANGES, {"step": 50, "activation": "relu"}]},
    RELU,
    RUNAWAY | {"changes": CHANGES[1:]},
    steps=70,
    replicas=2,
)
HISTORIES |= {
    f"optimizer {key}": experiment({"optimizer": key, "label": "A"}, RUNAWAY, steps=25, replicas=2)
    for key in OPTIMIZERS
}

# With weight decay and a bound on the gradients, so that all scratch space is in use.
HISTORIES |= {
    f"schedule {key}": experiment(
        RELU
        | {"schedule": key, "clip": "norm", "optimizer": {"name": "rmsprop", "weight_decay": 0.1, "centered": 1}},
        RUNAWAY | {"schedule": key},
        steps=25,
        replicas=2,
    )
    for key in SCHEDULES
}


def test_some_histories_diverge_on_either_side_of_a_keyframe() -> None:
    """Of those that are kept where there are two, and where there are three: every 36 or 24 steps."""
    steps = [d.step for d in trained(HISTORIES["diverging"])[0].diverged]
    assert steps[0] < 24 < 36 < steps[1] < 48


@pytest.mark.parametrize(("name", "most"), [*((name, 2) for name in HISTORIES), ("diverging", 3), ("diverging", 512)])
def test_each_step_is_replayed_bit_for_bit(name: str, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = HISTORIES[name]
    _, whole = trained(spec)
    monkeypatch.setattr(tape_module, "MAX_KEYFRAMES", most)
    monkeypatch.setattr(tape_module, "MAX_ROWS", 4)
    monkeypatch.setattr(tape_module, "MAX_RECENT", 2)
    trainer, sparse = trained(spec)
    second = Trainer(spec)
    for step in [*range(trainer.step, -1, -7), *range(trainer.step + 1)]:
        walked = list(revisit(second, sparse, step))
        assert walked[-1] == step
        assert len(walked) <= 37
        assert sparse.holds(step)
        again, recorded = (row(tape.until(step), len(spec.runs)) for tape in (sparse, whole))
        np.testing.assert_array_equal(again, recorded)


@pytest.mark.parametrize("name", HISTORIES)
def test_steps_passed_over_leave_all_others_as_they_are(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not measured in a long run changes nothing of what is, to the bit."""
    spec = HISTORIES[name]
    monkeypatch.setattr(tape_module, "MAX_ROWS", 9)
    monkeypatch.setattr(tape_module, "MAX_KEYFRAMES", 4)
    _, whole = trained(spec)
    trainer = Trainer(spec)
    passed: list[int] = []

    def pass_unmeasured() -> bool:
        passes = Trainer.pass_unmeasured(trainer)
        passed.extend([trainer.step] if passes else [])
        return passes

    monkeypatch.setattr(trainer, "pass_unmeasured", pass_unmeasured)
    sparse = new_tape(trainer)
    for _ in play(trainer, sparse, wanted=lambda step: False):
        pass
    assert sparse.head == whole.head
    assert sparse.diverged == whole.diverged
    for step in range(0, whole.head + 1, whole.until(whole.head).stride):
        again, recorded = (row(tape.until(step), len(spec.runs)) for tape in (sparse, whole))
        np.testing.assert_array_equal(again, recorded)
    (steps, states), (_, others) = (tape.until(tape.head).keyframes for tape in (sparse, whole))
    np.testing.assert_array_equal(states, others)
    assert passed
    assert not {*passed} & {*steps.tolist(), *(divergence.step for divergence in whole.diverged)}


def test_going_back_does_not_disturb_the_run_under_way() -> None:
    spec = experiment(RUNAWAY, HEALTHY)
    trainer, second = Trainer(spec), Trainer(spec)
    tape = new_tape(trainer)
    for step in play(trainer, tape):
        if step % 9 == 8:
            list(revisit(second, tape, step // 2))
    _, undisturbed = trained(spec)
    for run in range(2):
        assert_same(measured(tape, run), measured(undisturbed, run))


def test_a_saved_state_is_all_that_the_next_steps_depend_on() -> None:
    spec = dataclasses.replace(experiment(), steps=20)
    trainer, other = Trainer(spec), Trainer(spec)
    state = np.empty(trainer.state_size, trainer.state_dtype)
    for _ in range(10):
        trainer.measure()
        trainer.advance()
    trainer.save(state)
    other.restore(10, state)
    for step in range(5):
        one, two = trainer.measure(), other.measure()
        # What it took to come here, and the update that led here, are not a matter of the next steps.
        past = ["seconds", *(["update_ratio"] if step == 0 else [])]
        places = np.concatenate([np.r_[trainer.layout.place(run, name)] for run in range(2) for name in past])
        assert np.isnan(two[places]).all()
        np.testing.assert_array_equal(np.delete(one, places, axis=0), np.delete(two, places, axis=0))
        trainer.advance()
        other.advance()


def test_the_experiment_is_left_alone() -> None:
    spec: Train = experiment()
    trained(spec)
    assert spec == experiment()


def test_time_and_samples_are_recorded_run_by_run(monkeypatch: pytest.MonkeyPatch) -> None:
    # A clock whose every interval is longer than the one before: each time it is B that is measured last.
    ticks = accumulate(count(1))
    monkeypatch.setattr("gradsim.sim.kinds.train.trainer.time.thread_time", lambda: float(next(ticks)))
    spec = experiment({"label": "A", "batch_size": 1}, {"label": "B", "batch_size": "all"}, steps=5)
    _, tape = trained(spec)
    past = tape.until(5)
    for run, batch in enumerate((1, 118)):
        assert past.replicas(run, "samples")[:, 0].tolist() == [batch * step for step in range(6)]
        assert (np.diff(past.replicas(run, "seconds")[:, 0]) > 0.0).all()
    assert past.band(0, "seconds")[0] < past.band(1, "seconds")[0]


def test_without_probes_the_training_is_the_same_and_divergence_is_still_seen() -> None:
    whole, bare = (experiment(HEALTHY, LATE, probes=probes) for probes in ("all", "off"))
    (one, one_tape), (two, two_tape) = trained(whole), trained(bare)
    for run in range(2):
        np.testing.assert_array_equal(final(one, run), final(two, run))
        for name in ("loss", "accuracy"):
            values, others = (tape.until(40).replicas(run, name) for tape in (one_tape, two_tape))
            np.testing.assert_array_equal(values[:20], others[:20])
    assert [d.run for d in two.diverged] == [d.run for d in one.diverged] == [1]
    with pytest.raises(KeyError):
        two_tape.until(40).values(0, "grad_rms")


def test_the_update_ratio_is_that_of_the_step_that_led_here() -> None:
    spec = experiment(SIGMOID | {"optimizer": "adam"}, steps=4)
    trainer = Trainer(spec)
    tape = new_tape(trainer)
    params = [trainer.parameters(0) for _ in play(trainer, tape)]
    sizes = layer_sizes(spec.runs[0], trainer.data)
    ratios = tape.until(4).replicas(0, "update_ratio")
    assert np.isnan(ratios[0]).all()
    for step in range(1, 5):
        changed, weights = (layer_views(p, sizes)[0] for p in (params[step] - params[step - 1], params[step]))
        for layer, (dw, w) in enumerate(zip(changed, weights, strict=True)):
            expected = np.linalg.norm(dw, axis=(1, 2)) / np.linalg.norm(w, axis=(1, 2))
            np.testing.assert_allclose(ratios[step, layer], expected, rtol=1e-12)

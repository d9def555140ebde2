"""Data sets: which samples are trained on, which are kept apart, and what each set owes."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradsim.engine.data import DATASETS, Dataset, Split, samples, synthetic
from gradsim.engine.data.images import Digits, Mnist
from gradsim.engine.data.samples import Cache
from gradsim.engine.data.synthetic import Blobs, Circles, LinearFunction, Moons, Point, Sine, Sparse, Spirals, Xor
from gradsim.engine.data.tables import Csv
from gradsim.engine.nn.losses import LOSSES
from gradsim.engine.nn.outputs import OUTPUTS
from gradsim.engine.types import Array
from gradsim.sim.kinds.train.dimensions import layer_sizes
from gradsim.sim.kinds.train.trainer import Trainer
from tests.unit.small import train_from, trained

IMAGES = (Digits, Mnist)


SPLITS = [(0, 0.2), (1000, 0.1), (1000, 0.0), (100, 0.07), (100, 0.29), (10, 0.7), (3, 0.1), (7, 0.9)]


@pytest.mark.parametrize("kind", IMAGES)
@pytest.mark.parametrize(("samples", "share"), SPLITS)
def test_the_share_for_testing_is_taken_from_the_end(
    kind: type[Digits] | type[Mnist], samples: int, share: float
) -> None:
    whole = kind(test_fraction=0.0).load().train
    split = kind(samples=samples, test_fraction=share).load()
    count = samples or kind.size
    assert len(split.test) == math.ceil(count * Fraction(str(share)))
    np.testing.assert_array_equal(np.concatenate([split.train.x, split.test.x]), whole.x[:count])
    np.testing.assert_array_equal(np.concatenate([split.train.y, split.test.y]), whole.y[:count])


@pytest.mark.parametrize("kind", IMAGES)
def test_inputs_lie_between_0_and_1_and_targets_name_one_class(kind: type[Digits] | type[Mnist]) -> None:
    train = kind().load().train
    assert (train.x.min(), train.x.max()) == (0.0, 1.0)
    assert (np.sort(train.y, axis=1) == [0.0] * 9 + [1.0]).all()


@pytest.mark.parametrize("kind", IMAGES)
def test_images_are_decoded_once_whatever_part_is_taken(kind: type[Digits] | type[Mnist]) -> None:
    whole = kind(test_fraction=0.0).load().train
    for count, share in ((0, 0.2), (1, 0.0), (777, 0.31)):
        for part in parts(kind(samples=count, test_fraction=share).load()):
            assert np.shares_memory(part, whole.x if part.shape[1] > 10 else whole.y) or not len(part)


def test_the_test_digits_are_by_other_writers() -> None:
    """Every writer was given the same text of digits to copy, so it begins anew where a writer begins."""
    labels = Digits(test_fraction=0.0).load().train.y.argmax(axis=1)
    text = labels[386:516]
    starts = [i for i in range(len(labels) - 129) if (labels[i : i + 130] == text).all()]
    assert starts == [0, 386, 516, 646, 776, 1157, 1415, 1667]  # of the others a few images are missing
    split = Digits().load()
    assert (len(split.train), len(split.test)) == (1415, 382)
    assert len(split.train) in starts
    # An earlier split, inside the block of the writer who begins at 1,415, is had by its own share.
    assert len(Digits(test_fraction=0.2).load().train) == 1437


# All of the registry.


@pytest.fixture
def csv(tmp_path: Path) -> Csv:
    """Return a table of two overlapping classes."""
    rng = np.random.default_rng(0)
    lines = [f"{x:.3f},{50 + 9 * y:.3f},{'yes' if x + y > 0 else 'no'}" for x, y in rng.standard_normal((60, 2))]
    path = tmp_path / "table.csv"
    path.write_text("\n".join(["a,b,answer", *lines]))
    return Csv(path=str(path))


@pytest.fixture(params=DATASETS)
def dataset(request: pytest.FixtureRequest, csv: Csv) -> Dataset:
    """Return each data set there is, with its default settings."""
    return csv if request.param == "csv" else DATASETS[request.param]()


def parts(split: Split) -> list[Array]:
    return [split.train.x, split.train.y, split.test.x, split.test.y]


def test_shapes_and_types(dataset: Dataset) -> None:
    split = dataset.load()
    for part in (split.train, split.test):
        assert len(part.x) == len(part.y) == len(part)
        assert part.x.shape[1:] == split.train.x.shape[1:]
        assert part.y.shape[1:] == split.train.y.shape[1:]
    assert len(split.train) > 0
    for array in parts(split):
        assert array.ndim == 2
        assert array.dtype == np.float64
        assert np.isfinite(array).all()


def test_loads_share_one_copy_that_cannot_be_written(dataset: Dataset) -> None:
    one, other = dataset.load(), dataset.load()
    for array, again in zip(parts(one), parts(other), strict=True):
        assert np.shares_memory(array, again) or not array.size
        with pytest.raises(ValueError, match="read-only"):
            array[:] = 0.0


def test_the_same_settings_give_the_same_bits(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    one = [array.tobytes() for array in parts(dataset.load())]
    monkeypatch.setattr(samples.SPLITS, "_values", type(samples.SPLITS._values)())
    assert [array.tobytes() for array in parts(dataset.load())] == one


def test_classes_are_a_column_of_0_and_1_or_one_hot_columns(dataset: Dataset) -> None:
    split = dataset.load()
    y = np.concatenate([split.train.y, split.test.y])
    if split.classes and y.shape[1] == 1:
        assert set(np.unique(y)) <= {0.0, 1.0}
    elif split.classes:
        assert (np.sort(y, axis=1)[:, :-1] == 0.0).all()
        assert (y.sum(axis=1) == 1.0).all()
        assert y.shape[1] > 2
    else:
        assert len(np.unique(y)) > 2
    assert split.classes == (dataset.key not in ("linear", "sine", "formula"))


def suitable(split: Split) -> list[tuple[str, str]]:
    """Return all outputs with a loss that goes with them and with the data."""
    return [
        (output, key)
        for key, loss in LOSSES.items()
        for output in loss.outputs
        if output in OUTPUTS and (split.classes or output == "linear")
    ]


def test_each_trains_a_step_with_every_suitable_output_side_by_side(dataset: Dataset) -> None:
    split = dataset.load()
    runs = [{"label": f"{loss} {output}", "loss": loss, "output": output} for output, loss in suitable(split)]
    assert len(runs) >= 2
    batch = min(8, len(split.train))
    for some in (runs[i : i + 8] for i in range(0, len(runs), 8)):
        table = {"replicas": 2, "steps": 1, "common": {"hidden": [3], "batch_size": batch}, "runs": some}
        trainer, tape = trained(replace(train_from(table), data=dataset))
        past = tape.until(1)
        assert trainer.diverged == []
        for i in range(len(some)):
            assert (trainer.parameters(i) != trainer.initial(i)).any()
            accuracy = past.replicas(i, "accuracy")
            assert np.isnan(accuracy).all() if not split.classes else ((accuracy >= 0) & (accuracy <= 1)).all()


# Sets that are drawn.

DRAWN: dict[str, Any] = {key: kind for key, kind in DATASETS.items() if hasattr(kind, "draw")}


@pytest.mark.parametrize("key", DRAWN)
def test_another_seed_draws_others(key: str) -> None:
    one, other = (DRAWN[key](seed=seed).load() for seed in (0, 1))
    assert one.train.x.shape == other.train.x.shape
    assert one.train.x.tobytes() != other.train.x.tobytes()
    assert one.train.y.tobytes() != other.train.y.tobytes()


@pytest.mark.parametrize("key", DRAWN)
@pytest.mark.parametrize("share", [0.0, 0.13, 0.9])
def test_the_split_takes_the_same_samples_apart(key: str, share: float) -> None:
    settings = {"samples": 101, "test_fraction": share}
    split = DRAWN[key](**settings).load()
    assert len(split.test) == math.ceil(101 * Fraction(str(share)))
    assert len(split.train) + len(split.test) == 101
    whole = DRAWN[key](**settings | {"test_fraction": 0.0}).load().train
    np.testing.assert_array_equal(np.concatenate([split.train.y, split.test.y]), whole.y)
    # Scaled by the training set, so the same up to a scale of each column.
    x = np.concatenate([split.train.x, split.test.x])
    np.testing.assert_allclose(samples.standardised(x, 101), samples.standardised(whole.x, 101), atol=1e-12)


PLANE = {key: kind for key, kind in DRAWN.items() if key in ("moons", "circles", "spirals", "xor", "blobs")}


@pytest.mark.parametrize("key", PLANE)
@pytest.mark.parametrize("count", [10, 101, 1000])
def test_classes_of_the_plane_have_equally_many(key: str, count: int) -> None:
    split = PLANE[key](samples=count).load()
    y = np.concatenate([split.train.y, split.test.y])
    counts = y.sum(axis=0) if y.shape[1] > 1 else np.array([(y == 0).sum(), (y == 1).sum()])
    assert counts.sum() == count
    assert counts.max() - counts.min() <= 1
    assert len(np.unique(split.train.y, axis=0)) == len(counts)


@pytest.mark.parametrize("key", PLANE)
def test_the_plane_is_standardised_by_its_training_part(key: str) -> None:
    split = PLANE[key](test_fraction=0.4).load()
    np.testing.assert_allclose(split.train.x.mean(axis=0), 0.0, atol=1e-13)
    np.testing.assert_allclose(split.train.x.std(axis=0), 1.0, rtol=1e-13)
    assert (np.abs(split.test.x.mean(axis=0)) > 1e-6).all()


def test_a_column_that_is_constant_but_for_rounding_is_not_blown_up() -> None:
    straight = Spirals(turns=0.0, noise=0.0).load()
    x = np.concatenate([straight.train.x, straight.test.x])
    assert x[:, 0].std() > 0.9
    assert 0.0 < np.abs(x[:, 1]).max() < 1e-15


@pytest.mark.parametrize(("size", "spread", "constant"), [(1.0, 1e-13, True), (1e6, 1e-8, True), (1e6, 1e-3, False)])
def test_rounding_is_judged_by_the_size_of_the_numbers(size: float, spread: float, constant: bool) -> None:
    x = np.stack([size + spread * np.array([0.0, 1.0, 0.0, 1.0]), np.array([1e-20, 2e-20, 3e-20, 9e-20])], axis=1)
    first, second = samples.standardised(x, 4).std(axis=0)
    assert first == pytest.approx(0.5 * spread if constant else 1.0, rel=0.2)
    assert second == pytest.approx(1.0)
    assert samples.standardised(x, 4, one_unit=True).std(axis=0)[1] < 1e-19


def drawn(data: Any) -> tuple[Array, Array]:
    """Return what the formula gives, before order and scale."""
    x, y = data.sample(samples.generator(data.seed))
    return x, y


def test_moons_without_noise_are_half_circles() -> None:
    x, y = drawn(Moons(samples=11, noise=0.0))
    t0, t1 = np.linspace(0, np.pi, 5), np.linspace(0, np.pi, 6)
    np.testing.assert_allclose(x[y[:, 0] == 0], np.stack([np.cos(t0), np.sin(t0)], axis=1), atol=1e-15)
    np.testing.assert_allclose(x[y[:, 0] == 1], np.stack([1 - np.cos(t1), 0.5 - np.sin(t1)], axis=1), atol=1e-15)


def test_circles_without_noise_have_two_radii() -> None:
    x, y = drawn(Circles(samples=40, noise=0.0, factor=0.3))
    np.testing.assert_allclose(np.hypot(*x.T), np.where(y[:, 0] == 0, 1.0, 0.3), rtol=1e-14)
    assert len(np.unique(x.round(9), axis=0)) == 40


@pytest.mark.parametrize("arms", [2, 3, 5])
def test_arms_of_spirals_are_turned_copies(arms: int) -> None:
    x, y = drawn(Spirals(samples=30, noise=0.0, arms=arms, turns=1.5))
    labels = y[:, 0].astype(int) if arms == 2 else y.argmax(axis=1)
    r, angle = np.hypot(*x.T), np.arctan2(x[:, 1], x[:, 0])
    np.testing.assert_allclose(np.exp(1j * angle), np.exp(2j * np.pi * (1.5 * r + labels / arms)), atol=1e-12)
    assert (r.min(), r.max()) == pytest.approx((0.1, 1.0))


def test_xor_is_of_the_signs() -> None:
    x, y = drawn(Xor(samples=100))
    np.testing.assert_array_equal(y[:, 0] == 1, x[:, 0] * x[:, 1] < 0)
    assert {tuple(q) for q in np.sign(x)} == {(a, b) for a in (-1, 1) for b in (-1, 1)}
    assert (np.abs(x) <= 1).all()


def test_blobs_lie_around_their_centres() -> None:
    x, y = drawn(Blobs(samples=9000, centres=3, noise=0.5))
    for cloud in (x[y[:, i] == 1] for i in range(3)):
        np.testing.assert_allclose(cloud.std(axis=0), 0.5, rtol=0.05)
        assert (np.abs(cloud.mean(axis=0)) < 10).all()


def test_noise_is_added_to_the_same_points() -> None:
    calm, noisy = (drawn(Moons(samples=10_000, noise=noise))[0] for noise in (0.0, 0.2))
    np.testing.assert_allclose((noisy - calm).std(axis=0), 0.2, rtol=0.03)


def test_a_linear_function_is_found_by_least_squares() -> None:
    train = LinearFunction(samples=500, features=7, noise=0.0).load().train
    w, residual, _, _ = np.linalg.lstsq(train.x, train.y)
    assert residual[0] < 1e-24
    assert np.linalg.norm(w) == pytest.approx(1.0)
    noisy = LinearFunction(samples=10_000, features=7, noise=0.3).load().train
    _, residual, _, _ = np.linalg.lstsq(noisy.x, noisy.y)
    assert residual[0] / len(noisy) == pytest.approx(0.09, rel=0.05)


def test_a_sine_has_its_frequency() -> None:
    train = Sine(samples=1000, frequency=3.0, noise=0.0).load().train
    np.testing.assert_allclose(train.y, np.sin(3.0 * train.x * np.pi / np.sqrt(3.0)), atol=1e-12)
    assert train.x.std() == pytest.approx(1.0, abs=0.05)


def test_rare_features_are_as_rare_as_the_exponent_says_and_decide_the_class() -> None:
    data = Sparse(samples=10_000, features=20, exponent=1.0, test_fraction=0.0)
    train = data.load().train
    assert set(np.unique(train.x)) == {0.0, 1.0}
    np.testing.assert_allclose(train.x.mean(axis=0), 0.5 / np.arange(1, 21), rtol=0.15)
    assert 0.4 < train.y.mean() < 0.6
    # In the linear separation, a feature weighs the more the rarer it is.
    design = np.hstack([train.x, np.ones((len(train), 1))])
    w = np.linalg.lstsq(design, 2 * train.y - 1)[0][:-1, 0]
    assert np.abs(w[10:]).mean() > 1.5 * np.abs(w[:3]).mean()
    flipped = replace(data, noise=0.25).load().train
    np.testing.assert_array_equal(flipped.x, train.x)
    assert (flipped.y != train.y).mean() == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        ((0.0,), True),
        ((1.0,), True),
        ((0.5,), False),
        ((0.0, 1.0, 0.0), True),
        ((1.0, 1.0), False),
        ((0.0, 0.0), False),
        ((0.01, 0.99), False),
    ],
)
def test_a_point_is_given_as_it_is(y: tuple[float, ...], classes: bool) -> None:
    split = Point(x=(1.5, -2.0), y=y).load()
    assert split.train.x.tolist() == [[1.5, -2.0]]
    assert split.train.y.tolist() == [list(y)]
    assert len(split.test) == 0
    assert split.classes is classes


@pytest.mark.parametrize("key", ["moons", "circles", "spirals"])
def test_a_small_network_learns_the_plane(key: str) -> None:
    run = {"hidden": [16, 16], "activation": "tanh", "optimizer": {"name": "adam", "learning_rate": 0.01}}
    table = {"data": key, "steps": 500, "replicas": 3, "runs": [run | {"output": "sigmoid", "batch_size": 64}]}
    _, tape = trained(train_from(table))
    assert tape.until(500).replicas(0, "accuracy")[-12:].mean(axis=0).min() > 0.95


# Two classes: one unit or two.


def two_classes(*outputs: str) -> Trainer:
    runs = [{"label": o, "output": o, "loss": "mse"} for o in outputs]
    return Trainer(train_from({"data": {"name": "moons", "samples": 50}, "replicas": 2, "runs": runs}
                                   | {"common": {"batch_size": "all", "hidden": [4]}}))  # fmt: skip


def test_softmax_has_two_units_on_two_classes_and_others_have_one() -> None:
    trainer = two_classes("softmax", "sigmoid", "linear")
    assert [layer_sizes(run, trainer.data)[-1] for run in trainer.experiment.runs] == [2, 1, 1]
    y = trainer.data.train.y
    for group in trainer._groups:
        expected = np.hstack([1 - y, y]) if len(group.members) == 1 else y
        group.evaluate(0)
        np.testing.assert_array_equal(group.y, [expected] * 2)


def test_accuracy_of_one_unit_is_decided_at_one_half_and_that_of_two_by_the_larger() -> None:
    trainer = two_classes("softmax", "sigmoid", "linear")
    y = trainer.data.train.y[:, 0] == 1
    row = trainer.measure()
    for group in trainer._groups:
        for member in group.members:
            a = group.stack.predictions[member.rows]
            one = a[..., 0] > 0.5 if a.shape[-1] == 1 else a[..., 1] > a[..., 0]
            expected = (one == y).mean(axis=1)
            np.testing.assert_array_equal(row[trainer.layout.place(member.index, "accuracy")][0], expected)


# The cache.


def test_the_cache_keeps_what_was_used_last_within_its_bytes() -> None:
    cache: Cache[Array] = Cache(max_bytes=3 * 80)
    made = []

    def load(key: int, numbers: int = 10) -> Array:
        def make() -> Array:
            made.append(key)
            return np.zeros(numbers)

        return cache.get(key, make)

    for key in (1, 2, 3, 1, 4, 1, 3, 2):  # 4 pushes 2 out, the one used longest ago; 2 then pushes 4
        load(key)
    assert made == [1, 2, 3, 4, 2]
    assert cache.nbytes == 240
    load(9, numbers=31)
    load(9, numbers=31)  # what is used is kept, though it be too large
    assert made[5:] == [9]
    load(1)
    assert cache.nbytes == 80


def test_all_settings_of_a_slider_fit_into_the_bound() -> None:
    for count in range(5000, 10_001, 250):
        Sparse(samples=count, features=256).load()
        assert samples.SPLITS.nbytes <= 64 * 2**20


# What pictures over the samples are told of the columns.


@pytest.mark.parametrize("key", ["moons", "circles", "spirals", "xor", "blobs"])
def test_points_of_the_plane_lead_back_to_where_they_were_drawn(key: str) -> None:
    data = DATASETS[key]()
    assert isinstance(data, synthetic.Plane)
    drawn_at = data.sample(samples.generator(data.seed))[0]
    found = data.load()
    x = np.concatenate([found.train.x, found.test.x])
    own = np.stack([column.own(x[:, i]) for i, column in enumerate(found.inputs)], axis=1)
    np.testing.assert_allclose(np.sort(own, axis=0), np.sort(drawn_at, axis=0), atol=1e-12)
    assert found.one_unit


def test_the_wave_leads_back_to_its_angle() -> None:
    data = DATASETS["sine"](noise=0.0, frequency=2.0)  # type: ignore[call-arg]
    found = data.load()
    u = found.inputs[0].own(found.train.x[:, 0])
    np.testing.assert_allclose(np.sin(2.0 * u), found.train.y[:, 0], atol=1e-12)
    assert 3.0 < np.abs(u).max() <= np.pi

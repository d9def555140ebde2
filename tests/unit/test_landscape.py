"""The loss around the path of a network: against plain NumPy on the same weights, and what is said of it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from gradsim.engine.data import Samples
from gradsim.engine.nn.activations import ReLU, Tanh
from gradsim.engine.nn.losses import CrossEntropy, MeanSquaredError
from gradsim.engine.nn.many_losses import ManyLosses
from gradsim.engine.nn.network import Model, parameter_count
from gradsim.engine.nn.outputs import LinearOutput, SoftmaxOutput
from gradsim.engine.types import Array
from gradsim.sim.kinds.train import landscape as module
from gradsim.sim.kinds.train.landscape import (
    SIDE,
    Landscape,
    Slice,
    TooFew,
    Track,
    kin,
    landscape,
    landscape_sentence,
    percent,
    principal_slice,
    since,
    states_of,
    subset,
    thinned,
    window_of,
)
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.run import tape as tape_module
from gradsim.sim.run.tape import Keyframes, Tape
from gradsim.words.sentences import BRIEFEST, Wording, plain_text
from tests.unit.small import HEALTHY, RELU, RUNAWAY, SIGMOID, experiment, trained

EN = Wording("en")
TANH = {"label": "Tanh", "activation": "tanh"}
QUICK: dict[str, Any] = {"data": {"name": "moons", "samples": 60}, "common": {"hidden": [4, 3], "batch_size": 16}}


def plain_loss(point: Array, sizes: tuple[int, ...], x: Array, y: Array, kind: str) -> float:
    """Return the mean loss of one network, layer by layer."""
    a, start = x, 0
    for layer, (fan_in, fan_out) in enumerate(itertools.pairwise(sizes)):
        w = point[start : start + fan_in * fan_out].reshape(fan_in, fan_out)
        start += fan_in * fan_out
        z = a @ w + point[start : start + fan_out]
        start += fan_out
        a = z if layer == len(sizes) - 2 else (np.maximum(z, 0.0) if kind == "relu" else np.tanh(z))
    if kind == "relu":  # softmax and cross-entropy
        logs = a - np.log(np.exp(a).sum(axis=1, keepdims=True))
        return float(-(y * logs).sum(axis=1).mean())
    return float(0.5 * ((a - y) ** 2).sum(axis=1).mean())


@pytest.mark.parametrize("kind", ["relu", "tanh"])
@pytest.mark.parametrize("most", [2**17, 300, 20])
def test_many_losses_are_those_of_single_networks(kind: str, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradsim.engine.nn.many_losses._MOST_NUMBERS", most)
    rng, sizes = np.random.default_rng(3), (5, 7, 4, 3)
    x, y = rng.standard_normal((37, 5)), np.eye(3)[rng.integers(0, 3, 37)]
    model = (
        Model(ReLU(), SoftmaxOutput(), CrossEntropy())
        if kind == "relu"
        else Model(Tanh(), LinearOutput(), MeanSquaredError())
    )
    points = rng.standard_normal((23, parameter_count(sizes)))
    found = ManyLosses(sizes, model, Samples(x, y)).at(points)
    np.testing.assert_allclose(found, [plain_loss(point, sizes, x, y, kind) for point in points], rtol=1e-12)


def test_memory_does_not_grow_with_networks_or_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradsim.engine.nn.many_losses._MOST_NUMBERS", 2**10)
    x, y = np.zeros((5000, 2)), np.zeros((5000, 1))
    losses = ManyLosses((2, 16, 1), Model(Tanh(), LinearOutput(), MeanSquaredError()), Samples(x, y))
    assert losses.at_once * losses._stack.batch * 17 <= 2**10


def test_directions_and_shares_are_those_of_the_covariance() -> None:
    rng = np.random.default_rng(1)
    points = (
        rng.standard_normal((40, 6)) * [5.0, 3.0, 1.0, 0.5, 0.2, 0.1] @ np.linalg.qr(rng.standard_normal((6, 6)))[0]
    )
    plane = principal_slice(points, points[-1])
    variances, vectors = np.linalg.eigh(np.cov(points.T))
    np.testing.assert_allclose(plane.shares, variances[::-1][:2] / variances.sum(), rtol=1e-9)
    for direction, vector in zip(plane.directions, vectors.T[::-1], strict=False):
        assert abs(direction @ vector) == pytest.approx(1.0, abs=1e-9)
        assert (points[-1] - points[0]) @ direction >= 0.0
    np.testing.assert_allclose(plane.directions @ plane.directions.T, np.eye(2), atol=1e-12)
    np.testing.assert_allclose(plane.places(plane.points(plane.places(points))), plane.places(points), atol=1e-12)
    np.testing.assert_array_equal(plane.places(points[-1:]), [[0.0, 0.0]])
    moves = np.concatenate([np.diff(points[:15], axis=0), np.diff(points[15:], axis=0)])
    inside = moves @ plane.directions.T @ plane.directions
    assert plane.share_of_moves([points[:15], points[15:]]) == pytest.approx((inside**2).sum() / (moves**2).sum())


def test_directions_of_states_as_large_as_numbers_can_be() -> None:
    points = np.random.default_rng(2).standard_normal((10, 5))
    large, usual = (principal_slice(scale * points, scale * points[0]) for scale in (1e200, 1.0))
    np.testing.assert_allclose(large.shares, usual.shares, rtol=1e-9)


def last(results: Iterator[Any]) -> Any:
    *_, found = results
    return found


def found_of(spec: Train, runs: tuple[int, ...] = (0,), replica: int = 0) -> tuple[Landscape, Tape]:
    _, tape = trained(spec)
    found = last(landscape(spec, tape.until(spec.steps).keyframes, runs, replica, 1.5))
    assert isinstance(found, Landscape)
    return found, tape


def slice_of(spec: Train, tape: Tape, replica: int) -> tuple[Slice, Array]:
    _, points = states_of(spec, spec.data.load(), tape.until(spec.steps).keyframes, 0, replica)
    return principal_slice(points, points[-1]), points


@pytest.mark.parametrize("replica", [0, 2])
def test_grid_and_path_hold_the_losses_of_the_networks_there(replica: int) -> None:
    spec = experiment(TANH | {"output": "linear", "loss": "mse"}, **QUICK, steps=12)
    found, tape = found_of(spec, replica=replica)
    plane, points = slice_of(spec, tape, replica)
    data, sizes = spec.data.load(), (2, 4, 3, 1)
    [track] = found.tracks

    def loss(point: Array) -> float:
        return plain_loss(point, sizes, data.train.x, data.train.y, "tanh")

    np.testing.assert_array_equal(track.steps, np.arange(13))
    np.testing.assert_allclose(track.true, [loss(point) for point in points], rtol=1e-12)
    projected = plane.origin + (points - plane.origin) @ plane.directions.T @ plane.directions
    np.testing.assert_allclose(track.sliced, [loss(point) for point in projected], rtol=1e-12)
    assert found.losses.shape == (SIDE, SIDE) == (len(found.y), len(found.x))
    for row, column in ((0, 0), (0, 100), (37, 61), (100, 3), (50, 50), (4, 8)):
        at = plane.origin + found.x[column] * plane.directions[0] + found.y[row] * plane.directions[1]
        assert found.losses[row, column] == pytest.approx(loss(at), rel=1e-12)


def test_the_slice_is_true_where_the_path_lies_in_it() -> None:
    spec = experiment(RELU, steps=10)
    found, _ = found_of(spec)
    [track] = found.tracks
    assert track.sliced[-1] == pytest.approx(track.true[-1], rel=1e-12)  # it is laid through the end
    assert found.errors.max() > 0.0
    three, _ = found_of(experiment(RELU, steps=2))  # and three states lie in their plane
    np.testing.assert_allclose(three.tracks[0].sliced, three.tracks[0].true, rtol=1e-12)
    assert three.shares.sum() == pytest.approx(1.0, abs=1e-12)


def test_the_path_has_the_states_that_were_trained() -> None:
    spec = experiment(SIGMOID, RELU, steps=9, dtype="float32")
    trainer, tape = trained(spec)
    for run in (0, 1):
        steps, points = states_of(spec, trainer.data, tape.until(9).keyframes, run, 1)
        np.testing.assert_array_equal(steps, np.arange(10))
        np.testing.assert_array_equal(points[-1], trainer.parameters(run)[1])


def test_it_comes_from_coarse_to_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_NEWS_S", 0.0)
    spec = experiment(RELU, steps=8)
    _, tape = trained(spec)
    seen = list(landscape(spec, tape.until(8).keyframes, (0,), 0, 1.0))
    grids = [each for each in seen if isinstance(each, Landscape)]
    assert seen[: len(seen) - len(grids)] == [None] * (len(seen) - len(grids))
    assert sorted({len(each.x) for each in grids}) == [26, 51, 101]
    done = [each.done for each in grids]
    assert done == sorted(done)
    assert done[0] == pytest.approx(26**2 / 101**2)
    assert done[-1] == 1.0
    for coarse in grids:
        every = 100 // (len(coarse.x) - 1)
        np.testing.assert_array_equal(coarse.losses, grids[-1].losses[::every, ::every])


@pytest.mark.parametrize("count", [1, 3, 128, 129, 301, 512])
def test_long_paths_are_shown_by_every_so_many_states(count: int) -> None:
    kept = thinned(count)
    assert kept[-1] == count - 1
    assert len(kept) <= 129
    assert len(np.unique(np.diff(kept[:-1]))) <= 1
    assert kept[0] == 0


@pytest.mark.parametrize("aspect", [0.75, 1.0, 2.4])
def test_the_window_holds_all_places_at_its_aspect(aspect: float) -> None:
    for places in (np.array([(0.0, 1.0), (5.0, 2.0), (3.0, 9.0)]), np.array([(0.0, 0.0), (4.0, 0.0)])):
        x0, x1, y0, y1 = window_of(places, aspect)
        assert (x1 - x0) / (y1 - y0) == pytest.approx(aspect)
        assert x0 < places[:, 0].min()
        assert places[:, 0].max() < x1
        assert y0 < places[:, 1].min()
        assert places[:, 1].max() < y1


def test_two_runs_share_the_plane_of_both() -> None:
    fast = RELU | {"label": "Adam", "optimizer": {"name": "adam", "learning_rate": 0.01}}
    spec = experiment(RELU, fast, steps=15)
    found, tape = found_of(spec, (0, 1))
    past, data = tape.until(15), spec.data.load()
    both = [states_of(spec, data, past.keyframes, run, 0)[1] for run in (0, 1)]
    every = np.concatenate(both)
    sizes = np.linalg.svd(every - every.mean(axis=0), compute_uv=False)
    np.testing.assert_allclose(found.shares, sizes[:2] ** 2 / (sizes**2).sum(), rtol=1e-9)
    assert [track.run for track in found.tracks] == [0, 1]
    np.testing.assert_allclose(found.tracks[0].places[-1], -found.tracks[1].places[-1], atol=1e-9)  # of both ends


def test_runs_are_kin_that_have_one_loss_of_the_same_weights() -> None:
    slow = RELU | {"label": "Slow", "optimizer": {"name": "adam"}, "init": "xavier_normal"}
    wide = RELU | {"label": "Wide", "hidden": [8, 5]}
    later = RELU | {"label": "Later", "changes": [{"step": 10, "activation": "tanh"}]}
    square = RELU | {"label": "Square", "loss": "mse"}
    spec = experiment(RELU, slow, SIGMOID, wide, later, square)
    assert kin(spec, 0, 5) == (0, 1, 4)
    assert kin(spec, 1, 20) == (0, 1)
    assert [kin(spec, run, 20) for run in (2, 3, 4, 5)] == [(2,), (3,), (4,), (5,)]


def test_after_a_change_of_the_loss_the_path_begins_anew() -> None:
    changes = [{"step": 4, "optimizer": "adam"}, {"step": 8, "activation": "tanh"}]
    spec = experiment(RELU | {"changes": changes}, steps=14)
    [run] = spec.runs
    assert [since(run, step) for step in (0, 7, 8, 9, 14)] == [0, 0, 0, 8, 8]
    found, _ = found_of(spec)
    np.testing.assert_array_equal(found.tracks[0].steps, np.arange(8, 15))


def test_fewer_than_three_different_states_span_no_plane() -> None:
    spec = experiment(RELU, steps=10)
    _, tape = trained(spec)
    assert last(landscape(spec, tape.until(1).keyframes, (0,), 0, 1.0)) == TooFew(2)
    steps, states = tape.until(4).keyframes
    still = Keyframes(steps, states[:1].repeat(len(steps), axis=0))
    assert last(landscape(spec, still, (0,), 0, 1.0)) == TooFew(1)


def test_a_run_that_diverged_has_its_path_up_to_there() -> None:
    spec = experiment(RUNAWAY, HEALTHY, steps=60)
    trainer, tape = trained(spec)
    [lost] = trainer.diverged
    assert lost.run == 0
    found = last(landscape(spec, tape.until(60).keyframes, (0,), 0, 1.0))
    assert isinstance(found, Landscape)
    assert 2 <= found.tracks[0].steps[-1] <= lost.step
    assert np.isfinite(found.tracks[0].places).all()
    assert plain_text(landscape_sentence(found, ["Runaway", "Healthy"], EN))


def test_a_large_training_set_is_sampled_evenly() -> None:
    x = np.arange(5001.0)[:, None]
    some = subset(Samples(x, 2.0 * x))
    assert len(some) == 2000
    assert some.x[[0, -1], 0].tolist() == [0.0, 5000.0]
    np.testing.assert_array_equal(some.y, 2.0 * some.x)
    assert set(np.diff(some.x[:, 0])) == {2.0, 3.0}
    whole = Samples(x[:900], x[:900])
    np.testing.assert_array_equal(subset(whole).x, whole.x)


def told(true: list[float], sliced: list[float], brevity: int = 0, apart: int = 5) -> str:
    steps, places = np.arange(len(true)), np.zeros((len(true), 2))
    tracks = (Track(0, steps, places, np.array(true), np.array(sliced)),)
    x, shares = steps * 1.0, np.array([0.8, 0.11])
    found = Landscape(shares, 0.4, apart, tracks, x, x, np.empty((0, 0)), 1.0, 9, 9, 50)
    return plain_text(landscape_sentence(found, ["A", "B"], Wording("en", brevity)))


def test_the_sentence_tells_what_the_plane_holds_and_how_true_it_is() -> None:
    assert told([1.0, 0.5, 0.1], [1.04, 0.5, 0.1]) == (
        "The plane holds 91 % of the movement; the slice misses the true loss by at most 4 %; "
        "of moves of 5 steps it holds 40 %."
    )
    assert told([1.0, 0.5, 0.2, 0.1], [1.85, 0.57, 0.204, 0.1]) == (
        "The plane holds 91 % of the movement; "
        "its loss is within 2 % of the true one at half of the states, at worst 85 % off; "
        "of moves of 5 steps it holds 40 %."
    )
    assert told([1.0, 0.5, 0.1], [1.5, 0.5, 0.1], BRIEFEST) == (
        "91 % of the movement in the plane; the loss up to 50 % off."
    )


def test_what_the_plane_holds_of_the_moves_is_told_with_their_lengths_in_steps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Noise of single steps is at right angles to the plane: of moves of several steps it holds more."""
    assert told([1.0, 0.5, 0.1], [1.0, 0.5, 0.1], apart=1).endswith("; of single steps it holds 40 %.")
    spec = experiment(TANH, **QUICK, steps=60)
    every, _ = found_of(spec)
    monkeypatch.setattr(tape_module, "MAX_KEYFRAMES", 16)
    few, _ = found_of(spec)
    assert (every.apart, few.apart) == (1, 4)
    assert few.moves > every.moves
    assert few.shares.sum() == pytest.approx(every.shares.sum(), abs=0.02)


def test_errors_are_shares_of_the_true_loss() -> None:
    track = Track(
        0, np.arange(4), np.zeros((4, 2)), np.array([2.0, 1.0, 0.0, 1.0]), np.array([1.0, 1.1, 0.0, np.nan])
    )
    np.testing.assert_allclose(track.errors, [0.5, 0.1, 0.0, np.inf])
    assert [track.at(step) for step in (0, 2, 9)] == [0, 2, 3]
    assert [percent(value) for value in (0.0, 0.004, 0.14, 1.0, 12.0, np.inf)] == (
        ["0 %", "< 1 %", "14 %", "100 %", "1,200 %", "∞ %"]
    )

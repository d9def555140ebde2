"""What networks do with the test set, against plain NumPy on the weights that `run --out` writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradsim.cli import DONE, main
from gradsim.resources import resource
from gradsim.sim.documents.document import Document, write
from gradsim.sim.kinds.train.outcome_sentences import (
    confusion_clause,
    errors_clause,
    mistakes_clause,
    separable_clause,
    variance_clause,
)
from gradsim.sim.kinds.train.outcomes import Confusion, Outcomes, confusion, outcomes, r_squared, rmse
from gradsim.sim.kinds.train.representation import linear_probe, representation
from gradsim.sim.kinds.train.snapshot import Snapshot, snapshots
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.run.tape import Values
from gradsim.words.sentences import Span, Wording, plain_text
from tests.unit.small import RELU, SIGMOID, experiment, trained
from tests.unit.test_census import VALUES

STEPS = 60
TABLE = "area (m²),rooms,price (k€)\n" + "".join(
    f"{40 + 7 * (i % 23)},{1 + i % 5},{20 + 3.1 * (7 * (i % 23)) - 9 * (i % 5) + i % 7}\n" for i in range(115)
)
REGRESSION = {"output": "linear", "loss": "mse", "hidden": [6, 5], "batch_size": 16}
ENGLISH, RUN = Wording("en"), Span("A", 0)


def seen(spec: Train, replica: int = 1) -> tuple[Snapshot, Any]:
    trainer, tape = trained(spec)
    *_, last = snapshots(spec, trainer.data, tape.keyframe_before(STEPS), STEPS, replica)
    assert last is not None
    assert last[0] is not None
    return last[0], trainer.data


def written(spec: Train, folder: Path) -> dict[str, Values]:
    """Return what `run --out` writes of an experiment."""
    write(folder / "x.toml", Document(spec))
    assert main(["run", str(folder / "x.toml"), "--out", str(folder / "out.npz")]) == DONE
    with np.load(folder / "out.npz", allow_pickle=False) as npz:
        return dict(npz)


def logits(file: dict[str, Values], x: Values, activation: str, layers: int) -> Values:
    """Send samples through replica 1 of the first run."""
    a = x
    for layer in range(layers):
        z = a @ file[f"run0/replica1/W{layer}/final"] + file[f"run0/replica1/b{layer}/final"]
        a = VALUES[activation](z)
    return z


@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh"])
def test_the_confusion_matrix_is_that_of_the_weights_in_the_npz(name: str, tmp_path: Path) -> None:
    spec = experiment({"activation": name}, replicas=2, steps=STEPS, data={"name": "digits"})
    network, data = seen(spec)
    found = outcomes(network, data, data.test)
    with np.load(resource("datasets", "digits.npz")) as digits:
        x, labels = digits["x"][-382:] / 16.0, digits["y"][-382:]
    z = logits(written(spec, tmp_path), x, name, 3)
    counts = np.zeros((10, 10), int)
    for true, row in zip(labels, z, strict=True):
        counts[true, row.argmax()] += 1  # as scikit-learn's confusion_matrix: rows are true
    matrix = confusion(found)
    np.testing.assert_array_equal(matrix.counts, counts)
    assert matrix.accuracy == (z.argmax(axis=1) == labels).mean()
    np.testing.assert_allclose(matrix.recall, [(z.argmax(axis=1) == k)[labels == k].mean() for k in range(10)])
    shares = np.exp(z - z.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found.scores, shares, rtol=1e-9)
    np.testing.assert_allclose(found.losses, -np.log(shares[np.arange(382), labels]), rtol=1e-9)


def test_accuracy_is_that_of_the_tape() -> None:
    spec = experiment(RELU, replicas=2, steps=STEPS, data={"name": "moons", "samples": 200})
    trainer, tape = trained(spec)
    for step in range(0, STEPS + 1, 10):
        measured = tape.until(step).values(0, "test_accuracy")[1]
        if np.isnan(measured):
            continue
        *_, last = snapshots(spec, trainer.data, tape.keyframe_before(step), step, 1)
        assert last is not None
        assert last[0] is not None
        assert confusion(outcomes(last[0], trainer.data, trainer.data.test)).accuracy == pytest.approx(measured)


def test_figures_of_a_regression_are_those_of_the_weights_in_the_npz(tmp_path: Path) -> None:
    (tmp_path / "flats.csv").write_text(TABLE, encoding="utf-8")
    table = {"name": "csv", "path": str(tmp_path / "flats.csv")}
    spec = experiment(REGRESSION | {"activation": "tanh"}, replicas=2, steps=STEPS, data=table)
    network, data = seen(spec)
    file = written(spec, tmp_path)
    [column] = data.targets
    rows = np.loadtxt(tmp_path / "flats.csv", delimiter=",", skiprows=1)
    parts = ((data.train, file["train_x"]), (data.test, file["test_x"]))
    truths = []
    for part, x in parts:
        found = outcomes(network, data, part)
        said = column.zero + column.one * logits(file, x, "tanh", 3)[:, 0]
        true = column.zero + column.one * part.y[:, 0]
        truths += true.tolist()
        own = [column.own(values[:, 0]) for values in (found.truth, found.predictions)]
        expected = 1.0 - ((true - said) ** 2).sum() / ((true - true.mean()) ** 2).sum()
        assert r_squared(*own) == pytest.approx(expected, rel=1e-9)
        assert rmse(*own) == pytest.approx(np.sqrt(np.mean((true - said) ** 2)), rel=1e-9)
    np.testing.assert_allclose(sorted(truths), sorted(rows[:, 2]))


@pytest.mark.parametrize(
    ("truth", "predicted", "expected"),
    [
        ([3.0, 3.0], [3.0, 3.0], 1.0),
        ([3.0, 3.0], [3.0, 4.0], 0.0),
        ([1.0, 2.0, 3.0], [2.0, 2.0, 2.0], 0.0),
        ([1.0, 2.0, 3.0], [3.0, 2.0, 1.0], -3.0),
        ([1.0], [1.0], np.nan),
    ],
)
def test_r_squared_is_defined_as_in_scikit_learn(truth: list[float], predicted: list[float], expected: float) -> None:
    np.testing.assert_equal(r_squared(np.array(truth), np.array(predicted)), expected)


@pytest.mark.parametrize("scale", [2.0**-1060, 2.0**-500, 1.0, 2.0**600, 2.0**1020])
def test_figures_of_a_regression_are_the_same_in_every_unit(scale: float) -> None:
    truth, predicted = np.array([1.0, -1.0, 0.5, 0.0]), np.array([0.5, -1.25, 0.75, 0.25])
    expected = 1.0 - ((truth - predicted) ** 2).sum() / ((truth - truth.mean()) ** 2).sum()
    assert r_squared(scale * truth, scale * predicted) == pytest.approx(expected, rel=1e-12)
    error = np.sqrt(np.mean((truth - predicted) ** 2))
    assert rmse(scale * truth, scale * predicted) / scale == pytest.approx(error, rel=1e-3)


@pytest.mark.parametrize("error", [1e-300, 1e-3, 1e300])
def test_r_squared_of_errors_far_from_the_spread_of_the_values_is_a_number(error: float) -> None:
    truth = np.array([1.0, 2.0, 3.0])
    assert r_squared(truth, truth + error * np.array([1.0, -1.0, 1.0])) <= 1.0
    assert np.isfinite(r_squared(1e-300 * truth, np.full(3, error)))


def test_a_class_without_samples_has_no_recall() -> None:
    found = Confusion(np.array([[3, 1, 0], [0, 0, 0], [2, 0, 4]]))
    np.testing.assert_array_equal(found.recall, [0.75, np.nan, 4 / 6])
    assert found.worst == (2, 0)
    assert Confusion(np.diag([1, 2])).worst is None


# Sentences


def classified(scores: list[list[float]], true: list[int]) -> Outcomes:
    truth = np.eye(len(scores[0]))[true]
    return Outcomes(np.array(scores), truth, np.zeros(len(true)))


def test_sentences_tell_the_commonest_mistake() -> None:
    names = ["cat", "dog", "cow"]

    def told(counts: list[list[int]]) -> str:
        return plain_text(confusion_clause(Confusion(np.array(counts)), RUN, names, ENGLISH))

    assert told([[0, 5, 0], [0, 7, 0], [0, 3, 0]]) == "A takes every sample for dog"
    assert told([[4, 0, 0], [0, 7, 0], [0, 0, 3]]) == "A gets all 14 right"
    assert told([[9, 1, 2], [2, 3, 0], [1, 0, 3]]) == "A most often takes dog for cat: 2 of 5"


def test_sentences_tell_the_surest_mistake() -> None:
    scores = [[0.9, 0.1], [0.3, 0.7], [0.2, 0.8], [0.6, 0.4]]
    told = mistakes_clause(classified(scores, [0, 0, 0, 1]), RUN, ["cat", "dog"], ENGLISH)
    assert plain_text(told) == "A gets 3 of 4 wrong, at worst 80 % sure of dog where it is cat"
    told = mistakes_clause(classified(scores, [0, 1, 1, 0]), RUN, ["cat", "dog"], ENGLISH)
    assert plain_text(told) == "A gets all 4 right"


def test_sentences_tell_how_far_off_and_how_good_predictions_are() -> None:
    assert plain_text(errors_clause(np.array([1.0, 2.0, 9.0]), "km", RUN, ENGLISH)) == (
        "A is off by 2 km in the median and by 9 km at most"
    )
    assert plain_text(variance_clause(0.25, RUN, ENGLISH)) == "A explains 25 % of the variance"
    assert plain_text(variance_clause(np.nan, RUN, ENGLISH)) == "A: one sample has no variance to explain"
    assert plain_text(variance_clause(-0.5, RUN, ENGLISH)) == "A predicts no better than the mean does"
    assert plain_text(separable_clause(0.5, 1.0, 3, RUN, ENGLISH)) == (
        "A: a straight cut gets 50 % right in the plane, 100 % in layer 3"
    )


# What layers make of the plane


@pytest.mark.parametrize("size", [1e200, 1e-200])
def test_planes_of_huge_and_tiny_inputs_are_those_of_usual_ones(size: float) -> None:
    network, split = seen(experiment(RELU, replicas=2, steps=STEPS, data={"name": "moons", "samples": 120}))
    x, of_class = split.train.x, split.train.y[:, 0].astype(int)
    with np.errstate(all="ignore"):  # as where pictures are computed: later layers leave what numbers hold
        usual, scaled = (representation(network, each[:9], each, of_class)[0][0] for each in (x, size * x))
    np.testing.assert_allclose(scaled.samples, size * usual.samples, rtol=1e-9, atol=1e-9 * size)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("run", [SIGMOID, RELU], ids=["sigmoid", "relu"])
def test_probes_are_the_least_squares_fit_of_plain_numpy(run: dict[str, Any], classes: int) -> None:
    data = {"name": "moons", "samples": 120} if classes == 2 else {"name": "blobs", "centres": 3, "samples": 120}
    network, split = seen(experiment(run, replicas=2, steps=STEPS, data=data))
    x, of_class = split.train.x, (split.train.y.argmax(axis=1) if classes > 2 else split.train.y[:, 0].astype(int))
    nodes = np.stack(np.meshgrid(np.linspace(-2, 2, 5), np.linspace(-2, 2, 5)), axis=-1).reshape(-1, 2)
    planes, decided = representation(network, nodes, x, of_class)
    assert [plane.layer for plane in planes] == [0, 1, 2]
    a = x
    for plane in planes:
        if plane.layer:
            layer = network.layers[plane.layer - 1]
            a = VALUES[str(run["activation"])](a @ layer.w + layer.b)
        inputs = np.column_stack([a, np.ones(len(a))])
        said = (inputs @ (np.linalg.pinv(inputs) @ np.eye(classes)[of_class])).argmax(axis=1)
        assert plane.separable == pytest.approx((said == of_class).mean(), abs=1.5 / len(a))
        if classes == 2:
            cut_right = (side_of(plane.cut, plane.samples) == of_class).mean()
            assert max(cut_right, 1.0 - cut_right) == pytest.approx(plane.separable)
        else:
            assert np.isnan(plane.cut).all()
    np.testing.assert_allclose(planes[0].samples, x - x.mean(axis=0), atol=1e-9)
    np.testing.assert_allclose(planes[0].nodes, nodes - x.mean(axis=0), atol=1e-9)
    assert len(decided) == 25


def side_of(line: Values, points: Values) -> Values:
    """Tell on which side of a line points lie."""
    (x0, y0), (x1, y1) = line
    return np.asarray((x1 - x0) * (points[:, 1] - y0) - (y1 - y0) * (points[:, 0] - x0) > 0.0)


def test_a_probe_cuts_what_a_straight_line_can() -> None:
    points = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    assert linear_probe(points, np.array([0, 0, 1, 1])).share == 1.0
    assert linear_probe(points, np.array([0, 1, 1, 0])).share < 1.0  # the exclusive or

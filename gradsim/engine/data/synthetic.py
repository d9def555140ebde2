"""Data sets generated from formulas; the same settings give the same bits.

Points of the plane are standardised: each column is shifted and scaled to mean 0
and standard deviation 1 over the training set, so that usual learning rates suit
all of them. Each data set is shuffled with its own seed before it is split, so
that training and test set have the same distribution.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gradsim.engine.data.samples import (
    DATASETS,
    SEED,
    SPLITS,
    TEST,
    Column,
    Dataset,
    Split,
    class_targets,
    columns,
    generator,
    split,
    standardised,
    training_count,
)
from gradsim.engine.types import Array
from gradsim.schema.parameters import Integer, Number, Numbers

SAMPLES = Integer("Samples", help="How many samples to draw.", low=10, high=10_000, slider=(10, 2000))
INPUT_NOISE = Number(
    "Noise", help="Standard deviation of the normal noise that moves the points.", low=0, high=10, slider=(0, 1)
)
TARGET_NOISE = Number(
    "Noise", help="Standard deviation of the normal noise on the targets.", low=0, high=10, slider=(0, 1)
)
_FEATURES = Integer("Features", help="Number of inputs.", low=1, high=256, slider=(1, 100))


class Generated(Dataset):
    """A data set that is generated, shuffled and split."""

    samples: int
    test_fraction: float
    seed: int

    def training_size(self) -> int:
        return training_count(self.samples, self.test_fraction)

    def load(self) -> Split:
        return SPLITS.get(self, self._split)

    def _split(self) -> Split:
        rng = generator(self.seed)
        x, y = self.sample(rng)
        order = rng.permutation(self.samples)
        train = training_count(self.samples, self.test_fraction)
        return self.finish(x[order], y[order], train)

    def sample(self, rng: np.random.Generator) -> tuple[Array, Array]:
        """Return inputs (N, features) and targets (N, outputs) of the formula, in any order."""
        raise NotImplementedError

    def finish(self, x: Array, y: Array, train: int) -> Split:
        """Split the shuffled samples, standardised where the data set wants it."""
        raise NotImplementedError


class Plane(Generated):
    """Classes of points of the plane, as equal in size as possible, with normal noise added."""

    noise: float

    def points(self, rng: np.random.Generator) -> list[Array]:
        """Return the points (n, 2) of each class, without noise."""
        raise NotImplementedError

    def sample(self, rng: np.random.Generator) -> tuple[Array, Array]:
        classes = self.points(rng)
        x = np.concatenate(classes)
        labels = np.repeat(np.arange(len(classes)), [len(points) for points in classes])
        return x + self.noise * rng.standard_normal(x.shape), class_targets(labels, len(classes))

    def finish(self, x: Array, y: Array, train: int) -> Split:
        found = split(standardised(x, train, one_unit=True), y, train, classes=True)
        return replace(found, inputs=columns(x, train, ("x₁", "x₂"), one_unit=True), one_unit=True)


def _shares(count: int, classes: int) -> list[int]:
    """Divide `count` samples among classes: equal numbers, the last classes one more if there is a remainder."""
    return [(count + i) // classes for i in range(classes)]


def _circle(angles: Array) -> Array:
    """Return the points (n, 2) of the unit circle at these angles."""
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


@DATASETS.add
@dataclass(frozen=True)
class Moons(Plane):
    """Two interleaving half circles, as scikit-learn's make_moons.

    For t in [0, π], equally spaced: class 0 at (cos t, sin t), class 1 at
    (1 - cos t, 1/2 - sin t).
    """

    key = "moons"
    label = "Two moons"

    samples: int = SAMPLES.field(1000)
    noise: float = INPUT_NOISE.field(0.1)
    test_fraction: float = TEST.field(0.2)
    seed: int = SEED.field(0)

    def points(self, rng: np.random.Generator) -> list[Array]:
        upper, lower = (_circle(np.linspace(0.0, np.pi, n)) for n in _shares(self.samples, 2))
        return [upper, [1.0, 0.5] - lower]


@DATASETS.add
@dataclass(frozen=True)
class Circles(Plane):
    """A circle within a circle, as scikit-learn's make_circles.

    For t in [0, 2π), equally spaced: class 0 at (cos t, sin t), class 1 at
    `factor` times that.
    """

    key = "circles"
    label = "Two circles"

    samples: int = SAMPLES.field(1000)
    noise: float = INPUT_NOISE.field(0.1)
    factor: float = Number(
        "Inner radius", help="Radius of the inner circle; the outer one has 1.", low=0, high=1
    ).field(0.5)
    test_fraction: float = TEST.field(0.2)
    seed: int = SEED.field(0)

    def points(self, rng: np.random.Generator) -> list[Array]:
        outer, inner = (_circle(np.linspace(0.0, 2.0 * np.pi, n, endpoint=False)) for n in _shares(self.samples, 2))
        return [outer, self.factor * inner]


@DATASETS.add
@dataclass(frozen=True)
class Spirals(Plane):
    """Intertwined Archimedean spirals, one per class, as in the course CS231n, but with noise on the points.

    For r in [0.1, 1], equally spaced: arm j of k at r (cos φ, sin φ),
    φ = 2π (turns r + j / k).
    """

    key = "spirals"
    label = "Spirals"

    samples: int = SAMPLES.field(1000)
    noise: float = INPUT_NOISE.field(0.03)
    arms: int = Integer("Arms", help="Number of spirals, each a class.", low=2, high=5).field(2)
    turns: float = Number("Turns", help="Turns of each spiral around the centre.", low=0, high=4).field(1.0)
    test_fraction: float = TEST.field(0.2)
    seed: int = SEED.field(0)

    def points(self, rng: np.random.Generator) -> list[Array]:
        arms: list[Array] = []
        for j, n in enumerate(_shares(self.samples, self.arms)):
            r = np.linspace(0.1, 1.0, n)
            arms.append(r[:, None] * _circle(2.0 * np.pi * (self.turns * r + j / self.arms)))
        return arms


@DATASETS.add
@dataclass(frozen=True)
class Xor(Plane):
    """The exclusive or of two signs: uniform on the square [-1, 1]², class 1 where x1 x2 < 0.

    Each quadrant has a quarter of the points. The class is that of the position
    before noise is added, so noise mixes the classes along the axes.
    """

    key = "xor"
    label = "XOR"

    samples: int = SAMPLES.field(1000)
    noise: float = INPUT_NOISE.field(0.0)
    test_fraction: float = TEST.field(0.2)
    seed: int = SEED.field(0)

    def points(self, rng: np.random.Generator) -> list[Array]:
        classes: list[Array] = []
        for n, other in zip(_shares(self.samples, 2), (1.0, -1.0), strict=True):
            sign = np.where(np.arange(n) % 2, -1.0, 1.0)
            classes.append(rng.uniform(0.0, 1.0, (n, 2)) * np.stack([sign, other * sign], axis=1))
        return classes


@DATASETS.add
@dataclass(frozen=True)
class Blobs(Plane):
    """Normal clouds, one per class, as scikit-learn's make_blobs in the plane.

    Centres are uniform on the square [-10, 10]² and depend on the data seed, so
    clouds may overlap. The noise is the clouds' standard deviation.
    """

    key = "blobs"
    label = "Blobs"

    samples: int = SAMPLES.field(1000)
    centres: int = Integer("Centres", help="Number of clusters, each a class.", low=2, high=10).field(3)
    noise: float = Number("Spread", help="Standard deviation of each cluster.", low=0, high=10).field(1.0)
    test_fraction: float = TEST.field(0.2)
    seed: int = SEED.field(0)

    def points(self, rng: np.random.Generator) -> list[Array]:
        centres = rng.uniform(-10.0, 10.0, (self.centres, 2))
        return [np.tile(c, (n, 1)) for c, n in zip(centres, _shares(self.samples, self.centres), strict=True)]


@DATASETS.add
@dataclass(frozen=True)
class LinearFunction(Generated):
    """Linear regression: y = w · x + noise, with x standard normal and w a random unit vector."""

    key = "linear"
    label = "Linear function"
    formula = "y = w · x + ε"

    samples: int = SAMPLES.field(200)
    features: int = _FEATURES.field(1)
    noise: float = TARGET_NOISE.field(0.1)
    test_fraction: float = TEST.field(0.2)
    seed: int = SEED.field(0)

    def sample(self, rng: np.random.Generator) -> tuple[Array, Array]:
        w = rng.standard_normal(self.features)
        x = rng.standard_normal((self.samples, self.features))
        y = (x * (w / np.linalg.norm(w))).sum(axis=1) + self.noise * rng.standard_normal(self.samples)
        return x, y[:, None]

    def finish(self, x: Array, y: Array, train: int) -> Split:
        names = ("x",) if self.features == 1 else tuple(f"x{j + 1}" for j in range(self.features))
        return replace(split(x, y, train, classes=False), inputs=tuple(map(Column, names)), targets=(Column("y"),))


@DATASETS.add
@dataclass(frozen=True)
class Sine(Generated):
    """Regression on a wave: y = sin(frequency · u) + noise, u uniform on [-π, π].

    The input is x = u √3 / π: uniform with standard deviation 1.
    """

    key = "sine"
    label = "Sine wave"
    formula = "y = sin(ω u) + ε"

    samples: int = SAMPLES.field(200)
    frequency: float = Number("Frequency", help="Number of waves.", low=0.1, high=20).field(1.0)
    noise: float = TARGET_NOISE.field(0.1)
    test_fraction: float = TEST.field(0.2)
    seed: int = SEED.field(0)

    def sample(self, rng: np.random.Generator) -> tuple[Array, Array]:
        u = rng.uniform(-np.pi, np.pi, self.samples)
        y = np.sin(self.frequency * u) + self.noise * rng.standard_normal(self.samples)
        return (u * np.sqrt(3.0) / np.pi)[:, None], y[:, None]

    def finish(self, x: Array, y: Array, train: int) -> Split:
        found = split(x, y, train, classes=False)
        return replace(found, inputs=(Column("u", one=np.pi / np.sqrt(3.0)),), targets=(Column("y"),))


@DATASETS.add
@dataclass(frozen=True)
class Sparse(Generated):
    """Binary features from frequent to rare, all equally informative: one learning rate does not suit all of them.

    Feature j = 1, 2, … is 1 with probability p_j = 1/2 j^(-exponent) (Zipf's
    law at exponent 1), else 0. The class is 1 where the score
    Σ ±(x_j - p_j) / √(p_j (1 - p_j)), linear with random signs and mean 0, is
    positive: each feature contributes equally to the score's variance, so a rare
    one has a large weight where it occurs. Inputs are not standardised: a rare
    feature is one whose gradient is mostly zero; adaptive methods were made for
    such data (Duchi et al., 2011, section 1.3).
    """

    key = "sparse"
    label = "Rare features"

    samples: int = SAMPLES.field(1000)
    features: int = _FEATURES.field(50)
    exponent: float = Number(
        "Frequency exponent", help="How fast the features become rare; 0: all are equally frequent.", low=0, high=3
    ).field(1.0)
    noise: float = Number("Noise", help="Share of the labels that are flipped.", low=0, high=0.5).field(0.0)
    test_fraction: float = TEST.field(0.2)
    seed: int = SEED.field(0)

    def sample(self, rng: np.random.Generator) -> tuple[Array, Array]:
        p = 0.5 * np.arange(1.0, self.features + 1.0) ** -self.exponent
        sign = rng.choice([-1.0, 1.0], self.features)
        x = np.where(rng.random((self.samples, self.features)) < p, 1.0, 0.0)
        score = ((x - p) * (sign / np.sqrt(p * (1.0 - p)))).sum(axis=1)
        flipped = rng.random(self.samples) < self.noise
        return x, class_targets((score > 0.0) ^ flipped, 2)

    def finish(self, x: Array, y: Array, train: int) -> Split:
        return split(x, y, train, classes=True)


@DATASETS.add
@dataclass(frozen=True)
class Point(Dataset):
    """One given sample, not scaled: for worked examples. There is no test set.

    One target of 0 or 1, or several of which one is 1 and the others 0, are a
    class; other targets are numbers.
    """

    key = "point"
    label = "One sample"

    x: tuple[float, ...] = Numbers("Inputs", help="The sample's inputs.", low=-1e6, high=1e6).field((1.0,))
    y: tuple[float, ...] = Numbers("Targets", help="The target of each output.", low=-1e6, high=1e6).field((0.0,))

    def load(self) -> Split:
        return SPLITS.get(self, self._split)

    def _split(self) -> Split:
        classes = sorted(self.y) in ([0.0], [1.0], [0.0] * (len(self.y) - 1) + [1.0])
        return split(np.array([self.x]), np.array([self.y]), 1, classes)

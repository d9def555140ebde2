"""Published runs on 50,000 images, repeated where the full MNIST is at hand: a folder named in GRADSIM_MNIST."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from gradsim.engine.data.samples import class_targets
from gradsim.engine.nn.activations import ACTIVATIONS
from gradsim.engine.nn.losses import LOSSES
from gradsim.engine.nn.network import Model, Stack
from gradsim.engine.nn.outputs import OUTPUTS
from gradsim.engine.optim.descent import Sgd
from gradsim.engine.types import Array
from gradsim.sim.run.draws import Batches
from tests.reference.test_reference import ENTRIES

FOLDER = os.environ.get("GRADSIM_MNIST", "")

pytestmark = pytest.mark.skipif(not FOLDER, reason="GRADSIM_MNIST names no folder with MNIST's four files")

TRAINING = 50_000
"""The other 10,000 of MNIST's training images validate, as in the book."""

MODEL = Model(ACTIVATIONS["sigmoid"](), OUTPUTS["sigmoid"](), LOSSES["cross_entropy"]())

Values = npt.NDArray[np.float64]


@cache
def mnist() -> tuple[Array, Array]:
    """Return the 60,000 training images (60000, 784) in 0 … 1, and their targets (60000, 10)."""
    images = np.fromfile(Path(FOLDER) / "train-images-idx3-ubyte", np.uint8, offset=16)
    labels = np.fromfile(Path(FOLDER) / "train-labels-idx1-ubyte", np.uint8, offset=8)
    x = images.reshape(len(labels), -1).astype(np.float32) / 255
    return x, class_targets(labels, 10).astype(np.float32)


class Book:
    """K sigmoid networks that learn as the book's ``network2.py`` has them: L2 on the weights alone, lam / n."""

    def __init__(self, sizes: Sequence[int], setup: Any, rates: Sequence[float], seeds: Sequence[int] = (0,)) -> None:
        self.decay, self.batch = setup["lam"] / TRAINING, setup["batch"]
        self.stack = Stack(sizes, self.batch, [MODEL], len(rates), np.float32)
        self.batches = Batches(1, 1, TRAINING, self.batch)
        self.hyper = {"learning_rate": np.array(rates)[:, None]}
        self.work: Array = np.zeros_like(self.stack.params)
        for params, seed in zip(self.stack.params, cycle(seeds), strict=False):
            params[:] = np.random.default_rng(seed).standard_normal(len(params))

    def shrink(self, networks: slice) -> None:
        """Divide weights by the root of their fan-in: from deviation 1, the book's old way, to its new one."""
        for w in self.stack.w:
            w[networks] /= np.sqrt(w.shape[1])

    def epochs(self, count: int) -> Iterator[None]:
        """Train, and yield after each epoch."""
        x, y = mnist()
        k, updates = self.stack.k, TRAINING // self.batch
        for step in range(count * updates):
            rows = np.repeat(self.batches.at(step), k, axis=0)
            with np.errstate(over="ignore"):
                self.stack.forward(x[rows])
                self.stack.backward(x[rows], y[rows])
            for w, dw in zip(self.stack.w, self.stack.dw, strict=True):
                dw += self.decay * w
            Sgd.step(self.stack.params, self.stack.grads, {}, self.hyper, step + 1, self.work)
            if (step + 1) % updates == 0:
                yield

    def accuracy(self) -> Values:
        """Return the share of the validation images that each network classifies rightly."""
        x, y = (part[TRAINING:] for part in mnist())
        whole = self._over(x, y)
        return np.asarray((whole.predictions.argmax(axis=-1) == y.argmax(axis=-1)).mean(axis=-1))

    def cost(self) -> Values:
        """Return each network's cross-entropy on the training images, with the penalty on its weights."""
        whole = self._over(*(part[:TRAINING] for part in mnist()))
        penalty = sum((w.astype(float) ** 2).sum(axis=(1, 2)) for w in self.stack.w)
        return np.asarray(whole.loss + self.decay / 2 * penalty)

    def _over(self, x: Array, y: Array) -> Stack:
        """Return the networks after a pass over all of these samples."""
        k = self.stack.k
        whole = Stack(self.stack.sizes, len(x), [MODEL], k, np.float32)
        whole.params[:] = self.stack.params
        images, targets = (np.broadcast_to(part, (k, *part.shape)) for part in (x, y))
        with np.errstate(over="ignore"):
            whole.forward(images)
            whole.backward(images, targets)
        return whole


def test_the_published_learning_rates() -> None:
    """Too small crawls, too large stays high: the training cost at 0.025, 0.25 and 2.5."""
    entry = ENTRIES["nielsen_ch3_multiple_eta"]
    setup, expected = entry["setup"], entry["expected"]
    book = Book(setup["net"], setup, setup["eta"])
    book.shrink(slice(None))
    costs = np.array([book.cost() for _ in book.epochs(setup["epochs"])])
    slow, right, large = costs.T
    assert large.min() > 0.72
    assert (slow[:10] > right[:10]).all()
    np.testing.assert_allclose(costs[0, :2], expected["cost_epoch1"][:2], rtol=0.1)
    np.testing.assert_allclose(costs[-1, :2], expected["cost_epoch30"][:2], rtol=0.1)


def test_the_published_initializations() -> None:
    """The published accuracies are those of one seed: they lie among those of eight."""
    entry = ENTRIES["nielsen_ch3_weight_init_30"]
    setup, expected = entry["setup"], entry["expected"]
    book = Book(setup["net"], setup, [setup["eta"]] * 16, seeds=range(8))
    book.shrink(slice(8, None))
    found = np.array([book.accuracy() for _ in book.epochs(setup["epochs"])])
    for epoch in (1, 30):
        for name, networks in (("old", slice(8)), ("new", slice(8, None))):
            accuracies, published = found[epoch - 1, networks], expected[f"{name}_epoch{epoch}"]
            within = np.clip(published, accuracies.min(), accuracies.max())
            assert within == pytest.approx(published, abs=entry["tolerance"]), (name, epoch, accuracies)


@pytest.mark.parametrize("sizes", ENTRIES["nielsen_ch5_accuracy_vs_depth"]["expected"])
def test_the_published_accuracies_by_depth(sizes: str) -> None:
    entry = ENTRIES["nielsen_ch5_accuracy_vs_depth"]
    setup = entry["setup"]
    book = Book(json.loads(sizes), setup, [setup["eta"]])
    book.shrink(slice(None))
    for _ in book.epochs(setup["epochs"]):
        pass
    assert book.accuracy().item() == pytest.approx(entry["expected"][sizes], abs=entry["tolerance"])

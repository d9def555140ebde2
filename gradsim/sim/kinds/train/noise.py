"""The noise of a gradient that is taken over a batch: how far it is from that over all samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np

from gradsim.engine.data import Split
from gradsim.engine.nn.network import Model, Stack
from gradsim.engine.types import Indices
from gradsim.sim.kinds.train.dimensions import batch_of, layer_sizes, targets
from gradsim.sim.kinds.train.snapshot import Snapshot
from gradsim.sim.run.tape import Values
from gradsim.words.numbers import figure
from gradsim.words.sentences import Span, Wording

MOST_SAMPLES = 1024
"""So many samples of the training set are taken, if there are more."""
BATCHES = 40
"""So many batches of each size are drawn, without replacement."""


@dataclass(frozen=True)
class Noise:
    """How far batches' gradients are from the gradient of all samples, as shares of its squared norm.

    Attributes
    ----------
    samples
        N, how many there are.
    sizes : (m,)
        Sizes of batches, ascending: the powers of two below N.
    measured : (m, BATCHES)
        ‖g_B − g‖² / ‖g‖² of batches drawn at random.
    law : (m,)
        Its expectation, (S² / B) (1 − B/N) / ‖g‖² with S² = Σ ‖g_i − g‖² / (N − 1) of the samples' gradients g_i:
        the variance of a mean of B draws without replacement (Cochran, Sampling Techniques, 1977, theorem 2.2).
    batch
        The batch size of the run.
    expected
        The law at that size.
    """

    samples: int
    sizes: Indices
    measured: Values
    law: Values
    batch: int
    expected: float


def noise(network: Snapshot, data: Split) -> Noise:
    """Return the noise of the gradient of a network over the first samples of the training set."""
    count = min(len(data.train), MOST_SAMPLES)
    products = gradient_products(network, data, count)
    squared = float(products.mean())
    variance = (float(np.trace(products)) - count * squared) / max(1, count - 1)
    sizes = 2 ** np.arange(int(np.ceil(np.log2(max(2, count)))))
    batch = min(batch_of(network.run, data), count)

    def law(size: Values) -> Values:
        return np.asarray(variance / size * (1.0 - size / count) / squared)

    return Noise(
        count, sizes, _measured(products, sizes, squared), law(sizes.astype(np.float64)), batch,
        float(law(np.array(float(batch)))),
    )  # fmt: skip


def gradient_products(network: Snapshot, data: Split, count: int) -> Values:
    """Return the inner products (N, N) of the gradients of single samples, over all weights and biases.

    A sample's gradient of a layer is the outer product of its input and its delta, so that two samples have

        ⟨g_i, g_j⟩ = Σ_layers (δ_i · δ_j) (a_i · a_j + 1).
    """
    run, x = network.run, data.train.x[:count]
    y = targets(run, data, data.train)[:count]
    stack = Stack(layer_sizes(run, data), count, [Model(run.activation, run.output, run.loss)], 1, np.float64)
    for w, b, layer in zip(stack.w, stack.b, network.layers, strict=True):
        w[0], b[0] = layer.w, layer.b
    with np.errstate(all="ignore"):
        stack.forward(x[None])
        stack.backward(x[None], np.asarray(y, np.float64)[None])
    products, below = np.zeros((count, count)), np.asarray(x, np.float64)
    for delta, a in zip(stack.delta, stack.a, strict=True):
        own = delta[0] * count  # of a sample's own loss, not of their mean
        products += (own @ own.T) * (below @ below.T + 1.0)
        below = a[0]
    return products


def _measured(products: Values, sizes: Indices, squared: float) -> Values:
    """Return ‖g_B − g‖² / ‖g‖² of random batches of these sizes, from the samples' inner products."""
    rng, to_all = np.random.default_rng(0), products.mean(axis=1)
    found = np.empty((len(sizes), BATCHES))
    for row, size in zip(found, sizes, strict=True):
        for k in range(BATCHES):
            chosen = rng.permutation(len(products))[:size]
            own = products[np.ix_(chosen, chosen)].mean()
            row[k] = max(0.0, own - 2.0 * to_all[chosen].mean() + squared)
    return np.asarray(found / squared)


def noise_sentence(
    found: Sequence[Noise | None], names: Sequence[str], language: str, brevity: int = 0
) -> list[Span]:
    """Say how far a batch is off, of as many runs as the brevity lets; those that diverged have no noise."""
    wording, clauses = Wording(language), []
    for run, each in enumerate(found):
        if each is None:
            clauses.append(wording.fill(wording.tr("{label}: diverged"), run, label=[Span(names[run], run)]))
        elif not isfinite(each.expected):
            text = wording.tr("{label}: its gradient is 0 or beyond all numbers, and no noise is relative to that")
            clauses.append(wording.fill(text, run, label=[Span(names[run], run)]))
        elif each.batch == each.samples:
            text = wording.tr("{label}: a batch of all {n} samples has the gradient itself")
            clauses.append(wording.fill(text, run, label=[Span(names[run], run)], n=f"{each.samples:,}"))
        else:
            text = wording.tr("{label}: a batch of {n} is off by [{off} times] the gradient’s norm")
            off = figure(float(np.sqrt(each.expected)))
            clauses.append(wording.fill(text, run, label=[Span(names[run], run)], n=f"{each.batch:,}", off=off))
    kept = clauses[: max(1, len(clauses) - brevity)]
    return wording.sentence(wording.clauses(kept), names)


TEXTS = (
    "{label}: diverged",
    "{label}: a batch of all {n} samples has the gradient itself",
    "{label}: its gradient is 0 or beyond all numbers, and no noise is relative to that",
    "{label}: a batch of {n} is off by [{off} times] the gradient’s norm",
)
"""What :func:`noise_sentence` says, to be translated."""

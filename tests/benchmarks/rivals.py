"""The same step in other libraries, as those who know them would write it: one processor core, single precision.

Each takes a step of plain gradient descent in networks 64-[width x 8]-10 with sigmoid, softmax and cross-entropy on a
batch of 64, for so many replicas.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

DEPTH, INPUTS, CLASSES, BATCH, RATE = 8, 64, 10, 64, 0.1
Step = Callable[[], None]


def sizes(width: int) -> list[int]:
    """Return the units of each layer, from the inputs to the outputs."""
    return [INPUTS, *[width] * DEPTH, CLASSES]


def samples() -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return a batch and its classes."""
    rng = np.random.default_rng(0)
    return rng.random((BATCH, INPUTS), np.float32), rng.integers(0, CLASSES, BATCH)


def numpy_step(width: int, replicas: int) -> Step:
    """Return a step written as in a tutorial, replicas one by one; it measures the norms of the gradients only."""
    rng = np.random.default_rng(0)
    layers = list(pairwise(sizes(width)))
    nets = [
        [[rng.standard_normal(size, np.float32), np.zeros(size[1], np.float32)] for size in layers]
        for _ in range(replicas)
    ]
    x, classes = samples()
    y = np.eye(CLASSES, dtype=np.float32)[classes]

    def step() -> None:
        for net in nets:
            a = [x]
            for i, (w, b) in enumerate(net):
                z = a[-1] @ w + b
                e = np.exp(z - z.max(axis=1, keepdims=True)) if i == DEPTH else None
                a.append(1.0 / (1.0 + np.exp(-z)) if e is None else e / e.sum(axis=1, keepdims=True))
            delta = (a[-1] - y) / len(x)
            for i in range(DEPTH, -1, -1):
                dw, db = a[i].T @ delta, delta.sum(axis=0)
                np.linalg.norm(dw)
                if i:
                    delta = (delta @ net[i][0].T) * a[i] * (1.0 - a[i])
                net[i][0] -= np.float32(RATE) * dw
                net[i][1] -= np.float32(RATE) * db

    return step


def torch_step(width: int, replicas: int) -> Step:
    """Return a step of PyTorch, eager, replicas one by one, with the norm of each layer's gradient. ImportError."""
    import torch

    t: Any = torch
    t.set_num_threads(1)
    nets = []
    for _ in range(replicas):
        parts: list[Any] = []
        for i, (fan_in, fan_out) in enumerate(pairwise(sizes(width))):
            parts += [t.nn.Linear(fan_in, fan_out), *([t.nn.Sigmoid()] if i < DEPTH else [])]
        net = t.nn.Sequential(*parts)
        nets.append((net, t.optim.SGD(net.parameters(), lr=RATE)))
    x, y = (t.from_numpy(each) for each in samples())
    loss = t.nn.CrossEntropyLoss()

    def step() -> None:
        for net, optimizer in nets:
            optimizer.zero_grad()
            loss(net(x), y).backward()
            [p.grad.norm().item() for p in net.parameters() if p.ndim == 2]
            optimizer.step()

    return step


def batched_torch_step(width: int, replicas: int) -> Step:
    """Return a step of PyTorch, all replicas in one batched product a layer, with the same norms. ImportError."""
    import torch

    t: Any = torch
    t.set_num_threads(1)
    weights = [t.randn(replicas, *size).requires_grad_() for size in pairwise(sizes(width))]
    biases = [t.zeros(replicas, 1, size).requires_grad_() for size in sizes(width)[1:]]
    optimizer = t.optim.SGD([*weights, *biases], lr=RATE)
    x, y = (t.from_numpy(each) for each in samples())
    x, y = x.expand(replicas, -1, -1), y.expand(replicas, -1).reshape(-1)
    loss = t.nn.CrossEntropyLoss(reduction="sum")

    def step() -> None:
        optimizer.zero_grad()
        a = x
        for i, (w, b) in enumerate(zip(weights, biases, strict=True)):
            z = t.baddbmm(b, a, w)
            a = t.sigmoid(z) if i < DEPTH else z
        (loss(a.reshape(-1, CLASSES), y) / BATCH).backward()
        t.stack([w.grad.flatten(1).norm(dim=1) for w in weights]).tolist()
        optimizer.step()

    return step


def jax_step(width: int, replicas: int) -> Step:
    """Return a step of JAX, compiled and mapped over replicas, with all that a probe measures. ImportError."""
    os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
    import jax

    j: Any = jax
    jnp = j.numpy
    x, classes = samples()
    y = np.eye(CLASSES, dtype=np.float32)[classes]

    def norms(arrays: list[Any]) -> Any:
        return jnp.stack([jnp.sqrt(jnp.sum(each * each)) for each in arrays])

    def one(net: list[Any], last: Any) -> Any:
        a, slopes = [x], []
        for w, b in net[:-1]:
            a.append(j.nn.sigmoid(a[-1] @ w + b))
            slopes.append(a[-1] * (1.0 - a[-1]))
        z = a[-1] @ net[-1][0] + net[-1][1]
        a.append(j.nn.softmax(z))
        slopes.append(a[-1] * (1.0 - a[-1]))
        loss = -jnp.mean(jnp.sum(y * j.nn.log_softmax(z), axis=-1))
        accuracy = jnp.mean(jnp.argmax(z, axis=-1) == classes)
        deltas: list[Any] = [(a[-1] - y) / BATCH]
        backs: list[Any] = []
        for i in range(DEPTH, 0, -1):
            backs.insert(0, deltas[0] @ net[i][0].T)
            deltas.insert(0, backs[0] * slopes[i - 1])
        dw = [below.T @ delta for below, delta in zip(a, deltas, strict=False)]
        db = [delta.sum(axis=0) for delta in deltas]
        new = [[w - RATE * g, b - RATE * h] for (w, b), g, h in zip(net, dw, db, strict=True)]
        means = [jnp.mean(each) for each in a[1:]]
        roots = np.sqrt([each.size for each in dw]), np.sqrt([each.size for each in deltas])
        dw_norm, delta_norm, back_norm = norms(dw), norms(deltas), norms(backs)
        measured = [
            dw_norm / roots[0],
            dw_norm,
            norms(db),
            delta_norm / roots[1],
            delta_norm,
            jnp.stack([jnp.mean(each) for each in slopes]),
            jnp.stack([jnp.mean(each < 0.0125) for each in slopes]),
            jnp.stack([jnp.mean(jnp.all(each == 0.0, axis=0)) for each in slopes]),
            jnp.stack(means),
            norms([each - mean for each, mean in zip(a[1:], means, strict=True)]) / roots[1],
            back_norm / delta_norm[1:],
            delta_norm[:-1] / back_norm,
            norms([w - v for (w, _), (v, _) in zip(net, last, strict=True)]) / norms([w for w, _ in net]),
        ]
        return new, loss, accuracy, measured

    taken = j.jit(j.vmap(one))
    rng = np.random.default_rng(0)
    nets = [
        [
            jnp.asarray(rng.standard_normal((replicas, *size), np.float32) / np.float32(np.sqrt(size[0]))),
            jnp.zeros((replicas, size[1]), np.float32),
        ]
        for size in pairwise(sizes(width))
    ]
    state = [nets, nets]

    def step() -> None:
        new, *measured = taken(*state)
        state[:] = new, state[0]
        j.tree_util.tree_map(np.asarray, measured)

    return step

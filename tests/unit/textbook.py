"""Activations, losses, optimizers, schedules and clipping once more, in plain NumPy as textbooks write them.

Nothing here comes from the engine, and nothing is done in place. A new optimizer,
schedule or clipping needs a rule here too: tests ask for one by its name.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

Memory = dict[str, Any]
"""What a rule keeps between steps, for one array of parameters; empty at first."""


def _averages(g: Any, memory: Memory, h: Any) -> tuple[Any, Any]:
    memory["m"] = h["beta1"] * memory.get("m", 0.0) + (1.0 - h["beta1"]) * g
    memory["s"] = h["beta2"] * memory.get("s", 0.0) + (1.0 - h["beta2"]) * g**2
    return memory["m"], memory["s"]


def sgd(x: Any, g: Any, memory: Memory, h: Any, t: int) -> Any:
    return x - h["learning_rate"] * g


def momentum(x: Any, g: Any, memory: Memory, h: Any, t: int) -> Any:
    if "v" not in memory or h["momentum"] == 0.0:
        memory["v"] = g
    else:
        memory["v"] = h["momentum"] * memory["v"] + (1.0 - h["dampening"]) * g
    return x - h["learning_rate"] * memory["v"]


def nag(x: Any, g: Any, memory: Memory, h: Any, t: int) -> Any:
    memory["v"] = h["momentum"] * memory.get("v", 0.0) + g
    return x - h["learning_rate"] * (g + h["momentum"] * memory["v"])


def adagrad(x: Any, g: Any, memory: Memory, h: Any, t: int) -> Any:
    memory["s"] = memory.get("s", h["initial_accumulator_value"]) + g**2
    rate = h["learning_rate"] / (1.0 + (t - 1) * h["learning_rate_decay"])
    return x - rate * g / (np.sqrt(memory["s"]) + h["epsilon"])


def adadelta(x: Any, g: Any, memory: Memory, h: Any, t: int) -> Any:
    rho, epsilon, u = h["rho"], h["epsilon"], memory.get("u", 0.0)
    memory["s"] = rho * memory.get("s", 0.0) + (1.0 - rho) * g**2
    d = np.sqrt(u + epsilon) / np.sqrt(memory["s"] + epsilon) * g
    memory["u"] = rho * u + (1.0 - rho) * d**2
    return x - h["learning_rate"] * d


def rmsprop(x: Any, g: Any, memory: Memory, h: Any, t: int) -> Any:
    alpha = h["alpha"]
    memory["s"] = alpha * memory.get("s", 0.0) + (1.0 - alpha) * g**2
    memory["m"] = alpha * memory.get("m", 0.0) + (1.0 - alpha) * g
    size = np.sqrt(memory["s"] - h["centered"] * memory["m"] ** 2) + h["epsilon"]
    memory["v"] = h["momentum"] * memory.get("v", 0.0) + g / size
    return x - h["learning_rate"] * memory["v"]


def adam(x: Any, g: Any, memory: Memory, h: Any, t: int) -> Any:
    m, s = _averages(g, memory, h)
    m, s = m / (1.0 - h["beta1"] ** t), s / (1.0 - h["beta2"] ** t)
    return x - h["learning_rate"] * m / (np.sqrt(s) + h["epsilon"])


def adamw(x: Any, g: Any, memory: Memory, h: Any, t: int) -> Any:
    return adam(x, g, memory, h, t) - h["learning_rate"] * h["weight_decay"] * x


def amsgrad(x: Any, g: Any, memory: Memory, h: Any, t: int) -> Any:
    m, s = _averages(g, memory, h)
    memory["top"] = np.maximum(memory.get("top", 0.0), s)
    m, s = m / (1.0 - h["beta1"] ** t), memory["top"] / (1.0 - h["beta2"] ** t)
    return x - h["learning_rate"] * m / (np.sqrt(s) + h["epsilon"])


def nadam(x: Any, g: Any, memory: Memory, h: Any, t: int) -> Any:
    m, s = _averages(g, memory, h)
    mu = [h["beta1"] * (1.0 - 0.5 * 0.96 ** (i * h["momentum_decay"])) for i in range(t + 2)]
    ahead = mu[t + 1] * m / (1.0 - math.prod(mu[1:])) + (1.0 - mu[t]) * g / (1.0 - math.prod(mu[1:-1]))
    return x - h["learning_rate"] * ahead / (np.sqrt(s / (1.0 - h["beta2"] ** t)) + h["epsilon"])


def adamax(x: Any, g: Any, memory: Memory, h: Any, t: int) -> Any:
    memory["m"] = h["beta1"] * memory.get("m", 0.0) + (1.0 - h["beta1"]) * g
    memory["u"] = np.maximum(h["beta2"] * memory.get("u", 0.0), np.abs(g) + h["epsilon"])
    return x - h["learning_rate"] / (1.0 - h["beta1"] ** t) * memory["m"] / memory["u"]


def lion(x: Any, g: Any, memory: Memory, h: Any, t: int) -> Any:
    m = memory.get("m", 0.0)
    memory["m"] = h["beta2"] * m + (1.0 - h["beta2"]) * g
    return x - h["learning_rate"] * (np.sign(h["beta1"] * m + (1.0 - h["beta1"]) * g) + h["weight_decay"] * x)


OPTIMIZER: dict[str, Callable[[Any, Any, Memory, Any, int], Any]] = {
    rule.__name__: rule
    for rule in (sgd, momentum, nag, adagrad, adadelta, rmsprop, adam, adamw, amsgrad, nadam, adamax, lion)
}
DECOUPLED = ("adamw", "lion")


def _one_cycle(h: Any, t: int, length: int) -> Any:
    low, top, last = 1.0 / h["div_factor"], h["peak"] * length - 1.0, length - 1.0
    if t <= top:
        return low + (1.0 - low) * (1.0 - math.cos(math.pi * t / top)) / 2.0
    end = low / h["final_div_factor"]
    return end + (1.0 - end) * (1.0 + math.cos(math.pi * min(1.0, (t - top) / (last - top)))) / 2.0


FACTOR: dict[str, Callable[[Any, int, int], Any]] = {
    "constant": lambda h, t, length: 1.0,
    "step": lambda h, t, length: h["gamma"] ** math.floor(t / (h["every"] or math.ceil(length / 3))),
    "exponential": lambda h, t, length: h["gamma"] ** t,
    "inverse_time": lambda h, t, length: 1.0 / (1.0 + h["rate"] * t),
    "cosine": lambda h, t, length: h["floor"] + (1.0 - h["floor"]) * (1.0 + math.cos(math.pi * t / length)) / 2.0,
    "warm_up": lambda h, t, length: 1.0 if t >= length else h["start"] + (1.0 - h["start"]) * t / length,
    "one_cycle": _one_cycle,
}

CLIPPED: dict[str, Callable[[Any, list[Any]], list[Any]]] = {
    "none": lambda h, gs: gs,
    "norm": lambda h, gs: [
        g * min(1.0, h["max_norm"] / (math.sqrt(sum((each**2).sum() for each in gs)) + 1e-6)) for g in gs
    ],
    "value": lambda h, gs: [np.clip(g, -h["clip_value"], h["clip_value"]) for g in gs],
}


def named(entry: Any) -> dict[str, Any]:
    """Return an entry of a file as a table: a name alone is an entry without settings."""
    return {"name": entry} if isinstance(entry, str) else dict(entry)


def updated(
    xs: list[Any],
    gs: list[Any],
    memories: list[Memory],
    run: dict[str, Any],
    t: int,
    steps: int,
    schedule_t: int | None = None,
) -> list[Any]:
    """Return a network's arrays, weights and biases in turn, after step `t` (from 1) of `steps`.

    For the schedule it is step `schedule_t`, where that is another: these are counted from a change.
    """
    schedule_t = t if schedule_t is None else schedule_t
    optimizer, schedule, clip = (named(run[key]) for key in ("optimizer", "schedule", "clip"))
    factor = FACTOR[schedule["name"]](schedule, schedule_t - 1, schedule.get("length") or steps)
    h = optimizer | {"learning_rate": optimizer["learning_rate"] * factor}
    new, biases = [], run.get("biases", "trained")
    gs = [0.0 * g if i % 2 and biases == "fixed" else g for i, g in enumerate(gs)]
    for i, (x, g, memory) in enumerate(zip(xs, CLIPPED[clip["name"]](clip, gs), memories, strict=True)):
        own = h | {"weight_decay": 0.0} if i % 2 and biases != "trained" else h
        coupled = 0.0 if h["name"] in DECOUPLED else own["weight_decay"]
        after = OPTIMIZER[h["name"]](x, g + coupled * x, memory, own, t)
        new.append(x if i % 2 and biases == "fixed" else after)
    return new


def _sigmoid(z: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-z))


def _phi(z: Any) -> Any:
    """The distribution function of a standard normal variable."""
    return np.vectorize(lambda each: 0.5 * math.erfc(-each / math.sqrt(2.0)))(z)


def _elu(alpha: float, scale: float = 1.0) -> tuple[Any, Any]:
    return (
        lambda z: scale * np.where(z > 0.0, z, alpha * (np.exp(z) - 1.0)),
        lambda z: scale * np.where(z > 0.0, 1.0, alpha * np.exp(z)),
    )


ACTIVATION: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "sigmoid": (_sigmoid, lambda z: _sigmoid(z) * (1.0 - _sigmoid(z))),
    "tanh": (np.tanh, lambda z: 1.0 - np.tanh(z) ** 2),
    "relu": (lambda z: z * (z > 0.0), lambda z: 1.0 * (z > 0.0)),
    "leaky_relu": (lambda z: np.where(z > 0.0, z, 0.01 * z), lambda z: np.where(z > 0.0, 1.0, 0.01)),
    "elu": _elu(1.0),
    "selu": _elu(1.6732632423543772, 1.0507009873554805),
    "gelu": (lambda z: z * _phi(z), lambda z: _phi(z) + z * np.exp(-(z**2) / 2.0) / math.sqrt(2.0 * math.pi)),
    "silu": (lambda z: z * _sigmoid(z), lambda z: _sigmoid(z) * (1.0 + z * (1.0 - _sigmoid(z)))),
    "softplus": (lambda z: np.log(1.0 + np.exp(z)), _sigmoid),
    "softsign": (lambda z: z / (1.0 + abs(z)), lambda z: 1.0 / (1.0 + abs(z)) ** 2),
    "hard_sigmoid": (
        lambda z: np.minimum(np.maximum(z + 3.0, 0.0), 6.0) / 6.0,
        lambda z: np.where(abs(z) < 3.0, 1.0 / 6.0, 0.0),
    ),
    "linear": (lambda z: z, lambda z: 1.0),
}
"""Value and derivative, both of z, with the settings that are usual."""

OUTPUT: dict[str, Callable[[Any], Any]] = {
    "softmax": lambda z: np.exp(z) / np.exp(z).sum(axis=1, keepdims=True),
    "sigmoid": _sigmoid,
    "tanh": np.tanh,
    "linear": lambda z: z,
}
OUTPUT_SLOPE: dict[str, Callable[[Any], Any]] = {
    "sigmoid": lambda a: a * (1.0 - a),
    "tanh": lambda a: 1.0 - a**2,
    "linear": lambda a: 1.0,
}
LOSS_SLOPE: dict[str, Callable[[Any], Any]] = {
    "mse": lambda error: error,
    "mae": np.sign,
    "huber": lambda error: np.minimum(np.maximum(error, -1.0), 1.0),
}


def logit_gradient(loss: Any, output: Any, a: Any, y: Any) -> Any:
    """Return dL/dz of each sample."""
    if named(loss)["name"] == "cross_entropy":
        return a - y
    slope = LOSS_SLOPE[named(loss)["name"]](a - y)
    if output == "softmax":
        return a * (slope - (slope * a).sum(axis=1, keepdims=True))
    return slope * OUTPUT_SLOPE[output](a)

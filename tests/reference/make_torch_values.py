"""Write torch_values.json: what PyTorch says of each activation, output and loss, in float64.

    python tests/reference/make_torch_values.py

PyTorch is needed for this alone, not for the tests that read the file. Derivatives are autograd's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional as F

# Kinks (0 and ±3), their neighbourhood, the flanks, and far out.
POINTS = [0.0, 1e-30, 1e-9, 1e-3, 0.1, 0.5, 1.0, 1.5, 2.0, 2.9999, 3.0, 3.0001, 5.0, 10.0, 19.0, 30.0, 1e3, 1e30]

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": F.relu,
    "leaky_relu": F.leaky_relu,
    "elu": F.elu,
    "selu": F.selu,
    "gelu": F.gelu,
    "silu": F.silu,
    # Without the switch to z above 20, by which PyTorch saves time.
    "softplus": lambda z: F.softplus(z, threshold=700),
    "softsign": F.softsign,
    "hard_sigmoid": F.hardsigmoid,
    "linear": lambda z: 1.0 * z,
}

OUTPUTS: dict[str, Callable[[Any], Any]] = {
    "softmax": lambda z: torch.softmax(z, dim=-1),
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "linear": lambda z: 1.0 * z,
}
ERRORS: dict[str, Callable[[Any, Any], Any]] = {
    "mse": lambda a, y: 0.5 * F.mse_loss(a, y, reduction="none"),
    "mae": lambda a, y: F.l1_loss(a, y, reduction="none"),
    "huber": lambda a, y: F.huber_loss(a, y, reduction="none", delta=1.0),
}

# Rows of logits with their targets: ordinary, undecided, errors of 0 and ±1 of a linear output, sure and wrong.
LOGITS = [[0.3, -1.2, 0.8], [0.0, 0.0, 0.0], [1.0, -1.0, 2.0], [20.0, -30.0, 5.0], [1e3, -1e3, 0.0]]
TARGETS = [[0.0, 1.0, 0.0], [0.2, 0.3, 0.5], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]


def of_activation(f: Callable[[Any], Any], points: Sequence[float]) -> dict[str, list[float]]:
    z = torch.tensor(points, dtype=torch.float64, requires_grad=True)
    a = f(z)
    a.sum().backward()
    return {"value": a.tolist(), "derivative": z.grad.tolist()}


def of_loss(f: Callable[[Any, Any], Any]) -> dict[str, list[Any]]:
    """Return the loss of each row (the sum over its units) and dL/dz."""
    z = torch.tensor(LOGITS, dtype=torch.float64, requires_grad=True)
    loss = f(z, torch.tensor(TARGETS, dtype=torch.float64))
    loss.sum().backward()
    return {"value": loss.tolist(), "delta": z.grad.tolist()}


def losses() -> dict[str, dict[str, list[Any]]]:
    found = {
        f"{loss} {output}": of_loss(lambda z, y, error=error, a=a: error(a(z), y).sum(dim=-1))  # type: ignore[misc]
        for loss, error in ERRORS.items()
        for output, a in OUTPUTS.items()
    }
    found["cross_entropy softmax"] = of_loss(lambda z, y: F.cross_entropy(z, y, reduction="none"))
    found["cross_entropy sigmoid"] = of_loss(
        lambda z, y: F.binary_cross_entropy_with_logits(z, y, reduction="none").sum(dim=-1)
    )
    return found


def orthogonal() -> list[dict[str, Any]]:
    """Return what ``orthogonal_`` makes of a Gaussian of its own, which comes first in its stream of draws."""
    found = []
    for fan_in, fan_out in ((3, 3), (4, 2), (2, 4)):
        torch.manual_seed(1)
        sample = torch.empty(fan_out, fan_in, dtype=torch.float64).normal_()
        torch.manual_seed(1)
        weight = torch.empty(fan_out, fan_in, dtype=torch.float64)
        torch.nn.init.orthogonal_(weight, gain=1.5)
        found.append({"sample": sample.T.tolist(), "gain": 1.5, "w": weight.T.tolist()})
    return found


def main() -> None:
    points = [-z for z in reversed(POINTS[1:])] + POINTS
    table = {
        "source": f"PyTorch {torch.__version__}, float64",
        "z": points,
        "activations": {key: of_activation(f, points) for key, f in ACTIVATIONS.items()},
        "logits": LOGITS,
        "targets": TARGETS,
        "losses": losses(),
        "orthogonal": orthogonal(),
    }
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in table.items())
    Path(__file__).with_name("torch_values.json").write_text(f"{{\n{lines}\n}}\n", "utf-8")


if __name__ == "__main__":
    main()

"""Write torch_optimizers.json: trajectories that PyTorch's optimizers, schedulers and clipping take in float64.

PyTorch is needed to make the file, not to test against it. From the root of the
project, with a Python that has PyTorch 2.13::

    python tests/reference/make_torch_optimizers.py

Settings bear the project's names; where they are left out, the defaults of
PyTorch are taken.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch.nn.utils import clip_grad_norm_, clip_grad_value_
from torch.optim import lr_scheduler

STEPS = 40
KEPT = (1, 2, 3, 5, 10, 20, 40)
"""Steps after which the point is written down."""

Settings = dict[str, Any]

OPTIMIZERS: dict[str, tuple[Any, Settings]] = {
    "sgd": (torch.optim.SGD, {}),
    "momentum": (torch.optim.SGD, {"momentum": 0.9}),
    "nag": (torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
    "adagrad": (torch.optim.Adagrad, {}),
    "adadelta": (torch.optim.Adadelta, {}),
    "rmsprop": (torch.optim.RMSprop, {}),
    "adam": (torch.optim.Adam, {}),
    "adamw": (torch.optim.AdamW, {}),
    "amsgrad": (torch.optim.Adam, {"amsgrad": True}),
    "nadam": (torch.optim.NAdam, {}),
    "adamax": (torch.optim.Adamax, {}),
}

NAMES = {"learning_rate": "lr", "epsilon": "eps", "learning_rate_decay": "lr_decay"}

ADAMS: list[Settings] = [
    {},
    {"learning_rate": 0.05},
    {"learning_rate": 0.05, "beta1": 0.5, "beta2": 0.9, "epsilon": 1e-3},
    {"learning_rate": 0.05, "weight_decay": 0.3},
]

RUNS: dict[str, list[Settings]] = {
    "sgd": [{"learning_rate": 0.002}, {"learning_rate": 0.002, "weight_decay": 0.3}],
    "momentum": [
        {"learning_rate": 0.001},
        {"learning_rate": 0.001, "momentum": 0.5, "dampening": 0.5},
        {"learning_rate": 0.001, "momentum": 0.0, "dampening": 0.5},
        {"learning_rate": 0.001, "dampening": 0.2, "weight_decay": 0.3},
    ],
    "nag": [
        {"learning_rate": 0.001},
        {"learning_rate": 0.001, "momentum": 0.5},
        {"learning_rate": 0.001, "weight_decay": 0.3},
    ],
    "adagrad": [
        {},
        {"learning_rate": 0.1, "learning_rate_decay": 0.1},
        {"learning_rate": 0.1, "initial_accumulator_value": 2.5, "epsilon": 1e-3},
        {"learning_rate": 0.1, "weight_decay": 0.3},
    ],
    "adadelta": [
        {},
        {"learning_rate": 0.5, "rho": 0.95, "epsilon": 1e-4},
        {"rho": 0.5, "epsilon": 1e-3, "weight_decay": 0.3},
    ],
    "rmsprop": [
        {},
        {"alpha": 0.9, "epsilon": 1e-3},
        {"centered": 1, "learning_rate": 0.003},
        {"momentum": 0.8, "learning_rate": 0.001},
        {"centered": 1, "momentum": 0.5, "alpha": 0.9, "learning_rate": 0.001, "weight_decay": 0.3},
    ],
    "adam": ADAMS,
    "adamw": ADAMS,
    "amsgrad": [*ADAMS, {"learning_rate": 0.2, "beta2": 0.7}],
    "nadam": [*ADAMS, {"learning_rate": 0.05, "momentum_decay": 0.0}, {"learning_rate": 0.05, "momentum_decay": 0.3}],
    "adamax": [*ADAMS, {"learning_rate": 0.2, "beta2": 0.7}],
}

SCHEDULES: list[Settings] = [
    {"name": "constant"},
    {"name": "step", "every": 7, "gamma": 0.5},
    {"name": "exponential", "gamma": 0.93},
    {"name": "inverse_time", "rate": 0.2},
    {"name": "cosine"},
    {"name": "cosine", "length": 15, "floor": 0.1},
    {"name": "warm_up"},
    {"name": "warm_up", "length": 11, "start": 0.05},
    {"name": "one_cycle"},
    {"name": "one_cycle", "peak": 0.45, "div_factor": 10.0, "final_div_factor": 100.0},
]

CLIPS: list[Settings] = [{"name": "none"}, {"name": "norm", "max_norm": 2.0}, {"name": "value", "clip_value": 0.7}]


def beale(p: torch.Tensor) -> Any:
    x, y = p
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def valley(p: torch.Tensor) -> Any:
    return 0.5 * (p[0] ** 2 + 100.0 * p[1] ** 2)


SURFACES: dict[str, tuple[Callable[[torch.Tensor], Any], tuple[float, float]]] = {
    "beale": (beale, (1.0, 1.5)),
    "valley": (valley, (-1.5, 0.7)),
}


def made(p: torch.Tensor, name: str, settings: Settings) -> Any:
    """Return PyTorch's optimizer of `p` with these settings."""
    optimizer, own = OPTIMIZERS[name]
    given = {NAMES.get(key, key): value for key, value in settings.items()}
    if "beta1" in given:
        given["betas"] = (given.pop("beta1"), given.pop("beta2", 0.999))
    elif "beta2" in given:
        given["betas"] = (0.9, given.pop("beta2"))
    if "centered" in given:
        given["centered"] = bool(given["centered"])
    return optimizer([p], **own | given)


def scheduled(optimizer: Any, settings: Settings) -> Any:
    """Return PyTorch's scheduler of the optimizer's learning rate."""
    rate = optimizer.param_groups[0]["lr"]
    given = {"pct_start" if key == "peak" else key: value for key, value in settings.items() if key != "name"}
    length = given.pop("length", STEPS)
    makers: dict[str, Callable[[], Any]] = {
        "constant": lambda: lr_scheduler.ConstantLR(optimizer, factor=1.0),
        "step": lambda: lr_scheduler.StepLR(optimizer, given["every"], given["gamma"]),
        "exponential": lambda: lr_scheduler.ExponentialLR(optimizer, given["gamma"]),
        "inverse_time": lambda: lr_scheduler.LambdaLR(optimizer, lambda t: 1.0 / (1.0 + given["rate"] * t)),
        "cosine": lambda: lr_scheduler.CosineAnnealingLR(optimizer, length, rate * given.get("floor", 0.0)),
        "warm_up": lambda: lr_scheduler.LinearLR(optimizer, given.get("start", 1.0 / 3.0), total_iters=length),
        "one_cycle": lambda: lr_scheduler.OneCycleLR(
            optimizer, rate, total_steps=length, cycle_momentum=False, **given
        ),
    }
    return makers[settings["name"]]()


def clip(p: torch.Tensor, settings: Settings) -> None:
    """Clip the gradient of `p` in place."""
    if settings["name"] == "norm":
        clip_grad_norm_([p], settings["max_norm"])
    elif settings["name"] == "value":
        clip_grad_value_([p], settings["clip_value"])


def short(value: float) -> float:
    """Return `value` to 13 digits: what is compared is 1e-10."""
    return float(f"{value:.13g}")


def trajectory(surface: str, name: str, settings: Settings, schedule: Settings, clipping: Settings) -> Settings:
    """Return a descent as a table: what was set, the rates of its updates, and the points after some of them."""
    f, start = SURFACES[surface]
    p = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimizer = made(p, name, settings)
    scheduler = scheduled(optimizer, schedule)
    rates, points = [], {}
    for step in range(1, STEPS + 1):
        optimizer.zero_grad()
        f(p).backward()
        clip(p, clipping)
        rates.append(short(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        scheduler.step() if step < STEPS else None
        points[step] = [short(x) for x in p.tolist()]
    table = {"surface": surface, "start": start, "optimizer": {"name": name, **settings}}
    if schedule["name"] != "constant":
        table |= {"schedule": schedule, "rates": rates}
    if clipping["name"] != "none":
        table |= {"clip": clipping}
    return table | {"points": {step: points[step] for step in KEPT}}


def main() -> None:
    # NAdam keeps the product of its mu in the default type, which would be float32.
    torch.set_default_dtype(torch.float64)
    constant, free = SCHEDULES[0], CLIPS[0]
    table = [
        trajectory(surface, name, settings, constant, free)
        for surface in SURFACES
        for name, each in RUNS.items()
        for settings in each
    ]
    table += [trajectory("beale", "sgd", {"learning_rate": 0.003}, schedule, free) for schedule in SCHEDULES[1:]]
    for name, rate in (("momentum", 0.001), ("adamw", 0.05)):
        settings = {"learning_rate": rate, "weight_decay": 0.1}
        table += [trajectory("beale", name, settings, SCHEDULES[4], clipping) for clipping in CLIPS]
    document = {"made by": f"PyTorch {torch.__version__}", "steps": STEPS, "trajectories": table}
    path = Path(__file__).parent / "torch_optimizers.json"
    path.write_text(json.dumps(document).replace('{"surface"', '\n{"surface"') + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

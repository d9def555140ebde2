"""Experiments whose pictures are hard to lay out: many runs, long names, few and many layers, all views of a kind."""

from __future__ import annotations

from collections.abc import Sequence

from gradsim.sim.documents.document import Document, parse

LONG_NAMES = (
    "Sigmoid, Xavier rate 0.1",
    "Sigmoid, Xavier rate 0.3",
    "ReLU, He, momentum of .9",
    "Leaky ReLU of slope 0.01",
    "Hyperbolic tangent LeCun",
    "ELU clipped to norm of 1",
    "SiLU with Adam of 0.0010",
    "Softplus, batches of ten",
)
CHINESE_NAMES = (
    "普通梯度下降",
    "动量法",
    "内斯特洛夫加速梯度法",
    "自适应梯度",
    "均方根传播",
    "自适应矩估计",
    "动量法，学习率减半",
    "普通梯度下降，学习率加倍",
)


def training(hidden: str, names: Sequence[str], activations: Sequence[str]) -> str:
    """Return a file with a run for each name."""
    runs = "".join(
        f'[[runs]]\nlabel = "{name}"\nactivation = "{activation}"\n'
        for name, activation in zip(names, activations, strict=True)
    )
    common = f'[common]\nhidden = {hidden}\nbatch_size = 16\ninit = "he_normal"\n'
    return f'replicas = 3\nsteps = 40\nseed = 1\ndata = {{ name = "digits", samples = 200 }}\n{common}{runs}'


def race(names: Sequence[str], optimizers: Sequence[str]) -> str:
    """Return a file with a run for each name."""
    runs = "".join(
        f'[[runs]]\nlabel = "{name}"\noptimizer = "{optimizer}"\n'
        for name, optimizer in zip(names, optimizers, strict=True)
    )
    return f'kind = "race"\nsteps = 100\nsurface = "beale"\n{runs}'


_EIGHT = ("sigmoid", "sigmoid", "relu", "leaky_relu", "tanh", "elu", "silu", "softplus")

CASES: dict[str, Document] = {
    name: parse(text, name)
    for name, text in {
        "one run of one layer": training("[4]", ["ReLU"], ["relu"]),
        "eight runs with long names": training("[8, 8, 8]", LONG_NAMES, _EIGHT),
        "thirty layers": training("[" + "8, " * 30 + "]", LONG_NAMES[2:5], ("relu", "leaky_relu", "tanh")),
        "a hundred layers": training("[" + "6, " * 100 + "]", ("ReLU", "Tanh"), ("relu", "tanh")),
        "eight Chinese runs race": race(
            CHINESE_NAMES, ("sgd", "momentum", "nag", "adagrad", "rmsprop", "adam", "momentum", "sgd")
        ),
        "one run races": race(("Adam",), ("adam",)),
    }.items()
}

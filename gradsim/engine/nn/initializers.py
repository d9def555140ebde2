"""Initializers: the distribution from which initial weights and biases are sampled.

Runs that are compared share raw draws: the random generator depends on seed,
replica and layer alone, and each initializer only scales one standard sample, so
runs that differ in scale start from the same numbers up to that scale. The
orthogonal one computes its matrix from the sample that the normal ones scale;
given values use no random numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from gradsim.engine.types import Array
from gradsim.schema.errors import Name, Phrase, counted, several
from gradsim.schema.parameters import NestedNumbers, Number, ParameterError
from gradsim.schema.registry import Entry, Registry

INITIALIZERS: Registry[Initializer] = Registry("initializer")

Shape = tuple[int, ...]


class Initializer(Entry):
    """The initial weights W (fan_in, fan_out) or biases (fan_out) of a layer."""

    random: ClassVar[bool] = True
    """Whether it uses random numbers; if not, all replicas start equal."""

    def check(self, shapes: Sequence[Shape]) -> None:
        """Raise ParameterError if it cannot initialize layers of these shapes, from the input."""

    def sample(self, rng: np.random.Generator, fan_in: int, fan_out: int, shape: Shape, layer: int) -> Array:
        """Return a new float64 array of `shape`, sampled with `rng`; `layer` is counted from 0 at the input."""
        raise NotImplementedError


@INITIALIZERS.add
class Zeros(Initializer):
    """All zeros. As weights they break no symmetry: all units of a layer stay equal."""

    key = "zeros"
    random = False
    label = "Zeros"
    formula = "0"

    def sample(self, rng: np.random.Generator, fan_in: int, fan_out: int, shape: Shape, layer: int) -> Array:
        return np.zeros(shape)


@INITIALIZERS.add
@dataclass(frozen=True)
class Constant(Initializer):
    """The same value for all."""

    key = "constant"
    random = False
    label = "Constant"
    formula = "c"

    value: float = Number("Value", help="What all weights begin with.", low=-1000, high=1000, slider=(-2, 2)).field(
        0.1
    )

    def sample(self, rng: np.random.Generator, fan_in: int, fan_out: int, shape: Shape, layer: int) -> Array:
        return np.full(shape, self.value)


@INITIALIZERS.add
@dataclass(frozen=True)
class Normal(Initializer):
    """N(0, std^2), independent of the layer's size."""

    key = "normal"
    label = "Normal"
    formula = "N(0, std²)"

    std: float = Number(
        "Standard deviation",
        help="Of the normal distribution that the weights are drawn from.",
        low=0,
        high=1000,
        slider=(1e-3, 100),
        log=True,
    ).field(1.0)

    def sample(self, rng: np.random.Generator, fan_in: int, fan_out: int, shape: Shape, layer: int) -> Array:
        return np.asarray(self.std * rng.standard_normal(shape))


@INITIALIZERS.add
@dataclass(frozen=True)
class Uniform(Initializer):
    """U(-range, range), independent of the layer's size."""

    key = "uniform"
    label = "Uniform"
    formula = "U(−range, range)"

    range: float = Number(
        "Half range",
        help="The weights are drawn between minus and plus this.",
        low=0,
        high=1000,
        slider=(1e-3, 100),
        log=True,
    ).field(0.5)

    def sample(self, rng: np.random.Generator, fan_in: int, fan_out: int, shape: Shape, layer: int) -> Array:
        return rng.uniform(-1.0, 1.0, shape) * self.range


class _VarianceScaling(Initializer):
    """Zero mean, and a variance that preserves the scale of signals through layers of any width."""

    normal: ClassVar[bool]

    def variance(self, fan_in: int, fan_out: int) -> float:
        """Return the variance of one weight."""
        raise NotImplementedError

    def sample(self, rng: np.random.Generator, fan_in: int, fan_out: int, shape: Shape, layer: int) -> Array:
        std = float(np.sqrt(self.variance(fan_in, fan_out)))
        if self.normal:
            return std * rng.standard_normal(shape)
        return rng.uniform(-1.0, 1.0, shape) * (std * float(np.sqrt(3.0)))


class _Lecun(_VarianceScaling):
    def variance(self, fan_in: int, fan_out: int) -> float:
        return 1.0 / fan_in


class _Xavier(_VarianceScaling):
    def variance(self, fan_in: int, fan_out: int) -> float:
        return 2.0 / (fan_in + fan_out)


class _He(_VarianceScaling):
    def variance(self, fan_in: int, fan_out: int) -> float:
        return 2.0 / fan_in


@INITIALIZERS.add
class XavierNormal(_Xavier):
    """Variance 2 / (fan_in + fan_out): Glorot and Bengio 2010, equation 12, normal form."""

    key = "xavier_normal"
    label = "Xavier normal"
    formula = "N(0, 2 / (n_in + n_out))"
    normal = True


@INITIALIZERS.add
class XavierUniform(_Xavier):
    """U(-r, r) with r = sqrt(6 / (fan_in + fan_out)): Glorot and Bengio 2010, equation 16."""

    key = "xavier_uniform"
    label = "Xavier uniform"
    formula = "U(±√(6 / (n_in + n_out)))"
    normal = False


@INITIALIZERS.add
class HeNormal(_He):
    """Variance 2 / fan_in: He et al. 2015, equation 10 (fan-in, gain sqrt 2)."""

    key = "he_normal"
    label = "He normal"
    formula = "N(0, 2 / n_in)"
    normal = True


@INITIALIZERS.add
class HeUniform(_He):
    """U(-r, r) with r = sqrt(6 / fan_in): He et al. 2015, equation 10, uniform form."""

    key = "he_uniform"
    label = "He uniform"
    formula = "U(±√(6 / n_in))"
    normal = False


@INITIALIZERS.add
class LecunNormal(_Lecun):
    """Variance 1 / fan_in: LeCun et al. 1998, "Efficient BackProp", equation 16."""

    key = "lecun_normal"
    label = "LeCun normal"
    formula = "N(0, 1 / n_in)"
    normal = True


@INITIALIZERS.add
class LecunUniform(_Lecun):
    """U(-r, r) with r = sqrt(3 / fan_in): LeCun et al. 1998, uniform form."""

    key = "lecun_uniform"
    label = "LeCun uniform"
    formula = "U(±√(3 / n_in))"
    normal = False


@INITIALIZERS.add
@dataclass(frozen=True)
class Orthogonal(Initializer):
    """Orthonormal rows or columns, whichever are fewer, times `gain`: Saxe et al. 2014.

    Q of the QR decomposition of a standard normal sample, with signs that make
    R's diagonal positive, so that Q is uniformly distributed. Where fan_in <=
    fan_out, W's transpose is decomposed, as in PyTorch's ``orthogonal_``, which
    stores W transposed. Biases are not matrices, and refused, as in PyTorch.
    """

    key = "orthogonal"
    label = "Orthogonal"
    formula = "gain · Q, QᵀQ = 1"

    gain: float = Number(
        "Gain", help="Norm of each row or column.", low=0, high=1000, slider=(0.1, 10), log=True
    ).field(1.0)

    def check(self, shapes: Sequence[Shape]) -> None:
        if any(len(shape) != 2 for shape in shapes):
            others = several(Name(key, entry.label) for key, entry in INITIALIZERS.items() if key != self.key)
            template, name = "{name} needs matrices, and biases are lists; take one of {others}", f"{self.key!r}"
            raise ParameterError("", Phrase(template, name=Name(name, self.label), others=others))

    def sample(self, rng: np.random.Generator, fan_in: int, fan_out: int, shape: Shape, layer: int) -> Array:
        sample = rng.standard_normal(shape)
        tall = sample if fan_in > fan_out else sample.swapaxes(-1, -2)
        q, r = np.linalg.qr(tall)
        q *= self.gain * np.copysign(1.0, np.diagonal(r, axis1=-2, axis2=-1))[..., None, :]
        return q if fan_in > fan_out else q.swapaxes(-1, -2)


@INITIALIZERS.add
@dataclass(frozen=True)
class GivenValues(Initializer):
    """Given numbers, the same in each replica: for examples small enough to follow by hand."""

    key = "values"
    random = False
    label = "Given values"

    layers: tuple[Any, ...] = NestedNumbers(
        "Layers",
        help="From the input: each layer's weights, a row for each of its inputs; or each layer's biases, a list.",
        low=-1e6,
        high=1e6,
    ).field(())

    def check(self, shapes: Sequence[Shape]) -> None:
        if len(self.layers) != len(shapes):
            layers, count = counted(len(shapes), "layer"), str(len(self.layers))
            what = Phrase("values for {layers} are needed, given {given}", layers=layers, given=count)
            raise ParameterError("layers", what)
        for i, (shape, values) in enumerate(zip(shapes, self.layers, strict=True)):
            given = _shape(values)
            if given != shape:
                needed = Phrase("1 value") if shape == (1,) else Phrase("{size} values", size=_size(shape))
                template, layer = "layer {layer} needs {needed}, given {given}", str(i + 1)
                what = Phrase(template, layer=layer, needed=needed, given=_size(given))
                raise ParameterError(f"layers[{i}]", what)

    def sample(self, rng: np.random.Generator, fan_in: int, fan_out: int, shape: Shape, layer: int) -> Array:
        return np.full(shape, self.layers[layer])


def _shape(values: Any) -> Shape | None:
    """Return the shape of nested tuples, None if their lengths differ."""
    if not isinstance(values, tuple):
        return ()
    shapes = {_shape(part) for part in values}
    inner = shapes.pop()
    return None if shapes or inner is None else (len(values), *inner)


def _size(shape: Shape | None) -> str:
    if shape is None:
        return "lists of unequal lengths"
    return " x ".join(map(str, shape)) or "a single number"

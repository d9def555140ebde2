"""Initializers: the distribution from which weights and biases are drawn.

Twins share raw draws: the generator handed in depends on seed, replica and
layer alone, and each initializer only scales one standard sample, so two runs
that differ in their scale start from the same numbers up to that scale.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from gradsim.engine.parameters import Number
from gradsim.engine.registry import Entry, Registry
from gradsim.engine.types import Array

INITIALIZERS: Registry[Initializer] = Registry("initializer")


class Initializer(Entry):
    """How the weights W (fan_in, fan_out) or the biases (1, fan_out) of a layer begin."""

    def draw(self, rng: np.random.Generator, fan_in: int, fan_out: int, shape: tuple[int, ...]) -> Array:
        """Return a float64 array of `shape`, drawn from `rng`."""
        raise NotImplementedError


@INITIALIZERS.add
@dataclass(frozen=True)
class Zeros(Initializer):
    """All zeros. Weights that start so stay equal: no symmetry is broken."""

    key = "zeros"
    label = "Zeros"
    formula = "0"

    def draw(self, rng: np.random.Generator, fan_in: int, fan_out: int, shape: tuple[int, ...]) -> Array:
        return np.zeros(shape)


@INITIALIZERS.add
@dataclass(frozen=True)
class Constant(Initializer):
    """One value for all."""

    key = "constant"
    label = "Constant"
    formula = "c"

    value: float = Number("Value", low=-1000, high=1000, slider=(-2, 2)).field(0.1)

    def draw(self, rng: np.random.Generator, fan_in: int, fan_out: int, shape: tuple[int, ...]) -> Array:
        return np.full(shape, self.value)


@INITIALIZERS.add
@dataclass(frozen=True)
class Normal(Initializer):
    """N(0, std^2), whatever the layer's size."""

    key = "normal"
    label = "Normal"
    formula = "N(0, std²)"

    std: float = Number("Standard deviation", low=0, high=1000, slider=(1e-3, 100), log=True).field(1.0)

    def draw(self, rng: np.random.Generator, fan_in: int, fan_out: int, shape: tuple[int, ...]) -> Array:
        return np.asarray(self.std * rng.standard_normal(shape))


@INITIALIZERS.add
@dataclass(frozen=True)
class Uniform(Initializer):
    """U(-range, range), whatever the layer's size."""

    key = "uniform"
    label = "Uniform"
    formula = "U(−range, range)"

    range: float = Number("Half range", low=0, high=1000, slider=(1e-3, 100), log=True).field(0.5)

    def draw(self, rng: np.random.Generator, fan_in: int, fan_out: int, shape: tuple[int, ...]) -> Array:
        return rng.uniform(-1.0, 1.0, shape) * self.range


class _VarianceScaling(Initializer):
    """Zero mean and a variance that keeps signals alive through layers of any width."""

    normal: ClassVar[bool]

    def variance(self, fan_in: int, fan_out: int) -> float:
        """Return the variance of one weight."""
        raise NotImplementedError

    def draw(self, rng: np.random.Generator, fan_in: int, fan_out: int, shape: tuple[int, ...]) -> Array:
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
@dataclass(frozen=True)
class XavierNormal(_Xavier):
    """Variance 2 / (fan_in + fan_out): Glorot and Bengio 2010, equation 12, normal form."""

    key = "xavier_normal"
    label = "Xavier normal"
    formula = "N(0, 2 / (n_in + n_out))"
    normal = True


@INITIALIZERS.add
@dataclass(frozen=True)
class XavierUniform(_Xavier):
    """U(-r, r) with r = sqrt(6 / (fan_in + fan_out)): Glorot and Bengio 2010, equation 16."""

    key = "xavier_uniform"
    label = "Xavier uniform"
    formula = "U(±√(6 / (n_in + n_out)))"
    normal = False


@INITIALIZERS.add
@dataclass(frozen=True)
class HeNormal(_He):
    """Variance 2 / fan_in: He et al. 2015, equation 10 (fan-in, gain sqrt 2)."""

    key = "he_normal"
    label = "He normal"
    formula = "N(0, 2 / n_in)"
    normal = True


@INITIALIZERS.add
@dataclass(frozen=True)
class HeUniform(_He):
    """U(-r, r) with r = sqrt(6 / fan_in): He et al. 2015, equation 10, uniform form."""

    key = "he_uniform"
    label = "He uniform"
    formula = "U(±√(6 / n_in))"
    normal = False


@INITIALIZERS.add
@dataclass(frozen=True)
class LecunNormal(_Lecun):
    """Variance 1 / fan_in: LeCun et al. 1998, "Efficient BackProp", equation 16."""

    key = "lecun_normal"
    label = "LeCun normal"
    formula = "N(0, 1 / n_in)"
    normal = True


@INITIALIZERS.add
@dataclass(frozen=True)
class LecunUniform(_Lecun):
    """U(-r, r) with r = sqrt(3 / fan_in): LeCun et al. 1998, uniform form."""

    key = "lecun_uniform"
    label = "LeCun uniform"
    formula = "U(±√(3 / n_in))"
    normal = False

"""Activation functions of hidden layers, as PyTorch defines them.

An activation is a pair: ``value`` writes a = f(z), ``derivative`` writes f'(z).
Both work elementwise on arrays of any shape and write into `out`. `work` is a
scratch array of the same shape, so that nothing is allocated; its content is
overwritten. ``derivative`` gets it as ``value`` has left it, which is where GELU
keeps what both need. Neither may alias an input.

For large |z| an exponential may overflow although the result is right; the
caller silences the warning.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, pi, sqrt
from typing import ClassVar

import numpy as np

from gradsim.engine.types import Array
from gradsim.schema.parameters import Number
from gradsim.schema.registry import Entry, Registry

ACTIVATIONS: Registry[Activation] = Registry("activation")


class Activation(Entry):
    """The function that a hidden unit applies to its pre-activation z."""

    slope_formula: ClassVar[str]
    """f'(z) as :attr:`formula` writes f(z); of several pieces each has its values of z after it."""
    rises: ClassVar[bool] = True
    """Whether f'(z) is nowhere negative."""

    @property
    def peak(self) -> float:
        """Largest |f'(z)|, against which saturation is judged."""
        return 1.0

    @property
    def saturates(self) -> bool:
        """Whether f bends towards a flat end; a function of two straight pieces does not."""
        return True

    @property
    def active(self) -> tuple[float, float]:
        """The open interval of z outside of which f'(z) is exactly 0: all numbers, if it is nowhere."""
        return -inf, inf

    @property
    def switches_off(self) -> bool:
        """Whether f'(z) is 0 for z <= 0 and only there, as ReLU's."""
        return self.active == (0.0, inf)

    def value(self, z: Array, out: Array, work: Array) -> None:
        """Write a = f(z) into `out`."""
        raise NotImplementedError

    def derivative(self, z: Array, a: Array, out: Array, work: Array) -> None:
        """Write f'(z) into `out`; `a` is f(z), and `work` what :meth:`value` has left, from the forward pass."""
        raise NotImplementedError


def sigmoid(z: Array, out: Array) -> None:
    """Write 1 / (1 + exp(-z))."""
    # exp overflows to inf for z < -709, and 1 / inf is the right answer, 0.
    np.negative(z, out=out)
    np.exp(out, out=out)
    np.add(out, 1.0, out=out)
    np.divide(1.0, out, out=out)


def sigmoid_derivative(a: Array, out: Array) -> None:
    """Write a (1 - a)."""
    np.subtract(1.0, a, out=out)
    np.multiply(out, a, out=out)


def tanh_derivative(a: Array, out: Array) -> None:
    """Write 1 - a^2."""
    np.multiply(a, a, out=out)
    np.subtract(1.0, out, out=out)


def _elu(z: Array, scale: float, alpha: float, out: Array, work: Array) -> None:
    """Write scale max(0, z) + scale alpha (exp(min(0, z)) - 1); one of the terms is 0."""
    np.minimum(z, 0.0, out=out)
    np.expm1(out, out=out)
    np.multiply(out, scale * alpha, out=out)
    np.maximum(z, 0.0, out=work)
    np.multiply(work, scale, out=work)
    np.add(out, work, out=out)


def _elu_derivative(z: Array, scale: float, alpha: float, out: Array, work: Array) -> None:
    """Write scale for z > 0, and scale alpha exp(z) elsewhere, at the kink too."""
    np.minimum(z, 0.0, out=out)
    np.exp(out, out=out)
    np.less_equal(z, 0.0, out=work)
    np.multiply(work, scale * (alpha - 1.0), out=work)
    np.add(work, scale, out=work)
    np.multiply(out, work, out=out)


@ACTIVATIONS.add
class Sigmoid(Activation):
    """Logistic function; f'(z) = a (1 - a) <= 1/4, the cause of vanishing gradients."""

    key = "sigmoid"
    label = "Sigmoid"
    formula = "1 / (1 + exp(−z))"
    slope_formula = "f(z) (1 − f(z))"
    peak = 0.25

    def value(self, z: Array, out: Array, work: Array) -> None:
        sigmoid(z, out)

    def derivative(self, z: Array, a: Array, out: Array, work: Array) -> None:
        sigmoid_derivative(a, out)


@ACTIVATIONS.add
class Tanh(Activation):
    """Hyperbolic tangent; f'(z) = 1 - a^2 <= 1."""

    key = "tanh"
    label = "Tanh"
    formula = "tanh z"
    slope_formula = "1 − f(z)²"

    def value(self, z: Array, out: Array, work: Array) -> None:
        np.tanh(z, out=out)

    def derivative(self, z: Array, a: Array, out: Array, work: Array) -> None:
        tanh_derivative(a, out)


@ACTIVATIONS.add
class ReLU(Activation):
    """Rectified linear unit; f'(z) is 1 for z > 0 and 0 elsewhere, at the kink too (PyTorch)."""

    key = "relu"
    label = "ReLU"
    formula = "max(0, z)"
    slope_formula = "1 (z > 0), 0 (z ≤ 0)"
    saturates = False
    active = (0.0, inf)

    def value(self, z: Array, out: Array, work: Array) -> None:
        np.maximum(z, 0.0, out=out)

    def derivative(self, z: Array, a: Array, out: Array, work: Array) -> None:
        np.greater(z, 0.0, out=out)


@ACTIVATIONS.add
@dataclass(frozen=True)
class LeakyReLU(Activation):
    """ReLU with a slope for negative z: Maas et al. 2013.

    f'(z) is 1 for z > 0 and `slope` elsewhere, at the kink too (PyTorch).
    """

    key = "leaky_relu"
    label = "Leaky ReLU"
    formula = "max(0, z) + slope · min(0, z)"
    slope_formula = "1 (z > 0), slope (z ≤ 0)"

    saturates = False

    slope: float = Number("Slope", help="Derivative for negative inputs.", low=0, high=1).field(0.01)

    @property
    def active(self) -> tuple[float, float]:
        return (-inf if self.slope else 0.0), inf

    def value(self, z: Array, out: Array, work: Array) -> None:
        np.multiply(z, self.slope, out=out)
        np.maximum(z, out, out=out)  # slope <= 1, so slope z >= z where z < 0

    def derivative(self, z: Array, a: Array, out: Array, work: Array) -> None:
        np.greater(z, 0.0, out=out)
        np.maximum(out, self.slope, out=out)


@ACTIVATIONS.add
@dataclass(frozen=True)
class ELU(Activation):
    """Exponential linear unit, Clevert et al. 2016; f'(0) = alpha, as at the left (PyTorch)."""

    key = "elu"
    label = "ELU"
    formula = "max(0, z) + α (exp(min(0, z)) − 1)"
    slope_formula = "1 (z > 0), α exp z (z ≤ 0)"

    alpha: float = Number(
        "Alpha", help="As z goes to −∞ the activation tends to minus this.", low=0, high=10, slider=(0, 2)
    ).field(1.0)

    @property
    def peak(self) -> float:
        return max(1.0, self.alpha)

    @property
    def saturates(self) -> bool:
        return self.alpha > 0.0

    @property
    def active(self) -> tuple[float, float]:
        return (-inf if self.alpha else 0.0), inf

    def value(self, z: Array, out: Array, work: Array) -> None:
        _elu(z, 1.0, self.alpha, out, work)

    def derivative(self, z: Array, a: Array, out: Array, work: Array) -> None:
        _elu_derivative(z, 1.0, self.alpha, out, work)


_SELU_ALPHA = 1.6732632423543772848170429916717
_SELU_SCALE = 1.0507009873554804934193349852946


@ACTIVATIONS.add
class SELU(Activation):
    """Self-normalizing ELU, Klambauer et al. 2017: N(0, 1) stays N(0, 1); f'(0) as at the left (PyTorch)."""

    key = "selu"
    label = "SELU"
    formula = "λ ELU(z), λ = 1.0507, α = 1.6733"
    slope_formula = "λ (z > 0), λ α exp z (z ≤ 0)"
    peak = _SELU_SCALE * _SELU_ALPHA

    def value(self, z: Array, out: Array, work: Array) -> None:
        _elu(z, _SELU_SCALE, _SELU_ALPHA, out, work)

    def derivative(self, z: Array, a: Array, out: Array, work: Array) -> None:
        _elu_derivative(z, _SELU_SCALE, _SELU_ALPHA, out, work)


@ACTIVATIONS.add
class GELU(Activation):
    """Gaussian error linear unit, Hendrycks and Gimpel 2016, exact (not the tanh form).

    f'(z) = Φ(z) + z φ(z), largest at z = sqrt 2. Φ is computed without the
    cancellation of (1 + erf) / 2, so the left tail keeps all its digits.
    """

    key = "gelu"
    label = "GELU"
    formula = "z Φ(z)"
    slope_formula = "Φ(z) + z φ(z)"
    rises = False
    peak = 1.1289041451851548

    def value(self, z: Array, out: Array, work: Array) -> None:
        from scipy.special import ndtr  # at the first use, so that starting the program does not wait for it

        ndtr(z, out=work)
        np.multiply(work, z, out=out)

    def derivative(self, z: Array, a: Array, out: Array, work: Array) -> None:
        np.multiply(z, z, out=out)
        np.multiply(out, -0.5, out=out)
        np.exp(out, out=out)
        np.multiply(out, z, out=out)
        np.multiply(out, 1.0 / sqrt(2.0 * pi), out=out)
        np.add(out, work, out=out)


@ACTIVATIONS.add
class SiLU(Activation):
    """z times the sigmoid s of z, also called Swish; f'(z) = s (1 + z (1 - s)), largest at z = 2.3994."""

    key = "silu"
    label = "SiLU"
    formula = "z / (1 + exp(−z))"
    slope_formula = "σ(z) (1 + z (1 − σ(z)))"
    rises = False
    peak = 1.0998393201288669

    def value(self, z: Array, out: Array, work: Array) -> None:
        sigmoid(z, out)
        np.multiply(out, z, out=out)

    def derivative(self, z: Array, a: Array, out: Array, work: Array) -> None:
        np.exp(z, out=work)  # 1 / (1 + exp z) is 1 - s without cancellation
        np.add(work, 1.0, out=work)
        np.divide(1.0, work, out=work)
        np.multiply(work, z, out=work)
        np.add(work, 1.0, out=work)
        sigmoid(z, out)
        np.multiply(out, work, out=out)


@ACTIVATIONS.add
class Softplus(Activation):
    """Smooth ReLU; f' is the sigmoid of z. Without PyTorch's switch to a = z above 20, an error of 2e-9."""

    key = "softplus"
    label = "Softplus"
    formula = "ln(1 + exp z)"
    slope_formula = "1 / (1 + exp(−z))"

    def value(self, z: Array, out: Array, work: Array) -> None:
        # max(0, z) + ln(1 + exp(-|z|)): no exponential of a large number
        np.absolute(z, out=out)
        np.negative(out, out=out)
        np.exp(out, out=out)
        np.log1p(out, out=out)
        np.maximum(z, 0.0, out=work)
        np.add(out, work, out=out)

    def derivative(self, z: Array, a: Array, out: Array, work: Array) -> None:
        sigmoid(z, out)


@ACTIVATIONS.add
class Softsign(Activation):
    """Saturates like 1 / z, much later than tanh; f'(z) = 1 / (1 + |z|)^2."""

    key = "softsign"
    label = "Softsign"
    formula = "z / (1 + |z|)"
    slope_formula = "1 / (1 + |z|)²"

    def value(self, z: Array, out: Array, work: Array) -> None:
        np.absolute(z, out=out)
        np.add(out, 1.0, out=out)
        np.divide(z, out, out=out)

    def derivative(self, z: Array, a: Array, out: Array, work: Array) -> None:
        np.absolute(z, out=out)
        np.add(out, 1.0, out=out)
        np.divide(1.0, out, out=out)
        np.multiply(out, out, out=out)


@ACTIVATIONS.add
class HardSigmoid(Activation):
    """relu6(z + 3) / 6; f'(z) is 1/6 for |z| < 3 and 0 elsewhere, at both kinks too (PyTorch)."""

    key = "hard_sigmoid"
    label = "Hard sigmoid"
    formula = "min(max(0, z + 3), 6) / 6"
    slope_formula = "1/6 (|z| < 3), 0 (|z| ≥ 3)"
    peak = 1.0 / 6.0
    active = (-3.0, 3.0)

    def value(self, z: Array, out: Array, work: Array) -> None:
        np.add(z, 3.0, out=out)
        np.clip(out, 0.0, 6.0, out=out)
        np.divide(out, 6.0, out=out)

    def derivative(self, z: Array, a: Array, out: Array, work: Array) -> None:
        np.absolute(z, out=out)
        np.less(out, 3.0, out=out)
        np.divide(out, 6.0, out=out)


@ACTIVATIONS.add
class LinearActivation(Activation):
    """Identity; f'(z) = 1. Depth adds no expressive power; gradients show the effect of the weights alone."""

    key = "linear"
    label = "Linear"
    formula = "z"
    slope_formula = "1"
    saturates = False

    def value(self, z: Array, out: Array, work: Array) -> None:
        np.copyto(out, z)

    def derivative(self, z: Array, a: Array, out: Array, work: Array) -> None:
        out.fill(1.0)

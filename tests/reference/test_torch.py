"""PyTorch's own figures (torch_values.json, made by make_torch_values.py), reproduced by the engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradsim.engine.nn.activations import ACTIVATIONS
from gradsim.engine.nn.initializers import Orthogonal
from gradsim.engine.nn.losses import LOSSES
from gradsim.engine.nn.outputs import OUTPUTS
from gradsim.engine.types import Array

TABLE: dict[str, Any] = json.loads((Path(__file__).parent / "torch_values.json").read_text("utf-8"))
EXACT = 1e-13
SLOPES = {"hard_sigmoid": 3.1e-8}  # there PyTorch's 1/6 is one of single precision
PAIRS = [(key, output) for key, loss in LOSSES.items() for output in loss.outputs]


def of_activation(key: str, z: Array) -> tuple[Array, Array]:
    """Return value and derivative at `z`."""
    f = ACTIVATIONS[key]()
    a, slope, work = (np.empty_like(z) for _ in range(3))
    with np.errstate(all="ignore"):
        f.value(z, a, work)
        f.derivative(z, a, slope, work)
    return a, slope


@pytest.mark.parametrize("key", ACTIVATIONS)
def test_an_activation_is_that_of_pytorch(key: str) -> None:
    """At kinks and far out too. PyTorch's GELU loses its left tail, of less than 1e-15, to cancellation."""
    a, slope = of_activation(key, np.array(TABLE["z"]))
    expected = TABLE["activations"][key]
    np.testing.assert_allclose(a, expected["value"], rtol=EXACT, atol=1e-15)
    np.testing.assert_allclose(slope, expected["derivative"], rtol=SLOPES.get(key, EXACT), atol=1e-15)


def test_gelu_keeps_the_digits_of_its_left_tail() -> None:
    """z Φ(z) and Φ(z) + z φ(z) at -10 and -30, computed with 40 digits."""
    a, slope = of_activation("gelu", np.array([-10.0, -30.0]))
    np.testing.assert_allclose(a, [-7.619853024160526e-23, -1.472014178144456e-196], rtol=1e-13, atol=0)
    np.testing.assert_allclose(slope, [-7.618400096464814e-22, -4.416031690708495e-195], rtol=1e-12, atol=0)


@pytest.mark.parametrize(("key", "output_key"), PAIRS)
def test_a_loss_and_its_gradient_are_those_of_pytorch(key: str, output_key: str) -> None:
    loss, output = LOSSES[key](), OUTPUTS[output_key]()
    z, y, expected = np.array(TABLE["logits"]), np.array(TABLE["targets"]), TABLE["losses"][f"{key} {output_key}"]
    a, slope, delta, work = (np.empty_like(z) for _ in range(4))
    with np.errstate(all="ignore"):
        output.value(z, a, work)
        output.derivative(a, slope)
        value = loss.value(output, z, a, y, work)
        loss.backward(output, a, slope, y, delta)
    np.testing.assert_allclose(value, expected["value"], rtol=EXACT, atol=1e-15)
    np.testing.assert_allclose(delta, expected["delta"], rtol=EXACT, atol=1e-15)


def test_pytorch_has_no_pairing_that_is_missing_here() -> None:
    assert {f"{key} {output}" for key, output in PAIRS} == set(TABLE["losses"])


class Drawn:
    """A generator that has one sample to give."""

    def __init__(self, sample: Array) -> None:
        self._sample = sample

    def standard_normal(self, shape: tuple[int, ...]) -> Array:
        assert shape == self._sample.shape
        return self._sample


@pytest.mark.parametrize("case", TABLE["orthogonal"], ids=lambda case: str(np.shape(case["w"])))
def test_orthogonal_weights_are_those_of_pytorch_from_the_same_sample(case: Any) -> None:
    sample = np.array(case["sample"])
    rng: Any = Drawn(sample)
    w = Orthogonal(case["gain"]).sample(rng, len(sample), sample.shape[1], sample.shape, 0)
    np.testing.assert_allclose(w, case["w"], rtol=EXACT, atol=1e-15)

"""What is measured, against its definition written out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from gradsim.engine.nn.activations import ACTIVATIONS, Activation
from gradsim.engine.nn.losses import LOSSES
from gradsim.engine.nn.network import Model, Stack, layer_views
from gradsim.engine.nn.outputs import OUTPUTS
from gradsim.engine.nn.probes import INDEX, SATURATED_BELOW, Meter
from gradsim.engine.types import Array

SIZES, BATCH, REPLICAS = (5, 6, 4, 3), 7, 2


@pytest.fixture
def stack() -> Stack:
    """One run per activation after a training step; large inputs, so that some units are saturated or dead."""
    models = [Model(entry(), OUTPUTS["softmax"](), LOSSES["mse"]()) for entry in ACTIVATIONS.values()]
    stack = Stack(SIZES, BATCH, models, REPLICAS, np.float64)
    rng = np.random.default_rng(4)
    stack.params[:] = rng.standard_normal(stack.params.shape)
    stack.b[0][:, 0] = -50.0
    stack.change[:] = 0.01 * rng.standard_normal(stack.params.shape)
    x = 3.0 * rng.standard_normal((REPLICAS, BATCH, SIZES[0]))
    stack.forward(x)
    stack.backward(x, np.eye(3)[rng.integers(0, 3, (REPLICAS, BATCH))])
    return stack


def slope_of(activation: Activation, z: Array) -> Array:
    a, slope, work = (np.empty_like(z) for _ in range(3))
    activation.value(z, a, work)
    activation.derivative(z, a, slope, work)
    return slope


def factors(stack: Stack, k: int, layer: int, slope: Array) -> dict[str, float]:
    """Return by how much the weights above and the slope change the norm of delta on its way to a layer."""
    if layer == stack.depth - 1:
        return {"weight_factor": np.nan, "slope_factor": np.nan}
    above = stack.delta[layer + 1][k]
    passed = above @ stack.w[layer + 1][k].T
    return {
        "weight_factor": float(np.linalg.norm(passed) / np.linalg.norm(above)),
        "slope_factor": float(np.linalg.norm(passed * slope) / np.linalg.norm(passed)),
    }


STRAIGHT = {"relu", "leaky_relu", "linear"}


def flat_places(stack: Stack, k: int, layer: int, flat: npt.NDArray[np.bool_]) -> dict[str, float]:
    """Return the shares of units that are saturated and off, of those with a small slope, and of dead ones."""
    key, z = stack.models[k // REPLICAS].activation.key, stack.z[layer][k]
    hidden = layer < stack.depth - 1
    without_gradient = {"relu": z <= 0.0, "hard_sigmoid": np.abs(z) >= 3.0}.get(key, np.zeros(z.shape, np.bool_))
    return {
        "saturated": 0.0 if hidden and key in STRAIGHT else float(np.mean(flat)),
        "off": float(np.mean(z <= 0.0)) if hidden and key == "relu" else 0.0,
        "dead": float(np.mean(without_gradient.all(axis=0))) if hidden else 0.0,
    }


def defined(stack: Stack, k: int, layer: int) -> dict[str, float]:
    """Return all measurements of network `k` at a layer, each by its definition."""
    model = stack.models[k // REPLICAS]
    a = stack.a[layer][k]
    if layer == stack.depth - 1:
        slope, peak = a * (1.0 - a), model.output.peak
    else:
        slope, peak = slope_of(model.activation, stack.z[layer][k]), model.activation.peak
    change = layer_views(stack.change, stack.sizes)[0]
    dw, db, delta = stack.dw[layer][k], stack.db[layer][k], stack.delta[layer][k]
    return {
        "grad_rms": np.sqrt(np.mean(dw**2)),
        "grad_norm": np.sqrt(np.sum(dw**2)),
        "bias_grad_norm": np.sqrt(np.sum(db**2)),
        "delta_rms": np.sqrt(np.mean(delta**2)),
        "delta_norm": np.linalg.norm(delta),
        "slope": np.mean(np.abs(slope)),
        **flat_places(stack, k, layer, np.abs(slope) < SATURATED_BELOW * peak),
        "activation_mean": np.mean(a),
        "activation_std": np.std(a),
        **factors(stack, k, layer, slope),
        "update_ratio": float(np.linalg.norm(change[layer][k]) / np.linalg.norm(stack.w[layer][k])),
    }


@pytest.mark.parametrize("layer", range(len(SIZES) - 1))
def test_each_probe_is_its_definition(stack: Stack, layer: int) -> None:
    meter = Meter(stack, batch_is_all=True)
    meter.measure()
    for k in range(stack.k):
        expected = defined(stack, k, layer)
        assert set(expected) == set(INDEX)
        measured = {key: meter.values[INDEX[key], k, layer] for key in expected}
        assert measured == pytest.approx(expected, rel=1e-13, abs=1e-300, nan_ok=True)


def test_the_two_factors_multiply_to_the_change_of_delta(stack: Stack) -> None:
    meter = Meter(stack)
    meter.measure()
    weights, slope, norm = (meter.values[INDEX[key]] for key in ("weight_factor", "slope_factor", "delta_norm"))
    np.testing.assert_allclose((weights * slope)[:, :-1] * norm[:, 1:], norm[:, :-1], rtol=1e-13)


def test_the_stack_has_what_is_to_be_seen(stack: Stack) -> None:
    """Else the test above would not tell much."""
    meter = Meter(stack, batch_is_all=True)
    meter.measure()
    for name in ("saturated", "off", "dead"):
        hidden = meter.values[INDEX[name], :, 0]
        assert ((hidden > 0.0) & (hidden < 1.0)).any()


def test_measuring_changes_nothing(stack: Stack) -> None:
    arrays = [stack.params, stack.grads, *stack.z, *stack.a, *stack.delta, *stack.slope]
    before = [array.tobytes() for array in arrays]
    meter = Meter(stack)
    meter.judge(np.ones((400, SIZES[0])))
    meter.measure()
    assert [array.tobytes() for array in arrays] == before


def test_before_the_first_update_there_is_no_ratio(stack: Stack) -> None:
    fresh = Stack(SIZES, BATCH, stack.models, REPLICAS, np.float64)
    meter = Meter(fresh)
    meter.measure()
    assert np.isnan(meter.values[INDEX["update_ratio"]]).all()


def test_activations_whose_squares_underflow_have_their_spread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside networks whose activations are all 0, and whether layers are measured together or one by one."""
    model = Model(ACTIVATIONS["linear"](), OUTPUTS["linear"](), LOSSES["mse"]())
    x = np.random.default_rng(0).standard_normal((3, BATCH, 4)).astype(np.float32)
    found = []
    for most_bytes in (1, 2**20):
        monkeypatch.setattr("gradsim.engine.nn.probes._MOST_BYTES", most_bytes)
        stack = Stack((4, 4, 4, 4), BATCH, [model], 3, np.float32)
        for w in stack.w:
            w[0], w[1] = 1e-9 * np.eye(4), np.eye(4)
        meter = Meter(stack)
        with np.errstate(all="ignore"):
            stack.forward(x)
            stack.backward(x, x)
            meter.measure()
        found.append(meter.values[INDEX["activation_std"]].copy())
    expected = x.reshape(3, -1).std(axis=1, dtype=np.float64)[:, None] * np.array(
        [[1e-9, 1e-18, 1e-27], [1.0, 1.0, 1.0], [0.0, 0.0, 0.0]]
    )
    np.testing.assert_allclose(found[0], expected, rtol=1e-5, atol=0)
    np.testing.assert_array_equal(found[0], found[1])

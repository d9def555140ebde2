"""What layers get, against plain NumPy on the same weights."""

from __future__ import annotations

import numpy as np
import pytest

from gradsim.sim.kinds.train.loads import BINS, REACH, loads
from tests.unit.test_census import PEAKS, SLOPES, VALUES, seen


@pytest.mark.parametrize("name", SLOPES)
def test_what_each_layer_gets_is_counted_over_the_whole_training_set(name: str) -> None:
    run = {"activation": name, "optimizer": {"name": "sgd", "learning_rate": 3.0}, "init": "he_normal"}
    network, x, _ = seen(run, 12)
    a = x
    for at, load in enumerate(loads(network, x)):
        z = a @ network.layers[at].w + network.layers[at].b
        slope, peak = SLOPES[name](z), PEAKS.get(name, 1.0)
        edges = np.linspace(-REACH, REACH, BINS + 1)
        inside = np.clip(z, -REACH, np.nextafter(REACH, 0.0))
        counts, _ = np.histogram(inside, edges)
        assert np.abs(load.shares * z.size - counts).max() <= 1  # a z on an edge may be counted on either side
        np.testing.assert_allclose(load.mean_slope, np.abs(slope).mean())
        np.testing.assert_allclose(load.flat, (np.abs(slope) < 0.05 * peak).mean())
        assert (load.low, load.high) == (z.min(), z.max())
        weighted = (load.shares * load.slopes).sum() * peak
        np.testing.assert_allclose(weighted, np.abs(slope).mean())
        a = VALUES[name](z)

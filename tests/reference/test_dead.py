"""Figures on dead units that were measured before with plain NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.small import train_from, trained


def test_most_units_that_are_off_on_a_batch_are_not_dead() -> None:
    """Of the first layer 17 % [6–19] are off on all of a batch of 64, but 1.6 % [0–9] on all training samples."""
    spec = train_from(
        {
            "seed": 0,
            "replicas": 8,
            "steps": 300,
            "data": {"name": "digits", "test_fraction": 0.2},  # 1,437 samples for training, as these figures have
            "common": {"hidden": [32, 32], "batch_size": 64, "optimizer": {"name": "sgd", "learning_rate": 0.1}},
            "runs": [{"activation": "relu", "init": "he_normal"}],
        }
    )
    trainer, tape = trained(spec)
    on_batch = (trainer._groups[0].stack.z[0] <= 0.0).all(axis=1).mean(axis=1)
    on_all = tape.until(300).values(0, "dead")[0]
    for shares, (median, low, high) in ((on_batch, (0.17, 0.06, 0.19)), (on_all, (0.016, 0.0, 0.09))):
        assert np.median(shares) == pytest.approx(median, abs=0.005)
        assert (shares.min(), shares.max()) == pytest.approx((low, high), abs=0.005)

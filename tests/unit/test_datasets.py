"""Data sets: which samples are trained on, and which are kept apart."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from gradsim.engine.datasets import Digits, Mnist

IMAGES = (Digits, Mnist)


SPLITS = [(0, 0.2), (1000, 0.1), (1000, 0.0), (100, 0.07), (100, 0.29), (10, 0.7), (3, 0.1), (7, 0.9)]


@pytest.mark.parametrize("kind", IMAGES)
@pytest.mark.parametrize(("samples", "share"), SPLITS)
def test_the_share_for_testing_is_taken_from_the_end(
    kind: type[Digits] | type[Mnist], samples: int, share: float
) -> None:
    whole = kind(test_fraction=0.0).load().train
    split = kind(samples=samples, test_fraction=share).load()
    count = samples or kind.size
    assert len(split.test) == math.ceil(count * Fraction(str(share)))
    np.testing.assert_array_equal(np.concatenate([split.train.x, split.test.x]), whole.x[:count])
    np.testing.assert_array_equal(np.concatenate([split.train.y, split.test.y]), whole.y[:count])


@pytest.mark.parametrize("kind", IMAGES)
def test_samples_are_shared_and_cannot_be_written(kind: type[Digits] | type[Mnist]) -> None:
    split = kind(samples=50).load()
    assert kind(samples=50).load() is split
    for array in (split.train.x, split.train.y, split.test.x, split.test.y):
        with pytest.raises(ValueError, match="read-only"):
            array[:] = 0.0


@pytest.mark.parametrize("kind", IMAGES)
def test_inputs_lie_between_0_and_1_and_targets_name_one_class(kind: type[Digits] | type[Mnist]) -> None:
    train = kind().load().train
    assert (train.x.min(), train.x.max()) == (0.0, 1.0)
    assert (np.sort(train.y, axis=1) == [0.0] * 9 + [1.0]).all()

"""Which samples each step sees."""

from __future__ import annotations

import numpy as np
import pytest

from gradsim.engine.types import Indices
from gradsim.sim.run.draws import Batches

CASES = [(n, b) for n in (1, 2, 10, 13, 64) for b in (1, 2, 3, 7, 10, 12, 13, 64) if b <= n]


def sequence(batches: Batches, steps: int) -> Indices:
    """Return the samples that each replica sees in so many steps: (replicas, samples)."""
    return np.concatenate([batches.at(step) for step in range(steps)], axis=1)


@pytest.mark.parametrize(("samples", "batch"), CASES)
def test_each_epoch_is_a_permutation(samples: int, batch: int) -> None:
    seen = sequence(Batches(1, 3, samples, batch), 4 * samples)
    for epoch in range(4 * batch):
        order = seen[:, epoch * samples : (epoch + 1) * samples]
        np.testing.assert_array_equal(np.sort(order, axis=1), np.tile(np.arange(samples), (3, 1)))


@pytest.mark.parametrize(("samples", "batch"), CASES)
def test_an_epochs_updates_see_every_sample(samples: int, batch: int) -> None:
    updates = -(-samples // batch)
    for replica in sequence(Batches(1, 3, samples, batch), updates):
        assert set(replica) == set(range(samples))


@pytest.mark.parametrize(("samples", "batch"), CASES)
def test_a_batch_depends_on_its_step_alone(samples: int, batch: int) -> None:
    played, asked = Batches(1, 3, samples, batch), Batches(1, 3, samples, batch)
    rows = [played.at(step) for step in range(40)]
    for step in (39, 0, 17, 18, 3):
        np.testing.assert_array_equal(asked.at(step), rows[step])


def test_batches_of_another_size_go_on_in_the_sequence() -> None:
    whole = sequence(Batches(1, 3, 13, 1), 60)
    larger = Batches(1, 3, 13, 5, first=4, seen=8)
    assert [larger.seen(step) for step in (4, 5, 9)] == [8, 13, 33]
    for step in range(4, 12):
        start = larger.seen(step)
        np.testing.assert_array_equal(larger.at(step), whole[:, start : start + 5])


def test_a_whole_epoch_is_the_set_in_plain_order() -> None:
    batches = Batches(1, 3, 20, 20)
    for step in range(3):
        np.testing.assert_array_equal(batches.at(step), np.tile(np.arange(20), (3, 1)))


def test_epochs_replicas_and_seeds_have_orders_of_their_own() -> None:
    seen = sequence(Batches(1, 3, 50, 10), 10).reshape(3, 2, 50)
    orders = {tuple(order) for replica in seen for order in replica}
    orders |= {tuple(order) for order in sequence(Batches(2, 3, 50, 10), 5)}
    assert len(orders) == 9


def test_a_replicas_batches_do_not_depend_on_the_number_of_replicas_or_the_batch_size() -> None:
    few, many = Batches(1, 2, 50, 10), Batches(1, 9, 50, 10)
    np.testing.assert_array_equal(sequence(few, 7), sequence(many, 7)[:2])
    np.testing.assert_array_equal(sequence(few, 7), sequence(Batches(1, 2, 50, 7), 10))

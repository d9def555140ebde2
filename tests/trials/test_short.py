"""Each trial for a few seconds; at length they are run by ``python -m tests.trials``."""

from __future__ import annotations

import sys

import pytest

from tests.trials.__main__ import trials

TRIALS = trials()


@pytest.mark.parametrize("option", TRIALS)
def test_a_short_trial_finds_nothing(option: str) -> None:
    if option == "faults" and sys.platform == "win32":
        pytest.skip("these are faults of systems like Linux")
    module = TRIALS[option]
    report = module.trial(module.SHORT, 1)
    assert not report.faults, "\n".join(report.faults)
    assert report.how_many >= module.SHORT

"""A short part of the trials that ``python -m tests.trials`` runs at length: damaged inputs, and extremes drawn."""

from __future__ import annotations

from types import ModuleType

import pytest

from tests.trials import extremes, inputs

FIRST_SEED = 1


@pytest.mark.parametrize("tried", [inputs, extremes], ids=lambda module: module.OPTION)
def test_nothing_goes_wrong(tried: ModuleType) -> None:
    report = tried.trial(tried.SHORT, FIRST_SEED)
    assert report.how_many == tried.SHORT
    assert not report.faults, "\n\n".join(report.faults)

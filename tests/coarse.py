"""Studies of fewer places, for tests of how they are shown: that is laid out alike, in a tenth of the time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from gradsim.sim.kinds.train import landscape, rates


@contextmanager
def coarse_studies() -> Iterator[None]:
    """Compute landscapes on a coarse grid, and losses at a learning rate a decade."""
    with patch.multiple(landscape, SIDE=26, STAGES=(1,)), patch.object(rates, "RATES_A_DECADE", 1):
        yield

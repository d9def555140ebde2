"""All tests: offscreen, the same cases in every run, no thread left behind."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

os.environ["QT_QPA_PLATFORM"] = "offscreen"

# Generated cases are the same in every run, and no limit of time makes one fail on a busy machine. To look for
# new ones: python -m pytest tests/property --hypothesis-profile=search
_LENIENT = [HealthCheck.too_slow, HealthCheck.filter_too_much]
settings.register_profile(
    "same_cases", derandomize=True, deadline=None, database=None, suppress_health_check=_LENIENT
)
settings.register_profile("search", settings.get_profile("same_cases"), derandomize=False)
settings.load_profile("same_cases")


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    """Fail a test that leaves a worker running."""
    yield
    left = [thread.name for thread in threading.enumerate() if thread.name.startswith("gradsim")]
    assert left == []

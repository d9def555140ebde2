"""All tests: offscreen, no thread left behind."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest

os.environ["QT_QPA_PLATFORM"] = "offscreen"


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    """Fail a test that leaves a worker running."""
    yield
    left = [thread.name for thread in threading.enumerate() if thread.name.startswith("gradsim")]
    assert left == []

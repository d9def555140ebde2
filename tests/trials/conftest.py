"""For trials in the test command."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def garbage_as_before() -> Iterator[None]:
    """Let Python collect garbage by itself again, which windows keep to the main thread."""
    yield
    gc.enable()

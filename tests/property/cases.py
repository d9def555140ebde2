"""How many cases a property is tried on."""

from __future__ import annotations

from hypothesis import settings


def cases(count: int) -> settings:
    """Try `count` cases; all else is the profile's (tests/conftest.py)."""
    return settings(max_examples=count)

"""How many cases a property is tried on."""

from __future__ import annotations

from hypothesis import HealthCheck, settings


def cases(count: int) -> settings:
    """Try `count` cases, however slow the machine is; nothing is kept on disk."""
    lenient = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    return settings(max_examples=count, deadline=None, database=None, suppress_health_check=lenient)

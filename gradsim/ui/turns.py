"""Which of the things that need not move with every frame are drawn in this one."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from math import inf

STAYS_S, STALE_S = 0.1, 0.3
"""How long each stays as it is while steps follow one another, and from when on none waits for another."""


class Turns:
    """Lets one thing a frame be drawn, that which has waited longest; where frames are rare, all of them."""

    def __init__(self) -> None:
        self._drawn: dict[Hashable, float] = {}

    def due(self, things: Sequence[Hashable], now: float) -> list[int]:
        """Return the positions of those that are to be drawn now, a time in seconds."""
        waited = [self._waited(thing, now) for thing in things]
        longest = max(range(len(things)), key=waited.__getitem__, default=None)
        due = [at for at, time in enumerate(waited) if time >= (STAYS_S if at == longest else STALE_S)]
        self._drawn.update((things[at], now) for at in due)
        return due

    def is_stale(self, thing: Hashable, now: float) -> bool:
        """Tell whether something is not to wait for its turn."""
        return self._waited(thing, now) >= STALE_S

    def _waited(self, thing: Hashable, now: float) -> float:
        return now - self._drawn.get(thing, -inf)

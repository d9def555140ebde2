"""How maps and cuts share the room of a view."""

from __future__ import annotations

from typing import NamedTuple

_MOST, _MOST_HIGH = 0.72, 0.62
"""The share of the width, or of the height, that maps take at most."""
_LEAST, _LEAST_HIGH = 9.0, 5.0
"""How wide a cut has to be, and how high its plot, to be shown, in heights of the type."""
_AXES = 4.5
"""What a card is wider than its map, in heights of the type."""


class Arrangement(NamedTuple):
    """Where maps and cuts are."""

    is_beside: bool
    """Whether the cuts are beside the maps, rather than below them."""
    is_column: bool
    """Whether the cuts are in a column, rather than in a row."""
    maps: int
    cuts: int
    """The pixels for maps and for cuts, across or down."""
    has_cuts: bool
    """Whether there is room for cuts at all."""


class Room(NamedTuple):
    """The pixels that there are for maps and cuts, the height of a card without its picture, and that of the type."""

    width: int
    high: int
    head: int
    tick: int

    def arranged(self, count: int, aspect: float) -> Arrangement:
        """Return how so many maps, `aspect` times as wide as high, are largest, with cuts where there is room."""
        beside = min(aspect * (self.high - self.head), _MOST * self.width / count)
        below = min(aspect * (_MOST_HIGH * self.high - self.head), self.width / count)
        if beside < below:
            maps = round(min(below / aspect + self.head, 0.8 * self.high))
            cuts = self.high - maps
            return Arrangement(False, False, max(1, maps), cuts, self._fits(self.width / count, cuts))
        maps = round(min(count * (beside + _AXES * self.tick), 0.8 * self.width))
        cuts = self.width - maps
        is_column = self._fits(cuts, self.high / count)
        return Arrangement(True, is_column, max(1, maps), cuts, is_column or self._fits(cuts / count, self.high))

    def _fits(self, width: float, high: float) -> bool:
        """Tell whether a cut can be read at this size of its card."""
        return width >= _LEAST * self.tick and high - self.head >= _LEAST_HIGH * self.tick

"""How strong a gradient is drawn: on a log scale, the larger the brighter, on light ground the darker and wider."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PySide6.QtGui import QColor, QPen

from gradsim.engine.types import Array
from gradsim.sim.run.tape import Values
from gradsim.ui.theme import Look, mixed

LEVELS = 24
"""So many strengths are told apart."""

_FAINTEST = 0.1
"""How much of its colour a run has at the low end of the scale: what is there is to be seen, but hardly."""
_FULL, _GLOW = 0.72, 0.55
"""On dark ground: where on the scale a run has its whole colour, and how much white is in it at the end."""


@dataclass(frozen=True)
class Strength:
    """The scale of one run.

    Attributes
    ----------
    look, run
        Whose colours are taken.
    decades
        The ends of the scale, as powers of ten; what lies beyond is drawn as they are.
    """

    look: Look
    run: int
    decades: tuple[int, int]

    @cached_property
    def is_dark(self) -> bool:
        """Whether more is brighter."""
        return QColor(self.look.theme.card).lightnessF() < 0.5

    def shares(self, values: Array) -> Values:
        """Return where on the scale values are, from 0 to 1; zeros and NaN are at 0."""
        low, high = self.decades
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = (np.log10(np.asarray(values, np.float64)) - low) / (high - low)
        return np.nan_to_num(np.clip(shares, 0.0, 1.0), nan=0.0)

    def colour(self, share: float) -> QColor:
        """Return the colour at a place on the scale."""
        own, card = self.look.run_colour(self.run), self.look.theme.card
        if not self.is_dark:
            return mixed(own, card, _FAINTEST + (1.0 - _FAINTEST) * share)
        if share <= _FULL:
            return mixed(own, card, _FAINTEST + (1.0 - _FAINTEST) * share / _FULL)
        return mixed("#ffffff", own, _GLOW * (share - _FULL) / (1.0 - _FULL))

    @cached_property
    def colours(self) -> list[QColor]:
        """The colours of all levels, from the faintest."""
        return [self.colour(level / (LEVELS - 1)) for level in range(LEVELS)]

    def levels(self, values: Array) -> list[int]:
        """Return the levels of values."""
        found: list[int] = np.rint(self.shares(values) * (LEVELS - 1)).astype(int).tolist()
        return found

    def pen(self, level: int, widest: float) -> QPen:
        """Return the pen of a line of a level, at most so many pixels wide."""
        line, share = self.look.metrics.line, level / (LEVELS - 1)
        width = 0.72 * line if self.is_dark else (0.3 + 0.7 * share) * line
        return QPen(self.colours[level], max(self.look.metrics.hair, min(width, widest)))

    @property
    def lit(self) -> QColor:
        """The colour of lines that a pulse passes."""
        return mixed("#ffffff" if self.is_dark else self.look.theme.ink, self.look.run_colour(self.run), 0.75)

"""Which steps a film shows, and how fast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gradsim.schema.errors import FileError

ENDINGS = (".gif", ".apng", ".mp4")
"""How names of films end."""
LASTS_S = 8.0
"""How long a film is where nobody says how fast it goes."""
USUAL_FRAMES, MOST_FRAMES = 100, 5000
"""How many frames a film has where nobody says, and at most."""
LEAST_FPS, USUAL_FPS, MOST_FPS = 0.5, (2.0, 25.0), 60.0
"""Frames a second: at least, within which where nobody says, and at most."""
HELD_S = 2.0
"""How long the last frame stays, before the film begins again."""


@dataclass(frozen=True)
class Plan:
    """What was asked for; None for what is to be chosen here.

    Attributes
    ----------
    first, last
        The span of steps.
    every
        How many steps lie between two frames.
    frames
        How many frames there are, instead of `every`.
    fps
        Frames a second.
    loops
        Whether the film begins again at its end.
    """

    first: int = 0
    last: int | None = None
    every: int | None = None
    frames: int | None = None
    fps: float | None = None
    loops: bool = True

    def steps(self, end: int) -> list[int]:
        """Return the steps of the frames, in order, in a run that has `end` as its last step.

        Raises
        ------
        FileError
            For a span that the run does not have, and for too many frames.
        """
        last = end if self.last is None else self.last
        if not 0 <= self.first <= last <= end:
            raise FileError(f"--from, --to: {self.first:,} to {last:,} is not a span of steps from 0 to {end:,}")
        if self.every is not None:
            found = [*range(self.first, last, self.every), last]
        else:
            count = min(self.frames or USUAL_FRAMES, last - self.first + 1)
            found = [self.first + round(i * (last - self.first) / max(1, count - 1)) for i in range(count)]
        if len(found) > MOST_FRAMES:
            raise FileError(f"--every: {len(found):,} frames; at most {MOST_FRAMES:,} are allowed")
        return found

    def speed(self, frames: int) -> float:
        """Return the frames a second of a film of so many."""
        low, high = USUAL_FPS
        return self.fps if self.fps is not None else min(max(frames / LASTS_S, low), high)

    def table(self) -> dict[str, Any]:
        """Return it as plain values: ``Plan(**table)`` is the same again."""
        return dict(vars(self))

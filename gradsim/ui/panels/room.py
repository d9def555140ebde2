"""How wide the panel and its parts are: in heights of its letters, so that what fits, fits at any size."""

from __future__ import annotations

from typing import NamedTuple

from gradsim.ui.theme import Look

PANEL_EM = 304 / 18
"""Width of the panel."""
SCROLL_PX = 10
"""Width of its scroll bar."""


class Room(NamedTuple):
    """The room of an editor.

    Attributes
    ----------
    px
        Its width.
    named
        Whether the editor says what it edits; otherwise that is said above it.
    """

    px: int
    named: bool = True


def panel_px(look: Look) -> int:
    """Return the width of the panel."""
    return round(PANEL_EM * look.metrics.body)


def margin(look: Look) -> int:
    """Return the distance of what is in the panel from its edge."""
    return look.metrics.body * 8 // 9


def inner_px(look: Look) -> int:
    """Return the width of what is in the panel, scrolled or not."""
    return panel_px(look) - 2 * margin(look) - SCROLL_PX


def whole(look: Look) -> Room:
    """Return the room of an editor across the panel."""
    return Room(inner_px(look))


def column_px(look: Look) -> int:
    """Return the width of one of two columns."""
    return (inner_px(look) - gap(look)) // 2


def gap(look: Look) -> int:
    """Return the distance between two columns."""
    return look.metrics.body // 3

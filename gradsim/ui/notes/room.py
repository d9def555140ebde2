"""Sizes in the notes, and where they lie: beside the pictures while these keep most of the window, else over them."""

from __future__ import annotations

from gradsim.ui.panels.room import panel_px
from gradsim.ui.theme import Look

NOTES_EM, PROJECTED_EM = 420 / 18, 17
"""Width of the notes in heights of their letters; the large ones of the projector leave the pictures less room."""
LEAST_PICTURES = 0.6
"""Of the window's width that the pictures keep beside panel and notes."""


def notes_px(look: Look) -> int:
    """Return the width of the notes."""
    return round((PROJECTED_EM if look.theme.name == "projector" else NOTES_EM) * look.metrics.body)


def has_room_beside(look: Look, width: int, panel: bool) -> bool:
    """Tell whether the notes have room beside the pictures in a window of a width, with or without the panel."""
    return width - notes_px(look) - panel * panel_px(look) >= LEAST_PICTURES * width


def small_px(look: Look) -> int:
    """Return the size of what is said in small; a projector has none."""
    body = look.metrics.body
    return body if look.theme.name == "projector" else round(0.88 * body)

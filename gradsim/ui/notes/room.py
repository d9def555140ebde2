"""Sizes in the notes, and where they lie: beside the pictures while these keep most of the window, else over them."""

from __future__ import annotations

from PySide6.QtCore import QSize

from gradsim.ui.panels.room import panel_px
from gradsim.ui.theme import Look
from gradsim.words.languages import ENGLISH

NOTES_EM, PROJECTED_EM = 420 / 18, 17
"""Width of the notes in heights of their letters; the large ones of the projector leave the pictures less room."""
LEAST_PICTURES = 0.6
"""Of the window's width that the pictures keep beside panel and notes."""


def notes_px(look: Look) -> int:
    """Return the width of the notes."""
    return round((PROJECTED_EM if look.theme.name == "projector" else NOTES_EM) * look.metrics.body)


def has_room_beside(look: Look, size: QSize, panel: bool) -> bool:
    """Tell whether the notes have room beside the pictures in a window of a size, with or without the panel.

    It is asked of the English letters: another language is to change no places.
    """
    english = Look.fit(look.theme.name, ENGLISH, size)
    taken = notes_px(english) + panel * panel_px(english)
    return size.width() - taken >= LEAST_PICTURES * size.width()


def small_px(look: Look) -> int:
    """Return the size of what is said in small; a projector has none."""
    body = look.metrics.body
    return body if look.theme.name == "projector" else round(0.88 * body)


def link_colour(look: Look) -> str:
    """Return the colour of what can be clicked."""
    return _readable(look, look.theme.accent)


def good_colour(look: Look) -> str:
    """Return the colour of what is said of something true, or done."""
    return _readable(look, look.theme.good)


def _readable(look: Look, colour: str) -> str:
    """Return a colour for text: ink on a projector, where others are too pale in a bright room."""
    return look.theme.ink if look.theme.name == "projector" else colour

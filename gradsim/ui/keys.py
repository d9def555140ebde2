"""The keyboard: which key does what, in one table, for shortcuts and the list of keys."""

from __future__ import annotations

from typing import NamedTuple


class Key(NamedTuple):
    """Keys of one action; `action` names the method of the window that it calls."""

    keys: tuple[str, ...]
    action: str
    label: str


KEYS = (
    Key(("Space",), "toggle", "Play or pause"),
    Key(("Right",), "forward", "One step"),
    Key(("Left",), "back", "One step back"),
    Key(("Home",), "reset", "Back to step 0"),
    Key(("+", "="), "faster", "Faster"),
    Key(("-",), "slower", "Slower"),
    Key(("PgDown",), "next_lesson", "Next lesson"),
    Key(("PgUp",), "previous_lesson", "Previous lesson"),
    Key(("0",), "view_all", "All views"),
    Key(("1",), "view_1", "First view alone"),
    Key(("2",), "view_2", "Second view alone"),
    Key(("3",), "view_3", "Third view alone"),
    Key(("4",), "view_4", "Fourth view alone"),
    Key(("F9",), "toggle_panel", "Show or hide the panel"),
    Key(("F11",), "toggle_fullscreen", "Full screen"),
    Key(("P",), "toggle_projector", "Projector theme"),
    Key(("D",), "toggle_dark", "Light or dark theme"),
    Key(("L",), "next_language", "Next language"),
    Key(("Ctrl+O",), "open_dialog", "Open an experiment"),
    Key(("Ctrl+S",), "save_dialog", "Save the experiment"),
    Key(("Ctrl+E",), "picture_dialog", "Picture of what is shown"),
    Key(("F10",), "show_menu", "Menu"),
    Key(("?", "F1"), "show_keys", "List of keys"),
)

"""Themes: sets of colours. Without Qt, so that the command line knows them before there is any.

Text reaches a contrast of 4.5:1 on its ground (projector 7:1), marks 3:1; each
theme has its own palette for that reason.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Theme:
    """One set of colours. `runs` are the identities of compared runs, in order."""

    name: str
    ground: str
    card: str
    ink: str
    muted: str
    line: str
    accent: str
    on_accent: str
    alarm: str
    runs: tuple[str, ...]


THEMES = {
    theme.name: theme
    for theme in (
        Theme(
            name="light",
            ground="#f4f5f7",
            card="#ffffff",
            ink="#12151c",
            muted="#566070",
            line="#dde1e7",
            accent="#0b5cd6",
            on_accent="#ffffff",
            alarm="#b3261e",
            runs=("#c2390f", "#0b5cd6", "#0b7a4b", "#7a2fc4", "#8a5a00", "#0b7480", "#b5146e", "#3d4654"),
        ),
        Theme(
            name="dark",
            ground="#0f1218",
            card="#181c24",
            ink="#f0f3f8",
            muted="#a8b2c0",
            line="#303744",
            accent="#5ea8ff",
            on_accent="#0f1218",
            alarm="#ff8a80",
            runs=("#ff8a5c", "#5ea8ff", "#4fd39a", "#c69bff", "#e6b84d", "#4fd0dc", "#ff86c3", "#c3ccd8"),
        ),
        Theme(
            name="projector",
            ground="#ffffff",
            card="#ffffff",
            ink="#000000",
            muted="#000000",
            line="#767676",
            accent="#0042c4",
            on_accent="#ffffff",
            alarm="#a80000",
            runs=("#a81a00", "#0042c4", "#005c34", "#5a12a8", "#633f00", "#005660", "#8a0049", "#000000"),
        ),
    )
}

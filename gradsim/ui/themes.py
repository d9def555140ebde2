"""Themes: sets of colours. Without Qt, so that the command line knows them before there is any.

Text reaches a contrast of 4.5:1 on its ground (projector 7:1), marks 3:1; each
theme has its own palette for that reason.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Theme:
    """One set of colours.

    Attributes
    ----------
    good
        Of what has become true.
    runs
        Those of compared runs: the first four differ most, in grey print too.
    basins
        Those of minima in maps of basins, which no run has.
    elsewhere
        Greys of starts that end at no stationary point: still moving, on a plateau, outside, diverged.
    """

    name: str
    ground: str
    card: str
    ink: str
    muted: str
    line: str
    accent: str
    on_accent: str
    alarm: str
    good: str
    runs: tuple[str, ...]
    basins: tuple[str, ...]
    elsewhere: tuple[str, str, str, str]


_ON_LIGHT = ("#f0e13c", "#a578ff", "#4bf0ff", "#c3875a", "#b4e196", "#8796c3", "#c3b400", "#a5b4ff")
_ON_DARK = ("#96782d", "#784be1", "#4b2d00", "#1e0f78", "#2d693c", "#693c78", "#0f00d2", "#ff0096")

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
            good="#12633f",
            runs=("#ad3807", "#055cf8", "#1c4c43", "#3b0148", "#5c1704", "#1618b6", "#007f54", "#9a5887"),
            basins=_ON_LIGHT,
            elsewhere=("#b2b2b2", "#d4d4d4", "#909090", "#6e6e6e"),
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
            good="#6fdc9f",
            runs=("#ea8203", "#4082ff", "#d8f9e6", "#ffbcfc", "#ac739b", "#728b6a", "#50d690", "#fbf656"),
            basins=_ON_DARK,
            elsewhere=("#4c4c4c", "#6a6a6a", "#2e2e2e", "#0a0a0a"),
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
            alarm="#720000",
            good="#003d1f",
            runs=("#6c0000", "#0200f7", "#130068", "#2d0014", "#5b3794", "#d30a50", "#732d53", "#01653e"),
            basins=_ON_LIGHT,
            elsewhere=("#b2b2b2", "#d4d4d4", "#909090", "#6e6e6e"),
        ),
    )
}

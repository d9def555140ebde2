"""Colours and shapes of classes: others than those of runs, as both are in one picture."""

from __future__ import annotations

from gradsim.ui.plots.sample_marks import SHAPES
from gradsim.ui.themes import Theme

_COLOURS = {
    "light": ("#aa1177", "#557700", "#1166ee", "#551100", "#007755", "#664400", "#cc2255", "#885599"),
    "dark": ("#11ffee", "#dd6677", "#ffee11", "#6677ff", "#ffaa77", "#009911", "#11bbdd", "#bb66aa"),
    "projector": ("#aa0066", "#227733", "#1144dd", "#551100", "#664400", "#551155", "#772233", "#005599"),
}
"""By theme. The first four, and their tints, are told apart by colour-blind eyes."""

_SHAPES = tuple(SHAPES)


def class_colour(theme: Theme, number: int) -> str:
    """Return the colour of a class."""
    colours = _COLOURS[theme.name]
    return colours[number % len(colours)]


def class_shape(number: int) -> str:
    """Return the shape of the marks of a class: a key of SHAPES."""
    return _SHAPES[number % len(_SHAPES)]

"""What a viewer has changed in how views are shown, as text for another process: as far as it is plain values."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from gradsim.sim.kinds import Experiment

States = Mapping[str, Mapping[str, Any]]
"""What :meth:`View.state` returns, by the keys of views."""
_SURFACE = "surface"
"""In a state, the surface that the rest is about."""


def states_as_text(states: States, experiment: Experiment) -> dict[str, str]:
    """Return what there is of plain values in the states of views of an experiment, by their keys."""
    surface = getattr(experiment, _SURFACE, None)
    found = {}
    for key, state in states.items():
        if state.get(_SURFACE, surface) == surface:
            plain = {name: value for name, value in state.items() if name != _SURFACE and _is_plain(value)}
            found[key] = repr(plain)
    return found


def states_from_text(texts: Mapping[str, str], experiment: Experiment) -> dict[str, dict[str, Any]]:
    """Return the states of :func:`states_as_text`."""
    about = {_SURFACE: getattr(experiment, _SURFACE, None)}
    states = {key: ast.literal_eval(text) for key, text in texts.items()}
    return {key: about | state for key, state in states.items() if state}


def _is_plain(value: object) -> bool:
    """Tell whether Python's own notation of a value gives the same value again."""
    try:
        return bool(ast.literal_eval(repr(value)) == value)
    except (ValueError, SyntaxError):
        return False

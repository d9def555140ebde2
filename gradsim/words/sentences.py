"""Sentences with figures in them: templates such as ``{first} learns {slowdown} than {last}``, filled with spans."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

_NAME = re.compile(r"\{(\w+)\}")


class Span(NamedTuple):
    """A piece of a sentence; `run` tells whose figure it is, None for plain words."""

    text: str
    run: int | None = None


def names_in(template: str) -> list[str]:
    """Return the names of the figures that a template asks for."""
    return _NAME.findall(template)


def is_template(text: str) -> bool:
    """Tell whether each brace in a text is one around a name."""
    return not set("{}") & set(_NAME.sub("", text))


def filled(template: str, figure: Callable[[str], list[Span]]) -> list[Span]:
    """Return the template's words, and for each name in it what `figure` returns."""
    spans: list[Span] = []
    for i, piece in enumerate(_NAME.split(template)):
        spans += figure(piece) if i % 2 else [Span(piece)]
    return [span for span in spans if span.text]


def plain_text(spans: list[Span]) -> str:
    """Return a sentence without its colours."""
    return "".join(span.text for span in spans)

"""Sentences with figures in them: templates such as ``Under {label} {first} learns``, filled with spans."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gradsim.words.languages import translate

_NAME, _COLOURED = re.compile(r"\{(\w+)\}"), re.compile(r"[\[\]]")


class Span(NamedTuple):
    """A piece of a sentence; `run` tells whose figure it is, None for plain words."""

    text: str
    run: int | None = None


Filling = str | Sequence[Span]
"""What a figure is filled with: its text, or pieces that have colours of their own."""


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


def plain_text(spans: Sequence[Span]) -> str:
    """Return a sentence without its colours."""
    return "".join(span.text for span in spans)


BRIEFEST = 5
"""The greatest brevity: the most important clause alone, with one name."""

_MOST_NAMES = (8, 4, 2, 1, 1, 1)
"""How many runs are named in a list, by brevity."""
_CLAUSES_FIRST = 2
"""The last brevity at which no clause is left out yet."""


@dataclass(frozen=True)
class Wording:
    """How a sentence is put into words: in which language, and how briefly.

    Clauses come in the order of their importance. A brevity of 0 leaves nothing out; each further one names fewer
    runs, then leaves out the last clauses, up to BRIEFEST.
    """

    language: str
    brevity: int = 0

    @property
    def most_names(self) -> int:
        """How many runs are named at most where several are in one place of a sentence."""
        return _MOST_NAMES[self.brevity]

    def tr(self, text: str) -> str:
        """Return a text in the language."""
        return translate(text, self.language)

    def fill(self, template: str, run: int | None = None, **figures: Filling) -> list[Span]:
        """Return the spans of a template; what stands in [brackets] is in the colour of `run`."""
        spans: list[Span] = []
        for i, part in enumerate(_COLOURED.split(template)):
            spans += _filled_in(part, run if i % 2 else None, figures)
        return spans

    def listed(self, items: Sequence[Sequence[Span]], more: bool = True) -> list[Span]:
        """Return names as a list: A, B and C; of too many of them the first, and how many more there are."""
        shown = items[: self.most_names]
        left = len(items) - len(shown)
        if left:
            template = self.tr("{names} and {n} more") if more else "{names}"
            return self.fill(template, names=joined(shown, self.tr(", ")), n=str(left))
        if len(items) < 2:
            return joined(items, "")
        return self.fill(self.tr("{names} and {last}"), names=joined(items[:-1], self.tr(", ")), last=items[-1])

    def clauses(self, clauses: Sequence[Sequence[Span]], between: str = "; ") -> list[Span]:
        """Return clauses as one sentence without its end, as many as the brevity lets."""
        kept = 1 if self.brevity == BRIEFEST else max(1, len(clauses) - max(0, self.brevity - _CLAUSES_FIRST))
        return joined([clause for clause in clauses if clause][:kept], self.tr(between))

    def sentence(self, spans: Sequence[Span], names: Sequence[str]) -> list[Span]:
        """Return a whole sentence: with a capital unless it begins with one of these names, and with its end."""
        ended = [*spans, Span(self.tr("."))]
        if ended[0].text not in names:
            ended[0] = ended[0]._replace(text=ended[0].text[:1].upper() + ended[0].text[1:])
        narrow = [span._replace(text=span.text.translate(_NARROW)) for span in ended]
        return mapped(narrow, lambda text: _ONE_DOT_MORE.sub("", _BETWEEN_CHINESE.sub("", text)))


_CHINESE = r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"
_BETWEEN_CHINESE = re.compile(rf"(?<={_CHINESE}) (?={_CHINESE})")
"""Spaces that stand between Chinese characters once names are filled in."""
_ONE_DOT_MORE = re.compile(r"(?<=…)\.$")
"""The end of a sentence after a figure that is not known yet: it would be four dots."""

_NARROW = str.maketrans("（）", "()")
"""Brackets as wide as a character tear holes into large type."""

_IN_FIGURES = (
    r"(?<=\d) (?=[%×=−]|times|steps?\b|of \d|[\u4e00-\u9fff])"  # 5 %, 2.3 × 10⁻⁵, 12 steps, 98 步
    r"|(?<=[×=<>−≤]) (?=\S)"
)
_FIGURE = re.compile(rf"{_IN_FIGURES}|(?<=\w) (?=[−×=<>≈] )|(?<=≈) (?=\S)")  # p − y, x ≈ −1.7
_UNBREAKABLE = re.compile(
    rf"{_IN_FIGURES}"
    r"|(?<![,;:，；：、]) (?=[−<>]? ?\d)"  # step 98, 第 98 步, but not in a row of numbers
    r"|(?<=[f*‖)]) (?=[=<×−])|(?<=\bf) (?=−)"  # f − f* = 0.1
)
NO_BREAK, _JOINED = "\u00a0", "\u2060"
_SHORT = 20
"""The longest name or figure within which no line breaks."""


def unbroken(spans: Sequence[Span]) -> list[Span]:
    """Return the spans with spaces that no line breaks at: in short names, between numbers and their units.

    Nor does one break in 1/(3 × 10⁸) before the bracket.
    """
    whole = [
        span._replace(text=span.text.replace(" ", NO_BREAK).replace("/(", f"/{_JOINED}("))
        if span.run is not None and len(span.text) <= _SHORT
        else span
        for span in spans
    ]
    return mapped(whole, lambda text: _UNBREAKABLE.sub(NO_BREAK, text))


def with_whole_figures(text: str) -> str:
    """Return a text with spaces that no line breaks at between numbers and their units, and around signs."""
    return _FIGURE.sub(NO_BREAK, text)


_BEFORE_NEVER = r"(?:(?:only )?(?:after|at|by|in|until|within) (?:step )?)(?=never\b)|[要用]? ?(?:到第|第)? ?(?=从未)"
_AFTER_NEVER = r"(?<=\bnever) (?:steps?|updates)\b|(?<=从未) ?(?:步|次更新|次)[后才就]?"
_ABOUT_NEVER = re.compile(f"{_BEFORE_NEVER}|{_AFTER_NEVER}")


def with_never_alone(spans: Sequence[Span]) -> list[Span]:
    """Return spans in which a step that is not reached stands alone: "after never steps" is just "never"."""
    return mapped(spans, lambda text: _ABOUT_NEVER.sub("", text))


def mapped(spans: Sequence[Span], change: Callable[[str], str]) -> list[Span]:
    """Return the spans after a change of their whole text, which leaves spaces out or makes them unbreakable."""
    whole = plain_text(spans)
    changed = change(whole)
    if changed == whole:
        return list(spans)
    found, at = [], 0
    if len(changed) == len(whole):  # nothing is left out
        for text, run in spans:
            found.append(Span(changed[at : at + len(text)], run))
            at += len(text)
        return [span for span in found if span.text]
    for text, run in spans:
        piece = []
        for character in text:
            if at < len(changed) and (changed[at] == character or (character == " " and changed[at] == NO_BREAK)):
                piece.append(changed[at])
                at += 1
        found.append(Span("".join(piece), run))
    return [span for span in found if span.text]


def joined(clauses: Sequence[Sequence[Span]], between: str) -> list[Span]:
    """Return clauses with a text between them."""
    spans: list[Span] = []
    for clause in clauses:
        spans += [Span(between), *clause] if spans and between else clause
    return spans


def _filled_in(part: str, run: int | None, figures: Mapping[str, Filling]) -> list[Span]:
    """Return a part of a template with its figures; it and those that are plain text get the colour of `run`."""
    spans: list[Span] = []
    for i, piece in enumerate(_NAME.split(part)):
        figure = figures[piece] if i % 2 else piece
        spans += [Span(figure, run)] if isinstance(figure, str) else figure
    return [span for span in spans if span.text]

"""Texts in several languages, as parameters of a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gradsim.schema.errors import Given, Phrase, unknown_name
from gradsim.schema.parameters import Parameter, ParameterError, Text
from gradsim.words.languages import ENGLISH, languages


class Words:
    """One text in several languages, by the language's name; a language without it falls back to English."""

    def __init__(self, en: str = "", **others: str) -> None:
        self.by_language = {language: text for language, text in {ENGLISH: en, **others}.items() if text}

    def __call__(self, language: str) -> str:
        """Return the text in `language`, else in English."""
        return self.by_language.get(language) or self.by_language.get(ENGLISH, "")

    def __bool__(self) -> bool:
        return bool(self.by_language)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Words) and self.by_language == other.by_language

    def __hash__(self) -> int:
        return hash(frozenset(self.by_language.items()))

    def __repr__(self) -> str:
        return f"Words({self.by_language})"


@dataclass(frozen=True, kw_only=True)
class WordsOf(Parameter):
    """A text in languages: ``"…"`` or ``{ en = "…", zh_CN = "…" }``, each of at most `most` characters."""

    most: int = 600
    needed: bool = False
    """Whether each of the texts has to say something."""

    def parse(self, value: object) -> Words:
        table = {ENGLISH: value} if isinstance(value, str) else value
        if not isinstance(table, Mapping):
            raise self._refuse(value)
        text = Text(self.label, most=self.most)
        if self.needed and not (table and all(str(words).strip() for words in table.values())):
            what = "{value} says nothing: give {allowed}"
            raise ParameterError("", Phrase(what, value=Given(value), allowed=self.allowed))
        for language, words in table.items():
            if language not in languages():
                raise ParameterError(str(language), unknown_name(language, languages()))
            text.parse(words)
        return Words(**table)

    def plain(self, value: Words) -> dict[str, str]:
        return dict(value.by_language)

    @property
    def allowed(self) -> str:
        return Phrase("a text, or a table of texts by language ({names})", names=", ".join(languages()))


@dataclass(frozen=True, kw_only=True)
class ListOf(Parameter):
    """A list of at most `most` values of one parameter."""

    item: Parameter
    most: int = 12

    def parse(self, value: object) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple) or len(value) > self.most:
            raise self._refuse(value)
        return tuple(self.item.parse_at(f"[{i}]", each) for i, each in enumerate(value))

    def plain(self, value: tuple[Any, ...]) -> list[Any]:
        return [self.item.plain(each) for each in value]

    @property
    def allowed(self) -> str:
        return Phrase("a list of at most {most}, each {item}", most=str(self.most), item=self.item.allowed)

"""Languages: English texts are their own keys, other languages are catalogues of them.

A language is one file in ``resources/translations``; what it leaves out is said in English.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache

from gradsim.resources import resource

ENGLISH = "en"

_PLACE, _BRACE = re.compile(r"\{(\w+)\}"), re.compile(r"[{}]")


@cache
def languages() -> tuple[str, ...]:
    """Return the names of all languages: English, and a file's name for each other."""
    return (ENGLISH, *sorted(path.stem for path in resource("translations").glob("*.toml")))


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return the translations of texts into `language`; none are needed for English.

    One that could not be filled in like its English text is left out.
    """
    if language == ENGLISH:
        return {}
    with resource("translations", f"{language}.toml").open("rb") as file:
        return {text: words for text, words in tomllib.load(file).items() if _fits(text, words)}


def _fits(text: str, words: object) -> bool:
    """Tell whether a translation is a text with the same places for figures."""
    return isinstance(words, str) and all(
        sorted(pattern.findall(words)) == sorted(pattern.findall(text)) for pattern in (_PLACE, _BRACE)
    )


def translate(text: str, language: str) -> str:
    """Return `text` in `language`, or as it is where there is no translation."""
    return catalogue(language).get(text, text)

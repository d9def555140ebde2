"""Languages: English texts are their own keys, other languages are catalogues of them.

A language is one file in ``resources/translations``; what it leaves out is said in English.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache

from gradsim.resources import resource

ENGLISH = "en"


@cache
def languages() -> tuple[str, ...]:
    """Return the names of all languages: English, and a file's name for each other."""
    return (ENGLISH, *sorted(path.stem for path in resource("translations").glob("*.toml")))


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return the translations of all texts into `language`; none are needed for English."""
    if language == ENGLISH:
        return {}
    with resource("translations", f"{language}.toml").open("rb") as file:
        return tomllib.load(file)


def translate(text: str, language: str) -> str:
    """Return `text` in `language`, or as it is where there is no translation."""
    return catalogue(language).get(text, text)

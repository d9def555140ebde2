"""Languages: English texts are their own keys, other languages are catalogues of them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache

from gradsim.resources import resource

LANGUAGES = {"en": "English", "zh_CN": "简体中文"}


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return the translations of all texts into `language`; none are needed for English."""
    if language == "en":
        return {}
    with resource("translations", f"{language}.toml").open("rb") as file:
        return tomllib.load(file)


def translate(text: str, language: str) -> str:
    """Return `text` in `language`, or as it is where there is no translation."""
    return catalogue(language).get(text, text)

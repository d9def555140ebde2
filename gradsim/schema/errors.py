"""What a user asked for and cannot have: errors whose text is one line for the user, never a traceback."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from functools import reduce

MAX_VALUE_LENGTH = 80
"""The largest number of characters that an error line repeats of a refused value."""


class Phrase(str):
    """A piece of an error line that a window can also tell in its own words, in any language.

    As a string it is what files and the command line say. It is made from a template with values in it, which may
    be phrases too; :meth:`told` fills the translated template with the translated values.
    """

    template: str
    values: Mapping[str, str]

    def __new__(cls, template: str, **values: str) -> Phrase:
        made = super().__new__(cls, one_line(template.format(**values)))
        made.template, made.values = template, values
        return made

    def told(self, translate: Callable[[str], str]) -> str:
        """Return it in the words of a window."""
        values = {key: told(value, translate) for key, value in self.values.items()}
        return one_line(translate(self.template).format(**values))


class Name(Phrase):
    """The name of something: its key in files, its label in a window."""

    def __new__(cls, key: str, label: str) -> Name:
        made = str.__new__(cls, one_line(key))
        made.template, made.values = label, {}
        return made


class Given(Phrase):
    """A value that was given, as files write it; a window says null where a file has None."""

    def __new__(cls, value: object) -> Given:
        made = str.__new__(cls, one_line(quoted(value)))
        text = _PLAIN.get(made, str(made))
        made.template, made.values = ("{value}", {"value": text}) if text != LARGE else (text, {})
        return made


class Said(Phrase):
    """What another program or library says, in its own words; a window may have only more general ones."""

    def __new__(cls, text: str, template: str, **values: str) -> Said:
        made = str.__new__(cls, one_line(text))
        made.template, made.values = template, values
        return made

    def told(self, translate: Callable[[str], str]) -> str:
        """Return its own words in English, the general ones in other languages."""
        return super().told(translate) if translate(self.template) != self.template else str(self)


def told(text: str, translate: Callable[[str], str]) -> str:
    """Return a text in the words of a window; one that is no phrase is as it is."""
    return text.told(translate) if isinstance(text, Phrase) else text


def either(names: Iterable[str]) -> str:
    """Return "a or b or c"."""
    return reduce(lambda one, other: Phrase("{one} or {other}", one=one, other=other), names)


def several(names: Iterable[str]) -> str:
    """Return "a, b, c"."""
    return reduce(lambda one, other: Phrase("{one}, {other}", one=one, other=other), names)


class InputError(ValueError):
    """Something that was given is not allowed; the text is one line that says what, where and what is allowed."""

    def __init__(self, text: str) -> None:
        super().__init__(one_line(text))
        self.text = text if isinstance(text, Phrase) else one_line(text)
        """What it says; a :class:`Phrase` can be told in other words."""


class FileError(InputError):
    """A file that cannot be read or written, or says something that is not allowed."""


LARGE = "so large a value"
_PLAIN = {"None": "null", "True": "true", "False": "false", "inf": "∞", "-inf": "−∞"}


def one_line(text: str) -> str:
    """Return `text` with what would break the line or rule a terminal written as escapes."""
    return "".join(c if c.isprintable() or c == "\u3000" else repr(c)[1:-1] for c in text)


def quoted(value: object) -> str:
    """Return repr of `value`, truncated to MAX_VALUE_LENGTH characters."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # integers of thousands of digits, tables nested thousands deep
        return LARGE
    return text if len(text) <= MAX_VALUE_LENGTH else text[:MAX_VALUE_LENGTH] + "…"


def counted(count: int, noun: str) -> str:
    """Return "1 row", "2 rows"."""
    return Phrase(f"{{n}} {noun}{'' if count == 1 else 's'}", n=f"{count:,}")


def unknown_name(name: object, known: Iterable[str]) -> str:
    """Return the problem text for a `name` that is not one of `known`, with the nearest of them suggested."""
    known = tuple(known)
    if not known:
        return Phrase("{value} is unknown; there are none here", value=Given(name))
    return Phrase(
        "{value} is not one of {names}{nearest}",
        value=Given(name), names=", ".join(known), nearest=nearest(name, known),
    )  # fmt: skip


def nearest(name: object, known: Iterable[str]) -> str:
    """Return a suggestion of the one of `known` nearest to `name`, "" if none is near."""
    near = difflib.get_close_matches(name[:MAX_VALUE_LENGTH], known, n=1, cutoff=0.5) if isinstance(name, str) else []
    return Phrase("; did you mean {name}?", name=Given(near[0])) if near else ""

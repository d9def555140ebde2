"""What a user asked for and cannot have: errors whose text is one line for the user, never a traceback."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

MAX_VALUE_LENGTH = 80
"""The largest number of characters that an error line repeats of a refused value."""


class InputError(ValueError):
    """Something that was given is not allowed; the text is one line that says what, where and what is allowed."""

    def __init__(self, text: str) -> None:
        super().__init__(one_line(text))


class FileError(InputError):
    """A file that cannot be read or written, or says something that is not allowed."""


def one_line(text: str) -> str:
    """Return `text` with what would break the line or rule a terminal written as escapes."""
    return "".join(c if c.isprintable() or c == "\u3000" else repr(c)[1:-1] for c in text)


def quoted(value: object) -> str:
    """Return repr of `value`, truncated to MAX_VALUE_LENGTH characters."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # integers of thousands of digits, tables nested thousands deep
        return "so large a value"
    return text if len(text) <= MAX_VALUE_LENGTH else text[:MAX_VALUE_LENGTH] + "…"


def counted(count: int, noun: str) -> str:
    """Return "1 row", "2 rows"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def unknown_name(name: object, known: Iterable[str]) -> str:
    """Return the problem text for a `name` that is not one of `known`, with the nearest of them suggested."""
    known = tuple(known)
    return f"{quoted(name)} is not one of {', '.join(known)}{nearest(name, known)}"


def nearest(name: object, known: Iterable[str]) -> str:
    """Return a suggestion of the one of `known` nearest to `name`, "" if none is near."""
    near = difflib.get_close_matches(name[:MAX_VALUE_LENGTH], known, n=1, cutoff=0.5) if isinstance(name, str) else []
    return f"; did you mean {quoted(near[0])}?" if near else ""

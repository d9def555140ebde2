"""What a user asked for and cannot have: errors whose text is one line for the user, never a traceback."""

from __future__ import annotations


class InputError(ValueError):
    """Something that was given is not allowed; the text is one line that says what, where and what is allowed."""

    def __init__(self, text: str) -> None:
        super().__init__(one_line(text))


class FileError(InputError):
    """A file that cannot be read or written, or says something that is not allowed."""


def one_line(text: str) -> str:
    """Return `text` with what would break the line or rule a terminal written as escapes."""
    return "".join(c if c.isprintable() or c == "\u3000" else repr(c)[1:-1] for c in text)

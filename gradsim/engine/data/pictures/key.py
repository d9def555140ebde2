"""Under which name files of pictures carry a text, and how it is unpacked."""

from __future__ import annotations

import zlib

KEY = "gradsim"
"""The key of text chunks, the id of elements, the first word of comments."""


def inflated(content: bytes, most: int) -> bytes:
    """Return what zlib has compressed; ValueError for what is damaged or longer than `most` bytes."""
    try:
        found = zlib.decompressobj().decompress(content, most + 1)
    except zlib.error:
        raise ValueError("it is damaged, for it cannot be decompressed") from None
    return checked(found, most)


def checked(text: bytes, most: int) -> bytes:
    """Return the text; ValueError if it is longer than `most` bytes."""
    if len(text) > most:
        raise ValueError("it is too long")
    return text

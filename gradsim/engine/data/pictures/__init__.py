"""Text that files of pictures carry besides the picture: PNG and APNG, GIF, SVG, PDF, MP4.

Of a file, only what stands before and around the text is read, never more than a bounded number of pieces or
bytes, and never anything but the text is taken from it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from gradsim.engine.data.pictures import gif, mp4, pdf, png, svg

READERS: tuple[tuple[Callable[[bytes], bool], Callable[[BinaryIO, int], str | None]], ...] = (
    (png.begins, png.text_in),
    (gif.begins, gif.text_in),
    (pdf.begins, pdf.text_in),
    (mp4.begins, mp4.text_in),
    (svg.begins, svg.text_in),
)
"""For each format, what tells it by the first bytes of a file, and what returns the text."""

HEAD_BYTES = 1024
"""How many of the first bytes tell the format."""
MOST_BYTES = 2**18
"""The longest text that is read: an experiment, and a small table."""


def is_picture(head: bytes) -> bool:
    """Tell whether a file that begins with these bytes is a picture of a known format."""
    return any(begins(head) for begins, _ in READERS)


def text_in(file: BinaryIO) -> str | None:
    """Return the text that a picture carries, None where there is none; `file` is at its start.

    Raises
    ------
    ValueError
        For a text that is too long or damaged.
    """
    head = file.read(HEAD_BYTES)
    for begins, read in READERS:
        if begins(head):
            file.seek(0)
            try:
                return read(file, MOST_BYTES)
            except UnicodeError:
                raise ValueError("it is damaged, for it is not UTF-8 text") from None
    return None

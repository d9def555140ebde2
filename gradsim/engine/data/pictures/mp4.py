"""MP4 (ISO 14496-12: a file is a row of boxes; what is in a `uuid` box is for those who know its identifier)."""

from __future__ import annotations

import struct
from typing import BinaryIO

from gradsim.engine.data.pictures.key import checked

IDENTIFIER = b"gradsim-exp-toml"
"""The sixteen bytes that tell the box of an experiment."""
MOST_BOXES = 2**12


def begins(head: bytes) -> bool:
    """Tell whether a file that begins so is an MP4."""
    return head[4:8] == b"ftyp"


def box(text: str) -> bytes:
    """Return the box that carries a text; it may stand at the end of a file."""
    content = b"uuid" + IDENTIFIER + text.encode("utf-8")
    return struct.pack(">I", len(content) + 4) + content


def text_in(file: BinaryIO, most: int) -> str | None:
    """Return the text; of the file only the heads of boxes and the text are read."""
    for _ in range(MOST_BOXES):
        start = file.tell()
        head = file.read(8)
        if len(head) < 8:
            return None
        size, kind = struct.unpack(">I4s", head)
        if size == 1:  # the size is too large for four bytes
            (size,) = struct.unpack(">Q", file.read(8).rjust(8, b"\0"))
        if kind == b"uuid" and file.read(16) == IDENTIFIER:
            return checked(file.read(min(max(size - 24, 0), most + 1)), most).decode("utf-8")
        if size < 8:
            return None
        file.seek(start + size)
    return None

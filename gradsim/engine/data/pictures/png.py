"""PNG and APNG (PNG specification, chunks tEXt, zTXt and iTXt)."""

from __future__ import annotations

import struct
from typing import BinaryIO

from gradsim.engine.data.pictures.key import KEY, checked, inflated

SIGNATURE = b"\x89PNG\r\n\x1a\n"
"""The first bytes of every PNG file."""
MOST_CHUNKS = 2**17
_NAME = KEY.encode() + b"\0"


def begins(head: bytes) -> bool:
    """Tell whether a file that begins so is a PNG."""
    return head.startswith(SIGNATURE)


def text_in(file: BinaryIO, most: int) -> str | None:
    """Return the text; of the file only chunk heads and texts are read."""
    file.seek(len(SIGNATURE))
    for _ in range(MOST_CHUNKS):
        head = file.read(8)
        if len(head) < 8 or not head[4:].isalpha():
            return None
        length, kind = struct.unpack(">I4s", head)
        start = file.tell()
        if kind in _READERS and file.read(min(length, len(_NAME))) == _NAME:
            rest = checked(file.read(min(length - len(_NAME), most + 1)), most)
            return _READERS[kind](rest, most) if len(rest) == length - len(_NAME) else None
        file.seek(start + length + 4)
    return None


def _plain(rest: bytes, most: int) -> str:
    return rest.decode("latin-1")


def _compressed(rest: bytes, most: int) -> str:
    return inflated(rest[1:], most).decode("latin-1")


def _international(rest: bytes, most: int) -> str:
    is_compressed, content = rest[:1] == b"\x01", rest[2:].split(b"\0", 2)[-1]
    return (inflated(content, most) if is_compressed else content).decode("utf-8")


_READERS = {b"tEXt": _plain, b"zTXt": _compressed, b"iTXt": _international}

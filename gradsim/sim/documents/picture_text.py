"""Text that a PNG file carries besides its picture (PNG specification, chunks tEXt, zTXt and iTXt)."""

from __future__ import annotations

import struct
import zlib
from typing import BinaryIO

SIGNATURE = b"\x89PNG\r\n\x1a\n"
"""The first bytes of every PNG file."""

KEY = "gradsim"
"""Under which a picture carries its experiment."""


def text_in_png(file: BinaryIO, key: str, most: int) -> str | None:
    """Return the text under `key`, from a file that stands after its signature; None where there is none.

    Of the file only chunk heads and texts are read, of a text `most` bytes.

    Raises
    ------
    ValueError
        For a text that is longer or damaged.
    """
    while len(head := file.read(8)) == 8:
        length, kind = struct.unpack(">I4s", head)
        if kind in _READERS and length <= most:
            name, _, rest = file.read(length).partition(b"\0")
            if name == key.encode():
                return _READERS[kind](rest, most)
            file.seek(4, 1)
        else:
            file.seek(length + 4, 1)
    return None


def _plain(rest: bytes, most: int) -> str:
    return rest.decode("latin-1")


def _compressed(rest: bytes, most: int) -> str:
    return _inflated(rest[1:], most).decode("latin-1")


def _international(rest: bytes, most: int) -> str:
    is_compressed, content = rest[:1] == b"\x01", rest[2:].split(b"\0", 2)[-1]
    return (_inflated(content, most) if is_compressed else content).decode("utf-8")


def _inflated(content: bytes, most: int) -> bytes:
    try:
        found = zlib.decompressobj().decompress(content, most + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if len(found) > most:
        raise ValueError("too long")
    return found


_READERS = {b"tEXt": _plain, b"zTXt": _compressed, b"iTXt": _international}

"""GIF (GIF89a specification, comment extensions)."""

from __future__ import annotations

from typing import BinaryIO

from gradsim.engine.data.pictures.key import KEY, checked

MOST_BLOCKS = 2**17
_EXTENSION, _COMMENT, _FRAME = 0x21, 0xFE, 0x2C


def begins(head: bytes) -> bool:
    """Tell whether a file that begins so is a GIF."""
    return head.startswith((b"GIF87a", b"GIF89a"))


def text_in(file: BinaryIO, most: int) -> str | None:
    """Return the text of the comment that begins with the key on a line of its own."""
    head, blocks = file.read(13), _Blocks(file, MOST_BLOCKS)
    if len(head) < 13:
        return None
    file.seek(_colours(head[10]), 1)
    while blocks.left > 0:
        kind = _byte(file)
        if kind == _EXTENSION:
            is_comment = _byte(file) == _COMMENT
            content = blocks.read(most + len(KEY) + 1 if is_comment else 0)
            if is_comment and content.startswith(KEY.encode() + b"\n"):
                return checked(content[len(KEY) + 1 :], most).decode("utf-8")
        elif kind == _FRAME:
            place = file.read(9)
            file.seek((_colours(place[8]) if len(place) == 9 else 0) + 1, 1)
            blocks.read(0)
        else:
            return None
    return None


def _byte(file: BinaryIO) -> int:
    return next(iter(file.read(1)), -1)


def _colours(flags: int) -> int:
    """Return how many bytes of colours follow."""
    return 3 * 2 ** (flags % 8 + 1) if flags & 0x80 else 0


class _Blocks:
    """Reads runs of blocks of up to 255 bytes; `left` says how many more may be read."""

    def __init__(self, file: BinaryIO, left: int) -> None:
        self._file, self.left = file, left

    def read(self, most: int) -> bytes:
        """Return the content of the blocks up to the empty one, of which `most` bytes and one more are kept."""
        found = b""
        while (size := _byte(self._file)) > 0 and self.left > 0:
            self.left -= 1
            if len(found) <= most:
                found += self._file.read(size)
            else:
                self._file.seek(size, 1)
        self.left -= 1
        return found if most else b""

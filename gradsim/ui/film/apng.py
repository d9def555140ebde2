"""APNG: PNG with further frames (PNG specification, third edition), every pixel as it was painted."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image

from gradsim.engine.data.pictures.key import KEY
from gradsim.engine.data.pictures.png import SIGNATURE
from gradsim.ui.film.format import Format, Pixels, Sheet, changed
from gradsim.ui.film.gif import delays_cs

_COUNT_AT = len(SIGNATURE) + 25
"""Where the number of frames stands in a file."""


class Apng(Format):
    """Animated Portable Network Graphics."""

    ending = ".apng"
    most_fps = 60.0

    def write(self, path: Path, sheet: Sheet) -> Generator[None, Pixels | None, None]:
        with path.open("wb") as file:
            file.write(SIGNATURE + _chunk(b"IHDR", struct.pack(">IIBBBBB", sheet.width, sheet.height, 8, 2, 0, 0, 0)))
            file.write(_count(0, sheet.loops) + _chunk(b"iTXt", KEY.encode() + b"\0\1\0\0\0" + _packed(sheet.text)))
            frames = _Frames(file, sheet)
            held: Pixels | None = None
            while (frame := (yield)) is not None:
                if held is not None:
                    frames.add(held, last=False)
                held = frame
            assert held is not None
            frames.add(held, last=True)
            file.write(_chunk(b"IEND", b""))
            file.seek(_COUNT_AT)
            file.write(_count(frames.written, sheet.loops))
        yield


def _packed(text: str) -> bytes:
    return zlib.compress(text.encode("utf-8"), 9)


def _count(frames: int, loops: bool) -> bytes:
    return _chunk(b"acTL", struct.pack(">II", frames, 0 if loops else 1))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


class _Frames:
    """Writes frames, each as the part that differs from the one before."""

    def __init__(self, file: BinaryIO, sheet: Sheet) -> None:
        self._file, self._fps = file, sheet.fps
        self._before: Pixels | None = None
        self._number = 0
        """Of the next chunk of a frame."""
        self.written = 0

    def add(self, frame: Pixels, last: bool) -> None:
        """Write the next frame; the `last` one stays."""
        left, top, right, bottom = changed(self._before, frame) or (0, 0, 1, 1)
        # The time of the frames up to it, rounded, so that together they take as long as they are to.
        delay = delays_cs(self.written + 2, self._fps)[self.written] if not last else delays_cs(1, self._fps)[0]
        place = struct.pack(">IIIIHHBB", right - left, bottom - top, left, top, delay, 100, 0, 0)
        self._file.write(_chunk(b"fcTL", self._next() + place))
        for content in _compressed(frame[top:bottom, left:right]):
            is_first = self._before is None
            self._file.write(_chunk(b"IDAT", content) if is_first else _chunk(b"fdAT", self._next() + content))
        self._before, self.written = frame, self.written + 1

    def _next(self) -> bytes:
        self._number += 1
        return struct.pack(">I", self._number - 1)


def _compressed(part: Pixels) -> Iterator[bytes]:
    """Yield the contents of the data chunks of a PNG of some pixels."""
    made = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(part)).save(made, "PNG")
    made.seek(len(SIGNATURE))
    while head := made.read(8):
        length, kind = struct.unpack(">I4s", head)
        content = made.read(length)
        made.seek(4, 1)
        if kind == b"IDAT":
            yield content

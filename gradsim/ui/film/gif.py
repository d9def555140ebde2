"""GIF: one palette for the whole film, so that grounds stay as they are, and of each frame only what has changed."""

from __future__ import annotations

import struct
import tempfile
import zlib
from collections.abc import Generator, Iterator
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
from PIL import GifImagePlugin, Image

from gradsim.engine.data.pictures.key import KEY
from gradsim.ui.film.format import Format, Pixels, Sheet, changed
from gradsim.ui.film.palette import Colours
from gradsim.ui.film.plan import HELD_S

_SAME = 255
"""The colour of what is as it was."""


class Gif(Format):
    """Graphics Interchange Format: at most 255 colours, the most frequent ones exactly, without dithering."""

    ending = ".gif"
    most_fps = 50.0

    def write(self, path: Path, sheet: Sheet) -> Generator[None, Pixels | None, None]:
        colours = Colours()
        with tempfile.TemporaryFile(dir=path.parent) as kept:  # the palette is known after the last frame only
            count = 0
            while (frame := (yield)) is not None:
                colours.count(frame)
                packed = zlib.compress(frame.tobytes(), 1)
                kept.write(struct.pack(">I", len(packed)) + packed)
                count += 1
            kept.seek(0)
            palette, index_of = colours.palette(_SAME)
            with path.open("wb") as file:
                file.write(_head(sheet, palette))
                delays = delays_cs(count, sheet.fps)
                before: npt.NDArray[np.uint8] | None = None
                for frame, delay in zip(_frames(kept, sheet), delays, strict=True):
                    now = index_of(frame)
                    file.writelines(_frame(before, now, delay))
                    before = now
                file.write(b";")
        yield


def _frames(kept: BinaryIO, sheet: Sheet) -> Iterator[Pixels]:
    while head := kept.read(4):
        content = zlib.decompress(kept.read(struct.unpack(">I", head)[0]))
        yield np.frombuffer(content, np.uint8).reshape(sheet.height, sheet.width, 3)


def delays_cs(frames: int, fps: float) -> list[int]:
    """Return how many hundredths of a second each frame stays: together as long as they are to take."""
    ends = [round(100 * i / fps) for i in range(frames + 1)]
    found = [after - before for before, after in pairwise(ends)]
    found[-1] = max(found[-1], round(100 * HELD_S))
    return found


def _head(sheet: Sheet, palette: bytes) -> bytes:
    """Return what stands before the frames: size, colours, whether it loops, and the text as a comment."""
    text = KEY.encode() + b"\n" + sheet.text.encode("utf-8")
    blocks = b"".join(bytes([len(part)]) + part for part in (text[i : i + 255] for i in range(0, len(text), 255)))
    loops = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0" if sheet.loops else b""
    screen = struct.pack("<HHBBB", sheet.width, sheet.height, 0xF7, 0, 0)
    return b"GIF89a" + screen + palette + loops + b"\x21\xfe" + blocks + b"\0"


def _frame(before: npt.NDArray[np.uint8] | None, now: npt.NDArray[np.uint8], delay: int) -> list[bytes]:
    left, top, right, bottom = changed(before, now) or (0, 0, 1, 1)  # a frame that shows nothing new takes its time
    part = now[top:bottom, left:right]
    if before is not None:
        part = np.where(part == before[top:bottom, left:right], _SAME, part).astype(np.uint8)
    image = Image.fromarray(np.ascontiguousarray(part))
    return GifImagePlugin.getdata(image, (left, top), duration=10 * delay, transparency=_SAME, disposal=1)

"""Experiments are read from the pictures that carry them, and nothing else is taken for one."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest

from gradsim.cli import BAD_INPUT, DONE, main
from gradsim.sim.documents.document import read
from gradsim.sim.documents.picture_text import KEY, SIGNATURE, text_in_png

TEXT = 'steps = 7\n[[runs]]\nlabel = "Ä"\n'


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


CHUNKS = {
    "tEXt": chunk(b"tEXt", b"gradsim\0" + TEXT.encode("latin-1")),
    "zTXt": chunk(b"zTXt", b"gradsim\0\0" + zlib.compress(TEXT.encode("latin-1"))),
    "iTXt": chunk(b"iTXt", b"gradsim\0\0\0en\0gradsim\0" + TEXT.encode()),
    "iTXt, compressed": chunk(b"iTXt", b"gradsim\0\1\0\0\0" + zlib.compress(TEXT.encode())),
}
BEFORE = chunk(b"IHDR", bytes(13)) + chunk(b"tEXt", b"gradsim-step\x001") + chunk(b"IDAT", bytes(70_000))


@pytest.mark.parametrize("kind", CHUNKS)
def test_it_is_found_whatever_way_it_is_written(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(SIGNATURE + BEFORE + CHUNKS[kind] + chunk(b"IEND", b""))
    assert read(path).experiment.steps == 7
    assert read(path).experiment.runs[0].label == "Ä"
    assert main(["check", str(path)]) == DONE


BOMB = chunk(b"zTXt", b"gradsim\0\0" + zlib.compress(bytes(10**7)))
BAD = {
    "another picture": (BEFORE, "a picture without an experiment"),
    "cut off": (BEFORE + CHUNKS["tEXt"][:6], "a picture without an experiment"),
    "not compressed": (chunk(b"zTXt", b"gradsim\0\0abc"), "cannot be read"),
    "too long": (BOMB, "too long"),
    "no experiment": (chunk(b"tEXt", b"gradsim\0steps = 0"), "steps"),
}


@pytest.mark.parametrize("case", BAD)
def test_other_pictures_are_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    path = tmp_path / "a.png"
    content, problem = BAD[case]
    path.write_bytes(SIGNATURE + content)
    assert main(["check", str(path)]) == BAD_INPUT
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"gradsim: {path}: ")
    assert problem in line


def test_a_length_that_is_a_lie_reads_no_more_than_there_is() -> None:
    file = io.BytesIO(struct.pack(">I4s", 2**31, b"tEXt") + b"gradsim\0abc")
    assert text_in_png(file, KEY, 2**16) is None

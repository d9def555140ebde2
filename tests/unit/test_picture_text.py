"""Experiments are read from the pictures that carry them, and nothing else is taken for one."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import BinaryIO

import pytest

from gradsim.cli import BAD_INPUT, DONE, main
from gradsim.engine.data.pictures import MOST_BYTES, mp4, text_in
from gradsim.engine.data.pictures.carried import Carried, CarriedTable, packed, unpacked
from gradsim.engine.data.pictures.png import SIGNATURE
from gradsim.schema.errors import FileError
from gradsim.sim.documents.document import Document, parse, read, resolved_in
from gradsim.sim.documents.picture_text import packed_text
from gradsim.sim.documents.results import run
from gradsim.sim.kinds import kind_of

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
    file = io.BytesIO(SIGNATURE + struct.pack(">I4s", 2**31, b"tEXt") + b"gradsim\0abc")
    assert text_in(file) is None


# Every format, each written here by its specification


def png(text: str) -> bytes:
    return SIGNATURE + BEFORE + chunk(b"iTXt", b"gradsim\0\0\0\0\0" + text.encode()) + chunk(b"IEND", b"")


def gif(text: str) -> bytes:
    content = b"gradsim\n" + text.encode()
    blocks = b"".join(bytes([len(part)]) + part for part in pieces(content)) + b"\0"
    frame = b"\x2c" + bytes(8) + b"\x80" + bytes(6) + b"\x02\x02\x4c\x01\0"
    other = b"\x21\xfe\x03abc\0"
    return b"GIF89a" + bytes(4) + b"\x80\0\0" + bytes(6) + other + frame + b"\x21\xfe" + blocks + b";"


def pieces(content: bytes) -> list[bytes]:
    return [content[i : i + 255] for i in range(0, len(content), 255)]


def svg(text: str) -> bytes:
    carried = f'<metadata id="gradsim">{escape(text)}</metadata>'
    return f'<?xml version="1.0"?>\n<svg><metadata>x</metadata>{carried}<path/></svg>'.encode()


def svg_literal(text: str) -> bytes:
    return f"<svg>\n<metadata\n  id = 'gradsim' >\n<![CDATA[{text}]]>\n</metadata></svg>".encode()


def pdf(text: str) -> bytes:
    stream = zlib.compress(text.encode())
    name = b"(experiment.toml)"
    return (
        b"%PDF-1.4\n12 0 obj\n<<>>\nendobj\n2 0 obj\n<<\n/Filter /FlateDecode\n/Length 3 0 R\n>>\nstream\n"
        + stream
        + b"\nendstream\nendobj\n4 0 obj\n<<\n/F "
        + name
        + b"\n/EF <</F 2 0 R>>\n/Type/Filespec\n>>\nendobj\n"
    )


def pdf_as_it_is(text: str) -> bytes:
    return pdf(text).replace(b"/Filter /FlateDecode\n", b"").replace(zlib.compress(text.encode()), text.encode())


def film(text: str) -> bytes:
    large = struct.pack(">I4sQ", 1, b"mdat", 20) + bytes(4)
    return struct.pack(">I4s", 16, b"ftyp") + bytes(8) + large + mp4.box(text)


FORMATS: dict[str, Callable[[str], bytes]] = {
    "png": png, "gif": gif, "svg": svg, "svg, literal": svg_literal, "pdf": pdf, "pdf, as it is": pdf_as_it_is,
    "mp4": film,
}  # fmt: skip


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_gives_the_text_back(kind: str) -> None:
    text = packed(Carried('steps = 7\nlabel = "<Ä & ]>"\n' + "x = 1  # long\n" * 500, 3, "1.0"))
    assert unpacked(text_in(io.BytesIO(FORMATS[kind](text))) or "") == unpacked(text)
    assert unpacked(text).step == 3


@pytest.mark.parametrize("kind", FORMATS)
def test_a_text_that_is_too_long_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match="too long"):
        text_in(io.BytesIO(FORMATS[kind]("x" * (2 * MOST_BYTES + 1))))


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_that_ends_anywhere_is_refused_or_whole(tmp_path: Path, kind: str) -> None:
    whole = FORMATS[kind](packed(Carried(TEXT, 3, "1.0")))
    path = tmp_path / "a"
    for end in range(12, len(whole), 7):
        path.write_bytes(whole[:end])
        with suppress(FileError):
            assert read(path).experiment.steps == 7


@pytest.mark.parametrize("head", [SIGNATURE, b"GIF89a", b"%PDF-1.4\n", b"<svg>", bytes(4) + b"ftyp"])
def test_a_huge_file_is_not_read_whole(tmp_path: Path, head: bytes) -> None:
    path = tmp_path / "a.png"
    with path.open("wb") as file:
        file.write(head)
        file.truncate(2**33)
    with path.open("rb") as opened:
        counting = _Watched(opened)
        assert text_in(counting) is None  # type: ignore[arg-type]
    assert counting.taken <= 40 * 2**20
    assert counting.reads < 10_000


class _Watched:
    """A file, and how much was read of it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.taken, self.reads = file, 0, 0
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int) -> bytes:
        found = self._file.read(size)
        self.taken, self.reads = self.taken + len(found), self.reads + 1
        return found


# What was changed since


def test_a_text_that_was_changed_is_refused(tmp_path: Path) -> None:
    text = packed(Carried(TEXT, 3, "1.0"))
    path = tmp_path / "a.png"
    for old, new in (("steps = 7", "steps = 8"), ("step = 3", "step = 4"), ("[picture]\n", "[picture]\nx = 1\n")):
        assert old in text
        path.write_bytes(png(text.replace(old, new)))
        with pytest.raises(FileError, match="has been changed since it was written"):
            read(path)


@pytest.mark.parametrize(
    ("about", "part"),
    [
        ({"step": 8}, "beyond the last step, 7"),
        ({"table": CarriedTable("../a.csv", 1, "")}, "table '../a.csv'"),
        ({"table": CarriedTable("a.csv", 1, "", b"abc")}, "its table is another one"),
    ],
)
def test_what_cannot_be_is_refused_even_where_the_checksum_fits(
    tmp_path: Path, about: dict[str, object], part: str
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png(packed(replace(Carried(TEXT, 3, "1.0"), **about))))  # type: ignore[arg-type]
    with pytest.raises(FileError, match=part):
        read(path)


# Tables

WITH_TABLE = """
steps = 20
data = { name = "csv", path = "mine.csv" }
[[runs]]
hidden = [4]
batch_size = 8
"""
ROWS = "u,v,class\n" + "".join(f"{i % 7},{i % 5},{'ab'[i % 3 == 0]}\n" for i in range(40))


@pytest.fixture
def about_a_table(tmp_path: Path) -> Document:
    folder = tmp_path / "there"
    folder.mkdir()
    (folder / "mine.csv").write_text(ROWS, newline="\r\n")
    return resolved_in(folder, parse(WITH_TABLE, "mine"))


def file_of(document: Document) -> Path | None:
    return kind_of(document.experiment).data_file(document.experiment)


def carrying(document: Document, path: Path, with_table: str = "auto") -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(png(packed_text(document, 13, path.parent, with_table)))  # type: ignore[arg-type]
    return path


def test_a_picture_brings_its_table_to_another_place(about_a_table: Document, tmp_path: Path) -> None:
    path = carrying(about_a_table, tmp_path / "here" / "a.png")
    (tmp_path / "there" / "mine.csv").unlink()
    found = read(path)
    assert found.step == 13
    assert str(file_of(found)) == str(path / "mine.csv")
    # Another picture made of it brings the table along.
    again = carrying(found, tmp_path / "further" / "b.png")
    path.unlink()
    (_, one), there = run(read(again)), tmp_path / "there" / "mine.csv"
    there.write_text(ROWS, newline="\r\n")
    _, other = run(about_a_table)
    assert (one.until(20).replicas(0, "loss") == other.until(20).replicas(0, "loss")).all()
    assert [each.name for each in (tmp_path / "further").iterdir()] == ["b.png"]


def test_the_table_in_its_place_or_beside_the_picture_is_taken_if_it_is_the_same(
    about_a_table: Document, tmp_path: Path
) -> None:
    path = carrying(about_a_table, tmp_path / "here" / "a.png")
    there, beside = tmp_path / "there" / "mine.csv", tmp_path / "here" / "mine.csv"
    assert read(path).experiment == about_a_table.experiment
    there.rename(beside)
    assert str(file_of(read(path))) == str(beside)
    beside.write_text(ROWS.replace("6,", "5,"))
    assert str(file_of(read(path))) == str(path / "mine.csv")


def test_without_its_table_a_picture_says_what_is_missing(
    about_a_table: Document, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = carrying(about_a_table, tmp_path / "here" / "a.png", "no")
    assert read(path).experiment == about_a_table.experiment
    (tmp_path / "there" / "mine.csv").write_text(ROWS)
    for command in ("run", "check"):
        assert main([command, str(path)]) == BAD_INPUT
        (line,) = capsys.readouterr().err.splitlines()
        assert "it is of the table 'mine.csv' of " in line
        assert "neither here nor in the picture" in line


def test_only_small_tables_are_carried(about_a_table: Document, tmp_path: Path) -> None:
    table = tmp_path / "there" / "mine.csv"
    for rows, by_itself, asked in ((1, True, True), (80, False, True), (320, False, False)):
        table.write_text(ROWS + ROWS.partition("\n")[2] * rows)
        text = packed_text(about_a_table, 0, tmp_path)
        assert (unpacked(text).table or CarriedTable("", 0, "")).size == table.stat().st_size
        assert ("table_content" in text) == by_itself
        if asked:
            assert "table_content" in packed_text(about_a_table, 0, tmp_path, "yes")
        else:
            with pytest.raises(FileError, match="at most 65,536"):
                packed_text(about_a_table, 0, tmp_path, "yes")


def test_no_picture_stands_for_a_table_that_it_does_not_carry(about_a_table: Document, tmp_path: Path) -> None:
    path = carrying(about_a_table, tmp_path / "here" / "a.png", "no")
    (tmp_path / "here" / "b.toml").write_text(WITH_TABLE.replace("mine.csv", f"{path.name}/mine.csv"))
    assert main(["run", str(tmp_path / "here" / "b.toml")]) == BAD_INPUT

"""From the bytes of a file to the text of a table."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import NamedTuple

from gradsim.engine.data.pictures.inside import file_of, read_bytes
from gradsim.engine.data.tables.report import TableError
from gradsim.schema.errors import Phrase
from gradsim.schema.ordinary import why

MAX_BYTES = 20 * 10**6

ENCODINGS = {"utf-8": "utf-8-sig", "utf-16": "utf-16", "windows-1252": "windows-1252", "gb18030": "gb18030"}
"""What files call an encoding, and Python."""

_OTHERS = {
    b"PK\x03\x04": "is a spreadsheet or another zip file, not text; save the table as CSV",
    b"\xd0\xcf\x11\xe0": "is a spreadsheet, not text; save the table as CSV",
    b"\x1f\x8b": "is compressed, not text; unpack it first",
    b"%PDF": "is a PDF, not text; save the table as CSV",
    b"\x89PNG": "is a picture, not text",
    b"PAR1": "is a Parquet file, not text; save the table as CSV",
}
_MARKUP = {
    r"(?i)<(!|\?|html|table|svg|xml)": "is a web page or XML, not a table of separated values; save the table as CSV",
    r'(\[\s*)?\{\s*"': "is JSON, not a table of separated values; save the table as CSV",
}
_BINARY = re.compile(b"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


class Decoded(NamedTuple):
    """The text of a file, and the encoding it is in; `guessed` where nothing in the file says so."""

    text: str
    encoding: str
    guessed: bool = False


def bad(path: str, problem: str, line: int = 0, place: int = 0) -> TableError:
    """Return the error of a table: where, and what is wrong."""
    if line:
        said = Phrase("{path}, line {n}: {problem}", path=path, n=f"{line:,}", problem=problem)
    else:
        said = Phrase("{path}: {problem}", path=path, problem=problem)
    return TableError("path", said, line, place)


def unreadable(error: OSError) -> str:
    """Return why a file cannot be read."""
    return Phrase("cannot be read: {why}", why=why(error))


def read_text(path: str, encoding: str) -> Decoded:
    """Return the text of a file.

    Parameters
    ----------
    path
        The file; at most MAX_BYTES of it are read.
    encoding
        A key of ENCODINGS; "auto": what a mark at its start says, UTF-8 if it is that, else a guess.

    Raises
    ------
    TableError
        For a file that cannot be read, is too large, is no text, or is not in this encoding.
    """
    content = _content(path)
    for magic, problem in _OTHERS.items():
        if content.startswith(magic):
            raise bad(path, Phrase(problem))
    decoded = _guessed(path, content) if encoding == "auto" else _decoded(path, content, encoding)
    start = decoded.text[:1000].lstrip()
    for pattern, problem in _MARKUP.items():
        if re.match(pattern, start):
            raise bad(path, Phrase(problem))
    return decoded


def _content(path: str) -> bytes:
    try:
        content = read_bytes(Path(path), MAX_BYTES + 1)
        size = file_of(Path(path)).stat().st_size
    except OSError as error:
        raise bad(path, unreadable(error)) from None
    if len(content) > MAX_BYTES:
        raise bad(
            path, Phrase("has {size} bytes; at most {most} are allowed", size=f"{size:,}", most=f"{MAX_BYTES:,}")
        )
    return content


def _decoded(path: str, content: bytes, encoding: str, guessed: bool = False) -> Decoded:
    codec = _utf_16(content) or "utf-16-le" if encoding == "utf-16" else ENCODINGS[encoding]
    try:
        return Decoded(content.decode(codec).removeprefix("\ufeff"), encoding, guessed)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        template = "is not {encoding} text; set its encoding, or save the table as UTF-8"
        raise bad(path, Phrase(template, encoding=encoding.upper()), line) from None


def _guessed(path: str, content: bytes) -> Decoded:
    """Return the text in the encoding that a mark says, or that its bytes allow."""
    if _utf_16(content):
        return _decoded(path, content, "utf-16", guessed=not content.startswith(_MARKS))
    try:
        return _decoded(path, content, "utf-8")
    except TableError:
        if _BINARY.search(content) or _is_damaged(content):
            raise
        return _decoded(path, content, "gb18030" if _looks_chinese(content) else "windows-1252", guessed=True)


_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def _utf_16(content: bytes) -> str:
    """Return the codec of UTF-16: by its mark, or as every other byte of Western text is 0; "" if it is none."""
    if content.startswith(_MARKS):
        return "utf-16"
    start = content[:1000]
    for codec, first in (("utf-16-le", 1), ("utf-16-be", 0)):
        if (
            len(start) >= 4
            and start[first::2].count(0) > 0.8 * len(start[first::2])
            and 0 not in start[1 - first :: 2]
        ):
            return codec
    return ""


def _is_damaged(content: bytes) -> bool:
    """Tell whether bytes are UTF-8 but for few of them."""
    text = content.decode("utf-8", "replace")
    beyond = sum(not letter.isascii() for letter in text)
    return beyond > 2 * text.count("\ufffd")


def _looks_chinese(content: bytes) -> bool:
    """Tell whether all bytes beyond ASCII stand in pairs, as in GB 18030, most of them frequent characters.

    In Windows-1252 they are single letters with accents, mostly between others.
    """
    runs = re.findall(b"[\x80-\xff]+", content[:100_000])
    if any(len(run) % 2 for run in runs):
        return False
    first = b"".join(run[::2] for run in runs)
    return sum(0xA1 <= byte <= 0xA3 or 0xB0 <= byte <= 0xD7 for byte in first) > 0.7 * len(first)

"""PDF: the attached file `experiment.toml` (ISO 32000-1, 7.11.4), as Qt writes it."""

from __future__ import annotations

import re
from typing import BinaryIO

from gradsim.engine.data.pictures.key import checked, inflated

NAME = "experiment.toml"
"""What the attached file is called."""
MOST_READ = 32 * 2**20
"""How much of a file is looked through."""
_NAMES = b"|".join(map(re.escape, (NAME.encode(), b"\xfe\xff" + NAME.encode("utf-16-be"))))
_ATTACHED = re.compile(rb"/U?F\s*\((?:%s)\)[^<>]{0,999}/EF\s*<<[^<>]{0,99}?/F\s+(\d{1,9})\s+0\s+R" % _NAMES)
_STREAM = rb"\b%s\s+0\s+obj\s*(<<[^>]{0,999}>>)\s*stream\r?\n"


def begins(head: bytes) -> bool:
    """Tell whether a file that begins so is a PDF."""
    return head.startswith(b"%PDF-")


def text_in(file: BinaryIO, most: int) -> str | None:
    """Return the text of the attached file."""
    content = file.read(MOST_READ)
    attached = _ATTACHED.search(content)
    stream = re.search(_STREAM % attached[1], content) if attached else None
    if stream is None:
        return None
    if b"/FlateDecode" in stream[1]:
        return inflated(content[stream.end() : stream.end() + most], most).decode("utf-8")
    end = content.find(b"endstream", stream.end())
    return checked(content[stream.end() : max(end, stream.end())].strip(b"\r\n"), most).decode("utf-8")

"""SVG: the element `<metadata id="gradsim">`, found without parsing what else there is."""

from __future__ import annotations

import re
from html import unescape
from typing import BinaryIO

from gradsim.engine.data.pictures.key import KEY, checked

MOST_READ = 32 * 2**20
"""How much of a file is looked through."""
_OPENING = re.compile(rb"<metadata\b[^<>]{0,999}?\bid\s*=\s*[\"']%s[\"'][^<>]{0,999}>" % KEY.encode())
_CLOSING = b"</metadata"
_CDATA = re.compile(r"<!\[CDATA\[(.*)\]\]>", re.DOTALL)


def begins(head: bytes) -> bool:
    """Tell whether a file that begins so is an SVG, or another kind of XML."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")


def text_in(file: BinaryIO, most: int) -> str | None:
    """Return the text of the element."""
    content = file.read(MOST_READ)
    opening = _OPENING.search(content)
    end = content.find(_CLOSING, opening.end()) if opening else -1
    if opening is None or end < 0:
        return None
    text = checked(content[opening.end() : end], 2 * most).decode("utf-8").strip()
    literal = _CDATA.fullmatch(text)
    found = literal[1] if literal else unescape(text)
    checked(found.encode("utf-8"), most)
    return found

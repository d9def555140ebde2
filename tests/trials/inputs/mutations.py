"""Damage that is done to bytes and to text, at random, the same way for the same seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

NASTY = (
    "nan", "inf", "-inf", "1e400", "-1e400", "1e-400", "-0.0", "0", "-1", "1e308", "5e-324", "9" * 400,
    "0x" + "f" * 300,
    "1e", "1.", ".5", "1_000", "true", "false", '""', '"\\u0000"', '"' + "a" * 3000 + '"', "[]", "[[]]", "[[[1]]]",
    "{}",
    "{ name = 3 }", "[1, 2, 3, 4, 5]", "[nan, inf]", "'''x'''", "1979-05-27T07:32:00Z", "07:32:00", "\\", "\x00",
    "\x1b[31m",
    "\u202e", "\ufeff", "\u2028", "\U0001f600", "全部", "½", "３", "−1", "1,5", "…", "{", "}", "[",
    "]", '"', "'", "#",
    "=",
    ".", ",", "\n", "\r", "\t", "", "[lesson]", "[[runs]]", "[common]", "kind = \"race\"", "kind = \"train\"",
    "a.b.c = 1",
    "(" * 200, "[" * 300, "{a=" * 100, "../../etc/passwd", "/dev/zero", "con", "x" * 300,
)  # fmt: skip
"""What is put in the place of something."""
MOST_BYTES = 200_000
Rng = random.Random


def mutated(content: bytes, chance: Rng, times: int = 4) -> bytes:
    """Return the content with one to `times` pieces of damage, most often one or two."""
    for _ in range(min(chance.randint(1, times), chance.randint(1, times))):
        content = chance.choice(_WAYS)(content, chance)[:MOST_BYTES]
    return content


def _flipped(content: bytes, chance: Rng) -> bytes:
    found = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 8, 64))):
        if found:
            found[chance.randrange(len(found))] = chance.choice((0, 255, 10, 13, 34, chance.randrange(256)))
    return bytes(found)


def _cut(content: bytes, chance: Rng) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def _without_part(content: bytes, chance: Rng) -> bytes:
    first, last = _span(content, chance)
    return content[:first] + content[last:]


def _repeated_part(content: bytes, chance: Rng) -> bytes:
    first, last = _span(content, chance)
    return content[:last] + content[first:last] * chance.choice((1, 1, 2, 50)) + content[last:]


def _inserted(content: bytes, chance: Rng) -> bytes:
    at = chance.randrange(len(content) + 1)
    piece = (
        chance.choice(NASTY).encode() if chance.random() < 0.6 else chance.randbytes(chance.choice((1, 2, 8, 100)))
    )
    return content[:at] + piece + content[at:]


def _recoded(content: bytes, chance: Rng) -> bytes:
    text = content.decode("utf-8", errors="replace")
    name = chance.choice(("utf-16", "utf-16-le", "utf-32", "utf-8-sig", "gb18030", "latin-1", "cp1252", "shift_jis"))
    return text.encode(name, errors="replace")


def _with_other_lines(content: bytes, chance: Rng) -> bytes:
    lines = content.splitlines(keepends=True)
    if len(lines) > 1:
        way = chance.randrange(4)
        i, j = chance.randrange(len(lines)), chance.randrange(len(lines))
        if way == 0:
            del lines[i]
        elif way == 1:
            lines.insert(j, lines[i])
        elif way == 2:
            lines[i], lines[j] = lines[j], lines[i]
        else:
            lines[i] = lines[i].replace(b"\n", chance.choice((b"\r", b"\r\n", b"\x0b", b"\xe2\x80\xa8", b"")))
    return b"".join(lines)


def _with_other_word(content: bytes, chance: Rng) -> bytes:
    """Return it with a word, number or sign in place of another."""
    text = content.decode("utf-8", errors="surrogateescape")
    spans = words_in(text)
    if not spans:
        return content
    first, last = chance.choice(spans)
    a, b = chance.choice(spans)
    other = chance.choice(NASTY) if chance.random() < 0.6 else text[a:b]
    return (text[:first] + other + text[last:]).encode("utf-8", errors="surrogateescape")


def words_in(text: str) -> list[tuple[int, int]]:
    """Return where words and numbers begin and end."""
    spans, first = [], None
    for i, letter in enumerate(text + " "):
        is_inside = letter.isalnum() or letter in "_.+-"
        if is_inside and first is None:
            first = i
        elif not is_inside and first is not None:
            spans.append((first, i))
            first = None
    return spans


def _span(content: bytes, chance: Rng) -> tuple[int, int]:
    first = chance.randrange(len(content) + 1)
    return first, min(len(content), first + chance.choice((1, 2, 4, 16, 100, 1000)))


_WAYS: Sequence[Callable[[bytes, Rng], bytes]] = (
    _flipped, _cut, _without_part, _repeated_part, _inserted, _recoded, _with_other_lines, _with_other_lines,
    _with_other_word, _with_other_word, _with_other_word, _with_other_word,
)  # fmt: skip


def smaller(content: bytes) -> Sequence[bytes]:
    """Return the content without each of its halves, quarters, and so on, those that lack most first."""
    found: list[bytes] = []
    size = len(content) // 2
    while size >= 1 and len(found) < 400:
        found += [content[:first] + content[first + size :] for first in range(0, len(content), size)]
        size //= 2
    return found

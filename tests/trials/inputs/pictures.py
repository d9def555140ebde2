"""Pictures that carry an experiment: made once, then damaged."""

from __future__ import annotations

import random
import struct
import tempfile
import zlib
from functools import cache
from pathlib import Path

from gradsim.engine.data.pictures import mp4, png
from gradsim.engine.data.pictures.carried import Carried, packed
from gradsim.sim.documents.document import parse, read
from gradsim.ui.export import Picture, export
from gradsim.ui.film.make import export_film
from gradsim.ui.film.plan import Plan
from tests.trials.inputs.mutations import MOST_BYTES, mutated

SMALL = 'kind = "race"\nsteps = 3\nsurface = "booth"\n[[runs]]\nlabel = "A"\n'
TABLE = "a,b,k\n" + "".join(f"{i},{i * i % 7},{'yes' if i % 3 else 'no'}\n" for i in range(20))
ON_TABLE = 'steps = 2\nreplicas = 1\ndata = { name = "csv", path = "t.csv" }\n[[runs]]\nbatch_size = "all"\n'


@cache
def pictures() -> dict[str, bytes]:
    """Return a picture in each format, and one that carries its table, by the endings of their files."""
    found: dict[str, bytes] = {}
    small = Picture("light", "en", (160, 120), 1.0, None, {})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "t.csv").write_text(TABLE)
        for ending in (".png", ".svg", ".pdf"):
            export(parse(SMALL, "small"), folder / f"p{ending}", 2, small)
            export(parse(ON_TABLE, "small", folder), folder / f"t{ending}", 1, small)
        for ending in (".gif", ".apng"):
            export_film(parse(SMALL, "small"), folder / f"p{ending}", Plan(0, 2, frames=2), small, lambda *_: None)
        for path in sorted(folder.glob("*.*")):
            if path.suffix != ".csv":
                found[path.name] = path.read_bytes()
    head = struct.pack(">I4s4sI", 16, b"ftyp", b"isom", 0)
    found["p.mp4"] = head + struct.pack(">I4s", 8, b"free") + mp4.box(packed(Carried(SMALL, 2)))
    return found


def damaged_picture(chance: random.Random) -> bytes:
    """Return the name of a picture and the picture, damaged most often: anywhere, in its text, or in its chunks."""
    name = chance.choice(list(pictures()))
    content, way = pictures()[name], chance.random()
    if way < 0.4 and content.startswith(png.SIGNATURE):
        content = _with_other_chunks(content, chance)
    elif way < 0.6:
        content = _with_other_text(content, chance)
    elif way < 0.97:
        content = mutated(content, chance)
    return name.encode() + b"\n" + content


def _with_other_chunks(content: bytes, chance: random.Random) -> bytes:
    """Return a PNG with chunks left out, moved, repeated, damaged, of other types or lengths; sums mostly right."""
    chunks = list(_chunks(content))
    for _ in range(chance.choice((1, 1, 2, 3))):
        i, way = chance.randrange(len(chunks)), chance.randrange(6)
        kind, data = chunks[i]
        if way == 0 and len(chunks) > 1:
            del chunks[i]
        elif way == 1:
            chunks.insert(chance.randrange(len(chunks) + 1), chunks[i])
        elif way == 2:
            chunks[i] = (chance.choice((b"tEXt", b"zTXt", b"iTXt", b"IHDR", b"IEND", b"\0\0\0\0", b"acTL")), data)
        elif way == 3:
            chunks[i] = kind, mutated(data, chance)
        elif way == 4:
            text = zlib.compress(chance.choice((b"\0" * 10**7, SMALL.encode(), b"\xff\xfe", b"")))
            chunks.insert(1, (b"zTXt", b"gradsim\0\0" + text))
        else:
            chunks.insert(
                1, (b"iTXt", b"gradsim\0" + chance.choice((b"\1\0\0\0", b"\0\0\0\0", b"\1\1", b"\0")) + data)
            )
    wrong = chance.random() < 0.2
    made = [struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d) ^ wrong) for k, d in chunks]
    found = png.SIGNATURE + b"".join(made)
    if chance.random() < 0.1:  # a length that lies
        at = found.find(chunks[chance.randrange(len(chunks))][0]) - 4
        found = found[:at] + struct.pack(">I", chance.choice((0, 1, 2**31 - 1, 2**32 - 1))) + found[at + 4 :]
    return found[:MOST_BYTES]


def _chunks(content: bytes) -> list[tuple[bytes, bytes]]:
    found, at = [], len(png.SIGNATURE)
    while at + 8 <= len(content):
        (length,) = struct.unpack(">I", content[at : at + 4])
        found.append((content[at + 4 : at + 8], content[at + 8 : at + 8 + length]))
        at += 12 + length
    return found


def _with_other_text(content: bytes, chance: random.Random) -> bytes:
    """Return a picture with something else in its text, as somebody would who changes it by hand."""
    places = [
        at for word in (b"steps", b"booth", b"race", b"sha256", b"table", b"gradsim") for at in _found(content, word)
    ]
    if not places:
        return mutated(content, chance)
    at = chance.choice(places)
    return content[:at] + mutated(content[at : at + 40], chance) + content[at + 40 :]


def _found(content: bytes, word: bytes) -> list[int]:
    at = content.find(word)
    return [at] if at >= 0 else []


def use_picture(content: bytes, folder: Path) -> None:
    """Open it, as a file of its own name."""
    name, _, picture = content.partition(b"\n")
    path = folder / ("picture" + Path(name.decode("latin-1")).suffix[:5].replace("\0", ""))
    path.write_bytes(picture)
    read(path)

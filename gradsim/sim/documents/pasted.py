"""Tables that were pasted: kept as files, so that an experiment on one can be saved and opened again."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from pathlib import Path

from gradsim.engine.data.tables.text import MAX_BYTES
from gradsim.schema.errors import FileError, Phrase
from gradsim.schema.ordinary import why
from gradsim.sim.documents.files import in_file, write_bytes

MOST_KEPT = 10 * MAX_BYTES
"""How many bytes all pasted tables may have together."""


def folder() -> Path:
    """Return where pasted tables are kept, in the platform's place for the data of programs."""
    import platformdirs

    return Path(platformdirs.user_data_dir("gradsim", appauthor=False)) / "tables"


def is_table_text(text: str) -> bool:
    """Tell whether a text looks like rows of cells: several lines, with something that separates cells."""
    lines = [line for line in text.splitlines() if line.strip()]
    return len(lines) > 1 and any(mark in lines[0] for mark in "\t;,")


def keep(text: str) -> tuple[Path, bool]:
    """Write the text of a table into a file; return it, and whether it is new: the same text has the same file.

    Raises
    ------
    FileError
        For a text that is too large, or where nothing can be written.
    """
    content = "\n".join(text.splitlines()).encode("utf-8", errors="replace") + b"\n"
    size, most = f"{len(content):,}", f"{MAX_BYTES:,}"
    if len(content) > MAX_BYTES:
        what = "the text on the clipboard has {size} bytes; at most {most} are allowed"
        raise FileError(Phrase(what, size=size, most=most))
    place, digest = folder(), sha256(content).hexdigest()[:8]
    for path in sorted(place.glob(f"*-{digest}.*")):
        if path.is_file() and path.read_bytes() == content:
            return path, False
    kept = sum(path.stat().st_size for path in place.glob("*") if path.is_file())
    if kept + len(content) > MOST_KEPT:
        what = "{folder}: the pasted tables there have {size} bytes; delete some, for at most {most} are kept"
        raise FileError(Phrase(what, folder=str(place), size=f"{kept:,}", most=f"{MOST_KEPT:,}"))
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(in_file(place, Phrase("cannot be made: {why}", why=why(error)))) from None
    ending = ".tsv" if "\t" in text.split("\n", 1)[0] else ".csv"
    path = place / f"pasted-{date.today().isoformat()}-{digest}{ending}"
    write_bytes(path, content)
    return path, True

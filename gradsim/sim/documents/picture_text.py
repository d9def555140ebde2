"""The text by which a picture is its own source: experiment, step, version and table."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from gradsim import __version__
from gradsim.engine.data.pictures.carried import MOST_TABLE_BYTES, Carried, CarriedTable, packed
from gradsim.engine.data.pictures.inside import read_bytes
from gradsim.engine.data.pictures.key import KEY
from gradsim.engine.data.tables.text import MAX_BYTES
from gradsim.schema.errors import FileError, Phrase
from gradsim.schema.ordinary import why
from gradsim.sim.documents.document import Document, dump, relative_to
from gradsim.sim.documents.files import in_file
from gradsim.sim.kinds import kind_of

__all__ = ["KEY", "TABLE_CHOICES", "WithTable", "packed_text"]

WithTable = Literal["auto", "yes", "no"]
"""Whether a picture carries the table of its experiment, besides name, size and SHA-256; auto: a small one."""
TABLE_CHOICES: tuple[WithTable, ...] = ("auto", "yes", "no")
SMALL_BYTES = 2**14
"""The largest table that is carried where nobody says whether."""


def packed_text(document: Document, step: int, folder: Path, with_table: WithTable = "auto") -> str:
    """Return the text that a picture of `step`, a file in `folder`, is to carry.

    Raises
    ------
    FileError
        For a table that cannot be read, or is to be carried and is too large.
    """
    text = dump(relative_to(folder, document))
    return packed(Carried(text, step, __version__, _table_of(document, with_table)))


def _table_of(document: Document, with_table: WithTable) -> CarriedTable | None:
    path = kind_of(document.experiment).data_file(document.experiment)
    if path is None:
        return None
    try:
        content = read_bytes(path, MAX_BYTES + 1)
    except OSError as error:
        raise FileError(in_file(path, Phrase("cannot be read: {why}", why=why(error)))) from None
    if with_table == "yes" and len(content) > MOST_TABLE_BYTES:
        template = "{size} bytes are too many to be carried by a picture; at most {most} are allowed"
        problem = Phrase(template, size=f"{len(content):,}", most=f"{MOST_TABLE_BYTES:,}")
        raise FileError(in_file(path, problem))
    most = {"auto": SMALL_BYTES, "yes": MOST_TABLE_BYTES, "no": -1}[with_table]
    return CarriedTable.of(path.name, content, whole=len(content) <= most)

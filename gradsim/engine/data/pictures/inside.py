"""Tables inside of pictures: the path of one is the picture's path, and after it the table's name.

So ``slides/iris.png/iris.csv`` is the table that the picture ``slides/iris.png`` carries. It is read from there, and
never written anywhere.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from gradsim.engine.data.pictures import text_in
from gradsim.engine.data.pictures.carried import unpacked
from gradsim.schema.ordinary import is_file, opened


def file_of(path: Path) -> Path:
    """Return the file that holds a table: the picture that it is inside of, else the path itself."""
    return path.parent if is_file(path.parent) else path


def read_bytes(path: Path, most: int) -> bytes:
    """Return the content of a table, inside of a picture or not, but no more than `most` bytes; OSError if none."""
    if not is_file(path.parent):
        with opened(path) as file:
            return file.read(most)
    with opened(path.parent) as file:
        try:
            text = text_in(file)
            table = unpacked(text).table if text is not None else None
        except ValueError:
            table = None
    if table is None or table.content is None or table.name != path.name:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
    return table.content[:most]

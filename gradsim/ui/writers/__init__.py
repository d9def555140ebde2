"""Files that pictures are written to: a writer for each format, found by itself. To add one, add a module here."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path

from gradsim.sim.documents.files import write_bytes
from gradsim.ui.writers.writer import Painting, Writer

__all__ = ["PNG", "Painting", "Writer", "save", "writers"]

PNG = ".png"
"""The format of pictures where nobody asks for another."""


@cache
def writers() -> Mapping[str, Writer]:
    """Return all writers by the ending of their files."""
    for info in pkgutil.iter_modules(__path__, f"{__name__}."):
        import_module(info.name)
    return {writer.ending: writer() for writer in Writer.__subclasses__()}


def save(path: Path, painting: Painting, ending: str = "") -> None:
    """Write a picture in the format of this ending, or else of the path's own; FileError if it cannot be written."""
    writer = writers()[ending or path.suffix]
    write_bytes(path, writer.content(painting, painting.text_in(path.parent)))

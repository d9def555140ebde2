"""Files that pictures are written to: a writer for each format, found by itself. To add one, add a module here."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TypeGuard

from gradsim.sim.documents.files import write_bytes
from gradsim.ui.writers.writer import Painting, Writer

__all__ = ["PNG", "Painting", "Writer", "save", "writers"]

PNG = ".png"
"""The format of pictures where nobody asks for another."""


@cache
def writers() -> Mapping[str, Writer]:
    """Return all writers by the ending of their files."""
    modules = [import_module(info.name) for info in pkgutil.iter_modules(__path__, f"{__name__}.")]
    found = {each for module in modules for each in vars(module).values() if _is_writer(each)}
    return {writer.ending: writer() for writer in sorted(found, key=lambda writer: writer.ending)}


def _is_writer(found: object) -> TypeGuard[type[Writer]]:
    return isinstance(found, type) and issubclass(found, Writer) and "ending" in vars(found)


def save(path: Path, painting: Painting, ending: str = "") -> None:
    """Write a picture in the format of this ending, or else of the path's own; FileError if it cannot be written."""
    writer = writers()[ending or path.suffix]
    write_bytes(path, writer.content(painting, painting.text_in(path.parent)))

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

__all__ = ["PNG", "Painting", "Writer", "dialog_filter", "save", "writer_of", "writers"]

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


def dialog_filter() -> str:
    """Return the formats as dialogs for files list them, PNG first."""
    return ";;".join(f"{ending[1:].upper()} (*{ending})" for ending in sorted(writers(), key=PNG.__ne__))


def save(path: Path, painting: Painting) -> None:
    """Write a picture in the format of the path's ending, which is a writer's; FileError if it cannot be written."""
    write_bytes(path, writer_of(path).content(painting, painting.text_in(path.parent)))


def writer_of(path: Path) -> Writer:
    """Return the writer of the format of a path's ending, which there is."""
    return writers()[path.suffix.lower()]

"""The bundled lessons, in the order of the course. To add one, add a file to ``resources/lessons``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from gradsim.resources import resource
from gradsim.schema.errors import FileError, unknown_name
from gradsim.sim.documents.document import Document, read


@lru_cache(maxsize=1)
def lessons() -> Mapping[str, Document]:
    """Return the bundled lessons by id, in the order of the course."""
    documents = [read(path) for path in _lesson_files()]
    found = {d.lesson.id: d for d in documents if d.lesson is not None}
    return dict(sorted(found.items(), key=lambda item: item[1].lesson.number if item[1].lesson else 0))


def first_lesson() -> Document:
    """Return the first lesson of the course, without reading the others."""
    return read(_lesson_files()[0])


def read_file(path: Path) -> Document:
    """Return the document of a file; the words of a bundled lesson are about that lesson's own experiment.

    A picture or a file saved after a change in the window has the lesson's words still. FileError as for `read`.
    """
    document = read(path)
    bundled = lessons().get(document.lesson.id) if document.lesson else None
    if bundled is None or bundled.lesson != document.lesson:
        return document
    return bundled.with_experiment(document.experiment)


def _lesson_files() -> list[Path]:
    """Return the bundled lessons' files in the order of the course: their names begin with the numbers."""
    return sorted(resource("lessons").glob("*.toml"))


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # such as a name too long for a file
        return False


def load(name: str) -> Document:
    """Return the document of a lesson's id or a file's path.

    Raises
    ------
    FileError
        If it is neither, with the nearest lesson suggested, or if the file is bad.
    """
    if name in lessons():
        return lessons()[name]
    path = Path(name)
    if path.suffix or len(path.parts) > 1 or _exists(path):
        return read_file(path)
    raise FileError(f"{name}: no such file or lesson: {unknown_name(name, lessons())}")

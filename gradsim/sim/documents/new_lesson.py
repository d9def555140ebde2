"""A lesson to start from: a file with comments that runs as it is."""

from __future__ import annotations

from pathlib import Path

from gradsim.resources import resource
from gradsim.schema.errors import FileError, Given, Phrase
from gradsim.schema.ordinary import exists
from gradsim.sim.documents.files import in_file, write_bytes
from gradsim.sim.documents.lesson_checks import ID
from gradsim.sim.documents.lessons import lessons


def write_new_lesson(name: str, folder: Path) -> Path:
    """Write the lesson into a new file in a folder; return the file.

    Raises
    ------
    FileError
        For a name that is none, an id that is taken, or a file that is there already.
    """
    name = name.removesuffix(".toml")
    path = folder / f"{name}.toml"
    if not ID.fullmatch(name):
        raise FileError(Phrase("{value} is not a lesson's id: up to 40 of a–z, 0–9, - and _", value=Given(name)))
    if name in lessons():
        raise FileError(in_file(name, Phrase("there is a lesson of this name")))
    if exists(path):
        raise FileError(in_file(path, Phrase("is there already; it is not written over")))
    text = resource("new-lesson.toml").read_text(encoding="utf-8")
    write_bytes(path, text.replace('id = "new-lesson"', f'id = "{name}"').encode())
    return path

"""Documents: what a file holds, read and written. A file is TOML text, or a PNG picture that carries it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import tomli_w

from gradsim.schema.errors import FileError
from gradsim.schema.parameters import ParameterError, decode, encode
from gradsim.sim.documents.experiments import experiment_from, table_of
from gradsim.sim.documents.files import write_bytes
from gradsim.sim.documents.lesson import Lesson
from gradsim.sim.documents.picture_text import KEY, SIGNATURE, text_in_png
from gradsim.sim.kinds import Experiment, kind_of
from gradsim.sim.run.tape import Past
from gradsim.words.sentences import Span

MAX_FILE_BYTES = 2**16


@dataclass(frozen=True)
class Document:
    """What a file holds: an experiment, and the words of a lesson where it is one."""

    experiment: Experiment
    lesson: Lesson | None = None


def parse(text: str, source: str) -> Document:
    """Build a document from TOML text; `source` names it in errors.

    Raises
    ------
    FileError
        For what is not TOML, or an experiment or lesson that is not allowed.
    """
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise FileError(f"{source}: not a TOML file: {error}") from None
    try:
        words = table.pop("lesson", None)
        lesson = None if words is None else decode(Lesson, words, "lesson")
        experiment = experiment_from(table)
        if lesson is not None:
            lesson.check(kind_of(experiment))
        return Document(experiment, lesson)
    except ParameterError as error:
        raise FileError(f"{source}: {error}") from None


def dump(document: Document) -> str:
    """Return the TOML text of a document; :func:`parse` gives the same document back."""
    table = table_of(document.experiment)
    if document.lesson is not None:
        table["lesson"] = encode(document.lesson)
    return tomli_w.dumps(table)


def resolved_in(folder: Path, document: Document) -> Document:
    """Return a document read from a file in `folder` with relative paths of data resolved against that folder."""
    experiment = document.experiment
    return replace(document, experiment=kind_of(experiment).resolved_in(experiment, folder))


def relative_to(folder: Path, document: Document) -> Document:
    """Return the document with paths of data relative to `folder`, the inverse of :func:`resolved_in`.

    Data in or below the folder get a path that starts from it, so that both
    may move together; data elsewhere get their whole path.
    """
    experiment = document.experiment
    return replace(document, experiment=kind_of(experiment).relative_to(experiment, folder))


def sentence(document: Document, past: Past, language: str) -> list[Span]:
    """Return the verdict on the runs at the end of `past`, as pieces to be joined."""
    experiment = document.experiment
    own = document.lesson.templates(language) if document.lesson else ()
    return kind_of(experiment).sentence(experiment, own, past, language)


def read(path: Path) -> Document:
    """Read an experiment or lesson file, or a picture that carries one; FileError says what is wrong in one line."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
            if content.startswith(SIGNATURE):
                file.seek(len(SIGNATURE))
                return resolved_in(path.parent, parse(_carried(file, path), str(path)))
        if len(content) > MAX_FILE_BYTES:
            raise FileError(f"{path}: larger than {MAX_FILE_BYTES // 2**10} KiB, too large for an experiment file")
        # Windows editors put a mark before UTF-8 text.
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise FileError(f"{path}: not UTF-8 text, at byte {error.start}") from None
    return resolved_in(path.parent, parse(text, str(path)))


def _carried(file: BinaryIO, path: Path) -> str:
    try:
        text = text_in_png(file, KEY, MAX_FILE_BYTES)
    except ValueError as error:
        raise FileError(f"{path}: the experiment in this picture cannot be read: {error}") from None
    if text is None:
        raise FileError(f"{path}: a picture without an experiment; those made by export carry theirs")
    return text


def write(path: Path, document: Document) -> None:
    """Write a document to a file, whole or not at all."""
    write_bytes(path, dump(relative_to(path.parent, document)).encode("utf-8"))

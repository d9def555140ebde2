"""Files: an experiment, and for a lesson the words that go with it.

A lesson is one TOML file in ``resources/lessons``: to add one, add a file.
"""

from __future__ import annotations

import os
import tempfile
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

import tomli_w

from gradsim.engine.data import Dataset
from gradsim.engine.nn.probes import INDEX, PROBES
from gradsim.resources import resource
from gradsim.schema.parameters import (
    Choice,
    Integer,
    Parameter,
    ParameterError,
    Text,
    decode,
    encode,
    join,
    one_line,
    parameters,
    unknown_name,
)
from gradsim.sim.documents.experiments import KINDS, Experiment, Train, experiment_from, table_of
from gradsim.sim.documents.picture_text import KEY, SIGNATURE, text_in_png
from gradsim.sim.kinds.race.verdict import RACE_FIGURES
from gradsim.sim.kinds.train.verdict import FIGURES, names_in
from gradsim.words.languages import LANGUAGES

MAX_FILE_BYTES = 2**16

VIEWS = (
    *("gradients", "loss", "accuracy", "test_loss", "test_accuracy", "history", "boundary", "fit"),
    *("map", "maps", "basins", "arrivals", "surface3d", "value", "distance", "gradient_norm", "rates", "step"),
)
"""Keys of the views that a lesson may name, in the order in which menus show them."""

OVER = ("steps", "samples", "seconds")
"""What curves may be drawn over: updates, training samples seen, or seconds of computation."""

SETTINGS = tuple(dict.fromkeys(key for classes in KINDS.values() for cls in classes for key in parameters(cls)))
"""The settings whose controls a lesson may hide."""


class FileError(ValueError):
    """A file that cannot be read or says something that is not allowed; the text is one line."""

    def __init__(self, text: str) -> None:
        super().__init__(one_line(text))


@dataclass(frozen=True)
class Words:
    """One text in several languages; a field per language."""

    en: str = ""
    zh_CN: str = ""  # noqa: N815 (the name of the locale)

    def __call__(self, language: str) -> str:
        """Return the text in `language`, else in English."""
        return getattr(self, language) or self.en

    def __bool__(self) -> bool:
        return bool(self.en or self.zh_CN)


@dataclass(frozen=True, kw_only=True)
class WordsOf(Parameter):
    """A text in one or more languages: ``"…"`` or ``{ en = "…", zh_CN = "…" }``."""

    def parse(self, value: object) -> Words:
        table = {"en": value} if isinstance(value, str) else value
        if not isinstance(table, Mapping):
            raise self._refuse(value)
        text = Text(self.label, most=600)
        for language, words in table.items():
            if language not in LANGUAGES:
                raise ParameterError(str(language), unknown_name(language, LANGUAGES))
            text.parse(words)
        return Words(**table)

    def plain(self, value: Words) -> dict[str, str]:
        return {language: words for language, words in vars(value).items() if words}

    @property
    def allowed(self) -> str:
        return f"a text, or a table of texts by language ({', '.join(LANGUAGES)})"


@dataclass(frozen=True, kw_only=True)
class TemplateOf(WordsOf):
    """A sentence in one or more languages whose {names} are figures of the verdict."""

    def parse(self, value: object) -> Words:
        words = super().parse(value)
        for language, template in vars(words).items():
            for name in names_in(template):
                known = {**FIGURES, **RACE_FIGURES}
                if name not in known:
                    raise ParameterError(language, unknown_name(f"{{{name}}}", [f"{{{key}}}" for key in known]))
        return words


@dataclass(frozen=True, kw_only=True)
class ListOf(Parameter):
    """A list of at most `most` values of one parameter."""

    item: Parameter
    most: int = 12

    def parse(self, value: object) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple) or len(value) > self.most:
            raise self._refuse(value)
        return tuple(self._item(i, each) for i, each in enumerate(value))

    def _item(self, i: int, value: object) -> Any:
        try:
            return self.item.parse(value)
        except ParameterError as error:
            raise ParameterError(join(f"[{i}]", error.path), error.problem) from None

    def plain(self, value: tuple[Any, ...]) -> list[Any]:
        return [self.item.plain(each) for each in value]

    @property
    def allowed(self) -> str:
        return f"a list of at most {self.most}, each {self.item.allowed}"


@dataclass(frozen=True)
class Lesson:
    """What a lesson says, and what it shows first."""

    id: str = Text("Id", help="How the command line calls it.", most=40).field()
    title: Words = WordsOf("Title").field()
    number: int = Integer("Number", help="Its place in the course.", low=0, high=99).field(0)
    subtitle: Words = WordsOf("Subtitle").field(Words())
    question: Words = WordsOf("Question", help="What the class is asked.").field(Words())
    points: tuple[Words, ...] = ListOf("Points", help="What to watch.", item=WordsOf("Point")).field(())
    claim: Words = WordsOf("Claim", help="What the run is to show.").field(Words())
    verdict: Words = TemplateOf(
        "Verdict", help="The sentence below the pictures; {names} are measured on the run shown."
    ).field(Words())
    verdict_next: Words = TemplateOf(
        "Verdict, further runs", help="What the sentence adds for each run after the first."
    ).field(Words())
    views: tuple[str, ...] = ListOf(
        "Views", help="The views it opens with.", item=Choice("View", choices=VIEWS)
    ).field(())
    hidden: tuple[str, ...] = ListOf(
        "Hidden controls", help="Settings it does not show.", item=Choice("Setting", choices=SETTINGS)
    ).field(())
    over: str = Choice("Curves over", help="What its curves are drawn over at first.", choices=OVER).field(OVER[0])
    probe: str = Choice(
        "Measured at each layer", help="What its pictures of every layer show at first.", choices=tuple(INDEX)
    ).field(PROBES[0].key)
    picture_step: int = Integer(
        "Picture step", help="The step that export shows; 0 is the last.", low=0, high=10_000_000
    ).field(0)


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
        return Document(experiment_from(table), lesson)
    except ParameterError as error:
        raise FileError(f"{source}: {error}") from None


def dump(document: Document) -> str:
    """Return the TOML text of a document; :func:`parse` gives the same document back."""
    table = table_of(document.experiment)
    if document.lesson is not None:
        table["lesson"] = encode(document.lesson)
    return tomli_w.dumps(table)


def resolved_in(folder: Path, document: Document) -> Document:
    """Return what a document means that was found in a file in `folder`: paths of data start from there."""
    return _with_data(document, lambda data: data.resolved_in(folder))


def relative_to(folder: Path, document: Document) -> Document:
    """Return the document as a file in `folder` is to say it, the inverse of :func:`resolved_in`.

    Data in or below the folder get a path that starts from it, so that both
    may move together; data elsewhere get their whole path.
    """
    return _with_data(document, lambda data: data.relative_to(folder))


def _with_data(document: Document, change: Callable[[Dataset], Dataset]) -> Document:
    experiment = document.experiment
    if not isinstance(experiment, Train):
        return document
    return replace(document, experiment=replace(experiment, data=change(experiment.data)))


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


def check_target(path: Path, formats: Sequence[str]) -> None:
    """Refuse a place where nothing can be written, before any work is done for it."""
    if path.suffix not in formats:
        raise FileError(f"{path}: {unknown_name(path.suffix, formats)}")
    if not path.parent.is_dir():
        raise FileError(f"{path}: cannot be written: there is no folder {path.parent}")


def make_folder(path: Path) -> None:
    """Make a folder in one that exists, if it is not there; FileError if it cannot be made."""
    try:
        path.mkdir(exist_ok=True)
    except OSError as error:
        raise FileError(f"{path}: not a folder, and none can be made: {error.strerror}") from None


def write(path: Path, document: Document) -> None:
    """Write a document to a file, whole or not at all."""
    write_bytes(path, dump(relative_to(path.parent, document)).encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """Replace a file's content in one go; FileError if it cannot be written."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            umask = os.umask(0)
            os.umask(umask)
            Path(name).chmod(0o666 & ~umask)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink()
            raise
    except OSError as error:
        raise FileError(f"{path}: cannot be written: {error.strerror}") from None


@lru_cache(maxsize=1)
def lessons() -> Mapping[str, Document]:
    """Return the bundled lessons by id, in the order of the course."""
    documents = [read(path) for path in _lesson_files()]
    found = {d.lesson.id: d for d in documents if d.lesson is not None}
    return dict(sorted(found.items(), key=lambda item: item[1].lesson.number if item[1].lesson else 0))


def first_lesson() -> Document:
    """Return the first lesson of the course, without reading the others."""
    return read(_lesson_files()[0])


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
        return read(path)
    raise FileError(f"{name}: no such file or lesson: {unknown_name(name, lessons())}")

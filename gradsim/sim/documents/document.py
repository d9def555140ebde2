"""Documents: what a file holds, read and written. A file is TOML text, or a PNG picture that carries it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

import tomli_w

from gradsim.schema.errors import FileError
from gradsim.schema.parameters import ParameterError, decode, encode, parameters, said
from gradsim.sim.documents.experiments import experiment_from, table_of
from gradsim.sim.documents.files import write_bytes
from gradsim.sim.documents.lesson import Lesson
from gradsim.sim.documents.measures import Readings
from gradsim.sim.documents.picture_text import KEY, SIGNATURE, text_in_png
from gradsim.sim.documents.toml_hints import hint
from gradsim.sim.kinds import Experiment, kind_of
from gradsim.sim.kinds.kind import Asked
from gradsim.sim.run.tape import Past
from gradsim.words.languages import translate
from gradsim.words.sentences import Span, Wording, names_in

MAX_FILE_BYTES = 2**16


@dataclass(frozen=True)
class Document:
    """What a file holds: an experiment, and the words of a lesson where it is one.

    Attributes
    ----------
    taught
        The experiment that the lesson is about, where this is another one; else None.
    """

    experiment: Experiment
    lesson: Lesson | None = None
    taught: Experiment | None = None

    @property
    def is_as_in_the_lesson(self) -> bool:
        """Whether title, question and sentence of the lesson are about this experiment."""
        return self.lesson is not None and self.taught is None

    @property
    def as_taught(self) -> Document:
        """The lesson with its own experiment."""
        return self if self.taught is None else Document(self.taught, self.lesson)

    def with_experiment(self, experiment: Experiment) -> Document:
        """Return the document with another experiment; a lesson keeps in mind what it is about."""
        own = self.as_taught.experiment if self.lesson else None
        return Document(experiment, self.lesson, None if experiment == own else own)


@dataclass(frozen=True)
class Shown:
    """What of a document is on screen: the sentence below the pictures is about that.

    Attributes
    ----------
    views
        The keys of the views; () for those that the document opens with.
    probe
        What is shown of every layer; "" for what the document opens with.
    found
        What longer computations of the views have found.
    """

    views: tuple[str, ...] = ()
    probe: str = ""
    found: Mapping[str, Any] = field(default_factory=dict)


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
        raise FileError(f"{source}: not a TOML file: {error}{hint(str(error), text)}") from None
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
        table["lesson"] = said(encode(document.lesson), parameters(Lesson))
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


def sentence(
    document: Document, past: Past, language: str, shown: Shown | None = None, brevity: int = 0
) -> list[Span]:
    """Return the verdict on the runs at the end of `past`, as pieces to be joined; up to BRIEFEST ever shorter."""
    experiment = document.experiment
    asked = _asked(document, language, shown or Shown(), brevity)
    measured = replace(asked, measured=_measured(document, past, asked))
    return kind_of(experiment).sentence(experiment, past, measured)


def _measured(document: Document, past: Past, asked: Asked) -> dict[str, list[Span]]:
    """Return the measures that the templates name, each as it is put into them."""
    measures = document.lesson.measures if document.lesson else {}
    named = {name for template in asked.templates for name in names_in(template) if name in measures}
    readings = Readings(document.experiment, past, measures, asked.found)
    return {name: [Span(readings.text(name, asked.language) or "…", readings.run_of(name))] for name in named}


def question(document: Document, language: str, shown: Shown | None = None) -> str:
    """Return what the sentence answers: the lesson's question while the experiment is its own, else a general one."""
    lesson, experiment = document.lesson, document.experiment
    asked = shown or Shown()
    if lesson and lesson.question and _is_the_lessons(document, asked):
        return lesson.question(language)
    return kind_of(experiment).question(experiment, _asked(document, language, asked, 0))


def basis(document: Document, language: str, shown: Shown | None = None) -> str:
    """Return what the figures of the sentence are, in a few words: medians, or what counts as arrived."""
    experiment = document.experiment
    parts = [kind_of(experiment).basis(experiment, _asked(document, language, shown or Shown(), 0))]
    if experiment.replicas > 1:
        parts.insert(0, translate("median of {n} seeds", language).format(n=experiment.replicas))
    return translate(", ", language).join(filter(None, parts))


def _is_the_lessons(document: Document, shown: Shown) -> bool:
    """Tell whether the experiment is as the lesson has it and shows a probe of the lesson or of one of its views."""
    lesson = document.lesson
    if lesson is None or not document.is_as_in_the_lesson:
        return False
    return shown.probe in ("", lesson.probe, *(choice.options.get("probe") for choice in lesson.views))


def _asked(document: Document, language: str, shown: Shown, brevity: int) -> Asked:
    """Return what is asked: by the lesson while it is the lesson's own, else in general."""
    lesson, experiment = document.lesson, document.experiment
    own = [choice.key for choice in lesson.views] if lesson else []
    applies = _is_the_lessons(document, shown)
    return Asked(
        Wording(language, brevity),
        lesson.templates(language) if lesson and applies else (),
        shown.views or tuple(own) or tuple(kind_of(experiment).usual_views(experiment)),
        shown.probe or (lesson.probe if lesson else ""),
        shown.found,
    )


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

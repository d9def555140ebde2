"""Documents: what a file holds, read and written. A file is TOML text, or a picture that carries it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w

from gradsim.engine.data.pictures import HEAD_BYTES, is_picture, text_in
from gradsim.engine.data.pictures.carried import Carried, CarriedTable, unpacked
from gradsim.engine.data.pictures.inside import read_bytes
from gradsim.engine.data.tables.text import MAX_BYTES
from gradsim.schema.errors import FileError, Given, Phrase, Said
from gradsim.schema.ordinary import opened, why
from gradsim.schema.parameters import ParameterError, decode, encode, parameters, said
from gradsim.sim.documents.experiments import adapted, experiment_from, table_of
from gradsim.sim.documents.files import in_file, write_bytes
from gradsim.sim.documents.lesson import Lesson
from gradsim.sim.documents.measures import Readings
from gradsim.sim.documents.toml_hints import with_hint
from gradsim.sim.kinds import Experiment, kind_of
from gradsim.sim.kinds.kind import Asked
from gradsim.sim.run.tape import Past
from gradsim.words.languages import translate
from gradsim.words.sentences import Span, Wording, names_in, with_never_alone

MAX_FILE_BYTES = 2**16


@dataclass(frozen=True)
class Document:
    """What a file holds: an experiment, and the words of a lesson where it is one.

    Attributes
    ----------
    taught
        The experiment that the lesson is about, where this is another one; else None.
    step
        The step that is to be shown, where it was read from a picture; else None.
    """

    experiment: Experiment
    lesson: Lesson | None = None
    taught: Experiment | None = None
    step: int | None = field(default=None, compare=False)

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


def parse(text: str, source: str, folder: Path | None = None, with_data: bool = True) -> Document:
    """Build a document from TOML text; `source` names it in errors, relative paths of data start from `folder`.

    Without data, they are not read, and what only they can tell is as usual.

    Raises
    ------
    FileError
        For what is not TOML, or an experiment or lesson that is not allowed.
    """
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        problem = Phrase("not a TOML file: {error}", error=_of_toml(error))
        raise FileError(in_file(source, with_hint(problem, str(error), text))) from None
    try:
        words = table.pop("lesson", None)
        lesson = None if words is None else decode(Lesson, words, "lesson")
        experiment = experiment_from(table)
        if lesson is not None:
            lesson.check(kind_of(experiment))
        document = resolved_in(folder, Document(experiment, lesson)) if folder else Document(experiment, lesson)
        return replace(document, experiment=adapted(document.experiment, table)) if with_data else document
    except ParameterError as error:
        raise FileError(in_file(source, error.text)) from None


TOML_PROBLEMS = (
    "Cannot overwrite a value",
    "Expected '=' after a key in a key/value pair",
    "Expected newline or end of document after a statement",
    "Invalid initial character for a key part",
    "Invalid statement",
    "Invalid value",
    "Unclosed array",
    "Unclosed inline table",
    "Unterminated string",
)
"""What the reader of TOML says most often."""


def _of_toml(error: Exception) -> str:
    """Return what the reader of TOML says, which names the place behind it."""
    found = re.fullmatch(r"(.*) \(at line (\d+), column (\d+)\)", str(error))
    if not found:
        return Said(str(error), "it ends too early, or goes too deep")
    what, line, column = found.groups()
    problem = Phrase(what) if what in TOML_PROBLEMS else Said(what, "this cannot be here")
    return Phrase("{problem} (at line {line}, column {column})", problem=problem, line=line, column=column)


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
    may move together; data elsewhere get their whole path. FileError where no
    file can hold that path, for files are UTF-8.
    """
    experiment = document.experiment
    found = replace(document, experiment=kind_of(experiment).relative_to(experiment, folder))
    try:
        dump(found).encode("utf-8")
    except UnicodeEncodeError:
        problem = Phrase("no file can name the table of this experiment: its name is not UTF-8; move the table")
        raise FileError(problem) from None
    return found


def sentence(
    document: Document, past: Past, language: str, shown: Shown | None = None, brevity: int = 0
) -> list[Span]:
    """Return the verdict on the runs at the end of `past`, as pieces to be joined; up to BRIEFEST ever shorter."""
    experiment = document.experiment
    with np.errstate(all="ignore"):  # of runs that diverged, too, there is something to say
        asked = _asked(document, language, shown or Shown(), brevity)
        if document.lesson and asked.templates:
            readings = Readings(experiment, past, document.lesson.measures, asked.found)
            measured, answer = _measured(asked, readings), _answer(document.lesson, asked.language, readings)
            asked = replace(asked, measured=measured, answer=answer)
        return with_never_alone(kind_of(experiment).sentence(experiment, past, asked))


def _measured(asked: Asked, readings: Readings) -> dict[str, list[Span]]:
    """Return the measures that the templates name, each as it is put into them."""
    named = {name for template in asked.templates for name in names_in(template) if name in readings.measures}
    return {name: [Span(readings.text(name, asked.language) or "…", readings.run_of(name))] for name in named}


def _answer(lesson: Lesson, language: str, readings: Readings) -> str:
    """Return a lesson's answer if all that its claim comes to is true of the run so far, else ""."""
    is_so = bool(lesson.answer) and all(each.holds(readings) is True for each in lesson.holds)
    return lesson.answer(language) if is_so else ""


def to_come(document: Document, language: str, shown: Shown, told: str) -> str:
    """Return a sentence that was told as it will be once the lesson's answer stands before it; else as it is."""
    answer = document.lesson.answer(language) if document.lesson and _is_the_lessons(document, shown) else ""
    if not answer or told.lower().startswith(answer.lower()):
        return told
    return translate("{answer}: {verdict}", language).format(answer=answer, verdict=told)


def question(document: Document, language: str, shown: Shown | None = None) -> str:
    """Return what the sentence answers: the lesson's question while the experiment is its own, else a general one."""
    lesson, experiment = document.lesson, document.experiment
    asked = shown or Shown()
    if lesson and lesson.question and _is_the_lessons(document, asked):
        return lesson.question(language)
    with np.errstate(all="ignore"):
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


def read(path: Path, with_data: bool = True) -> Document:
    """Read an experiment or lesson file, or a picture that carries one, with or without reading its data.

    FileError says what is wrong in one line.
    """
    try:
        with opened(path) as file:
            if is_picture(file.read(HEAD_BYTES)):
                return document_in_picture(path, with_data)
            file.seek(0)
            content = file.read(MAX_FILE_BYTES + 1)
        if len(content) > MAX_FILE_BYTES:
            template = "larger than {most} KiB, too large for an experiment file"
            raise FileError(in_file(path, Phrase(template, most=str(MAX_FILE_BYTES // 2**10))))
        # Windows editors put a mark before UTF-8 text.
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise FileError(in_file(path, Phrase("cannot be read: {why}", why=why(error)))) from None
    except UnicodeDecodeError as error:
        raise FileError(in_file(path, Phrase("not UTF-8 text, at byte {n}", n=str(error.start)))) from None
    return parse(text, str(path), path.parent, with_data)


def document_in_picture(path: Path, with_data: bool = True) -> Document:
    """Return the document that a picture carries, at the step it shows, with the table that it was made of.

    The table is the file of that name, where it is the same still, or the one inside of the picture.

    Raises
    ------
    FileError
        For a picture without an experiment, one whose text was changed, or one whose table is missing or another.
    """
    carried = _carried(path)
    document = parse(carried.experiment, str(path), path.parent, with_data)
    step, last = carried.step, document.experiment.steps
    if step is not None and step > last:
        problem = Phrase("its step, {step}, is beyond the last step, {last}", step=f"{step:,}", last=f"{last:,}")
        raise FileError(in_file(path, problem))
    table = carried.table if with_data else None
    return replace(document, experiment=_with_its_table(document.experiment, table, path), step=step)


def _carried(path: Path) -> Carried:
    try:
        with opened(path) as file:
            text = text_in(file)
        found = unpacked(text) if text is not None else None
    except OSError as error:
        raise FileError(in_file(path, Phrase("cannot be read: {why}", why=why(error)))) from None
    except ValueError as error:
        damage = Said(str(error), "it is damaged")
        problem = Phrase("the experiment in this picture cannot be read: {error}", error=damage)
        raise FileError(in_file(path, problem)) from None
    if found is None:
        raise FileError(in_file(path, Phrase("a picture without an experiment; those made by export carry theirs")))
    return found


def _with_its_table(experiment: Experiment, table: CarriedTable | None, picture: Path) -> Experiment:
    """Return the experiment about the very table that the picture was made of."""
    kind = kind_of(experiment)
    path = kind.data_file(experiment)
    if path is None or table is None:
        return experiment
    beside = picture.absolute().parent / table.name
    found = next((place for place in (path, beside) if _is_table(place, table)), None)
    if found is None and table.content is None:
        template = (
            "it is of the table {name} of {size} bytes, which is neither here nor in the picture; put it beside the "
            "picture (SHA-256 {digest})"
        )
        problem = Phrase(template, name=Given(table.name), size=f"{table.size:,}", digest=table.digest)
        raise FileError(in_file(picture, problem))
    its_own: Experiment = kind.with_data_file(experiment, found or picture.absolute() / table.name)
    return its_own


def _is_table(path: Path, table: CarriedTable) -> bool:
    try:
        return path.stat().st_size == table.size and table.is_content(read_bytes(path, MAX_BYTES + 1))
    except OSError:
        return False


def write(path: Path, document: Document) -> None:
    """Write a document to a file, whole or not at all; comments on top say how its data were understood."""
    told = kind_of(document.experiment).told_of_data(document.experiment)
    comments = "".join(f"# Data: {line}\n" for line in told)
    write_bytes(path, (comments + dump(relative_to(path.parent, document))).encode("utf-8"))

"""The course: the bundled lessons, and after them those in folders of the user's own.

To add a bundled lesson, add a file to ``resources/lessons``. A file that is bad is left out, and said to be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from gradsim.resources import resource
from gradsim.schema.errors import FileError, Given, Phrase, unknown_name
from gradsim.schema.ordinary import exists, is_folder
from gradsim.schema.parameters import ParameterError
from gradsim.sim.documents.document import Document, read
from gradsim.sim.documents.files import in_file
from gradsim.sim.documents.lesson_checks import check_lesson
from gradsim.sim.documents.texts import Words
from gradsim.sim.kinds import kind_of

OWN = Words(en="Own lessons", zh_CN="自己的课")
"""The chapter of the user's own lessons that name none."""

Check = Callable[[Document], object]


def check_all(document: Document) -> None:
    """Refuse an experiment that does not go with its data, and a lesson that does not go with its experiment."""
    kind_of(document.experiment).check(document.experiment)
    check_lesson(document)


@dataclass
class _Own:
    """Where the user's own lessons are looked for besides the documents, and how they are checked."""

    folder: Path | None = None
    check: Check = check_all


_own = _Own()


@dataclass
class Course:
    """All lessons by id, in their order; the files that they are in; what is wrong with those left out."""

    lessons: dict[str, Document] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def use_own_lessons(folder: Path | None, check: Check = check_all) -> None:
    """Look for lessons in a folder too; `check` raises ParameterError for those that are to be left out.

    Raises
    ------
    FileError
        If there is no such folder.
    """
    if folder is not None and not is_folder(folder):
        raise FileError(in_file(folder, Phrase("there is no such folder of lessons")))
    _own.folder, _own.check = folder, check
    course.cache_clear()


@lru_cache(maxsize=1)
def course() -> Course:
    """Return the bundled lessons in the order of their numbers, then the user's own."""
    found = _bundled(tuple(_lesson_files()))
    own = _read(own_files(), _own.check, taken=found)
    return Course(
        _by_chapters(found.lessons | own.lessons, set(own.lessons)),
        found.files | own.files,
        found.problems + own.problems,
    )


@lru_cache(maxsize=1)
def _bundled(paths: tuple[Path, ...]) -> Course:
    """Return the bundled lessons, which stay the same whatever folders the user's own are in."""
    return _read(paths, lambda document: None)


def reread() -> None:
    """Read the course anew when it is asked for next: a file of it has changed."""
    course.cache_clear()
    _bundled.cache_clear()


def lessons() -> Mapping[str, Document]:
    """Return all lessons by id, in the order of the course."""
    return course().lessons


def chapters() -> list[tuple[Words, list[str]]]:
    """Return the chapters in the order of the course, each with the ids of its lessons."""
    bundled, found = set(_lesson_files()), dict[Words, list[str]]()
    for name, document in lessons().items():
        found.setdefault(_chapter(document, course().files[name] not in bundled), []).append(name)
    return list(found.items())


def _read(paths: Sequence[Path], check: Check, taken: Course | None = None) -> Course:
    """Return the lessons of files, by number; those that are bad, or have an id that is taken, become problems."""
    part = Course()
    for path in paths:
        try:
            document = read(path)
            if document.lesson is None:
                continue
            refuse_taken(document, path, [*([taken] if taken else []), part])
            check(document)
        except FileError as error:
            part.problems.append(error.text)
        except ParameterError as error:
            part.problems.append(in_file(path, error.text))
        else:
            part.lessons[document.lesson.id], part.files[document.lesson.id] = document, path
    part.lessons = dict(sorted(part.lessons.items(), key=lambda item: _number(item[1])))
    return part


def refuse_taken(document: Document, path: Path, courses: list[Course]) -> None:
    """Refuse an id that another file has; a copy of the lesson, with another experiment maybe, may have it."""
    lesson = document.lesson
    for each in courses if lesson else []:
        other = each.lessons.get(lesson.id) if lesson else None
        file = each.files.get(lesson.id) if lesson else None
        if other and file and file.resolve() != path.resolve() and other.lesson != lesson:
            taken = Phrase("{name} is taken by {file}", name=Given(lesson and lesson.id), file=file.name)
            raise ParameterError("lesson.id", taken)


def _number(document: Document) -> int:
    return document.lesson.number if document.lesson else 0


def _chapter(document: Document, is_own: bool) -> Words:
    chapter = document.lesson.chapter if document.lesson else Words()
    return chapter or (OWN if is_own else Words())


def _by_chapters(found: Mapping[str, Document], own: set[str]) -> dict[str, Document]:
    """Return the lessons with those of one chapter together, the chapters in the order of their first ones."""
    order: dict[Words, dict[str, Document]] = {}
    for name, document in found.items():
        order.setdefault(_chapter(document, name in own), {})[name] = document
    return {name: document for part in order.values() for name, document in part.items()}


def first_lesson() -> Document:
    """Return the first lesson of the course, without reading the others."""
    return read(_lesson_files()[0])


def read_file(path: Path) -> Document:
    """Return the document of a file; the words of a known lesson are about that lesson's own experiment.

    A picture or a file saved after a change in the window has the lesson's words still. FileError as for `read`.
    """
    document = read(path)
    known = lessons().get(document.lesson.id) if document.lesson else None
    if known is None or known.lesson != document.lesson:
        return document
    return replace(known.with_experiment(document.experiment), step=document.step)


def _lesson_files() -> list[Path]:
    """Return the bundled lessons' files in the order of the course: their names begin with the numbers."""
    return sorted(resource("lessons").glob("*.toml"))


def own_files() -> list[Path]:
    """Return the files in the user's own folders, in the order of their names."""
    return [path for folder in _own_folders() for path in sorted(folder.glob("*.toml"))]


def _own_folders() -> Iterator[Path]:
    for folder in (documents_folder(), _own.folder):
        if folder is not None and is_folder(folder):
            yield folder


def documents_folder() -> Path:
    """Return the folder of lessons in the user's documents, which need not be there."""
    import platformdirs

    return Path(platformdirs.user_documents_dir()) / "gradsim" / "lessons"


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
    if path.suffix or len(path.parts) > 1 or exists(path):
        return read_file(path)
    nothing = Phrase("no such file or lesson: {problem}", problem=unknown_name(name, lessons()))
    raise FileError(in_file(name, nothing))


def file_of(name: str) -> Path:
    """Return the file that :func:`load` reads for a lesson's id or a file's path."""
    return course().files[name] if name in lessons() else Path(name)

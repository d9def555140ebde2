"""The command line. Qt is imported only where a window or a picture is asked for."""

from __future__ import annotations

import argparse
import dataclasses
import errno
import gc
import json
import sys
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from gradsim import __version__
from gradsim.schema.errors import FileError, InputError, one_line, unknown_name
from gradsim.schema.ordinary import exists
from gradsim.schema.parameters import Choice, Integer, Parameter, ParameterError, parameters, parse_table
from gradsim.sim.documents.document import Document, Shown, read, sentence
from gradsim.sim.documents.files import check_target
from gradsim.sim.documents.lessons import (
    Course,
    check_all,
    course,
    file_of,
    first_lesson,
    lessons,
    load,
    own_files,
    refuse_taken,
    use_own_lessons,
)
from gradsim.sim.documents.new_lesson import write_new_lesson
from gradsim.sim.documents.picture_text import TABLE_CHOICES
from gradsim.sim.documents.table_document import is_table, table_document
from gradsim.sim.kinds import kind_of
from gradsim.sim.run.settings import REPLICAS, SEED, STEPS
from gradsim.ui.film.command import USUAL_SIZE, add_options, plan_of
from gradsim.ui.qt_import import import_qt
from gradsim.ui.themes import THEMES
from gradsim.words.languages import ENGLISH, languages
from gradsim.words.sentences import plain_text

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

DONE, FAILED, BAD_INPUT = 0, 1, 2
MOST_REFUSED = 1000
"""How much of what is refused is told: arguments may be of any length."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        line, end = one_line(message), MOST_REFUSED // 2
        told = line if len(line) <= MOST_REFUSED else f"{line[:end]}…{line[-end:]}"
        self.exit(BAD_INPUT, f"{self.prog}: {told}\n")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        sys.stdout.flush()  # help that cannot be written is said to be
        super().exit(status, message)

    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        (file or sys.stderr).write(message)  # argparse would pass over what goes wrong


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program with these arguments; return its exit status: 0 done, 2 bad input, 1 anything else."""
    arguments = _command_first(list(sys.argv[1:] if argv is None else argv))
    command = arguments[0] if arguments and arguments[0] in COMMANDS else "gui"
    if command == "gui" and len(arguments) > 1 and not any(each.startswith("-") for each in arguments[:2]):
        print(f"gradsim: {unknown_name(arguments[0], [*COMMANDS][1:])}", file=sys.stderr)
        return BAD_INPUT
    rest = arguments[1:] if arguments and arguments[0] == command else arguments
    options, action = COMMANDS[command]
    parser = _Parser(
        prog="gradsim" if command == "gui" else f"gradsim {command}",
        description=action.__doc__,
        epilog=_overview() if command == "gui" else None,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    options(parser)
    if command in WITH_LESSONS:
        parser.add_argument("--lessons", metavar="DIR", type=Path, help="a folder of lessons of your own")
    try:
        parsed = parser.parse_args(rest)
        if command in WITH_LESSONS:
            use_own_lessons(parsed.lessons, _check_everything)
            _tell_what_is_left_out(command)
        status = action(parsed)
        sys.stdout.flush()  # what cannot be written is said here, not when the interpreter ends
        return status
    except InputError as error:
        print(f"gradsim: {error}", file=sys.stderr)
        return BAD_INPUT
    except BrokenPipeError:
        sys.stderr.close()
        return FAILED
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EIO):
            raise
        print(f"gradsim: the output cannot be written: {error.strerror}", file=sys.stderr)
        with suppress(OSError):
            sys.stdout.close()  # it would try again at the end
        return FAILED


def _command_first(arguments: list[str]) -> list[str]:
    """Return the arguments with the command before a folder of lessons that was given before it."""
    if len(arguments) > 2 and arguments[0] == "--lessons" and arguments[2] in COMMANDS:
        return [arguments[2], *arguments[:2], *arguments[3:]]
    return arguments


def _tell_what_is_left_out(command: str) -> None:
    """Say which lessons are left out because they are bad; those that a command is about, it tells of itself."""
    is_asked = command == "lessons" or (own_files() and command in ("gui", "run", "sweep", "export"))
    for problem in course().problems if is_asked else ():
        print(f"gradsim: left out: {problem}", file=sys.stderr)


def _check_everything(document: Document) -> None:
    """Refuse what is wrong with a document, its views too; Qt is needed to know them."""
    check_all(document)
    if document.lesson:
        from gradsim.ui.views.catalogue import check_views

        check_views(document)


def _overview() -> str:
    lines = [f"  {name:10} {action.__doc__}" for name, (_, action) in COMMANDS.items() if name != "gui"]
    return "other commands:\n" + "\n".join(lines)


def _checked(document: Document, name: object) -> Document:
    """Return the document after checking it against its data; `name` is for errors."""
    try:
        kind_of(document.experiment).check(document.experiment)
    except ParameterError as error:
        raise FileError(f"{name}: {error}") from None
    return document


def _tell_of_data(document: Document, prefix: str = "") -> None:
    """Print how the data were understood, if anything of that is a guess."""
    for line in kind_of(document.experiment).told_of_data(document.experiment):
        print(f"{one_line(prefix)}data: {line}")


def _opened(name: str) -> Document:
    if name not in lessons() and is_table(Path(name)):
        return table_document(Path(name))
    return _checked(load(name), name)


def _with_views_checked(document: Document, name: object) -> Document:
    """Return the document after checking the views that its lesson names; Qt is needed to know them."""
    if document.lesson:
        from gradsim.ui.views.catalogue import check_views

        try:
            check_views(document)
        except ParameterError as error:
            raise FileError(f"{name}: {error}") from None
    return document


def _views_not_shown(document: Document) -> Iterator[tuple[str, str]]:
    """Yield the place of each view that a lesson names and that has nothing to show of its experiment, and why."""
    if document.lesson:
        from gradsim.ui.views.catalogue import refusals

        keys = [choice.key for choice in document.lesson.views]
        for key, reason in refusals(keys, document.experiment).items():
            yield f"lesson.views[{keys.index(key)}]: {key!r}", reason


def _parsed(parameter: Parameter) -> Callable[[str], object]:
    """Return an argparse type that accepts what `parameter` allows."""

    def convert(text: str) -> object:
        try:
            return parameter.parse(int(text))
        except (ValueError, ParameterError):
            raise argparse.ArgumentTypeError(f"{text!r} is not {parameter.allowed}") from None

    return convert


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    limit = Integer("Pixels", low=100, high=10_000)
    try:
        return int(str(limit.parse(int(width)))), int(str(limit.parse(int(height))))
    except (ValueError, ParameterError):
        raise argparse.ArgumentTypeError(f"{text!r} is not WIDTHxHEIGHT, each {limit.allowed}") from None


def _scale(text: str) -> float:
    try:
        scale = float(text)
    except ValueError:
        scale = 0.0
    if not 0.5 <= scale <= 8:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0.5 to 8")
    return scale


def _experiment_options(parser: argparse.ArgumentParser, required: bool = True) -> None:
    parser.add_argument(
        "file",
        metavar="FILE|LESSON",
        nargs=None if required else "?",
        help="an experiment file, a table such as data.csv, or a lesson's id",
    )


def _look_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--theme", choices=THEMES, default="light", help="colours and sizes")
    parser.add_argument("--lang", choices=languages(), default=ENGLISH, help="language of all words")


def _gui_options(parser: argparse.ArgumentParser) -> None:
    _experiment_options(parser, required=False)
    _look_options(parser)
    parser.set_defaults(theme=None, lang=None)  # as the window was left
    parser.add_argument("--fullscreen", action="store_true", help="fill the screen")
    parser.add_argument(
        "--reset-settings", action="store_true", help="forget how the window was left, and the recent files"
    )
    parser.add_argument(
        "--add-to-menu", action="store_true", help="add gradsim to the applications menu of a Linux desktop"
    )
    parser.add_argument("--version", action="version", version=f"gradsim {__version__}")


def _gui(options: argparse.Namespace) -> int:
    """Open the window with an experiment in training; without one, with the first lesson."""
    if options.add_to_menu:
        from gradsim.menu_entry import add_to_menu

        print(f"{add_to_menu()}: written; delete it to be rid of it")
        return DONE
    if options.reset_settings:
        from gradsim.ui.settings import reset

        reset()
        print("The settings are as at the first start.")
        return DONE
    table = Path(options.file) if options.file and is_table(Path(options.file)) else None
    asked = None if table else options.file
    gc.disable()  # the window collects garbage by itself: gradsim/ui/garbage.py
    import_qt()
    document = _with_views_checked(_opened(asked), asked) if asked else first_lesson()
    from gradsim.ui.app import open_window

    path = file_of(asked) if asked else None
    return open_window(document, path, options.theme, options.lang, options.fullscreen, table)


def _lessons_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="as JSON")


def _lessons(options: argparse.Namespace) -> int:
    """List the lessons."""
    known = [document.lesson for document in lessons().values() if document.lesson]
    if options.json:
        table = [
            {
                "id": lesson.id,
                "number": lesson.number,
                "title": lesson.title.by_language,
                "claim": lesson.claim.by_language,
            }
            for lesson in known
        ]
        plain = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
        print(json.dumps(table, ensure_ascii=plain, indent=2))
        return DONE
    for lesson in known:
        title = ": ".join(filter(None, (lesson.title(ENGLISH), lesson.subtitle(ENGLISH))))
        print(f"{lesson.number:2}  {lesson.id:16} {title}")
    return DONE


def _run_options(parser: argparse.ArgumentParser) -> None:
    _experiment_options(parser)
    for name, metavar, setting in (("steps", "N", STEPS), ("replicas", "K", REPLICAS), ("seed", "S", SEED)):
        parser.add_argument(f"--{name}", metavar=metavar, type=_parsed(setting), help=setting.help)
    at = dataclasses.replace(STEPS, low=0)
    parser.add_argument(
        "--step",
        metavar="N",
        type=_parsed(at),
        help="go up to this step; by default to that of a picture, or the last",
    )
    parser.add_argument("--out", metavar="F.json|F.csv|F.npz", type=Path, help="where the measurements go")


def _with_options(document: Document, options: argparse.Namespace) -> Document:
    given = {key: getattr(options, key) for key in ("steps", "replicas", "seed")}
    changed = {key: value for key, value in given.items() if value is not None}
    try:
        parse_table(type(document.experiment), changed)  # a kind may allow less than the options do
        experiment = document.experiment.with_settings(**changed)
    except ParameterError as error:
        raise FileError(f"{options.file}: {error}") from None
    return _checked(document.with_experiment(experiment), options.file)


def _run(options: argparse.Namespace) -> int:
    """Run to the end, or up to a step, without a window; print the verdict, write the measurements."""
    from gradsim.sim.documents import results
    from gradsim.sim.documents.points import studied_in, untrue

    if options.out:
        check_target(options.out, list(results.FORMATS))
    document = _with_options(_opened(options.file), options)
    if options.out:
        results.check_room(options.out, document.experiment)
    step = document.step if options.step is None else options.step
    if step is not None and step > document.experiment.steps:
        raise FileError(f"--step: {step:,} is beyond the last step, {document.experiment.steps:,}")
    _tell_of_data(document)
    simulation, tape = results.run(document, step)
    past = tape.until(simulation.step)
    if options.out:
        results.save(options.out, document, simulation, past)
    found = Shown(found=studied_in(document, past))
    print(f"step {simulation.step:,}: {plain_text(sentence(document, past, ENGLISH, found))}")
    for line in kind_of(document.experiment).report(document.experiment, past):
        print(line)
    stopped = step if simulation.step == step else None  # else it has ended by itself
    for line in untrue(document, tape, stopped):
        print(line, file=sys.stderr)
    if options.out and options.out.suffix != ".npz" and past.stride > 1:
        print(f"{options.out}: one step in {past.stride}, for a record of so long a run is thinned", file=sys.stderr)
    return DONE


def _values(text: str) -> tuple[str, list[object]]:
    """Return the setting and the values of NAME=A,B,C or NAME=FROM:TO:COUNT, which are equal ratios apart."""
    name, _, given = text.partition("=")
    if not (name and given):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUES")
    parts = given.split(":")
    if len(parts) == 3:
        try:
            first, last, count = float(parts[0]), float(parts[1]), int(parts[2])
        except ValueError:
            first = last = count = 0
        if not (0 < first < inf and 0 < last < inf and 2 <= count <= 10_000):
            raise argparse.ArgumentTypeError(
                f"{given!r} is not FROM:TO:COUNT, two numbers above 0 and from 2 to 10,000"
            )
        return name, [first * (last / first) ** (i / (count - 1)) for i in range(count)]
    return name, _listed(given)


def _listed(text: str) -> list[object]:
    """Return the values of a list as in a file; words need no quotes."""
    try:
        return list(tomllib.loads(f"values = [{text}]")["values"])
    except tomllib.TOMLDecodeError:
        return list(map(_value, text.split(",")))


def _value(text: str) -> object:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text.strip()


def _reached(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        return name, float(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=NUMBER") from None


def _sweep_options(parser: argparse.ArgumentParser) -> None:
    _experiment_options(parser)
    parser.add_argument(
        "--over", metavar="NAME=VALUES", type=_values, action="append", default=[],
        help="a setting and its values: learning_rate=1e-4:10:25 (25 in equal ratios), batch_size=8,32,all",
    )  # fmt: skip
    parser.add_argument("--seeds", metavar="N", type=int, help="run each with so many seeds, from the file's on")
    for name, metavar, setting in (("steps", "N", STEPS), ("replicas", "K", REPLICAS)):
        parser.add_argument(f"--{name}", metavar=metavar, type=_parsed(setting), help=setting.help)
    parser.add_argument(
        "--reach", metavar="NAME=VALUE", type=_reached, action="append", default=[],
        help="tell the first step at which a quantity is reached, such as test_accuracy=0.9",
    )  # fmt: skip
    parser.add_argument("--processes", metavar="N", type=int, help="how many at a time; by default one for each core")
    parser.add_argument(
        "--out", metavar="F.csv", type=Path, help="where the table goes; a sweep that was ended goes on from it"
    )


def _sweep(options: argparse.Namespace) -> int:
    """Run all combinations of values of some settings; write one table."""
    from gradsim.sweeps import processes, sweep_experiment

    document = _opened(options.file)
    for name in ("seeds", "processes"):
        if getattr(options, name) is not None and not 1 <= getattr(options, name) <= 10_000:
            raise FileError(f"sweep: --{name} {getattr(options, name)} is not a whole number from 1 to 10,000")
    settings = {name: getattr(options, name) for name in ("steps", "replicas") if getattr(options, name) is not None}
    settings |= dict(options.over)
    if options.seeds is not None:
        settings["seed"] = range(document.experiment.seed, document.experiment.seed + options.seeds)
    with processes(options.processes) as executor:
        table = sweep_experiment(document, settings, executor, options.out, dict(options.reach), _show_progress)
    if options.out is None:
        sys.stdout.write(table.to_text())
    return DONE


def _show_progress(done: int, whole: int) -> None:
    if sys.stderr.isatty():
        share = done / whole
        bar = "#" * round(40 * share)
        print(f"\r[{bar:40}] {done:,} of {whole:,}", end="\n" if done == whole else "", file=sys.stderr, flush=True)


def _export_options(parser: argparse.ArgumentParser) -> None:
    import_qt()
    _experiment_options(parser, required=False)
    _look_options(parser)
    parser.add_argument(
        "--all", action="store_true",
        help="export every lesson: a PDF with a page for each, and into a folder their pictures and an index too",
    )  # fmt: skip
    parser.add_argument("--notes", action="store_true", help="with --all: the lecturer's notes on the pages too")
    parser.add_argument("--out", metavar="FILE|DIR|F.pdf", type=Path, required=True, help="where the picture goes")
    at = dataclasses.replace(STEPS, low=0)
    parser.add_argument(
        "--step", metavar="N", type=_parsed(at), help="the step shown; by default the lesson's own, or the last"
    )
    parser.add_argument("--size", metavar="WxH", type=_size, help="layout in points (1920x1080; of films 1280x720)")
    parser.add_argument("--scale", metavar="S", type=_scale, default=1.0, help="pixels per point (1)")
    parser.add_argument("--transparent", action="store_true", help="no ground below the picture")
    parser.add_argument("--caption", action="store_true", help="below it what it is of: title, settings, step, seed")
    add_options(parser, _parsed)
    parser.add_argument(
        "--table", choices=TABLE_CHOICES, default="auto",
        help="whether the picture carries the table of its experiment, up to 64 KiB; auto: up to 16 KiB",
    )  # fmt: skip
    parser.add_argument(
        "--as",
        dest="sight",
        choices=list(_sights()),
        default="",
        help="as a washed-out projector, or these eyes, show it",
    )
    parser.add_argument("--view", metavar="V", help="one view alone, such as gradients, loss, map, basins")
    for name, declared in _options_of_views().items():
        words = dict.fromkeys(word for each in declared if isinstance(each, Choice) for word in each.choices)
        usage = " ".join([declared[0].help, *([f"One of {', '.join(words)}."] if words else [])])
        parser.add_argument(
            f"--{name.replace('_', '-')}", dest=f"option {name}", metavar="VALUE", help=usage.replace("%", "%%")
        )


def _sights() -> Iterable[str]:
    """Return as what pictures can be seen; Qt is needed to know that."""
    from gradsim.ui.sights import SIGHTS

    return SIGHTS


def _options_of_views() -> dict[str, list[Parameter]]:
    """Return the options that views declare, by name, each as all of them declare it; Qt is needed to know them."""
    from gradsim.ui.views.catalogue import VIEWS

    found: dict[str, list[Parameter]] = {}
    for view in VIEWS.values():
        for name, parameter in parameters(view.options_type).items():
            found.setdefault(name, []).append(parameter)
    return found


def _export(options: argparse.Namespace) -> int:
    """Make the picture that the window shows at a step, with no window and no display."""
    from gradsim.ui.export import Picture, check_options, export

    given = {name: getattr(options, f"option {name}") for name in _options_of_views()}
    chosen = {name: text for name, text in given.items() if text is not None}
    plan = plan_of(options)
    size = options.size or (USUAL_SIZE if plan else (1920, 1080))
    look = Picture(options.theme, options.lang, size, options.scale, options.view, chosen)
    picture = dataclasses.replace(
        look,
        has_ground=not options.transparent,
        caption=options.caption,
        with_table=options.table,
        sight=options.sight,
    )
    if options.all:
        if options.file:
            raise FileError(f"{options.file}: --all exports every lesson; leave out the file")
        if options.sight:
            raise FileError("export: --as is for one picture, not for --all")
        from gradsim.ui.handout import export_all

        return DONE if export_all(options.out, options.step, picture, options.notes, _show_progress) else FAILED
    if options.notes:
        raise FileError("export: --notes is for --all")
    if not options.file:
        raise FileError("export: name an experiment file or a lesson, or give --all")
    document = _with_views_checked(_opened(options.file), options.file)
    check_options(document, picture)
    if plan is None:
        export(document, options.out, options.step, picture)
    else:
        from gradsim.ui.film.make import export_film

        export_film(document, options.out, plan, picture, _show_progress)
    return DONE


def _check_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", metavar="FILE", nargs="+", type=Path, help="files, or lessons by id")
    parser.add_argument("--watch", action="store_true", help="check again after each saving, until Ctrl+C")


def _check(options: argparse.Namespace) -> int:
    """Check experiment files; one line for each that is bad, and for each view that will not be shown."""
    if options.watch:
        return _watch(options.files)
    checked = Course()
    return max(_checked_file(path, checked) for path in options.files)


def _checked_file(path: Path, checked: Course) -> int:
    """Check a file, or that of a lesson's id, beside others that were; say what is wrong, return the exit status."""
    if str(path) in lessons() and not exists(path):
        path = file_of(str(path))
    try:
        document = table_document(path) if is_table(path) else read(path)
        refuse_taken(document, path, [course(), checked])
        _check_everything(document)
        for place, reason in _views_not_shown(document):
            print(f"gradsim: {path}: {place} is not shown: {reason}", file=sys.stderr)
        _tell_of_data(document, f"{path}: ")
    except (FileError, ParameterError) as error:
        where = "" if isinstance(error, FileError) else f"{path}: "
        print(f"gradsim: {where}{error}", file=sys.stderr)
        return BAD_INPUT
    if document.lesson:
        checked.lessons[document.lesson.id], checked.files[document.lesson.id] = document, path
    return DONE


WATCH_S = 0.3
"""Seconds between two looks at files that are watched."""


def _watch(paths: Sequence[Path]) -> int:
    """Check files whenever one of them is saved; say of each what is wrong, or that nothing is."""
    seen: dict[Path, int | None] = {}
    while True:
        for path in paths:
            saved = path.stat().st_mtime_ns if exists(path) else None
            if path not in seen or seen[path] != saved:
                seen[path] = saved
                if _checked_file(path, Course()) == DONE:
                    print(f"{path}: nothing is wrong", flush=True)
        time.sleep(WATCH_S)


def _new_lesson_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the lesson's id, after which its file is called")


def _new_lesson(options: argparse.Namespace) -> int:
    """Write a lesson to start from, with comments, into a new file."""
    path = write_new_lesson(options.name, options.lessons or Path())
    print(f"{path}: written; open it with: gradsim {path}")
    return DONE


COMMANDS: dict[str, tuple[Callable[[argparse.ArgumentParser], None], Callable[[argparse.Namespace], int]]] = {
    "gui": (_gui_options, _gui),
    "lessons": (_lessons_options, _lessons),
    "run": (_run_options, _run),
    "sweep": (_sweep_options, _sweep),
    "export": (_export_options, _export),
    "check": (_check_options, _check),
    "new-lesson": (_new_lesson_options, _new_lesson),
}

WITH_LESSONS = ("gui", "lessons", "run", "sweep", "export", "check", "new-lesson")
"""The commands that know lessons of one's own."""

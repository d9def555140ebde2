"""Pictures without a window: the board is prepared offscreen at a step, and a writer makes a file of it."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QLayout

from gradsim.interrupts import interrupts_end_at_once
from gradsim.schema.errors import FileError, unknown_name
from gradsim.schema.parameters import ParameterError, parse_text
from gradsim.sim.documents.document import Document
from gradsim.sim.documents.files import check_target
from gradsim.sim.kinds import kind_of
from gradsim.sim.run.simulation import new_tape, play
from gradsim.sim.run.tape import Tape
from gradsim.ui.app import OFFSCREEN, application
from gradsim.ui.board import Board
from gradsim.ui.film.plan import ENDINGS
from gradsim.ui.picture import MOST_PIXELS, Picture, laid_out, settle
from gradsim.ui.views.catalogue import VIEWS, applying, of_kind
from gradsim.ui.views.common.options import options_of
from gradsim.ui.views.common.plain_states import states_from_text
from gradsim.ui.writers import Painting, save, writers

__all__ = [
    "Picture",
    "check_options",
    "check_picture",
    "export",
    "flag",
    "parsed_options",
    "prepared",
    "settle",
    "step_shown",
]


def export(document: Document, out: Path, step: int | None, picture: Picture) -> None:
    """Run up to `step` and write the picture of the board there; FileError says what is refused."""
    check_target(out, [*writers(), *ENDINGS])
    check_picture(document, picture)
    options = parsed_options(document, picture)
    shown = step_shown(document, step)
    with ExitStack() as stack:
        with interrupts_end_at_once():
            board, at = stack.enter_context(prepared(document, shown, picture, options))
            painting = Painting(
                board.window(), picture.scale, document, at, picture.has_ground, picture.with_table, picture.sight
            )
            assert not painting.image.isNull()  # painted now: a file is written whole, whatever is pressed
        save(out, painting)


def check_picture(document: Document, picture: Picture) -> None:
    """Refuse a view that has nothing to show of a document, and a size that is too large: FileError."""
    _check_view(document, picture)
    _check_size(picture)


def _check_view(document: Document, picture: Picture) -> None:
    if picture.view is None:
        return
    if picture.view not in VIEWS:
        raise FileError(f"--view: {unknown_name(picture.view, VIEWS)}")
    reason = VIEWS[picture.view].refusal(document.experiment)
    if reason is not None:
        others = ", ".join(applying(VIEWS, document.experiment))
        raise FileError(f"--view: {picture.view!r} has nothing to show of this experiment: {reason}; try {others}")


def _check_size(picture: Picture) -> None:
    width, height = (round(side * picture.scale) for side in picture.size)
    if width * height > MOST_PIXELS:
        raise FileError(
            f"--size, --scale: {width}x{height} pixels; at most {MOST_PIXELS // 10**6} million are allowed"
        )


def flag(option: str) -> str:
    """Return the flag of the command line for an option of views."""
    return f"--{option.replace('_', '-')}"


def parsed_options(document: Document, picture: Picture) -> dict[str, Any]:
    """Return the values of those of the options given that the views of the document's kind have."""
    declared = options_of(view.options_type for view in of_kind(document.experiment.kind).values())
    values = {}
    for name in declared.keys() & picture.options.keys():
        try:
            values[name] = parse_text(declared[name], picture.options[name])
        except ParameterError as error:
            raise FileError(f"{flag(name)}: {error}") from None
    return values


def check_options(document: Document, picture: Picture) -> None:
    """Refuse an option that no view of the picture has: FileError says which do."""
    _check_view(document, picture)
    shown = applying(picture.views_of(document), document.experiment)
    for name in picture.options:
        if name not in options_of(VIEWS[view].options_type for view in shown):
            others = [key for key, view in VIEWS.items() if name in options_of([view.options_type])]
            raise FileError(f"{flag(name)}: {', '.join(shown)} have no such option; {', '.join(others)} have")


@contextmanager
def prepared(
    document: Document, step: int, picture: Picture, options: Mapping[str, Any]
) -> Iterator[tuple[Board, int]]:
    """Run up to `step`, or as far as the run goes; give the board of that step, laid out, and the step."""
    with closing(boards_at(document, [step], picture, options)) as boards:
        yield next(boards)


def boards_at(
    document: Document, steps: Sequence[int], picture: Picture, options: Mapping[str, Any]
) -> Generator[tuple[Board, int], None, None]:
    """Run once, and yield the board at each of some rising steps, laid out, and the step, as far as the run goes.

    Where several steps are asked for, and a view has a picture of the whole path that only its dot moves on, that is
    made first, from a run of its own: to make it anew for the path up to each step takes seconds.
    """
    os.environ["QT_QPA_PLATFORM"] = OFFSCREEN
    application()
    board = Board(picture.theme, picture.language)
    board.show_document(document, picture.views_of(document))
    board.options.restore(picture.of_views)
    board.show_states(states_from_text(picture.states, document.experiment))
    for name, value in options.items():
        board.options.choose(name, value)
    played, tape = _begun(document, steps)
    first, *rest = steps
    _train(played, tape, first)
    shown = tape
    if rest and any(VIEWS[key].keeps_path for key in applying(board.asked_views, document.experiment)):
        to_end, shown = _begun(document, rest[-1:])
        _train(to_end, shown, rest[-1])
    with laid_out(board, document, shown, shown.head, picture):
        if shown is not tape:
            _show(board, tape, first)
        layout = board.window().layout()
        if rest and layout:
            layout.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # later, views make room for the verdict
        yield board, tape.head
        for step in rest:
            before = tape.head
            _train(played, tape, step)
            if tape.head == before:
                return  # the run has ended before
            _show(board, tape, step)
            yield board, tape.head


def _begun(document: Document, steps: Sequence[int]) -> tuple[Iterator[int], Tape]:
    """Return a run that is about to begin, of which these steps are to be shown, and its tape."""
    simulation = kind_of(document.experiment).simulations(document.experiment)()
    tape = new_tape(simulation)
    return play(simulation, tape, wanted=frozenset(steps).__contains__), tape


def _train(played: Iterator[int], tape: Tape, step: int) -> None:
    while tape.head < step and next(played, None) is not None:
        pass


def _show(board: Board, tape: Tape, step: int) -> None:
    """Have a board that is laid out, and what is around it, show another step, whole."""
    whole = board.window()
    if whole is not board:
        from gradsim.ui.caption import Captioned

        assert isinstance(whole, Captioned)
        whole.show_step(tape.until(step).step)
    board.draw(tape, step)
    board.finish_studies()
    settle(application())


def step_shown(document: Document, step: int | None) -> int:
    """Return the step that a picture shows: the one asked for, the one it was read at, the lesson's, or the last."""
    last = document.experiment.steps
    if step is not None:
        if step > last:
            raise FileError(f"--step: {step:,} is beyond the last step, {last:,}")
        return step
    if document.step is not None:
        return document.step
    return document.lesson.step_of("", last) if document.lesson else last

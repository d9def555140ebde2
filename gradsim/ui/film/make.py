"""Making films: a run is played once, and the board painted at each of the film's steps."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, closing
from itertools import chain
from pathlib import Path
from typing import Any

from PySide6.QtGui import QImage

from gradsim.interrupts import interrupts_end_at_once
from gradsim.schema.errors import FileError
from gradsim.sim.documents.document import Document
from gradsim.sim.documents.files import check_target
from gradsim.sim.documents.growing import growing
from gradsim.sim.documents.picture_text import packed_text
from gradsim.ui.export import Picture, boards_at, check_picture, parsed_options
from gradsim.ui.film.format import Sheet, pixels_of
from gradsim.ui.film.formats import FORMATS
from gradsim.ui.film.plan import ENDINGS, LEAST_FPS, Plan
from gradsim.ui.writers import Painting

Tell = Callable[[int, int], object]
"""Is told how many frames are done, and of how many."""


def export_film(document: Document, out: Path, plan: Plan, picture: Picture, tell: Tell) -> None:
    """Write a film there, whole or not at all; FileError says what is refused."""
    check_target(out, ENDINGS)
    check_picture(document, picture)
    check_film(document, out.suffix, plan)
    options = parsed_options(document, picture)
    with growing(out) as (work, forget), interrupts_end_at_once(forget):
        write_film(document, work, out, plan, picture, options, tell)


def check_film(document: Document, ending: str, plan: Plan) -> None:
    """Refuse a film that cannot be made here, before anything is run for it: FileError."""
    chosen, steps = FORMATS[ending], plan.steps(document.experiment.steps)
    if chosen.missing:
        raise FileError(chosen.missing)
    fps = plan.speed(len(steps))
    if not LEAST_FPS <= fps <= chosen.most_fps:
        allowed = f"a number from {LEAST_FPS:g} to {chosen.most_fps:g}"
        raise FileError(f"--fps: {fps:g} is not {allowed}, as {ending[1:].upper()} needs it")


def write_film(
    document: Document, work: Path, out: Path, plan: Plan, picture: Picture, options: Mapping[str, Any], tell: Tell
) -> None:
    """Write into the file `work` the film that is to be `out`."""
    steps = plan.steps(document.experiment.steps)
    text = packed_text(document, steps[-1], out.parent, picture.with_table)
    tell(0, len(steps))
    with ExitStack() as stack:
        shown = stack.enter_context(closing(images(document, steps, picture, options)))
        first = next(shown)[1]
        # A board that needs more room than it is given takes it, and the first frame says how much.
        sheet = Sheet(first.width(), first.height(), plan.speed(len(steps)), plan.loops, text)
        film = stack.enter_context(closing(FORMATS[out.suffix].write(work, sheet)))
        film.send(None)
        for done, image in enumerate(chain([first], (image for _, image in shown)), start=1):
            film.send(pixels_of(image))
            tell(done, len(steps))
        film.send(None)


def images(
    document: Document, steps: list[int], picture: Picture, options: Mapping[str, Any]
) -> Generator[tuple[int, QImage], None, None]:
    """Yield each step and its picture, as export makes it; fewer where the run ends before."""
    with closing(boards_at(document, steps, picture, options)) as boards:
        for board, at in boards:
            yield at, Painting(board.window(), picture.scale, document, at, sight=picture.sight).image

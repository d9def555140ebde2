"""Films on the command line: their options, and what is made of them. Qt is imported only to make one."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable

from gradsim.schema.errors import FileError
from gradsim.schema.parameters import Parameter
from gradsim.sim.run.settings import STEPS
from gradsim.ui.film.plan import ENDINGS, MOST_FRAMES, Plan

USUAL_SIZE = (1280, 720)
"""The layout of a film where nobody says."""
_NAMES = ("--from", "--to", "--every", "--frames", "--fps", "--once")


def add_options(parser: argparse.ArgumentParser, parsed: Callable[[Parameter], Callable[[str], object]]) -> None:
    """Add the options of films; `parsed` gives the type of an option that a parameter describes."""
    step, count = dataclasses.replace(STEPS, low=0), dataclasses.replace(STEPS, low=2, high=MOST_FRAMES)
    endings = ", ".join(f"F{ending}" for ending in ENDINGS)
    films = parser.add_argument_group("films", f"with --out {endings}; by default the whole run in 8 seconds")
    films.add_argument("--from", dest="first", metavar="A", type=parsed(step), help="the first step (0)")
    films.add_argument("--to", dest="last", metavar="B", type=parsed(step), help="the last step (that of the run)")
    spacing = films.add_mutually_exclusive_group()
    spacing.add_argument("--every", metavar="K", type=parsed(STEPS), help="a frame every so many steps")
    usual = "so many frames (100, or one for each step of a shorter run)"
    spacing.add_argument("--frames", metavar="N", type=parsed(count), help=usual)
    films.add_argument("--fps", metavar="F", type=float, help="frames a second")
    films.add_argument("--once", action="store_true", help="stop at the end instead of beginning again (GIF, APNG)")


def plan_of(options: argparse.Namespace) -> Plan | None:
    """Return the plan of the film that is to be made, None where it is no film; FileError for a bit of both."""
    plan = Plan(options.first or 0, options.last, options.every, options.frames, options.fps, not options.once)
    if options.out.suffix in ENDINGS and not options.all:
        if options.step is not None:
            raise FileError("export: --step is for one picture; a film goes --from A --to B")
        if options.transparent:
            raise FileError("export: --transparent is for one picture; a film has a ground")
        return plan
    if plan != Plan():
        raise FileError(f"export: {', '.join(_NAMES)} are for films: {', '.join(ENDINGS)}")
    return None

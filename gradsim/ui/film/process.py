"""The program that makes a film for a window: ``python -m gradsim.ui.film.process``, which reads a job."""

from __future__ import annotations

import os
import sys

from gradsim.schema.errors import InputError
from gradsim.ui.export import Picture
from gradsim.ui.film.job import Job
from gradsim.ui.film.make import check_film, write_film

_NICENESS = 5


def _tell(done: int, whole: int) -> None:
    print(f"{done} of {whole}", flush=True)


def main(text: str) -> int:
    """Make the film of a job; say how far it is, or in one line what is wrong."""
    if hasattr(os, "nice"):
        os.nice(_NICENESS)  # the window goes first
    job = Job.from_text(text)
    picture = Picture(job.theme, job.language, job.size, views=job.views, of_views=job.of_views, states=job.states)
    try:
        check_film(job.document, job.out.suffix, job.plan)
        write_film(job.document, job.work, job.out, job.plan, picture, {}, _tell)
    except InputError as error:
        print(f"gradsim: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"gradsim: {job.out}: cannot be written: {error.strerror or error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    sys.exit(main(sys.stdin.read()))

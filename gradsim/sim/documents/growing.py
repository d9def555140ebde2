"""Files that are written piece by piece: beside their place, into which they are put when they are whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gradsim.schema.errors import FileError, Phrase
from gradsim.schema.ordinary import why
from gradsim.sim.documents.files import in_file, put_in_place, work_file


@contextmanager
def growing(path: Path) -> Iterator[tuple[Path, Callable[[], None]]]:
    """Give the file to write into, and a function that deletes it where the process ends before it is whole.

    After an exception there is none, and what was in the place is as it was; FileError if it cannot be written.
    """
    work = work_file(path)

    def forget() -> None:
        with suppress(OSError):
            work.unlink(missing_ok=True)

    try:
        work.touch(exist_ok=False)
        yield work, forget
        put_in_place(work, path)
    except OSError as error:
        raise FileError(in_file(path, Phrase("cannot be written: {why}", why=why(error)))) from None
    finally:
        forget()

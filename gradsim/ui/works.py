"""Works of which parts are done in pieces on the main thread and others on a thread of their own."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from typing import Any, NamedTuple, TypeVar

from PySide6.QtCore import QCoreApplication, QEventLoop, QObject

from gradsim.schema.errors import InputError
from gradsim.ui.aside import Aside
from gradsim.ui.pieces import Pieces

T = TypeVar("T")
Work = Generator[Callable[[], Any] | None, Any, T]
"""Yields None where others may come between, and a function to be sent what that returned on a thread."""


class _Found(NamedTuple):
    """What came of a function that was called on a thread."""

    result: object = None
    error: Exception | None = None


def _found(compute: Callable[[], object]) -> _Found:
    try:
        return _Found(compute())
    except Exception as error:
        return _Found(error=error)


class Works(QObject):
    """Does works one after the other; an error on the thread is raised in the work that asked for it.

    Parameters
    ----------
    parent
        Of the works.
    name
        Of the thread.
    refuse
        Tells why a work could not be done: what it was given is not there, or not allowed.
    """

    def __init__(self, parent: QObject, name: str, refuse: Callable[[InputError], object]) -> None:
        super().__init__(parent)
        self._refuse = refuse
        self._pieces = Pieces(self)
        self._aside = Aside(self, name)
        self._aside.done.connect(self._on_found)
        self._work: Work[None] | None = None
        self._waiting: deque[Work[None]] = deque()

    @property
    def are_left(self) -> bool:
        """Whether there is work that has not been done."""
        return self._work is not None or bool(self._waiting)

    def add(self, work: Work[None]) -> None:
        """Do a work once all others are done."""
        self._waiting.append(work)
        self._go_on()

    def replace(self, work: Work[None]) -> None:
        """Do a work, and leave all others undone."""
        self.drop()
        self.add(work)

    def drop(self) -> None:
        """Leave undone what has not been done."""
        self._waiting.clear()
        self._pieces.drop()
        if self._work is not None:
            self._work.close()
            self._work = None

    def finish(self) -> None:
        """Let nothing else be done by hand until all that is left has been done."""
        while self.are_left:
            self._aside.finish()
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)

    def _go_on(self) -> None:
        """Begin the next work, unless one is under way, or the thread still does something for one left undone."""
        if self._work is None and self._waiting and not self._aside.is_busy:
            self._work = self._waiting.popleft()
            self._pieces.begin(self._done(self._work, _Found()))

    def _done(self, work: Work[None], found: _Found) -> Generator[None, None, None]:
        """Go on with a work up to where it is done, or asks for the thread."""
        try:
            asked = work.throw(found.error) if found.error else work.send(found.result)
            while asked is None:
                yield
                asked = next(work)
        except StopIteration:
            self._work = None
            self._go_on()
        except Exception as error:
            self._work = None
            self._go_on()
            if not isinstance(error, InputError):
                raise
            self._refuse(error)
        else:
            self._aside.begin(lambda: (work, _found(asked)))

    def _on_found(self, found: tuple[Work[None], _Found]) -> None:
        work, of_thread = found
        if work is self._work:
            self._pieces.begin(self._done(work, of_thread))
        else:
            self._go_on()

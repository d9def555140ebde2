"""Work in pieces, one a turn of the event loop, so that the window answers in between."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from functools import lru_cache

from PySide6.QtCore import QCoreApplication, QObject, QTimer
from shiboken6 import isValid

from gradsim.ui.after_paint import AfterPaint


class Pieces(QObject):
    """Does one piece of a work at a time, each when everything else that waited has been done.

    There is one piece a turn, whatever else is done in pieces, and no frame is drawn in that turn.

    A work is a generator: it yields where others may come between. Where it raises, it has ended; what is begun
    while another is not done takes its place, and the other is closed.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._work: Generator[None, None, None] | None = None
        self._next: Generator[None, None, None] | None = None
        self._is_at_work = False
        """Whether a piece is being done."""
        self.in_one_go = False
        """Whether what is left is done here and now: what a work does only to make a later turn short is in vain."""

    @property
    def are_left(self) -> bool:
        """Whether there are pieces that have not been done."""
        return self._work is not None

    def begin(self, work: Generator[None, None, None]) -> None:
        """Do the pieces of this work from the next turn on, and no others."""
        self.drop()
        self._work = work
        self._go_on()

    def follow(self, work: Generator[None, None, None]) -> None:
        """Do the pieces of this work, and no others, once the work under way has come to its end."""
        if self._work is None and not self._is_at_work:
            self.begin(work)
        else:
            self._next = work

    def drop(self) -> None:
        """Leave undone what has not been done yet."""
        work, self._work, self._next = self._work, None, None
        if work is not None:
            work.close()

    def finish(self) -> None:
        """Do all that is left, here and now."""
        self.in_one_go = True
        try:
            while self.are_left:
                self._do_one()
        finally:
            self.in_one_go = False
            self._go_on()

    def take_turn(self) -> None:
        """Do the next piece in a turn that is free for it."""
        try:
            self._do_one()
        finally:
            self._go_on()

    def _go_on(self) -> None:
        if self.are_left:
            _turns().ask(self)

    def _do_one(self) -> None:
        work, self._work = self._work, None
        left = None
        self._is_at_work = True
        try:
            left = work if work is not None and not _is_done(work) else None
        finally:
            self._is_at_work = False
            if self._work is None and left is not None:
                self._work = left
            elif self._work is None:
                self._work, self._next = self._next, None


class _Turns(QObject):
    """Gives turns of the event loop to those that have pieces left, one after the other, and to frames."""

    def __init__(self, parent: QObject | None) -> None:
        super().__init__(parent)
        self._waiting: deque[Pieces] = deque()
        self._taken = False
        """Whether something long has been done in this turn."""
        self._was_frame = False
        """Whether the last turn that was taken was taken for a frame."""
        # After the paints, yet not in one turn with them: what is posted while events are sent is sent with them,
        # and a timer of zero that is started by then fires with other timers that are due.
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.setInterval(1)
        self._next.timeout.connect(self._on_turn)
        self._after_paint = AfterPaint(self)
        self._after_paint.painted.connect(self._on_painted)

    def ask(self, pieces: Pieces) -> None:
        """Have the next of these pieces done once it is their turn."""
        if pieces not in self._waiting:
            self._waiting.append(pieces)
        self._after_paint.wait()

    def may_draw(self) -> bool:
        """Take this turn for a frame, where pieces wait every other one; tell whether it is free for it."""
        if self._taken:
            return False
        if not self._waiting:
            return True
        if self._was_frame:
            return False
        self._take(is_frame=True)
        return True

    def hold(self) -> None:
        """Take this turn for what is about to be laid out and painted."""
        self._take(is_frame=False)

    def _take(self, is_frame: bool) -> None:
        self._taken, self._was_frame = True, is_frame
        self._after_paint.wait()

    def _on_painted(self) -> None:
        if self._waiting:
            self._taken = False
        # Where no piece follows, a frame that is due waits for the turn after this: it would be drawn in one with it.
        self._next.start()

    def _on_turn(self) -> None:
        if not self._waiting:
            self._taken = False
        while self._waiting and not self._taken:
            pieces = self._waiting.popleft()
            if isValid(pieces) and pieces.are_left:
                self._take(is_frame=False)
                pieces.take_turn()


def may_draw() -> bool:
    """Tell whether a frame may be drawn in this turn, in which nothing else that takes long is done then."""
    return _turns().may_draw()


def hold_frames() -> None:
    """Draw no frame in this turn, in which much is laid out and painted."""
    _turns().hold()


def _turns() -> _Turns:
    return _turns_of(QCoreApplication.instance())


@lru_cache(maxsize=1)
def _turns_of(app: QCoreApplication | None) -> _Turns:
    return _Turns(app)


def _is_done(work: Generator[None, None, None]) -> bool:
    """Do a piece; tell whether it was the last."""
    try:
        next(work)
    except StopIteration:
        return True
    return False

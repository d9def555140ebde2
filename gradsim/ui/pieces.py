"""Work in pieces, one a turn of the event loop, so that the window answers in between."""

from __future__ import annotations

from collections.abc import Generator

from PySide6.QtCore import QObject, QTimer

from gradsim.ui.after_paint import AfterPaint


class Pieces(QObject):
    """Does one piece of a work at a time, each when everything else that waited has been done.

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
        # After the paints, yet not in one turn with them: what is posted while events are sent is sent with them,
        # and a timer of zero that is started by then fires with other timers that are due.
        self._next_turn = QTimer(self)
        self._next_turn.setSingleShot(True)
        self._next_turn.setInterval(1)
        self._next_turn.timeout.connect(self._on_turn)
        self._after_paint = AfterPaint(self)
        self._after_paint.painted.connect(self._next_turn.start)

    @property
    def are_left(self) -> bool:
        """Whether there are pieces that have not been done."""
        return self._work is not None

    def begin(self, work: Generator[None, None, None]) -> None:
        """Do the pieces of this work from the next turn on, and no others."""
        self.drop()
        self._work = work
        self._after_paint.wait()

    def follow(self, work: Generator[None, None, None]) -> None:
        """Do the pieces of this work, and no others, once the work under way has come to its end."""
        if self._work is None and not self._is_at_work:
            self.begin(work)
        else:
            self._next = work

    def drop(self) -> None:
        """Leave undone what has not been done yet."""
        work, self._work, self._next = self._work, None, None
        self._next_turn.stop()
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

    def _on_turn(self) -> None:
        try:
            self._do_one()
        finally:
            self._go_on()

    def _go_on(self) -> None:
        if self.are_left:
            self._after_paint.wait()

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


def _is_done(work: Generator[None, None, None]) -> bool:
    """Do a piece; tell whether it was the last."""
    try:
        next(work)
    except StopIteration:
        return True
    return False

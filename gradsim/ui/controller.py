"""The controller: which experiment runs, which step is shown, and how fast it moves.

The step shown (the cursor) is a matter of the window; the worker only trains
as far as the cursor needs. So pausing, stepping, going back and dragging the
timeline are all the same thing: moving the cursor.
"""

from __future__ import annotations

import time
from math import inf

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from gradsim.runtime.worker import Event, Latest, Worker
from gradsim.sim.documents.document import Document
from gradsim.sim.kinds import kind_of
from gradsim.sim.run.tape import Tape
from gradsim.ui.after_paint import AfterPaint

FRAME_MS = 16
DEBOUNCE_MS, SHORT_DEBOUNCE_MS = 150, 40
"""How long after an edit the run begins anew: of a form, and of a picture, where it is to follow the hand."""

SPEEDS: tuple[float, ...] = (1, 3, 10, 30, 60, 120, inf)
"""Steps a second; infinity is as fast as the machine goes."""
START_SPEED = 30.0

CATCH_UP_S = 0.4
"""How long a picture that was edited waits at most for the new run to come to the step shown."""

LOOKAHEAD_S = 0.15
"""How far the worker trains ahead of the cursor, so that neither waits for the other."""

DRAWING_SHARE, DRAWING_SHARE_AT_FULL_SPEED = 0.5, 0.25
"""How much of the time may go into frames; the rest is the worker's."""


class Controller(QObject):
    """Holds the document that is open, its run, and the cursor."""

    started = Signal()
    """A run has its first step on the tape: views may be built for it."""
    moved = Signal()
    """The step shown has changed, or what is known of it."""
    played = Signal()
    """Playing, pausing or the speed has changed."""
    failed = Signal(str)
    """Something went wrong that belongs to no field."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self.document = document
        self.shown = document
        """The document whose run is on screen; it lags behind an edit until the new run has begun."""
        self._loading = document
        self.tape: Tape | None = None
        self.playing = True
        self.speed = START_SPEED
        self.worker = Worker()
        self._run_id = 0
        self._shown_id = 0
        self._head = -1
        self._cursor = 0.0
        self._drawn_step = -1
        self._seek: int | None = None
        self._kept: int | None = None
        """The step that is to be shown of the run that is being begun."""
        self._sought: int | None = None
        """The step that was asked for last, which a run that ends early does not come to; None once it goes on."""
        self._quiet_until = 0.0
        """Until when the picture waits for the new run to come to the step that is kept."""
        self._asked: int | None = None
        self._ticked = time.perf_counter()
        self._frame_began = self._rest_until = 0.0
        self._after_paint = AfterPaint(self)
        self._after_paint.painted.connect(self._on_frame_drawn)
        self._frames = QTimer(self)
        self._frames.setTimerType(Qt.TimerType.PreciseTimer)
        self._frames.timeout.connect(self._on_frame)
        self._debounce = QTimer(self)
        self._debounce.setSingleShot(True)
        self._debounce.timeout.connect(self._on_debounced)

    @property
    def step(self) -> int:
        """The step shown."""
        return int(self._cursor)

    @property
    def in_motion(self) -> bool:
        """Whether the next frame is to follow at once, so that this one need not show everything."""
        return self.playing and self._seek is None and not self._ended()

    @property
    def head(self) -> int:
        """The latest step trained of the run on screen."""
        return self._head

    @property
    def steps(self) -> int:
        """The last step of the run on screen."""
        return self.shown.experiment.steps

    def start(self) -> None:
        """Start the worker and the frames, and begin training."""
        self.worker.start()
        self.restart()
        self._frames.start(FRAME_MS)

    def stop(self) -> bool:
        """End frames and thread; tell whether the thread has ended."""
        self._frames.stop()
        self._debounce.stop()
        return self.worker.stop()

    def open(self, document: Document) -> None:
        """Show another document and train it from the start."""
        self._debounce.stop()
        self.document, self._kept, self._sought = document, None, None
        self.playing = True
        self.played.emit()
        self.restart()

    def show_document(self, document: Document, keep_step: bool = False) -> None:
        """Train another state of the document shortly after the last one, and show it; nothing begins if it is equal.

        To `keep_step`, what is shown next is the same step of the new run.
        """
        if document == self.document:
            return
        self.document = document
        if not keep_step:
            self._kept = None
        elif self._kept is None:
            self._kept = self.step if self._sought is None else self._sought
        self._debounce.start(SHORT_DEBOUNCE_MS if keep_step else DEBOUNCE_MS)

    def _on_debounced(self) -> None:
        catching_up = self._seek is not None or self._shown_id != self._run_id
        if self._kept is not None and catching_up and time.perf_counter() < self._quiet_until:
            self._debounce.start(SHORT_DEBOUNCE_MS)  # else a hand that keeps moving would see no run at all
        else:
            self.restart()

    def restart(self) -> None:
        """Train the document from step 0; the old run stays on screen until the new one is there."""
        if self._ended() and self._kept is None:
            self.playing = True
            self.played.emit()
        self._load(self.document)

    def _load(self, document: Document) -> None:
        self._run_id += 1
        self._loading = document
        self.worker.load(self._run_id, kind_of(document.experiment).simulations(document.experiment))

    def _fall_back(self) -> None:
        """Go on with the run on screen after another could not be begun.

        The worker has let go of it and trains it anew, to the same bits; until
        it is as far as it was, the tape of the first time is shown.
        """
        self._load(self.shown)
        self._shown_id, self._asked = self._run_id, None

    def _ended(self) -> bool:
        return self._head >= 0 and self.step >= self._end()

    def _end(self) -> int:
        """The step beyond which there is nothing: the last, or where all runs had diverged."""
        tape = self.tape
        if tape is not None and len(tape.diverged) == tape.layout.runs:
            return max(divergence.step for divergence in tape.diverged)
        return self.steps

    def toggle(self) -> None:
        """Play or pause; at the end, play again from the start."""
        self.playing = not self.playing
        self._seek = self._sought = None
        if self.playing and self._ended():
            self._move(0.0)
        self.played.emit()
        self._show_exactly()

    def pause(self) -> None:
        """Stay at the step shown."""
        if self.playing:
            self.playing = False
            self.played.emit()
            self._show_exactly()

    def set_speed(self, speed: float) -> None:
        """Show this many steps a second."""
        self.speed = speed
        self.played.emit()

    def forward(self) -> None:
        """Pause, and show the next step."""
        self.pause()
        self.seek(self.step + 1)

    def back(self) -> None:
        """Pause, and show the step before."""
        self.pause()
        self.seek(self.step - 1)

    def reset(self) -> None:
        """Show step 0."""
        self.seek(0)

    def seek(self, step: int) -> None:
        """Show `step`, training up to it first where that is still to be done."""
        step = min(max(step, 0), self._end())
        self._sought = step
        self._seek = step if step > self._head else None
        self._move(float(min(step, max(self._head, 0))))

    def _move(self, cursor: float) -> None:
        before = self.step
        self._cursor = cursor
        self._ticked = time.perf_counter()
        if self.step != before:
            self._show()

    def _show(self) -> None:
        """Announce the step shown, and hold the worker until it is painted."""
        self.worker.gate.close()
        self._frame_began = time.perf_counter()
        self._drawn_step = self.step
        self.moved.emit()
        self._after_paint.wait()
        self._show_exactly()

    def _show_exactly(self) -> None:
        """At rest on a step that the tape has thinned out, have it computed again."""
        if self.tape and not self.playing and self._asked != self.step and not self.tape.holds(self.step):
            self._asked = self.step
            self.worker.revisit(self.step)

    def _on_frame_drawn(self) -> None:
        self.worker.gate.open()
        now = time.perf_counter()
        share = DRAWING_SHARE_AT_FULL_SPEED if self.speed == inf else DRAWING_SHARE
        self._rest_until = now + (now - self._frame_began) * (1 / share - 1)

    def _on_frame(self) -> None:
        now = time.perf_counter()
        elapsed, self._ticked = now - self._ticked, now
        latest = self.worker.mailbox.take()
        if latest is not None and latest.run_id == self._run_id:
            self._arrive(latest)
        while not self.worker.events.empty():
            self._on_event(self.worker.events.get())
        if self._shown_id == self._run_id:
            self._advance(elapsed)

    def _arrive(self, latest: Latest) -> None:
        if latest.run_id != self._shown_id:
            self._shown_id, self.tape, self._head = latest.run_id, latest.tape, latest.head
            self.shown = self._loading
            self._cursor, self._asked = 0.0, None
            self._seek = self._sought = self._kept
            self._quiet_until = 0.0 if self._kept is None else time.perf_counter() + CATCH_UP_S
            self._drawn_step = -1
            if not self._debounce.isActive():  # else another run is about to begin, and to show that step
                self._kept = None
            self.started.emit()
            if self._seek is None:
                self._show()
        elif latest.tape is not self.tape:
            if latest.head < self._head:
                return
            self.tape, self._asked = latest.tape, None
            self._show_exactly()
        self._head = latest.head

    def _advance(self, elapsed: float) -> None:
        cursor = self._cursor
        if self._seek is not None:
            goal = min(self._seek, self._end())
            cursor = float(min(goal, self._head))
            if self._head >= goal:
                self._sought = None if self.playing and goal == self._seek else self._sought
                self._seek = None
            elif time.perf_counter() < self._quiet_until:  # the picture of the run before stays
                self.worker.run_to(goal)
                return
        elif self.playing:
            ahead = float(self._head) if self.speed == inf else cursor + self.speed * min(elapsed, 0.25)
            # The fraction is kept only while the worker keeps up.
            cursor = min(ahead, self._head + 0.999, float(self._end()))
        self.worker.run_to(max(self._wanted(cursor), self._head))
        moved, self._cursor = int(cursor) != self._drawn_step, cursor
        if moved and (time.perf_counter() >= self._rest_until or not self.playing):
            self._show()
        if self.playing and self._seek is None and self._ended():
            self.pause()

    def _wanted(self, cursor: float) -> int:
        """Return how far the worker is to train for this cursor."""
        if self._seek is not None:
            return self._seek
        if not self.playing:
            return int(cursor)
        ahead = self.steps if self.speed == inf else int(cursor + 1 + self.speed * LOOKAHEAD_S)
        return min(self.steps, ahead)

    def _on_event(self, event: Event) -> None:
        if event.run_id != self._run_id:
            return
        if event.kind == "failed":
            if self._shown_id == self._run_id:
                self.pause()
            elif self.tape is not None:
                self._fall_back()
            self.failed.emit(event.text)
        elif event.kind == "visited":
            self._asked = None
            self.moved.emit()

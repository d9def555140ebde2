"""The controller: which experiment runs, which step is shown, and how fast it moves.

The step shown is a matter of the window; the worker only trains as far as it
needs. So pausing, stepping, going back and dragging the timeline are all the
same thing: moving the playhead. Here it meets the worker, the timers and Qt.
"""

from __future__ import annotations

import time
from math import inf

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from gradsim.runtime.lease import Lease
from gradsim.runtime.playhead import Playhead
from gradsim.runtime.worker import Event, Failed, Latest, Worker
from gradsim.sim.documents.document import Document
from gradsim.sim.kinds import kind_of
from gradsim.sim.run.tape import Tape
from gradsim.ui.after_paint import AfterPaint
from gradsim.ui.lender import Lender
from gradsim.ui.pieces import may_draw

FRAME_MS = 16
DEBOUNCE_MS, SHORT_DEBOUNCE_MS = 150, 40
"""How long after an edit the run begins anew: of a form, and of a picture, where it is to follow the hand."""

SPEEDS: tuple[float, ...] = (1, 3, 10, 30, 60, 120, inf)
"""Steps a second; infinity is as fast as the machine goes."""

DRAWING_SHARE, DRAWING_SHARE_AT_FULL_SPEED = 0.5, 0.25
"""How much of the time may go into frames; the rest is the worker's."""


class Controller(QObject):
    """Holds the document that is open, its run, and the playhead."""

    started = Signal()
    """A run has its first step on the tape: views may be built for it."""
    moved = Signal()
    """The step shown has changed, or what is known of it."""
    played = Signal()
    """Playing, pausing or the speed has changed."""
    toggled = Signal()
    """Somebody has played or paused."""
    dragged = Signal(int, int)
    """Somebody has moved the timeline: from which step to which."""
    failed = Signal(str, str)
    """Something went wrong that belongs to no field: a line for the reader, and a traceback for the log or ""."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self.document = document
        self.running_document = document
        """The document whose run is on screen; it lags behind an edit until the new run has begun."""
        self._loaded_document = document
        self.tape: Tape | None = None
        self._waiting: Latest | None = None
        """The news of a run that is not on screen yet, because it is to follow without a seam."""
        self.lease = Lease()
        self.worker = Worker(self.lease)
        self._lender = Lender(self.lease, self)
        self._seen = True
        self._playhead = Playhead(document.experiment.steps, time.perf_counter())
        self._playhead.open(document.step)
        self._train_at_least = 0
        self._frame_began = self._rest_until = 0.0
        self._picture_waits = False
        """Whether a step is to be drawn that had no turn yet."""
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
        return self._playhead.step

    @property
    def in_motion(self) -> bool:
        """Whether the next frame is to follow at once, so that this one need not show everything."""
        return self._playhead.in_motion

    @property
    def playing(self) -> bool:
        """Whether the steps follow one another by themselves."""
        return self._playhead.playing

    @property
    def at_rest(self) -> bool:
        """Whether the step shown stays until somebody does something."""
        return self._playhead.at_rest

    @property
    def speed(self) -> float:
        """Steps shown a second; infinity is as fast as the machine goes."""
        return self._playhead.speed

    @property
    def head(self) -> int:
        """The latest step trained of the run on screen."""
        return self._playhead.head

    @property
    def steps(self) -> int:
        """The last step of the run on screen."""
        return self._playhead.steps

    def start(self) -> None:
        """Start the worker, and begin training."""
        self.worker.start()
        self.restart()

    def stop(self) -> bool:
        """End frames and thread; tell whether the thread has ended."""
        self._frames.stop()
        self._debounce.stop()
        return self.worker.stop()

    # Documents

    def open(self, document: Document) -> None:
        """Show another document and train it from the start; one from a picture rests at the step of that."""
        self._debounce.stop()
        self.document = document
        self._playhead.open(document.step)
        self.played.emit()
        self.restart()

    def show_document(self, document: Document, keep_step: bool = False, seamless: bool = False) -> None:
        """Train another version of the document, shortly after the last of several.

        To `keep_step`, what is shown next is the same step of the new run; if `seamless`, the old run stays on
        screen until the new one has come there.
        """
        if document == self.document:
            return
        self.document = document
        if keep_step:
            self._playhead.keep_step(seamless)
        else:
            self._playhead.forget_step()
        self._debounce.start(SHORT_DEBOUNCE_MS if keep_step else DEBOUNCE_MS)

    def _on_debounced(self) -> None:
        if self._playhead.can_wait_for_picture(time.perf_counter()):
            self._debounce.start(SHORT_DEBOUNCE_MS)
        else:
            self.restart()

    def restart(self) -> None:
        """Train the document from step 0; the old run stays on screen until the new one is there."""
        if self._playhead.replay_from_start():
            self.played.emit()
        self._load(self.document)

    def _load(self, document: Document) -> None:
        self._loaded_document, self._waiting = document, None
        simulations = kind_of(document.experiment).simulations(document.experiment)
        self.worker.load(self._playhead.load_run(), simulations)
        self._wake()

    def _fall_back(self) -> None:
        """Go on with the run on screen after another could not be begun; the worker has let go of it."""
        self._load(self.running_document)
        self._playhead.rerun()

    # The playhead

    def toggle(self) -> None:
        """Play or pause; at the end, play again from the start."""
        if self._playhead.toggle(time.perf_counter()):
            self._show()
        self.played.emit()
        self.toggled.emit()
        self._show_exactly()
        self._wake()

    def pause(self) -> None:
        """Stay at the step shown."""
        if self.playing:
            self._playhead.playing = False
            self.played.emit()
            self._show_exactly()

    def set_speed(self, speed: float) -> None:
        """Show this many steps a second."""
        self._playhead.speed = speed
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
        if self._playhead.seek(step, time.perf_counter()):
            self._show()
        self._wake()

    def train_ahead(self, step: int) -> None:
        """Train at least up to a step, whatever is shown; 0 for no further than needed."""
        self._train_at_least = step
        self._wake()

    def drag(self, step: int) -> None:
        """Show `step`, to which the timeline was moved."""
        self.dragged.emit(self.step, step)
        self.seek(step)

    def _show(self) -> None:
        """Announce the step shown, and note how long it takes to be painted."""
        self._lender.hold()  # a frame is drawn without the worker, which is lent time again once it is painted
        self._frame_began = time.perf_counter()
        self._playhead.drawn()
        self.moved.emit()
        self._after_paint.wait()
        self._show_exactly()

    def _show_exactly(self) -> None:
        """At rest on a step that the tape has thinned out, have it computed again."""
        step = self._playhead.pop_revisit()
        if step is not None:
            self.worker.revisit(step)
            self._wake()

    def _on_frame_drawn(self) -> None:
        self._lender.release()
        now = time.perf_counter()
        share = DRAWING_SHARE_AT_FULL_SPEED if self.speed == inf else DRAWING_SHARE
        self._rest_until = now + (now - self._frame_began) * (1 / share - 1)

    # The worker

    def be_seen(self, seen: bool) -> None:
        """Stand still while nothing is seen, and go on from there afterwards."""
        self._seen = seen
        self._lender.be_seen(seen)
        if seen:
            self._wake()
        else:
            self._frames.stop()

    def _wake(self) -> None:
        if self._seen and not self._frames.isActive():
            self._frames.start(FRAME_MS)

    def _on_frame(self) -> None:
        now = time.perf_counter()
        worker_rests = not self.lease.wanted  # asked first: a worker at rest has delivered everything
        latest = self.worker.mailbox.pop() or self._waiting
        if latest is not None and latest.run_id == self._playhead.loaded_run:
            self._on_latest(latest, now)
        while not self.worker.events.empty():
            self._on_event(self.worker.events.get())
        self._advance(now)
        if worker_rests and self._playhead.at_rest and not self.lease.wanted and not self._picture_waits:
            self._frames.stop()

    def _on_latest(self, latest: Latest, now: float) -> None:
        if self._playhead.loading:
            begins = self._playhead.may_begin(latest.tape, latest.head, now)
            self._waiting = None if begins else latest
            if begins:
                self._begin_run(latest, now)
        elif self._playhead.record(latest.tape, latest.head):
            self.tape = latest.tape
            self._show_exactly()

    def _begin_run(self, latest: Latest, now: float) -> None:
        self.tape, self.running_document = latest.tape, self._loaded_document
        steps = self.running_document.experiment.steps
        drawn_at_once = self._playhead.begin_run(latest.tape, latest.head, steps, now, self._debounce.isActive())
        self.started.emit()
        if drawn_at_once:
            self._show()

    def _advance(self, now: float) -> None:
        train_to = self._playhead.advance(now)
        if train_to is not None:
            self.worker.run_to(max(train_to, min(self._train_at_least, self.steps)))
        if self._playhead.loading:
            return
        is_due = self._playhead.picture_due and (now >= self._rest_until or not self.playing)
        self._picture_waits = is_due and self.playing and not may_draw()
        if is_due and not self._picture_waits:
            self._show()
        if self._playhead.finished:
            self.pause()

    def _on_event(self, event: Event) -> None:
        if event.run_id != self._playhead.loaded_run:
            return
        if isinstance(event, Failed):
            self._on_failed(event)
        else:
            self._playhead.visited()
            self.moved.emit()

    def _on_failed(self, event: Failed) -> None:
        if self._playhead.loading and self.tape is not None:
            self._fall_back()
        else:
            self._playhead.break_off()
            self.pause()
        self.failed.emit(event.problem.text, event.problem.trace)

"""The board: views, question and verdict, as the window shows them and export paints them."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Generator, Hashable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol

import numpy as np
from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCursor, QImage, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QToolTip, QVBoxLayout, QWidget
from shiboken6 import isValid

from gradsim.runtime import log
from gradsim.runtime.lease import Lease
from gradsim.runtime.studies import Finding, Studies, Study, results_of
from gradsim.schema.errors import InputError
from gradsim.sim.documents.document import Document, Shown
from gradsim.sim.kinds import Experiment
from gradsim.sim.run.tape import Past
from gradsim.ui.foot import Foot
from gradsim.ui.identities import slots_of
from gradsim.ui.keys import chain
from gradsim.ui.label import tip
from gradsim.ui.pieces import Pieces, hold_frames
from gradsim.ui.plots.run_key import RunKey
from gradsim.ui.plots.steered import Steered
from gradsim.ui.shown_options import ShownOptions
from gradsim.ui.theme import Look, style_sheet
from gradsim.ui.turns import Turns
from gradsim.ui.views.catalogue import VIEWS, applying, refusals, stand_in
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.plain_states import States
from gradsim.ui.views.common.view import Place, View
from gradsim.ui.writers.writer import image_of

STUDY_MS = 100
"""How often results of studies are looked for, while there are any to come."""
MOST_KEPT = 24
"""How many results of studies are kept."""
MOST_AHEAD = 3
"""How often new content is painted unseen where the board changes in size meanwhile, as with a panel built anew."""


class Runs(Protocol):
    """A tape, or what stands for one."""

    def until(self, step: int) -> Past:
        """Return the runs up to a step."""


class Likeness(NamedTuple):
    """What a board has shown, and how; it may show something else by now."""

    theme_and_language: tuple[str, str]
    document: Document
    views: tuple[str, ...]
    on_screen: tuple[str, ...]
    """Those of the views that have something to show."""
    of_views: Mapping[str, ViewOptions]
    states: States
    known: Mapping[Hashable, Finding]

    def board(self, views: Sequence[str] = ()) -> Board:
        """Return a board that shows the same in the same way, or these views of it."""
        board = Board(*self.theme_and_language)
        board.show_document(self.document, views or self.views)
        board.options.restore(self.of_views)
        board.show_states(self.states)
        board._known = self.known
        return board


class Move(NamedTuple):
    """A way of a board to another window.

    Attributes
    ----------
    window, room
        Return the size of that window, and the board's own in it.
    go
        Puts the board there.
    """

    window: Callable[[], QSize]
    room: Callable[[], QSize]
    go: Callable[[], None]


class Board(QWidget):
    """What a class looks at. It is built anew when look, experiment or choice of views change.

    Once it is live, it is built view by view, one a turn of the event loop, behind what is on screen until it is
    whole. :meth:`settle` builds the rest at once.
    """

    views_asked = Signal(object)
    """A view asks for these views, by their keys, to be shown."""
    lesson_asked = Signal()
    """The lesson is to be opened as it was."""
    predict_asked = Signal()
    """The lesson is to ask its question."""
    swapped = Signal()
    """What was built anew is on screen."""
    found_more = Signal()
    """A view has found something."""
    edit_asked = Signal(object)
    """A view asks for another experiment: a function from its table to the new one."""
    restart_asked = Signal(object)
    """The same, as a change of its own after which the run begins anew."""

    def __init__(self, theme: str, language: str) -> None:
        super().__init__()
        self.setObjectName("room")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._theme, self._language = theme, language
        self.type_for: QSize | None = None
        """Its type is as large as in a window of this size; None for the window that it is in."""
        self.has_ground = True
        """Whether there is a ground below what it shows."""
        self._document: Document | None = None
        self._shown: tuple[str, ...] = ()
        self._frame: tuple[object, ...] = ()
        """What of the document decided how these were built; a table may have changed since."""
        self.options = ShownOptions()
        self.options.chosen.connect(self._rebuild)
        self._states: dict[str, dict[str, Any]] = {}
        """What :meth:`View.state` of each view returned last."""
        self._draft: Mapping[str, Any] | None = None
        """The full table that is being edited, where somebody edits it."""
        self._content: _Content | None = None
        self._building: _Content | None = None
        """What is to come in place of the content, while it is not yet whole."""
        self._pieces = Pieces(self)
        self._move: Move | None = None
        """Where it is to go once it has been built for there."""
        self._is_outdated = False
        """Whether the content is of another experiment still, because that of the present one could not be built."""
        self._drawn: tuple[Runs, Past] | None = None
        self._in_motion = False
        """Whether another step is about to be drawn."""
        self._offers_prediction = False
        self._refit = QTimer(self)
        self._refit.setSingleShot(True)
        self._refit.timeout.connect(self._on_refit)
        self._studies: Studies | None = None
        self._results: OrderedDict[Hashable, Finding] = OrderedDict()
        self._seen = True
        self._known: Mapping[Hashable, Finding] = {}
        """What is known from another board, for :meth:`finish_studies`."""
        self._look_for = QTimer(self)
        self._look_for.timeout.connect(self._on_look_for)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)

    @property
    def shown_step(self) -> int:
        """The step of the picture, -1 while there is none."""
        return self._drawn[1].step if self._drawn else -1

    @property
    def past(self) -> Past:
        """The runs up to the step of the picture."""
        assert self._drawn is not None
        return self._drawn[1]

    @property
    def found(self) -> Mapping[str, Any]:
        """What the views on screen have found in longer computations, by its name."""
        return self._content.on_screen().found if self._content else {}

    @property
    def shown(self) -> Shown:
        """What is on screen."""
        assert self._content is not None
        return self._content.on_screen()

    @property
    def asked_views(self) -> tuple[str, ...]:
        """The keys of the views that are asked for, whether they apply or not."""
        return self._shown

    @property
    def on_screen(self) -> Document | None:
        """The document that what is on screen was built for."""
        return self._content.document if self._content else None

    @property
    def foot(self) -> Foot | None:
        """Question and verdict, once there is something on the board."""
        return self._content.foot if self._content else None

    def show_foot(self, shown: bool) -> None:
        """Show question and verdict, or leave their room to the views; until the board is built anew."""
        if self.foot:
            self.foot.setVisible(shown)

    @property
    def foot_top(self) -> int:
        """Where the foot with question and verdict begins, in pixels from the top."""
        # By what it needs, as a layout that is still to come will place it.
        return self.height() - self.foot.needed_height(self.width()) if self.foot else self.height()

    def show_document(self, document: Document, views: Sequence[str]) -> None:
        """Show these views of this experiment; what is on screen stays until :meth:`draw`, if it fits."""
        frame = _frame(document, views)
        same = self._document is not None and tuple(views) == self._shown and frame == self._frame
        if self._document is None or _opening(document) != _opening(self._document):
            self.options.open(document)
            self._states.clear()
        self._document, self._shown, self._frame, self._drawn = document, tuple(views), frame, None
        if not same:
            self._is_outdated = True
        elif self._content is not None and not self._is_outdated:
            self._content.set_experiment(document.experiment)
            self._want_studies()
        if not same or self._pieces.are_left:
            self._rebuild()

    def show_draft(self, table: Mapping[str, Any]) -> None:
        """Tell the views what is being edited, before it runs."""
        self._draft = table
        for view in self._content.views if self._content else []:
            view.show_draft(table)

    def offer_prediction(self, offered: bool) -> None:
        """Show beside the question a button that asks the class first, or none."""
        self._offers_prediction = offered
        if self.foot:
            self.foot.offer_prediction(offered)

    @property
    def likeness(self) -> Likeness:
        """What it shows now, and how, for another board."""
        assert self._document is not None
        return Likeness(
            (self._theme, self._language),
            self._document,
            self._shown,
            self.shown.views,
            self.options.of_views,
            self.states,
            self._results.copy(),
        )

    @property
    def views(self) -> Sequence[View]:
        """The views that are there now."""
        return self._content.views if self._content else ()

    @property
    def states(self) -> States:
        """What a viewer has changed in how views are shown: zooms, turns, what is chosen."""
        self._keep_states()
        return dict(self._states)

    def show_states(self, states: States) -> None:
        """Show views, from when they are built next, as they were when another board had these states."""
        self._states = {key: dict(state) for key, state in states.items()}

    def show_views(self, views: Sequence[str]) -> None:
        """Show other views of the same runs."""
        if self._shown != tuple(views):
            self._shown = tuple(views)
            self._frame = _frame(self._document, views) if self._document else ()
            self._rebuild()

    def _on_swap_asked(self, key: str) -> None:
        self.views_asked.emit(tuple(VIEWS[key].swaps_with if shown == key else shown for shown in self._shown))

    def move_to(self, move: Move) -> None:
        """Be built for another window, and go there in the turn in which that is whole; until then all stays."""
        self._move = move
        self._rebuild()
        if not self._pieces.are_left:
            self._go()

    def stay(self) -> None:
        """Go nowhere, where it was to go to another window."""
        if self._move:
            self._move = None
            self._rebuild()

    def _go(self) -> None:
        move, self._move = self._move, None
        if move:
            move.go()

    @property
    def _room(self) -> QSize:
        """Its size, or that which it is about to have."""
        return self._move.room() if self._move else self.size()

    def set_look(self, theme: str, language: str) -> None:
        """Change colours or language, once the layout around the board has settled."""
        self._theme, self._language = theme, language
        self._refit.start()

    def draw(self, tape: Runs, step: int, in_motion: bool = False) -> Past:
        """Draw the runs at `step`, or at the nearest step before it that the tape holds.

        In motion, the views above and below the upper row and the verdict take turns, one a frame.
        """
        past = tape.until(step)
        self._drawn, self._in_motion = (tape, past), in_motion
        if self._content is not None and self._document is not None and not self._is_outdated:
            self._content.draw(self._document, past, in_motion)
        return past

    def reveal(self, by: int) -> None:
        """Have views show the next part, or the one before, of what they show part by part."""
        for view in self._content.views if self._content else []:
            view.reveal(by)

    def image_of_first_view(self) -> QImage:
        """Return an image of the first view alone."""
        assert self._content is not None
        return image_of(self._content.views[0], 1.0)

    def refuse(self, problem: str) -> None:
        """Tell why the edit that a view has asked for is not allowed, and let the views take it back."""
        for view in self._content.views if self._content else []:
            view.take_back()
        QToolTip.showText(QCursor.pos(), tip(problem), self)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._content is None:
            self._rebuild()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        hold_frames()
        # A layout that settles resizes its parts several times; one building anew is enough.
        self._refit.start()

    def _on_refit(self) -> None:
        newest = self._building or self._content
        if newest and newest.look != self._fitting_look(newest.document):
            self._rebuild()

    def _fitting_look(self, document: Document) -> Look:
        """Return the look for a document, whose sizes are those of the window around the board."""
        around = self._move.window() if self._move else self.window().size()
        size = self.type_for or around
        look = Look.fit(self._theme, self._language, size, slots_of(document.experiment))
        return look if self.has_ground else look.see_through()

    def _rebuild(self) -> None:
        if self._document is None or not (self._content or self.isVisible()):
            return  # built when it is shown: before, its size is not yet what it will be
        self._pieces.begin(self._build(self._document))
        if self._studies is None:
            self._pieces.finish()

    def settle(self) -> None:
        """Bring what is shown in line with what was asked for, here and now."""
        self._pieces.finish()
        for view in self._content.views if self._content else []:
            view.settle()

    def _build(self, document: Document) -> Generator[None, None, None]:
        """Build new content, whole: whatever fails here, fails while the old content is still there."""
        self._keep_states()
        content = self._building = _Content(document, self._shown, self._fitting_look(document), self)
        content.foot.lesson_asked.connect(self.lesson_asked)
        content.foot.predict_asked.connect(self.predict_asked)
        content.foot.offer_prediction(self._offers_prediction)
        try:
            for key in applying(self._shown, document.experiment):
                yield
                yield from VIEWS[key].prepare(document.experiment)
                self._add_view(content, key)
            content.finish()
            if self._studies is not None:
                yield from self._paint_ahead(content)
            self._draw_all(content)
            drawn = self._drawn
            yield  # drawing and the first paint on screen are each long enough for a turn
            if self._drawn is not drawn and not self._in_motion:
                self._draw_all(content)
            self._swap(content)
        except Exception:
            if self._content and not self._is_outdated:
                self._shown = self._content.shown
            self._go()  # with what there is
            raise
        finally:
            self._building = None
            if self._content is not content and isValid(content):
                content.deleteLater()

    def _add_view(self, content: _Content, key: str) -> None:
        try:
            made = VIEWS[key](content.document.experiment, content.look, self.options.of(key))
        except InputError:
            return  # what it reads has gone since it was found to apply: the content tells of it once it is whole
        view = content.add(made)
        view.explain()
        view.restore(self._states.get(key, {}))
        if self._draft is not None:
            view.show_draft(self._draft)
        view.edit_asked.connect(self.edit_asked)
        view.restart_asked.connect(self.restart_asked)
        view.study_asked.connect(self._want_studies)
        view.swap_asked.connect(partial(self._on_swap_asked, key))

    def _paint_ahead(self, content: _Content) -> Generator[None, None, None]:
        """Paint each view in its size once, unseen: what it keeps of that makes the first paint on screen short."""
        for _ in range(MOST_AHEAD):
            yield from self._paint_in_size(content)
            if content.size() == self._room:
                break

    def _paint_in_size(self, content: _Content) -> Generator[None, None, None]:
        content.setGeometry(QRect(QPoint(), self._room))
        for _ in range(2):  # once more, as the height of the verdict decides the heights of the views
            yield
            content.grab(QRect(0, 0, 1, 1))  # lays it out
            self._draw_all(content)
        for view in content.views:
            yield
            self._show_known(view, view.study())
            yield
            if not self._pieces.in_one_go:
                yield from view.paint_ahead()

    def _draw_all(self, content: _Content) -> None:
        if self._drawn is not None:
            tape, past = self._drawn
            content.draw(content.document, tape.until(past.step), in_motion=False)

    def _keep_states(self) -> None:
        """Keep what was changed in how views are shown, unless a document that was opened since begins afresh."""
        if self._content and self._document and _opening(self._content.document) == _opening(self._document):
            self._states |= {view.key: view.state() for view in self._content.views}

    def _swap(self, content: _Content) -> None:
        """Show new content in place of the old."""
        focused, old = self.window().focusWidget(), self._content
        steered = old is not None and focused is not None and old.isAncestorOf(focused)
        if steered:
            self.setFocus()  # else another part of the window would have it once this is hidden
        if old is not None:
            old.hide()
            old.deleteLater()
        self._content, self._is_outdated = content, False
        self._column.addWidget(content)
        self._go()
        content.show()
        plots: list[QWidget] = [plot for plot in content.findChildren(Steered) if plot.focusPolicy()]
        chain([self, *plots])
        if steered:
            (plots or [self])[0].setFocus(Qt.FocusReason.TabFocusReason)
        self._want_studies()
        self.options.show([view.key for view in content.views])
        self.swapped.emit()

    # Studies

    def go_live(self, lease: Lease) -> None:
        """Run studies on a thread, while there is a lease; without it, :meth:`finish_studies` runs them."""
        self._studies = Studies(lease)
        self._want_studies()

    def stop(self) -> bool:
        """End the thread, and what is being built; tell whether the thread has ended in time."""
        self._pieces.drop()
        self._look_for.stop()
        return self._studies is None or self._studies.stop()

    def finish_studies(self) -> None:
        """Run the studies of all views to their ends, here and now, unless their results are known."""
        for _ in self.finishing_studies():
            pass

    def finishing_studies(self) -> Iterator[None]:
        """Do what :meth:`finish_studies` does, a piece whenever it is asked for the next."""
        for view, study in self._asked():
            known = self._results.get(study.key) or self._known.get(study.key)
            if known is not None and known.last:
                self._keep(known)
            else:
                for result in results_of(study):
                    self._keep(Finding(study.key, result, last=True))
                    yield
            self._show_in(view, self._results[study.key])
        self._retell()

    def _asked(self) -> list[tuple[View, Study]]:
        views = self._content.views if self._content else []
        return [(view, study) for view in views if (study := view.study()) is not None]

    def _keep(self, finding: Finding) -> None:
        self._results[finding.key] = finding
        self._results.move_to_end(finding.key)
        while len(self._results) > MOST_KEPT:
            self._results.popitem(last=False)

    def _want_studies(self) -> None:
        """Show what is known already, and have the rest computed."""
        asked = self._asked()
        missing = [study for view, study in asked if not self._show_known(view, study)]
        if any(study.key in self._results for _, study in asked):
            self._retell()
        if self._studies is not None:
            self._studies.want(missing)
            self._fetch()

    def _fetch(self) -> None:
        """Look for results of studies while there are to be any, and somebody sees them."""
        if self._seen and self._studies is not None and self._studies.busy:
            self._look_for.start(STUDY_MS)
        else:
            self._look_for.stop()

    def be_seen(self, seen: bool) -> None:
        """Look for no results of studies while nothing is seen, and let nothing move."""
        self._seen = seen
        self._fetch()
        for view in self._content.views if self._content else ():
            view.set_in_motion(seen and self._in_motion)

    def _show_known(self, view: View, study: Study | None) -> bool:
        """Show what is known already of a view's study; tell whether that is all there is to know."""
        known = self._results.get(study.key) if study else None
        if known is None:
            return study is None
        self._keep(known)
        self._show_in(view, known)
        return known.last

    def _on_look_for(self) -> None:
        assert self._studies is not None
        if not self._studies.busy:
            self._look_for.stop()
        for finding in self._studies.pop():
            if finding.problem is not None:
                log.write(f"study {finding.key}", finding.problem.trace)
            self._keep(finding)
            for view, study in self._asked():
                if study.key == finding.key:
                    self._show_in(view, finding)
            self._retell()

    def _show_in(self, view: View, finding: Finding) -> None:
        if finding.result is not None:
            with np.errstate(all="ignore"):  # as where it is drawn
                view.show_study(finding.result)
        failed = view.look.tr("Not computed: {problem}")
        view.show_problem(failed.format(problem=finding.problem.text) if finding.problem else None)

    def _retell(self) -> None:
        """Tell the verdict anew, as a view has found something."""
        if self._content and self._document and self._drawn and not self._is_outdated:
            self._content.tell(self._document, self._drawn[1], self._in_motion)
            self.found_more.emit()


def _opening(document: Document) -> tuple[object, ...]:
    """Return what of a document decides what its views show at first."""
    return document.lesson, document.experiment.kind


def _frame(document: Document, views: Sequence[str]) -> tuple[object, ...]:
    """Return what of a document decides how these views are built; the rest only moves what they draw."""
    experiment = document.experiment
    shown = [stand_in(key, experiment) for key in views]
    frames: list[tuple[str, Hashable]] = [(key, VIEWS[key].frame(experiment)) for key in applying(shown, experiment)]
    frames += refusals(shown, experiment).items()
    return document.lesson, experiment.kind, slots_of(experiment), *frames


PLACES: dict[Place, int] = {"top": 70, "upper": 56, "lower": 44, "left": 60, "right": 40}
"""The rows or columns of the room, and the share of each."""
FIRST: tuple[Place, ...] = ("upper", "left")
"""Those whose views are drawn in every frame."""
_VERDICT = "verdict"

_ACROSS, _DOWN = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom


class _Content(QWidget):
    """Everything on the board, in one look; hidden until it is whole.

    Parameters
    ----------
    document
        What it is of.
    shown
        The views that were asked for, whether they apply or not.
    look
        Colours, sizes, language.
    board
        Where it will be shown.
    """

    def __init__(self, document: Document, shown: Sequence[str], look: Look, board: QWidget) -> None:
        super().__init__(board)
        self.hide()
        self.document, self.shown, self.look = document, tuple(shown), look
        self._turns = Turns()
        self._key: RunKey | None = None
        self.views: list[View] = []
        self.setObjectName("room")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setStyleSheet(style_sheet(look))
        self.foot = Foot(look)

    def add(self, view: View) -> View:
        """Add a view, which :meth:`finish` puts into its place."""
        view.setParent(self)
        self.views.append(view)
        return view

    def finish(self) -> None:
        """Put all views into their places, above the foot."""
        gap = self.look.metrics.gap
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        if self.look.has_key and any(view.wants_key for view in self.views):
            self._key = RunKey(self.look, self.document.experiment.names(self.look.language))
            above = QHBoxLayout()
            above.setContentsMargins(round(1.4 * gap), gap, round(1.4 * gap), 0)
            above.addWidget(self._key)
            outer.addLayout(above)
        absent = self._absent()
        if absent is not None:
            outer.addWidget(absent)
        room = QBoxLayout(self._direction())
        room.setContentsMargins(gap, gap, gap, gap)
        room.setSpacing(gap)
        for places, share, direction in self._lines():
            members = [view for view in self.views if view.place in places]
            if members:
                line = QBoxLayout(direction)
                line.setSpacing(gap)
                for view in members:
                    line.addWidget(view, stretch=view.stretch)
                room.addLayout(line, stretch=share)
        self._line_up()
        outer.addLayout(room, stretch=1)
        outer.addWidget(self.foot)

    def _line_up(self) -> None:
        """Let a view that has the row on top for itself know which one is below it, if that has a row for itself."""
        rows = [[view for view in self.views if view.place == place] for place in ("top", "upper")]
        if all(len(row) == 1 for row in rows):
            [[over], [below]] = rows
            over.stand_over(below)

    def _absent(self) -> QLabel | None:
        """Return what says of views that were asked for and do not apply why they are not there."""
        shown = [stand_in(key, self.document.experiment) for key in self.shown]
        reasons = refusals(shown, self.document.experiment)
        if not reasons:
            return None
        tr, gap = self.look.tr, self.look.metrics.gap
        lines = [
            tr("Not shown: {view}; {reason}").format(view=tr(VIEWS[key].title), reason=reason.told(tr))
            for key, reason in reasons.items()
        ]
        label = QLabel("\n".join(lines))
        label.setObjectName("absent")
        label.setProperty("role", "muted")
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setContentsMargins(round(1.4 * gap), gap, round(1.4 * gap), 0)
        return label

    def _lines(self) -> list[tuple[Sequence[Place], int, QBoxLayout.Direction]]:
        """Return the rows or columns of the room: what is in each, its share, and which way it goes."""
        if self._direction() == _DOWN:  # below a row that takes all the width, columns become a row
            rows: list[Sequence[Place]] = [("top",), ("upper",), ("lower", "left", "right")]
            return [(places, PLACES[places[0]], _ACROSS) for places in rows]
        return [((place,), share, _DOWN) for place, share in PLACES.items()]

    def _direction(self) -> QBoxLayout.Direction:
        places = {view.place for view in self.views}
        return _DOWN if places & {"top", "upper"} or not places & {"left", "right"} else _ACROSS

    def set_experiment(self, experiment: Experiment) -> None:
        """Let all views go over to an experiment whose pictures are built alike."""
        for view in self.views:
            view.set_experiment(experiment)

    def draw(self, document: Document, past: Past, in_motion: bool) -> None:
        """Draw every view and the verdict.

        In motion the upper row, and of the rest what has waited longest: verdict and figures are to be read.
        """
        if self._key is not None:
            self._key.show_gone(past.gone)
        for view in self.views:
            view.set_in_motion(in_motion)
        now = time.perf_counter()
        main = FIRST if any(view.place == "upper" for view in self.views) else (*FIRST, "top")
        others = [view for view in self.views if view.place not in main]
        draws: list[Callable[[], None]] = [
            *(partial(view.draw, past) for view in others),
            partial(self._tell, document, past),
        ]
        keys = [*(view.key for view in others), _VERDICT]
        with np.errstate(all="ignore"):  # of a run that diverged, values beyond all numbers are drawn too
            for view in self.views:
                if view.place in main:
                    view.draw(past)
            for at in self._turns.due(keys, now) if in_motion else range(len(keys)):
                draws[at]()

    def tell(self, document: Document, past: Past, in_motion: bool) -> None:
        """Tell anew the verdict, with the step that it is of; in motion it has its turn, unless that is far off."""
        if in_motion and not self._turns.is_stale(_VERDICT, time.perf_counter()):
            return
        self._tell(document, past)

    def _tell(self, document: Document, past: Past) -> None:
        shown = self.on_screen()
        self.foot.count(document, past.step, shown)
        self.foot.show_verdict(document, past, shown)

    def on_screen(self) -> Shown:
        """Return what is on screen: the sentence is about that."""
        probes = [getattr(view.options, "probe", "") for view in self.views]
        found = {name: value for view in self.views for name, value in view.findings().items()}
        return Shown(tuple(view.key for view in self.views), next(filter(None, probes), ""), found)

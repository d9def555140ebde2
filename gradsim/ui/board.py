"""The board: views, question and verdict, as the window shows them and export paints them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from html import escape

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from gradsim.sim.lessons import OVER, Document
from gradsim.sim.spec import Experiment
from gradsim.sim.tape import Divergence, Past, Tape
from gradsim.sim.verdict import Span, sentence
from gradsim.ui.label import Paragraph, tip
from gradsim.ui.theme import THEMES, Look, Metrics, style_sheet
from gradsim.ui.views.catalogue import VIEWS
from gradsim.ui.views.view import View

REFERENCE = (1600, 1000)
"""The size at which the theme's sizes are as written."""


class Board(QWidget):
    """What a class looks at. It is built anew when look, experiment or choice of views change."""

    def __init__(self, theme: str, language: str) -> None:
        super().__init__()
        self.setObjectName("room")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._theme, self._language = theme, language
        self._document: Document | None = None
        self._shown: tuple[str, ...] = ()
        self._over = "steps"
        self._look: Look | None = None
        self._content: _Content | None = None
        self._drawn: tuple[Tape, Past] | None = None
        self._refit = QTimer(self)
        self._refit.setSingleShot(True)
        self._refit.timeout.connect(self._on_refit)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)

    @property
    def shown_step(self) -> int:
        """The step of the picture, -1 while there is none."""
        return self._drawn[1].step if self._drawn else -1

    def show_document(self, document: Document, views: Sequence[str]) -> None:
        """Show these views of this experiment; what is on screen stays until :meth:`draw`, if it fits."""
        same = self._document is not None and _frame(document) == _frame(self._document)
        same = same and tuple(views) == self._shown
        if self._document is None or document.lesson != self._document.lesson:
            self._over = document.lesson.over if document.lesson else OVER[0]
        self._document, self._shown, self._drawn = document, tuple(views), None
        if not same:
            self._rebuild()

    def show_views(self, views: Sequence[str]) -> None:
        """Show other views of the same runs."""
        if tuple(views) != self._shown:
            self._shown = tuple(views)
            self._rebuild()

    def next_over(self) -> None:
        """Draw curves over the next of steps, samples and seconds."""
        self._over = OVER[(OVER.index(self._over) + 1) % len(OVER)]
        self._rebuild()

    def set_look(self, theme: str, language: str) -> None:
        """Change colours or language, once the layout around the board has settled."""
        self._theme, self._language = theme, language
        self._refit.start()

    def draw(self, tape: Tape, step: int, in_motion: bool = False) -> Past:
        """Draw the runs at `step`, or at the nearest step before it that the tape holds.

        In motion, the views of the lower row and the verdict take turns, one a frame.
        """
        past = tape.until(step)
        self._drawn = (tape, past)
        if self._content is not None and self._document is not None:
            self._content.draw(self._document, past, tape.diverged, self._language, in_motion)
        return past

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # A layout that settles resizes its parts several times; one building anew is enough.
        self._refit.start()

    def _on_refit(self) -> None:
        if self._look != self._fitting_look():
            self._rebuild()

    def _fitting_look(self) -> Look:
        theme = THEMES[self._theme]
        return Look(theme, Metrics.fit(theme, self.size(), REFERENCE), self._language)

    def _rebuild(self) -> None:
        if self._document is None:
            return
        self._look = self._fitting_look()
        if self._content is not None:
            self._content.hide()
            self._content.deleteLater()
        self.setStyleSheet(style_sheet(self._look))
        self._content = _Content(
            self._document, applying(self._shown, self._document.experiment), self._look, self._over
        )
        self._column.addWidget(self._content)
        if self._drawn is not None:
            tape, past = self._drawn
            self.draw(tape, past.step)


def _frame(document: Document) -> tuple[object, ...]:
    """Return what of a document decides how its views are built; the rest only moves what they draw."""
    experiment = document.experiment
    runs = tuple((run.label, run.hidden, run.batch_size) for run in experiment.runs)
    views = tuple(applying(VIEWS, experiment))
    return document.lesson, experiment.replicas, experiment.steps, experiment.dtype, runs, views


def applying(views: Iterable[str], experiment: Experiment) -> list[str]:
    """Return those of the views that apply to the experiment; where none does, all there are that do."""
    return [key for key in views if VIEWS[key].applies(experiment)] or applying(VIEWS, experiment)


class _Content(QWidget):
    """Everything on the board, in one look."""

    def __init__(self, document: Document, shown: Sequence[str], look: Look, over: str) -> None:
        super().__init__()
        self._turn = 0
        self._views: list[View] = [VIEWS[key](document.experiment, look, over) for key in shown]
        gap = look.metrics.gap
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        rows = QVBoxLayout()
        rows.setContentsMargins(gap, gap, gap, gap)
        rows.setSpacing(gap)
        for row, share in ((0, 56), (1, 44)):
            members = [view for view in self._views if view.row == row]
            if members:
                line = QHBoxLayout()
                line.setSpacing(gap)
                for view in members:
                    line.addWidget(view, stretch=view.stretch)
                rows.addLayout(line, stretch=share)
        outer.addLayout(rows, stretch=1)
        self._foot = _Foot(document, look)
        outer.addWidget(self._foot)

    def draw(
        self, document: Document, past: Past, diverged: Sequence[Divergence], language: str, in_motion: bool
    ) -> None:
        """Draw every view and the verdict; in motion the upper row, and of the rest the next in turn."""

        def say() -> None:
            self._foot.say(sentence(document.experiment, document.lesson, past, diverged, language))

        draws: list[Callable[[], None]] = [
            partial(view.draw, past, diverged) for view in self._views if view.row == 0
        ]
        rest: list[Callable[[], None]] = [
            *(partial(view.draw, past, diverged) for view in self._views if view.row == 1),
            say,
        ]
        self._turn = (self._turn + 1) % len(rest)
        for draw in [*draws, *(rest[self._turn : self._turn + 1] if in_motion else rest)]:
            draw()


class _Foot(QWidget):
    """The question in small, the verdict in large."""

    def __init__(self, document: Document, look: Look) -> None:
        super().__init__()
        self.setObjectName("foot")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._look = look
        m = look.metrics
        layout = QVBoxLayout(self)
        layout.setContentsMargins(round(1.4 * m.gap), round(0.7 * m.gap), round(1.4 * m.gap), round(0.8 * m.gap))
        layout.setSpacing(0)
        question = document.lesson.question(look.language) if document.lesson else ""
        if question and look.theme.name != "projector":
            asked = Paragraph(question, most_lines=2)
            asked.setProperty("role", "muted")
            asked.setToolTip(tip(question))
            layout.addWidget(asked)
        self._verdict = QLabel()
        self._verdict.setProperty("role", "verdict")
        self._verdict.setWordWrap(True)
        self._verdict.setTextFormat(Qt.TextFormat.RichText)
        self._verdict.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)
        self._lines = 1
        layout.addWidget(self._verdict)
        self._reserve()

    def _reserve(self) -> None:
        """Keep the height of the lines used so far, so that the views above do not jump."""
        self._verdict.setMinimumHeight(round(1.32 * self._look.metrics.verdict * self._lines))

    def say(self, spans: Sequence[Span]) -> None:
        """Show the verdict, each run's figures in its colour."""
        pieces = []
        for span in spans:
            text = escape(span.text)
            if span.run is not None:
                text = text.replace(" ", "&nbsp;") if len(text) < 32 else text
                text = f'<span style="color:{self._look.run_colour(span.run)}">{text}</span>'
            pieces.append(text)
        self._verdict.setText("".join(pieces))
        width = self._verdict.width()
        if width > 100:
            lines = round(self._verdict.heightForWidth(width) / (1.32 * self._look.metrics.verdict) + 0.2)
            if lines > self._lines:
                self._lines = lines
                self._reserve()

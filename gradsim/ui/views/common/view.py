"""What every view is, and the card it is drawn on."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from html import escape
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCursor, QFont, QFontMetrics
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QToolTip, QVBoxLayout, QWidget

from gradsim.runtime.studies import Study
from gradsim.schema.errors import Phrase
from gradsim.sim.kinds import Experiment
from gradsim.sim.run.tape import Divergence, Past
from gradsim.ui.label import ElidedLabel, mode_for, tip
from gradsim.ui.theme import Look, font
from gradsim.ui.views.common.branches import branch_texts, branches_of
from gradsim.ui.views.common.options import ViewOptions

Values = npt.NDArray[np.float64]
Place = Literal["top", "upper", "lower", "left", "right"]


_BLANK = " "
"""What gives a label without text the height of a line."""


class Card(QFrame):
    """A title, one grey line that names the statistic, and a picture below.

    Parameters
    ----------
    look
        Colours, sizes, language.
    title, subtitle
        The title, and the grey line: without text there is none, unless the card `keeps_line`.
    colour
        Of the title, where it is not that of text.
    framed
        Whether it stands by itself; otherwise it is a part of another card.
    keeps_line
        Whether the grey line has its height while there is nothing in it, so that the picture never moves.
    """

    def __init__(
        self,
        look: Look,
        title: str = "",
        subtitle: str = "",
        colour: str | None = None,
        framed: bool = True,
        keeps_line: bool = False,
    ) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        gap = look.metrics.gap
        if framed:
            self.setObjectName("card")
            layout.setContentsMargins(gap, round(0.7 * gap), gap, round(0.5 * gap))
        else:
            layout.setContentsMargins(0, gap // 2, 0, 0)
        layout.setSpacing(0)
        self._title = ElidedLabel(title)
        self._title.setProperty("role", "title")
        # Names in other scripts have higher lines: beside each other, pictures are to begin at one height.
        self._title.setFixedHeight(QFontMetrics(font(look.metrics.title, QFont.Weight.Bold)).height())
        if colour:
            self._title.setStyleSheet(f"color: {colour}")
        self._subtitle = ElidedLabel()
        self._subtitle.setProperty("role", "muted")
        self._plain: tuple[str, ...] = (subtitle,)
        self._keeps_line = keeps_line
        self._warning = self._problem = ""
        self._is_projected = look.theme.name == "projector"
        self._head = QHBoxLayout()
        self._head.setSpacing(look.metrics.gap)
        self._head.addWidget(self._title, stretch=1)
        layout.addLayout(self._head)
        layout.addWidget(self._subtitle)
        self._show_line()
        self.body = QHBoxLayout()
        self.body.setSpacing(0)
        layout.addLayout(self.body, stretch=1)
        self._below = QVBoxLayout()
        layout.addLayout(self._below)

    def rename(self, title: str, colour: str) -> None:
        """Give it another title, in a colour."""
        self._title.setText(title)
        self._title.setStyleSheet(f"color: {colour}")

    def tell_apart(self, names: Sequence[str]) -> Card:
        """Cut the title, one of these names, so that it is told from the others where it has no room."""
        self._title.mode = mode_for(names)
        return self

    def hide_title(self) -> None:
        """Leave the title out: what is above the card says it."""
        self._title.hide()

    def set_brief_title(self, *shorter: str) -> None:
        """Show the first of these titles that has room where the whole title has none."""
        self._title.shorter = shorter

    @staticmethod
    def level(cards: Sequence[Card]) -> None:
        """Give the titles of cards in a row one height, whatever their scripts, so that the pictures are level."""
        for card in cards:
            card._title.ensurePolished()
        high = max(card._title.sizeHint().height() for card in cards)
        for card in cards:
            card._title.setMinimumHeight(high)

    def add_tool(self, text: str, action: Callable[[], None]) -> QPushButton:
        """Put a button beside the title; on a projector it is hidden, for the title needs the room more."""
        button = QPushButton(text)
        if self._is_projected:
            button.hide()
        button.setProperty("role", "link")
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(action)
        self._head.addWidget(button)
        return button

    def add_below(self, widget: QWidget) -> None:
        """Put a widget below the picture."""
        self._below.addWidget(widget)

    def set_subtitle(self, text: str, *shorter: str) -> None:
        """Show another subtitle from now on, or the first `shorter` one that has room."""
        if (text, *shorter) != self._plain:
            self._plain = (text, *shorter)
            self._show_line()

    def explain(self, what: str, measured: str, statistic: str) -> None:
        """Give its title and its grey line tooltips: what is shown, what is measured, and how to read its spread."""
        self._title.setToolTip(tip(what))
        self._subtitle.setToolTip(tip("\n".join(filter(None, (measured or what, statistic)))))

    def set_warning(self, text: str | None) -> None:
        """Show `text` in place of the subtitle until it is None."""
        self._warning = text or ""
        self._show_line()

    def show_problem(self, text: str | None) -> None:
        """Show that the picture could not be made, in place of subtitle and warnings, until `text` is None."""
        self._problem = text or ""
        self._show_line()

    def _show_line(self) -> None:
        alarm = self._problem or self._warning
        role = "alarm" if alarm else "muted"
        if self._subtitle.property("role") != role:
            self._subtitle.setProperty("role", role)
            self._subtitle.style().unpolish(self._subtitle)
            self._subtitle.style().polish(self._subtitle)
        text, *shorter = (alarm,) if alarm else self._plain
        self._subtitle.setVisible(bool(text) or self._keeps_line)
        self._subtitle.setText(text or _BLANK)
        self._subtitle.shorter = shorter


class View(QWidget):
    """A picture of the runs at a step.

    Parameters
    ----------
    experiment
        Whose runs are drawn.
    look
        Colours, sizes, language; a view is built anew when they change.
    options
        What is drawn where the view has a choice: an instance of its :attr:`options_type`, left out for the usual.
    """

    key: ClassVar[str]
    title: ClassVar[str]
    help: ClassVar[str] = ""
    """One sentence on what it shows, for tooltips."""
    kind: ClassVar[str]
    """The kind of experiment that it draws."""
    place: Place = "lower"
    """Where in the room it is: in the row on top, the upper or the lower one, or in the left or the right column."""
    stretch: ClassVar[int] = 1
    """Its share of the width of its row, or of the height of its column."""
    order: ClassVar[int]
    """Its place in the menu among the views of its kind."""
    swaps_with: ClassVar[str] = ""
    """Key of the view that shows the same in another way, where there is one."""
    wants_key: ClassVar[bool] = False
    """Whether it tells runs by their markers alone where the look has a key of them."""
    keeps_path: ClassVar[bool] = False
    """Whether it goes on showing the longest path it has seen when an earlier step is shown."""
    options_type: ClassVar[type[ViewOptions]] = ViewOptions
    """What it has a choice of; files, form, menu and command line follow from its parameters."""
    options: ViewOptions

    edit_asked = Signal(object)
    """The experiment is to be changed: a function from its table to the new one."""
    restart_asked = Signal(object)
    """The same, but the run is to begin anew, and it is one change to be undone, whatever follows how soon."""

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__()
        self.experiment, self.look = experiment, look
        self.branches = branches_of(experiment.runs)
        self.options = options or self.options_type()
        self.in_motion = False
        """Whether the next step follows by itself."""
        self.box = QHBoxLayout(self)
        self.box.setContentsMargins(0, 0, 0, 0)
        self.box.setSpacing(look.metrics.gap)

    @classmethod
    def refusal(cls, experiment: Experiment) -> Phrase | None:
        """Say in a clause why there is nothing to draw of this experiment; None where there is."""
        if experiment.kind == cls.kind:
            return cls.lacks(experiment)
        template = "it shows experiments of the kind {kind}, and this one is of the kind {other}"
        return Phrase(template, kind=cls.kind, other=experiment.kind)

    @classmethod
    def lacks(cls, experiment: Any) -> Phrase | None:
        """Say in a clause what the view needs that an experiment of its kind does not have; None for nothing."""
        return None

    @classmethod
    def frame(cls, experiment: Any) -> Hashable:
        """Return what of an experiment decides how the view is built; the rest only moves what it draws."""
        return experiment.labels, experiment.replicas, experiment.steps

    @classmethod
    def prepare(cls, experiment: Any) -> Iterator[None]:
        """Compute, before a view of an experiment is built, what takes long and is kept; yield in between."""
        yield from ()

    def show_draft(self, table: Mapping[str, Any]) -> None:
        """Take note of the full table as it is being edited in a window, which may not be allowed, or not run yet."""

    swap_asked = Signal()
    """The view that this one swaps with is to be shown in its place."""
    study_asked = Signal()
    """What :meth:`study` returns has changed."""

    def study(self) -> Study | None:
        """Return the longer computation whose result is to be shown, if there is one."""
        return None

    def show_study(self, result: Any) -> None:
        """Show a result of :meth:`study`."""
        raise NotImplementedError

    def findings(self) -> Mapping[str, Any]:
        """Return what :meth:`study` has found that the verdict tells, by its name; {} while there is nothing."""
        return {}

    def show_problem(self, text: str | None) -> None:
        """Tell on the cards why :meth:`study` failed; None once it does not."""
        for card in self.findChildren(Card):
            card.show_problem(text)

    def set_experiment(self, experiment: Experiment) -> None:
        """Go over to another experiment whose pictures are built alike."""
        self.experiment, self.branches = experiment, branches_of(experiment.runs)

    def take_back(self) -> None:
        """Forget an edit that was asked for and is not allowed."""

    def swap(self) -> None:
        """Ask for the view that this one swaps with."""
        self.swap_asked.emit()

    def reveal(self, by: int) -> None:
        """Show the next part, or the one before, of what is shown part by part."""

    def state(self) -> dict[str, Any]:
        """Return what a viewer has changed in how it is shown, for :meth:`restore`; {} if nothing."""
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Show it as it was when :meth:`state` returned this, as far as it fits the experiment."""

    def paint_ahead(self) -> Iterator[None]:
        """Paint, unseen, what takes long and is kept; it yields where others may come between."""
        self.grab()
        yield

    def settle(self) -> None:
        """Have everything that the next paint needs as it is to be: no earlier picture may stand in for it."""

    def layer_span(self, run: int) -> tuple[float, float] | None:
        """Return where the columns of a run's layers begin and end across, in pixels of the window; None for none."""
        return None

    def stand_over(self, below: View) -> None:
        """Take the columns of a view that is right below, where both show layers in columns."""

    def set_in_motion(self, in_motion: bool) -> None:
        """Note whether the next step follows by itself; never in pictures that are exported."""
        self.in_motion = in_motion

    def draw(self, past: Past) -> None:
        """Show the runs as they were at the end of `past`."""
        raise NotImplementedError

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the runs in the language of the view."""
        return self.experiment.names(self.look.language)

    def statistic(self, what: str, spread: str) -> str:
        """Word the grey line of a card: what is drawn, and how replicas enter, which a projector leaves out."""
        replicas = self.experiment.replicas
        if replicas == 1 or self.look.theme.name == "projector":
            return what
        return self.look.tr("{what}; {spread}").format(what=what, spread=self.look.tr(spread).format(n=replicas))

    def explain(self) -> None:
        """Give its cards tooltips."""
        replicas, tr = self.experiment.replicas, self.look.tr
        statistic = tr(HOW_TO_READ).format(n=replicas) if replicas > 1 else ""
        for card in self.findChildren(Card):
            card.explain(tr(self.help), tr(self.options.help), statistic)

    def branch_texts(self, step: int) -> list[str]:
        """Say what the marks of forks and changes up to a step stand for."""
        return branch_texts(self.experiment.runs, self.branches, self.names, step, self.look.language)

    def divergence_text(self, divergence: Divergence) -> str:
        """Say where a run diverged."""
        return self.look.tr("diverged at step {step}").format(step=f"{divergence.step:,}")

    def divergence_texts(self, divergences: Sequence[Divergence]) -> str | None:
        """Say of each of these runs, by its name, where it diverged; None where there are none."""
        texts = [f"{self.names[each.run]}: {self.divergence_text(each)}" for each in divergences]
        return self.look.tr("; ").join(texts) or None

    def warn_of_diverged(self, cards: Sequence[Card], past: Past) -> None:
        """Say on the card of each run, in their order, whether and where it has diverged."""
        gone = {divergence.run: divergence for divergence in past.diverged}
        for run, card in enumerate(cards):
            card.set_warning(self.divergence_text(gone[run]) if run in gone else None)

    def show_tooltip(self, text: str | None) -> None:
        """Show exact values beside the pointer, or hide them."""
        if text:
            QToolTip.showText(QCursor.pos(), f'<p style="white-space:pre">{escape(text)}</p>', self)
        else:
            QToolTip.hideText()


def last_band(past: Past, run: int, name: str) -> Values:
    """Return the band at the end of `past`, or of a diverged run the last that it had.

    Ratios are undefined in the output layer, so a band counts if any of it is known.
    """
    band = past.band(run, name)
    if np.isfinite(band).any():
        return band
    history = past.history(run, name)
    finite = np.flatnonzero(np.isfinite(history.reshape(len(history), -1)).any(axis=1))
    return history[finite[-1]] if len(finite) else band


HOW_TO_READ = "Median: the middle one of {n} seeds; 5–95 %: nine in ten of them lie in between."
MEDIAN_AND_BAND, MEDIAN_ALONE = "median and 5–95 % of {n} seeds", "median of {n} seeds"

"""The panel: what differs between the runs, and the settings of one run or of all."""

from __future__ import annotations

import copy
import time
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QScrollArea, QWidget

from gradsim.schema.parameters import EntryOf
from gradsim.sim.documents.drafts import Draft
from gradsim.sim.documents.experiments import with_another_run, without_run
from gradsim.sim.run.forks import change_from, fork_of, without_change
from gradsim.sim.run.settings import MAX_RUNS
from gradsim.ui.keys import place_of_focus
from gradsim.ui.later import later
from gradsim.ui.panels.bubble import Bubble
from gradsim.ui.panels.editors import Edit, Editor
from gradsim.ui.panels.fields import LineField, Slider
from gradsim.ui.panels.form import Form
from gradsim.ui.panels.picture_options import PictureOptions
from gradsim.ui.panels.refusals import problem_of, told_with_label
from gradsim.ui.panels.ring import Light
from gradsim.ui.panels.scope import ALL, Scope
from gradsim.ui.panels.state import PanelState
from gradsim.ui.shown_options import ShownOptions
from gradsim.ui.theme import Look
from gradsim.ui.turns import Turns

_STEP = "step"


class Panel(QScrollArea):
    """Shows a draft, and signals what it is edited to; it is for who listens to show it then."""

    edited = Signal(object, bool, bool)
    """The whole new table, whether it is a step of a drag that may go on, and whether the step shown stays."""

    def __init__(self, draft: Draft, look: Look, options: ShownOptions, state: PanelState | None = None) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        lesson = draft.document.lesson
        self._hidden = lesson.hidden if lesson else ()
        self._draft, self._look, self._options = draft, look, options
        self._scope = Scope()
        self.state = state or PanelState()
        self._editing = False
        self._step, self._turns = 0, Turns()
        self._bubble = Bubble(self, look)
        self._light = Light()
        self._form = self._new_form(draft, look, self._scope)
        self.setWidget(self._form)
        self._tell()
        self._scrolled = 0.0
        """Where it is scrolled to, as a share of the way."""
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    def _new_form(self, draft: Draft, look: Look, scope: Scope, like: Form | None = None) -> Form:
        """Return a new form; what is in which place in another one of the same draft is so in this one."""
        options = PictureOptions(look, self._options, self.state)
        options.refused.connect(self._on_option_refused)
        form = Form(draft, look, self._hidden, options)
        form.setting_edited.connect(self._on_edited)
        form.more_asked.connect(self._on_more)
        form.section_asked.connect(self._on_section)
        form.runs.picked.connect(self._on_picked)
        changes = form.runs.changes
        changes.add_button.clicked.connect(self._on_add)
        changes.remove_button.clicked.connect(self._on_remove)
        changes.picked.connect(self._on_change_picked)
        changes.remove_asked.connect(self._on_change_removed)
        changes.change_button.clicked.connect(self.change_from_here)
        changes.fork_button.clicked.connect(self.fork)
        if like:
            form.on_top = like.on_top
        form.show_draft(draft, scope, self.state, editing=like is not None)
        return form

    def is_in(self, look: Look) -> bool:
        """Tell whether it is shown in this look."""
        return self._look == look

    def form_in(self, look: Look) -> Form:
        """Return a form of what is shown in another look, for :meth:`set_form`."""
        return self._new_form(self._draft, look, self._scope, self._form)

    def set_form(self, form: Form, look: Look) -> None:
        """Show another form; what is being typed, focus and place stay as they are."""
        at, typed, share = place_of_focus(self.stops()), self._typed(), self._scrolled
        self._form.silence()
        self._form, self._look = form, look
        self._show_step()
        self.takeWidget().deleteLater()
        self.setWidget(form)
        self._tell()
        if at is not None:
            self._take_focus(self.stops()[min(at, len(self.stops()) - 1)], typed)
        # How long the new content is shows when it has been laid out.
        later(self, lambda: self._scroll_to(share))

    def show_draft(self, draft: Draft) -> None:
        """Show another draft of the same document."""
        self.light_down()
        scope = self._scope.within(draft.table)
        if self._form.fits(draft):
            self._form.show_draft(draft, scope, self.state, self._editing)
            self._draft, self._scope = draft, scope
            self._tell()
        else:
            form = self._new_form(draft, self._look, scope)
            self._draft, self._scope = draft, scope
            self.set_form(form, self._look)
        self._show_step()

    def show_step(self, step: int, in_motion: bool = False) -> None:
        """Let the buttons for a change and a fork name the step shown, in motion as often as it can be read."""
        self._step = step
        if not in_motion or self._turns.due([_STEP], time.perf_counter()):
            self._show_step()

    def _show_step(self) -> None:
        buttons = self._form.runs.changes
        buttons.change_button.show_step(self._step, self.change_problem)
        buttons.fork_button.allow(self.fork_problem)

    def control_of(self, name: str, run: int | None = None) -> QWidget | None:
        """Return the control of a setting, named as in a file, of a run where it has one; None where it is not."""
        return self._form.control_of(name, run)

    def light_up(self, name: str, run: int | None = None) -> None:
        """Ring the control of a setting, named as in a file, until :meth:`light_down`."""
        target = self._form.control_of(name, run)
        if target is not None:
            self.ensureWidgetVisible(target)
        self._light.ring(self._form, target, self._look)

    def light_down(self) -> None:
        """Take the ring away."""
        self._light.put_out()

    @property
    def lit(self) -> QWidget | None:
        """The control that is ringed, if one is."""
        return self._light.target

    def stops(self) -> list[QWidget]:
        """Return the widgets at which Tab stops, from top to bottom."""
        return self._form.stops()

    @property
    def problem(self) -> str:
        """Why the draft is not allowed, "" if it is; the run is named where it is not the one that is edited."""
        return problem_of(self._draft, self._scope, self._look.language)

    @property
    def problem_and_label(self) -> str:
        """Why the draft is not allowed, with the name of the setting, for where the setting is not seen."""
        return told_with_label(self._draft, self._scope, self._look.language)

    @property
    def told(self) -> str:
        """What is said at the field that is refused, "" if nothing is."""
        return self._bubble.text

    @property
    def told_at(self) -> QWidget | None:
        """The field, or another part of the panel, at which that is said."""
        return self._bubble.target

    def _tell(self) -> None:
        """Say at its field what is refused."""
        problem = self.problem
        self._bubble.tell(problem, self._form.refused_place(self._scope) if problem else None, self._look)

    def _on_option_refused(self, editor: Editor, problem: str) -> None:
        self._bubble.tell(problem, editor if problem else None, self._look)
        if not problem:
            self._tell()

    def retire(self) -> None:
        """Signal and say nothing any more: losing the focus would make an edit of what was being typed."""
        self.blockSignals(True)
        self._bubble.tell("", None, self._look)

    def close_bubble(self) -> None:
        """Take the bubble, which lies outside of the panel, away for good."""
        self._bubble.tell("", None, self._look)
        self._bubble.deleteLater()

    def _typed(self) -> str | None:
        """Return the text that is being typed, if one is."""
        focused = self.window().focusWidget()
        if isinstance(focused, LineField) and focused.is_being_typed and self.isAncestorOf(focused):
            return focused.text()
        return None

    def _take_focus(self, widget: QWidget, typed: str | None) -> None:
        widget.setFocus()
        if isinstance(widget, LineField) and typed is not None and typed != widget.text():
            # Typed rather than set, so that Escape still takes it back.
            widget.selectAll()
            widget.insert(typed)

    def _on_scrolled(self, value: int) -> None:
        most = self.verticalScrollBar().maximum()
        if most:  # else all of it fits for the moment, as between two sizes of the window
            self._scrolled = value / most

    def _scroll_to(self, share: float) -> None:
        bar = self.verticalScrollBar()
        bar.setValue(round(share * bar.maximum()))

    # Changes and forks at the step shown

    @property
    def _chosen_run(self) -> int | None:
        """The run that is edited, or the only one."""
        if self._scope.run != ALL:
            return self._scope.run
        return 0 if len(self._draft.table["runs"]) == 1 else None

    @property
    def change_problem(self) -> str:
        """Why the chosen run cannot change at the step shown, "" if it can."""
        if self._chosen_run is None:
            return self._look.tr("First choose a run: click its card.")
        if self._step >= self._draft.document.experiment.steps:
            return self._look.tr("This is the last step; nothing comes after it.")
        return ""

    @property
    def fork_problem(self) -> str:
        """Why the chosen run cannot be forked at the step shown, "" if it can."""
        if len(self._draft.table["runs"]) >= MAX_RUNS:
            return self._look.tr("There are {n} runs, and no more are possible.").format(n=MAX_RUNS)
        return self.change_problem

    def change_from_here(self) -> None:
        """Let the chosen run have a change at the step shown, and edit it."""
        run, step = self._chosen_run, self._step
        if run is not None and not self.change_problem:
            self.edited.emit(change_from(self._draft.table, run, step), False, True)
            self._choose(Scope(run, step))

    def fork(self) -> None:
        """Add a run that shares the chosen run's past up to the step shown, and edit what it does then."""
        run, step = self._chosen_run, self._step
        if run is not None and not self.fork_problem:
            self.edited.emit(fork_of(self._draft.table, run, step), False, True)
            self._choose(Scope(len(self._draft.table["runs"]) - 1, step))

    def _choose(self, scope: Scope) -> None:
        self._scope = scope.within(self._draft.table)
        self.refresh()

    def refresh(self) -> None:
        """Show what its state says."""
        self._form.show_draft(self._draft, self._scope, self.state)
        self._tell()
        self._show_step()

    def _on_change_picked(self, step: int) -> None:
        self._choose(Scope(self._chosen_run or 0, step))

    def _on_change_removed(self, step: int) -> None:
        self.edited.emit(without_change(self._draft.table, self._chosen_run or 0, step), False, True)

    # What the form asks for

    def _on_picked(self, run: int) -> None:
        self._choose(Scope() if self._scope == Scope(run) else Scope(run))

    def _on_more(self) -> None:
        self.state.more = not self.state.more
        self.refresh()

    def _on_section(self, name: str) -> None:
        self.state.toggle(name)
        self.refresh()

    def _on_add(self) -> None:
        """Add a run like the one that is chosen, or like the last, and choose it."""
        count, like = len(self._draft.table["runs"]), self._scope.run
        self.edited.emit(with_another_run(self._draft.table, count - 1 if like == ALL else like), False, False)
        if len(self._draft.table["runs"]) > count:
            self._choose(Scope(count))

    def _on_remove(self) -> None:
        removed, self._scope = self._scope.run, Scope()
        self.edited.emit(without_run(self._draft.table, removed), False, False)

    def _on_edited(self, editor: Editor, edit: Edit) -> None:
        key = str(editor.property("key"))
        name, own = key.removeprefix("."), int(editor.property("run"))
        scope = self._scope if own == ALL else Scope(own)
        table = copy.deepcopy(dict(self._draft.table))
        allowed = self._draft.allowed
        usual = allowed if len(allowed["runs"]) == len(table["runs"]) else self._draft.table
        parameter = editor.parameter

        def edited(now: Any, before: Any) -> Any:
            # Of an entry, the setting that is edited is a part: the others stay, allowed or not.
            return edit(now if isinstance(parameter, EntryOf) or parameter.allows(now) else before)

        if key.startswith("."):
            table[name] = edited(table[name], usual[name])
        else:
            for run in [scope.run] if scope.run != ALL else range(len(table["runs"])):
                at = scope._replace(run=run)
                value = edited(at.value(table, name), at.value(usual, name))
                table["runs"][run] = at.with_value(table["runs"][run], name, value, parameter)
        self._editing = True
        try:
            self.edited.emit(table, _is_sliding(editor), scope.step is not None)
        finally:
            self._editing = False


def _is_sliding(editor: Editor) -> bool:
    """Tell whether one of its sliders is in the hand."""
    return any(slider.is_in_hand for slider in editor.findChildren(Slider))

"""The panel: what differs between the runs, and the settings of one run or of all."""

from __future__ import annotations

import copy
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QScrollArea, QWidget

from gradsim.schema.parameters import EntryOf
from gradsim.sim.documents.drafts import Draft
from gradsim.sim.documents.experiments import with_another_run, without_run
from gradsim.ui.keys import place_of_focus
from gradsim.ui.panels.editors import Edit, Editor
from gradsim.ui.panels.fields import LineField, Slider
from gradsim.ui.panels.form import ALL, Form, problem_of
from gradsim.ui.panels.picture_options import PictureOptions
from gradsim.ui.shown_options import ShownOptions
from gradsim.ui.theme import Look


class Panel(QScrollArea):
    """Shows a draft, and signals what it is edited to; it is for who listens to show it then."""

    edited = Signal(object, bool)
    """The whole new table, and whether it is a step of a drag that may go on."""

    def __init__(self, draft: Draft, look: Look, options: ShownOptions) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        lesson = draft.document.lesson
        self._hidden = lesson.hidden if lesson else ()
        self._draft, self._look, self._options = draft, look, options
        self._scope = ALL
        self._more = False
        self._form = self._new_form(draft, look, ALL)
        self.setWidget(self._form)

    def _new_form(self, draft: Draft, look: Look, scope: int) -> Form:
        form = Form(draft, look, self._hidden, PictureOptions(look, self._options))
        form.setting_edited.connect(self._on_edited)
        form.more_asked.connect(self._on_more)
        form.runs.picked.connect(self._on_picked)
        form.runs.add_asked.connect(self._on_add)
        form.runs.remove_asked.connect(self._on_remove)
        form.show_draft(draft, scope, self._more)
        return form

    def form_in(self, look: Look) -> Form:
        """Return a form of what is shown in another look, for :meth:`set_form`."""
        return self._new_form(self._draft, look, self._scope)

    def set_form(self, form: Form, look: Look) -> None:
        """Show another form; what is being typed, focus and place stay as they are."""
        at, typed, share = place_of_focus(self.stops()), self._typed(), self._scrolled()
        self._form.silence()
        self._form, self._look = form, look
        self.takeWidget().deleteLater()
        self.setWidget(form)
        if at is not None:
            self._take_focus(self.stops()[min(at, len(self.stops()) - 1)], typed)
        # How long the new content is shows when it has been laid out.
        QTimer.singleShot(0, self, lambda: self._scroll_to(share))

    def show_draft(self, draft: Draft) -> None:
        """Show another draft of the same document."""
        scope = self._scope if self._scope < len(draft.table["runs"]) else ALL
        if self._form.fits(draft):
            self._form.show_draft(draft, scope, self._more)
        else:
            self.set_form(self._new_form(draft, self._look, scope), self._look)
        self._draft, self._scope = draft, scope

    def stops(self) -> list[QWidget]:
        """Return the widgets at which Tab stops, from top to bottom."""
        return self._form.stops()

    @property
    def problem(self) -> str:
        """Why the draft is not allowed, "" if it is; the run is named where it is not the one that is edited."""
        return problem_of(self._draft, self._scope, self._look.language)

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

    def _scrolled(self) -> float:
        bar = self.verticalScrollBar()
        return bar.value() / max(1, bar.maximum())

    def _scroll_to(self, share: float) -> None:
        bar = self.verticalScrollBar()
        bar.setValue(round(share * bar.maximum()))

    # What the form asks for

    def _on_picked(self, run: int) -> None:
        self._scope = ALL if run == self._scope else run
        self._form.show_draft(self._draft, self._scope, self._more)

    def _on_more(self) -> None:
        self._more = not self._more
        self._form.show_draft(self._draft, self._scope, self._more)

    def _on_add(self) -> None:
        """Add a run like the one that is chosen, or like the last, and choose it."""
        count = len(self._draft.table["runs"])
        self.edited.emit(with_another_run(self._draft.table, count - 1 if self._scope == ALL else self._scope), False)
        if len(self._draft.table["runs"]) > count:
            self._scope = ALL
            self._on_picked(count)

    def _on_remove(self) -> None:
        removed, self._scope = self._scope, ALL
        self.edited.emit(without_run(self._draft.table, removed), False)

    def _on_edited(self, key: str, edit: Edit) -> None:
        editor, name = self._form.editor(key), key.removeprefix(".")
        table = copy.deepcopy(dict(self._draft.table))
        allowed = self._draft.allowed
        usual = allowed if len(allowed["runs"]) == len(table["runs"]) else self._draft.table
        for at, before in zip(self._places(table, key), self._places(usual, key), strict=True):
            # Of an entry, the setting that is edited is a part: the others stay, allowed or not.
            whole = isinstance(editor.parameter, EntryOf) or editor.parameter.allows(at[name])
            at[name] = edit(at[name] if whole else before[name])
        self.edited.emit(table, _is_sliding(editor))

    def _places(self, table: Any, key: str) -> list[dict[str, Any]]:
        """Return the parts of a table in which an edit of this setting is made."""
        if key.startswith("."):
            return [table]
        runs: list[dict[str, Any]] = table["runs"]
        return runs if self._scope == ALL else [runs[self._scope]]


def _is_sliding(editor: Editor) -> bool:
    """Tell whether one of its sliders is in the hand, or moved by keys."""
    return any(slider.isSliderDown() or slider.hasFocus() for slider in editor.findChildren(Slider))

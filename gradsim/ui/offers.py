"""What the menus offer at this moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gradsim.ui.actions import Actions
from gradsim.ui.menus import Choices, Entry, Item
from gradsim.ui.motion import reduce_motion, reduces_motion
from gradsim.ui.view_menu import ViewMenu


class Offers:
    """Says of each action of a window how a menu shows it now, and what each menu offers besides its actions."""

    def __init__(self, window: Actions, translate: Callable[[str], str]) -> None:
        self._window, self._tr = window, translate
        self._view_menu = ViewMenu(window.board.options, window.show_views, window.choose_option, translate)

    def entry_of(self, action: str) -> Entry:
        """Return how an action is shown in a menu now."""
        history, stage = self._window.editing.history, self._window.stage
        steps = {"undo": (history.can_undo, history.to_undo), "redo": (history.can_redo, history.to_redo)}
        if action == "toggle_asking_first":
            return Entry(checked=self._window.predictions.wanted)
        if action == "toggle_stage":
            return Entry(possible=stage.is_wanted or stage.can_go, checked=stage.is_wanted)
        if action not in steps:
            return Entry(possible=not self.problem_of(action))
        possible, what = steps[action]
        name = self._tr("Undo") if action == "undo" else self._tr("Redo")
        return Entry(f"{name}: {self._tr(what)}" if possible and what else name, possible)

    def choices_of(self, menu: str) -> Sequence[Choices]:
        """Return what a menu offers besides its actions: views and their options, whether closing asks."""
        if menu == "View":
            note = self._tr("Nothing moves but for the curves and values of the run: no pulse runs through networks.")
            stills = Item(self._tr("Reduce motion"), self._toggle_motion, reduces_motion(self._window), note=note)
            return [*self._view_menu.choices(*self._window.shown), Choices("", [stills])]
        if menu == "File":
            asks = Item(self._tr("Ask before closing"), self._toggle_asks, self._window.asks)
            return [*self._window.saving.choices(), Choices("", [asks])]
        return []

    def _toggle_asks(self) -> None:
        self._window.asks = not self._window.asks

    def _toggle_motion(self) -> None:
        reduce_motion(self._window, not reduces_motion(self._window))

    def problem_of(self, action: str) -> str:
        """Return why a change or a fork of a run is not possible now, "" if it is, and for other actions."""
        panel, predictions = self._window.panel, self._window.predictions
        assert panel is not None
        problems = {"change_from_here": panel.change_problem, "fork": panel.fork_problem}
        if predictions.is_open:
            problems = dict.fromkeys(problems, self._tr("The pictures are hidden while the class predicts."))
        if not predictions.can_ask:
            problems["predict"] = self._tr("This lesson asks nothing.")
        if action == "show_table" and self._window.ways_in.table is None:
            problems[action] = self._tr("This experiment is on no table.")
        return problems.get(action, "")

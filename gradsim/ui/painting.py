"""Painting one's own data: from whatever is open, and with the picture that is painted on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from PySide6.QtCore import QObject

from gradsim.engine.data.user_points import Points
from gradsim.sim.documents.document import parse
from gradsim.sim.documents.experiments import full_table
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.train.painting import points_of, with_points
from gradsim.sim.kinds.train.spec import Train
from gradsim.ui.board import Board
from gradsim.ui.controller import Controller
from gradsim.ui.editing import Editing
from gradsim.ui.views.catalogue import VIEWS

CANVAS = "boundary"
"""The view that is painted on."""

FRESH = """
replicas = 4
steps = 1000
data = "points"
[common]
hidden = [16, 16]
optimizer = { name = "momentum", learning_rate = 0.05 }
[[runs]]
activation = "tanh"
[[runs]]
activation = "relu"
"""
"""What is opened where there are no networks to be trained on points."""


class PaintPlace(QObject):
    """Changes data to painted ones, and sees to it that there is something to paint on.

    Parameters
    ----------
    controller, editing, board
        Parts of the window.
    show_views
        Shows these views.
    """

    def __init__(
        self,
        controller: Controller,
        editing: Editing,
        board: Board,
        show_views: Callable[[tuple[str, ...]], object],
    ) -> None:
        super().__init__(board)
        self._controller, self._editing, self._board = controller, editing, board
        self._show_views = show_views
        self._was_painted = is_painted(controller.document.experiment)
        self._begins = False
        """Whether somebody has asked to paint, and the picture is to come."""
        controller.started.connect(self._on_started)
        editing.changed.connect(self._on_changed)
        board.restart_asked.connect(self._on_restart_asked)
        self._on_changed()

    def begin(self) -> None:
        """Paint on from the points of the plane that is open, or from the usual ones; undo takes that back."""
        document = self._editing.draft.document
        self._begins = not is_painted(document.experiment)
        if not self._begins:
            self._show_views((CANVAS,))
        elif document.experiment.kind == VIEWS[CANVAS].kind:
            points = points_of(cast(Train, document.experiment))
            self._editing.edit(with_points(full_table(document.experiment), points))
        else:
            self._editing.open(parse(FRESH, "painted points"))

    def _on_restart_asked(self, edit: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
        self._editing.edit(edit(self._editing.draft.table))

    def _on_changed(self) -> None:
        self._board.show_draft(self._editing.draft.table)

    def _on_started(self) -> None:
        """Show the picture that is painted on once data have become painted ones, wherever they were chosen."""
        is_now = is_painted(self._controller.running_document.experiment)
        before, self._was_painted = self._was_painted, is_now
        if is_now and not before and (self._begins or CANVAS not in self._board.asked_views):
            self._show_views((CANVAS,))  # alone, so that it is large
        self._begins = self._begins and not is_now


def is_painted(experiment: Experiment) -> bool:
    """Tell whether an experiment trains on painted points."""
    return isinstance(getattr(experiment, "data", None), Points)  # not every kind has data

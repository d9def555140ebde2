"""The views there are; ``gradsim.sim.lessons.VIEWS`` names them for files."""

from __future__ import annotations

from gradsim.ui.views.basins import BasinView
from gradsim.ui.views.curves import Accuracy, Loss
from gradsim.ui.views.gradients import Gradients
from gradsim.ui.views.history import History
from gradsim.ui.views.view import View

VIEWS: dict[str, type[View]] = {view.key: view for view in (Gradients, Loss, Accuracy, History, BasinView)}

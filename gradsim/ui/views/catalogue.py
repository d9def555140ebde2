"""The views there are; ``gradsim.sim.lessons.VIEWS`` names them for files."""

from __future__ import annotations

from gradsim.sim.spec import Experiment, Race
from gradsim.ui.views.basins import ArrivalView, BasinView
from gradsim.ui.views.boundary import Boundary
from gradsim.ui.views.fit import Fit
from gradsim.ui.views.gradients import Gradients
from gradsim.ui.views.history import History
from gradsim.ui.views.map import Map, Maps
from gradsim.ui.views.race_curves import Distance, GradientNorm, Value
from gradsim.ui.views.rates import Rates
from gradsim.ui.views.step import Step
from gradsim.ui.views.surface3d import Surface3D
from gradsim.ui.views.train_curves import Accuracy, AccuracyOnTest, Loss, LossOnTest
from gradsim.ui.views.view import View

VIEWS: dict[str, type[View]] = {
    view.key: view
    for view in (
        *(Gradients, Loss, Accuracy, LossOnTest, AccuracyOnTest, History, Boundary, Fit),
        *(Map, Maps, BasinView, ArrivalView, Surface3D, Value, Distance, GradientNorm, Rates, Step),
    )
}


def usual(experiment: Experiment) -> tuple[str, ...]:
    """Return the views that an experiment opens with, where no lesson names others."""
    if isinstance(experiment, Race):
        return "map", "value", "rates"
    last = next((view.key for view in (Boundary, Fit) if view.applies(experiment)), "history")
    return "gradients", "loss", "accuracy", last

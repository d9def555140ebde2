"""The views there are; ``gradsim.sim.documents.lessons.VIEWS`` names them for files."""

from __future__ import annotations

from gradsim.sim.documents.experiments import Experiment, Race
from gradsim.ui.views.common.view import View
from gradsim.ui.views.race.basins import ArrivalView, BasinView
from gradsim.ui.views.race.map import Map, Maps
from gradsim.ui.views.race.race_curves import Distance, GradientNorm, Value
from gradsim.ui.views.race.rates import Rates
from gradsim.ui.views.race.step import Step
from gradsim.ui.views.race.surface3d import Surface3D
from gradsim.ui.views.train.boundary import Boundary
from gradsim.ui.views.train.fit import Fit
from gradsim.ui.views.train.gradients import Gradients
from gradsim.ui.views.train.history import History
from gradsim.ui.views.train.train_curves import Accuracy, AccuracyOnTest, Loss, LossOnTest

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

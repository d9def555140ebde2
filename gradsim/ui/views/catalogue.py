"""The views there are; ``gradsim.sim.documents.lessons.VIEWS`` names them for files."""

from __future__ import annotations

from collections.abc import Iterable

from gradsim.schema.parameters import ParameterError, unknown_name
from gradsim.sim.documents.document import Document
from gradsim.sim.kinds import Experiment, kind_of
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


def applying(views: Iterable[str], experiment: Experiment) -> list[str]:
    """Return those of the views that apply to the experiment; where none does, those of the usual ones that do."""
    usual = kind_of(experiment).usual_views(experiment)
    wanted, others = ([key for key in keys if VIEWS[key].applies(experiment)] for keys in (views, usual))
    return wanted or others


def check_views(document: Document) -> None:
    """Refuse views that a lesson names and that are none; ParameterError says which there are."""
    for i, key in enumerate(document.lesson.views if document.lesson else ()):
        if key not in VIEWS or VIEWS[key].kind != document.experiment.kind:
            known = [key for key, view in VIEWS.items() if view.kind == document.experiment.kind]
            raise ParameterError(f"lesson.views[{i}]", unknown_name(key, known))


def views_of(document: Document, theme: str) -> tuple[str, ...]:
    """Return the views that a document opens with: its lesson's, and on a projector the first alone."""
    wanted = document.lesson.views if document.lesson else ()
    usual = kind_of(document.experiment).usual_views(document.experiment)
    known = tuple(key for key in wanted if key in VIEWS) or tuple(usual)
    return known[:1] if theme == "projector" else known

"""What views of races have in common."""

from __future__ import annotations

from collections.abc import Hashable
from typing import cast

from gradsim.schema.errors import Phrase
from gradsim.sim.kinds.race.spec import Race
from gradsim.ui.views.common.view import View


def lacks_one_surface(race: Race) -> Phrase | None:
    """Say that a view shows one surface, where runs differ in it."""
    return None if race.has_one_surface else Phrase("it shows one surface, and the runs differ in theirs")


class RaceView(View):
    """A picture of a race."""

    kind = "race"

    @classmethod
    def frame(cls, experiment: Race) -> Hashable:
        return super().frame(experiment), experiment.surfaces, *(run.optimizer.key for run in experiment.runs)

    @property
    def race(self) -> Race:
        """The experiment."""
        return cast(Race, self.experiment)

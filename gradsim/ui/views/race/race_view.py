"""What views of races have in common."""

from __future__ import annotations

from collections.abc import Hashable
from typing import cast

from gradsim.sim.kinds.race.spec import Race
from gradsim.ui.views.common.view import View


class RaceView(View):
    """A picture of a race."""

    kind = "race"

    @classmethod
    def frame(cls, experiment: Race) -> Hashable:
        return super().frame(experiment), experiment.surface, *(run.optimizer.key for run in experiment.runs)

    @property
    def race(self) -> Race:
        """The experiment."""
        return cast(Race, self.experiment)

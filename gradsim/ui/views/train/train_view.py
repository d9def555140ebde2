"""What views of networks in training have in common."""

from __future__ import annotations

from collections.abc import Hashable
from typing import cast

from gradsim.sim.kinds.train.spec import Train, TrainRun
from gradsim.sim.kinds.train.verdict import layer_text
from gradsim.sim.run.tape import Divergence
from gradsim.ui.theme import Look
from gradsim.ui.views.common.view import View


class TrainView(View):
    """A picture of networks in training."""

    kind = "train"

    @classmethod
    def frame(cls, experiment: Train) -> Hashable:
        return super().frame(experiment), experiment.dtype, *((run.hidden, run.batch_size) for run in experiment.runs)

    @property
    def train(self) -> Train:
        """The experiment."""
        return cast(Train, self.experiment)


def divergence_text(run: TrainRun, divergence: Divergence, look: Look) -> str:
    """Say at which step and layer a run diverged."""
    layer = layer_text(run, divergence.layer, look.language)
    return look.tr("diverged at step {step} in {layer}").format(step=f"{divergence.step:,}", layer=layer)

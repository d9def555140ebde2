"""What views of networks in training have in common."""

from __future__ import annotations

from collections.abc import Hashable
from typing import cast

from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.kinds.train.subject import layer_text
from gradsim.sim.run.tape import Divergence
from gradsim.ui.views.common.view import View


class TrainView(View):
    """A picture of networks in training."""

    kind = "train"

    @classmethod
    def frame(cls, experiment: Train) -> Hashable:
        networks = [(run.hidden, run.batch_size) for run in experiment.runs]
        return super().frame(experiment), experiment.dtype, experiment.data.version, *networks

    @property
    def train(self) -> Train:
        """The experiment."""
        return cast(Train, self.experiment)

    @property
    def subject(self) -> Hashable:
        """What tells the networks shown from others: the experiment, and which samples its table had."""
        return self.train, self.train.data.version

    def divergence_text(self, divergence: Divergence) -> str:
        layer = layer_text(self.train.runs[divergence.run], divergence.layer, self.look.language)
        text = self.look.tr("diverged at step {step} in {layer}")
        return text.format(step=f"{divergence.step:,}", layer=layer)

"""Loss and accuracy of networks in training, on the batch, on the whole training set and on the test set."""

from __future__ import annotations

from gradsim.schema.errors import Phrase
from gradsim.sim.kinds.train.needs import lacks_classes, lacks_test_set
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.run.tape import MEDIAN, Past
from gradsim.ui.plots.plot import DecadeAxis, ValueAxis
from gradsim.ui.views.common.curves import Curves
from gradsim.ui.views.common.scale import top
from gradsim.ui.views.train.train_view import TrainView


class Loss(Curves, TrainView):
    """The loss of the training batch."""

    key = "loss"
    title = "Loss"
    help = "What training minimises, on the batch of each step."
    order = 20
    channel = "loss"

    def range(self, past: Past) -> tuple[float, float]:
        return 0.0, top(past, self.experiment, self.channel)


class Accuracy(Curves, TrainView):
    """The share of the training batch that is classified correctly; it does not apply to targets that are numbers."""

    key = "accuracy"
    title = "Accuracy"
    help = "Share of samples whose largest output is that of their class."
    order = 30
    channel = "accuracy"
    highest = 1.0

    def make_left(self) -> DecadeAxis | ValueAxis:
        axis = ValueAxis("left", self.look)
        axis.percent = True
        return axis

    @classmethod
    def lacks(cls, experiment: Train) -> Phrase | None:
        return lacks_classes(experiment)

    def range(self, past: Past) -> tuple[float, float]:
        return 0.0, self.highest

    def short(self, value: float) -> str:
        return f"{100 * value:.0f} %"

    def as_wide(self, value: float) -> str:
        return "100 %" if value >= 0.995 else "88 %"


class _OnTestSet(Curves):
    """A curve that is measured on the part of the data that is not trained on; once an epoch, not at each step."""

    @classmethod
    def lacks(cls, experiment: Train) -> Phrase | None:
        return super().lacks(experiment) or lacks_test_set(experiment)

    def samples(self) -> str:
        return self.look.tr("test set")


class _LossOnSet(Loss):
    """The loss of a whole set, on an axis that also holds the medians of the training batch's."""

    def range(self, past: Past) -> tuple[float, float]:
        batch = top(past, self.experiment, "loss", MEDIAN)
        return 0.0, max(batch, top(past, self.experiment, self.channel))


class LossOnTraining(_LossOnSet):
    """The loss of the training set."""

    key = "train_loss"
    title = "Training loss"
    help = "The loss on all samples of the training set, where that of a batch depends on which are in it."
    order = 35
    channel = "train_loss"

    def samples(self) -> str:
        return self.look.tr("training set")


class LossOnTest(_OnTestSet, _LossOnSet):
    """The loss of the test set."""

    key = "test_loss"
    title = "Test loss"
    help = "The loss on samples that training does not see."
    order = 40
    channel = "test_loss"


class AccuracyOnTest(_OnTestSet, Accuracy):
    """The share of the test set that is classified correctly."""

    key = "test_accuracy"
    title = "Test accuracy"
    help = "The accuracy on samples that training does not see."
    order = 50
    channel = "test_accuracy"

"""The kind ``train``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from math import isnan
from pathlib import Path
from typing import Any

from gradsim.sim.kinds.kind import Asked, Kind, Quantity
from gradsim.sim.kinds.train.checks import (
    check,
    has_accuracy,
    has_line,
    has_plane,
    has_test_set,
    with_fitting_batches,
)
from gradsim.sim.kinds.train.dimensions import probes
from gradsim.sim.kinds.train.documentation import DOCUMENTATION
from gradsim.sim.kinds.train.fitting import followed, followed_notes
from gradsim.sim.kinds.train.results import batch_bytes, train_arrays, train_rows, train_table
from gradsim.sim.kinds.train.spec import Train, TrainRun
from gradsim.sim.kinds.train.studied import STUDIED, study
from gradsim.sim.kinds.train.trainer import Trainer, trainers
from gradsim.sim.kinds.train.verdict import FIGURES, train_figure, train_question, train_sentence
from gradsim.sim.run.tape import MEDIAN, Past
from gradsim.words.sentences import Span, Wording


class TrainKind(Kind[Train, Trainer]):
    """Networks that train side by side on one data set."""

    key = "train"
    experiment = Train
    run = TrainRun
    documentation = DOCUMENTATION
    figures = frozenset(FIGURES)
    studied = STUDIED

    def build(self, values: Mapping[str, Any], runs: Sequence[Any], table: Mapping[str, Any]) -> Train:
        return Train(**values, runs=tuple(runs))

    def check(self, experiment: Train) -> None:
        check(experiment)

    def simulations(self, experiment: Train) -> Callable[[], Trainer]:
        return trainers(experiment)

    def sentence(self, experiment: Train, past: Past, asked: Asked) -> list[Span]:
        return train_sentence(experiment, past, asked)

    def question(self, experiment: Train, asked: Asked) -> str:
        return train_question(experiment, asked)

    def figure(self, experiment: Train, past: Past, name: str, wording: Wording) -> list[Span]:
        return train_figure(experiment, past, name, wording)

    def study(self, experiment: Train, past: Past, name: str) -> dict[int, float]:
        return study(experiment, past, name)

    def hidden_layers(self, experiment: Train, run: int) -> int:
        return len(experiment.runs[run].hidden)

    def usual_views(self, experiment: Train) -> Sequence[str]:
        if experiment.data.own:
            return _views_of_own_data(experiment)
        layers = experiment.probes == "all"
        first = ["boundary"] if has_plane(experiment) else ["fit"] if has_line(experiment) else []
        first += ["gradients"] if layers else []
        curves = ["loss", "accuracy"] if has_accuracy(experiment) else ["loss"]
        return [*first, *curves, *(["history"] if layers and first == ["gradients"] else [])]

    def projected_views(self, experiment: Train) -> Sequence[str]:
        return list(self.usual_views(experiment))[:1]

    def suited_views(self, taught: Train, experiment: Train) -> Sequence[str]:
        other = experiment.data.own and experiment.data != taught.data
        return self.usual_views(experiment) if other else ()

    def after_edit(
        self, allowed: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> dict[str, Any]:
        return followed(allowed, after) if after["data"] != before["data"] else dict(after)

    def notes(self, before: Mapping[str, Any], after: Mapping[str, Any], language: str) -> list[str]:
        """Say which settings of the runs have followed the data."""
        return followed_notes(before, after, language)

    def quantities(self, experiment: Train) -> Mapping[str, Quantity]:
        return {
            "loss": Quantity("loss", "Mean loss of the training batch of the step, before the update."),
            "accuracy": Quantity("accuracy", "Share of the batch that is classified correctly.", is_share=True),
            **_of_a_set("train", "the whole training set"),
            **_of_a_set("test", "the test set"),
            "samples": Quantity("samples", "Training samples seen before the step.", "samples"),
            "seconds": Quantity("seconds", "Processor time spent so far.", "s"),
            **{
                probe.key: Quantity(probe.key, probe.help, of="layers", is_share=probe.kind == "share")
                for probe in probes(experiment)
            },
        }

    def report(self, experiment: Train, past: Past) -> list[str]:
        """Return loss and accuracy of each run on the last batch and the test set, the medians over replicas."""
        lines = []
        for i, label in enumerate(experiment.labels):
            found = []
            for where, of in (("the last batch", ""), ("the test set", "test_")):
                loss, accuracy = (past.band(i, of + name)[MEDIAN] for name in ("loss", "accuracy"))
                share = "" if isnan(accuracy) else f", accuracy {100 * accuracy:.0f} %"
                found += [] if isnan(loss) else [f"loss {loss:.4g}{share} on {where}"]
            lines.append(f"{label}: {'; '.join(found) or 'diverged'}")
        return lines

    def table(self, simulation: Trainer, past: Past) -> dict[str, Any]:
        return train_table(simulation, past)

    def rows(self, simulation: Trainer, past: Past) -> Iterable[Sequence[str]]:
        return train_rows(simulation, past)

    def arrays(self, simulation: Trainer) -> dict[str, Any]:
        return train_arrays(simulation)

    def draw_bytes(self, experiment: Train) -> int:
        return batch_bytes(experiment)

    def data_file(self, experiment: Train) -> Path | None:
        return experiment.data.file

    def with_data_file(self, experiment: Train, path: Path) -> Train:
        return replace(experiment, data=experiment.data.with_file(path))

    def resolved_in(self, experiment: Train, folder: Path) -> Train:
        return replace(experiment, data=experiment.data.resolved_in(folder))

    def relative_to(self, experiment: Train, folder: Path) -> Train:
        return replace(experiment, data=experiment.data.relative_to(folder))

    def adapted(self, experiment: Train, given: Sequence[Mapping[str, Any]]) -> Train:
        return with_fitting_batches(experiment, ["batch_size" not in settings for settings in given])

    def told_of_data(self, experiment: Train) -> list[str]:
        return experiment.data.told()


def _views_of_own_data(experiment: Train) -> list[str]:
    """Return the views that show what becomes of data that the user has brought in, before those of the layers."""
    tests = has_test_set(experiment)
    layers = ["gradients"] if experiment.probes == "all" else []
    if not has_accuracy(experiment):
        return ["fit", "predicted", "loss"] if has_line(experiment) else ["predicted", *layers, "loss"]
    first = ["boundary"] if has_plane(experiment) else ["samples"] if tests else []
    return [*first, *(["confusion"] if tests else []), "loss", "accuracy", *([] if first else layers)]


def _of_a_set(key: str, name: str) -> dict[str, Quantity]:
    """Return what is measured of a whole set, at some steps only."""
    loss = Quantity(f"{key}_loss", f"Mean loss of {name}, where it is measured.", is_occasional=True)
    share = Quantity(
        f"{key}_accuracy", f"Share of {name} that is classified correctly.", is_share=True, is_occasional=True
    )
    return {loss.channel: loss, share.channel: share}


KIND = TrainKind()

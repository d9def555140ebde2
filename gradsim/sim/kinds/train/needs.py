"""What pictures of training need of an experiment; each says in a clause why it is not there, None where it is."""

from __future__ import annotations

from gradsim.schema.errors import Phrase
from gradsim.schema.parameters import ParameterError
from gradsim.sim.kinds.train.checks import has_accuracy, has_line, has_plane, has_test_set, input_count, target_count
from gradsim.sim.kinds.train.feature_rates import are_sparse
from gradsim.sim.kinds.train.spec import Train
from gradsim.sim.run.changes import phases

DATA_GONE = Phrase("it needs the samples, and their file cannot be read any more")


def lacks_data(experiment: Train) -> Phrase | None:
    """Say why nothing is known of single samples: their file may be gone since they were trained on."""
    try:
        experiment.data.load()
    except ParameterError:
        return DATA_GONE
    return None


def lacks_measurements(experiment: Train) -> Phrase | None:
    """Say why nothing is measured at the layers."""
    if experiment.probes == "all":
        return None
    return Phrase("it needs what is measured at every layer, and measurements are off")


def lacks_hidden_layers(experiment: Train) -> Phrase | None:
    """Say why there is nothing to show of hidden layers."""
    if any(run.hidden for run in experiment.runs):
        return None
    return Phrase("it needs a hidden layer, and no run has one")


def lacks_classes(experiment: Train) -> Phrase | None:
    """Say why nothing is classified."""
    return None if has_accuracy(experiment) else Phrase("it needs classes, and the targets are numbers")


def lacks_numbers(experiment: Train) -> Phrase | None:
    """Say why no numbers are predicted."""
    return Phrase("it needs targets that are numbers, and they are classes") if has_accuracy(experiment) else None


def lacks_test_set(experiment: Train) -> Phrase | None:
    """Say why nothing is known of samples that training does not see."""
    return None if has_test_set(experiment) else Phrase("it needs a test set, and no sample is kept for one")


def lacks_sparse_inputs(experiment: Train) -> Phrase | None:
    """Say why no inputs are rare."""
    try:
        if are_sparse(experiment.data):
            return None
    except ParameterError:
        return DATA_GONE
    return Phrase("it needs inputs that are zero for most samples, and these are not")


def lacks_plane(experiment: Train) -> Phrase | None:
    """Say why no points of a plane are classified."""
    if has_plane(experiment):
        return None
    inputs = input_count(experiment)
    if inputs != 2:
        return Phrase("it needs two inputs, and there are {inputs}", inputs=f"{inputs:,}")
    return lacks_classes(experiment)


def lacks_line(experiment: Train) -> Phrase | None:
    """Say why no number is predicted from one."""
    if has_line(experiment):
        return None
    inputs, outputs = input_count(experiment), target_count(experiment)
    if (inputs, outputs) == (1, 1):
        return lacks_numbers(experiment)
    return Phrase(
        "it needs one input and one target; inputs: {inputs}, targets: {targets}",
        inputs=f"{inputs:,}",
        targets=f"{outputs:,}",
    )


def lacks_sigmoid_outputs(experiment: Train) -> Phrase | None:
    """Say why squared error and cross-entropy do not meet at sigmoid outputs."""
    if any(run.output.key != "sigmoid" for run in experiment.runs):
        return Phrase("it needs sigmoid outputs, and not all runs have them")
    if any(phase.run.loss.key not in ("mse", "cross_entropy") for run in experiment.runs for phase in phases(run)):
        return Phrase("it compares squared error and cross-entropy, and a run has another loss")
    return None

"""A table in place of an experiment file: what is trained on it where no file says so."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gradsim.engine.data import Dataset
from gradsim.engine.data.tables import TABLE_ENDINGS, Csv
from gradsim.schema.errors import FileError, Phrase
from gradsim.schema.parameters import ParameterError, parameters
from gradsim.sim.documents.document import Document
from gradsim.sim.kinds import kind_of
from gradsim.sim.kinds.train.on_table import experiment_on
from gradsim.sim.kinds.train.spec import Train


def is_table(path: Path) -> bool:
    """Tell by its name whether a file is a table rather than an experiment or a picture."""
    return path.suffix.lower() in TABLE_ENDINGS


def table_in(experiment: Mapping[str, Any]) -> Csv | None:
    """Return the table of one's own that a full table of an experiment is on; None for other data."""
    try:
        data = parameters(Train)["data"].parse(experiment.get("data"))
    except ParameterError:
        return None
    return data if isinstance(data, Csv) and data.path else None


def document_on(data: Dataset) -> Document:
    """Return an experiment on data of the user's own; ParameterError for data that cannot be trained on."""
    experiment = experiment_on(data)
    kind_of(experiment).check(experiment)
    return Document(experiment)


def table_document(path: Path) -> Document:
    """Return an experiment on the table of a file, read with the usual settings; FileError if that is refused."""
    try:
        return document_on(Csv(path=str(path.absolute())))
    except ParameterError as error:
        named = isinstance(error.problem, Phrase) and "path" in error.problem.values
        raise FileError(error.problem if named else f"{path}: {error.problem}") from None

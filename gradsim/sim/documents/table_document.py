"""A table in place of an experiment file: what is trained on it where no file says so."""

from __future__ import annotations

from pathlib import Path

from gradsim.engine.data import Dataset
from gradsim.engine.data.tables import TABLE_ENDINGS, Csv
from gradsim.schema.errors import FileError, Phrase
from gradsim.schema.parameters import ParameterError
from gradsim.sim.documents.document import Document
from gradsim.sim.kinds import kind_of
from gradsim.sim.kinds.train.on_table import experiment_on


def is_table(path: Path) -> bool:
    """Tell by its name whether a file is a table rather than an experiment or a picture."""
    return path.suffix.lower() in TABLE_ENDINGS


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

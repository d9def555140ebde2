"""Reading a table from a text file of separated values.

What is guessed is told; anything ambiguous is refused, with its line and the setting that decides it.
"""

from __future__ import annotations

from contextlib import suppress

from gradsim.engine.data.tables.columnwise import ByColumns
from gradsim.engine.data.tables.plain import plain_table
from gradsim.engine.data.tables.progress import Progress
from gradsim.engine.data.tables.roles import Roles
from gradsim.engine.data.tables.table import Reading, Table
from gradsim.schema.parameters import ParameterError


def read_table(reading: Reading) -> Table:
    """Read the table of a file.

    Raises
    ------
    ParameterError
        For a file that cannot be read, or whose content is not allowed.
    """
    return read_on(Progress(reading))


def read_on(progress: Progress) -> Table:
    """Read a table, and leave in `progress` what has been understood of it, for a table that is refused."""
    layout, roles = progress.begin()
    return plain_table(progress, layout, roles) or ByColumns(progress, layout, roles).table()


def look_on(progress: Progress) -> None:
    """Judge the columns of a table that is refused for another reason, as far as it can be read."""
    layout = progress.layout
    if progress.columns or layout is None:
        return
    roles = progress.roles or Roles(tuple(range(layout.width)), (), (), None)
    with suppress(ParameterError):
        ByColumns(progress, layout, roles).look()

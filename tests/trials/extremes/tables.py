"""Tables whose values are at extremes, written anew for every program that draws them."""

from __future__ import annotations

import functools
import random
import tempfile
from pathlib import Path

COLUMNS = {
    "huge": ("1e300", "-1e300", "2e300", "1e299"),
    "tiny": ("1e-300", "-1e-300", "0", "5e-324"),
    "identical": ("1", "1", "1", "1"),
    "nearly identical": ("1", "1", "1", "1.0000000000000002"),
    "one far": ("0", "0", "0", "1e200"),
    "usual": ("0.5", "-1", "2", "3.25"),
    "mixed": ("1e150", "1e-150", "-7", "0"),
}
"""The values of columns, repeated in every table."""
ROWS = (4, 8, 40)


@functools.cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """The folder of all tables, which goes with the program."""
    return tempfile.TemporaryDirectory(prefix="gradsim-extremes-")


def table_file(chance: random.Random) -> str:
    """Return the path of a table of one to three columns and a target of words or of numbers."""
    columns = [chance.choice(list(COLUMNS)) for _ in range(chance.randint(1, 3))]
    return table_of(f"{', '.join(columns)} for {chance.choice(('words', *COLUMNS))} {chance.choice(ROWS)}")


def table_of(name: str) -> str:
    """Return the path of the table of this name: "huge, tiny for words 8" is of two columns, a target and 8 rows."""
    path = Path(_folder().name) / f"{name}.csv"
    if not path.exists():
        inputs, _, last = name.partition(" for ")
        target, _, rows = last.rpartition(" ")
        names = inputs.split(", ")
        columns = [*(COLUMNS[each] for each in names), COLUMNS.get(target, ("yes", "no", "no", "yes"))]
        lines = [",".join(values[i % len(values)] for values in columns) for i in range(int(rows))]
        head = ",".join([*(f"{each} {i}" for i, each in enumerate(names)), "y"])
        path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    return str(path)

"""steps of one run at full speed, drawn"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.trials.report import Report
from tests.trials.watched import report_of, result_of

OPTION, AT_LENGTH, SHORT = "steps", 100_000, 300


def trial(how_many: int, seed: int) -> Report:
    """Play a run of so many steps; nothing of it depends on the seed."""
    with tempfile.TemporaryDirectory(prefix="gradsim-trial-") as name:
        result = result_of("play", Path(name), "steps", how_many)
    return report_of("steps of one run, drawn", [result], [result["fault"]] if result["fault"] else [])

"""seconds of lessons, each an equal part of them"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.trials.report import Report
from tests.trials.watched import report_of, result_of

OPTION, AT_LENGTH, SHORT = "seconds", 3600, 4


def trial(how_many: int, seed: int) -> Report:
    """Play all lessons for so long; nothing of it depends on the seed."""
    with tempfile.TemporaryDirectory(prefix="gradsim-trial-") as name:
        result = result_of("play", Path(name), "seconds", how_many)
    return report_of("seconds of lessons", [result], [result["fault"]] if result["fault"] else [])

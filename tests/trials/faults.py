"""faults of the system: disks, pipes, signals, displays, damaged files of the program"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random

from tests.trials.report import Report
from tests.trials.system import displays, moments, places, resources

OPTION, AT_LENGTH, SHORT = "faults", 300, 3

Check = Callable[[Path, Random], None]


def checks() -> dict[str, Check]:
    """Return all faults of the system that are tried."""
    modules = (places, displays, resources, moments)
    return {
        name.removeprefix("check_").replace("_", " "): found
        for module in modules
        for name, found in vars(module).items()
        if name.startswith("check_")
    }


def trial(how_many: int, seed: int) -> Report:
    """Try so many, each with choices of its own."""
    known, faults = list(checks().items()), []
    Random(seed).shuffle(known)
    for i in range(how_many):
        name, check = known[i % len(known)]
        with tempfile.TemporaryDirectory(prefix="gradsim-trial-") as folder:
            try:
                check(Path(folder), Random(f"{seed} {i}"))
            except Exception as error:
                faults.append(f"seed {seed}, number {i}, {name}: {type(error).__name__}: {error}")
    return Report("faults of the system", how_many, tuple(faults), notes=f"{len(known)} kinds")

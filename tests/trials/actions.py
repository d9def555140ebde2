"""random actions on the window, 2,500 at most in a program"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.trials.report import Report
from tests.trials.shortest import shortest
from tests.trials.watched import Result, report_of, result_of

OPTION, AT_LENGTH, SHORT = "actions", 20_000, 30
A_PROGRAM = 2500
TRIES = 40
"""How many programs are started to find the shortest list of actions that repeats a fault."""
TWO_SCREENS = [
    {"name": name, "x": x, "y": 0, "width": 1920, "height": 1080, "logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}
    for name, x in (("left", 0), ("right", 1920))
]

Deeds = Sequence[list[Any]]


def trial(how_many: int, seed: int) -> Report:
    """Do so many actions, in programs with seeds from this one on."""
    results, faults = [], []
    for i in range(0, how_many, A_PROGRAM):
        each, many = seed + i // A_PROGRAM, min(A_PROGRAM, how_many - i)
        result, deeds = lived(each, str(many))
        results.append(result)
        print(f"seed {each}: {result}", file=sys.stderr, flush=True)
        if result["fault"]:
            faults.append(told(each, result["fault"], deeds))
    return report_of("actions on the window", results, faults)


def told(seed: int, fault: str, deeds: Deeds) -> str:
    """Return what a fault is, and the shortest list of actions found that repeats it."""
    kind = kind_of(fault)
    short = shortest(deeds, lambda some: kind_of(lived_again(seed, some)["fault"]) == kind, TRIES)
    listed = ",\n ".join(map(json.dumps, short))
    return f"seed {seed}, after {len(deeds)} actions; the same after these:\n[{listed}]\n{fault}"


def kind_of(fault: str) -> str:
    """Return what is the same of a fault when it is repeated: how its last line begins, without numbers."""
    return re.sub(r"[\d.]+", "…", fault.strip().rpartition("\n")[2])[:60]


def lived_again(seed: int, deeds: Deeds) -> Result:
    """Return what comes of a window with which these actions are done."""
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "again.json"
        file.write_text(json.dumps(list(deeds)), "utf-8")
        return lived(seed, str(file))[0]


def lived(seed: int, what: str) -> tuple[Result, Deeds]:
    """Return what comes of a window that is used, and the actions; `what` says how many, or is a file of them.

    With odd seeds there are two screens.
    """
    with tempfile.TemporaryDirectory(prefix="gradsim-trial-") as name:
        folder = Path(name)
        screens, journal = folder / "screens.json", folder / "actions.jsonl"
        screens.write_text(json.dumps({"screens": TWO_SCREENS}))
        platform = f"offscreen:configfile={screens}" if seed % 2 else "offscreen"
        result = result_of("life", folder, seed, what, platform=platform)
        deeds = [json.loads(line) for line in journal.read_text("utf-8").splitlines()] if journal.exists() else []
        return {**result, "done": len(deeds)}, deeds

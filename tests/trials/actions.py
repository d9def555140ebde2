"""random actions on the window, in programs of 2,500 at most"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.trials.home import at_home
from tests.trials.report import Report
from tests.trials.shortest import shortest

OPTION, AT_LENGTH, SHORT = "actions", 20_000, 40
A_PROGRAM = 2500
"""How many actions one program gets: as many as are known to have made memory grow."""
TRIES = 40
"""How many programs are started to find the shortest list of actions that repeats a fault."""
TWO_SCREENS = [
    {"name": name, "x": x, "y": 0, "width": 1920, "height": 1080, "logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}
    for name, x in (("left", 0), ("right", 1920))
]
ROOT = Path(__file__).resolve().parents[2]

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
    stall = max(result["stall"] for result in results)
    memory = max((result["memory_mb"] for result in results), key=lambda both: both[1] - both[0])
    closing = max(result["closing_s"] for result in results)
    notes = f"{len(results)} programs; in all of that stall {stall[1]:.0f} ms passed; closing {closing:.2f} s at most"
    done = sum(result["done"] for result in results)
    return Report("actions on the window", done, tuple(faults), stall[0], tuple(memory), notes)


def told(seed: int, fault: str, deeds: Deeds) -> str:
    """Return what a fault is, and the shortest list of actions found that repeats it."""
    kind = kind_of(fault)
    short = shortest(deeds, lambda some: kind_of(lived_again(seed, some)["fault"]) == kind, TRIES)
    lines = "\n".join(json.dumps(deed) for deed in short)
    return f"seed {seed}, {len(deeds)} actions, of which {len(short)} do:\n[{lines}]\n{fault}".replace("\n[", "\n [")


def kind_of(fault: str) -> str:
    """Return what is the same of a fault when it is repeated: its last line without numbers."""
    return re.sub(r"[\d.]+", "…", fault.strip().rpartition("\n")[2])[:60]


def lived_again(seed: int, deeds: Deeds) -> dict[str, Any]:
    """Return what comes of a window with which these actions are done."""
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "again.json"
        file.write_text(json.dumps(list(deeds)), "utf-8")
        return lived(seed, str(file))[0]


def lived(seed: int, what: str) -> tuple[dict[str, Any], Deeds]:
    """Return what comes of a window that is used, and the actions; `what` says how many, or is a file of them."""
    with tempfile.TemporaryDirectory(prefix="gradsim-trial-") as name:
        folder = Path(name)
        screens = folder / "screens.json"
        screens.write_text(json.dumps({"screens": TWO_SCREENS}))
        platform = f"offscreen:configfile={screens}" if seed % 2 else "offscreen"
        environment = {**at_home(folder), "QT_QPA_PLATFORM": platform, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "tests.trials.monkey.life", name, str(seed), what]
        ended = subprocess.run(command, cwd=name, env=environment, capture_output=True, text=True, errors="replace")
        result = folder / "result.json"
        if result.exists():
            found: dict[str, Any] = json.loads(result.read_text("utf-8"))
        else:
            found = _without_result(folder, ended)
        return found, [json.loads(line) for line in (folder / "actions.jsonl").read_text("utf-8").splitlines()]


def _without_result(folder: Path, ended: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Return what is known of a program that has ended before its time."""
    words = (folder / "last words").read_text("utf-8")
    done = len((folder / "actions.jsonl").read_text("utf-8").splitlines())
    fault = f"{ended.stderr}\n{words}\nthe program ended with {ended.returncode}"
    return {"done": done, "fault": fault, "stall": [0.0, 0.0, 0], "memory_mb": [0.0, 0.0], "closing_s": 0.0}

"""A watched program, started; what came of it, also of one that has ended before its time."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.trials.home import at_home
from tests.trials.report import Report

ROOT = Path(__file__).resolve().parents[2]

Result = dict[str, Any]


def result_of(module: str, folder: Path, *arguments: object, platform: str = "offscreen") -> Result:
    """Return the result that a program of the monkey's leaves in its folder."""
    ended = subprocess.run(
        [sys.executable, "-m", f"tests.trials.monkey.{module}", str(folder), *map(str, arguments)],
        cwd=folder,
        env={**at_home(folder), "QT_QPA_PLATFORM": platform, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        errors="replace",
    )
    file, words = folder / "result.json", folder / "last words"
    if file.exists():
        found: Result = json.loads(file.read_text("utf-8"))
        return found
    last = words.read_text("utf-8") if words.exists() else ""
    fault = f"{ended.stderr}\n{last}\nthe program ended with {ended.returncode}"
    return {"done": 0, "fault": fault, "stall": [0.0, 0.0, 0], "memory_mb": [0.0, 0.0], "closing_s": 0.0}


def report_of(name: str, results: list[Result], faults: list[str]) -> Report:
    """Return what came of several programs as one report."""
    stall = max(result["stall"] for result in results)
    before, after = max((result["memory_mb"] for result in results), key=lambda both: both[1] - both[0])
    closing = max(result["closing_s"] for result in results)
    notes = f"{stall[1]:.0f} ms passed in all of that stall; closing {1e3 * closing:.0f} ms at most"
    done = sum(result["done"] for result in results)
    return Report(name, done, tuple(faults), stall[0], (before, after), notes)

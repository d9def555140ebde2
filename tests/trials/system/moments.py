"""Signals at any moment of whatever the program does."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

from tests.trials.home import at_home
from tests.trials.system.program import DONE, INTERRUPTED, PATIENCE_S, ROOT, small, started

MOST_S = 4.0
"""How long after its start a program is sent a signal, at most."""
OWN = "gradsim: interrupted\n"


def check_a_signal_at_any_moment(folder: Path, chance: Random) -> None:
    name, out = chance.choice(("gui", "run", "export", "film", "sweep", "check")), folder / "out"
    source = small(folder)
    what: dict[str, list[object]] = {
        "gui": [source],
        "run": ["run", "vanishing", "--out", out.with_suffix(".json")],
        "export": ["export", "vanishing", "--step", 50, "--out", out.with_suffix(".png")],
        "film": ["export", source, "--from", 0, "--to", 20, "--frames", 20, "--out", out.with_suffix(".gif")],
        "sweep": ["sweep", source, "--over", "steps=5,10,20", "--processes", 2, "--out", out.with_suffix(".csv")],
        "check": ["check", source],
    }
    number = chance.choice((signal.SIGINT, signal.SIGTERM))
    after_s = chance.uniform(0, MOST_S)
    child = started(folder, *what[name])
    time.sleep(after_s)
    child.send_signal(number)
    sent = time.monotonic()
    _, said = child.communicate(timeout=PATIENCE_S)
    told = (name, number.name, after_s, child.returncode, time.monotonic() - sent, said)
    if number is signal.SIGINT:
        assert child.returncode in (DONE, INTERRUPTED, -number), told
    else:
        assert child.returncode in (DONE, -number), told
    # Before the program itself has begun, Python says in its own words that it was interrupted.
    assert said in ("", OWN) or ("KeyboardInterrupt" in said and "gradsim/__main__" not in said), told
    if number is signal.SIGINT and name != "gui":
        assert not list(folder.glob(".gradsim-*")), (told, list(folder.iterdir()))


def check_two_windows_at_once(folder: Path, chance: Random) -> None:
    """Two windows of one user are used at random: what they keep beside each other is theirs alone."""
    places = [folder / name for name in ("one", "two")]
    for place in places:
        place.mkdir()
    both = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.trials.monkey.life", place, str(chance.randrange(10**6)), "30"],
            cwd=folder,
            env={**at_home(folder), "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for place in places
    ]
    for each in both:
        each.wait(PATIENCE_S)
    for place in places:
        fault = json.loads((place / "result.json").read_text("utf-8"))["fault"]
        assert not fault, fault

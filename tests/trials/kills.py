"""Programs that are killed while they save: each leaves a whole file."""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from gradsim.sim.documents.document import parse, read, write
from gradsim.sim.documents.files import AFTER, BEFORE
from tests.trials.report import Report

OPTION, AT_LENGTH, SHORT = "kills", 100, 3
ROOT = Path(__file__).resolve().parents[2]
MOST_S = 0.03
"""How long a program is let save before it is killed, at most."""

EXPERIMENT = """
seed = {seed}
[lesson]
id = "trial"
title = "Trial"
question = "{text}"
[[runs]]
activation = "relu"
"""
SAVING = "import sys; from tests.trials.kills import save_without_end; save_without_end(sys.argv[1])"


def text(seed: int) -> str:
    """Return an experiment that is the longer, the larger its seed: a file of two of them would be found out."""
    return EXPERIMENT.format(seed=seed, text="a" * (1 + 100 * seed))


def save_without_end(name: str) -> None:
    """Save two experiments by turns to one file, and say so once both have been."""
    documents = [parse(text(seed), "trial") for seed in (1, 5)]
    for document in documents:
        write(Path(name), document)
    print(flush=True)
    while True:
        for document in documents:
            write(Path(name), document)


def kill_one(path: Path, after_s: float) -> None:
    """Kill a program that saves to a file, so long after its first saves."""
    child = subprocess.Popen([sys.executable, "-c", SAVING, str(path)], stdout=subprocess.PIPE, cwd=ROOT)
    assert child.stdout is not None
    with child.stdout:
        child.stdout.readline()
        time.sleep(after_s)
        child.kill()
        child.wait()


def is_whole(path: Path) -> bool:
    """Tell whether a file holds one of the two experiments."""
    return read(path) in [parse(text(seed), "trial") for seed in (1, 5)]


def trial(how_many: int, seed: int) -> Report:
    """Kill so many programs; tell how many of their files are whole and how many died half-way through a save."""
    chance, faults = random.Random(seed), []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for i in range(how_many):
            path, after_s = folder / f"{i}.toml", MOST_S * chance.random()
            kill_one(path, after_s)
            if not is_whole(path):
                faults.append(f"seed {seed}, program {i}: killed after {after_s} s, its file is not whole")
        left = len(list(folder.glob(f"{BEFORE}*{AFTER}")))
    return Report(
        "programs killed while they save", how_many, tuple(faults), notes=f"{left} half-way through writing"
    )

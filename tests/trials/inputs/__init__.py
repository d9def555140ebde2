"""how many damaged files, tables, formulas, pictures, settings and command lines to give to the program"""

from __future__ import annotations

import gc
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.trials.inputs.commands import damaged_lesson, random_command, use_command, use_lessons
from tests.trials.inputs.judged import Use, faults_of
from tests.trials.inputs.kept import (
    damaged_recent,
    damaged_settings,
    damaged_unsaved,
    use_recent,
    use_settings,
    use_unsaved,
)
from tests.trials.inputs.mutations import smaller
from tests.trials.inputs.pictures import damaged_picture, use_picture
from tests.trials.inputs.texts import (
    damaged_experiment,
    damaged_formula,
    damaged_table,
    use_experiment,
    use_formula,
    use_table,
)
from tests.trials.report import Report, memory_mb
from tests.trials.watch import kind_of_fault

OPTION, AT_LENGTH, SHORT = "inputs", 20_000, 60
SHRINK_S = 15.0
"""How long a smaller input with the same fault is looked for."""
PROGRESS = 1000
COLLECTED = 200

Make = Callable[[random.Random], bytes]
KINDS: dict[str, tuple[int, Make, Use]] = {
    "experiment": (25, damaged_experiment, use_experiment),
    "table": (25, damaged_table, use_table),
    "formula": (25, damaged_formula, use_formula),
    "picture": (20, damaged_picture, use_picture),
    "settings": (4, damaged_settings, use_settings),
    "recent files": (2, damaged_recent, use_recent),
    "unsaved work": (4, damaged_unsaved, use_unsaved),
    "lessons": (2, damaged_lesson, use_lessons),
    "command": (5, random_command, use_command),
}
"""Of how many in a hundred and so, how they are made, and how they are used."""


def trial(how_many: int, seed: int) -> Report:
    """Give the program so many inputs, the first with this seed, the next with the one after it."""
    start, longest = memory_mb(), (0.0, "", seed)
    faults: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for i in range(how_many):
        name, content = made(seed + i)
        begun = time.monotonic()
        found = _used(name, content)
        longest = max(longest, (time.monotonic() - begun, name, seed + i))
        counts[name] += 1
        for fault in found:
            if (kind := f"{name}: {kind_of_fault(fault)}") not in faults:
                small = shrunk(name, content, kind_of_fault(fault))
                faults[kind] = f"seed {seed + i}, {name}: {fault.strip()}\nsmallest input: {small!r}"
                print(f"seed {seed + i}: {kind}", file=sys.stderr, flush=True)
        if i % COLLECTED == 0:
            gc.collect()  # a program with windows does so in its event loop, of which there are no turns here
        if (i + 1) % PROGRESS == 0:
            print(f"{i + 1:,} inputs, {len(faults)} faults, {memory_mb():.0f} MB", file=sys.stderr, flush=True)
    notes = f"{', '.join(f'{n:,} {name}' for name, n in counts.items())}; longest {longest[0]:.1f} s, {longest[1:]}"
    return Report("damaged inputs", how_many, tuple(faults.values()), memory_mb=(start, memory_mb()), notes=notes)


def made(seed: int) -> tuple[str, bytes]:
    """Return the kind of the input of a seed, and the input."""
    chance = random.Random(seed)
    [name] = chance.choices(list(KINDS), [weight for weight, _, _ in KINDS.values()])
    return name, KINDS[name][1](chance)


def _used(name: str, content: bytes) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        return faults_of(KINDS[name][2], content, Path(folder))


def shrunk(name: str, content: bytes, kind: str) -> bytes:
    """Return the smallest input found that has the same fault."""
    until = time.monotonic() + SHRINK_S
    is_smaller = True
    while is_smaller:
        is_smaller = False
        for each in smaller(content):
            if time.monotonic() > until:
                return content
            if kind in map(kind_of_fault, _used(name, each)):
                content, is_smaller = each, True
                break
    return content

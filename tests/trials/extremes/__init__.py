"""experiments with extreme settings, each drawn in a view at its first, middle and last step"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Iterator

from tests.trials.extremes.cases import Case, document_of, random_case, smaller
from tests.trials.extremes.drawing import faults_of
from tests.trials.report import Report, memory_mb
from tests.trials.watch import kind_of_fault, watched

OPTION, AT_LENGTH, SHORT = "cases", 10_000, 25
SHRINK_S = 15.0
"""How long a smaller case of a fault is looked for."""
PROGRESS = 200


def trial(how_many: int, seed: int) -> Report:
    """Draw so many experiments in a view each, those in two count as two; the first with this seed, and so on."""
    start, longest = memory_mb(), (0.0, seed)
    cases = experiments = pictures = 0
    faults: dict[str, str] = {}
    while cases < how_many:
        at, begun, found = seed + experiments, time.monotonic(), list[str]()
        with watched(found):
            case = random_case(random.Random(at))
        faulty, drawn = faults_of(case)
        longest = max(longest, (time.monotonic() - begun, at))
        for fault in [*found, *faulty]:
            if (kind := kind_of_fault(fault)) not in faults:
                faults[kind] = described(at, shrunk(case, kind), fault)
                print(f"seed {at}: {kind}", file=sys.stderr, flush=True)
        cases, experiments, pictures = cases + len(case.views), experiments + 1, pictures + drawn
        if experiments % PROGRESS == 0:
            said = f"{experiments:,} experiments, {cases:,} cases, {pictures:,} pictures, {len(faults)} faults"
            print(f"{said}, {memory_mb():.0f} MB", file=sys.stderr, flush=True)
    notes = f"{experiments:,} experiments, {pictures:,} pictures; longest {longest[0]:.1f} s, seed {longest[1]}"
    return Report(
        "extreme settings, drawn", cases, tuple(faults.values()), memory_mb=(start, memory_mb()), notes=notes
    )


def shrunk(case: Case, kind: str) -> Case:
    """Return the smallest case found that has the same fault."""
    until = time.monotonic() + SHRINK_S
    while (found := next(_with_fault(smaller(case), kind, until), None)) is not None:
        case = found
    return case


def _with_fault(cases: Iterator[Case], kind: str, until: float) -> Iterator[Case]:
    for case in cases:
        if time.monotonic() > until:
            return
        if document_of(case.table) and kind in map(kind_of_fault, faults_of(case)[0]):
            yield case


def described(seed: int, case: Case, fault: str) -> str:
    """Return a fault with what repeats it."""
    look = f"views {', '.join(case.views)} {case.options or ''} {case.theme} {case.language} {case.size}"
    return f"seed {seed}: {look}\n{json.dumps(case.table)}\n{fault.strip()}"

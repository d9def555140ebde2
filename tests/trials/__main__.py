"""All trials at length: ``python -m tests.trials [--actions N --inputs N --cases N --steps N … --seed S]``.

Each tries so many of what its option counts; with 0 it is left out. ``--only OPTION`` keeps to one.
Faults are printed as they are found to be, and in the end one table of all.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import tempfile
from pathlib import Path
from types import ModuleType

from tests.trials.home import at_home
from tests.trials.report import Report, table


def trials() -> dict[str, ModuleType]:
    """Return all trials by their options."""
    found = {}
    for path in sorted(Path(__file__).parent.iterdir()):
        is_module = path.suffix == ".py" or (path / "__init__.py").exists()
        if is_module and not path.stem.startswith("_"):
            module = importlib.import_module(f"tests.trials.{path.stem}")
            if hasattr(module, "trial"):
                found[module.OPTION] = module
    return found


def tried(module: ModuleType, how_many: int, seed: int) -> Report:
    """Run a trial, and print what it has found."""
    report: Report = module.trial(how_many, seed)
    for fault in report.faults:
        print(f"{report.name}: {fault}\n", flush=True)
    print(report.row, file=sys.stderr, flush=True)
    return report


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="gradsim-trials-") as home:
        os.environ.update(at_home(Path(home)))  # nothing of the user's is read or written
        return try_all()


def try_all() -> int:
    """Try what the arguments say, print it; return the exit status, 1 where something was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    known = trials()
    for option, module in known.items():
        parser.add_argument(f"--{option}", metavar="N", type=int, default=module.AT_LENGTH, help=module.__doc__)
    parser.add_argument("--seed", metavar="S", type=int, default=1)
    parser.add_argument("--only", metavar="OPTION", choices=known, action="append")
    wanted = parser.parse_args()
    many = {option: getattr(wanted, option) for option in wanted.only or known}
    reports = [tried(known[option], n, wanted.seed) for option, n in many.items() if n]
    print(table(reports))
    return 1 if any(report.faults for report in reports) else 0


if __name__ == "__main__":
    sys.exit(main())

"""gradsim: a desktop simulator that makes gradients visible to a class.

From a script or notebook::

    import gradsim

    run = gradsim.run("vanishing", steps=300, replicas=8, seed=3)
    run["Sigmoid"].grad_rms        # an array (replicas, steps + 1, layers); step 0 is before any update
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

# Small matrices lose time when BLAS spreads them over threads, and a busy pool
# starves the window. Read by BLAS when NumPy is first imported, hence here.
for _name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ.setdefault(_name, "1")

__version__ = "0.1.0"

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import Executor
    from pathlib import Path

    from gradsim.scripting import Results
    from gradsim.sim.documents.document import Document
    from gradsim.sweeps import Table


def run(source: Document | Path | str | None = None, /, **settings: Any) -> Results:
    """Run an experiment to its end and return everything measured; no window, no Qt.

    Parameters
    ----------
    source
        A lesson's id, the path of a file, or what :func:`load` returns. Without it, the experiment has the
        usual settings but for those given.
    settings
        Settings of the experiment as in a file: ``steps=300``, ``data={"name": "moons"}``,
        ``kind="race"``, ``runs=[{"activation": "tanh"}, {"activation": "relu"}]``. Those of runs, such as
        ``hidden=[8, 8]`` or ``optimizer="adam"``, are given to all runs.

    Raises
    ------
    ValueError
        For anything that is not allowed, in one line.
    """
    from gradsim.scripting import run_experiment

    return run_experiment(source, settings)


def sweep(
    source: Document | Path | str | None = None,
    /,
    *,
    executor: Executor | None = None,
    out: Path | str | None = None,
    reach: Mapping[str, float] | None = None,
    progress: Callable[[int, int], object] | None = None,
    **settings: Any,
) -> Table:
    """Run an experiment for all combinations of several values of its settings; return one table.

    Parameters
    ----------
    source, settings
        As for :func:`run`; a setting that is given a list takes its values in turn:
        ``learning_rate=[0.01, 0.1, 1.0], seed=range(100)``. One that is itself a list takes those of a list of
        lists in turn: ``hidden=[[8], [8, 8]]``. ``**{"optimizer.momentum": [0.0, 0.9]}`` is a setting within one.
    executor
        Runs the combinations: any of ``concurrent.futures``, or Dask's ``Client.get_executor()``. Without it, a
        process for each core.
    out
        A CSV file that is kept up to date; if it holds a part of this sweep, only the rest is run.
    reach
        Quantities and values, such as ``{"test_accuracy": 0.9}``: the table tells the first step at which each
        is reached.
    progress
        Called with how many combinations are done, and of how many.

    Raises
    ------
    ValueError
        For anything that is not allowed, in one line, before anything is run.
    """
    from pathlib import Path

    from gradsim.sweeps import sweep_experiment

    return sweep_experiment(source, settings, executor, Path(out) if out is not None else None, reach, progress)


def load(name: Path | str) -> Document:
    """Return the experiment of a file, a picture that carries one, or a lesson's id; ValueError if it is bad."""
    from gradsim.sim.documents.lessons import load as load_document

    return load_document(str(name))

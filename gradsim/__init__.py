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
    from pathlib import Path

    from gradsim.scripting import Results
    from gradsim.sim.documents.document import Document


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


def load(name: Path | str) -> Document:
    """Return the experiment of a file, a picture that carries one, or a lesson's id; ValueError if it is bad."""
    from gradsim.sim.documents.lessons import load as load_document

    return load_document(str(name))

"""gradsim: a desktop simulator that makes gradients visible to a class."""

import os

# Small matrices lose time when BLAS spreads them over threads, and a busy pool
# starves the window. Read by BLAS when NumPy is first imported, hence here.
for _name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ.setdefault(_name, "1")

__version__ = "0.1.0"

"""The array types that signatures name."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating[Any]]
"""A float32 or float64 array."""

Indices = npt.NDArray[np.intp]
"""Row numbers into a data set."""

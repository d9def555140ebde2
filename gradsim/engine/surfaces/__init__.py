"""Functions of x and y to minimise: test functions, simple surfaces, losses of models, and the user's formula.

To add a surface, write one class in any module of this package.
"""

from gradsim.engine.surfaces.surface import (
    SURFACES,
    Bounds,
    ExpressionSurface,
    KnownPoint,
    Point,
    PointKind,
    Programs,
    Surface,
)
from gradsim.schema.registry import discover

__all__ = ["SURFACES", "Bounds", "ExpressionSurface", "KnownPoint", "Point", "PointKind", "Programs", "Surface"]

discover(__name__)

"""Surfaces to descend: test functions, shapes that show one thing, formulas of one's own, and losses of models.

Menus show them in the order of the modules.
"""

from gradsim.engine.surfaces import classic, models, shapes
from gradsim.engine.surfaces.formula import Formula
from gradsim.engine.surfaces.surface import SURFACES, ExpressionSurface, Kind, Known, Point, Programs, Surface, Window

__all__ = [
    "SURFACES",
    "ExpressionSurface",
    "Formula",
    "Kind",
    "Known",
    "Point",
    "Programs",
    "Surface",
    "Window",
    "classic",
    "models",
    "shapes",
]

"""Surfaces to descend: test functions, shapes that show one thing, formulas of one's own, and losses of models.

Menus show them in the order of the modules.
"""

from gradsim.engine.surfaces import classic, models, shapes
from gradsim.engine.surfaces.formula import Formula
from gradsim.engine.surfaces.surface import SURFACES, Kind, Known, Point, Programs, Surface, Symbolic, Window

__all__ = [
    "SURFACES",
    "Formula",
    "Kind",
    "Known",
    "Point",
    "Programs",
    "Surface",
    "Symbolic",
    "Window",
    "classic",
    "models",
    "shapes",
]

"""Surfaces to descend: test functions, shapes that show one thing, and formulas of one's own.

Each is one formula; its derivatives follow from it. Menus show them in the order
of the modules.
"""

from gradsim.engine.surfaces import classic, shapes
from gradsim.engine.surfaces.formula import Formula
from gradsim.engine.surfaces.surface import SURFACES, Kind, Known, Point, Programs, Surface, Window

__all__ = [
    "SURFACES",
    "Formula",
    "Kind",
    "Known",
    "Point",
    "Programs",
    "Surface",
    "Window",
    "classic",
    "shapes",
]

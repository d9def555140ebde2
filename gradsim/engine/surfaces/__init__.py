"""Functions of x and y to minimise: test functions, simple surfaces, losses of models, and the user's formula.

To add a surface, write one class in any module of this package.
"""

from gradsim.engine.surfaces.surface import SURFACES, ExpressionSurface, Kind, Known, Point, Programs, Surface, Window
from gradsim.schema.registry import discover

__all__ = ["SURFACES", "ExpressionSurface", "Kind", "Known", "Point", "Programs", "Surface", "Window"]

discover(__name__)

"""Where the bundled files are: lessons, data, fonts, icons, translations."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def resource(*parts: str) -> Path:
    """Return the path of a bundled file.

    A wheel has them inside of the package. Only in a checkout are they beside
    it: what is beside an installed package belongs to others.
    """
    inside = _PACKAGE / "resources"
    return (inside if inside.is_dir() else _PACKAGE.parent / "resources").joinpath(*parts)

"""Where the bundled files are: lessons, data, fonts, icons, translations."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def resource(*parts: str) -> Path:
    """Return the path of a bundled file, in a checkout or in an installed wheel."""
    checkout = _PACKAGE.parent / "resources"
    return (checkout if checkout.is_dir() else _PACKAGE / "resources").joinpath(*parts)

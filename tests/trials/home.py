"""A home of their own for programs that are tried: nothing of the user's is read or written."""

from __future__ import annotations

import os
from pathlib import Path

PLACES = ("CONFIG", "STATE", "DATA", "CACHE")


def at_home(folder: Path) -> dict[str, str]:
    """Return the environment of a program whose home is a folder."""
    places = {f"XDG_{place}_HOME": str(folder / f".{place.lower()}") for place in PLACES}
    named = {"HOME": str(folder), "XDG_DOCUMENTS_DIR": str(folder), "USERPROFILE": str(folder)}
    return {**os.environ, "QT_QPA_PLATFORM": "offscreen", **named, **places}

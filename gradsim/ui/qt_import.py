"""Import Qt without what it would do to every import after it."""

from __future__ import annotations

import builtins


def import_qt() -> None:
    """Import Qt's core, and leave Python's `__import__` as it was.

    PySide6 puts a function of its own in its place, which reads the source of every module imported from then on, to
    see whether the module may ask for PySide6's ``__feature__``. None here does, and it takes a tenth of a start.
    """
    pythons_own = builtins.__import__
    import PySide6.QtCore  # noqa: F401

    builtins.__import__ = pythons_own

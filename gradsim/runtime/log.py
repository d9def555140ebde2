"""The log: tracebacks of what went wrong, in the platform's place for logs.

Nothing is set up before the first of them, and a log that cannot be written stops nobody.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

MOST_BYTES = 2**18
"""From which size on the file is put aside and a new one begun; of those put aside the last is kept."""
MOST_CHARACTERS = 2**15
"""How much of one traceback is kept: its end, which names the error."""
MOST_OF_TITLE = 500
MOST_ENTRIES = 200
"""How many a process writes at most: an error in every frame must not keep the disk busy."""

_written = 0


def file() -> Path:
    """Return where the log is, or would be."""
    import platformdirs  # the first error is early enough

    return Path(platformdirs.user_log_dir("gradsim", appauthor=False)) / "gradsim.log"


def write(title: str, trace: str) -> Path | None:
    """Append a traceback under a title; return the file, None if it cannot be written."""
    global _written
    try:
        path = file()
        if _written < MOST_ENTRIES:
            title, trace = title[:MOST_OF_TITLE], trace[-MOST_CHARACTERS:]
            _append(path, f"{datetime.now():%Y-%m-%d %H:%M:%S} {title}\n{trace}\n")
            _written += 1
    except (OSError, RuntimeError, ImportError):
        return None
    return path


def _append(path: Path, entry: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > MOST_BYTES:
        path.replace(path.with_suffix(".old.log"))
    with path.open("a", encoding="utf-8", errors="backslashreplace") as lines:
        lines.write(entry)

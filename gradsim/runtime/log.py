"""The log: tracebacks of what went wrong, in the platform's place for logs.

Nothing is set up before the first of them, and a log that cannot be written stops nothing.
"""

from __future__ import annotations

import traceback
from datetime import datetime
from pathlib import Path

MAX_BYTES = 2**18
"""A larger file is renamed to gradsim.old.log, in place of the one before, and a new one begun."""
MAX_CHARACTERS = 2**15
"""The largest part of a traceback that is written: its end, which names the error."""
MAX_TITLE = 500
MAX_ENTRIES = 200
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
        if _written < MAX_ENTRIES:
            title, trace = title[:MAX_TITLE], trace[-MAX_CHARACTERS:]
            _append(path, f"{datetime.now():%Y-%m-%d %H:%M:%S} {title}\n{trace}\n")
            _written += 1
    except (OSError, RuntimeError, ImportError):
        return None
    return path


def write_error(title: str, error: BaseException) -> Path | None:
    """Append the traceback of an exception; return as :func:`write`."""
    return write(title, "".join(traceback.format_exception(error)))


def _append(path: Path, entry: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and not path.is_file():
        raise OSError(f"{path} is not an ordinary file")  # a pipe would be waited for
    if path.exists() and path.stat().st_size > MAX_BYTES:
        path.replace(path.with_suffix(".old.log"))
    with path.open("a", encoding="utf-8", errors="backslashreplace") as lines:
        lines.write(entry)

"""The files that were opened or saved last, the same for all windows."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from gradsim.schema.errors import FileError
from gradsim.schema.ordinary import opened
from gradsim.sim.documents.files import write_bytes
from gradsim.ui.settings import RECENT, file_of_settings

MOST = 10
MAX_BYTES = 2**17


def file() -> Path:
    """Return where they are listed."""
    return file_of_settings().with_name(RECENT)


def paths() -> list[Path]:
    """Return the files, the last one first; none where the list cannot be read."""
    try:
        with opened(file()) as listed:
            names = json.loads(listed.read(MAX_BYTES))
        return [Path(name) for name in names][:MOST]
    except (OSError, ValueError, TypeError, RecursionError):
        return []


def note(path: Path) -> None:
    """Put a file first. The list is read anew, for other windows have theirs in it."""
    path = path.absolute()
    _write([path, *(other for other in paths() if other != path)][:MOST])


def clear() -> None:
    """Forget them all."""
    _write([])


def _write(found: list[Path]) -> None:
    with suppress(FileError, OSError):
        file().parent.mkdir(parents=True, exist_ok=True)
        write_bytes(file(), json.dumps([str(path) for path in found]).encode(), lasting=False)

"""Reading and writing files, whole or not at all; what goes wrong is a FileError of one line."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from gradsim.schema.errors import FileError, unknown_name


def check_target(path: Path, formats: Sequence[str]) -> None:
    """Refuse a place where nothing can be written, before any work is done for it."""
    if path.suffix not in formats:
        raise FileError(f"{path}: {unknown_name(path.suffix, formats)}")
    if not path.parent.is_dir():
        raise FileError(f"{path}: cannot be written: there is no folder {path.parent}")


def make_folder(path: Path) -> None:
    """Make a folder in one that exists, if it is not there; FileError if it cannot be made."""
    try:
        path.mkdir(exist_ok=True)
    except OSError as error:
        raise FileError(f"{path}: not a folder, and none can be made: {error.strerror}") from None


def write_bytes(path: Path, content: bytes) -> None:
    """Replace a file's content in one go; FileError if it cannot be written."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            umask = os.umask(0)
            os.umask(umask)
            Path(name).chmod(0o666 & ~umask)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink()
            raise
    except OSError as error:
        raise FileError(f"{path}: cannot be written: {error.strerror}") from None

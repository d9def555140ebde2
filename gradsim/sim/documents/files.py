"""Writing files, whole or not at all; what goes wrong is a FileError of one line."""

from __future__ import annotations

import errno
import os
import secrets
import stat
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from gradsim.schema.errors import FileError, Phrase, unknown_name
from gradsim.schema.ordinary import REASONS, check_ordinary, is_folder, why

BEFORE, AFTER = ".gradsim-", ".tmp"
"""How the names of temporary files begin and end."""
ABANDONED_S = 3600
"""A temporary file this old is of a program that was ended while it wrote."""


def check_target(path: Path, formats: Sequence[str]) -> None:
    """Refuse a place where nothing can be written, before any work is done for it."""
    if path.suffix not in formats:
        raise FileError(in_file(path, unknown_name(path.suffix, formats)))
    if not is_folder(path.parent):
        problem = Phrase("cannot be written: there is no folder {folder}", folder=str(path.parent))
        raise FileError(in_file(path, problem))
    try:
        _place_of(path)
    except OSError as error:
        raise FileError(in_file(path, Phrase("cannot be written: {why}", why=why(error)))) from None


def in_file(path: object, problem: str) -> Phrase:
    """Return the line that says what is wrong with a file."""
    return Phrase("{path}: {problem}", path=str(path), problem=problem)


def make_folder(path: Path) -> None:
    """Make a folder in one that exists, if it is not there; FileError if it cannot be made."""
    try:
        path.mkdir(exist_ok=True)
    except OSError as error:
        problem = Phrase("not a folder, and none can be made: {why}", why=why(error))
        raise FileError(in_file(path, problem)) from None


def write_bytes(path: Path, content: bytes, lasting: bool = True) -> None:
    """Replace a file's content in one go, or leave all as it was; FileError if it cannot be written.

    It is written beside the file and then put in its place. The file keeps its mode; one that a symbolic link leads
    to is replaced there, and the link stays. What need not be `lasting` may be lost should the power fail at once.
    """
    try:
        target, before = _place_of(path)
        _put(target, content, before, lasting)
    except OSError as error:
        raise FileError(in_file(path, Phrase("cannot be written: {why}", why=why(error)))) from None
    _forget_abandoned(target.parent)


def work_file(path: Path) -> Path:
    """Return a name beside a file's place, for what is to take that place when it is whole."""
    return Path(os.path.realpath(path)).with_name(f"{BEFORE}{secrets.token_hex(8)}{AFTER}")


def put_in_place(work: Path, path: Path) -> None:
    """Let a file that is whole take its place, as :func:`write_bytes` does; OSError if it must not."""
    target, before = _place_of(path)
    if before:
        _give(work, before)
    work.replace(target)


def _place_of(path: Path) -> tuple[Path, os.stat_result | None]:
    """Return which file is to be replaced, and what the system knows of it; OSError if it must not be."""
    target = Path(os.path.realpath(path))
    try:
        before = check_ordinary(target)
    except FileNotFoundError:
        before = None
        target.parent.stat()  # without the folder there is no place either
    if not all(os.access(each, os.W_OK) for each in (target.parent, *([target] if before else []))):
        raise PermissionError(errno.EACCES, REASONS[errno.EACCES])
    return target, before


def _put(target: Path, content: bytes, before: os.stat_result | None, lasting: bool) -> None:
    temporary = work_file(target)
    mode = stat.S_IMODE(before.st_mode) if before else 0o666
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(temporary, flags, mode), "wb") as file:
            file.write(content)
            if lasting:  # on the disk before it takes the place of what is there
                file.flush()
                os.fsync(file.fileno())
        if before:
            _give(temporary, before)
        temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def _give(temporary: Path, before: os.stat_result) -> None:
    """Give a new file the owner, where that is allowed, and the mode of the one that it replaces."""
    if hasattr(os, "chown"):
        with suppress(OSError):
            os.chown(temporary, before.st_uid, before.st_gid)
    temporary.chmod(stat.S_IMODE(before.st_mode))


def _forget_abandoned(folder: Path) -> None:
    """Delete what programs have left in a folder that were ended while they wrote."""
    with suppress(OSError):
        for path in folder.glob(f"{BEFORE}*{AFTER}"):
            if time.time() - path.lstat().st_mtime > ABANDONED_S:
                path.unlink()

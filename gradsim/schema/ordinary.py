"""Ordinary files. What else has a name, a pipe, a socket, a device, is refused: one could wait for it without end."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from gradsim.schema.errors import Phrase

NOT_ORDINARY = "It is not an ordinary file"

REASONS = {
    errno.EACCES: "Permission denied",
    errno.EDQUOT: "Disk quota exceeded",
    errno.EEXIST: "File exists",
    errno.EFBIG: "File too large",
    errno.EIO: "Input/output error",
    errno.EISDIR: "Is a directory",
    errno.ELOOP: "Too many levels of symbolic links",
    errno.EMFILE: "Too many open files",
    errno.ENAMETOOLONG: "File name too long",
    errno.ENOENT: "No such file or directory",
    errno.ENOSPC: "No space left on device",
    errno.ENOTDIR: "Not a directory",
    errno.EPERM: "Operation not permitted",
    errno.EROFS: "Read-only file system",
}
"""What systems refuse of files, in the words of Linux, by the number of the error."""


class NotOrdinaryError(OSError):
    """What has this name is no ordinary file."""


def check_ordinary(path: str | Path) -> os.stat_result:
    """Return what the system knows of an ordinary file; OSError for anything else, and for none."""
    status = Path(path).stat()
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, REASONS[errno.EISDIR], str(path))
    if not stat.S_ISREG(status.st_mode):
        raise NotOrdinaryError(errno.EINVAL, NOT_ORDINARY, str(path))
    return status


def exists(path: Path) -> bool:
    """Tell whether there is something of this name; not where the system refuses the name, as one too long."""
    try:
        return path.exists()
    except OSError:
        return False


def is_file(path: Path) -> bool:
    """Tell whether this is the name of an ordinary file; not where the system refuses the name."""
    try:
        return path.is_file()
    except OSError:
        return False


def is_folder(path: Path) -> bool:
    """Tell whether this is the name of a folder; not where the system refuses the name."""
    try:
        return path.is_dir()
    except OSError:
        return False


def opened(path: str | Path) -> BinaryIO:
    """Return an ordinary file, opened for reading; OSError for anything else."""
    check_ordinary(path)
    # Should a pipe have taken its place meanwhile, it is not waited for.
    return open(path, "rb", opener=lambda name, flags: os.open(name, flags | getattr(os, "O_NONBLOCK", 0)))


def why(error: OSError) -> str:
    """Return why a system refuses something of a file, so that a window can tell it in its language."""
    if isinstance(error, NotOrdinaryError):
        return Phrase(NOT_ORDINARY)
    known = REASONS.get(error.errno or 0)
    return Phrase(known) if known else Phrase("{why}", why=str(error.strerror or error))

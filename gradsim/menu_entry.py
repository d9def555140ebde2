"""The entry in the applications menu of Linux, for whoever runs it: ``gradsim --add-to-menu``."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from gradsim.resources import resource
from gradsim.schema.errors import InputError
from gradsim.sim.documents.files import write_bytes

ENTRY = """\
[Desktop Entry]
Type=Application
Name=gradsim
GenericName=Simulator of gradients
GenericName[zh_CN]=梯度模拟器
Comment=See which layers of a network learn, and how optimizers differ
Comment[zh_CN]=看网络的哪些层在学习，看各种优化器有何不同
Exec={command} %f
Icon={icon}
Terminal=false
Categories=Education;Science;Math;
MimeType=application/toml;text/csv;image/png;
StartupWMClass=gradsim
"""
_ESCAPED = str.maketrans({"\\": "\\\\\\\\", '"': '\\\\"', "`": "\\\\`", "$": "\\\\$", "%": "%%"})


def add_to_menu() -> Path:
    """Write the entry and its icon where the user's own are; return the entry's file.

    Raises
    ------
    InputError
        Where menus are made otherwise.
    FileError
        If they cannot be written.
    """
    if not sys.platform.startswith("linux"):
        raise InputError("--add-to-menu: entries of this kind are Linux's")
    share = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    icon = share / "icons" / "hicolor" / "scalable" / "apps" / "gradsim.svg"
    entry = share / "applications" / "gradsim.desktop"
    for path, content in (
        (icon, resource("icons", "app.svg").read_bytes()),
        (entry, ENTRY.format(command=command_line(_program()), icon=icon).encode("utf-8")),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, content)
    return entry


def _program() -> list[str]:
    """Return what starts this program: itself, or the Python that runs it."""
    return [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "gradsim"]


def command_line(words: Sequence[str]) -> str:
    """Return words as an entry has them: each between quotation marks, as its specification wants it."""
    return " ".join(f'"{word.translate(_ESCAPED)}"' for word in words)

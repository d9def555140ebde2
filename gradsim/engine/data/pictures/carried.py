"""What a picture carries: an experiment, the step that is shown, and of a table what tells it, or the table itself.

It is one text: the experiment's TOML, and after it a table ``[picture]`` whose last line is the SHA-256 of all
before it. A picture of an earlier version has the experiment alone.
"""

from __future__ import annotations

import base64
import tomllib
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePath
from typing import Any

import tomli_w

_HEADER, _LAST = "[picture]\n", "sha256 = "
MOST_TABLE_BYTES = 2**16
"""The largest table that a picture carries whole."""


@dataclass(frozen=True)
class CarriedTable:
    """A table that an experiment reads: what its file is called, its size and SHA-256, and its bytes if carried."""

    name: str
    size: int
    digest: str
    content: bytes | None = None

    @classmethod
    def of(cls, name: str, content: bytes, whole: bool) -> CarriedTable:
        """Return what tells a file of this name and content; the `whole` of it, or not."""
        return cls(name, len(content), sha256(content).hexdigest(), content if whole else None)

    def is_content(self, content: bytes) -> bool:
        """Tell whether a file with this content is that table."""
        return len(content) == self.size and sha256(content).hexdigest() == self.digest


@dataclass(frozen=True)
class Carried:
    """An experiment as TOML text; the step and the version of the program, if they are known; its table, if any."""

    experiment: str
    step: int | None = None
    version: str = ""
    table: CarriedTable | None = None


def packed(carried: Carried) -> str:
    """Return the text that a picture carries."""
    about: dict[str, Any] = {"step": carried.step or 0, "version": carried.version}
    table = carried.table
    if table is not None:
        about |= {"table": table.name, "table_bytes": table.size, "table_sha256": table.digest}
        if table.content is not None:
            about["table_content"] = base64.b64encode(table.content).decode()
    text = f"{carried.experiment.strip()}\n\n{_HEADER}{tomli_w.dumps(about)}"
    return f'{text}{_LAST}"{_digest(text)}"\n'


def unpacked(text: str) -> Carried:
    """Return what :func:`packed` made a text of.

    Raises
    ------
    ValueError
        For a text that is not as it was written.
    """
    text = text.replace("\r\n", "\n").strip() + "\n"
    experiment, header, about = text.rpartition(f"\n{_HEADER}")
    if not header:
        return Carried(text)
    whole, _, digest = text.rpartition(_LAST)
    if digest.strip() != f'"{_digest(whole)}"':
        raise ValueError("it has been changed since it was written, for its SHA-256 is another one")
    try:
        return _carried(experiment, tomllib.loads(about))
    except _OddError as error:
        raise ValueError(f"what it says of the picture is not understood: {error}") from None
    except (KeyError, TypeError, ValueError, OverflowError):
        raise ValueError("what it says of the picture is not understood") from None


class _OddError(Exception):
    """Something that no picture says."""


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8")).hexdigest()


def _carried(experiment: str, about: dict[str, Any]) -> Carried:
    step, table = about["step"], None
    if type(step) is not int or step < 0:
        raise _OddError(f"step {step!r}")
    if "table" in about:
        content = base64.b64decode(about["table_content"], validate=True) if "table_content" in about else None
        table = CarriedTable(_name(about["table"]), int(about["table_bytes"]), str(about["table_sha256"]), content)
        if content is not None and not table.is_content(content):
            raise _OddError("its table is another one")
    return Carried(experiment.strip() + "\n", step, str(about["version"]), table)


def _name(name: object) -> str:
    """Return the name of a file, which may not lead anywhere else."""
    if not isinstance(name, str) or PurePath(name).name != name or "\\" in name:
        raise _OddError(f"table {name!r}")
    return name

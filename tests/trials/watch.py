"""What must not come of any trial: errors, warnings, messages of Qt's, and no end."""

from __future__ import annotations

import os
import re
import signal
import sys
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any
from unittest.mock import patch

from PySide6.QtCore import qInstallMessageHandler

from gradsim.ui.app import OFFSCREEN, application


class SlowError(Exception):
    """A case takes too long."""


@contextmanager
def watched(found: list[str]) -> Iterator[None]:
    """Note errors that Qt calls into, warnings, and messages of Qt's."""

    def on_error(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
        found.append("".join(traceback.format_exception(kind, error, where)))

    def on_warning(message: Warning | str, kind: type[Warning], file: str, line: int, *_: Any) -> None:
        if "matmul" not in str(message):  # BLAS computes on whole registers: what lies beyond may raise the flag
            found.append(f"{kind.__name__}: {message}\n" + "".join(traceback.format_stack(limit=12)[:-1]))

    def on_message(_kind: object, _context: object, text: str) -> None:
        if not text.startswith("This plugin does not support"):
            found.append(f"Qt: {text}")

    os.environ.setdefault("QT_QPA_PLATFORM", OFFSCREEN)
    application()  # which listens to Qt, too, when it is made
    before = qInstallMessageHandler(on_message)
    hooks = patch.object(sys, "excepthook", on_error), patch.object(sys, "unraisablehook", _unraisable(found))
    try:
        with hooks[0], hooks[1], warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.filterwarnings("ignore", category=DeprecationWarning)
            warnings.showwarning = on_warning  # type: ignore[assignment]
            yield
    except Exception:
        found.append(traceback.format_exc())
    finally:
        qInstallMessageHandler(before)


def _unraisable(found: list[str]) -> Any:
    def note(what: Any) -> None:
        found.append("".join(traceback.format_exception(what.exc_type, what.exc_value, what.exc_traceback)))

    return note


@contextmanager
def limited(seconds: int) -> Iterator[None]:
    """Raise SlowError in what takes longer."""

    def on_alarm(_signal: int, _frame: FrameType | None) -> None:
        raise SlowError(f"longer than {seconds} s")

    before = signal.signal(signal.SIGALRM, on_alarm)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def kind_of_fault(fault: str) -> str:
    """Return what faults have in common that are the same: where and what, without the numbers of a case."""
    lines = [line.strip() for line in fault.strip().splitlines()]
    if lines[0].startswith(("Traceback", "RuntimeWarning")) or "Warning:" in lines[0]:
        places = [line for line in lines if line.startswith("File") and "/gradsim/" in line]
        return f"{lines[-1 if lines[0].startswith('Traceback') else 0].split(':')[0]} {places[-1:]}"
    return re.sub(r"/tmp/\S+|\d+|0x\w+", "…", lines[0].split(" at step ")[0])

"""Signals that end the program: in the event loop, and in the moment before it begins."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import os, signal
from PySide6.QtCore import QTimer
from gradsim.ui.app import application, quit_on_signals
app = application()
quit_on_signals(app)
send = lambda: os.kill(os.getpid(), signal.{name})
{send}
print("ended with", app.exec())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="os.kill ends the process there")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
@pytest.mark.parametrize("send", ["send()", "QTimer.singleShot(50, send)"], ids=["before", "within"])
def test_a_signal_ends_the_program(name: str, send: str) -> None:
    code = PROGRAM.format(name=name, send=send)
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert ended.stdout == "ended with 0\n", ended.stderr

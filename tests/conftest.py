"""All tests: offscreen, the same cases in every run, no thread left behind, no log but one of their own."""

from __future__ import annotations

import gc
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from gradsim.runtime import log

os.environ["QT_QPA_PLATFORM"] = "offscreen"
# For programs that tests start: they are not to write into the user's log.
os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="gradsim-tests-")
# Nor does anything that is pasted go among the user's own data.
os.environ["XDG_DATA_HOME"] = os.environ["XDG_STATE_HOME"]
# They compile each module once between them, also where the environment says to keep nothing compiled.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ["PYTHONPYCACHEPREFIX"] = str(Path(os.environ["XDG_STATE_HOME"]) / "compiled")
# Nor do they find the user's own lessons.
os.environ["XDG_DOCUMENTS_DIR"] = os.environ["XDG_STATE_HOME"]

gc.disable()  # while tests are collected, which makes a great many objects and hardly any garbage


def pytest_collection_finish() -> None:
    """Leave all that is there by now, thousands of tests among it, out of every later collection of garbage."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(autouse=True)
def log_file(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the user's own log out of every test."""
    file = tmp_path_factory.mktemp("log") / "made" / "gradsim.log"
    monkeypatch.setattr(log, "file", lambda: file)
    monkeypatch.setattr(log, "_written", 0)
    return file


# Generated cases are the same in every run, and no limit of time makes one fail on a busy machine. To look for
# new ones: python -m pytest tests/property --hypothesis-profile=search
_LENIENT = [HealthCheck.too_slow, HealthCheck.filter_too_much]
settings.register_profile(
    "same_cases", derandomize=True, deadline=None, database=None, suppress_health_check=_LENIENT
)
settings.register_profile("search", settings.get_profile("same_cases"), derandomize=False)
settings.load_profile("same_cases")


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    """Fail a test that leaves a worker running."""
    yield
    deadline = time.monotonic() + 10.0  # the end of a window does not wait for a long step
    while time.monotonic() < deadline and _left():
        time.sleep(0.01)
    assert _left() == []


def _left() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("gradsim")]

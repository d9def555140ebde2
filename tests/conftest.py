"""All tests: offscreen, the same cases in every run, no thread left behind, no log but one of their own."""

from __future__ import annotations

import gc
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from gradsim.runtime import log
from tests.trained import lesson_in

os.environ["QT_QPA_PLATFORM"] = "offscreen"
# For programs that tests start: they are not to write into the user's log.
os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="gradsim-tests-")
# Nor does anything that is pasted go among the user's own data.
os.environ["XDG_DATA_HOME"] = os.environ["XDG_STATE_HOME"]
# They and the processes that tests are spread over compile each module once between them, also where the environment
# says to keep nothing compiled.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# Nor do they find the user's own lessons.
os.environ["XDG_DOCUMENTS_DIR"] = os.environ["XDG_STATE_HOME"]


class FilesAndLessons(LoadFileScheduling):  # type: ignore[misc]
    """Gives a process all tests of a lesson's run, others file by file: what they share is computed once."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return lesson_in(nodeid) or file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> FilesAndLessons:
    return FilesAndLessons(config, log)


gc.disable()  # while tests are collected, which makes a great many objects and hardly any garbage


def pytest_collection_finish() -> None:
    """Leave all that is there by now, thousands of tests among it, out of every later collection of garbage."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def new_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give a new folder to each who asks.

    pytest's own look through all there are for the next number: in thousands of tests that adds up.
    """
    root = tmp_path_factory.mktemp("folders")

    def folders() -> Iterator[Path]:
        for number in count():
            folder = root / str(number)
            folder.mkdir()
            yield folder

    return folders()


@pytest.fixture(autouse=True)
def log_file(new_folders: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the user's own log out of every test."""
    file = next(new_folders) / "made" / "gradsim.log"
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
    deadline = time.monotonic() + 60.0  # the end of a window does not wait for a long step
    while time.monotonic() < deadline and _left():
        time.sleep(0.01)
    assert _left() == []


def _left() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("gradsim")]

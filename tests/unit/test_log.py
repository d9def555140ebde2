"""The log: what it keeps, how long it grows, and that it stops nobody."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gradsim.runtime import log

REAL_FILE = log.file


def test_it_keeps_titles_and_tracebacks_one_after_the_other(log_file: Path) -> None:
    assert log.write("first", "Traceback\nValueError: a") == log_file
    assert log.write("zweite \ud800", "Traceback\nValueError: ½") == log_file
    text = log_file.read_text("utf-8")
    assert text.index("first\nTraceback\nValueError: a\n") < text.index("zweite \\ud800\nTraceback\nValueError: ½\n")


def test_it_is_bounded_and_the_last_file_is_kept(log_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "MAX_ENTRIES", 1000)
    for i in range(60):
        log.write(f"number {i}", "x" * 10**6 + f"end {i}")
    files = sorted(log_file.parent.iterdir())
    assert [file.name for file in files] == ["gradsim.log", "gradsim.old.log"]
    assert all(file.stat().st_size <= log.MAX_BYTES + 2 * log.MAX_CHARACTERS for file in files)
    assert log_file.read_text().endswith("end 59\n")


def test_a_process_writes_so_many_at_most_and_still_names_the_file(log_file: Path) -> None:
    assert {log.write("again", "trace") for _ in range(log.MAX_ENTRIES + 50)} == {log_file}
    assert log_file.read_text().count("again") == log.MAX_ENTRIES


def test_one_that_cannot_be_written_raises_nothing(log_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log_file.parent.write_text("a file where a folder is to be")
    assert log.write("title", "trace") is None

    def nowhere() -> Path:
        raise RuntimeError("no home")

    monkeypatch.setattr(log, "file", nowhere)
    assert log.write("title", "trace") is None


def test_it_is_in_the_platforms_place() -> None:
    assert REAL_FILE().name == "gradsim.log"
    assert "gradsim" in REAL_FILE().parent.parts[-2:] + REAL_FILE().parent.parts[-1:]


def test_it_costs_nothing_before_the_first_error() -> None:
    code = "import sys; from gradsim.runtime import log; print('platformdirs' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert ended.stdout == "False\n"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_a_pipe_in_its_place_is_not_waited_for(log_file: Path) -> None:
    log_file.parent.mkdir(parents=True)
    os.mkfifo(log_file)
    assert log.write("first", "trace") is None

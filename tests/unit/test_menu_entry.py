"""The entry in the applications menu of Linux, written where the user's own are."""

from __future__ import annotations

import configparser
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from gradsim import menu_entry
from gradsim.cli import BAD_INPUT, DONE, main


@pytest.fixture
def share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "my share"))
    return tmp_path / "my share"


@pytest.mark.skipif(sys.platform != "linux", reason="it is Linux's")
def test_the_entry_starts_this_program(share: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--add-to-menu"]) == DONE
    [entry] = (share / "applications").iterdir()
    assert capsys.readouterr().out == f"{entry}: written; delete it to be rid of it\n"
    parser = configparser.ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(entry, encoding="utf-8")
    table = parser["Desktop Entry"]
    assert {"Type", "Name", "Exec", "Icon", "Categories"} <= set(table)
    assert Path(table["Icon"]).read_text().startswith("<svg")
    *command, file = shlex.split(table["Exec"])
    assert file == "%f"
    told = subprocess.run([*command, "--version"], capture_output=True, text=True, timeout=300, cwd=share)
    assert told.stdout.startswith("gradsim ")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("/a b/c", '"/a b/c"'),
        ('a"b', r'"a\\"b"'),
        ("a$b`", r'"a\\$b\\`"'),
        ("100%", '"100%%"'),
        ("a\\b", r'"a\\\\b"'),
    ],
)
def test_words_are_written_as_entries_have_them(word: str, expected: str) -> None:
    assert menu_entry.command_line([word]) == expected


def test_elsewhere_it_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    assert main(["--add-to-menu"]) == BAD_INPUT
    assert capsys.readouterr().err.count("\n") == 1

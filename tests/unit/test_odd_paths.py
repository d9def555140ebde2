"""Names that a system refuses, such as ones too long, are as those of files that are not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradsim.cli import BAD_INPUT, main
from gradsim.engine.data.pictures.inside import file_of
from gradsim.engine.data.tables import Csv
from gradsim.engine.data.tables.understanding import understood
from gradsim.schema.ordinary import exists, is_file, is_folder

LONG = "x" * 300


@pytest.mark.parametrize("tells", [exists, is_file, is_folder])
def test_what_a_system_refuses_is_not_there(tmp_path: Path, tells: object) -> None:
    assert callable(tells)
    assert tells(tmp_path / LONG) is False
    assert tells(tmp_path / "gone") is False


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", LONG),
        ("check", f"{LONG}.csv"),
        ("run", f"{LONG}/a.toml"),
        ("run", "saddle", "--steps", "1", "--out", f"{LONG}/a.csv"),
        ("run", "saddle", "--steps", "1", "--out", f"{LONG}.csv"),
        ("sweep", "saddle", "--over", "steps=1,2", "--out", f"{LONG}.csv"),
        ("export", "saddle", "--out", f"{LONG}/a.png"),
        ("lessons", "--lessons", LONG),
        ("new-lesson", "mine", "--lessons", LONG),
    ],
    ids=" ".join,
)
def test_a_command_refuses_it_in_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == BAD_INPUT
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("gradsim: ")
    assert LONG in line


def test_a_table_of_such_a_name_is_refused(tmp_path: Path) -> None:
    assert file_of(tmp_path / LONG / "a.csv") == tmp_path / LONG / "a.csv"
    report = understood(Csv(path=str(tmp_path / LONG[:60] / ("y" * 200) / ("z" * 300))[:400]))
    assert report.refusal is not None

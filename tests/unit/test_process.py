"""The program as a process: Ctrl+C, and output into pipes that cannot hold every character."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from gradsim.cli import BAD_INPUT, DONE
from gradsim.interrupts import INTERRUPTED

ROOT = Path(__file__).resolve().parents[2]

RACE = """
kind = "race"
steps = 50
surface = { expression = "x**2 - y**2", window = [-1, 1, -1, 1] }
start = [1e-3, 0.5]
[[runs]]
label = "− ⁴ ∂ 梯度"
optimizer = "sgd"
"""


@pytest.fixture
def race(tmp_path: Path) -> Path:
    path = tmp_path / "race.toml"
    path.write_text(RACE, encoding="utf-8")
    return path


INTERRUPTS = {
    "imports": ("gradsim.sim.documents.document", "tomllib", "loads"),
    "training": ("gradsim.sim.kinds.race.racer", "Racer", "advance"),
    "writing": ("gradsim.sim.documents.document", "Path", "replace"),
    "painting": ("gradsim.ui.plots.map", "MapPlot", "paintEvent"),
    "studies": ("gradsim.ui.board", "Board", "finishing_studies"),
}
"""Moments of an interrupt: when the attribute of an object in a module is called."""

CHILD = """
import importlib, signal, sys
from gradsim.__main__ import main

def interrupted(self, *args, **more):
    signal.raise_signal(signal.SIGINT)

module, name, method = sys.argv.pop(1).split(":")
owner = getattr(importlib.import_module(module), name)
setattr(owner, method, interrupted)
sys.exit(main())
"""


@pytest.mark.parametrize(
    ("command", "moment"),
    [
        *(("run", moment) for moment in ("imports", "training", "writing")),
        *(("export", moment) for moment in ("training", "painting", "studies", "writing")),
    ],
)
def test_an_interrupt_ends_with_one_line_and_leaves_no_file(race: Path, command: str, moment: str) -> None:
    out = race.parent / ("out.json" if command == "run" else "out.png")
    at, arguments = ":".join(INTERRUPTS[moment]), [command, str(race), "--out", str(out)]
    ended = subprocess.run(
        [sys.executable, "-c", CHILD, at, *arguments], capture_output=True, text=True, timeout=300, cwd=ROOT
    )
    assert (ended.stdout, ended.stderr) == ("", "gradsim: interrupted\n")
    assert ended.returncode == INTERRUPTED
    assert sorted(path.name for path in race.parent.iterdir()) == [race.name]


SWALLOWED = """
import signal, sys, tomllib
from gradsim.__main__ import main

def interrupted(text):
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:
        raise ImportError("cannot import name") from None

tomllib.loads = interrupted
sys.exit(main())
"""


def test_an_interrupt_ends_with_one_line_also_where_a_library_makes_another_error_of_it(race: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", SWALLOWED, "run", str(race)], capture_output=True, text=True, timeout=300, cwd=ROOT
    )
    assert (ended.stdout, ended.stderr, ended.returncode) == ("", "gradsim: interrupted\n", INTERRUPTED)


@pytest.mark.skipif(sys.platform == "win32", reason="os.kill ends the process there")
def test_an_interrupt_that_is_to_be_ignored_is_ignored(race: Path) -> None:
    ignoring = SWALLOWED.replace("from gradsim", "signal.signal(signal.SIGINT, signal.SIG_IGN)\nfrom gradsim", 1)
    ignoring = ignoring.replace("tomllib.loads = interrupted", "signal.raise_signal(signal.SIGINT)")
    ended = subprocess.run(
        [sys.executable, "-c", ignoring, "run", str(race)], capture_output=True, text=True, timeout=300, cwd=ROOT
    )
    assert (ended.stderr, ended.returncode) == ("", DONE)


def program(encoding: str, arguments: Sequence[str], *code: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, *(code or ["main.py"]), *arguments],
        capture_output=True,
        timeout=300,
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": encoding},
    )


ENCODINGS = ("ascii", "cp1252", "gbk", "gb18030", "cp437")


@cache
def whole(*arguments: str) -> str:
    """Return what the program writes where every character can be."""
    return program("utf-8", arguments).stdout.decode()


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_what_a_code_page_lacks_is_written_as_an_escape(race: Path, encoding: str) -> None:
    ended = program(encoding, ["run", str(race)])
    assert (ended.returncode, ended.stderr) == (DONE, b"")
    said = program("utf-8", ["run", str(race)]).stdout.decode()
    assert "−" in said
    assert ended.stdout == said.encode(encoding, "backslashreplace")


SEVERAL = """
import json, sys
from gradsim.__main__ import _print_every_character
from gradsim.cli import main

_print_every_character()
for arguments in json.loads(sys.argv[1]):
    print(main(arguments), file=sys.stderr)
main(["--help"])
"""
"""Commands one after the other in one process; each writes its status into the stream of errors."""


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_lists_and_errors_reach_a_code_page_too(tmp_path: Path, encoding: str) -> None:
    listed = program(encoding, ["lessons", "--json"])
    assert listed.returncode == DONE
    assert json.loads(listed.stdout.decode(encoding)) == json.loads(whole("lessons", "--json"))
    bad = tmp_path / "− ∂ 梯度.toml"
    bad.write_text('kind = "− ∂ 梯度"', encoding="utf-8")
    refused = [["check", str(bad)], ["run", str(bad)], ["export", str(bad), "--out", "a.png"], ["run", "∂"]]
    ended = program(encoding, [json.dumps([*refused, ["lessons"]])], "-c", SEVERAL)
    assert ended.returncode == DONE, ended.stderr
    *told, done = ended.stderr.splitlines()
    assert [line.startswith(b"gradsim: ") for line in told] == [True, False] * len(refused)
    assert [int(status) for status in [*told[1::2], done]] == [BAD_INPUT] * len(refused) + [DONE]
    assert b"vanishing" in ended.stdout.splitlines()[0]  # nothing of those refused
    assert b"usage: gradsim" in ended.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full is Linux's")
@pytest.mark.parametrize("command", [["lessons"], ["run", "saddle", "--steps", "3"], ["--help"], ["--version"]])
def test_an_output_that_is_full_ends_with_one_line(command: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "gradsim", *command],
            stdout=full, stderr=subprocess.PIPE, text=True, timeout=300, cwd=ROOT,
        )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (
        1,
        "gradsim: the output cannot be written: No space left on device\n",
    )


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of Unix closes them")
@pytest.mark.parametrize("closed", [(1,), (2,), (0, 1, 2)])
def test_an_output_that_is_closed_hurts_neither_the_program_nor_its_files(
    race: Path, tmp_path: Path, closed: Sequence[int]
) -> None:
    """What a program opens next would have the number of the closed stream, and get what is said."""
    close, out = " ".join(f"{number}>&-" for number in closed), tmp_path / "out.json"
    run = f"'{sys.executable}' -m gradsim run '{race}' --out '{out}' {close}"
    ended = subprocess.run(["sh", "-c", run], capture_output=True, text=True, timeout=300, cwd=ROOT)
    assert (ended.returncode, ended.stderr) == (DONE, "")
    assert ended.stdout.startswith("step 50: ") is (1 not in closed)
    assert json.loads(out.read_text())["kind"] == "race"
    bad = f"'{sys.executable}' -m gradsim check '{tmp_path}' {close}"
    ended = subprocess.run(["sh", "-c", bad], capture_output=True, text=True, timeout=300, cwd=ROOT)
    assert (ended.returncode, ended.stdout) == (BAD_INPUT, "")
    assert ended.stderr == ("" if 2 in closed else f"gradsim: {tmp_path}: cannot be read: Is a directory\n")

"""The program as a process of its own, in surroundings that are not as they should be."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from tests.trials.home import at_home

ROOT = Path(__file__).resolve().parents[3]
PATIENCE_S = 300
SMALL = """
replicas = 2
steps = 20
data = "moons"
[common]
hidden = [4, 4]
output = "sigmoid"
loss = "cross_entropy"
[[runs]]
[[runs]]
activation = "relu"
"""
DONE, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130

Ended = subprocess.CompletedProcess[str]


def command(*arguments: object) -> list[str]:
    """Return the command line of the program."""
    return [sys.executable, "-m", "gradsim", *map(str, arguments)]


def ran(
    folder: Path,
    *arguments: object,
    root: Path = ROOT,
    out: IO[Any] | int = subprocess.PIPE,
    before: Sequence[str] = (),
    most_bytes: int | None = None,
    environment: dict[str, str] | None = None,
) -> Ended:
    """Run a command of the program in a folder, to its end.

    Parameters
    ----------
    folder
        Where it works and is at home.
    arguments
        The command.
    root
        Where the package is.
    out
        Where its standard output goes.
    before
        A command that runs it.
    most_bytes
        The largest file that it may write.
    environment
        What is otherwise in its environment.
    """

    def limit() -> None:
        import resource  # which Windows has not

        assert most_bytes is not None
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))

    return subprocess.run(
        [*before, *command(*arguments)],
        cwd=folder,
        env={**at_home(folder), "PYTHONPATH": str(root), **(environment or {})},
        stdout=out,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        errors="replace",
        timeout=PATIENCE_S,
        preexec_fn=None if most_bytes is None else limit,
    )


def started(folder: Path, *arguments: object, out: int = subprocess.PIPE) -> subprocess.Popen[str]:
    """Return a command of the program that has just been started."""
    environment = {**at_home(folder), "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command(*arguments), cwd=folder, env=environment, stdout=out, stderr=subprocess.PIPE, text=True
    )


def says_one_line(ended: Ended, *statuses: int, naming: str = "") -> None:
    """Assert that a program has ended with one of these statuses and said why in one line."""
    lines = ended.stderr.splitlines()
    assert ended.returncode in statuses, (ended.args, ended.returncode, ended.stderr)
    assert len(lines) == 1, (ended.args, ended.stderr)
    assert lines[0].startswith("gradsim"), ended.stderr
    assert naming in ended.stderr, (naming, ended.stderr)


def is_done(ended: Ended) -> None:
    """Assert that a program has done its work and complained of nothing."""
    assert (ended.returncode, ended.stderr) == (DONE, ""), (ended.args, ended.returncode, ended.stderr)


def small(folder: Path, name: str = "small.toml") -> Path:
    """Return the file of a small experiment."""
    path = folder / name
    path.write_text(SMALL, "utf-8")
    return path


def has_namespaces() -> bool:
    """Tell whether a file system can be mounted for one program alone."""
    return shutil.which("unshare") is not None and subprocess.run(["unshare", "-rm", "true"]).returncode == 0


def mounted(folder: Path, options: str) -> list[str]:
    """Return a command that runs another one with a file system of its own on a folder."""
    mount = f'mount -t tmpfs -o {options} none "$0" && exec "$@"'
    return ["unshare", "-rm", "sh", "-c", mount, str(folder)]

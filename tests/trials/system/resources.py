"""The program with a file of its own missing or damaged."""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random

from tests.trials.system.program import BAD_INPUT, DONE, FAILED, ROOT, Ended, ran, small


def check_a_file_of_the_program_is_missing_or_damaged(folder: Path, chance: Random) -> None:
    root = folder / "program"
    for part in ("gradsim", "resources"):
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    files = sorted(path for path in (root / "resources").rglob("*") if path.is_file())
    file, harm = chance.choice(files), chance.choice(("missing", "empty", "cut", "noise", "folder"))
    _harm(file, harm, chance)
    commands: list[list[object]] = [
        ["lessons"],
        ["check", small(folder)],
        ["run", chance.choice(("vanishing", "race", small(folder)))],
        ["export", small(folder), "--step", 3, "--out", folder / "out.png", "--lang", "zh_CN"],
    ]
    for command in commands:
        ended = ran(folder, *command, root=root)
        assert _is_told(ended), (str(file.relative_to(root)), harm, ended.args[3:], ended.returncode, ended.stderr)


def _harm(file: Path, how: str, chance: Random) -> None:
    content = file.read_bytes()
    file.unlink()
    if how == "folder":
        file.mkdir()
    elif how != "missing":
        parts = {"empty": b"", "cut": content[: len(content) // 2], "noise": chance.randbytes(len(content))}
        file.write_bytes(parts[how])


def _is_told(ended: Ended) -> bool:
    """Tell whether a program has done its work, or said in few lines what is wrong."""
    few = len(ended.stderr.splitlines()) <= 3 and "Traceback" not in ended.stderr
    return few and ended.returncode in (DONE, FAILED, BAD_INPUT) and (ended.returncode == DONE or bool(ended.stderr))

"""Command lines, and folders of lessons."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

from gradsim.cli import COMMANDS, _check_everything
from gradsim.sim.documents.lessons import course, use_own_lessons
from tests.trials.inputs.judged import command, is_clear
from tests.trials.inputs.mutations import NASTY, mutated
from tests.trials.inputs.texts import damaged_experiment, experiment_files

EXPERIMENT = 'kind = "race"\nsteps = 3\nsurface = "booth"\n[[runs]]\nlabel = "A"\n'
NAMES = (
    "vanishing",
    "saddle",
    "e.toml",
    "t.csv",
    "no.toml",
    "fifo",
    "folder",
    "loop",
    "",
    "-",
    "--",
    ".",
    "..",
    "e.toml/x",
)
OUT = (
    "o.csv",
    "o.json",
    "o.npz",
    "o.png",
    "o.svg",
    "o.pdf",
    "o.xyz",
    "folder",
    "no/o.csv",
    "e.toml",
    "",
    "fifo",
    "/dev/full",
)
VALUES = (
    "1",
    "2",
    "0",
    "-1",
    "1.5",
    "nan",
    "x",
    "",
    "300x200",
    "0x0",
    "99999x99999",
    "dark",
    "zh_CN",
    "steps=1,2",
    "a=b",
)
OVER = (
    "steps=1,2",
    "learning_rate=0.1:1:2",
    "optimizer.learning_rate=1,2",
    "seed=1",
    "x=1",
    "steps=",
    "=1",
    "steps=a",
    "steps=nan,inf",
)
OPTIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "lessons": {"--json": (), "--lessons": NAMES},
    "run": {"--steps": ("1", "2", *VALUES), "--replicas": ("1", *VALUES), "--seed": VALUES, "--step": VALUES,
    "--out": OUT},
    "sweep": {"--over": OVER, "--seeds": VALUES, "--steps": ("1", "2"), "--reach": ("value=1", "x=1", "value=x", "="),
              "--out": OUT, "--processes": VALUES},
    "export": {"--out": OUT, "--step": VALUES, "--size": ("200x150", *VALUES), "--scale": ("1", "0.5", *VALUES),
               "--theme": ("dark", *VALUES), "--lang": ("zh_CN", *VALUES), "--view": ("map", "loss", *VALUES),
               "--from": VALUES, "--frames": VALUES, "--as": VALUES, "--table": VALUES, "--caption": (),
               "--run": VALUES},
    "check": {"--lessons": NAMES},
    "new-lesson": {"--lessons": ("folder", "no")},
    "gui": {"--theme": VALUES, "--lang": VALUES, "--version": (), "--fullscreen": (), "--help": ()},
}  # fmt: skip


def random_command(chance: random.Random) -> bytes:
    """Return arguments, separated by zeros."""
    name = chance.choice([*COMMANDS, "chek"])
    words = [] if name == "gui" and chance.random() < 0.5 else [name]
    words += [chance.choice(("e.toml", "e.toml", *NAMES)) for _ in range(chance.choice((0, 1, 1, 1, 2)))]
    for option, values in OPTIONS.get(name, {}).items():
        if chance.random() < (0.7 if option in ("--out", "--over", "--size") else 0.2):
            words += [option, chance.choice(values)] if values else [option]
    if chance.random() < 0.2:
        words.insert(chance.randrange(len(words) + 1), chance.choice(NASTY).replace("\0", ""))
    return "\0".join(words).encode("utf-8", errors="surrogateescape")


def use_command(content: bytes, folder: Path) -> None:
    """Run the command in a folder with files of all kinds; no window is opened, and no process started."""
    (folder / "e.toml").write_text(EXPERIMENT)
    (folder / "t.csv").write_text("a,b\n1,2\n2,3\n3,5\n4,4\n")
    (folder / "folder").mkdir()
    os.mkfifo(folder / "fifo")
    (folder / "loop").symlink_to("loop")
    words = content.decode("utf-8", errors="surrogateescape").split("\0")
    if "--watch" in words or "--reset-settings" in words or "--add-to-menu" in words or "--all" in words:
        return
    with _inside(folder):
        command(*words)


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    with ExitStack() as stack:
        stack.enter_context(patch("gradsim.ui.app.open_window", lambda *_: 0))
        stack.enter_context(patch("gradsim.sweeps.processes", _no_processes))
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)
            use_own_lessons(None)


@contextmanager
def _no_processes(_count: int | None = None) -> Iterator[Executor]:
    yield _Here()


class _Here(Executor):
    """Computes what it is given at once, in this process."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


# Folders of lessons


def damaged_lesson(chance: random.Random) -> bytes:
    """Return a lesson, damaged most often."""
    return damaged_experiment(chance) if chance.random() < 0.3 else mutated(chance.choice(experiment_files()), chance)


def use_lessons(content: bytes, folder: Path) -> None:
    """List the lessons of a folder in which it is, and other things that are no lessons."""
    chance = random.Random(content)
    (folder / "lesson.toml").write_bytes(content)
    os.mkfifo(folder / "fifo.toml")
    (folder / "folder.toml").mkdir()
    (folder / "gone.toml").symlink_to("nowhere")
    (folder / "loop.toml").symlink_to("loop.toml")
    for name in (b"line\nbreak.toml", b"\xff\xfe.toml", b"x" * 250 + b".toml"):
        if chance.random() < 0.5:
            with suppress(OSError):
                Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(chance.choice(experiment_files()))
    try:
        use_own_lessons(folder, _check_everything)
        for problem in course().problems:
            assert is_clear(problem), repr(problem)
        if chance.random() < 0.2:
            command("lessons", "--lessons", str(folder))
    finally:
        use_own_lessons(None)

"""What comes of an input: it works, or is refused in one clear line; all else is a fault."""

from __future__ import annotations

import io
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import partial
from pathlib import Path

from gradsim.cli import BAD_INPUT, DONE, main
from gradsim.schema.errors import InputError, told
from gradsim.words.languages import translate
from tests.trials.watch import limited, watched

PATIENCE_S = 20
ROOM_BYTES = 3 * 2**30
"""How much more memory than now an input may reserve."""
LONGEST_LINE = 1200

Use = Callable[[bytes, Path], None]
"""Uses an input, in a folder that is empty at first; raises InputError where it is refused."""


def faults_of(use: Use, content: bytes, folder: Path) -> list[str]:
    """Use an input; return what is wrong with what came of it."""
    found: list[str] = []
    with watched(found), _bounded_memory(), limited(PATIENCE_S):
        try:
            use(content, folder)
        except InputError as error:
            for line in (str(error), told(error.text, partial(translate, language="zh_CN"))):
                found += [f"not one clear line: {line!r}"] if not is_clear(line) else []
    return found


def is_clear(line: str) -> bool:
    """Tell whether a line can be shown and says something in the program's own words."""
    mine = not any(word in line for word in ("Traceback", "Errno", "object at 0x", "NoneType", "codec can't"))
    return mine and line.isprintable() and 3 <= len(line) <= LONGEST_LINE


def command(*arguments: str) -> None:
    """Run a command in this process; AssertionError where what it says is not for a user."""
    out, err = io.StringIO(), io.StringIO()
    try:
        with redirect_stdout(out), redirect_stderr(err):
            status: object = main(arguments)
    except SystemExit as ended:
        status = ended.code
    lines = err.getvalue().splitlines()
    assert status in (DONE, BAD_INPUT), (arguments, status, lines)
    assert status == DONE or lines, (arguments, "nothing is said")
    for line in lines:
        assert line.startswith("gradsim") or status == DONE, (arguments, line)
        assert len(line) <= 2 * LONGEST_LINE, (arguments, line)
        assert "Traceback" not in line, (arguments, line)
        assert line.replace("\t", " ").isprintable(), (arguments, line)


@contextmanager
def _bounded_memory() -> Iterator[None]:
    """Let what takes too much memory fail, as on a small machine."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + ROOM_BYTES, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))

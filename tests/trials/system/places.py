"""Places that cannot be written or read, or have odd names."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from random import Random

from tests.trials.system.program import (
    BAD_INPUT,
    DONE,
    FAILED,
    has_namespaces,
    is_done,
    mounted,
    ran,
    says_one_line,
    small,
    started,
)

ENDINGS = (".json", ".csv", ".npz")
PICTURES = (".png", ".svg", ".pdf", ".gif", ".apng")
SPARSE = 8 * 2**30
COMMANDS = ("run", "check", "export", "sweep")


def _making(folder: Path, out: Path) -> list[object]:
    """Return the command that makes a file of a kind."""
    source = small(folder)
    if out.suffix in ENDINGS:
        return ["run", source, "--out", out]
    film = ["--from", 0, "--to", 4, "--frames", 3] if out.suffix in (".gif", ".apng") else ["--step", 3]
    return ["export", source, *film, "--size", "300x200", "--out", out]


def _reading(folder: Path, name: str, file: object) -> list[object]:
    """Return a command that reads a file."""
    more: dict[str, list[object]] = {
        "export": ["--out", folder / "x.png"],
        "sweep": ["--over", "steps=1,2", "--out", folder / "x.csv"],
    }
    return [name, file, *more.get(name, [])]


def check_a_file_that_grows_no_further(folder: Path, chance: Random) -> None:
    out = folder / f"out{chance.choice((*ENDINGS, *PICTURES))}"
    out.write_text("before")
    ended = ran(folder, *_making(folder, out), most_bytes=chance.choice((0, 100, 1000)))
    says_one_line(ended, FAILED, BAD_INPUT, naming="out")
    assert out.read_text() == "before"
    assert not list(folder.glob(".gradsim-*")), list(folder.iterdir())


def check_a_full_disk(folder: Path, chance: Random) -> None:
    full = folder / "full"
    full.mkdir()
    out = full / f"out{chance.choice((*ENDINGS, *PICTURES))}"
    if has_namespaces():
        ended = ran(folder, *_making(folder, out), before=mounted(full, "size=4k"))
        says_one_line(ended, FAILED, BAD_INPUT, naming="out")


def check_a_folder_that_is_only_read(folder: Path, chance: Random) -> None:
    fixed = folder / "fixed"
    fixed.mkdir()
    out = fixed / f"out{chance.choice((*ENDINGS, *PICTURES))}"
    if has_namespaces():
        ended = ran(folder, *_making(folder, out), before=mounted(fixed, "ro"))
        says_one_line(ended, BAD_INPUT, naming="out")
        assert not ended.stdout, "it was refused after the work only"


def check_a_home_that_is_only_read(folder: Path, chance: Random) -> None:
    home = folder / "home"
    home.mkdir()
    out = folder / "out.png"
    if has_namespaces():
        at_home = {
            "HOME": str(home),
            **{f"XDG_{each}_HOME": str(home) for each in ("CONFIG", "STATE", "DATA", "CACHE")},
        }
        ended = ran(folder, *_making(folder, out), before=mounted(home, "ro"), environment=at_home)
        is_done(ended)
        assert out.exists()


def check_an_output_that_is_full(folder: Path, chance: Random) -> None:
    source = small(folder)
    said: list[list[object]] = [["lessons"], ["lessons", "--json"], ["run", source], ["--help"], ["--version"]]
    with Path("/dev/full").open("w") as full:
        says_one_line(ran(folder, *said[chance.randrange(len(said))], out=full), FAILED)


def check_an_output_that_nobody_reads(folder: Path, chance: Random) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    said: list[list[object]] = [["lessons"], ["--help"], ["run", small(folder)]]
    with os.fdopen(writing, "w") as broken:
        ended = ran(folder, *said[chance.randrange(len(said))], out=broken)
    assert ended.returncode == FAILED
    assert ended.stderr == "", ended.stderr


def check_a_pipe_is_not_waited_for(folder: Path, chance: Random) -> None:
    pipe = folder / f"pipe{chance.choice(('.toml', '.csv', '.png', '.svg', '.pdf'))}"
    os.mkfifo(pipe)
    says_one_line(ran(folder, *_reading(folder, chance.choice(COMMANDS), pipe)), FAILED, BAD_INPUT, naming=pipe.name)


def check_a_pipe_or_a_folder_is_not_written(folder: Path, chance: Random) -> None:
    out = folder / f"out{chance.choice((*ENDINGS, *PICTURES))}"
    chance.choice((os.mkfifo, os.mkdir))(out)
    ended = ran(folder, *_making(folder, out))
    says_one_line(ended, BAD_INPUT, naming=out.name)
    assert not ended.stdout, "it was refused after the work only"


def check_a_file_without_end(folder: Path, chance: Random) -> None:
    large = folder / f"large{chance.choice(('.toml', '.csv', '.png', '.svg', '.pdf'))}"
    large.touch()
    os.truncate(large, SPARSE)
    limited = ["sh", "-c", 'ulimit -v 4000000; exec "$0" "$@"']
    ended = ran(folder, *_reading(folder, chance.choice(COMMANDS), large), before=limited)
    says_one_line(ended, FAILED, BAD_INPUT, naming=large.name)


ODD_NAMES = (b"line\nbreak", b"\xff\xfe", b" ", b"%s{x}[*]", b"-", "名前".encode(), b"'\"$x", b"#1?a=b&c", b"x" * 250)


def check_a_folder_of_an_odd_name(folder: Path, chance: Random) -> None:
    odd = folder / os.fsdecode(chance.choice(ODD_NAMES))
    odd.mkdir()
    picture = odd / f"out{chance.choice(('.png', '.svg', '.pdf'))}"
    is_done(ran(folder, *_making(odd, picture)))
    is_done(ran(folder, "check", picture))
    is_done(ran(folder, "run", picture))
    is_done(ran(folder, *_making(odd, odd / f"out{chance.choice(ENDINGS)}")))


def check_modes_and_links_stay(folder: Path, chance: Random) -> None:
    behind, out = folder / f"behind{chance.choice((*ENDINGS, *PICTURES))}", folder / "out"
    behind.write_text("before")
    behind.chmod(0o600)
    out = out.with_suffix(behind.suffix)
    out.symlink_to(behind)
    ended = ran(folder, *_making(folder, out))
    assert ended.returncode == DONE, ended.stderr
    assert out.is_symlink()
    assert behind.stat().st_mode & 0o777 == 0o600
    assert behind.read_bytes() != b"before"


def check_two_programs_write_one_file(folder: Path, chance: Random) -> None:
    out = folder / f"out{chance.choice(ENDINGS)}"
    making = _making(folder, out)
    is_done(ran(folder, *making))
    whole = out.read_bytes()
    both = [started(folder, *making, out=subprocess.DEVNULL) for _ in range(2)]
    assert [(each.communicate(), each.returncode)[1] for each in both] == [DONE, DONE]
    assert out.read_bytes() == whole

"""Files are written whole or not at all, and what is no ordinary file is neither read nor written."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from gradsim.cli import BAD_INPUT, DONE, main
from gradsim.schema.errors import FileError
from gradsim.sim.documents.files import ABANDONED_S, AFTER, BEFORE, check_target, write_bytes
from gradsim.sim.documents.growing import growing
from tests.trials.kills import is_whole, kill_one

ROOT = Path(__file__).resolve().parents[2]
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes and files")

KILLED = """
import os, signal, sys
from functools import partial
from pathlib import Path
from gradsim.sim.documents import files
owner = {"os": os, "Path": Path}[sys.argv[1]]
setattr(owner, sys.argv[2], lambda *args, **more: os.kill(os.getpid(), signal.SIGKILL))
files.write_bytes(Path(sys.argv[3]), b"new")
"""


@POSIX
@pytest.mark.parametrize(
    ("owner", "moment"), [("os", "fsync"), ("os", "chown"), ("Path", "chmod"), ("Path", "replace")]
)
def test_a_kill_at_any_moment_leaves_the_old_file(tmp_path: Path, owner: str, moment: str) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(b"old")
    ended = subprocess.run([sys.executable, "-c", KILLED, owner, moment, str(path)], cwd=ROOT, timeout=300)
    assert ended.returncode == -9
    assert path.read_bytes() == b"old"
    [left] = [each for each in tmp_path.iterdir() if each != path]
    write_bytes(path, b"newer")
    assert left.exists()  # another program may be writing it
    os.utime(left, (time.time() - ABANDONED_S - 60,) * 2)
    write_bytes(path, b"newest")
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == b"newest"


def test_kills_during_saves_leave_whole_files(tmp_path: Path) -> None:
    """A hundred of them: ``python -m tests.trials --only kills``."""
    for i, after_s in enumerate((0.002, 0.005, 0.011)):
        kill_one(tmp_path / f"{i}.toml", after_s)
        assert is_whole(tmp_path / f"{i}.toml")


def test_what_others_have_put_beside_it_stays(tmp_path: Path) -> None:
    others = [tmp_path / name for name in (f"{BEFORE}notes.txt", f"a{AFTER}", ".gradsim")]
    for other in others:
        other.write_text("precious")
        os.utime(other, (0, 0))
    write_bytes(tmp_path / "a.toml", b"x")
    assert sorted(tmp_path.iterdir()) == sorted([*others, tmp_path / "a.toml"])


@POSIX
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_a_file_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "a.toml"
    path.write_text("old")
    path.chmod(mode)
    write_bytes(path, b"new")
    assert stat.S_IMODE(path.stat().st_mode) == mode


@POSIX
def test_a_new_file_has_the_usual_mode(tmp_path: Path) -> None:
    write_bytes(tmp_path / "a.toml", b"new")
    (tmp_path / "b.toml").write_bytes(b"new")
    assert (tmp_path / "a.toml").stat().st_mode == (tmp_path / "b.toml").stat().st_mode


@POSIX
def test_a_link_is_written_through(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    real, link = tmp_path / "elsewhere" / "real.toml", tmp_path / "link.toml"
    link.symlink_to(Path("elsewhere") / "real.toml")
    for content in (b"new", b"newer"):  # at first it leads to nothing
        write_bytes(link, content)
        assert link.is_symlink()
        assert real.read_bytes() == content
    assert sorted(each.name for each in tmp_path.iterdir()) == ["elsewhere", "link.toml"]


def pipe(path: Path) -> None:
    os.mkfifo(path)


def listening(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


def loop(path: Path) -> None:
    path.symlink_to(path.name)


ODD: dict[str, tuple[Callable[[Path], None], str]] = {
    "a pipe": (pipe, "It is not an ordinary file"),
    "a socket": (listening, "It is not an ordinary file"),
    "a folder": (Path.mkdir, "Is a directory"),
    "a link to itself": (loop, "Too many levels of symbolic links"),
    "a device": (lambda path: path.symlink_to("/dev/zero"), "It is not an ordinary file"),
}


@pytest.fixture(params=ODD)
def odd(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Return the name, in the folder that is current, of what is no ordinary file, and what is said of it."""
    if sys.platform == "win32":
        pytest.skip("Windows has no such files")
    monkeypatch.chdir(tmp_path)  # a socket's name must be short
    make, problem = ODD[request.param]
    make(Path("odd.toml"))
    return "odd.toml", problem


def test_what_is_no_ordinary_file_is_not_written(odd: tuple[str, str]) -> None:
    name, problem = odd
    before = os.lstat(name)
    for refuses in (partial(write_bytes, Path(name), b"new"), partial(check_target, Path(name), [".toml"])):
        with pytest.raises(FileError) as refused:
            refuses()
        assert str(refused.value) == f"{name}: cannot be written: {problem}"
    assert os.lstat(name) == before
    assert list(Path().iterdir()) == [Path(name)]


@pytest.mark.parametrize("command", [["check"], ["run"], ["export", "--out", "a.png"], []])
def test_what_is_no_ordinary_file_is_not_read(
    odd: tuple[str, str], command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    name, problem = odd
    assert main([*command[:1], name, *command[1:]]) == BAD_INPUT
    assert capsys.readouterr() == ("", f"gradsim: {name}: cannot be read: {problem}\n")


def test_what_is_no_ordinary_file_is_left_out_of_the_lessons(
    odd: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    name, problem = odd
    assert main(["lessons", "--lessons", "."]) == DONE
    said = capsys.readouterr()
    assert "vanishing" in said.out
    assert said.err == f"gradsim: left out: {name}: cannot be read: {problem}\n"


def test_a_table_that_is_no_ordinary_file_is_refused(
    odd: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("a.toml").write_text('data = { name = "csv", path = "odd.toml" }\n[[runs]]\n')
    assert main(["check", "a.toml"]) == BAD_INPUT
    assert capsys.readouterr().err.startswith("gradsim: a.toml: data.path: ")


DENIED = """
import os, sys
from functools import partial
from pathlib import Path
from gradsim.sim.documents.files import check_target, write_bytes
if os.geteuid() == 0:  # who may write everywhere
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
for write in (lambda path: write_bytes(path, b"new"), lambda path: check_target(path, [".toml"])):
    try:
        write(Path(sys.argv[1]))
    except Exception as error:
        print(error)
"""


@POSIX
@pytest.mark.parametrize(("of_folder", "of_file"), [(0o555, 0o666), (0o777, 0o444)])
def test_what_must_not_be_written_is_not(of_folder: int, of_file: int) -> None:
    with tempfile.TemporaryDirectory() as name:  # which others may look into, unlike the folders of tests
        folder, path = Path(name), Path(name) / "a.toml"
        path.write_text("old")
        path.chmod(of_file)
        folder.chmod(of_folder)
        ended = subprocess.run(
            [sys.executable, "-c", DENIED, str(path)], cwd=ROOT, capture_output=True, text=True, timeout=300
        )
        folder.chmod(0o700)
        assert ended.stdout == 2 * f"{path}: cannot be written: Permission denied\n", ended.stderr
        assert path.read_text() == "old"
        assert list(folder.iterdir()) == [path]


FULL = """
import resource, signal, sys
from functools import partial
from pathlib import Path
from gradsim.sim.documents.files import write_bytes
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_bytes(Path(sys.argv[1]), b"x" * 5000)
except Exception as error:
    print(error)
"""


@POSIX
def test_a_disk_that_takes_no_more_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text("old")
    ended = subprocess.run(
        [sys.executable, "-c", FULL, str(path)], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert ended.stdout == f"{path}: cannot be written: File too large\n"
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform != "linux", reason="names of any bytes are Linux's")
@pytest.mark.parametrize("folder", [b"caf\xe9", b"two\nlines", b"\x1b[2Jred"])
def test_a_folder_of_any_name_is_worked_in(
    tmp_path: Path, folder: bytes, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + folder))
    inside.mkdir()
    (inside / "table.csv").write_text("a,b\n" + "".join(f"{i},{i}\n" for i in range(9)))
    experiment = inside / "a.toml"
    experiment.write_text(
        'steps = 2\ndata = { name = "csv", path = "table.csv", task = "numbers" }\n'
        '[[runs]]\nhidden = [2]\noutput = "linear"\nloss = "mse"\nbatch_size = "all"\n'
    )
    assert main(["check", str(experiment)]) == DONE
    for out in ("out.json", "out.csv", "out.npz"):
        assert main(["run", str(experiment), "--out", str(inside / out)]) == DONE
    assert main(["export", str(experiment), "--out", str(inside / "a.png"), "--size", "300x200"]) == DONE
    assert main(["check", str(inside / "a.png")]) == DONE
    capsys.readouterr()
    # From elsewhere, the table's whole path goes into the file, which is UTF-8.
    status = main(["export", str(experiment), "--out", str(tmp_path / "a.png"), "--size", "300x200"])
    said = capsys.readouterr().err
    if folder == b"caf\xe9":
        assert (status, said.count("\n")) == (BAD_INPUT, 1)
        assert "its name is not UTF-8" in said
    else:
        assert (status, said) == (DONE, "")
    (inside / "bad.toml").write_text("seed = -1")
    assert main(["check", str(inside / "bad.toml")]) == BAD_INPUT
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said[:-1].isprintable()


@POSIX
def test_a_file_written_piece_by_piece_keeps_its_mode_and_goes_through_links(tmp_path: Path) -> None:
    real, link = tmp_path / "real.gif", tmp_path / "link.gif"
    real.write_bytes(b"old")
    real.chmod(0o600)
    link.symlink_to(real)
    with growing(link) as (work, _):
        work.write_bytes(b"new")
        assert real.read_bytes() == b"old"
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o600
    assert sorted(tmp_path.iterdir()) == [link, real]


def test_a_file_written_piece_by_piece_takes_the_place_of_no_folder(tmp_path: Path) -> None:
    (tmp_path / "a.gif").mkdir()
    with pytest.raises(FileError, match="Is a directory"), growing(tmp_path / "a.gif") as (work, _):
        work.write_bytes(b"new")
    assert [each.name for each in tmp_path.iterdir()] == ["a.gif"]

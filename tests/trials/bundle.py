"""The program that needs no Python, built and started: ``python -m tests.trials.bundle [FOLDER_IT_IS_BUILT_IN]``."""

from __future__ import annotations

import os
import runpy
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "bundle" / "build.py"
COLOURS = """
from PySide6.QtGui import QGuiApplication
app = QGuiApplication(["-platform", "xcb"])
seen = app.primaryScreen().grabWindow(0).toImage()
print(len({seen.pixel(x, y) for x in range(0, seen.width(), 5) for y in range(0, seen.height(), 5)}))
"""
"""Counts the colours on a screen."""
OPEN_S = 20
"""How long the window is left open."""


def main(built: Path | None) -> None:
    """Build the program where it is not built yet, and start it in each way there is; an error ends that."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if built is None:
            built = folder / "dist"
            subprocess.run([sys.executable, BUILD, "--out", built], check=True)
        program: Path = runpy.run_path(str(BUILD))["program_in"](built.resolve())
        size = sum(
            path.stat().st_size for path in program.parent.rglob("*") if path.is_file() and not path.is_symlink()
        )
        print(f"{program}: {size / 1e6:.0f} MB")
        try_commands(program, folder)
        try_pictures(program, folder)
        try_window(program, folder, {"QT_QPA_PLATFORM": "offscreen"})
        if shutil.which("Xvfb"):
            with virtual_display() as display:
                try_window(program, folder, {"DISPLAY": display})
    print("all of it works")


def started(program: Path, folder: Path, *arguments: str) -> str:
    """Run a command of the program elsewhere; return what it says."""
    ended = subprocess.run(
        [program, *arguments], cwd=folder, env=environment(folder), capture_output=True, text=True, timeout=300
    )
    assert ended.returncode == 0, (arguments, ended.returncode, ended.stderr)
    print(f"{' '.join(arguments)}: done")
    return ended.stdout


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Return the environment without what leads to a Python, and with a home of its own."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV", "QT_"))}
    return {**kept, "PATH": os.defpath, "HOME": str(folder), "XDG_CACHE_HOME": str(folder / "cache"), **more}


def try_commands(program: Path, folder: Path) -> None:
    """Try what the command line does."""
    if sys.platform != "win32":  # where a program with a window has no output
        assert "vanishing" in started(program, folder, "lessons")
    started(program, folder, "run", "vanishing", "--steps", "2", "--out", "out.csv")
    assert (folder / "out.csv").stat().st_size > 1000
    started(program, folder, "export", "vanishing", "--step", "1", "--lang", "zh_CN", "--out", "out.png")
    assert (folder / "out.png").stat().st_size > 10_000
    sweep = ("sweep", "saddle", "--over", "steps=2,3", "--processes", "2", "--out", "sweep.csv")
    started(program, folder, *sweep)
    assert len((folder / "sweep.csv").read_text().splitlines()) > 2


def try_pictures(program: Path, folder: Path) -> None:
    """Try the process beside the window that makes the pictures of the course list."""
    [lesson] = program.parent.rglob("*14-saddle.toml")
    started(program, folder, "check", str(lesson))  # its formulas are typeset
    started(program, folder, "-m", "gradsim.ui.course.make_pictures", "light", "en", str(lesson))
    assert list((folder / "cache").rglob("*.png"))


def try_window(program: Path, folder: Path, where: dict[str, str]) -> None:
    """Open the window, leave it open for a while, and end it by a signal."""
    window = subprocess.Popen(
        [program], cwd=folder, env=environment(folder, **where), stderr=subprocess.PIPE, text=True
    )
    time.sleep(OPEN_S)
    assert window.poll() is None, window.communicate()
    if "DISPLAY" in where:
        colours = int(subprocess.check_output([sys.executable, "-c", COLOURS], env={**os.environ, **where}))
        assert colours > 50, "the screen is empty"
    window.send_signal(signal.SIGTERM)
    _, said = window.communicate(timeout=300)
    assert window.returncode == 0, (window.returncode, said)
    assert "Traceback" not in said, said
    print(f"a window with {where}: opened and closed{': ' + said if said else ''}")


@contextmanager
def virtual_display() -> Iterator[str]:
    """Give the name of a display that nobody sees."""
    reading, writing = os.pipe()
    # Without -noreset it begins anew when the program has tried it, and is not there for a moment.
    options = ["-noreset", "-screen", "0", "1280x800x24"]
    server = subprocess.Popen(["Xvfb", "-displayfd", str(writing), *options], pass_fds=[writing])
    os.close(writing)
    try:
        with os.fdopen(reading) as said:
            yield f":{said.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)

"""Builds a folder with the program that needs no Python, for the system it is built on.

``python bundle/build.py [--out DIR]``; what is needed for it is ``pip install -e ".[bundle]"``.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WITH_FILES = ("ziamath", "ziafont", "latex2mathml", "imageio_ffmpeg")
"""The libraries that have files of their own: those that typeset formulas, and the one that brings ffmpeg along."""
NOT_NEEDED = ("tkinter", "matplotlib", "IPython", "torch", "distributed", "pytest", "hypothesis", "PIL.ImageTk")
"""What libraries would use if it were there."""


def main() -> None:
    """Build the folder; print where the program in it is."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--out", metavar="DIR", type=Path, default=ROOT / "dist", help="where the folder goes")
    out = parser.parse_args().out.resolve()
    sys.path.insert(0, str(ROOT))  # what is built is this folder, whatever is installed
    from PyInstaller.__main__ import run

    run(
        [
            str(ROOT / "bundle" / "start.py"),
            *("--name", "gradsim", "--onedir", "--windowed", "--noconfirm", "--log-level", "WARN"),
            *("--distpath", str(out), "--workpath", str(ROOT / "build"), "--specpath", str(ROOT / "build")),
            *("--paths", str(ROOT), "--icon", str(_icon(ROOT / "build" / "gradsim.png"))),
            # Kinds, views and writers are found by themselves, which no import names.
            *("--collect-submodules", "gradsim", "--add-data", f"{ROOT / 'resources'}:gradsim/resources"),
            *(part for name in WITH_FILES for part in ("--collect-data", name)),
            *(part for name in NOT_NEEDED for part in ("--exclude-module", name)),
        ]
    )
    print(program_in(out))


def program_in(folder: Path) -> Path:
    """Return the program that is built in a folder."""
    if sys.platform == "darwin":
        return folder / "gradsim.app" / "Contents" / "MacOS" / "gradsim"
    return folder / "gradsim" / ("gradsim.exe" if sys.platform == "win32" else "gradsim")


def _icon(path: Path) -> Path:
    """Write the program's icon as pixels, of which each system's own kind is made."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtGui import QGuiApplication, QIcon

    app = QGuiApplication([])
    path.parent.mkdir(exist_ok=True)
    QIcon(str(ROOT / "resources" / "icons" / "app.svg")).pixmap(512, 512).save(str(path))
    app.quit()
    return path


if __name__ == "__main__":
    main()

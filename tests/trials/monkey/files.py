"""Files that are dropped on a window: good ones, bad ones, and what is no file."""

from __future__ import annotations

import os
from pathlib import Path

SMALL = """
replicas = 3
steps = 40
data = { name = "digits", samples = 200 }
[common]
hidden = [8, 8, 8]
batch_size = 16
[[runs]]
activation = "sigmoid"
[[runs]]
activation = "relu"
"""
RACE = 'kind = "race"\nsteps = 60\nsurface = "himmelblau"\n[[runs]]\n[[runs]]\noptimizer = "adam"\n'


_ROWS = "".join(f"{i % 7},{i * i % 11},{'ab'[i % 2]}\n" for i in range(60))
FILES = {
    "small.toml": SMALL,
    "race.toml": RACE,
    "line\nbreak.toml": RACE,
    "table.csv": f"x,y,class\n{_ROWS}",
    "wide.csv": "".join(",".join(str((i * j) % 9) for j in range(40)) + "\n" for i in range(30)),
    "odd.csv": 'a;"b\n;;;\n1,2\n',
    "empty.csv": "",
    "no.toml": "[[runs]\n",
    "no.csv": "\x00\x01\x02",
    "no.png": "no picture",
    "book.xlsx": "PK",
}
"""What is in each file at first."""


def make_files(folder: Path) -> None:
    """Make the files; a pipe only where the system has them."""
    for name, text in FILES.items():
        (folder / name).write_text(text, "utf-8")
    (folder / "folder").mkdir(exist_ok=True)
    if hasattr(os, "mkfifo") and not (folder / "pipe.toml").exists():
        os.mkfifo(folder / "pipe.toml")

"""The wheel: it holds what users need and no more, and runs wherever it is installed."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

READ_BY_THE_PROGRAM = {
    ".": {".json", ".toml"},
    "datasets": {".npz", ".md"},
    "fonts": {".otf", ".md", ".txt"},
    "icons": {".svg"},
    "lessons": {".toml"},
    "translations": {".toml"},
}
"""Folders of bundled files, and the endings in them; .md and .txt are licences and sources."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert built.returncode == 0, built.stderr
    [made] = folder.glob("*.whl")
    return made


def test_a_wheel_holds_what_users_need_and_no_more(wheel: Path) -> None:
    names = [Path(name) for name in zipfile.ZipFile(wheel).namelist()]
    assert Path("gradsim/py.typed") in names
    bundled = [name.relative_to("gradsim/resources") for name in names if name.parts[:2] == ("gradsim", "resources")]
    found: dict[str, set[str]] = {}
    for name in bundled:
        found.setdefault(name.parent.as_posix(), set()).add(name.suffix)
    assert found == READ_BY_THE_PROGRAM
    assert {path.name for path in (ROOT / "resources").rglob("*.*")} == {name.name for name in bundled}


def test_an_installed_wheel_runs_beside_another_folder_called_resources(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    (site / "resources" / "lessons").mkdir(parents=True)
    (site / "resources" / "lessons" / "other.toml").write_text("what = 1")
    code = (
        "import sys, gradsim; from gradsim.__main__ import main; "
        f"assert gradsim.__file__.startswith({str(site)!r}), gradsim.__file__; sys.exit(main())"
    )
    out = tmp_path / "out.png"
    for arguments in (
        ["lessons"],
        ["run", "vanishing", "--steps", "1", "--replicas", "1"],
        ["export", "vanishing", "--step", "1", "--lang", "zh_CN", "--out", str(out)],
    ):
        ended = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            capture_output=True,
            text=True,
            timeout=300,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(site)},
        )
        assert (ended.returncode, ended.stderr) == (0, "")
        assert arguments[0] != "lessons" or "vanishing" in ended.stdout
    assert out.stat().st_size > 10_000

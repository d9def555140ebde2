"""CONTRIBUTING.md names nothing that is not there."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
QUOTED = re.findall(r"`([^`\n]+)`", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "gradsim").rglob("*.py"))
TOOLS = {"ruff", "mypy", "TOML"}


def exists(quoted: str) -> bool:
    """Tell whether what is quoted there exists: paths, names in the code, and the modules of commands."""
    if " " not in quoted and re.search(r"/|\.(md|py|toml)$", quoted):
        return (ROOT / quoted).exists()
    if re.fullmatch(r"[A-Za-z_]\w*(\.\w+)*", quoted):
        return quoted in TOOLS or (ROOT / "gradsim" / quoted).is_dir() or all(map(is_defined, quoted.split(".")))
    modules = re.findall(r"python -m (gradsim[\w.]*)", quoted)
    paths = re.findall(r"tests/[\w./]+", quoted)
    return all(find_spec(module) for module in modules) and all((ROOT / path).exists() for path in paths)


def is_defined(name: str) -> bool:
    return bool(re.search(rf"\b(?:class|def) {name}\b|^\s*{name}\b\s*(?::|=)", SOURCE, re.MULTILINE))


@pytest.mark.parametrize("quoted", sorted(set(QUOTED)))
def test_what_it_names_exists(quoted: str) -> None:
    assert exists(quoted)


@pytest.mark.parametrize(
    "missing", ["gradsim/sim/nowhere/", "nothing.py", "Kind.nowhere", "Nobody", "python -m gradsim.nowhere"]
)
def test_what_is_missing_is_found(missing: str) -> None:
    assert not exists(missing)

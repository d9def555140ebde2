"""The code as text: lint, format, types, direction of imports, and that one command tests it all."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

TOOLS = {
    "ruff check": ["-m", "ruff", "check", "."],
    "ruff format": ["-m", "ruff", "format", "--check", "."],
    "mypy": ["-m", "mypy"],
    "lint-imports": ["-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
}


@pytest.mark.parametrize("tool", TOOLS)
def test_a_tool_finds_nothing(tool: str) -> None:
    command = [sys.executable, *TOOLS[tool]]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"


def test_the_command_of_the_readme_is_the_one_that_is_run() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    fenced = re.search(r"^## Test\n(?:(?!```|## ).*\n)*```\w*\n(.+)\n```$", readme, re.MULTILINE)
    assert fenced, "no fenced block of one line is under '## Test'"
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert script.rstrip().splitlines()[-1] == fenced[1]

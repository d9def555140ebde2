"""The code as text: lint, format, types, direction of imports, and that one command tests it all."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeGuard

import pytest

from gradsim.sim.kinds import kinds

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


def modules() -> dict[str, Path]:
    """Return the package's modules by name."""
    parts = {path.relative_to(ROOT).with_suffix("").parts: path for path in (ROOT / "gradsim").rglob("*.py")}
    return {".".join(part for part in each if part != "__init__"): path for each, path in parts.items()}


def imported(tree: ast.AST, known: Mapping[str, object]) -> Iterator[str]:
    """Yield the modules of the package that are imported anywhere: in functions and under TYPE_CHECKING, too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module in known:
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield name if name in known else str(node.module)


def circles(imports: Mapping[str, set[str]]) -> list[list[str]]:
    """Return the modules that import each other, directly or through others, group by group."""
    reached = {name: set(found) for name, found in imports.items()}
    for through in imports:
        for found in reached.values():
            if through in found:
                found |= reached[through]
    groups = {frozenset(other for other in found if name in reached[other]) for name, found in reached.items()}
    return sorted(sorted(group) for group in groups if group)


PAINTERS = ("QPainter", "QStylePainter")


def painters_left_open(tree: ast.AST) -> list[int]:
    """Return the lines on which a painter is made otherwise than by ``with``."""
    ended = {item.context_expr for node in ast.walk(tree) if isinstance(node, ast.With) for item in node.items}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node not in ended]
    return [call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id in PAINTERS]


def test_painters_end_where_what_they_paint_fails() -> None:
    """Else Qt ends the program. The one of a handout goes on from page to page, on no widget."""
    assert painters_left_open(ast.parse("painter = QPainter(self)\nwith QPainter(self) as other: pass")) == [1]
    trees = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in modules().items()}
    assert [name for name, tree in trees.items() if painters_left_open(tree)] == ["gradsim.ui.handout"]


def test_circles_are_found() -> None:
    imports = {"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set[str](), "e": {"e"}}
    assert circles(imports) == [["b", "c"], ["e"]]


def test_no_modules_import_each_other() -> None:
    known = modules()
    assert len(known) > 100
    trees = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in known.items()}
    assert not circles({name: set(imported(tree, known)) for name, tree in trees.items()})


def test_code_asks_kinds_and_not_for_their_classes() -> None:
    """No isinstance of an experiment or a run of one kind: whoever needs what differs asks the kind."""
    own = {each.__name__ for kind in kinds().values() for each in (kind.experiment, kind.run)}
    found = []
    for name, path in modules().items():
        tests = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if is_isinstance(node)]
        named = {part.id for test in tests for part in ast.walk(test.args[1]) if isinstance(part, ast.Name)}
        found += [(name, each) for each in named & own]
    assert not found


def is_isinstance(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "isinstance"

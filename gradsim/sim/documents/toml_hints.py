"""What may help with text that is not TOML: the usual slips of those who write lessons by hand."""

from __future__ import annotations

import re

from gradsim.schema.errors import Phrase

_LINE = re.compile(r"at line (\d+)")
_ESCAPED = re.compile(r"\\.")


def with_hint(problem: str, error: str, text: str) -> str:
    """Return a problem and what may help with it; `error` is what the reader says of the text."""
    found = _LINE.search(error)
    lines = text.splitlines()
    number = int(found[1]) if found else len(lines)
    line = lines[number - 1] if 0 < number <= len(lines) else ""
    if "\\" in line and ("'\\'" in error or "escape" in error or "hex" in error):
        template = "{problem}; what has a \\ in it, such as LaTeX or a path of Windows, goes in single quotes"
        return Phrase(template, problem=problem)
    if "'''" not in line and '"""' not in line and _ESCAPED.sub("", line).count('"') % 2:
        return Phrase("{problem}; is a closing quote missing in line {n}?", problem=problem, n=str(number))
    return problem

"""What may help with text that is not TOML: the usual slips of those who write lessons by hand."""

from __future__ import annotations

import re

_LINE = re.compile(r"at line (\d+)")
_ESCAPED = re.compile(r"\\.")


def hint(error: str, text: str) -> str:
    """Return what to add to a message of the reader, "" where nothing is known to help."""
    found = _LINE.search(error)
    lines = text.splitlines()
    number = int(found[1]) if found else len(lines)
    line = lines[number - 1] if 0 < number <= len(lines) else ""
    if "\\" in line and ("'\\'" in error or "escape" in error or "hex" in error):
        return "; what has a \\ in it, such as LaTeX or a path of Windows, goes in single quotes"
    if "'''" not in line and '"""' not in line and _ESCAPED.sub("", line).count('"') % 2:
        return f"; is a closing quote missing in line {number}?"
    return ""

"""Where a text breaks into lines, before it is shown."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtGui import QFont, QTextLayout, QTextOption

TOO_MANY = 1_000
"""As many lines as no place has room for."""

_NARROWER = (1.0, 0.9, 0.8, 0.7, 0.6)
_LEAST_LAST = 0.2
"""Of the width: where the last line would be shorter, lines are broken earlier, so that no word stands alone."""


@lru_cache(maxsize=64)
def laid_out(text: str, type_font: QFont, width: int) -> tuple[tuple[float, float], ...]:
    """Return width and height of each of the lines that a text takes in a font at a width."""
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WordWrap)
    layout = QTextLayout(text, type_font)
    layout.setTextOption(option)
    found = []
    layout.beginLayout()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(max(1, width))
        found.append((line.naturalTextWidth(), line.height()))
    layout.endLayout()
    return tuple(found)


def narrowed(text: str, type_font: QFont, width: int) -> int:
    """Return the greatest width at which a text takes as few lines as at `width` and its last is not too short."""
    count = lines_of(text, type_font, width)
    for share in _NARROWER if count > 1 else ():
        lines = laid_out(text, type_font, round(share * width))
        if len(lines) == count and lines[-1][0] >= _LEAST_LAST * width:
            return round(share * width)
    return width


def lines_of(text: str, type_font: QFont, width: int) -> int:
    """Return how many lines a text takes in a font at a width; TOO_MANY where a line is wider than that."""
    lines = laid_out(text, type_font, width)
    return len(lines) if all(taken <= width for taken, _ in lines) else TOO_MANY

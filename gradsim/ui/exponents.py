"""Text with exponents: in the projector theme at full size and raised, elsewhere as the font has them.

Wherever a text may hold an exponent (:func:`gradsim.words.numbers.power` writes 10⁻⁵), it is measured by
:func:`width_of` and drawn by :func:`draw_text` or :func:`draw_in`; rich text is given :func:`rich_text`. The small
characters of the font are 0.6 of capitals high, too low for the back row.
"""

from __future__ import annotations

import re
from html import escape
from itertools import zip_longest
from math import ceil

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter

from gradsim.ui.theme import Look, text_width

RAISED_EM = 0.4
"""How far the line of exponents is above that of the text, in heights of the type."""

_EXPONENT = re.compile("([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
_PLAIN = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "−0123456789")


def pieces(look: Look, text: str) -> list[tuple[str, bool]]:
    """Return the parts of a text in full-size characters, each with whether it is raised."""
    if look.theme.name != "projector":
        return [(text, False)]
    parts = _EXPONENT.split(text)
    both = zip_longest(parts[::2], parts[1::2], fillvalue="")
    found = [piece for plain, raised in both for piece in ((plain, False), (raised.translate(_PLAIN), True))]
    return [(part, raised) for part, raised in found if part]


def full_size(look: Look, text: str) -> str:
    """Return a text that is as wide as one with exponents is drawn."""
    return "".join(part for part, _ in pieces(look, text))


def width_of(look: Look, text_font: QFont, text: str) -> int:
    """Return how many pixels wide a text is as :func:`draw_text` draws it."""
    if look.theme.name != "projector":
        return text_width(text_font, text)
    return sum(text_width(text_font, part) for part, _ in pieces(look, text))


def lowered_px(look: Look, text_font: QFont, text: str) -> float:
    """Return how much lower a line with exponents stands, so that both halves are in the middle together."""
    raised = any(raised for _, raised in pieces(look, text))
    return 0.5 * RAISED_EM * text_font.pixelSize() if raised else 0.0


def draw_text(painter: QPainter, look: Look, at: QPointF, text: str) -> None:
    """Draw a text in the painter's font and colour, whose first letter stands at `at`."""
    if look.theme.name != "projector":
        painter.drawText(at, text)
        return
    text_font, x = painter.font(), at.x()
    raise_px = RAISED_EM * text_font.pixelSize()
    for part, raised in pieces(look, text):
        painter.drawText(QPointF(x, at.y() - raise_px * raised), part)
        x += text_width(text_font, part)


_LEFT, _CENTRE = Qt.AlignmentFlag.AlignLeft.value, Qt.AlignmentFlag.AlignHCenter.value
_TOP, _BOTTOM = Qt.AlignmentFlag.AlignTop.value, Qt.AlignmentFlag.AlignBottom.value


def draw_in(painter: QPainter, look: Look, rect: QRectF, flags: Qt.AlignmentFlag, text: str) -> None:
    """Draw a text in a rectangle as :meth:`QPainter.drawText` does; one that is larger stands out on both sides."""
    side = flags.value  # as a number: Python takes 3 µs to combine two flags
    text_font, metrics = painter.font(), painter.fontMetrics()
    spare = 0.0
    if not side & _LEFT:
        spare = rect.width() - width_of(look, text_font, text)
        spare /= 2.0 if side & _CENTRE else 1.0
    top = rect.height() - metrics.height()
    if side & _TOP:
        top = 0.0
    elif not side & _BOTTOM:
        top /= 2.0
    top += lowered_px(look, text_font, text)
    draw_text(painter, look, QPointF(rect.left() + spare, rect.top() + top + metrics.ascent()), text)


def rich_text(look: Look, text: str, size_px: int) -> str:
    """Return a text as HTML for a label whose type is `size_px` high."""
    # Qt draws superscripts at two thirds of their size.
    style = f"vertical-align:super; font-size:{ceil(1.5 * size_px)}px"
    return "".join(
        f'<span style="{style}">{escape(part)}</span>' if raised else escape(part)
        for part, raised in pieces(look, text)
    )

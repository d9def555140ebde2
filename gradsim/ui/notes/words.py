"""Texts in the notes: as many lines as they need, figures in the colours of their runs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradsim.ui.exponents import rich_text
from gradsim.ui.rich_label import RichLabel
from gradsim.ui.theme import Look
from gradsim.words.sentences import NO_BREAK, Span, plain_text, unbroken

LEAST_PX = 100
"""A text that is narrower has not been laid out yet."""


class SpansLabel(RichLabel):
    """Shows spans.

    Parameters
    ----------
    look
        Language, and how exponents are drawn.
    px
        The height of the type.
    colour
        Of what is no run's; "" for the ink.
    bold
        Whether it is semi-bold.
    """

    def __init__(self, look: Look, px: int, colour: str = "", bold: bool = False) -> None:
        super().__init__()
        self._look, self._px, self._bold = look, px, bold
        self._spans: tuple[Span, ...] = ()
        self._colour = ""
        self.set_colour(colour or look.theme.ink)
        self.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.setMinimumWidth(1)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def shown(self) -> str:
        """The text without its colours."""
        return plain_text(self._spans).replace(NO_BREAK, " ")

    def minimumSizeHint(self) -> QSize:
        return QSize(1, 1)  # the height is by the width; Qt's is that of the narrowest column

    def set_colour(self, colour: str) -> None:
        """Give what is no run's another colour."""
        if colour != self._colour:
            self._colour = colour
            weight = "font-weight: 600;" if self._bold else ""
            self.setStyleSheet(f"font-size: {self._px}px; color: {colour}; {weight}")

    def show_text(self, text: str) -> None:
        """Show plain text."""
        self.show_spans([Span(text)], self._look)

    def show_spans(self, spans: Sequence[Span], look: Look) -> None:
        """Show spans in the colours that a look has for runs."""
        self._spans = tuple(unbroken(spans))
        html = "".join(_html(span, look, self._px) for span in self._spans)
        if html != self.text():
            self.setText(html)
            self.setAccessibleName(self.shown)


def _html(span: Span, look: Look, px: int) -> str:
    text = rich_text(look, span.text, px)
    return text if span.run is None else f'<b style="color:{look.text_colour(span.run)}">{text}</b>'


def keep_room(widget: QWidget) -> None:
    """Let a widget whose numbers change keep the height that it has needed so far: nothing below moves to and fro."""
    needed = widget.heightForWidth(widget.width()) if widget.width() > LEAST_PX else 0
    if needed > widget.minimumHeight():
        widget.setMinimumHeight(needed)


class Line(QWidget):
    """A line between two parts."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        colour = look.theme.ink if look.theme.name == "projector" else look.theme.line
        self.setStyleSheet(f"background: {colour}")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(max(1, round(look.metrics.hair)))

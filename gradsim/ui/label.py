"""Labels that show text as it is, and never half of it without showing that it is half."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from unicodedata import east_asian_width

from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt
from PySide6.QtGui import (
    QCursor,
    QFont,
    QFontMetrics,
    QPaintEvent,
    QResizeEvent,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QStyleOptionButton, QToolTip, QWidget

from gradsim.ui.plots.devices import painting_on
from gradsim.words.sentences import NO_BREAK, with_whole_figures


def tip(text: str) -> str:
    """Return a tooltip that says `text` as it is, broken into lines: Qt takes what looks like HTML for HTML."""
    return f"<qt>{escape(text).replace(chr(10), '<br>')}</qt>"


_BEGINNING, _BEGINNING_WIDE = 8, 3
"""Names that have so many first characters in common, or wide ones as Chinese has, are not told apart by them."""


def mode_for(names: Sequence[str]) -> Qt.TextElideMode:
    """Return where names lose characters when there is no room: at their ends, unless they begin alike."""
    beginnings = {
        name[: _BEGINNING_WIDE if east_asian_width(name[:1] or " ") in "WF" else _BEGINNING] for name in names
    }
    differ = len(beginnings) == len(set(names))
    return Qt.TextElideMode.ElideRight if differ else Qt.TextElideMode.ElideMiddle


def wrapped(text: str, font: QFont, width: int, most: int) -> list[str]:
    """Return a text in at most so many lines of a width, cut where it is longer.

    A line breaks inside a word if need be, and between a number and its unit only where nothing else is possible.
    """
    text = with_whole_figures(text)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout = QTextLayout(text, font)
    layout.setTextOption(option)
    # Qt counts in units of UTF-16.
    units = text.encode("utf-16-le")
    found: list[str] = []
    layout.beginLayout()
    while len(found) < most and (line := layout.createLine()).isValid():
        line.setLineWidth(max(1, width))
        start, end = 2 * line.textStart(), 2 * (line.textStart() + line.textLength())
        if len(found) == most - 1:
            end = len(units)
        found.append(units[start:end].decode("utf-16-le").replace(NO_BREAK, " ").rstrip())
    layout.endLayout()
    metrics = QFontMetrics(font)
    found[-1:] = [metrics.elidedText(line, Qt.TextElideMode.ElideRight, width) for line in found[-1:]]
    return found


_ANYWHERE = QRect(0, 0, 100_000, 1_000)


class ElidedLabel(QLabel):
    """One line of plain text that ends in an ellipsis where it does not fit; then its tooltip is the whole.

    Parameters
    ----------
    text
        The text.
    most_em
        The width it asks for at most, in heights of its font; with 0 it asks for none and takes what it is given.
    """

    def __init__(self, text: str = "", most_em: int = 0) -> None:
        super().__init__(text)
        self._text = text
        self._most_em = most_em
        self.mode = Qt.TextElideMode.ElideRight
        """Where the text loses characters; see :func:`mode_for`."""
        self.shorter: Sequence[str] = ()
        """What is shown instead where the text does not fit: the first that does, else the last."""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setMinimumWidth(1)
        wide = QSizePolicy.Policy.Maximum if most_em else QSizePolicy.Policy.Ignored
        self.setSizePolicy(wide, QSizePolicy.Policy.Preferred)

    def text(self) -> str:
        """Return the whole text."""
        return self._text

    def setText(self, text: str) -> None:
        """Show another text; where it needs no other room, the window is not laid out anew, as for Qt's labels."""
        if text == self._text:
            return
        before, self._text = self._text, text
        if self._most_em or self._high(text) != self._high(before):
            super().setText(text)
        else:
            self.setAccessibleName(text)
            self.update()

    def _high(self, text: str) -> int:
        """Return the height of a line, which depends on its script; without text there is none."""
        return self.fontMetrics().boundingRect(_ANYWHERE, 0, text).height() if text else 0

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        if self._most_em:
            hint.setWidth(min(hint.width(), self._most_em * self.fontMetrics().height()))
        return hint

    def minimumSizeHint(self) -> QSize:
        return QSize(1, super().minimumSizeHint().height())

    @property
    def shown(self) -> str:
        """What is painted of the text."""
        metrics = self.fontMetrics()
        texts = (self.text(), *self.shorter)
        fitting = [text for text in texts if metrics.horizontalAdvance(text) <= self.width()]
        return fitting[0] if fitting else metrics.elidedText(texts[-1], self.mode, self.width())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and not self.toolTip() and self.shown != self.text():
            QToolTip.showText(QCursor.pos(), tip(self.text()), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting_on(self) as painter:
            text = self.shown
            painter.setPen(self.palette().color(self.foregroundRole()))
            painter.drawText(self.contentsRect(), int(self.alignment()), text)


class ElidedButton(QPushButton):
    """A button as wide as there is room, whose text ends in an ellipsis where it does not fit."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def shown(self) -> str:
        """The text that is painted as far as it fits."""
        return self.text()

    def initStyleOption(self, option: QStyleOptionButton) -> None:
        super().initStyleOption(option)
        # A button takes & for the mark of a key.
        whole = self.shown.replace("&", "&&")
        room = self.width() - (0 if self.property("role") == "link" else self.fontMetrics().height())
        option.text = self.fontMetrics().elidedText(whole, Qt.TextElideMode.ElideRight, room)


class LabelPlace(QWidget):
    """Where a label stands whose text changes often: it fills it.

    Each new text of a label lays out all that it is in, up to the window. The place has no layout, so nothing beyond
    it is laid out: who changes the text sees to it that the place is high enough.
    """

    def __init__(self, label: QLabel) -> None:
        super().__init__()
        self._label = label
        label.setParent(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._label.setGeometry(self.rect())


MOST_KNOWN = 8
"""Of so many widths a paragraph knows its lines: a layout asks for them a dozen times."""


class Paragraph(QLabel):
    """A few lines of plain text, broken inside a word if need be, that end in an ellipsis where there is more."""

    def __init__(self, text: str = "", most_lines: int = 3) -> None:
        super().__init__(text)
        self._most_lines = most_lines
        self._known: dict[tuple[object, ...], list[str]] = {}
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setMinimumWidth(1)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:
        # Not as the policy says: with each text, the label sets that anew by whether it wraps words by itself.
        return self.sizePolicy().verticalPolicy() != QSizePolicy.Policy.Fixed

    def heightForWidth(self, width: int) -> int:
        return max(1, len(self.lines(width))) * self.fontMetrics().height()

    def sizeHint(self) -> QSize:
        return QSize(1, self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def limit(self, most_lines: int) -> None:
        """Take so many lines at most from now on."""
        if most_lines != self._most_lines:
            self._most_lines = most_lines
            self.updateGeometry()
            self.update()

    def lines(self, width: int) -> list[str]:
        """Return the lines of text that are shown at this width."""
        key = self.text(), self.font().key(), width, self._most_lines
        if key not in self._known:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[key] = wrapped(self.text(), self.font(), width, self._most_lines)
        return self._known[key]

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting_on(self) as painter:
            painter.setPen(self.palette().color(self.foregroundRole()))
            metrics = self.fontMetrics()
            for i, text in enumerate(self.lines(self.width())):
                painter.drawText(QPointF(0, i * metrics.height() + metrics.ascent()), text)

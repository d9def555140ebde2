"""A label of rich text that changes often: it is laid out once for each text and width."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QAbstractTextDocumentLayout, QPaintEvent, QPalette, QTextDocument, QTextOption
from PySide6.QtWidgets import QLabel

from gradsim.ui.plots.devices import painting_on

_ANY_WIDTH, _ONE_LINE = -1, (1 << 24) - 1
"""Qt's widths for the size that suits a text best, and for a text in one line."""

_RESTYLED = (QEvent.Type.FontChange, QEvent.Type.StyleChange, QEvent.Type.PaletteChange)


class RichLabel(QLabel):
    """Shows rich text as Qt's label does, in lines unless told otherwise, at a fraction of its cost.

    Qt's label lays its text out anew for each question how high it is, and with each text everything that it is in.
    Here sizes are kept, and what it is in is laid out anew only where a text needs another height.
    """

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self._page: QTextDocument | None = None
        """The text as it is laid out; None where text or style have changed."""
        self._sizes: dict[int, QSize] = {}
        """Of the text at widths."""
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        policy = self.sizePolicy()
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def text(self) -> str:
        """Return what is shown, as HTML."""
        return self._text

    def setText(self, text: str) -> None:
        """Show other HTML."""
        if text == self._text:
            return
        before = self.heightForWidth(self.width())
        self._text = text
        self._forget()
        if self.heightForWidth(self.width()) != before:
            self.updateGeometry()
        self.update()

    def _forget(self) -> None:
        self._page = None
        self._sizes.clear()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in _RESTYLED:
            self._forget()

    # Sizes, as Qt's label has them

    def heightForWidth(self, width: int) -> int:
        return self._size_for(width).height()

    def sizeHint(self) -> QSize:
        return self._size_for(_ANY_WIDTH)

    def minimumSizeHint(self) -> QSize:
        height = min(self._size_for(_ONE_LINE).height(), self._size_for(_ANY_WIDTH).height())
        return QSize(self._size_for(0).width(), height)

    def _size_for(self, width: int) -> QSize:
        around = self.contentsMargins()
        beside = QSize(around.left() + around.right(), around.top() + around.bottom())
        if width >= 0:
            width = max(0, max(width, self.minimumWidth()) - beside.width())
        if width not in self._sizes:
            page = self._laid_out()
            if not self.wordWrap():
                page.setTextWidth(-1)
            elif width >= 0:
                page.setTextWidth(width)
            else:
                page.adjustSize()
            found = page.size()
            self._sizes[width] = QSize(ceil(found.width()), ceil(found.height()))
        return (self._sizes[width] + beside).expandedTo(self.minimumSize())

    def _laid_out(self) -> QTextDocument:
        if self._page is None:
            self.ensurePolished()
            page = self._page = QTextDocument()
            page.setUndoRedoEnabled(False)
            page.setDocumentMargin(0)
            page.setDefaultFont(self.font())
            option = QTextOption(self.alignment())
            modes = QTextOption.WrapMode
            option.setWrapMode(modes.WordWrap if self.wordWrap() else modes.ManualWrap)
            page.setDefaultTextOption(option)
            page.setHtml(self._text)
        return self._page

    def paintEvent(self, event: QPaintEvent) -> None:
        page, place = self._laid_out(), QRectF(self.contentsRect())
        if page.textWidth() != place.width():
            page.setTextWidth(place.width())
        if self.alignment() & Qt.AlignmentFlag.AlignVCenter:
            place.setTop(place.top() + max(0, (int(place.height()) - ceil(page.size().height())) // 2))
        context, palette = QAbstractTextDocumentLayout.PaintContext(), self.palette()
        palette.setColor(QPalette.ColorRole.Text, palette.color(self.foregroundRole()))
        context.palette = palette
        with painting_on(self) as painter:
            painter.setClipRect(place)
            painter.translate(place.topLeft())
            page.documentLayout().draw(painter, context)

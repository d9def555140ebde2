"""PDF: one page of shapes and letters, and the experiment as an attached file."""

from __future__ import annotations

import re
from collections.abc import Generator

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QSizeF
from PySide6.QtGui import QPageLayout, QPageSize, QPdfWriter

from gradsim.ui.writers.shapes import paint_shapes
from gradsim.ui.writers.writer import Finish, InPieces, Painting

ATTACHED = "experiment.toml"
"""What the attached file is called."""
POINTS_PER_INCH = 72


class PdfWriter(InPieces):
    """Portable Document Format; a point of the board is a point of the page."""

    ending = ".pdf"

    def painted(self, painting: Painting, text: str) -> Generator[None, None, Finish]:
        content = QByteArray()
        buffer = QBuffer(content)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        writer = QPdfWriter(buffer)
        writer.setResolution(POINTS_PER_INCH)
        page = QPageSize(QSizeF(painting.size), QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch)
        writer.setPageLayout(QPageLayout(page, QPageLayout.Orientation.Portrait, QMarginsF()))
        writer.setTitle(painting.title)
        writer.setCreator("gradsim")
        writer.addFileAttachment(ATTACHED, QByteArray(text.encode("utf-8")), "application/toml")
        paint_shapes(painting, writer)
        buffer.close()
        yield
        return lambda: with_spaces(bytes(content.data()))


def with_spaces(pdf: bytes) -> bytes:
    """Say of the space that it is one: Qt says that it is a tab, and so it is copied from the page (seen in 6.10)."""
    return re.sub(rb"beginbfrange\n[^a-z]*", lambda listed: listed[0].replace(b"<0009>", b"<0020>"), pdf)

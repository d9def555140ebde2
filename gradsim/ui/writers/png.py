"""PNG: pixels, and the experiment as text chunks."""

from __future__ import annotations

from collections.abc import Generator

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QImage

from gradsim.sim.documents.picture_text import KEY
from gradsim.ui.writers.writer import Finish, InPieces, Painting


class PngWriter(InPieces):
    """Portable Network Graphics."""

    ending = ".png"

    def painted(self, painting: Painting, text: str) -> Generator[None, None, Finish]:
        image = yield from painting.image_in_parts()
        return lambda: carrying(image, text, painting.step)


def carrying(image: QImage, text: str, step: int) -> bytes:
    """Return an image as a PNG file that carries the text of an experiment, and its step; on any thread."""
    image.setText(KEY, text)
    image.setText(f"{KEY}-step", str(step))
    return png_of(image)


def png_of(image: QImage) -> bytes:
    """Return an image, and the texts it has, as a PNG file."""
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    buffer.close()
    return bytes(content.data())

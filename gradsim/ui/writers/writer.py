"""What every writer of pictures is, and what it is given."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QPushButton, QWidget

from gradsim.sim.documents.document import Document, dump, relative_to
from gradsim.ui.sights import seen_image


@dataclass(frozen=True)
class Painting:
    """A board at a step, ready to be painted.

    Attributes
    ----------
    board
        The widget.
    scale
        Pixels to a point, where it is painted in pixels.
    document
        What it shows.
    step
        The step that it shows.
    sight
        As what it is seen: a key of SIGHTS, "" for as it is.
    """

    board: QWidget
    scale: float
    document: Document
    step: int
    sight: str = ""

    def paint(self, painter: QPainter) -> None:
        """Paint the board as it is now; as it is seen otherwise, in pixels."""
        if self.sight:
            painter.drawImage(self.board.rect(), self.image)
        else:
            paint(self.board, painter)

    @cached_property
    def image(self) -> QImage:
        """The board in pixels, as it was when this was first asked for."""
        image = image_of(self.board, self.scale)
        return seen_image(image, self.sight) if self.sight else image

    def text_in(self, folder: Path) -> str:
        """Return the experiment as a file in `folder` is to carry it."""
        return dump(relative_to(folder, self.document))


def paint(widget: QWidget, painter: QPainter) -> None:
    """Paint a widget without its buttons: nobody can press them there."""
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    with _without_buttons(widget):
        QWidget.render(widget, painter, QPoint())


def image_of(widget: QWidget, scale: float) -> QImage:
    """Return an image of a widget, `scale` pixels to a point."""
    image = QImage(widget.size() * scale, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    paint(widget, painter)
    painter.end()
    return image


@contextmanager
def _without_buttons(widget: QWidget) -> Iterator[None]:
    buttons = [button for button in widget.findChildren(QPushButton) if button.isVisibleTo(widget)]
    for button in buttons:
        button.hide()
    try:
        yield
    finally:
        for button in buttons:
            button.show()


class Writer(ABC):
    """Turns a painting into a file of one format."""

    ending: ClassVar[str]
    """How names of its files end."""

    @abstractmethod
    def content(self, painting: Painting, text: str) -> bytes:
        """Return the file: the picture, which carries `text`, the experiment, and the step it shows."""

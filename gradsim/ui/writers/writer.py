"""What every writer of pictures is, and what it is given."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar, TypeVar

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QRegion
from PySide6.QtWidgets import QPushButton, QWidget

from gradsim.sim.documents.document import Document
from gradsim.sim.documents.picture_text import WithTable, packed_text
from gradsim.ui.sights import seen_image
from gradsim.words.languages import ENGLISH

T = TypeVar("T")


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
    has_ground
        Whether there is something below all that it shows.
    with_table
        Whether its file carries the table that the experiment is about.
    sight
        As what it is seen: a key of SIGHTS, "" for as it is.
    parts
        Parts of the board that can be painted each by itself.
    """

    board: QWidget
    scale: float
    document: Document
    step: int
    has_ground: bool = True
    with_table: WithTable = "auto"
    sight: str = ""
    parts: Sequence[QWidget] = ()

    @property
    def size(self) -> QSize:
        """How large it is, in points."""
        return self.board.size()

    @property
    def title(self) -> str:
        """What it is called in files that have a title."""
        lesson = self.document.lesson
        return f"{lesson.title(ENGLISH)}, step {self.step:,}" if lesson else f"gradsim, step {self.step:,}"

    def paint(self, painter: QPainter) -> None:
        """Paint the board as it is now; as it is seen otherwise, in pixels."""
        if self.sight:
            painter.drawImage(self.board.rect(), self.image)
        else:
            paint(self.board, painter, self.has_ground)

    @cached_property
    def image(self) -> QImage:
        """The board in pixels, as it was when this was first asked for."""
        image = image_of(self.board, self.scale, self.has_ground)
        return seen_image(image, self.sight) if self.sight else image

    def image_in_parts(self) -> Generator[None, None, QImage]:
        """Return the board in pixels; a part of it is painted whenever the next is asked for."""
        if not self.parts:
            return self.image
        image = yield from image_in_parts(self.board, self.scale, self.has_ground, self.parts)
        return seen_image(image, self.sight) if self.sight else image

    def text_in(self, folder: Path) -> str:
        """Return the text by which a file in `folder` is its own source."""
        return packed_text(self.document, self.step, folder, self.with_table)


def paint(widget: QWidget, painter: QPainter, has_ground: bool = True, region: QRegion | None = None) -> None:
    """Paint a widget, or a region of it in its place, without its buttons: nobody can press them there."""
    parts = QWidget.RenderFlag.DrawChildren
    if has_ground:
        parts |= QWidget.RenderFlag.DrawWindowBackground
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    place = region.boundingRect().topLeft() if region else QPoint()
    with _without_buttons(widget):
        QWidget.render(widget, painter, place, region or QRegion(), parts)


def image_of(widget: QWidget, scale: float, has_ground: bool = True) -> QImage:
    """Return an image of a widget, `scale` pixels to a point, transparent where it has no ground."""
    image = _empty(widget, scale, has_ground)
    with QPainter(image) as painter:
        paint(widget, painter, has_ground)
    return image


def image_in_parts(
    widget: QWidget, scale: float, has_ground: bool, parts: Sequence[QWidget]
) -> Generator[None, None, QImage]:
    """Return what :func:`image_of` does; a part of it is painted whenever the next is asked for.

    A part is a widget: what is cut through it paints a little otherwise.
    """
    image, rest = _empty(widget, scale, has_ground), QRegion(widget.rect())
    regions = [QRegion(QRect(part.mapTo(widget, QPoint()), part.size())) & rest for part in parts]
    for region in regions:
        rest -= region
    for region in filter(bool, [*regions, rest]):
        with QPainter(image) as painter:
            paint(widget, painter, has_ground, region)
        yield
    return image


def _empty(widget: QWidget, scale: float, has_ground: bool) -> QImage:
    pixels = QImage.Format.Format_RGB32 if has_ground else QImage.Format.Format_ARGB32_Premultiplied
    image = QImage(widget.size() * scale, pixels)
    image.setDevicePixelRatio(scale)
    image.fill(Qt.GlobalColor.white if has_ground else Qt.GlobalColor.transparent)
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


def in_one_go(work: Generator[None, None, T]) -> T:
    """Do all pieces of a work, and return what came of it."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: T = end.value
            return result


Finish = Callable[[], bytes]
"""Returns the file of a painting that has been painted; on any thread."""


class Writer(ABC):
    """Turns a painting into a file of one format."""

    ending: ClassVar[str]
    """How names of its files end."""

    @abstractmethod
    def content(self, painting: Painting, text: str) -> bytes:
        """Return the file: the picture, which carries `text`, the experiment, and the step it shows."""

    def painted(self, painting: Painting, text: str) -> Generator[None, None, Finish]:
        """Do what :meth:`content` does, a piece whenever the next is asked for, up to what needs no painting."""
        content = self.content(painting, text)
        yield
        return lambda: content


class InPieces(Writer):
    """A writer that paints in pieces."""

    def content(self, painting: Painting, text: str) -> bytes:
        return in_one_go(self.painted(painting, text))()

    @abstractmethod
    def painted(self, painting: Painting, text: str) -> Generator[None, None, Finish]: ...

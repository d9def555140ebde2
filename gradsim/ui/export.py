"""Pictures: the board, painted offscreen as the window shows it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QEvent, QIODevice, QPoint, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from gradsim.engine.nn.probes import INDEX
from gradsim.interrupts import interrupts_end_at_once
from gradsim.schema.errors import FileError
from gradsim.schema.parameters import unknown_name
from gradsim.sim.documents.document import Document, dump, relative_to
from gradsim.sim.documents.files import check_target, write_bytes
from gradsim.sim.documents.picture_text import KEY
from gradsim.sim.kinds import kind_of
from gradsim.sim.run.simulation import new_tape, play
from gradsim.ui.app import OFFSCREEN, application
from gradsim.ui.board import Board
from gradsim.ui.views.catalogue import VIEWS, applying, views_of

FORMATS = (".png",)

MOST_PIXELS = 100 * 10**6


@dataclass(frozen=True)
class Picture:
    """How a picture is to look: layout size in points, pixels per point, one view or all, what of every layer."""

    theme: str = "light"
    language: str = "en"
    size: tuple[int, int] = (1920, 1080)
    scale: float = 1.0
    view: str | None = None
    probe: str | None = None


def export(document: Document, out: Path, step: int | None, picture: Picture) -> None:
    """Run up to `step` and write the picture of the board there; FileError says what is refused."""
    check_target(out, FORMATS)
    if picture.view is not None and picture.view not in VIEWS:
        raise FileError(f"--view: {unknown_name(picture.view, VIEWS)}")
    if picture.view is not None and not VIEWS[picture.view].applies(document.experiment):
        others = ", ".join(applying(VIEWS, document.experiment))
        raise FileError(f"--view: {picture.view!r} has nothing to show of this experiment; {others} have")
    if picture.probe is not None and picture.probe not in INDEX:
        raise FileError(f"--probe: {unknown_name(picture.probe, INDEX)}")
    width, height = (round(side * picture.scale) for side in picture.size)
    if width * height > MOST_PIXELS:
        raise FileError(
            f"--size, --scale: {width}x{height} pixels; at most {MOST_PIXELS // 10**6} million are allowed"
        )
    shown = step_shown(document, step)
    with interrupts_end_at_once():
        image, step = _painted(document, shown, picture)
    write_picture(out, image, document, step)


def _painted(document: Document, shown: int, picture: Picture) -> tuple[QImage, int]:
    """Run up to the step shown, or as far as the run goes; return the image of the board there, and the step."""
    os.environ["QT_QPA_PLATFORM"] = OFFSCREEN
    app = application()
    board = Board(picture.theme, picture.language)
    board.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    board.resize(*picture.size)
    board.show_document(document, [picture.view] if picture.view else views_of(document, picture.theme))
    if picture.probe is not None:
        board.show_probe(picture.probe)
    simulation = kind_of(document.experiment).simulations(document.experiment)()
    tape = new_tape(simulation)
    for at in play(simulation, tape):
        if at >= shown:
            break
    board.show()
    settle(app)
    board.draw(tape, shown)
    board.finish_studies()
    settle(app)
    try:
        return paint(board, picture.scale), tape.head
    finally:
        # Connections between its parts keep it alive, so it does not go by itself.
        board.deleteLater()
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def step_shown(document: Document, step: int | None) -> int:
    """Return the step that a picture shows: the one asked for, the lesson's own, or the last."""
    last = document.experiment.steps
    if step is not None:
        if step > last:
            raise FileError(f"--step: {step:,} is beyond the last step, {last:,}")
        return step
    return min(document.lesson.picture_step, last) or last if document.lesson else last


def settle(app: QApplication) -> None:
    """Let layouts and deferred paints happen."""
    for _ in range(4):
        app.sendPostedEvents()
        app.processEvents()


def paint(widget: QWidget, scale: float) -> QImage:
    """Return an image of `widget`, `scale` pixels to a point, without its buttons: nobody can press them there."""
    buttons = [button for button in widget.findChildren(QPushButton) if button.isVisibleTo(widget)]
    for button in buttons:
        button.hide()
    image = QImage(widget.size() * scale, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    QWidget.render(widget, painter, QPoint())
    painter.end()
    for button in buttons:
        button.show()
    return image


def write_picture(path: Path, image: QImage, document: Document, step: int) -> None:
    """Write the image as a PNG file that carries the experiment, as a file in its folder says it, and the step."""
    image.setText(KEY, dump(relative_to(path.parent, document)))
    image.setText(f"{KEY}-step", str(step))
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    buffer.close()
    write_bytes(path, bytes(content.data()))

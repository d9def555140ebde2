"""Draws a case on a board out of sight, and says what is wrong: an error, a warning, words of Qt's, no picture."""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest.mock import patch

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel, QToolTip, QWidget

from gradsim.sim.documents.document import Document
from gradsim.sim.documents.results import FORMATS, run, save
from gradsim.sim.kinds import kind_of
from gradsim.sim.kinds.race import basins, convexity
from gradsim.sim.kinds.train import landscape
from gradsim.sim.run.simulation import Simulation
from gradsim.sim.run.tape import Tape
from gradsim.ui.app import OFFSCREEN, application
from gradsim.ui.board import Board
from gradsim.ui.export import settle
from gradsim.ui.plots import convexity_plot
from gradsim.ui.plots.convexity_plot import ConvexityPlot
from gradsim.ui.views.common.sentence import Sentence
from gradsim.ui.views.common.view import View
from gradsim.ui.views.race import basins as basins_view
from gradsim.ui.writers import Painting
from gradsim.ui.writers import save as save_picture
from tests.golden.compare import Pixels, pixels
from tests.look.recorder import recorded
from tests.trials.extremes.cases import Case, document_of
from tests.trials.watch import limited, watched

SIDES = ((landscape, 13), (basins, 12), (basins_view, 12), (convexity, 21), (convexity_plot, 21))
"""Modules, and in how many cells along a side they look at a plane here."""
WRITTEN = 0.15
"""How often results are written."""
LARGE = 1500
"""Boards so wide take long to write as shapes."""
PATIENCE_S = 60
"""How long a case may take."""
GREY = ("surface3d", "numbers", "samples", "confusion")
"""Views that may have no colours: a surface on which nothing has moved, a table, grey images, no mistakes."""
ON_TOP = ("landscape", "noise", "feature_rates")
"""Views whose sentence says why there is nothing."""
LEAST_PX = 90
"""A picture of a run narrower or lower than this may have no room for anything."""
COLOURFUL = 28
"""How far apart the channels of a pixel are that is more than a line of an axis."""
FEWEST_LETTERS = 6
"""Of a text that says why there is no picture."""
LAYERS = ("output", "hidden")
"""Texts that say nothing, however long."""


def faults_of(case: Case) -> tuple[list[str], int]:
    """Draw a case at its first, middle and last step; return what went wrong, and how many pictures were drawn."""
    found: list[str] = []
    chance, pictures = random.Random(repr(case)), 0
    with watched(found), limited(PATIENCE_S), ExitStack() as stack:
        document = document_of(case.table)
        assert document is not None
        for module, side in SIDES:  # fewer places, laid out alike
            stack.enter_context(patch.object(module, "SIDE", side))
        simulation, tape = run(document)
        _write(document, simulation, tape, chance)
        board = stack.enter_context(_board(case, document))
        for step in sorted({0, tape.head // 2, tape.head}):
            board.draw(tape, step)
            board.finish_studies()
            settle(application())
            for view in board._content.views if board._content else []:
                pictures += 1
                found += [f"{type(view).__name__} at step {step}: {fault}" for fault in _faults_of_picture(view)]
                _point_at(view, chance)
        _paint(board, document, tape.head, chance)
    return list(dict.fromkeys(found)), pictures


def _write(document: Document, simulation: Simulation, tape: Tape, chance: random.Random) -> None:
    """Write the results of some cases."""
    if chance.random() < WRITTEN:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"results{chance.choice(list(FORMATS))}"
            save(path, document, simulation, tape.until(tape.head))
            list(kind_of(document.experiment).report(document.experiment, tape.until(tape.head)))


def _paint(board: Board, document: Document, step: int, chance: random.Random) -> None:
    """Paint some cases as shapes."""
    if chance.random() < WRITTEN / 2 and board.width() < LARGE:
        with tempfile.TemporaryDirectory() as folder:
            save_picture(
                Path(folder) / f"picture{chance.choice(('.svg', '.pdf'))}", Painting(board, 1.0, document, step)
            )


def _point_at(view: View, chance: random.Random) -> None:
    """Move the pointer over a part of a view, which tells its values then."""
    parts = [
        part for part in view.findChildren(QWidget) if part.isVisible() and min(part.width(), part.height()) > 20
    ]
    for part in chance.sample(parts, min(len(parts), 2)):
        at = QPointF(chance.randrange(part.width()), chance.randrange(part.height()))
        none, here = Qt.MouseButton.NoButton, QPointF(part.mapToGlobal(at))
        moved = QMouseEvent(QEvent.Type.MouseMove, at, here, none, none, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(part, moved)
    QToolTip.hideText()


@contextmanager
def _board(case: Case, document: Document) -> Iterator[Board]:
    os.environ["QT_QPA_PLATFORM"] = OFFSCREEN
    app = application()
    board = Board(case.theme, case.language)
    board.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    board.resize(*case.size)
    board.show_document(document, case.views)
    for name, value in case.options.items():
        board.options.choose(name, value)
    try:
        board.show()
        settle(app)
        yield board
    finally:
        board.deleteLater()
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _faults_of_picture(view: View) -> Iterator[str]:
    if view.key in GREY or min(view.width() / len(view.names), view.height()) < LEAST_PX:
        return
    if any(each.height() < LEAST_PX for each in view.findChildren(ConvexityPlot)):
        return  # its crosses, which have no colour, may cover all of it
    image = pixels(view.grab().toImage())
    if not _is_colourful(image, _titles(view)) and not _says_why(view):
        yield "an empty picture, and nothing says why"


def _titles(view: QWidget) -> list[QRect]:
    return [QRect(label.mapTo(view, QPoint()), label.size()) for label in _labels(view)]


def _labels(view: QWidget) -> list[QLabel]:
    """Return the labels that are seen in a view; what is told beside the pointer is a window of its own."""
    return [label for label in view.findChildren(QLabel) if label.isVisibleTo(view) and not label.isWindow()]


def _is_colourful(image: Pixels, but: list[QRect]) -> bool:
    """Tell whether anything has a colour, apart from titles."""
    channels = [image[..., i].astype(np.int16) for i in range(3)]
    shown = np.maximum.reduce(channels) - np.minimum.reduce(channels) > COLOURFUL
    for box in but:
        shown[max(box.top(), 0) : box.bottom() + 1, max(box.left(), 0) : box.right() + 1] = False
    return bool(shown.any())


def _says_why(view: View) -> bool:
    """Tell whether a card says in its line, or a picture in its middle, why there is nothing."""
    labels = _labels(view)
    if any(label.property("role") == "alarm" and label.text().strip() for label in labels):
        return True
    if view.key in ON_TOP and any(each.told for each in view.findChildren(Sentence)):
        return True
    told = [text.text for text in recorded(view).texts]
    if view.key == "gradients" and {"0", "–"} & set(told):
        return True  # where all of a layer is 0, or there is no value, that is written in place of a bar
    if view.key == "basins" and view.look.tr("diverged") in told:
        return True  # grey everywhere, as its legend says
    titles = " ".join(label.text() for label in labels)  # which are drawn in pieces where scripts change
    return any(_is_sentence(text) for text in told if text.strip() not in titles and text.strip() not in LAYERS)


def _is_sentence(text: str) -> bool:
    letters = sum(letter.isalpha() for letter in text)
    return letters >= FEWEST_LETTERS or sum("\u4e00" <= letter <= "\u9fff" for letter in text) >= 4

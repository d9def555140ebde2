"""Boards as shapes: what there is to see to wherever a file is to hold lines and letters instead of pixels."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QPaintDevice, QPainter
from PySide6.QtWidgets import QGraphicsItem, QGraphicsView, QWidget

from gradsim.ui.writers.writer import Painting

MARK = -98_765
"""Where, to the left and above, a widget's mark is drawn."""


def paint_shapes(painting: Painting, device: QPaintDevice, marked: bool = False) -> None:
    """Paint a board on a device that writes shapes, of whose units one is a point.

    With `marked`, each widget begins with a rectangle at its own coordinates (MARK, MARK).
    """
    with _without_caches(painting.board), _marking(marked), QPainter(device) as painter:
        painting.paint(painter)


@contextmanager
def _without_caches(widget: QWidget) -> Iterator[None]:
    """Have nothing in plots copied from a picture that was kept of it."""
    views = widget.findChildren(QGraphicsView)
    cached = [(item, item.cacheMode()) for view in views for item in view.scene().items() if _is_cached(item)]
    grounds = [(view, view.cacheMode()) for view in views]
    for view in views:
        view.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)
        view.setRenderHint(QPainter.RenderHint.LosslessImageRendering)  # no JPEG of a field of colours
    for item, _ in cached:
        item.setCacheMode(QGraphicsItem.CacheMode.NoCache)
    try:
        yield
    finally:
        for view, kept in grounds:
            view.setCacheMode(kept)
        for item, mode in cached:
            item.setCacheMode(mode)


def _is_cached(item: QGraphicsItem) -> bool:
    return item.cacheMode() != QGraphicsItem.CacheMode.NoCache


@contextmanager
def _marking(marked: bool) -> Iterator[None]:
    marker, app = _Marker(), QCoreApplication.instance()
    assert app is not None
    if marked:
        app.installEventFilter(marker)
    try:
        yield
    finally:
        app.removeEventFilter(marker)


class _Marker(QObject):
    """Draws a mark before each widget paints itself."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and isinstance(watched, QWidget):
            with QPainter(watched) as painter:
                painter.fillRect(MARK, MARK, 1, 1, Qt.GlobalColor.black)
        return False

"""Boards as shapes: what there is to see to wherever a file is to hold lines and letters instead of pixels."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtGui import QPaintDevice, QPainter
from PySide6.QtWidgets import QGraphicsItem, QGraphicsView, QWidget

from gradsim.ui.writers.writer import Painting


def paint_shapes(painting: Painting, device: QPaintDevice) -> None:
    """Paint a board on a device that writes shapes, of whose units one is a point."""
    with _without_caches(painting.board):
        painter = QPainter(device)
        painter.setRenderHint(QPainter.RenderHint.LosslessImageRendering)  # no JPEG of a map's ground
        painting.paint(painter)
        painter.end()


@contextmanager
def _without_caches(widget: QWidget) -> Iterator[None]:
    """Have nothing in plots copied from a picture that was kept of it."""
    views = widget.findChildren(QGraphicsView)
    cached = [(item, item.cacheMode()) for view in views for item in view.scene().items() if _is_cached(item)]
    for item, _ in cached:
        item.setCacheMode(QGraphicsItem.CacheMode.NoCache)
    try:
        yield
    finally:
        for item, mode in cached:
            item.setCacheMode(mode)


def _is_cached(item: QGraphicsItem) -> bool:
    return item.cacheMode() != QGraphicsItem.CacheMode.NoCache

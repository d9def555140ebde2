"""Long paths on a map: drawn in several pieces where a turn must not take long, and all of them in the end."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPen, QPixmap

from gradsim.engine.types import Array
from gradsim.ui.app import application
from gradsim.ui.plots.lanes import Lanes
from gradsim.ui.plots.trails import Trail, TrailLayer
from gradsim.ui.theme import Look
from tests.golden.compare import Pixels, pixels


class Sheet:
    """A plane whose data are pixels."""

    key = "sheet"
    size = QSize(1200, 800)
    rect = QRectF(0, 0, 1200, 800)

    def to_px(self, places: Array) -> Array:
        return places

    def seen(self, places: Array) -> npt.NDArray[np.bool_]:
        return np.full(len(places), True)


def look() -> Look:
    application()
    return Look.fit("light", "en", QSize(1600, 1000))


def waves(count: int, begun: int = 0) -> list[Trail]:
    """Return two paths that do not meet, the second of which begins later."""
    places = np.stack([np.linspace(5.0, 1195.0, count), 200.0 + 150.0 * np.sin(0.15 * np.arange(count))], axis=1)
    return [Trail(each, QPen("#aa0000")) for each in (places, places[begun:] + np.array([0.0, 400.0]))]


def drawn(layer: TrailLayer, trails: list[Trail]) -> Pixels:
    image = QPixmap(Sheet.size)
    image.fill("white")
    painter = QPainter(image)
    layer.draw(painter, trails, Sheet(), 1.0, None)
    painter.end()
    return pixels(image.toImage())


def alike(found: Pixels, expected: Pixels) -> bool:
    """Tell whether all is drawn: where one piece follows another, edges differ in some pixels."""
    return bool(np.count_nonzero(np.abs(found - expected).max(axis=2)) < 20)


@pytest.mark.parametrize("begun", [0, 20])
def test_in_pieces_a_long_path_is_whole_after_a_few_drawings(begun: int) -> None:
    trails = waves(120, begun)
    layer, whole = TrailLayer(look()), TrailLayer(look())
    expected = drawn(whole, trails)
    layer.in_pieces = True
    pictures = [drawn(layer, trails) for _ in range(4)]
    assert [alike(each, expected) for each in pictures] == [False, False, True, True]
    assert [layer.lanes.tip(run) for run in (0, 1)] == [whole.lanes.tip(run) for run in (0, 1)]


def test_settled_what_is_left_is_drawn_at_once() -> None:
    trails = waves(120)
    layer = TrailLayer(look())
    layer.in_pieces = True
    drawn(layer, trails)
    layer.settle()
    assert alike(drawn(layer, trails), drawn(TrailLayer(look()), trails))


def test_drawn_ahead_nothing_is_left_for_the_next_paint() -> None:
    trails = waves(120)
    layer = TrailLayer(look())
    layer.in_pieces = True
    assert sum(1 for _ in layer.draw_ahead(trails, Sheet(), 1.0, None)) == 2
    assert alike(drawn(layer, trails), drawn(TrailLayer(look()), trails))


def test_where_only_the_tips_have_moved_the_picture_that_is_kept_is_not_painted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trails, layer, painted = waves(120), TrailLayer(look()), []
    drawn(layer, trails)
    monkeypatch.setattr(Lanes, "follow", lambda lanes, paths: painted.append(paths))
    for trail in trails:
        trail.places = np.concatenate([trail.places[:-1], trail.places[-1:] + 7.0])
    found = drawn(layer, trails)
    monkeypatch.undo()
    assert not painted
    assert alike(found, drawn(TrailLayer(look()), trails))

"""What is wrong with a scene: text or marks too faint, too small, cut off, or over each other.

To see what is wrong with a lesson or a file: python -m tests.look.faults LESSON|FILE [THEME [LANGUAGE [WxH]]]
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations, product
from pathlib import Path
from unicodedata import east_asian_width

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QFontMetricsF
from scipy.ndimage import binary_dilation

from gradsim.sim.documents.document import read
from gradsim.ui.sights import washed
from tests.look.colours import contrasts, rgb
from tests.look.recorder import Stroke, Text, ink_of
from tests.look.scenes import Scene, lesson_of

LEAST_TEXT = {"light": 4.5, "dark": 4.5, "projector": 7.0}
LEAST_MARKS, LEAST_WASHED = 3.0, 4.5
LARGE, SMALL = 40 / 1080, 28 / 1080
"""Heights of capitals in the projector theme, in heights of the picture."""

LONG_NAME, LONG_OF_MANY = 16, 10
"""Names so many letters wide may be cut where there is no room, if they can still be told from each other."""

_AT_WORST = 40
"""Per cent of what is around a text that may be worse: the paler edges of its own dense strokes, a grid line."""
FEWEST_PLACES = 8
"""Beside fewer places nothing is told of the ground of a line: they are the edges of its own end."""
_OWN = 0.25
"""Colours nearer than this are a line's own, thinned by antialiasing."""
_TOUCHING_PX = 1.0
"""Boxes that overlap by less do not overlap."""


def faint_texts(scene: Scene) -> Iterator[str]:
    """Find texts whose contrast on their ground is too low, in a bright room too; what is disabled is to be pale."""
    least = LEAST_TEXT[scene.look.theme.name]
    for text in scene.drawn.texts:
        if not text.upright or not scene.is_enabled(text.box.center().toPoint()):
            continue
        grounds, colour = _around_text(scene, text), rgb(text.colour)
        if not len(grounds):
            continue
        found = np.percentile(contrasts(grounds, colour), _AT_WORST)
        if found < least - 0.05:
            yield f"{text.text!r} has {found:.1f}:1"
        elif scene.look.theme.name == "projector":
            grey = np.percentile(contrasts(washed(grounds), washed(colour)), _AT_WORST)
            if grey < (LEAST_MARKS if _is_name_of_many(scene, text) else LEAST_WASHED) - 0.05:
                yield f"{text.text!r} has {grey:.1f}:1 when washed out"


def _is_name_of_many(scene: Scene, text: Text) -> bool:
    return len(scene.names) > 4 and text.colour in scene.look.theme.runs


def _around_text(scene: Scene, text: Text) -> npt.NDArray[np.float64]:
    """Return the colours (n, 3) right beside a text's letters: two pixels from where its colour is seen."""
    room = text.box.toAlignedRect().adjusted(-3, -3, 3, 3) & QRect(0, 0, *_size(scene))
    if room.isEmpty():
        return np.empty((0, 3))
    seen = scene.pixels[room.top() : room.bottom() + 1, room.left() : room.right() + 1] / 255.0
    away = np.linalg.norm(seen - rgb(text.colour), axis=2)
    like_letters = away < 0.55 * np.quantile(away, 0.8)
    letters = like_letters & binary_dilation(ink_of(text, room), iterations=2)
    ring = binary_dilation(letters, iterations=2) & ~binary_dilation(letters) & ~like_letters
    return np.asarray(seen[ring][:: max(1, ring.sum() // 200)])


def _size(scene: Scene) -> tuple[int, int]:
    return scene.drawn.size.width(), scene.drawn.size.height()


def faint_lines(scene: Scene) -> Iterator[str]:
    """Find colours in which lines have too low a contrast on what they lie on.

    Grids and frames are no marks, and single values behind a median are pale on purpose.
    """
    theme = scene.look.theme
    for colour in (theme.ink, theme.alarm, *theme.runs):
        around = [_beside(scene, stroke) for stroke in scene.drawn.strokes if stroke.colour == colour]
        grounds = np.concatenate([np.empty((0, 3)), *around])
        found = np.median(contrasts(grounds, rgb(colour))) if len(grounds) >= FEWEST_PLACES else 21.0
        if found < LEAST_MARKS - 0.05:
            yield f"a line of {colour} has {found:.1f}:1"


def _beside(scene: Scene, stroke: Stroke) -> npt.NDArray[np.float64]:
    """Return the colours (n, 3) around places on a line, other than its own."""
    places = stroke.places(4.0)
    places = places[:: max(1, len(places) // 100)]
    away = stroke.width / 2.0 + 1.6
    beside = away * np.array([(1, 0), (-1, 0), (0, 1), (0, -1)])
    around = (places[:, None] + beside).reshape(-1, 2)
    at = around.round().astype(int)
    x, y = at[((at >= 0) & (at < _size(scene))).all(axis=1)].T
    found = scene.pixels[y, x] / 255.0
    marks = np.array([rgb(colour) for colour in scene.look.theme.runs[: len(scene.names)]])  # each is seen on its own
    away = np.linalg.norm(found[:, None] - np.concatenate([[rgb(stroke.colour)], marks]), axis=2)
    of_marks = _rims(found, marks, np.array(rgb(scene.look.theme.card)))
    return np.asarray(found[(away > _OWN).all(axis=1) & ~of_marks])


def _rims(
    found: npt.NDArray[np.float64], marks: npt.NDArray[np.float64], card: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Tell which colours (n, 3) are the smoothed rim of a mark: beyond half of the way from the card to it."""
    ways = marks - card
    shares = ((found - card) @ ways.T) / (ways**2).sum(axis=1)
    off = np.linalg.norm(found[:, None] - (card + shares[..., None] * ways), axis=2)
    return np.asarray(((shares > 0.5) & (off < _OWN)).any(axis=1))


def small_texts(scene: Scene) -> Iterator[str]:
    """Find texts of the projector theme whose capitals or exponents are too low for the back row."""
    if scene.look.theme.name != "projector":
        return
    height, large = scene.drawn.size.height(), scene.large_places()
    for text in scene.drawn.texts:
        named = text.text.removesuffix(" ×").removesuffix(":") in scene.names
        is_large = named or any(place.contains(text.box.center().toPoint()) for place in large)
        least = height * (LARGE if is_large else SMALL)
        if text.capitals < least - 0.5:
            yield f"{text.text!r} has capitals of {text.capitals:.1f} px, not {least:.1f}"
        if set(text.text) & set("⁰¹²³⁴⁵⁶⁷⁸⁹⁻"):
            yield f"{text.text!r} has small exponents"


def cut_texts(scene: Scene) -> Iterator[str]:
    """Find texts that do not fit where they are; those below the window are scrolled to."""
    seen = QRectF(scene.widget.rect())
    for text in scene.drawn.texts:
        if not seen.contains(text.box.center()):
            continue
        part = QRectF(scene.part_at(text.box.center().toPoint()))
        inside = part.adjusted(-_TOUCHING_PX, -_TOUCHING_PX, _TOUCHING_PX, _TOUCHING_PX)
        if not inside.contains(text.box):
            yield f"{text.text!r} sticks out"
    for line in _lines(scene.drawn.texts):
        if "…" in line and not _tells_run(scene, line):
            yield f"{line!r} is cut short"


def _lines(texts: list[Text]) -> Iterator[str]:
    """Join the pieces, each in the font of its script, of which texts are drawn."""
    line, end = "", None
    for text in texts:
        goes_on = end is not None and abs(text.base.y() - end.y()) < 0.5 and 0.0 <= text.base.x() - end.x() < 0.5
        if not goes_on:
            yield line
        line = line + text.text if goes_on else text.text
        end = text.base + QPointF(QFontMetricsF(text.font).horizontalAdvance(text.text), 0.0)
    yield line


def _tells_run(scene: Scene, text: str) -> bool:
    """Tell whether a text is a long name cut so that it can be no other's."""
    begins, _, ends = text.removesuffix(" ×").removesuffix(":").partition("…")
    meant = [name for name in scene.names if name.startswith(begins.rstrip()) and name.endswith(ends.lstrip())]
    columns = sum(2 if east_asian_width(letter) in "WF" else 1 for letter in "".join(meant))
    return len(meant) == 1 and columns >= (LONG_OF_MANY if len(scene.names) > 4 else LONG_NAME)


def texts_over_texts(scene: Scene) -> Iterator[str]:
    """Find pairs of texts that overlap."""
    for one, other in combinations(_distinct(scene.drawn.texts), 2):
        if _overlap(one.box, other.box) and not _go_on(one, other):
            yield f"{one.text!r} and {other.text!r}"


def _go_on(one: Text, other: Text) -> bool:
    """Tell whether two texts are pieces of one line, of which the later may reach under the end of the earlier."""
    em = one.font.pixelSize()
    return abs(one.base.y() - other.base.y()) < 0.5 and (one.box & other.box).width() < 0.2 * em


def _distinct(texts: list[Text]) -> list[Text]:
    """Leave out what is drawn once more at the same place."""
    kept: dict[tuple[str, int, int], Text] = {}
    for text in texts:
        kept[text.text, round(text.base.x()), round(text.base.y())] = text
    return list(kept.values())


def _overlap(one: QRectF, other: QRectF) -> bool:
    shared = one & other
    return min(shared.width(), shared.height()) > _TOUCHING_PX


def texts_over_marks(scene: Scene) -> Iterator[str]:
    """Find texts that hide, or are hidden by, the line of a run or a mark."""
    furniture = {scene.look.theme.line, scene.look.theme.muted, scene.look.theme.card}
    strokes = [stroke for stroke in scene.drawn.strokes if stroke.colour not in furniture]
    texts = _distinct(scene.drawn.texts)
    inner = [text.box.adjusted(1.0, 1.0, -1.0, -1.0) for text in texts]
    corners = np.array([(box.left(), box.top(), box.right(), box.bottom()) for box in inner]).reshape(-1, 4)
    for stroke in strokes:
        for i in _crossed(stroke.places(1.0), corners):
            if texts[i].font.strikeOut() and texts[i].colour == stroke.colour:
                continue  # of a run that has diverged, the name is struck out
            yield f"{texts[i].text!r} and a line of {stroke.colour}"
    most = 2.0 * scene.look.metrics.tick
    marks = [shape for shape in scene.drawn.shapes if 4.0 < max(shape.box.width(), shape.box.height()) < most]
    for text, mark in product(texts, marks):
        if (mark.colour or mark.rim) and _overlap(text.box, mark.box):
            is_chip = mark.box.contains(text.box)  # the text is written on it
            if not is_chip:
                yield f"{text.text!r} and a mark of {mark.colour} at {mark.box.center().toTuple()}"


def _crossed(places: npt.NDArray[np.float64], corners: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """Return which boxes, of two corners each, any of some places are in."""
    low, high = (places.min(axis=0), places.max(axis=0)) if len(places) else (np.full(2, np.inf), np.full(2, -np.inf))
    near = np.flatnonzero((corners[:, :2] <= high).all(axis=1) & (corners[:, 2:] >= low).all(axis=1))
    boxes = corners[near, None]
    inside = (places >= boxes[..., :2]) & (places <= boxes[..., 2:])
    return near[np.any(np.all(inside, axis=2), axis=1)]


CHECKS: Mapping[str, Callable[[Scene], Iterator[str]]] = {
    check.__name__: check
    for check in (faint_texts, faint_lines, small_texts, cut_texts, texts_over_texts, texts_over_marks)
}


def _main(what: str, theme: str = "light", language: str = "en", size: str = "1920x1080") -> None:
    width, height = map(int, size.split("x"))
    with lesson_of(read(Path(what)) if Path(what).exists() else what) as board:
        scene = board.scene(theme, language, (width, height))
        for name, check in CHECKS.items():
            for fault in sorted(set(check(scene))):
                print(f"{name}: {fault}")


if __name__ == "__main__":
    _main(*sys.argv[1:])

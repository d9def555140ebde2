"""What a widget draws, as Qt is told to draw it: texts, lines and marks with their colours and places."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QPaintDevice,
    QPaintEngine,
    QPaintEngineState,
    QPainter,
    QPainterPath,
    QPolygonF,
    QTextItem,
    QTransform,
)
from PySide6.QtWidgets import QWidget

Points = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Text:
    """A piece of text in one font; `box` is around its ink, in pixels of the widget."""

    text: str
    box: QRectF
    font: QFont
    colour: str
    base: QPointF
    """Where its first letter stands on the line."""
    upright: bool
    """Whether it is neither turned nor scaled."""

    @property
    def capitals(self) -> float:
        """The height of capitals in its font, in pixels."""
        return QFontMetricsF(self.font).capHeight()


@dataclass(frozen=True)
class Stroke:
    """A line through points (n, 2), which may be one of many separate ones drawn at once."""

    points: Points
    colour: str
    width: float
    separate: bool
    """Whether each two points are a line of their own."""
    clip: QRectF
    """Where of it may be seen."""

    @property
    def segments(self) -> Points:
        """Its straight parts (n, [x0, y0, x1, y1])."""
        if self.separate:
            return self.points.reshape(-1, 4)
        return np.concatenate([self.points[:-1], self.points[1:]], axis=1)

    def places(self, spacing: float) -> Points:
        """Return points (n, 2) on it where it may be seen, at most `spacing` pixels apart."""
        starts, ends = self.segments[:, :2], self.segments[:, 2:]
        low, high = np.minimum(starts, ends), np.maximum(starts, ends)
        near = ((high >= self._low) & (low <= self._high)).all(axis=1)
        starts, ends = starts[near], ends[near]
        counts = 1 + (np.hypot(*(ends - starts).T) / spacing).astype(int)
        which = np.repeat(np.arange(len(starts)), counts)
        shares = (np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts) + 0.5) / counts[which]
        found = starts[which] + shares[:, None] * (ends - starts)[which]
        return np.asarray(found[((found >= self._low) & (found <= self._high)).all(axis=1)])

    @property
    def _low(self) -> Points:
        return np.array([self.clip.left(), self.clip.top()])

    @property
    def _high(self) -> Points:
        return np.array([self.clip.right(), self.clip.bottom()])


@dataclass(frozen=True)
class Shape:
    """A filled region."""

    box: QRectF
    colour: str
    rim: str


@dataclass
class Drawn:
    """All that a widget of some size has drawn, in the order of drawing."""

    size: QSize
    texts: list[Text] = field(default_factory=list)
    strokes: list[Stroke] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)


class _Engine(QPaintEngine):
    """Notes what it is told to draw."""

    def __init__(self, drawn: Drawn) -> None:
        super().__init__(QPaintEngine.PaintEngineFeature.AllFeatures)
        self._drawn = drawn

    def begin(self, device: QPaintDevice) -> bool:
        return True

    def end(self) -> bool:
        return True

    def type(self) -> QPaintEngine.Type:
        return QPaintEngine.Type.User

    def updateState(self, state: QPaintEngineState) -> None:
        """The painter is asked at each item."""

    def drawPixmap(self, *_: Any) -> None:
        """Pictures are not looked into."""

    def drawImage(self, *_: Any) -> None:
        """Pictures are not looked into."""

    def drawTextItem(self, at: Any, item: QTextItem) -> None:
        to_device = self._to_device
        text_font = QFont(item.font())
        ink = QFontMetricsF(text_font).tightBoundingRect(item.text()).translated(at)
        if item.text().strip():
            self._drawn.texts.append(
                Text(
                    item.text(),
                    to_device.mapRect(ink),
                    text_font,
                    self.painter().pen().color().name(),
                    to_device.map(at),
                    not to_device.isScaling() and not to_device.isRotating(),
                )
            )

    def drawLines(self, lines: Iterable[Any]) -> None:
        points = [point for line in lines for point in (line.p1(), line.p2())]
        self._stroke(points, separate=True)

    def drawPolygon(self, points: Iterable[Any], mode: QPaintEngine.PolygonDrawMode) -> None:
        if mode == QPaintEngine.PolygonDrawMode.PolylineMode:
            self._stroke(list(points))
        else:
            self._shape(QPolygonF(list(points)).boundingRect())

    def drawRects(self, rects: Iterable[Any]) -> None:
        for rect in rects:
            self._shape(QRectF(rect))

    def drawEllipse(self, rect: Any) -> None:
        self._shape(QRectF(rect))

    def drawPoints(self, points: Iterable[Any]) -> None:
        half = self.painter().pen().widthF() / 2.0
        for point in points:
            box = QRectF(point.x() - half, point.y() - half, 2 * half, 2 * half)
            self._note_shape(box, self.painter().pen().color().name(), "")

    def drawPath(self, path: QPainterPath) -> None:
        if self.painter().brush().style() != Qt.BrushStyle.NoBrush:
            self._shape(path.boundingRect())
            return
        for line in path.toSubpathPolygons():
            self._stroke(line.toList())

    @property
    def _to_device(self) -> QTransform:
        return self.painter().deviceTransform()

    @property
    def _clip(self) -> QRectF:
        whole = QRectF(self.systemClip().boundingRect())
        if whole.isEmpty():
            whole = QRectF(0.0, 0.0, self._drawn.size.width(), self._drawn.size.height())
        if not self.painter().hasClipping():
            return whole
        return whole & self._to_device.mapRect(self.painter().clipBoundingRect())

    def _stroke(self, points: Sequence[QPointF], separate: bool = False) -> None:
        pen, to_device = self.painter().pen(), self._to_device
        if pen.style() == Qt.PenStyle.NoPen or pen.color().alpha() == 0 or len(points) < 2:
            return
        scale = 1.0 if pen.isCosmetic() else abs(to_device.determinant()) ** 0.5
        mapped = np.array([(to_device.map(QPointF(p)).x(), to_device.map(QPointF(p)).y()) for p in points])
        width = max(1.0, pen.widthF() * scale)
        self._drawn.strokes.append(Stroke(mapped, pen.color().name(), width, separate, self._clip))

    def _shape(self, box: QRectF) -> None:
        pen, brush = self.painter().pen(), self.painter().brush()
        rim = pen.color().name() if pen.style() != Qt.PenStyle.NoPen and pen.color().alpha() else ""
        filled = brush.style() != Qt.BrushStyle.NoBrush and brush.color().alpha() > 0
        self._note_shape(box, brush.color().name() if filled else "", rim)

    def _note_shape(self, box: QRectF, colour: str, rim: str) -> None:
        self._drawn.shapes.append(Shape(self._to_device.mapRect(box), colour, rim))


class _Device(QPaintDevice):
    """As large as a widget."""

    def __init__(self, size: QSize) -> None:
        super().__init__()
        self.drawn = Drawn(size)
        self._engine = _Engine(self.drawn)

    def paintEngine(self) -> QPaintEngine:
        return self._engine

    def metric(self, which: QPaintDevice.PaintDeviceMetric) -> int:
        metric = QPaintDevice.PaintDeviceMetric
        size = self.drawn.size
        known = {
            metric.PdmWidth: size.width(),
            metric.PdmHeight: size.height(),
            metric.PdmDepth: 32,
            metric.PdmNumColors: 1 << 24,
            metric.PdmDevicePixelRatio: 1,
            metric.PdmDevicePixelRatioScaled: int(self.devicePixelRatioFScale()),
        }
        return known.get(which, 96)


def recorded(widget: QWidget) -> Drawn:
    """Return what a widget draws."""
    device = _Device(widget.size())
    painter = QPainter(device)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    QWidget.render(widget, painter, QPoint())
    painter.end()
    return device.drawn


def ink_of(text: Text, room: QRect) -> npt.NDArray[np.bool_]:
    """Return which pixels (height, width) of a part of the picture a text covers, give or take one."""
    image = QImage(room.size(), QImage.Format.Format_Grayscale8)
    image.fill(QColor("#000000"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    painter.setFont(text.font)
    painter.setPen(QColor("#ffffff"))
    painter.drawText(text.base - QPointF(room.topLeft()), text.text)
    painter.end()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return np.asarray(rows[:, : image.width()] > 24)

"""Stairs on a log scale: the level of each layer, and the factors that lead from one level to the next."""

from __future__ import annotations

from math import ceil, floor, inf, isfinite, log10, nan
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QSizePolicy

from gradsim.sim.kinds.train.chain import Chain
from gradsim.sim.run.tape import Values
from gradsim.ui.exponents import draw_in, width_of
from gradsim.ui.keys import MOVES
from gradsim.ui.plots import corner_note
from gradsim.ui.plots.devices import painting_on
from gradsim.ui.plots.kept import KeptGround
from gradsim.ui.plots.steered import Steered
from gradsim.ui.theme import Look, font, mixed
from gradsim.words.numbers import factor_text, figure, power

_LEVEL, _FACTOR = 0.46, 0.2
"""Widths of a level's mark and of a factor's bar, in widths of a layer's column."""

_VISIBLE = 0.15
"""A step of fewer decades than this is hardly seen."""
_NUMBER = 1.3
"""Height of a number beside a level, in heights of its type."""

_BESIDE = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_ROUND = (1, 2, 5, 10, 20, 50)


def grey(look: Look) -> QColor:
    """Return the colour of what is not a run's own: the factors of the weights."""
    return mixed(look.theme.muted, look.theme.card, 0.4)


class _Places(NamedTuple):
    """The rectangle of the stairs, and the factors as texts, none where they have no room beside each other."""

    room: QRectF
    rows: list[tuple[str, str]]


class Stairs(Steered):
    """The way back through one network: read from what the loss gives, at the right, down to the first layer.

    Parameters
    ----------
    look, run
        Colours and sizes; the run, whose colour the factors of f' have.
    """

    hovered = Signal(object)
    """The layer under the pointer, or None when it has left."""
    chosen = Signal(int)
    """A layer was chosen by a click or a key, or none, -1."""
    own_keys = MOVES

    def __init__(self, look: Look, run: int) -> None:
        super().__init__()
        self.look, self.run = look, run
        self._chain: Chain | None = None
        self._range = (-8, 0)
        self._chosen = -1
        self._error_name, self._note = "", ("", "")
        self._grey, self._colour = grey(look), QColor(look.run_colour(run))
        self._places = _Places(QRectF(), [])
        self._ground = KeptGround(self, look.theme.card, self._draw_ground)
        self._numbers: list[QRectF] = []
        """Where the norms at the ends are written."""
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 120)

    def show_chain(self, chain: Chain, decades: tuple[int, int], chosen: int) -> None:
        """Show this way back between two powers of ten, with a frame around a layer unless it is -1."""
        self._chain, self._range, self._chosen = chain, decades, chosen
        self._places = self._placed()
        self.update()

    def explain(self, error_name: str, note: tuple[str, str]) -> None:
        """Name what the loss gives, and say in a corner why the stairs are as they are: in a head, and the rest."""
        self._error_name, self._note = error_name, note
        self.update()

    def choose(self, layer: int) -> None:
        """Mark a layer, none if it is -1."""
        self._chosen = layer
        self.update()

    # Places

    @property
    def _projected(self) -> bool:
        return self.look.theme.name == "projector"

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._places = self._placed()

    def _placed(self) -> _Places:
        rows, tick = self._fitting_rows(), self.look.metrics.tick
        tick_font = font(tick)
        heads = (self.look.tr("weights"), "f′") if rows else ()
        labels = [power(value) for value in (*self._range, -10)]
        left = max(width_of(self.look, tick_font, text) for text in (*labels, *heads)) + self.look.metrics.gap
        below = 1.9 + (1.45 * 2 if rows else 0.0)
        top, bottom = 2.0 * tick, self.height() - below * tick
        return _Places(QRectF(left, top, self.width() - left - 2, max(1.0, bottom - top)), rows)

    def _fitting_rows(self) -> list[tuple[str, str]]:
        """Return the factors as texts where there is room for them beside each other."""
        if self._chain is None or self._projected or not len(self._chain.weights):
            return []
        texts = [
            (factor_text(w), factor_text(f)) for w, f in zip(self._chain.weights, self._chain.slopes, strict=True)
        ]
        tick_font = font(self.look.metrics.tick)
        widest = max(width_of(self.look, tick_font, text) for pair in texts for text in pair)
        column = 0.86 * self.width() / (len(texts) + 2)
        return texts if widest + 0.4 * self.look.metrics.tick <= column else []

    def _left_px(self) -> float:
        return self._places.room.left()

    def _room(self) -> QRectF:
        """Return the rectangle of the stairs, between the key above and the layers below."""
        return self._places.room

    def _row_texts(self) -> list[tuple[str, str]]:
        return self._places.rows

    @property
    def _columns(self) -> int:
        """One for each layer, and at the right that of what the loss gives."""
        assert self._chain is not None
        return len(self._chain.norms) + 1

    def _x(self, layer: float) -> float:
        """Return the middle of a layer's column; halves lie between two layers."""
        room = self._room()
        return room.left() + room.width() * (layer + 0.5) / self._columns

    def _y(self, logs: float) -> float:
        low, high = self._range
        room = self._room()
        # Above the highest level and below the lowest there is room for a number.
        top, bottom = room.top() + _NUMBER * self.look.metrics.tick, room.bottom() - _NUMBER * self.look.metrics.tick
        return bottom - max(1.0, bottom - top) * (min(max(float(logs), low), high) - low) / (high - low)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting_on(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            columns = self._columns if self._chain else 0
            self._ground.draw(painter, (self._room().getRect(), self._range, columns, self._error_name))
            if self._chain is not None:
                painter.setFont(font(self.look.metrics.tick))
                self._draw_stairs(painter)
                self._draw_rows(painter)
                self._numbers = []
                self._draw_ends(painter)
                self._draw_note(painter)
                if self._chosen < 0:
                    self.draw_focus(painter)

    def _draw_ground(self, painter: QPainter) -> None:
        """Draw what stays while the range does: the grid, the key, and the names of the layers."""
        if self._chain is not None:
            painter.setFont(font(self.look.metrics.tick))
            self._draw_grid(painter)
            self._draw_key(painter)
            self._draw_layers(painter)

    def _draw_grid(self, painter: QPainter) -> None:
        room, tick = self._room(), self.look.metrics.tick
        low, high = self._range
        spacing = (3.0 if self._projected else 2.0) * tick
        every = next((n for n in _ROUND if n * room.height() / (high - low) >= spacing), high - low)
        for decade in range(ceil(low / every) * every, high + 1, every):
            y = self._y(decade)
            painter.setPen(QPen(QColor(self.look.theme.line), self.look.metrics.hair))
            painter.drawLine(QPointF(room.left(), y), QPointF(room.right(), y))
            painter.setPen(QColor(self.look.theme.muted))
            rect = QRectF(0, y - tick - 0.1 * tick, room.left() - 0.5 * tick, 2 * tick)
            draw_in(
                painter, self.look, rect, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, power(decade)
            )

    def _draw_key(self, painter: QPainter) -> None:
        """Say what the bars are, and which way to read, above the stairs."""
        tick, room = self.look.metrics.tick, self._room()
        x, middle = room.left(), 0.85 * tick
        key = self._key(room.width())
        x = max(0.0, min(x, room.right() - self._key_px(key)))
        for text, fill in key:
            if fill is not None:
                side = 0.8 * tick
                self._fill(painter, QRectF(x, middle - side / 2, side, side), fill)
                x += 1.2 * tick
            painter.setPen(QColor(self.look.theme.muted if fill is None else self.look.theme.ink))
            width = width_of(self.look, painter.font(), text)
            draw_in(painter, self.look, QRectF(x, 0, width, 1.7 * tick), Qt.AlignmentFlag.AlignLeft, text)
            x += width + 0.7 * tick
        self._draw_way(painter, x, middle)

    def _key(self, room: float) -> list[tuple[str, QColor | None]]:
        """Return the key's texts with the colours that they explain: the longest that have room."""
        tr = self.look.tr
        weights, slopes = self._grey, self._colour
        named: list[tuple[str, QColor | None]] = [(tr("the weights"), weights), (tr("then f′"), slopes)]
        brief: list[tuple[str, QColor | None]] = [(tr("weights"), weights), ("f′", slopes)]
        keys = ([(tr("one layer back: times"), None), *named], named, brief)
        for key in keys:
            if self._key_px(key) <= room:
                break
        return key

    def _key_px(self, key: list[tuple[str, QColor | None]]) -> float:
        tick = self.look.metrics.tick
        widths = (width_of(self.look, font(tick), text) + (1.9 if fill else 0.7) * tick for text, fill in key)
        return sum(widths) - 0.7 * tick

    def _draw_way(self, painter: QPainter, free: float, middle: float) -> None:
        """Draw an arrow from the output back, if there is room for it right of `free`."""
        tick, right = self.look.metrics.tick, self._room().right()
        text = self.look.tr("backward")
        width = width_of(self.look, painter.font(), text)
        if right - width - 5.0 * tick < free:
            return
        painter.setPen(QColor(self.look.theme.muted))
        rect = QRectF(right - width, 0, width, 1.7 * tick)
        draw_in(painter, self.look, rect, Qt.AlignmentFlag.AlignLeft, text)
        tip, tail = QPointF(right - width - 4.0 * tick, middle), QPointF(right - width - 0.6 * tick, middle)
        painter.setPen(QPen(QColor(self.look.theme.muted), max(1.0, 0.09 * tick)))
        painter.drawLine(tip, tail)
        painter.setBrush(QColor(self.look.theme.muted))
        wing = 0.32 * tick
        painter.drawPolygon(QPolygonF([tip, tip + QPointF(2 * wing, wing), tip + QPointF(2 * wing, -wing)]))

    def _draw_stairs(self, painter: QPainter) -> None:
        assert self._chain is not None
        logs = _logs(self._chain.norms)
        column = self._room().width() / self._columns
        if self._chosen >= 0:
            frame = QRectF(self._x(self._chosen) - column / 2, self._room().top(), column, self._room().height())
            painter.fillRect(frame, mixed(self.look.theme.accent, self.look.theme.card, 0.12))
        weights = _logs(self._chain.weights)
        for layer in reversed(range(len(logs) - 1)):
            self._draw_step_back(painter, layer, logs, weights[layer], column)
        self._draw_output(painter, logs[-1], column)
        thick = max(3.0, 0.3 * self.look.metrics.tick) if column > 12 else max(2.0, 0.8 * self.look.metrics.line)
        shown = not self._chain.cancels or self._error_is_named
        for layer, level in enumerate([*logs, self._error_log] if shown else logs):
            if isfinite(level):
                x, y = self._x(layer), self._y(level)
                rect = QRectF(x - _LEVEL * column / 2, y - thick / 2, max(2.0, _LEVEL * column), thick)
                painter.fillRect(rect, QColor(self.look.theme.ink))

    def _draw_step_back(self, painter: QPainter, layer: int, logs: Values, weights: float, column: float) -> None:
        """Draw the two factors that lead from the layer above down to `layer`."""
        above, between, here = logs[layer + 1], logs[layer + 1] + weights, logs[layer]
        middle = self._x(layer + 0.5)
        if isfinite(between):
            self._factor(painter, middle, column, above, between, self._grey)
            if isfinite(here):
                self._factor(painter, middle - _FACTOR * column, column, between, here, self._colour)

    @property
    def _error_log(self) -> float:
        """The level of what the loss gives."""
        assert self._chain is not None
        return log10(self._chain.error) if 0.0 < self._chain.error < inf else nan

    def _draw_output(self, painter: QPainter, here: float, column: float) -> None:
        """Draw the factor of the output's f', which leads from what the loss gives down to the output."""
        assert self._chain is not None
        above = self._error_log
        if isfinite(above) and isfinite(here) and not self._chain.cancels:
            left = self._x(len(self._chain.norms) - 0.5) - _FACTOR / 2 * column
            self._factor(painter, left, column, above, here, self._colour)

    def _factor(self, painter: QPainter, left: float, column: float, start: float, stop: float, fill: QColor) -> None:
        top, bottom = sorted((self._y(start), self._y(stop)))
        least = self.look.metrics.hair
        self._fill(painter, QRectF(left, top, max(2.0, _FACTOR * column), max(least, bottom - top)), fill)

    def _fill(self, painter: QPainter, rect: QRectF, fill: QColor) -> None:
        """Fill a bar; that of the weights has an edge, for grey alone is faint."""
        painter.setBrush(fill)
        edge = QPen(QColor(self.look.theme.muted), self.look.metrics.hair)
        painter.setPen(edge if fill == self._grey and rect.width() > 4 else QPen(Qt.PenStyle.NoPen))
        painter.drawRect(rect)

    def _draw_layers(self, painter: QPainter) -> None:
        assert self._chain is not None
        last, tick, top = len(self._chain.norms) - 1, self.look.metrics.tick, self._room().bottom()
        painter.setPen(QColor(self.look.theme.muted))
        head = self.look.tr("layer")
        draw_in(
            painter, self.look, QRectF(0, top + 0.4 * tick, self._room().left() - 0.5 * tick, 1.5 * tick),
            Qt.AlignmentFlag.AlignRight, head,
        )  # fmt: skip
        column = self._room().width() / self._columns
        width = width_of(self.look, painter.font(), str(max(1, last))) + 0.6 * tick
        every = next((n for n in _ROUND if n * column >= width), last or 1)
        out = self.look.tr("out")
        named, out_px = self._error_is_named, width_of(self.look, painter.font(), out)
        middle_of_out = self._x(last) if named else min(self._x(last), self.width() - 2 - out_px / 2)
        free = middle_of_out - out_px / 2 - 0.4 * tick
        shown = [layer for layer in range(last) if layer % every == 0 or every == 1]
        places = [(layer, str(layer + 1)) for layer in shown if self._x(layer) + width / 2 < free]
        for layer, text in [*places, (last, out), *([(last + 1, self._error_name)] if named else [])]:
            half = width_of(self.look, painter.font(), text) / 2
            middle = min(self._x(layer), self.width() - 2 - half)
            rect = QRectF(middle - half, top + 0.4 * tick, 2 * half, 1.5 * tick)
            draw_in(painter, self.look, rect, Qt.AlignmentFlag.AlignHCenter, text)

    @property
    def _error_is_named(self) -> bool:
        """Whether there is room below its column for the name of what the loss gives."""
        texts = (self.look.tr("out"), self._error_name)
        out_px, error_px = (width_of(self.look, font(self.look.metrics.tick), text) for text in texts)
        return out_px / 2 + error_px / 2 + 0.4 * self.look.metrics.tick <= self._room().width() / self._columns

    def _draw_rows(self, painter: QPainter) -> None:
        """Write the factors below the steps that they make."""
        texts = self._row_texts()
        tick, top = self.look.metrics.tick, self._room().bottom() + 1.9 * self.look.metrics.tick
        colours = (self.look.theme.ink, self.look.run_colour(self.run))
        for row, (head, colour) in enumerate(zip((self.look.tr("weights"), "f′"), colours, strict=True)):
            if not texts:
                return
            painter.setPen(QColor(colour))
            painter.setFont(font(tick, QFont.Weight.DemiBold if row else QFont.Weight.Normal))
            y = top + 1.45 * tick * row
            rect = QRectF(0, y, self._room().left() - 0.5 * tick, 1.4 * tick)
            draw_in(painter, self.look, rect, Qt.AlignmentFlag.AlignRight, head)
            for layer, pair in enumerate(texts):
                rect = QRectF(self._x(layer + 0.5) - 3 * tick, y, 6 * tick, 1.4 * tick)
                draw_in(painter, self.look, rect, Qt.AlignmentFlag.AlignHCenter, pair[row])
            if row:
                self._draw_output_text(painter, y)

    def _draw_output_text(self, painter: QPainter, y: float) -> None:
        """Write the factor of the output's f' below its step, or that it has cancelled."""
        assert self._chain is not None
        tick, last = self.look.metrics.tick, len(self._chain.norms) - 1
        text = self.look.tr("cancels") if self._chain.cancels else factor_text(self._chain.output)
        width = width_of(self.look, painter.font(), text)
        left = min(self._x(last + 0.5) - width / 2, self.width() - width)
        beside = self._x(last - 0.5) + width_of(self.look, painter.font(), self._row_texts()[-1][1]) / 2
        if left >= beside + 0.3 * tick:
            draw_in(painter, self.look, QRectF(left, y, width, 1.4 * tick), Qt.AlignmentFlag.AlignLeft, text)

    def _draw_ends(self, painter: QPainter) -> None:
        """Write the norms of the first layer, the output and what the loss gives, where no step leads away."""
        assert self._chain is not None
        logs = _logs(self._chain.norms)
        last, rises = len(logs) - 1, self._error_log - logs[-1] > _VISIBLE
        painter.setPen(QColor(self.look.theme.ink))
        painter.setFont(font(self.look.metrics.tick, QFont.Weight.DemiBold))
        if rises:  # then the output's is below its step, the first layer's on the side away from the second
            self._draw_end(painter, last + 1, self._chain.error, self._error_log, below=False)
            level = logs[-1] if isfinite(logs[-1]) else float(self._range[0])
            start = self._x(last) - _LEVEL / 2 * self._room().width() / self._columns
            value = float(self._chain.norms[-1])
            if start + width_of(self.look, painter.font(), self._norm_text(value)) <= self._room().right():
                self._draw_end(painter, last, value, level, below=True, left=start)
        for layer, other in {0: min(1, last), last: max(0, last - 1)}.items():
            if not (rises and layer == last):
                level = logs[layer] if isfinite(logs[layer]) else float(self._range[0])
                below = isfinite(logs[other]) and logs[other] > level
                self._draw_end(painter, layer, float(self._chain.norms[layer]), level, bool(below))

    def _draw_end(
        self, painter: QPainter, layer: int, value: float, level: float, below: bool, left: float = -inf
    ) -> None:
        """Write a norm above its level or below it, in the middle of its column or beginning at `left`."""
        tick, room = self.look.metrics.tick, self._room()
        text = self._norm_text(value)
        if layer == self._columns - 1 and not self._error_is_named:
            text = f"{self._error_name}: {text}"
        width = width_of(self.look, painter.font(), text)
        wanted = left if isfinite(left) else self._x(layer) - width / 2
        x = float(np.clip(wanted, room.left(), room.right() - width))
        y = self._y(level) + 0.1 * tick if below else self._y(level) - 1.6 * tick
        self._numbers.append(QRectF(x, y, width, 1.5 * tick))
        painter.fillRect(QRectF(x - 1.0, y + 0.15 * tick, width + 2.0, 1.2 * tick), QColor(self.look.theme.card))
        draw_in(painter, self.look, QRectF(x, y, width, 1.5 * tick), Qt.AlignmentFlag.AlignLeft, text)

    def _norm_text(self, value: float) -> str:
        assert self._chain is not None
        if value == 0.0:
            return self.look.tr("0 (underflow)") if self._chain.underflows else "0"
        return figure(value) if value > 0.0 else "–"

    # The note in a corner

    def note_place(self) -> QRectF | None:
        """Return where the note is, None where it has no room."""
        note = self._placed_note()
        return None if note is None else note.head.united(note.rest)

    def _placed_note(self) -> corner_note.Note | None:
        if self._projected or not all(self._note):
            return None
        return corner_note.placed(self.look, *self._note, self._room(), self._taken())

    def _draw_note(self, painter: QPainter) -> None:
        note = self._placed_note()
        if note is not None:
            corner_note.draw(painter, self.look, note, *self._note, self.look.text_colour(self.run))

    def _taken(self) -> list[QRectF]:
        """Return what the stairs take of the room, column by column, with the numbers at their ends."""
        assert self._chain is not None
        logs = np.append(_logs(self._chain.norms), self._error_log)
        between = np.append(_logs(self._chain.weights) + logs[1:-1], [nan, nan])
        column, tick, found = self._room().width() / self._columns, self.look.metrics.tick, []
        for at, level in enumerate(logs):
            here = np.array([level, logs[min(at + 1, len(logs) - 1)], between[at]])
            known = here[np.isfinite(here)]
            if len(known):
                top, bottom = self._y(float(known.max())), self._y(float(known.min()))
                found.append(
                    QRectF(self._x(at) - column / 2, top - 0.4 * tick, 1.5 * column, bottom - top + 0.8 * tick)
                )
        return [*found, *self._numbers]

    # The mouse

    def _layer_at(self, x: float) -> int:
        """Return the layer at a place, -1 for none; what the loss gives belongs to the output."""
        if self._chain is None:
            return -1
        room = self._room()
        at = floor((x - room.left()) / room.width() * self._columns)
        return min(at, self._columns - 2) if 0 <= at < self._columns else -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        layer = self._layer_at(event.position().x())
        self.hovered.emit(layer if layer >= 0 else None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        layer = self._layer_at(event.position().x())
        if layer >= 0:
            self.setFocus(Qt.FocusReason.MouseFocusReason)  # Escape closes what it opens
            self._ask(-1 if layer == self._chosen else layer)

    def _ask(self, layer: int) -> None:
        if layer < 0:
            self.clearFocus()
        self.chosen.emit(layer)

    def leaveEvent(self, event: object) -> None:
        self.hovered.emit(None)

    # The keys

    def nudge(self, across: int, up: int) -> None:
        if self._chain is None or not across:
            return
        last = len(self._chain.norms) - 1
        start = self._chosen if self._chosen >= 0 else last + 1 if across < 0 else -1
        self.chosen.emit(min(max(start + across, 0), last))

    def zoom_by(self, notches: float) -> None:
        """There is nothing to zoom into."""

    def show_whole(self) -> None:
        self.chosen.emit(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._chosen >= 0:
            self.chosen.emit(-1)
        super().keyPressEvent(event)


def decades_of(chains: list[Chain]) -> tuple[int, int]:
    """Return the powers of ten between which all levels of these lie, and what is between two levels."""
    levels = [
        np.concatenate([_logs(c.norms), _logs(c.norms)[1:] + _logs(c.weights), _logs(np.array([c.error]))])
        for c in chains
    ]
    known = np.concatenate([np.empty(0), *levels])
    known = known[np.isfinite(known)]
    if not len(known):
        return -8, 0
    low, high = floor(known.min() - 0.25), ceil(known.max() + 0.25)
    return (low, high) if high - low >= 3 else (high - 3, high)


def _logs(values: Values) -> Values:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log10(values))

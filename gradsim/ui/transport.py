"""The top bar: title, play and step buttons, timeline, step, speed, undo and redo."""

from __future__ import annotations

from math import inf

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractSlider,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSlider,
    QStyle,
    QStyleOptionSlider,
    QWidget,
)

from gradsim.sim.documents.document import Document
from gradsim.ui.controller import SPEEDS, Controller
from gradsim.ui.count_label import CountLabel
from gradsim.ui.label import ElidedLabel, tip
from gradsim.ui.plots.devices import painting_on
from gradsim.ui.theme import Look, icon, mixed

TITLE_EM = 20
"""Width at most of the title, in heights of its letters."""
NARROW_EM, WIDE_EM = 56, 85
"""From these widths on, in heights of letters, there is a button for the notes, and it has a text."""
COMPACT_EM = 72
"""Below this width, parts stand closer, the title is less large, and of the step there are only the numbers."""
_HEADING, _COMPACT_HEADING = 1.3, 1.1
"""How large a title is, in sizes of the other letters."""
LEAST_PX, PROJECTOR_SHARE, BAR_SHARE = 16, 0.5, 0.57
PALE, EDGE = 0.3, 0.4
"""How much of the ink is in a button that does nothing now, and in the edge of one that does."""


def furniture_px(look: Look) -> int:
    """Return the size of text around the pictures: in the projector theme these need the room more."""
    return _share_of_body(look, PROJECTOR_SHARE)


def bar_px(look: Look) -> int:
    """Return the size of text in the two rows above the pictures, where a class is to see what is chosen."""
    return _share_of_body(look, BAR_SHARE)


def _share_of_body(look: Look, share: float) -> int:
    body = look.metrics.body
    return max(LEAST_PX, round(share * body)) if look.theme.name == "projector" else body


class Timeline(QSlider):
    """All steps of a run; what is trained already is tinted, a click goes straight there."""

    def __init__(self, look: Look) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._trained = 0
        self._shown: tuple[int, int, int] | None = None
        """What was painted last: where the handle is, and from where to where it is tinted."""
        self._card = QColor(look.theme.card)
        self._tint = mixed(look.theme.accent, look.theme.card, 0.4)
        self.setAccessibleName(look.tr("Timeline"))
        self.setMinimumWidth(5 * bar_px(look))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def show_trained(self, step: int) -> None:
        """Tint the part up to `step`."""
        if step != self._trained:
            self._trained = step
            self._follow()

    def sliderChange(self, change: QAbstractSlider.SliderChange) -> None:
        """Paint another step only where it is at another pixel: of a long run many are at one."""
        if change == QAbstractSlider.SliderChange.SliderValueChange:
            self._follow()
        else:
            super().sliderChange(change)

    def _follow(self) -> None:
        if self._places() != self._shown:
            self.update()

    def _places(self) -> tuple[int, int, int]:
        """Return in pixels where the handle is, and from where to where it is tinted."""
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        slider, part = QStyle.ComplexControl.CC_Slider, QStyle.SubControl.SC_SliderHandle
        at = self.style().subControlRect(slider, option, part, self).left()
        if self.maximum() == 0:
            return at, 0, 0
        handle = self.style().pixelMetric(QStyle.PixelMetric.PM_SliderLength, option, self)
        room = self.width() - handle
        left = handle + room * self.value() // self.maximum()
        right = handle // 2 + room * self._trained // self.maximum()
        return (at, left, right) if right > left else (at, 0, 0)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._go_to(event)
            event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go_to(event)

    def _go_to(self, event: QMouseEvent) -> None:
        handle = self._handle_px()
        value = QStyle.sliderValueFromPosition(
            self.minimum(), self.maximum(), round(event.position().x() - handle / 2), self.width() - handle
        )
        self.setValue(value)

    def _handle_px(self) -> int:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        return self.style().pixelMetric(QStyle.PixelMetric.PM_SliderLength, option, self)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # which a style sheet takes away

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting_on(self) as painter:
            painter.fillRect(self.rect(), self._card)
        super().paintEvent(event)
        self._shown = _, left, right = self._places()
        with painting_on(self) as painter:
            painter.fillRect(left, self.height() // 2 - 1, right - left, 3, self._tint)


class TitleButton(QPushButton):
    """What is open, by number and title; it opens the list of lessons."""

    def __init__(self, document: Document, look: Look) -> None:
        super().__init__()
        px, lesson = bar_px(look), document.lesson
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(round(0.8 * px), 0, round(0.6 * px), 0)
        row.setSpacing(round(0.5 * px))
        if lesson:
            number = QLabel(str(lesson.number))
            number.setProperty("role", "number")
            row.addWidget(number)
        self._look = look
        self._label = ElidedLabel("", most_em=TITLE_EM)
        self._label.setProperty("role", "heading")
        row.addWidget(self._label)
        chevron = QLabel()
        chevron.setPixmap(icon("down", look.theme.ink, px).pixmap(px * 4 // 5))
        row.addWidget(chevron)
        for part in self.findChildren(QLabel):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.show_document(document)

    def show_document(self, document: Document) -> None:
        """Show the title of a document; that of a lesson whose experiment has been changed says so."""
        look, lesson = self._look, document.lesson
        title = lesson.title(look.language) if lesson else look.tr("Experiment")
        if lesson and not document.is_as_in_the_lesson:
            title = look.tr("{title}, changed").format(title=title)
        numbered = f"{lesson.number} · {title}\n{lesson.subtitle(look.language)}".strip() if lesson else title
        self._label.setText(title)
        self._label.setToolTip(tip(numbered))
        self.setToolTip(tip(f"{numbered}\n{look.tr('Course list')} (K)"))
        self.setAccessibleName(f"{title}: {look.tr('Course list')}")

    def sizeHint(self) -> QSize:
        return self._row.sizeHint()

    def minimumSizeHint(self) -> QSize:
        return self._row.minimumSize()


class Transport(QWidget):
    """The bar on top of the pictures, over a controller."""

    course_asked = Signal()
    undo_asked = Signal()
    redo_asked = Signal()
    notes_asked = Signal()
    """The notes are to be shown, or hidden."""

    def __init__(self, controller: Controller, look: Look, document: Document) -> None:
        super().__init__()
        self.setObjectName("bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._controller, self._look = controller, look
        self._px = px = bar_px(look)
        self._side = round(2.9 * px)
        self._is_compact = False
        self.setStyleSheet(_style_sheet(look, _HEADING))
        row = QHBoxLayout(self)
        row.setContentsMargins(round(0.9 * px), round(0.55 * px), round(0.9 * px), round(0.55 * px))
        row.setSpacing(round(0.45 * px))
        between = round(0.8 * px)
        self.title = TitleButton(document, look)
        self.title.setFixedHeight(self._side)
        self.title.clicked.connect(self.course_asked)
        row.addWidget(self.title)
        row.addSpacing(between)
        self._back = self._button(row, "back", "One step back (←)", controller.back)
        self._play = self._button(row, "pause", "Play or pause (Space)", controller.toggle)
        self._play.setProperty("role", "primary")
        self._play.setFixedWidth(round(3.5 * px))
        self._forward = self._button(row, "step", "One step (→)", controller.forward)
        row.addSpacing(between)
        self._timeline = Timeline(look)
        self._timeline.valueChanged.connect(controller.drag)
        self._timeline.setToolTip(tip(look.tr("All steps of the run: click to go to one. Tinted is trained.")))
        row.addWidget(self._timeline, stretch=1)
        self._step = CountLabel(look, px)
        self._step.setToolTip(tip(look.tr("The step shown: how many updates of the parameters came before.")))
        self._steps_measured, self._speed_shown = -1, 0.0
        row.addSpacing(between)
        row.addWidget(self._step)
        row.addSpacing(between)
        self._speed = self._speeds(row)
        row.addSpacing(between)
        self._undo = self._button(row, "undo", "Undo (Ctrl+Z)", self.undo_asked)
        self._redo = self._button(row, "redo", "Redo (Ctrl+Y)", self.redo_asked)
        row.addSpacing(between)
        self._notes = self._button(row, "notes", "Show or hide the notes (N)", self.notes_asked)
        self._notes.hide()  # until it is known how wide this is
        self._notes.setEnabled(document.lesson is not None)
        self._notes.setIcon(icon("notes", self._ink(document.lesson is not None), px))
        self.show_history(False, False)
        controller.played.connect(self.refresh)
        controller.moved.connect(self.refresh)
        self.refresh()

    def _button(self, row: QHBoxLayout, name: str, help_text: str, action: object) -> QPushButton:
        button = QPushButton()
        button.setIcon(icon(name, self._look.theme.ink, self._px))
        button.setIconSize(QSize(round(1.25 * self._px), round(1.25 * self._px)))
        button.setFixedSize(self._side, self._side)
        button.setToolTip(self._look.tr(help_text))
        button.setAccessibleName(self._look.tr(help_text))
        button.clicked.connect(action)
        row.addWidget(button)
        return button

    def _speeds(self, row: QHBoxLayout) -> QComboBox:
        combo = QComboBox()
        combo.setFixedHeight(self._side)
        combo.setToolTip(self._look.tr("Steps a second (+ and −)"))
        combo.setAccessibleName(self._look.tr("Speed"))
        for speed in SPEEDS:
            text = self._look.tr("max") if speed == inf else f"{speed:g} / s"
            combo.addItem(text, speed)
        combo.activated.connect(self._on_speed)
        row.addWidget(combo)
        return combo

    def _on_speed(self, index: int) -> None:
        self._controller.set_speed(self._speed.itemData(index))

    @property
    def play_button(self) -> QPushButton:
        """The button that plays and pauses."""
        return self._play

    @property
    def timeline(self) -> Timeline:
        """All steps of the run."""
        return self._timeline

    def show_history(self, can_undo: bool, can_redo: bool) -> None:
        """Show what can be undone or redone; a button that does nothing now is pale."""
        for button, name, can in ((self._undo, "undo", can_undo), (self._redo, "redo", can_redo)):
            button.setEnabled(can)
            button.setIcon(icon(name, self._ink(can), self._px))

    def _ink(self, can: bool) -> str:
        theme = self._look.theme
        return theme.ink if can else mixed(theme.ink, theme.card, PALE).name()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Have a button for the notes where there is room, and say what it is about where there is more."""
        super().resizeEvent(event)
        self._fit(self.width() < COMPACT_EM * self._px)
        self._notes.setVisible(self.width() >= NARROW_EM * self._px)
        text = self._look.tr("Notes") if self.width() >= WIDE_EM * self._px else ""
        if text != self._notes.text():
            self._notes.setText(text)
            wide = self._notes.fontMetrics().horizontalAdvance(text) + self._px if text else 0
            self._notes.setFixedWidth(self._side + wide)

    def _fit(self, is_compact: bool) -> None:
        """Leave the title more room where there is little."""
        if is_compact == self._is_compact:
            return
        self._is_compact = is_compact
        self.setStyleSheet(_style_sheet(self._look, _COMPACT_HEADING if is_compact else _HEADING))
        row, between = self.layout(), round((0.4 if is_compact else 0.8) * self._px)
        assert row is not None
        for item in filter(None, map(row.itemAt, range(row.count()))):
            space = item.spacerItem()
            if space:
                space.changeSize(between, 0)
        row.invalidate()
        self._steps_measured = -1
        self.refresh()

    def show_notes(self, shown: bool) -> None:
        """Show whether the notes are seen."""
        if self._notes.property("shown") != shown:
            self._notes.setProperty("shown", shown)
            self._notes.style().unpolish(self._notes)
            self._notes.style().polish(self._notes)

    def refresh(self) -> None:
        """Show the controller's step, speed and whether it plays."""
        controller, look = self._controller, self._look
        with QSignalBlocker(self._timeline):
            if self._timeline.maximum() != controller.steps:
                self._timeline.setMaximum(controller.steps)
            self._timeline.setValue(controller.step)
        self._timeline.show_trained(controller.head)
        self._reserve(controller.steps)
        self._step.show_count(*self._count(controller.step))
        name = "pause" if controller.playing else "play"
        if self._play.property("icon_name") != name:
            self._play.setProperty("icon_name", name)
            self._play.setIcon(icon(name, look.theme.on_accent, self._px))
        if controller.speed != self._speed_shown:
            self._speed_shown = controller.speed
            self._speed.setCurrentIndex(self._speed.findData(controller.speed))

    def _count(self, step: int) -> tuple[str, str, str]:
        """Return what stands before the step, the step, and what stands after it."""
        whole = "{n} / {total}" if self._is_compact else self._look.tr("step {n} of {total}")
        before, after = whole.split("{n}")
        total = f"{self._controller.steps:,}"
        return before.format(total=total), f"{step:,}", after.format(total=total)

    def _reserve(self, steps: int) -> None:
        """Keep the width of the largest number of steps, so that the timeline does not move."""
        if steps != self._steps_measured:
            self._steps_measured = steps
            self._step.setFixedWidth(self._step.width_px(*self._count(steps)))


def _style_sheet(look: Look, heading: float) -> str:
    theme, px = look.theme, bar_px(look)
    radius = round(0.55 * px)
    edge, pale = (mixed(theme.ink, theme.card, share).name() for share in (EDGE, PALE / 2))
    groove, handle = max(3, round(0.28 * px)), 2 * round(0.6 * px)
    over = (handle - groove) // 2 + 1
    round_px = (groove + 2 * over) // 2  # Qt leaves the corners square where a radius is more than half the height
    return f"""
    * {{ font-size: {px}px; }}
    QPushButton, QComboBox {{ border: 1px solid {edge}; border-radius: {radius}px; padding: 0; }}
    QPushButton:disabled {{ border: 1px solid {pale}; }}
    QPushButton[shown="true"] {{ border: 2px solid {theme.accent};
        background: {mixed(theme.accent, theme.card, 0.12).name()}; }}
    QComboBox {{ padding: 0 {px // 3}px 0 {px * 2 // 3}px; }}
    QComboBox::drop-down {{ width: {px * 5 // 4}px; }}
    QSlider {{ min-height: {handle + 4}px; }}
    QSlider::groove:horizontal {{ height: {groove}px; border-radius: {groove // 2}px; }}
    QSlider::sub-page:horizontal {{ border-radius: {groove // 2}px; }}
    QSlider::handle:horizontal {{ width: {handle}px; height: {handle}px; border-radius: {round_px}px;
        margin: -{over}px 0; }}
    QLabel[role="heading"] {{ font-size: {round(heading * px)}px; font-weight: 700; color: {theme.ink}; }}
    QLabel[role="number"] {{ font-size: {round(heading * px)}px; font-weight: 600; color: {theme.muted}; }}
    """

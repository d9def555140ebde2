"""The transport: title, play and step buttons, timeline, speed, menu."""

from __future__ import annotations

from math import inf

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QSlider,
    QStyle,
    QStyleOptionSlider,
    QToolButton,
    QWidget,
)

from gradsim.ui.controller import SPEEDS, Controller
from gradsim.ui.keys import is_own
from gradsim.ui.label import ElidedLabel, tip
from gradsim.ui.theme import Look, icon, mixed

TITLE_EM, SUBTITLE_EM = 16, 16
"""Widths at most of title and subtitle, in heights of their letters."""


class Timeline(QSlider):
    """All steps of a run; what is trained already is tinted, a click goes straight there."""

    def __init__(self, look: Look) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._trained = 0
        self._tint = mixed(look.theme.accent, look.theme.card, 0.4)
        self.setAccessibleName(look.tr("Timeline"))
        self.setMinimumWidth(5 * look.metrics.body)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def show_trained(self, step: int) -> None:
        """Tint the part up to `step`."""
        if step != self._trained:
            self._trained = step
            self.update()

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

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.maximum() == 0 or self._trained <= self.value():
            return
        handle = self._handle_px()
        room = self.width() - handle
        left = handle + room * self.value() // self.maximum()
        right = handle // 2 + room * self._trained // self.maximum()
        painter = QPainter(self)
        painter.fillRect(left, self.height() // 2 - 1, max(0, right - left), 3, self._tint)
        painter.end()


class _Speeds(QComboBox):
    """A choice that, reached by Tab, keeps the keys that move within it."""

    def event(self, event: QEvent) -> bool:
        return is_own(event) or super().event(event)


class Transport(QWidget):
    """The bar on top of the window, over a controller."""

    screenshot_asked = Signal()

    def __init__(self, controller: Controller, look: Look, menu: QMenu, title: str, subtitle: str) -> None:
        super().__init__()
        self.setObjectName("bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._controller, self._look = controller, look
        m = look.metrics
        row = QHBoxLayout(self)
        row.setContentsMargins(m.gap, m.gap // 2, m.gap, m.gap // 2)
        row.setSpacing(m.gap // 2)
        self._titles(row, title, subtitle)
        self._reset = self._button(row, "reset", "Back to step 0 (Home)", controller.reset)
        self._back = self._button(row, "back", "One step back (←)", controller.back)
        self._play = self._button(row, "pause", "Play or pause (Space)", controller.toggle)
        self._play.setProperty("role", "primary")
        self._forward = self._button(row, "step", "One step (→)", controller.forward)
        self._timeline = Timeline(look)
        self._timeline.valueChanged.connect(controller.seek)
        self._timeline.setToolTip(tip(look.tr("All steps of the run: click to go to one. Tinted is trained.")))
        row.addWidget(self._timeline, stretch=1)
        self._step = QLabel()
        self._step.setToolTip(tip(look.tr("The step shown: how many updates of the parameters came before.")))
        self._step.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._step)
        self._speed = self._speeds(row)
        self._button(row, "camera", "Picture of what is shown (Ctrl+E)", self.screenshot_asked.emit)
        row.addWidget(self._menu_button(menu))
        controller.played.connect(self.refresh)
        controller.moved.connect(self.refresh)
        self.refresh()

    def _titles(self, row: QHBoxLayout, title: str, subtitle: str) -> None:
        label = ElidedLabel(title, most_em=TITLE_EM)
        label.setProperty("role", "title")
        label.setToolTip(tip(f"{title}\n{subtitle}".strip()))
        row.addWidget(label)
        if subtitle and self._look.theme.name != "projector" and self._look.metrics.body >= 16:
            grey = ElidedLabel(subtitle, most_em=SUBTITLE_EM)
            grey.setProperty("role", "muted")
            grey.setToolTip(tip(subtitle))
            row.addWidget(grey)

    def _button(self, row: QHBoxLayout, name: str, help_text: str, action: object) -> QPushButton:
        button = QPushButton()
        side = self._look.metrics.body
        button.setIcon(icon(name, self._look.theme.ink, side))
        button.setIconSize(QSize(side, side))
        button.setToolTip(self._look.tr(help_text))
        button.setAccessibleName(self._look.tr(help_text))
        button.clicked.connect(action)
        row.addWidget(button)
        return button

    def _speeds(self, row: QHBoxLayout) -> QComboBox:
        combo = _Speeds()
        # A click must not leave the arrows with it: in front of a class they step.
        combo.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        combo.setToolTip(self._look.tr("Steps a second (+ and −)"))
        combo.setAccessibleName(self._look.tr("Speed"))
        for speed in SPEEDS:
            text = self._look.tr("max") if speed == inf else f"{speed:g} / s"
            combo.addItem(text, speed)
        combo.activated.connect(self._on_speed)
        row.addWidget(combo)
        if self._look.theme.name == "projector":
            combo.hide()
        return combo

    def _on_speed(self, index: int) -> None:
        self._controller.set_speed(self._speed.itemData(index))

    def _menu_button(self, menu: QMenu) -> QToolButton:
        button = QToolButton()
        side = self._look.metrics.body
        button.setIcon(icon("menu", self._look.theme.ink, side))
        button.setIconSize(QSize(side, side))
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setToolTip(self._look.tr("Menu (F10)"))
        button.setAccessibleName(self._look.tr("Menu (F10)"))
        self.menu_button = button
        return button

    def refresh(self) -> None:
        """Show the controller's step, speed and whether it plays."""
        controller, look = self._controller, self._look
        with QSignalBlocker(self._timeline):
            self._timeline.setMaximum(controller.steps)
            self._timeline.setValue(controller.step)
        self._timeline.show_trained(controller.head)
        text = look.tr("step {n}").format(n=f"{controller.step:,}")
        self._step.setText(text)
        widest = look.tr("step {n}").format(n=f"{controller.steps:,}")
        self._step.setMinimumWidth(self._step.fontMetrics().horizontalAdvance(widest) + 8)
        name = "pause" if controller.playing else "play"
        if self._play.property("icon_name") != name:
            self._play.setProperty("icon_name", name)
            self._play.setIcon(icon(name, look.theme.on_accent, look.metrics.body))
        self._speed.setCurrentIndex(self._speed.findData(controller.speed))

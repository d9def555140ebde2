"""The menu bar: each menu is filled when it opens, and every action has its key beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QEnterEvent, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QMenuBar, QPushButton, QWidget

from gradsim.ui.keys import BY_ACTION
from gradsim.ui.label import ElidedLabel, tip
from gradsim.ui.theme import Look, font
from gradsim.ui.transport import bar_px

MENUS: Mapping[str, tuple[str, ...]] = {
    "Lesson": (
        "show_course",
        "next_lesson",
        "previous_lesson",
        "",
        "toggle_notes",
        "toggle_lecturer_notes",
        "",
        "predict",
        "toggle_asking_first",
        "show_predictions",
    ),
    "View": (
        "view_all",
        "*",
        "next_over",
        "next_probe",
        "reveal_next",
        "reveal_previous",
        "swap_maps",
        "",
        "toggle_projector",
        "toggle_dark",
        "rehearse",
        "toggle_panel",
        "toggle_fullscreen",
        "toggle_stage",
        "next_language",
    ),
    "Runs": (
        "toggle",
        "forward",
        "back",
        "reset",
        "faster",
        "slower",
        "",
        "undo",
        "redo",
        "",
        "change_from_here",
        "fork",
        "",
        "paint",
    ),
    "File": (
        "new_experiment",
        "open_dialog",
        "paste_table",
        "show_table",
        "save",
        "save_dialog",
        "picture_dialog",
        "copy_picture",
        "film_dialog",
        "data_dialog",
        "*",
        "close",
    ),
    "Help": ("show_first_steps", "", "show_activations", "show_keys"),
}
"""The menus with their actions, "" for a line between them, "*" for what else there is to choose."""
MNEMONICS = {"Lesson": "&Lesson", "View": "&View", "Runs": "&Runs", "File": "&File", "Help": "&Help"}
HINTS = {"toggle_projector": "projector", "toggle_fullscreen": "full screen", "show_keys": "all keys"}
"""What is at the right of the bar, by its action."""

REVEALED_MS, TOLD_MS = 2500, 6000
"""How long the bar stays over a full screen when nobody uses it, and how long a line stays in it."""


class Entry(NamedTuple):
    """An action in a menu: what it is called where that is not its usual name, whether it is possible now, and on."""

    text: str = ""
    possible: bool = True
    checked: bool | None = None
    """Whether what it switches is on; None for what is no switch."""


class Choices(NamedTuple):
    """Choices of one kind, in a menu of their own or, without a title, directly in a menu."""

    title: str
    items: Sequence[Item]


class Item(NamedTuple):
    """A choice in a menu."""

    text: str
    choose: Callable[[], object]
    checked: bool | None = None
    """Whether it is what is chosen now; None for what is no state."""
    key: str = ""
    note: str = ""
    possible: bool = True


class Menus(QMenuBar):
    """The menus of a window.

    Parameters
    ----------
    window
        Its methods are the actions.
    entry
        Returns how an action is shown now.
    choices
        Returns what a menu offers besides its actions, by the name of the menu.
    """

    def __init__(
        self,
        window: QWidget,
        entry: Callable[[str], Entry],
        choices: Callable[[str], Sequence[Choices]],
    ) -> None:
        super().__init__(window)
        self._window, self._entry, self._choices = window, entry, choices
        self._look: Look | None = None
        self._menus = {name: self.addMenu(name) for name in MENUS}
        for name, menu in self._menus.items():
            menu.setToolTipsVisible(True)
            menu.aboutToShow.connect(lambda name=name: self.fill(name))
        self._below: dict[str, list[QMenu]] = {}
        """The menus below each: Python has to hold them, or they are gone."""
        self._corner: _Corner | None = None
        self._titles_px = 0
        """How wide all titles of menus are."""
        self._forget = QTimer(self)
        self._forget.setSingleShot(True)
        self._forget.timeout.connect(self._on_forgotten)
        self._floats = False
        self._edge = _Edge(window, self.reveal)
        self._hiding = QTimer(self)
        self._hiding.setInterval(REVEALED_MS)
        self._hiding.timeout.connect(self._on_unused)

    def show_look(self, look: Look) -> None:
        """Show the bar in a look's colours, sizes and language."""
        self._look = look
        theme, px = look.theme, bar_px(look)
        titles = [look.tr(text) for text in MNEMONICS.values()]
        metrics, high, side = QFontMetrics(font(px)), round(2.22 * px), round(0.65 * px)
        tallest = max(metrics.size(0, title).height() for title in titles)  # Chinese is taller than English
        self._titles_px = sum(metrics.horizontalAdvance(title) + 2 * side + 2 for title in titles) + 2 * px
        self.setStyleSheet(
            f"QMenuBar {{ background: {theme.card}; color: {theme.ink}; font-size: {px}px;"
            f" border-bottom: 1px solid {theme.line}; padding: 0 {px}px; }}"
            f" QMenuBar::item {{ background: transparent; padding: {max(0, (high - 3 - tallest) // 2)}px {side}px; }}"
            f" QMenuBar::item:selected {{ background: {theme.accent}; color: {theme.on_accent}; }}"
            f" QMenu {{ font-size: {px}px; }}"
        )
        for name, menu in self._menus.items():
            menu.setTitle(look.tr(MNEMONICS[name]))
        self.setFixedHeight(high)
        old, self._corner = self._corner, _Corner(look, self._window)
        self._corner.setFixedHeight(self.height() - 1)
        self._tell(old.told if old else "")
        if old:
            old.hide()
            old.deleteLater()
        self.place()

    # Menus

    def menu(self, name: str) -> QMenu:
        """Return a menu by its English name, filled."""
        self.fill(name)
        return self._menus[name]

    def fill(self, name: str) -> None:
        """Put into a menu what there is to do now."""
        menu = self._menus[name]
        menu.clear()
        for below in self._below.pop(name, ()):
            below.deleteLater()
        for action in MENUS[name]:
            if action in ("", "*"):
                menu.addSeparator()
            else:
                self._add_action(menu, action)
            if action == "*":
                self._below[name] = self._add_choices(menu, self._choices(name))

    def _add_choices(self, menu: QMenu, several: Sequence[Choices]) -> list[QMenu]:
        """Add choices to a menu; return the menus below it that it has got."""
        below = []
        for choices in several:
            if choices.title:
                below.append(QMenu(_plain(choices.title), menu))
                menu.addMenu(below[-1])
            _fill(below[-1] if choices.title else menu, choices.items)
        menu.addSeparator()
        return below

    def _add_action(self, menu: QMenu, name: str) -> None:
        assert self._look is not None
        entry, key = self._entry(name), BY_ACTION[name]
        text = entry.text or self._look.tr(key.label)
        action = menu.addAction(f"{_plain(text)}\t{key.keys[0]}", getattr(self._window, name))
        action.setEnabled(entry.possible)
        if entry.checked is not None:
            action.setCheckable(True)
            action.setChecked(entry.checked)

    def open_first(self) -> None:
        """Open the first menu, from which the arrows lead to the others."""
        self.reveal()
        self.setActiveAction(self.actions()[0])

    # Its place

    def float(self, floats: bool) -> None:
        """Lie over a full screen, hidden until it is wanted, instead of above the rest of the window."""
        self._floats = floats
        self.setVisible(not floats)
        self._edge.setVisible(floats)
        self.place()

    def place(self) -> None:
        """Keep to the top of a full screen."""
        if self._floats:
            self._edge.setGeometry(0, 0, self._window.width(), 3)
            self._edge.raise_()
            self.setGeometry(0, 0, self._window.width(), self.height())
            self.raise_()

    def reveal(self) -> None:
        """Be seen over a full screen, until nobody uses it any more."""
        if self._floats:
            self.show()
            self.place()
            self._hiding.start()

    def _on_unused(self) -> None:
        used = self.underMouse() or self.activeAction() is not None or (self._corner and self._corner.told)
        if self._floats and not used:
            self._hiding.stop()
            self.hide()

    def tell(self, text: str) -> None:
        """Show a line at the right for a few seconds."""
        if self._corner:
            self._tell(text)
            self._forget.start(TOLD_MS)
            self.reveal()

    def _tell(self, text: str) -> None:
        """Show a line at the right; where there is no room for it beside the menus, the keys there make way."""
        if self._corner:
            self._corner.show_line(text, self.width() - self._titles_px)
            self.setCornerWidget(self._corner, Qt.Corner.TopRightCorner)  # the bar places it when it is given it
            self._corner.show()

    def _on_forgotten(self) -> None:
        self._tell("")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._corner and event.size().width() != event.oldSize().width():
            self._tell(self._corner.told)


def _fill(menu: QMenu, items: Sequence[Item]) -> None:
    menu.setToolTipsVisible(True)
    for item in items:
        action = menu.addAction(f"{_plain(item.text)}\t{item.key}" if item.key else _plain(item.text), item.choose)
        if item.checked is not None:
            action.setCheckable(True)
            action.setChecked(item.checked)
        action.setToolTip(tip(item.note or item.text))
        action.setEnabled(item.possible)


def _plain(text: str) -> str:
    """Return a text as a menu shows it as it is: & marks a key there."""
    return text.replace("&", "&&")


class _Corner(QWidget):
    """The right end of the bar: what was done last, and the keys that one looks for most."""

    def __init__(self, look: Look, window: QWidget) -> None:
        super().__init__()
        px, theme = bar_px(look), look.theme
        hint_px = px if theme.name == "projector" else round(0.9 * px)
        self.setStyleSheet(
            f"* {{ font-size: {hint_px}px; color: {theme.muted}; background: transparent; }}"
            " QPushButton { border: none; padding: 0 2px; }"
            f" QPushButton:hover {{ color: {theme.accent}; }} QLabel {{ color: {theme.ink}; }}"
        )
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, px, 0)
        row.setSpacing(round(1.8 * px))
        self._line = ElidedLabel(most_em=24)
        row.addWidget(self._line)
        self._hints = [QPushButton(f"{look.tr(text)}  {BY_ACTION[name].keys[0]}") for name, text in HINTS.items()]
        for button, name in zip(self._hints, HINTS, strict=True):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setToolTip(tip(look.tr(BY_ACTION[name].label)))
            button.clicked.connect(getattr(window, name))
            row.addWidget(button)

    @property
    def told(self) -> str:
        """The line that is shown, "" for none."""
        return self._line.text()

    def show_line(self, text: str, room: int) -> None:
        """Show a line, with the keys where there is room for both."""
        self._line.setText(text)
        self._line.setToolTip(tip(text) if text else "")
        self._line.setMaximumWidth(max(1, room - 2 * self._line.fontMetrics().height()))
        for hides in (False, True):
            for button in self._hints:
                button.setHidden(hides)
            self._row.activate()
            if self.sizeHint().width() <= room:
                break
        self.adjustSize()


class _Edge(QWidget):
    """The upper edge of a full screen: the mouse there brings the bar."""

    def __init__(self, window: QWidget, reveal: Callable[[], None]) -> None:
        super().__init__(window)
        self._reveal = reveal
        self.hide()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._reveal()

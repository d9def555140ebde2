"""A hand that uses a window at random, the same way for the same seed, and looks at what has become of it.

``python -m tests.gui.driver FIRST COUNT ACTIONS`` drives with many seeds, and prints what went wrong with which.
"""

from __future__ import annotations

import faulthandler
import os
import random
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import TypeVar
from unittest.mock import patch

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QDialog,
    QFileDialog,
    QLineEdit,
    QMenu,
    QScrollBar,
    QWidget,
)

from gradsim.sim.documents.document import parse
from gradsim.ui.app import application
from gradsim.ui.keys import KEYS
from gradsim.ui.menus import MENUS
from gradsim.ui.themes import THEMES
from gradsim.ui.views.common.view import View
from gradsim.ui.window import Window
from gradsim.words.languages import languages
from tests.gui.conftest import RACE, SMALL

SIZES = ((1200, 800), (1024, 768), (800, 560), (1600, 900))
TYPED = (
    "",
    "0",
    "1",
    "-3",
    "0.5",
    "1e9",
    "1e-30",
    "3 × 8",
    "8, 4",
    "many",
    "nan",
    "inf",
    "2,5",
    "全部",
    "all",
    "x**2",
)
PATIENCE_S, HUNG_S = 30.0, 300
"""How long a picture may take, and how long one seed, before it is told where the program hangs."""
LEAST_COLOURS = 4
"""An empty stage has its ground and perhaps the lines around its cards."""


W = TypeVar("W", bound=QWidget)


class Fault(AssertionError):
    """What must not happen to somebody who presses and clicks."""


class Driver:
    """Uses one window.

    Parameters
    ----------
    seed
        Decides all that is done.
    folder
        Where files are written.
    """

    def __init__(self, seed: int, folder: Path) -> None:
        self._random = random.Random(seed)
        self.done: list[str] = []
        """What was done, in words."""
        self._raised: list[str] = []
        self._folder = folder
        document = parse(self._random.choice((SMALL, RACE)), "driven")
        application()
        theme, language = self._random.choice(list(THEMES)), self._random.choice(languages())
        self.window = Window(document, theme, language)
        self.window.alarm.tell = self._on_alarm  # type: ignore[method-assign]
        self.window.resize(*self._random.choice(SIZES))
        self.window.show()
        self._await_picture()

    def drive(self, actions: int) -> None:
        """Do so many things; raise a fault where one leaves the window otherwise than it should be."""
        hook, sys.excepthook = sys.excepthook, self._on_raised
        saves = patch("gradsim.ui.files.name_in_dialog", self._name)
        opens = patch.object(QFileDialog, "getOpenFileName", self._name_to_open)
        try:
            with saves, opens:
                for _ in range(actions):
                    self._act()
                    self.check()
                self._await_picture()
        finally:
            sys.excepthook = hook

    def close(self) -> None:
        """Close the window and what it has opened."""
        self._close_popups()
        self.window.asks = False
        self.window.close()
        self.window.deleteLater()
        self._wait(0)

    # What it does

    def _act(self) -> None:
        ways: tuple[tuple[Callable[[], None], int], ...] = (
            (self._press, 8),
            (self._click, 8),
            (self._type, 3),
            (self._choose, 4),
            (self._slide, 3),
            (self._point, 3),
            (self._use_menu, 2),
            (self._resize, 1),
            (self._restyle, 1),
        )
        [way] = self._random.choices([way for way, _ in ways], [weight for _, weight in ways])
        way()
        self._wait(self._random.choice((0.0, 0.0, 0.01, 0.05, 0.2)))
        if self._random.random() < 0.7:
            self._close_popups()

    def _press(self) -> None:
        keys = self._random.choice(
            [keys for key in KEYS if key.action != "close" for keys in key.keys] + ["Tab", "Esc"]
        )
        self._note(f"press {keys}")
        target = QApplication.activePopupWidget() or QApplication.focusWidget() or self.window
        QTest.keySequence(target, QKeySequence(keys))

    def _click(self) -> None:
        button = self._any(QAbstractButton)
        if button is not None:
            self._note(f"click {button.accessibleName() or button.text()!r}")
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def _type(self) -> None:
        field = self._any(QLineEdit)
        if field is not None:
            text = self._random.choice(TYPED)
            self._note(f"type {text!r} into {field.accessibleName()!r}")
            field.setFocus()
            field.selectAll()
            field.insert(text)
            if self._random.random() < 0.8:
                QTest.keyClick(field, Qt.Key.Key_Return)

    def _choose(self) -> None:
        combo = self._any(QComboBox)
        if combo is not None and combo.count():
            index = self._random.randrange(combo.count())
            self._note(f"choose {combo.itemText(index)!r} in {combo.accessibleName()!r}")
            combo.setCurrentIndex(index)
            combo.activated.emit(index)

    def _slide(self) -> None:
        slider = self._any(QAbstractSlider)
        if slider is not None:
            at = [QPoint(self._random.randrange(max(1, slider.width())), slider.height() // 2) for _ in range(2)]
            self._note(f"slide {slider.accessibleName() or type(slider).__name__!r}")
            self._drag(slider, *at)

    def _point(self) -> None:
        """Click or drag somewhere on the stage."""
        views = [view for view in self.window.board.findChildren(View) if view.isVisible()]
        if views:
            view = self._random.choice(views)
            on = self._random.choice([view, *self._inside(view)])
            spots = [
                QPoint(self._random.randrange(on.width()), self._random.randrange(on.height())) for _ in range(2)
            ]
            self._note(f"drag on {type(view).__name__} from {spots[0].toTuple()} to {spots[1].toTuple()}")
            self._drag(on, *spots)

    @staticmethod
    def _inside(view: QWidget) -> list[QWidget]:
        found = [part for part in view.findChildren(QWidget) if part.isVisible()]
        return [part for part in found if part.width() > 50 and part.height() > 50]

    def _drag(self, widget: QWidget, start: QPoint, end: QPoint) -> None:
        button = Qt.MouseButton.LeftButton
        QTest.mousePress(widget, button, Qt.KeyboardModifier.NoModifier, start)
        for share in (0.3, 0.7, 1.0):
            QTest.mouseMove(widget, start + (end - start) * share)
        QTest.mouseRelease(widget, button, Qt.KeyboardModifier.NoModifier, end)

    def _use_menu(self) -> None:
        menus = [self.window.menus.menu(name) for name in MENUS]
        actions = [action for menu in menus for action in menu.actions() if action.isEnabled() and action.text()]
        action = self._random.choice(actions)
        while isinstance(below := action.menu(), QMenu):
            action = self._random.choice(below.actions())
        if not action.text().endswith("\tCtrl+Q"):
            self._note(f"menu {action.text()!r}")
            action.trigger()

    def _resize(self) -> None:
        size = self._random.choice(SIZES)
        self._note(f"resize to {size}")
        self.window.resize(*size)

    def _restyle(self) -> None:
        if self._random.random() < 0.5:
            theme = self._random.choice(list(THEMES))
            self._note(f"theme {theme}")
            self.window.set_theme(theme)
        else:
            self._note("next language")
            self.window.next_language()

    def _any(self, kind: type[W]) -> W | None:
        found = [widget for widget in self._used() if isinstance(widget, kind)]
        return self._random.choice(found) if found else None

    def _used(self) -> Iterator[QWidget]:
        for widget in self.window.findChildren(QWidget):
            own = not isinstance(widget, QScrollBar) and not widget.objectName().startswith("qt_")  # a part of Qt's
            if own and widget.isVisible() and widget.isEnabled():
                yield widget

    def _close_popups(self) -> None:
        while (popup := QApplication.activePopupWidget()) is not None:
            popup.close()
        for dialog in self.window.findChildren(QDialog):
            dialog.reject()

    # Files

    def _name(self, window: Window, *texts: str) -> str:
        return self._random.choice(("", str(self._folder / "a.toml"), str(self._folder / "b.png"), "/nowhere/c.toml"))

    def _name_to_open(self, *texts: object) -> tuple[str, str]:
        saved = self._folder / "a.toml"
        return (str(saved) if saved.exists() else str(self._folder / "lacking.toml"), "")

    # What it sees

    def _on_raised(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        self._raised.append("".join(traceback.format_exception(kind, error, trace)))

    def _on_alarm(self, text: str, trace: str = "") -> None:
        """Tell a failure from an error that was to be expected, of files."""
        if trace:
            self._raised.append(trace)

    def check(self) -> None:
        """Raise a fault where the window is not as it should be."""
        if self._raised:
            raise Fault(self._raised[0])
        if self.window.editing.draft.refusal is not None and self.window.controller.tape is None:
            raise Fault("what is refused has taken the run away that was on screen")
        # While the look changes nothing is painted: what was there stays.
        if self.window.board.updatesEnabled() and self._colours() < LEAST_COLOURS:
            raise Fault(f"the stage is empty: {self._colours()} colours")

    def _colours(self) -> int:
        picture = self.window.board.grab().toImage().scaled(160, 100)
        pixels = picture.convertToFormat(picture.Format.Format_RGB32)
        return len({pixels.pixel(x, y) for x in range(pixels.width()) for y in range(0, pixels.height() * 3 // 4)})

    def _await_picture(self) -> None:
        """Wait until the experiment that is allowed last is trained and on the stage."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            self._wait(0.02)
            self.window.settle()
            controller = self.window.controller
            shown = self.window._viewed is controller.running_document
            if controller.tape is not None and shown and self.window.editing.draft.document == controller.document:
                return
        raise Fault("no picture of the last allowed experiment has come")

    def _note(self, what: str) -> None:
        self.done.append(what)

    @staticmethod
    def _wait(seconds: float) -> None:
        QTest.qWait(round(1000 * seconds))


def drive(seed: int, actions: int, folder: Path) -> None:
    """Drive a window of its own; a fault tells what was done last."""
    driver = Driver(seed, folder)
    try:
        driver.drive(actions)
    except Exception as error:
        told = "\n".join(driver.done[-12:])
        raise Fault(f"seed {seed}, action {len(driver.done)}:\n{told}\n{error}") from error
    finally:
        driver.close()


def _drive_many(first: int, count: int, actions: int) -> int:
    faults = 0
    faulthandler.enable()
    for seed in range(first, first + count):
        faulthandler.dump_traceback_later(HUNG_S, exit=True)
        with tempfile.TemporaryDirectory() as folder:
            try:
                drive(seed, actions, Path(folder))
            except Fault as fault:
                faults += 1
                print(fault, "\n", flush=True)
    print(f"{faults} faults with {count} seeds of {actions} actions")
    return min(faults, 1)


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    sys.exit(_drive_many(*map(int, sys.argv[1:4])))

"""What can be done with a window: each action by its name, with what it is done to, so that it can be done again."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from PySide6.QtCore import QMimeData, QPoint, QPointF, QSize, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent, QGuiApplication, QKeySequence, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QMenu,
    QWidget,
)

from gradsim.sim.documents.lessons import lessons
from gradsim.ui.controller import SPEEDS
from gradsim.ui.keys import KEYS
from gradsim.ui.menus import MENUS
from gradsim.ui.themes import THEMES
from gradsim.ui.window import Window
from tests.trials.monkey.files import FILES
from tests.trials.monkey.parts import find, name_of, used

TYPED = (
    *("", "0", "1", "-3", "0.5", "1e9", "1e-30", "3 × 8", "8, 4", "many", "nan", "inf", "2,5", "全部", "all", "x**2"),
    *("x^2 + y^2", "sin(x*y)", "1/0", "9" * 40, "\\", "[", "<b>", "%s", "{x}", "8-8-8", "100 × 8", " ", "é" * 300),
)
SIZES = ((300, 200), (640, 480), (800, 560), (1024, 768), (1280, 720), (1600, 900), (1920, 1080), (3840, 2160))
OWN_KEYS = ("Tab", "Shift+Tab", "Esc", "Return", "Up", "Down", "End", "Del", "Backspace", "Alt", "Ctrl+A", "F2")
DROPPED = (
    *("small.toml", "race.toml", "saved.toml", "saved.png", "saved.svg", "table.csv", "wide.csv", "odd.csv"),
    *(
        "no.toml",
        "no.png",
        "no.csv",
        "gone.toml",
        "folder",
        "book.xlsx",
        "line\nbreak.toml",
        "empty.csv",
        "pipe.toml",
    ),
)
PASTED = ("x,y,class\n1,2,a\n3,4,b\n5,6,a\n", "a\tb\n1\t2\n3\t4\n", "nothing of a table", "", "1,5;2,5\n3,5;4,5\n")
GONE, FOLDER, CUT = "gone", "a folder", "cut"
MOST_STEPS = 3000
"""What is opened trains no longer than this: it is about the window."""
WAITS_MS = (0, 0, 0, 10, 10, 50, 200)
CLOSING, BACK = "close", "show"


class Deed(NamedTuple):
    """An action."""

    verb: str
    on: str = ""
    """The control, by its name among those on screen; one that is not there is passed over."""
    how: tuple[Any, ...] = ()
    wait_ms: int = 0
    """How long until the next one."""
    chance: int = 0
    """Decides what is answered to whatever it makes the window ask."""


class Scene(NamedTuple):
    """What actions are done to."""

    window: Window
    folder: Path
    """Holds the files that are dropped and opened."""


Draw = Callable[[Random, Scene], tuple[str, tuple[Any, ...]] | None]
Do = Callable[[Scene, str, tuple[Any, ...]], object]


def drawn(chance: Random, scene: Scene) -> Deed:
    """Return an action that is possible now."""
    verbs, weights = list(DEEDS), [weight for _, _, weight in DEEDS.values()]
    while True:
        [verb] = [BACK] if _is_away(scene.window) and chance.random() < 0.4 else chance.choices(verbs, weights)
        found = DEEDS[verb][0](chance, scene)
        if found is not None:
            on, how = found
            return Deed(verb, on, how, chance.choice(WAITS_MS), chance.randrange(2**31))


def _is_away(window: Window) -> bool:
    return not window.isVisible() or window.isMinimized()


def done(scene: Scene, deed: Deed) -> None:
    """Do an action; one whose control is not there is passed over."""
    DEEDS[deed.verb][1](scene, deed.on, tuple(deed.how))


def away() -> None:
    """Close all menus and dialogs."""
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, QMenu):
            widget.close()
        for dialog in [widget, *widget.findChildren(QDialog)]:
            if isinstance(dialog, QDialog) and dialog.isVisible():
                dialog.reject()


# One action each: what is drawn, and how it is done


def _any(kind: type[QWidget]) -> Draw:
    """Return what draws a control of a kind and two places on it."""

    def draw(chance: Random, scene: Scene) -> tuple[str, tuple[Any, ...]] | None:
        found = [widget for widget in used() if isinstance(widget, kind)]
        places = tuple(round(chance.random(), 3) for _ in range(4))
        return (name_of(chance.choice(found)), places) if found else None

    return draw


def _one_of(*values: Any) -> Draw:
    return lambda chance, scene: ("", (chance.choice(values),))


def _spot(widget: QWidget, right: float, down: float) -> QPoint:
    return QPoint(int(right * max(0, widget.width() - 1)), int(down * max(0, widget.height() - 1)))


def _press(scene: Scene, on: str, how: tuple[Any, ...]) -> None:
    app = QApplication
    target = app.activePopupWidget() or app.focusWidget() or app.activeModalWidget() or scene.window
    QTest.keySequence(target, QKeySequence(how[0]))


def _click(scene: Scene, on: str, how: tuple[Any, ...]) -> None:
    if widget := find(on):
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def _click_there(button: Qt.MouseButton, twice: bool = False) -> Do:
    def do(scene: Scene, on: str, how: tuple[Any, ...]) -> None:
        if widget := find(on):
            click = QTest.mouseDClick if twice else QTest.mouseClick
            click(widget, button, Qt.KeyboardModifier.NoModifier, _spot(widget, how[0], how[1]))

    return do


def _typed(chance: Random, scene: Scene) -> tuple[str, tuple[Any, ...]] | None:
    found = _any(QLineEdit)(chance, scene)
    return found and (found[0], (chance.choice(TYPED), chance.random() < 0.8))


def _type(scene: Scene, on: str, how: tuple[Any, ...]) -> None:
    field = find(on)
    if isinstance(field, QLineEdit):
        field.setFocus()
        field.selectAll()
        field.insert(how[0])
        if how[1]:
            QTest.keyClick(field, Qt.Key.Key_Return)


def _choose(scene: Scene, on: str, how: tuple[Any, ...]) -> None:
    combo = find(on)
    if isinstance(combo, QComboBox) and combo.count():
        index = min(int(how[0] * combo.count()), combo.count() - 1)  # a share may be 1
        combo.setCurrentIndex(index)
        combo.activated.emit(index)


def _drag(scene: Scene, on: str, how: tuple[Any, ...]) -> None:
    widget, button, held = find(on), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    if widget is None:
        return
    start, end = _spot(widget, *how[:2]), _spot(widget, *how[2:])
    QTest.mousePress(widget, button, held, start)
    for share in (0.3, 0.7, 1.0):
        if (widget := find(on)) is None:
            return
        QTest.mouseMove(widget, start + (end - start) * share)
    QTest.mouseRelease(widget, button, held, end)


def _point(scene: Scene, on: str, how: tuple[Any, ...]) -> None:
    if widget := find(on):
        QTest.mouseMove(widget, _spot(widget, how[0], how[1]))


def _wheel(scene: Scene, on: str, how: tuple[Any, ...]) -> None:
    if widget := find(on):
        at = QPointF(_spot(widget, how[0], how[1]))
        turn = QPoint(0, 120 if how[2] < 0.5 else -120) * (1 if how[3] < 0.7 else 10)
        event = QWheelEvent(
            at,
            widget.mapToGlobal(at),
            QPoint(),
            turn,
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.ControlModifier if how[3] > 0.9 else Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(widget, event)


def _entries(window: Window) -> Iterator[tuple[list[str], QAction]]:
    """Yield all that the menus offer now, with the way to it."""
    waiting = [([name], window.menus.menu(name)) for name in MENUS]
    while waiting:
        way, menu = waiting.pop()
        for action in menu.actions():
            below = action.menu()
            if isinstance(below, QMenu):
                waiting.append(([*way, action.text()], below))
            elif action.isEnabled() and action.text() and not action.text().endswith("\tCtrl+Q"):
                yield [*way, action.text()], action


def _entry(chance: Random, scene: Scene) -> tuple[str, tuple[Any, ...]]:
    return "", tuple(chance.choice([way for way, _ in _entries(scene.window)]))


def _use_menu(scene: Scene, on: str, how: tuple[Any, ...]) -> None:
    for way, action in _entries(scene.window):
        if way == list(how):
            action.trigger()
            return


def _size(chance: Random, scene: Scene) -> tuple[str, tuple[Any, ...]]:
    if chance.random() < 0.5:
        return "", chance.choice(SIZES)
    between = (math.exp(chance.uniform(math.log(low), math.log(high))) for low, high in ((300, 3840), (200, 2160)))
    return "", tuple(map(round, between))


def _resize(scene: Scene, on: str, how: tuple[Any, ...]) -> None:
    """Make the window so large, also smaller than it wants to be, as a small screen makes it."""
    handle = scene.window.windowHandle()
    if handle is not None:
        handle.resize(QSize(*how))


def _state(scene: Scene, on: str, how: tuple[Any, ...]) -> None:
    getattr(scene.window, how[0])()


def _mime(scene: Scene, names: tuple[Any, ...]) -> QMimeData:
    content = QMimeData()
    content.setUrls([QUrl.fromLocalFile(str(scene.folder / name)) for name in names])
    return content


def _dropped(chance: Random, scene: Scene) -> tuple[str, tuple[Any, ...]]:
    return "", tuple(chance.choices(DROPPED, k=2 if chance.random() < 0.1 else 1))


def _drop(scene: Scene, on: str, how: tuple[Any, ...]) -> None:
    content, at = _mime(scene, how), QPoint(100, 100)
    copy, left, held = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(scene.window, QDragEnterEvent(at, copy, content, left, held))
    QApplication.sendEvent(scene.window, QDropEvent(QPointF(at), copy, content, left, held))


def _paste(scene: Scene, on: str, how: tuple[Any, ...]) -> None:
    if how[0] in DROPPED:
        QGuiApplication.clipboard().setMimeData(_mime(scene, how))
    else:
        QGuiApplication.clipboard().setText(how[0])
    scene.window.paste_table()


def _changed(chance: Random, scene: Scene) -> tuple[str, tuple[Any, ...]]:
    return "", (chance.choice(tuple(FILES)), chance.choice((*FILES, GONE, FOLDER, CUT)))


def _change(scene: Scene, on: str, how: tuple[Any, ...]) -> None:
    """Let another program change a file, which may be the one that is open."""
    path, kind = scene.folder / how[0], how[1]
    text = path.read_text("utf-8") if path.is_file() else FILES[how[0]]
    if path.is_dir():
        path.rmdir()
    else:
        path.unlink(missing_ok=True)
    if kind == FOLDER:
        path.mkdir()
    elif kind != GONE:
        path.write_text(text[: len(text) // 2] if kind == CUT else FILES[kind], "utf-8")


def _fewer_steps(scene: Scene, on: str, how: tuple[Any, ...]) -> None:
    table = scene.window.editing.draft.table
    if isinstance(table.get("steps"), int) and table["steps"] > MOST_STEPS:
        scene.window.editing.edit({**table, "steps": MOST_STEPS})


DEEDS: dict[str, tuple[Draw, Do, int]] = {
    "press": (
        _one_of(*(keys for key in KEYS if key.action != CLOSING for keys in key.keys), *OWN_KEYS),
        _press,
        24,
    ),
    "click": (_any(QAbstractButton), _click, 20),
    "click there": (_any(QWidget), _click_there(Qt.MouseButton.LeftButton), 6),
    "click twice": (_any(QWidget), _click_there(Qt.MouseButton.LeftButton, twice=True), 2),
    "right click": (_any(QWidget), _click_there(Qt.MouseButton.RightButton), 2),
    "type": (_typed, _type, 8),
    "choose": (_any(QComboBox), _choose, 8),
    "slide": (_any(QAbstractSlider), _drag, 6),
    "drag": (_any(QWidget), _drag, 8),
    "point": (_any(QWidget), _point, 4),
    "wheel": (_any(QWidget), _wheel, 6),
    "menu": (_entry, _use_menu, 6),
    "resize": (_size, _resize, 4),
    "state": (_one_of("showMinimized", "showMaximized", "hide", "showNormal", "showFullScreen"), _state, 2),
    BACK: (_one_of("showNormal"), _state, 1),
    "theme": (_one_of(*THEMES), lambda scene, on, how: scene.window.set_theme(how[0]), 2),
    "language": (_one_of(""), lambda scene, on, how: scene.window.next_language(), 1),
    "lesson": (_one_of(*lessons()), lambda scene, on, how: scene.window.walk.open(how[0]), 4),
    "speed": (_one_of(*SPEEDS), lambda scene, on, how: scene.window.controller.set_speed(how[0]), 2),
    "drop": (_dropped, _drop, 3),
    "paste": (_one_of(*PASTED, *DROPPED), _paste, 2),
    "change": (_changed, _change, 3),
    "fewer steps": (_one_of(""), _fewer_steps, 4),
    "away": (_one_of(""), lambda scene, on, how: away(), 12),
}
"""Each action: what draws it, what does it, and how often it comes."""

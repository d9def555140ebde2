"""What a lecturer does in a window, one action after the other."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from functools import partial
from operator import methodcaller
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QMimeData, QPoint, QSize, QUrl
from PySide6.QtWidgets import QApplication, QDialog

from gradsim.ui.menus import MENUS
from gradsim.ui.panels.panel import Panel
from gradsim.ui.window import Window
from gradsim.ui.writers import writers

_SCREEN = {"y": 0, "width": 1920, "height": 1080, "logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}
SCREENS = json.dumps({"screens": [{"name": "desk", "x": 0, **_SCREEN}, {"name": "wall", "x": 1920, **_SCREEN}]})
"""For Qt's platform offscreen: the lecturer's screen and the class's."""
ROWS = 300
"""Of the table that is dropped."""


class Action(NamedTuple):
    """Something a user does, by its name."""

    name: str
    act: Callable[[Window], object]


def resize(size: QSize) -> Action:
    return Action(f"resize to {size.width()}×{size.height()}", lambda window: window.resize(size))


def close_menu(window: Window) -> None:
    """Close the menu that is open."""
    popup = QApplication.activePopupWidget()
    if popup is not None:
        popup.close()


def open_menu(name: str, window: Window) -> None:
    window.menus.menu(name).popup(window.mapToGlobal(QPoint(40, 40)))


def close_dialogs(window: Window) -> None:
    """Close the dialogs that are open."""
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, QDialog) and widget.isVisible():
            widget.reject()


def with_panel(act: Callable[[Panel], object], window: Window) -> None:
    """Do something in the form."""
    assert window.panel is not None
    act(window.panel)


def try_first(window: Window) -> None:
    """Do the first thing that the notes propose."""
    if window.notes.panel and window.notes.panel.tries:
        window.notes.panel.tries[0].click()


def drop_table(window: Window) -> None:
    """Drop a file with a table."""
    lines = ["x,y,class", *(f"{i % 17},{i % 29},{'ab'[i % 2]}" for i in range(ROWS))]
    with tempfile.NamedTemporaryFile("w", suffix=".csv", delete=False) as file:
        file.write("\n".join(lines))
    content = QMimeData()
    content.setUrls([QUrl.fromLocalFile(file.name)])
    window.ways_in._take(content)
    assert window.ways_in.sheet is not None
    window.ways_in.sheet.finished.connect(lambda _: Path(file.name).unlink(missing_ok=True))


def save_picture(ending: str, window: Window) -> None:
    """Save a picture of what is shown, in a format."""
    path = Path(os.environ["XDG_CONFIG_HOME"]) / f"gaps{ending}"
    window._take(lambda _: None, partial(window.pictures.save, path))


def there_and_away(name: str, there: str, away: Callable[[Window], object]) -> tuple[Action, Action]:
    return Action(name, methodcaller(there)), Action(f"{name} away", away)


FORM = (
    Action("more settings", partial(with_panel, Panel._on_more)),
    Action("dark, with more settings", methodcaller("toggle_dark")),
    Action("fewer settings", partial(with_panel, Panel._on_more)),
    Action("add a run", partial(with_panel, Panel._on_add)),
    Action("undo", methodcaller("undo")),
    Action("redo", methodcaller("redo")),
    Action("remove a run", partial(with_panel, Panel._on_remove)),
    Action("undo", methodcaller("undo")),
    Action("undo", methodcaller("undo")),
    Action("choose a run", partial(with_panel, lambda panel: panel._on_picked(0))),
    Action("change from here", methodcaller("change_from_here")),
    Action("undo", methodcaller("undo")),
    Action("fork", methodcaller("fork")),
    Action("undo", methodcaller("undo")),
    Action("try what the notes say", try_first),
    Action("undo", methodcaller("undo")),
)
"""What is done in panel and notes."""

PICTURES = (
    Action("copy a picture", methodcaller("copy_picture")),
    *(Action(f"save a picture {ending}", partial(save_picture, ending)) for ending in writers()),
)

DIALOGS = (
    *there_and_away("activations", "show_activations", close_dialogs),
    *there_and_away("list of keys", "show_keys", close_dialogs),
    *there_and_away("picture dialog", "picture_dialog", close_dialogs),
    *there_and_away("film dialog", "film_dialog", close_dialogs),
    *there_and_away("predictions", "show_predictions", close_dialogs),
    Action("drop a table", drop_table),
    Action("import sheet away", close_dialogs),
    *there_and_away("lecturer's notes", "toggle_lecturer_notes", methodcaller("toggle_lecturer_notes")),
    *there_and_away("second screen", "toggle_stage", methodcaller("toggle_stage")),
    *there_and_away("full screen", "toggle_fullscreen", methodcaller("toggle_fullscreen")),
    *there_and_away("rehearsal", "rehearse", lambda window: window.rehearsal.show_as("")),
)

ACTIONS = (
    Action("nothing", lambda window: None),
    Action("all views", methodcaller("view_all")),
    resize(QSize(1000, 640)),
    resize(QSize(1920, 1080)),
    *(Action(f"view {n}", methodcaller(f"view_{n}")) for n in range(1, 5)),
    Action("all views", methodcaller("view_all")),
    Action("projector", methodcaller("toggle_projector")),
    Action("light", methodcaller("toggle_projector")),
    Action("dark", methodcaller("toggle_dark")),
    Action("language", methodcaller("next_language")),
    *there_and_away("menu", "show_menu", close_menu),
    *(Action(f"menu {name}", partial(open_menu, name)) for name in MENUS),
    Action("menu away", close_menu),
    *there_and_away("course list", "show_course", methodcaller("show_course")),
    *there_and_away("ask the class", "predict", methodcaller("predict")),
    *there_and_away("panel", "toggle_panel", methodcaller("toggle_panel")),
    *there_and_away("notes", "toggle_notes", methodcaller("toggle_notes")),
    Action("x axis", methodcaller("next_over")),
    Action("probe", methodcaller("next_probe")),
    Action("step 0", methodcaller("reset")),
    Action("restart", lambda window: window.controller.restart()),
    *FORM,
    *PICTURES,
    *DIALOGS,
    Action("next lesson", methodcaller("next_lesson")),
    Action("previous lesson", methodcaller("previous_lesson")),
    *there_and_away("first steps", "show_first_steps", lambda window: window.first_steps.leave()),
)

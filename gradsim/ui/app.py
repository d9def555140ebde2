"""The application: started once, with bundled fonts and errors that are shown."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from pathlib import Path

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from gradsim.resources import resource
from gradsim.schema.errors import InputError
from gradsim.sim.documents.document import Document
from gradsim.ui.garbage import collect_on_main_thread
from gradsim.ui.later import later
from gradsim.ui.theme import font, load_fonts

OFFSCREEN = "offscreen"
SWITCH_S = 0.001
"""For how long a thread keeps the interpreter when another wants it.

With Python's 5 ms, the timer that lends time to the worker may come after what was lent before has run out. On a
busy machine a race at full speed took 265 steps a second against 451 (medians of six rounds that scatter widely).
"""


PICTURES_AFTER_MS = 4000
"""How long after its start the window has the missing pictures of the course list made."""


RESCUE_AFTER_MS = 500
"""How long after its start, once it is seen, the window begins to keep unsaved work and offers what was left."""


class DisplayError(InputError):
    """There is no display, or Qt cannot use it."""


NO_DISPLAY = "no display to open a window on; `gradsim export` makes pictures without one"


def application() -> QApplication:
    """Return the running application, started if need be."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        if os.environ.get("QT_QPA_PLATFORM") == OFFSCREEN:
            qInstallMessageHandler(_print_message)
        app = QApplication(["gradsim"])
        app.setApplicationName("gradsim")
        app.setDesktopFileName("gradsim")
        app.setStyle("Fusion")
    load_fonts()
    collect_on_main_thread(app)
    sys.setswitchinterval(SWITCH_S)
    app.setFont(font(16))
    return app


def _print_message(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    """Print Qt's messages but for the one that the offscreen platform has for every window."""
    if "propagateSizeHints" not in text:
        print(text, file=sys.stderr)


def require_display() -> None:
    """Raise DisplayError where Qt could not open a window: it would abort the process instead."""
    if sys.platform in ("win32", "darwin"):
        return
    named = [os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")]
    if OFFSCREEN in named:
        return
    if not any(named):
        raise DisplayError(NO_DISPLAY)
    complaint = _complaint_of_platform()
    if complaint:
        raise DisplayError(f"{NO_DISPLAY} ({complaint})")


def _complaint_of_platform() -> str:
    """Return why Qt's platform does not start, "" if it does: tried in a child that may abort in our place."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(writing, 1)
        os.dup2(writing, 2)
        QApplication(["gradsim"])
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, errors="replace") as said:
        lines = [line.strip() for line in said if line.strip()]
    ended_well = os.waitpid(child, 0)[1] == 0
    return "" if ended_well else next(iter(lines), "Qt gives no reason")


def quit_on_signals(app: QApplication) -> None:
    """End the program at SIGINT or SIGTERM, also at one that comes before the event loop begins.

    It ends without a question: `exit`, unlike `quit`, does not close the windows first.
    """
    asked = threading.Event()

    def end_loop(*_: object) -> None:
        asked.set()
        app.exit()  # does nothing before the loop begins

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end_loop)
    later(app, lambda: app.exit() if asked.is_set() else None)


def open_window(
    document: Document,
    path: Path | None,
    theme: str | None,
    language: str | None,
    fullscreen: bool,
    table: Path | None = None,
) -> int:
    """Open the window, train, and return the exit status when it is closed.

    `path` is the file of the document, if it has one. Without a theme or language given, the window opens in that
    in which it was left. A `table` is opened over it.
    """
    require_display()
    app = application()
    from gradsim.ui.settings import load, save
    from gradsim.ui.window import Window

    app.setWindowIcon(QIcon(str(resource("icons", "app.svg"))))
    left = load()
    window = Window(document, theme or left.theme, language or left.language)
    window.restore(left)
    window.editing.came_from(path)
    window.asks, window.walk.pictures.makes = left.ask, True
    window.alarm.show_exceptions()
    app.aboutToQuit.connect(window.shut_down)
    app.aboutToQuit.connect(lambda: save(window.settings()))
    quit_on_signals(app)
    if fullscreen:
        window.showFullScreen()
    else:
        window.show()
    later(window, window.rescue.begin, RESCUE_AFTER_MS)
    later(window, window.make_pictures, PICTURES_AFTER_MS)
    if table is not None:
        later(window, lambda: window.ways_in.open_path(table))
    elif path is None and not left.started:
        window.show_first_steps()
    # What is there now stays: without it, a full collection holds a frame up for 50 ms.
    gc.freeze()
    return app.exec()

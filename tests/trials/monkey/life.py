"""One program with one window that is used at random: see the package. It prints nothing; the folder has the result.

It is a program of its own, for what it is to find may end it; its last words are then those of `faulthandler`.
"""

from __future__ import annotations

import faulthandler
import gc
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import TextIO
from unittest.mock import patch

from PySide6.QtWidgets import QApplication, QWidget

from gradsim.sim.documents.lessons import lessons
from gradsim.ui.alarm import Alarm
from gradsim.ui.app import application
from gradsim.ui.garbage import give_back
from gradsim.ui.later import later
from gradsim.ui.themes import THEMES
from gradsim.ui.window import Window
from gradsim.words.languages import languages
from tests.trials.monkey.deeds import DROPPED, SIZES, Deed, Scene, away, done, drawn
from tests.trials.monkey.files import make_files
from tests.trials.monkey.watch import Stalls, Watch
from tests.trials.report import memory_mb

JOURNAL, RESULT, LAST_WORDS = "actions.jsonl", "result.json", "last words"
HUNG_S = 120
"""How long a turn of the event loop may take before the program is ended and tells where it was."""
PATIENCE_S = 60.0
LOOK_EVERY, TRAIN_EVERY = 10, 100
LEAST_COLOURS = 4
"""An empty stage has its ground and perhaps the lines around its cards."""
REST_MS = 3000
"""How long after its first picture, and before its end, the window is left alone before its memory is measured."""
CLOSED_S = 0.5
"""How much the main thread may compute to close the window."""

Turn = tuple[Callable[[], object], int]
"""What is done in a turn of the event loop, and how many ms later the next one is."""


@dataclass
class Result:
    """What became of a window."""

    done: int = 0
    fault: str = ""
    stall: tuple[float, float, int] = (0.0, 0.0, 0)
    """The longest: what the main thread computed, all of it, and after which action."""
    memory_mb: tuple[float, float] = (0.0, 0.0)
    closing_s: float = 0.0


class Life:
    """Uses one window until all is done or something is found.

    Parameters
    ----------
    folder
        Where the files are that the window opens and saves, and the result.
    seed
        Decides what is done.
    how_many
        How many actions there are.
    last_words
        Where it is told where the program hangs.
    again
        Actions to be repeated instead.
    """

    def __init__(
        self, folder: Path, seed: int, how_many: int, last_words: TextIO, again: list[Deed] | None = None
    ) -> None:
        self._last_words = last_words
        self._folder, self._chance = folder, Random(seed)
        self._how_many, self._again = len(again) if again is not None else how_many, again
        self._result, self._watch = Result(), Watch()
        self._answers = Random(seed)
        self._journal = (folder / JOURNAL).open("w", encoding="utf-8")

    def live(self) -> Result:
        """Open the window, use it, close it; return what came of it."""
        app = application()
        answers = (
            patch("gradsim.ui.files.name_in_dialog", self._name_to_save),
            patch("gradsim.ui.ways_in.name_to_open", self._name_to_open),
            patch("gradsim.ui.panels.paths.name_to_open", self._name_to_open),
            patch.object(Alarm, "tell", lambda alarm, text, trace="": self._watch.tell(alarm, text, trace)),
        )
        for each in answers:
            each.start()
        document = lessons()[self._chance.choice(list(lessons()))]
        theme, language = self._chance.choice(list(THEMES)), self._chance.choice(languages())
        self._window = Window(document, theme, language)
        self._scene = Scene(self._window, self._folder)
        self._watch.begin(self._window.alarm)
        self._window.resize(*self._chance.choice(SIZES))
        self._window.show()
        self._window.rescue.begin()
        gc.freeze()  # as open_window does
        self._stalls, self._turns = Stalls(), self._all_turns()
        later(app, self._turn)
        app.exec()
        self._end()
        return self._result

    # One turn after the other, also while a dialog has a loop of its own

    def _turn(self) -> None:
        faulthandler.dump_traceback_later(HUNG_S, exit=True, file=self._last_words)
        try:
            act, wait_ms = next(self._turns)
        except StopIteration:
            self._leave()
            return
        except AssertionError as fault:
            self._watch.faults.append(f"fault: {fault}")
        if self._watch.faults:
            self._result.fault = self._watch.faults[0]
            self._leave()
            return
        later(QApplication.instance() or self._window, self._turn, wait_ms)
        self._stalls.skip()
        act()

    def _leave(self) -> None:
        """End the event loop, and those of dialogs in it."""
        away()
        QApplication.exit()

    def _all_turns(self) -> Iterator[Turn]:
        yield from self._await(self._is_drawn, "no first picture has come")
        yield _nothing, REST_MS
        before = memory_mb()
        for i in range(self._how_many):
            yield self._deed(i)
            if i % LOOK_EVERY == 0:
                self._look()
            if i % TRAIN_EVERY == TRAIN_EVERY - 1:
                yield from self._train()
        yield from self._train()
        yield lambda: self._window.walk.open(next(iter(lessons()))), REST_MS
        gc.collect()
        give_back()
        self._result.memory_mb = before, memory_mb()

    def _deed(self, i: int) -> Turn:
        deed = drawn(self._chance, self._scene) if self._again is None else self._again[i]
        self._journal.write(json.dumps(deed) + "\n")
        self._journal.flush()  # before it is done, for it may end the program
        self._answers, self._result.done = Random(deed.chance), i + 1
        self._stalls.action = i + 1
        return lambda: done(self._scene, deed), deed.wait_ms

    def _await(self, holds: Callable[[], object], otherwise: str) -> Iterator[Turn]:
        until = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < until, f"{otherwise}: {self._state()}"
            yield _nothing, 20

    # What it sees

    def _is_drawn(self) -> bool:
        controller = self._window.controller
        drawn = controller.tape is not None and self._window._viewed is controller.running_document
        return drawn and self._window.board.on_screen is not None

    def _state(self) -> str:
        """Return what is known of the run, for a fault."""
        controller, editing = self._window.controller, self._window.editing
        values = {**vars(controller._playhead), "seen": controller._seen, "wanted": controller.lease.wanted}
        return f"{values} {editing.draft.refusal} {editing.draft.document.experiment}"

    def _look(self) -> None:
        """Look whether there is a picture."""
        window = self._window
        refused = window.editing.draft.refusal is not None
        assert not (refused and window.controller.tape is None), "what is refused has taken the run on screen away"
        board = window.board
        if board.isVisible() and board.updatesEnabled() and not window.isMinimized():  # else it waits to be painted
            assert _colours(board) >= LEAST_COLOURS, f"the stage is empty: {board.size()}, {self._state()}"

    def _train(self) -> Iterator[Turn]:
        """See whether a run that is begun now goes on, unless an error is told that is right."""
        yield away, 0
        yield self._window.showNormal, 0
        if self._window.predictions.is_open:
            yield self._window.predictions.toggle, 0
        controller, told = self._window.controller, self._watch.told
        before = controller.tape
        yield controller.restart, 0
        yield from self._await(lambda: controller.tape is not before or self._watch.told > told, "no run begins")
        if not controller.playing and controller.head < 1:
            yield controller.toggle, 0
        yield from self._await(
            lambda: (controller.tape and controller.tape.diverged) or controller.head >= 1 or self._watch.told > told,
            "the run does not go on",
        )

    # What is answered

    def _name_to_save(self, *_: object) -> str:
        names = ("saved.toml", "saved.png", "saved.svg", "saved.pdf", "saved.json", "saved.csv", "saved.gif", "saved")
        places = [str(self._folder / name) for name in names]
        return self._answers.choice(("", *places, "/nowhere/c.toml"))

    def _name_to_open(self, *_: object) -> str:
        return self._answers.choice(("", *(str(self._folder / name) for name in DROPPED)))

    # Its end

    def _end(self) -> None:
        """Close the window, and see what is left of it."""
        window, began = self._window, time.thread_time()
        window.asks = False
        window.close()
        self._result.closing_s = time.thread_time() - began
        until = time.monotonic() + PATIENCE_S
        while _threads() and time.monotonic() < until:
            time.sleep(0.01)
        result, longest = self._result, self._stalls.longest
        if not result.fault and self._watch.faults:
            result.fault = self._watch.faults[0]
        elif not result.fault and _threads():
            result.fault = f"threads are left: {_threads()}"
        elif not result.fault and result.closing_s > CLOSED_S:
            result.fault = f"to close took {result.closing_s} s"
        result.stall = longest.own_ms, longest.wall_ms, longest.action


def _threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("gradsim")]


def _nothing() -> None:
    """Wait for the next turn."""


def _colours(widget: QWidget) -> int:
    picture = widget.grab().toImage().scaled(160, 100)
    pixels = picture.convertToFormat(picture.Format.Format_RGB32)
    return len({pixels.pixel(x, y) for x in range(pixels.width()) for y in range(0, pixels.height() * 3 // 4)})


def main(folder: Path, seed: int, how_many: str) -> None:
    """Live once: so many actions, or those of a file; the result is in the folder."""
    again = None if how_many.isdigit() else [Deed(*each) for each in json.loads(Path(how_many).read_text("utf-8"))]
    make_files(folder)
    with (folder / LAST_WORDS).open("w") as last_words:
        faulthandler.enable(last_words)
        result = Life(folder, seed, 0 if again is not None else int(how_many), last_words, again).live()
    (folder / RESULT).write_text(json.dumps(asdict(result)), "utf-8")
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])

"""One window that is used at random: ``python -m tests.trials.monkey.life FOLDER SEED HOW_MANY|ACTIONS.json``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from unittest.mock import patch

from PySide6.QtWidgets import QWidget

from gradsim.sim.documents.lessons import lessons
from gradsim.ui.themes import THEMES
from gradsim.words.languages import languages
from tests.trials.monkey.deeds import DROPPED, SIZES, Deed, Scene, away, done, drawn
from tests.trials.monkey.files import make_files
from tests.trials.monkey.program import Program, Turn

JOURNAL = "actions.jsonl"
LOOK_EVERY, TRAIN_EVERY, MANY = 10, 100, 250
LEAST_COLOURS = 12
"""An empty stage has its ground and perhaps the lines around its cards, with their smoothed corners."""
LEAST_SIDE = 200
"""A stage narrower or lower than this, in pixels, has room for little more than the marks of its runs."""


class Life(Program):
    """Uses one window at random.

    Parameters
    ----------
    folder
        Where the files are that the window opens and saves.
    seed
        Decides what is done.
    how_many
        How many actions there are.
    again
        Actions to be repeated instead.
    """

    def __init__(self, folder: Path, seed: int, how_many: int, again: list[Deed] | None = None) -> None:
        super().__init__(folder, is_short=how_many < MANY)
        self._chance, self._answers = Random(seed), Random(seed)
        self._how_many, self._again = len(again) if again is not None else how_many, again
        self._journal = (folder / JOURNAL).open("w", encoding="utf-8")

    def live(self) -> None:
        """Open a window of a lesson, use it, and end the process."""
        patch("gradsim.ui.files.name_in_dialog", self._name_to_save).start()
        for place in ("gradsim.ui.ways_in", "gradsim.ui.panels.paths"):
            patch(f"{place}.name_to_open", self._name_to_open).start()
        choice = self._chance.choice
        self.run(lessons()[choice(list(lessons()))], choice(list(THEMES)), choice(languages()), choice(SIZES))

    def turns(self) -> Iterator[Turn]:
        self._scene = Scene(self.window, self.folder)
        for i in range(self._how_many):
            yield self._deed(i)
            if i % LOOK_EVERY == 0:
                self._look()
            if i % TRAIN_EVERY == TRAIN_EVERY - 1:
                yield from self._train()
        yield from self._train()

    def _deed(self, i: int) -> Turn:
        deed = drawn(self._chance, self._scene) if self._again is None else self._again[i]
        self._journal.write(json.dumps(deed) + "\n")
        self._journal.flush()  # before it is done, for it may end the program
        self._answers, self.result.done = Random(deed.chance), i + 1
        self.stalls.action, self.stalls.kind = i + 1, deed.verb
        return lambda: done(self._scene, deed), deed.wait_ms

    # What it sees

    def _look(self) -> None:
        """Look whether there is a picture."""
        editing, board = self.window.editing, self.window.board
        refused = editing.draft.refusal is not None
        assert not (refused and self.window.controller.tape is None), "a refused edit has taken the run away"
        # While it is made, what was there stays.
        is_there = board.isVisible() and board.updatesEnabled() and board.on_screen is not None
        has_room = min(board.width(), board.height()) >= LEAST_SIDE
        if is_there and has_room and not self.window.isMinimized():
            assert _colours(board) >= LEAST_COLOURS, f"the stage is empty: {board.size()}, {self.state()}"

    def _train(self) -> Iterator[Turn]:
        """See whether a run that is begun now goes on, unless an error is told that is right."""
        yield away, 0
        yield self.window.showNormal, 0
        if self.window.predictions.is_open:
            yield self.window.predictions.toggle, 0
        controller, told = self.window.controller, self.watch.told
        before = controller.tape
        yield controller.restart, 0
        yield from self.waiting(lambda: controller.tape is not before or self.watch.told > told, "no run begins")
        if not controller.playing and controller.head < 1:
            yield controller.toggle, 0
        yield from self.waiting(
            lambda: (controller.tape and controller.tape.diverged) or controller.head >= 1 or self.watch.told > told,
            "the run does not go on",
        )

    # What is answered

    def _name_to_save(self, *_: object) -> str:
        names = ("saved.toml", "saved.png", "saved.svg", "saved.pdf", "saved.json", "saved.csv", "saved.gif", "saved")
        places = [str(self.folder / name) for name in names]
        return self._answers.choice(("", *places, "/nowhere/c.toml"))

    def _name_to_open(self, *_: object) -> str:
        return self._answers.choice(("", *(str(self.folder / name) for name in DROPPED)))


def _colours(widget: QWidget) -> int:
    picture = widget.grab().toImage()
    picture = picture.scaled(picture.width() // 4 + 1, picture.height() // 4 + 1)
    pixels = picture.convertToFormat(picture.Format.Format_RGB32)
    return len({pixels.pixel(x, y) for x in range(pixels.width()) for y in range(0, pixels.height() * 3 // 4)})


def main(folder: Path, seed: int, how_many: str) -> None:
    """Live once: so many actions, or those of a file; the result is in the folder."""
    again = None if how_many.isdigit() else [Deed(*each) for each in json.loads(Path(how_many).read_text("utf-8"))]
    make_files(folder)
    Life(folder, seed, 0 if again is not None else int(how_many), again).live()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])

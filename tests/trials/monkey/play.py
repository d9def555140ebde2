"""One window in which much is played: ``python -m tests.trials.monkey.play FOLDER steps|seconds HOW_MANY``."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Any

from gradsim.sim.documents.document import Document, parse
from gradsim.sim.documents.lessons import first_lesson, lessons
from tests.trials.monkey.files import SMALL
from tests.trials.monkey.program import Program, Turn, nothing

SIZE = (1600, 900)
LEAST_S = 2
"""How long a lesson is played at least."""
MANY_STEPS, MANY_S = 1000, 60
STILL_S = 60.0
"""For how long a run may come no further."""


class Steps(Program):
    """Plays one long run at full speed, to its end."""

    def __init__(self, folder: Path, steps: int) -> None:
        super().__init__(folder, is_short=steps < MANY_STEPS)
        self._steps = steps

    @property
    def document(self) -> Document:
        """The experiment, with so many steps."""
        document = parse(SMALL, "small")
        experiment: Any = document.experiment
        return replace(document, experiment=replace(experiment, steps=self._steps))

    def turns(self) -> Iterator[Turn]:
        controller = self.window.controller
        yield lambda: self.window.editing.open(self.document), 0
        yield lambda: controller.set_speed(inf), 0
        yield from self.waiting(lambda: controller.steps == self._steps, "it does not begin")
        while controller.step < self._steps:
            at = controller.step
            yield from self.waiting(lambda at=at: controller.step > at, "it comes no further", STILL_S)  # type: ignore[misc]
            self.result.done = self.stalls.action = controller.step


class Seconds(Program):
    """Plays every lesson for an equal part of a time; in a short time only the first ones."""

    def __init__(self, folder: Path, seconds: int) -> None:
        super().__init__(folder, is_short=seconds < MANY_S)
        self._many = min(len(lessons()), max(1, seconds // LEAST_S))
        self._each_s = seconds / self._many

    def turns(self) -> Iterator[Turn]:
        began, controller = time.monotonic(), self.window.controller
        for name in list(lessons())[: self._many]:
            yield lambda name=name: self.window.walk.open(name), 0  # type: ignore[misc]
            yield from self.waiting(lambda name=name: self._shows(name), f"{name} is not shown")  # type: ignore[misc]
            until = time.monotonic() + self._each_s
            while time.monotonic() < until:
                if not controller.playing:
                    yield controller.toggle, 0
                yield nothing, 100
                self.result.done = round(time.monotonic() - began)

    def _shows(self, name: str) -> bool:
        shown = self.window.board.on_screen
        return shown is not None and shown.lesson is not None and shown.lesson.id == name


def main(folder: Path, what: str, how_many: int) -> None:
    """Play so many steps or seconds; the result is in the folder."""
    if what == "steps":
        program = Steps(folder, how_many)
        program.run(program.document, "light", "en", SIZE)
    else:
        Seconds(folder, how_many).run(first_lesson(), "light", "en", SIZE)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))

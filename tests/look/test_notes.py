"""The notes of a lesson and the lecturer's: every text is legible and has room, in all themes and sizes."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from gradsim.sim.documents.document import Document
from gradsim.sim.kinds import kind_of
from gradsim.sim.run.simulation import new_tape, play
from gradsim.sim.run.tape import Past
from gradsim.ui.app import application
from gradsim.ui.export import settle
from gradsim.ui.identities import slots_of
from gradsim.ui.keys import KEYS
from gradsim.ui.notes.lecturer import LecturerNotes, look_beside
from gradsim.ui.notes.panel import NotesPanel
from gradsim.ui.notes.room import notes_px
from gradsim.ui.theme import Look, style_sheet
from gradsim.ui.themes import THEMES
from tests.covering import covering
from tests.gui.notes import small_lesson
from tests.look.faults import CHECKS, SMALL
from tests.look.scenes import SIZES, Scene, lowest_capitals

CHECKED = ("faint_texts", "cut_texts", "texts_over_texts", "texts_over_marks")


@dataclass(frozen=True)
class Run:
    """A lesson that has been run to its end."""

    document: Document
    past: Past


@pytest.fixture(scope="module")
def run() -> Run:
    application()
    document = small_lesson()
    simulation = kind_of(document.experiment).simulations(document.experiment)()
    tape = new_tape(simulation)
    for _ in play(simulation, tape):
        pass
    return Run(document, tape.until(document.experiment.steps))


@pytest.mark.parametrize(("theme", "language", "size"), covering(THEMES, ["en", "zh_CN"], SIZES))
def test_all_texts_of_the_notes_are_legible_and_have_room(
    run: Run, shown: list[QWidget], theme: str, size: tuple[int, int], language: str
) -> None:
    look = Look.fit(theme, language, QSize(*size), slots_of(run.document.experiment))
    assert run.document.lesson is not None
    panel = NotesPanel(run.document.lesson, look)
    shown.append(panel)
    panel.setStyleSheet(style_sheet(look))
    panel.resize(notes_px(look), 2 * size[1])
    panel.show()
    panel.tries[1].show_done(True)
    panel.show_past(run.document, run.past, in_motion=False)
    panel.settle()
    settle(application())
    assert [row.true for row in panel.rows] == [True, False, None]
    assert panel.verticalScrollBar().maximum() == 0
    scene = Scene(panel, run.document, look)
    assert {name: sorted(set(CHECKS[name](scene))) for name in CHECKED} == {name: [] for name in CHECKED}
    assert theme != "projector" or lowest_capitals(scene) >= size[1] * SMALL - 0.5


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("theme", THEMES)
def test_all_texts_for_the_lecturer_are_legible_and_have_room(
    run: Run, shown: list[QWidget], theme: str, language: str
) -> None:
    main = QWidget()
    shown.append(main)
    for action in {key.action for key in KEYS}:
        setattr(main, action, lambda: None)
    look = look_beside(theme, language)
    notes = LecturerNotes(main)
    notes.show_lesson(run.document.lesson, look)
    notes.open()
    settle(application())
    scene = Scene(notes, run.document, look)
    assert len(scene.drawn.texts) >= 10
    assert {name: sorted(set(CHECKS[name](scene))) for name in CHECKED} == {name: [] for name in CHECKED}

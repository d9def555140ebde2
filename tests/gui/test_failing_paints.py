"""A picture that cannot be painted is told of, and the program goes on."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
from PySide6.QtCore import QTimer
from gradsim.sim.documents.document import Document
from gradsim.sim.documents.experiments import experiment_from
from gradsim.ui.app import application
from gradsim.ui.board import Board
from gradsim.ui.plots.scene import Scene
from tests.unit.races import raced

def fail(self, painter):
    painter.save()
    raise ValueError("not painted")

Scene._draw_facets = fail
app, told = application(), []
sys.excepthook = lambda kind, error, trace: told.append(str(error))
race = experiment_from({"kind": "race", "steps": 3, "runs": [{"label": "R"}]})
board = Board("light", "en")
board.resize(640, 480)
board.show_document(Document(race), ["surface3d"])
board.show()
board.draw(raced(race)[1], 3)
again = QTimer()
again.timeout.connect(board.grab)
again.start(20)
QTimer.singleShot(1000, app.quit)
app.exec()
print(len(told) > 3, set("not painted" in each for each in told))
"""


def test_what_fails_in_a_paint_does_not_end_the_program() -> None:
    ended = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=300)
    assert ended.stdout.split("\n")[0] == "True {True}", (ended.returncode, ended.stderr)

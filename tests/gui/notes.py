"""A small lesson with all that notes may have, for tests of these."""

from __future__ import annotations

from gradsim.sim.documents.document import Document, parse
from gradsim.ui.notes.panel import NotesPanel
from gradsim.ui.window import Window
from tests.gui.conftest import SMALL

LESSON = r"""
[lesson]
id = "small"
number = 3
title = { en = "Small", zh_CN = "小课" }
question = { en = "Which one learns, and by how much?", zh_CN = "谁学得起来，差多少？" }
views = ["loss"]
minutes = 5
formula = '\delta_l = \textcolor{run1}{f^{\prime}} \cdot \frac{1}{n} \sum_i x_i'
live_formula = '{slow} \ge \textcolor{run2}{{fast}}'
sources = ["Glorot and Bengio (2010), AISTATS"]
points = [
  { text = { en = "The run goes on to the tenth step.", zh_CN = "运行到了第十步。" }, when = "late >= 0" },
  { text = { en = "Sigmoid has a small loss by now.", zh_CN = "Sigmoid 的损失已经很小。" }, when = "slow < 1e-9" },
  { text = { en = "A point that only people can see.", zh_CN = "只有人能看出的一点。" } },
]

[lesson.measures]
slow = { quantity = "loss", run = 1 }
fast = { quantity = "loss", run = 2 }
late = { quantity = "loss", run = 1, step = 10 }

[[lesson.tries]]
text = { en = "Ten times the learning rate", zh_CN = "学习率增大十倍" }
set = { learning_rate = 1.0 }
control = "learning_rate"

[[lesson.tries]]
text = { en = "tanh in place of sigmoid: it is steeper at zero, up to 1", zh_CN = "把 Sigmoid 换成在零点更陡的 tanh" }
set = { activation = "tanh" }
run = 1
control = "activation"

[lesson.why]
en = "Sigmoid is at {slow}, ReLU at {fast}."
zh_CN = "Sigmoid 为 {slow}，ReLU 为 {fast}。"

[lesson.notes]
do = { en = "Ask first.", zh_CN = "先提问。" }
say = { en = "Eight factors, multiplied.", zh_CN = "八个因子连乘。" }
usual = { en = "All alike.", zh_CN = "都一样。" }
trap = { en = "No constant factor.", zh_CN = "不是常数倍。" }
"""


def small_lesson() -> Document:
    """Return the lesson with its small experiment."""
    return parse(SMALL + LESSON, "small lesson")


def notes_of(window: Window) -> NotesPanel:
    """Return the notes that a window has, with what is true by now."""
    window.settle()
    assert window.notes.panel is not None
    return window.notes.panel

"""Small lessons that ask for a choice, a number, or a curve, for tests of these."""

from __future__ import annotations

from gradsim.sim.documents.document import Document, parse
from tests.gui.conftest import SMALL

RACE = """
kind = "race"
surface = "walled_saddle"
start = [1.5, 1e-6]
steps = 200
[common]
optimizer = { name = "sgd", learning_rate = 0.05 }
[[runs]]
[[runs]]
optimizer = { name = "momentum", learning_rate = 0.05 }
[lesson]
id = "delayed"
number = 1
title = { en = "Saddle points", zh_CN = "鞍点" }
question = { en = "Trapped or delayed?", zh_CN = "是被困住，还是被耽搁？" }
views = ["value"]
[lesson.measures]
slow = { quantity = "y", run = 1, absolute = true, first = "> 1" }
start_y = { quantity = "y", run = 1, step = 0 }
gain = { quantity = "y", run = 1, step = "last", over = "start_y" }
"""

CHOICE = """
[lesson.predict]
ask = "choice"
question = { en = "How long does SGD stay?", zh_CN = "SGD 会停留多久？" }
usual = { en = "For ever.", zh_CN = "永远。" }
choices = [
  { text = { en = "20 steps", zh_CN = "20 步" }, when = "slow < 50" },
  { text = { en = "150 steps", zh_CN = "150 步" }, when = "50 <= slow < 200" },
  { text = { en = "for ever", zh_CN = "永远" }, when = "slow >= 200" },
]
"""

NUMBER = """
[lesson.predict]
ask = "number"
question = { en = "After how many steps does SGD leave?", zh_CN = "SGD 多少步后离开？" }
right = "slow"
scale = [1, 200]
log = true
"""

FACTOR = """
[lesson.predict]
ask = "number"
question = "By which factor has its distance from the ridge grown?"
right = "gain"
scale = [1, 1e9]
log = true
"""

LESSON = """
[lesson]
id = "layers"
number = 2
title = { en = "Layers", zh_CN = "各层" }
question = { en = "Which layer learns?", zh_CN = "哪一层在学？" }
views = ["gradients", "loss"]
"""

LAYERS = """
[lesson.predict]
ask = "curve"
question = { en = "Draw the gradient of each layer.", zh_CN = "画出各层的梯度。" }
curve = { quantity = "grad_rms", run = 1, over = "layers", log = true }
scale = [1e-6, 1.0]
at = 30
"""

STEPS = """
[lesson.predict]
ask = "curve"
question = { en = "Draw the loss of the ReLU network.", zh_CN = "画出 ReLU 网络的损失。" }
curve = { quantity = "loss", run = 2, over = "steps" }
scale = [0, 4]
at = "last"
"""


def race(asked: str) -> Document:
    """Return the race with a question."""
    return parse(RACE + asked, "race")


def training(asked: str) -> Document:
    """Return the small training with a question."""
    return parse(SMALL + LESSON + asked, "training")


ALL = {
    "choice": lambda: race(CHOICE),
    "number": lambda: race(NUMBER),
    "layers": lambda: training(LAYERS),
    "steps": lambda: training(STEPS),
}
"""A lesson for each way to ask."""

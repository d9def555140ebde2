"""Changes that a lesson proposes, how its points stand, its live texts, and the right answers to predictions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradsim.schema.parameters import ParameterError, decode
from gradsim.sim.documents import results
from gradsim.sim.documents.document import Document, parse
from gradsim.sim.documents.drafts import History
from gradsim.sim.documents.lesson_parts import Try
from gradsim.sim.documents.points import Standing, live, live_text, standings
from gradsim.sim.documents.predict import answer, reveal_step
from gradsim.sim.documents.tries import applied, changed_table
from gradsim.sim.run.tape import Tape

RACE = """
kind = "race"
surface = "walled_saddle"
start = [1.5, 1e-6]
steps = 200
[[runs]]
optimizer = { name = "sgd", learning_rate = 0.05 }
[[runs]]
optimizer = { name = "momentum", learning_rate = 0.05 }
[lesson]
id = "x"
title = "T"
picture_step = 160
points = [
  "A text.",
  { text = "B", when = "fast < slow" },
  { text = "C", when = "60 < slow < 100" },
  { text = "D", when = "gain > 1000", at = "last" },
]
[lesson.measures]
slow = { quantity = "y", absolute = true, first = "> 1" }
fast = { quantity = "y", run = 2, absolute = true, first = "> 1" }
start_y = { quantity = "y", step = 0 }
gain = { quantity = "y", step = "last", over = "start_y" }
"""
TRAIN = """
steps = 30
replicas = 3
common = { hidden = [4, 5, 6] }
runs = [{ activation = "tanh" }, { activation = "relu" }]
[lesson]
id = "x"
title = "T"
"""


def race(more: str = "") -> Document:
    return parse(RACE + more, "race.toml")


@pytest.fixture(scope="module")
def tape() -> Tape:
    return results.run(race())[1]


def tried(**table: Any) -> Try:
    return decode(Try, {"text": "A", **table})


# Things to try


def test_a_setting_of_runs_changes_in_all_or_in_one() -> None:
    both = applied(race(), tried(set={"learning_rate": 0.01})).experiment.runs
    assert [(run.optimizer.key, run.optimizer.learning_rate) for run in both] == [("sgd", 0.01), ("momentum", 0.01)]
    one = applied(race(), tried(set={"learning_rate": 0.01}, run=2)).experiment.runs
    assert [run.optimizer.learning_rate for run in one] == [0.05, 0.01]


def test_a_table_without_a_name_changes_the_entry_that_is_there() -> None:
    runs = applied(race(), tried(set={"optimizer": {"momentum": 0.5}}, run=2)).experiment.runs
    assert (runs[1].optimizer.momentum, runs[1].optimizer.learning_rate) == (0.5, 0.05)
    runs = applied(race(), tried(set={"optimizer": {"name": "adam"}}, run=2)).experiment.runs
    assert [run.optimizer.key for run in runs] == ["sgd", "adam"]


def test_runs_are_added_like_the_first() -> None:
    document = parse(TRAIN, "train.toml")
    runs = applied(document, tried(runs=[{"activation": "elu"}, {"hidden": [9]}])).experiment.runs
    assert [(run.activation.key, run.hidden) for run in runs[2:]] == [("elu", (4, 5, 6)), ("tanh", (9,))]


def test_a_change_is_one_edit_and_undo_takes_it_back() -> None:
    document = race()
    change = tried(set={"start": [1.5, 0.0], "learning_rate": 0.01}, runs=[{"optimizer": "adam"}])
    history = History.of(document).edited(changed_table(document, change))
    assert history.draft.document == applied(document, change)
    assert not history.draft.document.is_as_in_the_lesson
    assert history.undone().draft.document == document


def test_a_change_that_is_not_allowed_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"^runs\[0\].optimizer.learning_rate: -1 is not"):
        applied(race(), tried(set={"learning_rate": -1}))


# Points


def test_a_point_is_true_false_or_not_known_yet(tape: Tape) -> None:
    found = [standings(race(), tape.until(step), "en") for step in (40, 60, 120, 200)]
    assert [each[0] for each in found] == [Standing(None)] * 4
    assert [each[1][:2] for each in found] == [
        (None, "≥ 41, ≥ 41"),
        (True, "53, ≥ 61"),
        (True, "53, ≥ 121"),
        (True, "53, 149"),
    ]
    assert [each[2].true for each in found] == [None, None, False, False]
    assert [each[3].true for each in found] == [None, None, None, True]


def test_a_lesson_is_measured_on_a_changed_experiment_as_far_as_it_goes(tape: Tape) -> None:
    document = race()
    alone = document.with_experiment(document.experiment.with_settings(runs=document.experiment.runs[:1]))
    _, own = results.run(alone)
    found = standings(alone, own.until(200), "en")
    assert [each.true for each in found] == [None, None, False, True]
    assert found[1].figure == "…, 149"


def test_an_experiment_without_a_lesson_has_no_points(tape: Tape) -> None:
    assert standings(Document(race().experiment), tape.until(9), "en") == ()


# Texts


def test_texts_are_filled_with_measures_and_figures_in_the_colours_of_their_runs(tape: Tape) -> None:
    text = "{fast} then {slow}; {leader} leads"
    spans = live(race(), tape.until(200), text, "en")
    assert [(span.text, span.run) for span in spans][:3] == [("53", 1), (" then ", None), ("149", 0)]
    assert live_text(race(), tape.until(60), text, "en").startswith("53 then …; ")


def test_figures_that_an_experiment_has_not_are_left_open() -> None:
    document = parse('probes = "off"\n' + TRAIN.replace("[4, 5, 6]", "[]"), "train.toml")
    _, tape = results.run(document)
    past = tape.until(30)
    accuracy = float(np.median(past.values(0, "accuracy")))
    assert live_text(document, past, "{learns} {accuracy}", "en") == f"… {100 * accuracy:.0f} %"


def test_a_formula_is_filled_in_latex(tape: Tape) -> None:
    formula = r"\frac{slow}{fast} = {gain} \, {start_y}^{a}"
    text = parse(RACE.replace('title = "T"', f"title = 'T'\nlive_formula = '{formula}'"), "race.toml")
    at_end = live_text(text, tape.until(200), formula, "zh_CN")
    y = tape.until(200).values(0, "y")[0] / 1e-6
    mantissa, exponent = f"{y:.1e}".split("e")
    assert at_end == (
        rf"\frac{{149}}{{53}} = {{{mantissa} \times 10^{{{int(exponent)}}}}} \, {{1.0 \times 10^{{-6}}}}^{{a}}"
    )
    assert live_text(text, tape.until(9), formula, "en").startswith(r"\frac{\ldots}{\ldots}")


# Predictions

CHOICE = """[lesson.predict]
ask = "choice"
question = "Q"
choices = [
  { text = "soon", when = "slow < 100" },
  { text = "late", when = "slow < 200" },
  { text = "never" },
]
"""
NUMBER = '[lesson.predict]\nask = "number"\nquestion = "Q"\nright = "slow"\nscale = [1, 200]\nat = 155\n'


def test_the_first_answer_that_is_true_is_right(tape: Tape) -> None:
    document = race(CHOICE)
    assert reveal_step(document) == 160
    # At step 120 the first answer is already wrong, and of the second nothing is known.
    assert [answer(document, tape.until(step)).choice for step in (40, 120, 160)] == [None, None, 1]


def test_the_right_number_is_the_measure(tape: Tape) -> None:
    document = race(NUMBER)
    assert reveal_step(document) == 155
    assert (answer(document, tape.until(155)).value, answer(document, tape.until(155)).text) == (149.0, "149")
    assert answer(document, tape.until(148)).value is None


@pytest.mark.parametrize(
    ("curve", "channel", "pick"),
    [
        ('{ quantity = "loss", run = 2, since = 3 }', "loss", np.s_[3:, :]),
        ('{ quantity = "slope", run = 2, layer = "output" }', "slope", np.s_[:, -1, :]),
        ('{ quantity = "slope", run = 2, layer = 2 }', "slope", np.s_[:, 1, :]),
    ],
)
def test_the_right_curve_over_steps_is_the_median(curve: str, channel: str, pick: Any) -> None:
    asked = f'[lesson.predict]\nask = "curve"\nquestion = "Q"\ncurve = {curve}\nscale = [0, 1]\n'
    document = parse(TRAIN + asked, "train.toml")
    past = results.run(document)[1].until(30)
    right = answer(document, past)
    assert right.y == pytest.approx(np.median(past.replicas(1, channel)[pick], axis=-1))
    assert right.x.tolist() == list(range(31 - len(right.y), 31))


def test_the_right_curve_over_layers_is_of_the_step_shown() -> None:
    curve = '{ quantity = "grad_rms", over = "layers" }'
    asked = f'[lesson.predict]\nask = "curve"\nquestion = "Q"\ncurve = {curve}\nscale = [0, 1]\n'
    document = parse(TRAIN + asked, "train.toml")
    past = results.run(document)[1].until(12)
    right = answer(document, past)
    assert right.x.tolist() == [1, 2, 3, 4]
    assert right.y == pytest.approx(np.median(past.values(0, "grad_rms"), axis=-1))

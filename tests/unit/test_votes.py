"""What a class has predicted: the tally, how far it was from the run, and what of it is kept."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import pytest

from gradsim.sim.documents import results
from gradsim.sim.documents.document import Document, parse
from gradsim.sim.documents.predict import reveal_step
from gradsim.sim.run.tape import Past
from gradsim.sim.votes.drawing import Drawing, places
from gradsim.sim.votes.guess import Guess
from gradsim.sim.votes.hands import Hands
from gradsim.sim.votes.numbers import Guesses, ratio
from gradsim.sim.votes.vote import Vote, dumped, empty_guess, revealed
from tests.gui.asking import CHOICE, FACTOR, LAYERS, LESSON, NUMBER, RACE, STEPS, race, training
from tests.gui.conftest import SMALL


@cache
def _past(name: str) -> Past:
    document = race(NUMBER) if name == "race" else training(LAYERS)
    return results.run(document)[1].until(document.experiment.steps)


def _hands(*counts: int) -> Hands:
    hands = Hands(len(counts))
    for i, count in enumerate(counts):
        hands.set_count(i, count)
    return hands


def _guesses(*values: float) -> Guesses:
    guesses = Guesses()
    for value in values:
        guesses.add(value)
    return guesses


def _voted(document: Document, guess: Guess, name: str = "race") -> Vote:
    return revealed(document, _past(name), guess)


# Hands


def test_hands_are_counted_and_taken_back_in_the_order_they_came() -> None:
    hands = Hands(3)
    for answer in (0, 2, 2, 1):
        hands.count(answer)
    assert (hands.counts, hands.total) == ([1, 1, 2], 4)
    hands.take_back()
    hands.take_back()
    assert hands.counts == [1, 0, 1]
    hands.take_back(0)
    hands.take_back()
    assert (hands.counts, hands.is_empty) == ([0, 0, 0], True)
    hands.take_back()
    hands.take_back(1)
    assert hands.counts == [0, 0, 0]


def test_a_typed_number_of_hands_is_no_single_hand_to_take_back() -> None:
    hands = Hands(2)
    hands.count(0)
    hands.count(1)
    hands.set_count(1, 12)
    hands.take_back()
    assert hands.counts == [0, 12]
    hands.take_back(1)
    assert hands.counts == [0, 11]


def test_a_choice_is_told_with_the_share_that_had_it_and_the_figure() -> None:
    vote = _voted(race(CHOICE), _hands(9, 6, 26))
    assert vote.sentence("en") == "6 of 41 had it, 15 %: “150 steps”, measured 149."
    assert vote.sentence("zh_CN") == "41 人中 6 人答对，占 15 %：“150 步”，实测 149。"
    assert vote.lines("en") == ["20 steps: 9", "✓ 150 steps: 6", "for ever: 26"]


def test_a_choice_that_nobody_made_is_told_without_a_share() -> None:
    assert _voted(race(CHOICE), Hands(3)).sentence("en") == "Right is “150 steps”, measured 149."


def test_of_several_measures_no_figure_is_told() -> None:
    several = race(CHOICE.replace("50 <= slow < 200", "50 <= slow < gain"))
    assert _voted(several, _hands(1, 1, 0)).sentence("en") == "1 of 2 had it, 50 %: “150 steps”."


# Numbers


def test_a_number_is_told_beside_the_measured_one() -> None:
    assert _voted(race(NUMBER), _guesses(20)).sentence("en") == "The room guessed 20; measured 149."
    several = _voted(race(NUMBER), _guesses(20, 5, 30, 100))
    assert several.sentence("en") == "The room guessed 5 to 100, the middle 25; measured 149."
    assert _voted(race(NUMBER), Guesses()).sentence("en") == "Measured 149."


def test_a_factor_is_told_as_a_ratio() -> None:
    document = race(FACTOR)
    y = _past("race").replicas(0, "y")[[0, -1], 0]
    told = _voted(document, _guesses(8)).sentence("en")
    assert told == f"The room guessed 8 : 1; measured {ratio(y[1] / y[0])}."
    assert y[1] / y[0] > 1e6


def test_a_step_that_is_never_reached_is_told_as_never() -> None:
    never = parse((RACE + NUMBER).replace('first = "> 1"', 'first = "> 1e9"'), "never")
    vote = revealed(never, _past("race"), _guesses(20))
    assert vote.sentence("en") == "The room guessed 20; measured never."
    assert (vote.table("en")["measured"], vote.table("en")["measured_text"]) == (None, "never")


@pytest.mark.parametrize(
    ("value", "told"), [(8.0, "8 : 1"), (33_000.0, "33,000 : 1"), (0.125, "1 : 8"), (1.0, "1 : 1")]
)
def test_ratios(value: float, told: str) -> None:
    assert ratio(value) == told


# Curves


def test_places_of_a_curve_are_its_layers_or_the_steps_to_the_reveal() -> None:
    assert places(training(LAYERS)).tolist() == [1, 2, 3, 4]
    steps = places(training(STEPS))
    assert (steps[0], steps[-1]) == (0, 40)
    assert np.all(np.diff(steps) > 0)


def test_a_stroke_draws_all_points_it_passes_straight_on_the_axis() -> None:
    drawing = Drawing(np.arange(1.0, 6.0), log=True)
    drawing.stroke((0.5, 1e-1), (4.5, 1e-5))
    assert drawing.y[:3] == pytest.approx([10**-1.5, 10**-2.5, 10**-3.5])
    assert drawing.y[3] == 1e-5  # the pen ends beside it
    assert np.isnan(drawing.y[4])
    backwards = Drawing(np.arange(1.0, 6.0), log=False)
    backwards.stroke((4.0, 4.0), (2.0, 2.0))
    assert backwards.y.tolist() == pytest.approx([np.nan, 2.0, 3.0, 4.0, np.nan], nan_ok=True)


def test_points_between_two_that_are_drawn_are_filled_and_can_be_drawn_anew() -> None:
    drawing = Drawing(np.arange(5.0), log=False)
    drawing.set_point(0, 0.0)
    drawing.set_point(4, 8.0)
    assert drawing.y.tolist() == [0, 2, 4, 6, 8]
    drawing.set_point(2, 0.0)
    assert drawing.y.tolist() == [0, 2, 0, 6, 8]


def test_a_curve_over_layers_is_told_by_how_its_ends_stand_to_each_other() -> None:
    document = training(LAYERS)
    drawing = empty_guess(document)
    assert isinstance(drawing, Drawing)
    drawing.stroke((1.0, 1e-3), (4.0, 8e-3))
    past = results.run(document)[1].until(30)
    medians = np.median(past.values(0, "grad_rms"), axis=-1)
    told = revealed(document, past, drawing).sentence("en")
    assert told == f"Layer 1 to output: the room drew 1 : 8, measured {ratio(medians[0] / medians[-1])}."


@pytest.mark.parametrize("log", [False, True])
def test_a_curve_over_steps_is_told_where_the_gap_is_widest(log: bool) -> None:
    asked = STEPS.replace('over = "steps"', 'over = "steps", log = true').replace("[0, 4]", "[0.1, 4]")
    document = training(asked if log else STEPS)
    drawing = empty_guess(document)
    assert isinstance(drawing, Drawing)
    drawing.stroke((0.0, 3.0), (40.0, 3.0))
    past = results.run(document)[1].until(40)
    medians = np.median(past.replicas(1, "loss"), axis=-1)
    at = int(np.abs(np.log(medians / 3.0) if log else medians - 3.0).argmax())
    told = revealed(document, past, drawing).sentence("en")
    assert told == f"The gap is widest at step {at}: the room drew 3, measured {medians[at]:.3g}."


def test_a_curve_that_nobody_drew_is_told_by_what_was_measured() -> None:
    document = training(STEPS)
    past = results.run(document)[1].until(40)
    first, last = np.median(past.replicas(1, "loss"), axis=-1)[[0, -1]]
    told = revealed(document, past, empty_guess(document)).sentence("en")
    assert told == f"Measured {first:.3g} at step 0, {last:.3g} at step 40."


# What is not known


@pytest.mark.parametrize("ask", [CHOICE, NUMBER])
def test_an_answer_that_is_not_known_yet_is_said_in_one_line(ask: str) -> None:
    document = race(ask)
    early = results.run(document)[1].until(100)
    vote = revealed(document, early, empty_guess(document))
    assert not vote.is_known
    assert vote.sentence("en") == "The run does not tell the answer at step 100."
    assert vote.sentence("zh_CN") == "到第 100 步，还看不出答案。"


def test_a_run_that_has_diverged_does_not_tell_a_curve() -> None:
    rate = '[common]\noutput = "linear"\nloss = "mse"\noptimizer = { name = "sgd", learning_rate = 1e6 }'
    document = parse(SMALL.replace("[common]", rate) + LESSON + LAYERS, "wild")
    past = results.run(document)[1].until(reveal_step(document))
    assert past.gone
    vote = revealed(document, past, empty_guess(document))
    assert not vote.is_known
    assert vote.sentence("en") == f"The run does not tell the answer at step {past.step}."


# What is kept


def test_all_votes_are_kept_as_json_without_loss() -> None:
    drawing = Drawing(np.arange(1.0, 5.0), log=True)
    drawing.stroke((1.0, 1e-3), (4.0, 8e-3))
    votes = [
        _voted(race(CHOICE), _hands(9, 6, 26)),
        _voted(race(NUMBER), _guesses(20, 5.5)),
        _voted(training(LAYERS), drawing, "training"),
    ]
    choice, number, curve = json.loads(dumped(votes, "en"))
    assert (choice["lesson"], choice["ask"], choice["question"]) == ("delayed", "choice", "How long does SGD stay?")
    assert choice["answers"][1] == {"text": "150 steps", "hands": 6, "right": True}
    assert choice["share_right"] == 6 / 41
    assert (number["guesses"], number["measured"]) == ([20, 5.5], 149)
    assert curve["drawn"] == {"x": [1, 2, 3, 4], "y": drawing.y.tolist()}
    assert curve["measured"]["y"] == np.median(_past("training").values(0, "grad_rms"), axis=-1).tolist()
    assert all(vote["sentence"].endswith(".") for vote in (choice, number, curve))

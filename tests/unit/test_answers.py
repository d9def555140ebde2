"""What a lesson's sentence begins with: the answer to its question, but only where the run shown bears it out.

Every lesson at the steps of its own run: tests/reference/test_lessons.py.
"""

from __future__ import annotations

import re

import numpy as np
import pytest

from gradsim.sim.documents import results
from gradsim.sim.documents.document import Document, Shown, dump, parse, sentence
from gradsim.sim.documents.lessons import lessons
from gradsim.sim.documents.points import studied_in
from gradsim.sim.kinds import kind_of
from gradsim.sim.run.tape import Past, Tape
from gradsim.words.languages import languages
from gradsim.words.sentences import plain_text

KNOWN_AT_ONCE = {"chain", "exploding", "loss-and-vanishing", "two-bowls"}
"""Lessons whose answer is read off the networks before the first step, or off the surfaces."""

RACE = """
kind = "race"
surface = "walled_saddle"
start = [1.5, 1e-2]
steps = 80
common = {{ optimizer = {{ name = "sgd", learning_rate = {rate} }} }}
runs = [{{}}]
[lesson]
id = "late"
title = "Late"
question = "Trapped or delayed?"
holds = ["slow < 70", "slow > 20"]
answer = {{ en = "delayed", zh_CN = "是耽搁" }}
verdict = {{ en = "left after {{slow}} steps", zh_CN = "{{slow}} 步后离开" }}
measures.slow = {{ quantity = "y", run = 1, absolute = true, first = "> 1" }}
"""

TRAIN = """
steps = 40
replicas = 2
data = {{ name = "digits", samples = 100 }}
common = {{ hidden = [4], activation = "linear", batch_size = 16, output = "linear", loss = "mse" }}
runs = [{{ label = "One" }}, {{ label = "Two", optimizer = {{ name = "sgd", learning_rate = {rate} }} }}]
[lesson]
id = "both"
title = "Both"
holds = ["loss > 0"]
answer = "yes"
verdict = "{{label}} at {{loss}}"
measures.loss = {{ quantity = "loss", run = 1, step = 0 }}
"""


def ran(text: str) -> tuple[Document, Tape]:
    document = parse(text, "lesson")
    _, tape = results.run(document)
    return document, tape


def said(document: Document, past: Past, language: str = "en") -> str:
    return plain_text(sentence(document, past, language))


def at_the_start(document: Document) -> Past:
    simulation = kind_of(document.experiment).simulations(document.experiment)()
    tape = Tape(simulation.layout, 1, 1, np.float64)
    tape.append(0, simulation.measure())
    return tape.until(0)


@pytest.mark.parametrize("name", lessons())
def test_before_the_first_step_no_lesson_answers_what_its_run_is_to_show(name: str) -> None:
    document = lessons()[name]
    assert document.lesson is not None
    past = at_the_start(document)
    shown = Shown(found=studied_in(document, past) if name in KNOWN_AT_ONCE else {})
    for language in ("en", "zh_CN"):
        answer = document.lesson.answer(language)
        text = plain_text(sentence(document, past, language, shown)).lower()
        assert (bool(answer) and text.startswith(answer.lower())) == (name in KNOWN_AT_ONCE), text


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("name", lessons())
def test_no_verdict_begins_with_an_answer(name: str, language: str) -> None:
    lesson = lessons()[name].lesson
    assert lesson is not None
    assert not re.match(r"(yes|no|not|only)\b|不|是|能|只", lesson.verdict(language), re.IGNORECASE)


def test_it_is_told_from_the_step_on_at_which_the_run_has_shown_it() -> None:
    document, tape = ran(RACE.format(rate=0.05))
    assert said(document, tape.until(40)) == "Left after … steps."
    left = int(np.argmax(np.abs(tape.until(80).replicas(0, "y")[:, 0]) > 1.0))
    assert 20 < left < 70
    assert said(document, tape.until(80)) == f"Delayed: left after {left} steps."
    assert said(document, tape.until(80), "zh_CN") == f"是耽搁。{left} 步后离开。"
    told = [said(document, tape.until(step)).startswith("Delayed: ") for step in range(81)]
    assert told == [step >= left for step in range(81)]


@pytest.mark.parametrize(("rate", "text"), [(0.001, r"Left never\."), (0.4, r"Left after \d steps\.")])
def test_a_run_that_does_not_bear_it_out_never_gets_it(rate: float, text: str) -> None:
    document, tape = ran(RACE.format(rate=rate))
    assert re.fullmatch(text, said(document, tape.until(80)))
    assert not any("elayed" in said(document, tape.until(step)) for step in range(81))


def test_a_changed_experiment_is_told_of_in_general() -> None:
    document, tape = ran(RACE.format(rate=0.05))
    other = document.with_experiment(document.experiment.with_settings(steps=79))
    assert "elayed" not in said(other, tape.until(79))


def test_a_sentence_on_each_run_is_answered_once() -> None:
    document, tape = ran(TRAIN.format(rate=0.1))
    assert re.fullmatch(r"Yes: One at \S+; Two at \S+\.", said(document, tape.until(2)))


def test_of_runs_that_have_all_diverged_nothing_is_answered() -> None:
    document, tape = ran(
        TRAIN.format(rate=1e6).replace('"One"', '"One", optimizer = { name = "sgd", learning_rate = 1e6 }')
    )
    past = tape.until(tape.head)
    assert len(past.gone) == 2
    assert said(document, past).startswith("One diverged at step ")


def test_a_file_keeps_it() -> None:
    document = parse(RACE.format(rate=0.05), "lesson")
    assert parse(dump(document), "again") == document
    assert document.lesson is not None
    assert document.lesson.answer("zh_CN") == "是耽搁"

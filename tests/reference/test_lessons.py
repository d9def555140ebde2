"""What the lessons say is true of their runs: each point where it is to hold, each number, each right answer.

The quick form runs each lesson with its own seed. All of them with eight other seeds, which takes long:
``python -m pytest tests/reference/test_lessons.py -m course``.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import NamedTuple

import pytest

from gradsim.sim.documents.document import Document, Shown, sentence
from gradsim.sim.documents.lesson import Lesson
from gradsim.sim.documents.lessons import check_all, lessons
from gradsim.sim.documents.measures import Readings
from gradsim.sim.documents.points import live_text, standings, studied_in
from gradsim.sim.documents.predict import Right, answer, reveal_step
from gradsim.sim.run.tape import Past, Tape
from gradsim.words.sentences import plain_text
from tests.trained import own_seed, seeded, trained

OTHER_SEEDS = 8
UNKNOWN = "…"


def cases() -> list[object]:
    """Return each lesson with its own seed, and marked, with eight others."""
    found: list[object] = []
    for name, document in lessons().items():
        own = document.experiment.seed
        others = [seed for seed in range(OTHER_SEEDS + 1) if seed != own][:OTHER_SEEDS]
        found.append(pytest.param((name, own), id=own_seed(name)))
        found += [pytest.param((name, seed), id=f"{name}, seed {seed}", marks=pytest.mark.course) for seed in others]
    return found


class Run(NamedTuple):
    """A lesson with a seed, and the record of its run."""

    name: str
    document: Document
    lesson: Lesson
    tape: Tape
    found: dict[str, dict[int, float]]
    """What views compute of it, at its end."""


def run_of(name: str, seed: int) -> Run:
    document, tape = seeded(name, seed), trained(name, seed)
    assert document.lesson is not None
    return Run(name, document, document.lesson, tape, studied_in(document, tape.until(document.experiment.steps)))


@pytest.fixture(scope="module", params=cases())
def case(request: pytest.FixtureRequest) -> Run:
    """Run each lesson once with each seed: all tests of one follow each other."""
    return run_of(*request.param)


def test_each_point_holds_where_it_is_to(case: Run) -> None:
    _, document, lesson, tape, _ = case
    steps = [lesson.step_of(point.at, document.experiment.steps) for point in lesson.points]
    found = [standings(document, tape.until(step), "en", case.found)[i] for i, step in enumerate(steps)]
    measured = [i for i, point in enumerate(lesson.points) if point.when is not None]
    assert {str(lesson.points[i].when): found[i].figure for i in measured if found[i].true is not True} == {}


def test_its_claim_holds_at_the_end(case: Run) -> None:
    _, document, lesson, tape, _ = case
    readings = Readings(document.experiment, tape.until(document.experiment.steps), lesson.measures, case.found)
    wrong = [each for each in lesson.holds if each.holds(readings) is not True]
    assert {str(each): [readings(measure) for measure in each.names] for each in wrong} == {}


def test_its_answer_is_told_where_the_run_bears_it_out_and_nowhere_else(case: Run) -> None:
    _, document, lesson, tape, found = case
    if not lesson.answer:
        pytest.skip("it has no answer")
    last = document.experiment.steps
    in_picture = lesson.step_of("", last)
    told, is_so = {}, {}
    for step in {*range(0, last, max(last // 20, 1)), in_picture, last}:
        past = tape.until(step)
        readings = Readings(document.experiment, past, lesson.measures, found)
        is_so[step] = all(each.holds(readings) is True for each in lesson.holds)
        told[step] = answers(document, past, found)
    assert told == {step: {"en": each, "zh_CN": each} for step, each in is_so.items()}
    assert is_so[in_picture]
    assert is_so[last]


def answers(document: Document, past: Past, found: dict[str, dict[int, float]]) -> dict[str, bool]:
    """Tell of each language whether the sentence begins with the lesson's answer."""
    assert document.lesson is not None
    begins = {"en": f"{document.lesson.answer('en')}: ", "zh_CN": f"{document.lesson.answer('zh_CN')}。"}
    texts = {language: plain_text(sentence(document, past, language, Shown(found=found))) for language in begins}
    return {language: text.lower().startswith(begins[language].lower()) for language, text in texts.items()}


def test_every_number_in_its_texts_is_known(case: Run) -> None:
    """They are at its end, and at the step of its picture, which the handout shows."""
    _, document, lesson, tape, _ = case
    last = document.experiment.steps
    for past, language in product(map(tape.until, {last, lesson.step_of("", last)}), ("en", "zh_CN")):
        assert UNKNOWN not in plain_text(sentence(document, past, language, Shown(found=case.found)))
        assert UNKNOWN not in live_text(document, past, lesson.why(language), language, case.found)
        assert r"\ldots" not in live_text(document, past, lesson.live_formula, language)


def test_what_is_predicted_has_a_right_answer(case: Run) -> None:
    name, document, lesson, tape, _ = case
    asked = lesson.predict
    if asked is None:
        pytest.skip("it asks nothing")
    right = answer(document, tape.until(reveal_step(document)))
    if asked.ask == "choice":
        assert right.choice is not None
        is_own = document.experiment.seed == lessons()[name].experiment.seed
        assert is_own or right.choice == own_answer(name).choice
        return
    values = [right.value] if asked.ask == "number" else right.y.tolist()
    assert values
    if asked.scale:
        low, high = asked.scale
        assert [value for value in values if value is None or not low <= value <= high] == []


@lru_cache(maxsize=1)
def own_answer(name: str) -> Right:
    _, document, _, tape, _ = run_of(name, lessons()[name].experiment.seed)
    return answer(document, tape.until(reveal_step(document)))


@pytest.mark.parametrize("name", lessons())
def test_it_goes_with_its_experiment(name: str) -> None:
    check_all(lessons()[name])

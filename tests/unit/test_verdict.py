"""The verdict: figures as people say them, measured on the run that is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from gradsim.sim.documents.lesson import Lesson
from gradsim.sim.documents.lessons import lessons
from gradsim.sim.documents.texts import Words
from gradsim.sim.kinds import Experiment, kind_of
from gradsim.sim.kinds.race.spec import Race
from gradsim.sim.kinds.train.trainer import Trainer
from gradsim.sim.kinds.train.verdict import compared_layers, slowdown
from gradsim.sim.run.tape import Divergence, Past, Tape
from gradsim.words.languages import languages
from gradsim.words.numbers import figure, power
from gradsim.words.sentences import Span
from tests.unit.small import RELU, SIGMOID, as_train, experiment, trained, verdict

SPEC = experiment(SIGMOID, RELU, common={"hidden": [4, 4, 4], "batch_size": 16}, replicas=3, steps=2)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1e-5, "1.0 × 10⁻⁵"),
        (0.00099999, "1.0 × 10⁻³"),
        (0.001, "0.001"),
        (0.0523, "0.052"),
        (0.5, "0.5"),
        (0.996, "1"),
        (1, "1.0"),
        (2.14, "2.1"),
        (9.96, "10.0"),
        (23.64, "23.6"),
        (99.96, "100"),
        (100, "100"),
        (128.4, "128"),
        (999.6, "1,000"),
        (73_788, "73,800"),
        (144_569, "145,000"),
        (999_400, "999,000"),
        (1e6, "1.0 × 10⁶"),
        (9.99e9, "1.0 × 10¹⁰"),
        (2.4e11, "2.4 × 10¹¹"),
        (1.7e308, "1.7 × 10³⁰⁸"),
        (5e-324, "4.9 × 10⁻³²⁴"),
        (np.inf, "∞"),
        (np.nan, "∞"),
    ],
)
def test_a_figure_is_said_as_people_say_it(value: float, text: str) -> None:
    assert figure(value) == text
    assert figure(np.float64(value)) == text


def test_powers_of_ten() -> None:
    assert [power(n) for n in (0, -6, 123)] == ["10⁰", "10⁻⁶", "10¹²³"]


def past_with(
    ratios: Sequence[Sequence[float]], spec: Experiment = SPEC, loss: float = 0.5, accuracy: float = 0.25
) -> Past:
    """Return a past in which each run's compared layers have these ratios of gradients, replica by replica."""
    layout = Trainer(as_train(spec)).layout
    tape = Tape(layout, spec.steps, 1, np.float64)
    row = np.ones((layout.channels, layout.replicas))
    for run, each in enumerate(ratios):
        row[layout.place(run, "loss")] = loss
        row[layout.place(run, "accuracy")] = accuracy
        rms = row[layout.place(run, "grad_rms")]
        first, last = compared_layers(as_train(spec).runs[run])
        for replica, ratio in enumerate(each):
            # inf is anything over 0, NaN is 0 over 0: what an underflow leaves behind.
            base = 1.0 + replica if np.isfinite(ratio) else 0.0
            rms[first, replica] = base
            rms[last, replica] = base * ratio if base else np.nan_to_num(ratio, posinf=1.0)
    tape.append(0, row)
    return tape.until(0)


def said(spans: Sequence[Span]) -> str:
    return "".join(span.text for span in spans)


def test_the_layers_compared_are_the_first_and_the_last_hidden_or_the_output() -> None:
    runs = experiment(*({"label": f"{n}", "hidden": [4] * n} for n in range(4))).runs
    assert [compared_layers(run) for run in runs] == [(0, 0), (0, 1), (0, 1), (0, 2)]


def test_the_slowdown_is_the_median_over_replicas_of_each_ones_own_ratio() -> None:
    past = past_with([(3.0, 100.0, 5.0), (0.5, 0.25, 1.0)])
    assert [slowdown(past, i, SPEC.runs[i]) for i in range(2)] == [5.0, 0.5]


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (3.44, "3.4 times slower"),
        (73_788.0, "73,800 times slower"),
        (1.04, "no slower"),
        (0.96, "no slower"),
        (0.5, "2.0 times faster"),
        (0.0, "∞ times faster"),
        (np.inf, "infinitely many times slower"),
    ],
)
def test_the_slowdown_in_words(ratio: float, text: str) -> None:
    spans = verdict(SPEC, lessons()["vanishing"].lesson, past_with([(ratio,) * 3, (2.0,) * 3]), [], "en")
    assert said(spans) == f"Hidden 1 learns {text} than hidden 3 under Sigmoid, 2.0 times slower under ReLU."
    assert [(span.text, span.run) for span in spans if span.run is not None] == [(text, 0), ("2.0 times slower", 1)]


def test_without_a_lesson_depth_is_what_is_compared() -> None:
    spans = verdict(SPEC, None, past_with([(4.0,) * 3, (2.0,) * 3]), [], "en")
    assert said(spans) == "Hidden 1 learns 4.0 times slower than hidden 3 under Sigmoid, 2.0 times slower under ReLU."


@pytest.mark.parametrize(
    "change",
    [
        {"optimizer": "momentum"},
        {"optimizer": "nag"},
        {"optimizer": "adamw"},
        {"optimizer": {"name": "sgd", "weight_decay": 0.1}},
        {"clip": "norm"},
    ],
    ids=str,
)
@pytest.mark.parametrize("name", [None, "vanishing"])
def test_where_steps_are_not_in_proportion_gradients_are_what_is_compared(
    name: str | None, change: dict[str, Any]
) -> None:
    deep = {"hidden": [4, 4, 4]}
    spec = experiment(SIGMOID | deep | change, RELU | deep, steps=2)
    spans = verdict(spec, lessons()[name].lesson if name else None, past_with([(4.0,) * 3] * 2, spec), [], "en")
    assert said(spans) == (
        "The gradient of hidden 1 is 4.0 times smaller than that of hidden 3 under Sigmoid, "
        "4.0 times smaller under ReLU."
    )


def test_without_hidden_layers_the_score_is() -> None:
    spec = experiment(SIGMOID | {"hidden": []}, RELU, steps=2)
    spans = verdict(spec, None, past_with([(1.0,) * 3] * 2, spec), [], "en")
    assert said(spans) == "Sigmoid: loss 0.5, accuracy 25 %; ReLU: loss 0.5, accuracy 25 %."
    assert [span.run for span in spans if span.run is not None] == [0, 0, 1, 1]


GONE = [Divergence(0, 1234, 1, 1), Divergence(1, 0, 3, 0)]


@pytest.mark.parametrize(
    ("gone", "text"),
    [
        (
            GONE[1:],
            "Hidden 1 learns 4.0 times slower than hidden 3 under Sigmoid; ReLU diverged at step 0 in output.",
        ),
        (GONE[:1], "Hidden 1 learns 4.0 times slower than hidden 3 under Sigmoid, 2.0 times slower under ReLU."),
    ],
    ids=["before the step shown", "after it"],
)
def test_a_run_is_said_to_have_diverged_from_that_step_on(gone: list[Divergence], text: str) -> None:
    assert said(verdict(SPEC, None, past_with([(4.0,) * 3, (2.0,) * 3]), gone, "en")) == text


def test_all_runs_diverged() -> None:
    gone = [divergence._replace(step=0) for divergence in GONE]
    spans = verdict(SPEC, None, past_with([(4.0,) * 3, (2.0,) * 3]), gone, "en")
    assert said(spans) == "Sigmoid diverged at step 0 in hidden 2; ReLU diverged at step 0 in output."
    assert [span.run for span in spans if span.run is not None] == [0, 0, 1, 1]


@pytest.mark.parametrize(
    ("ratios", "value"),
    [((np.nan, 4.0, 6.0), 5.0), ((np.nan, np.nan, 4.0), np.nan), ((np.inf, np.inf, 2.0), np.inf)],
    ids=["one replica still", "most still", "most underflown"],
)
def test_replicas_without_any_gradient_have_no_ratio(ratios: Sequence[float], value: float) -> None:
    assert slowdown(past_with([ratios, (1.0,) * 3]), 0, SPEC.runs[0]) == pytest.approx(value, nan_ok=True)


@pytest.mark.parametrize("lesson", [None, lessons()["vanishing"].lesson])
def test_a_run_without_any_gradient_is_said_not_to_learn(lesson: Lesson | None) -> None:
    spans = verdict(SPEC, lesson, past_with([(np.nan,) * 3, (2.0,) * 3]), [], "en")
    assert said(spans) == (
        "Hidden 1 learns 2.0 times slower than hidden 3 under ReLU; "
        "Sigmoid does not learn: the gradients of hidden 1 and hidden 3 are 0."
    )


@pytest.mark.parametrize("lesson", [None, lessons()["vanishing"].lesson])
def test_runs_of_unlike_depth_name_their_own_layers(lesson: Lesson | None) -> None:
    spec = experiment(SIGMOID | {"hidden": [4, 4, 4]}, RELU | {"hidden": [4, 4]}, replicas=3, steps=2)
    spans = verdict(spec, lesson, past_with([(4.0,) * 3, (2.0,) * 3], spec), [], "en")
    assert said(spans) == (
        "Hidden 1 learns 4.0 times slower than hidden 3 under Sigmoid; "
        "hidden 1 learns 2.0 times slower than hidden 2 under ReLU."
    )


def test_a_lesson_on_depth_speaks_of_the_score_where_there_is_none() -> None:
    spec = experiment(SIGMOID | {"hidden": []}, RELU, steps=2)
    spans = verdict(spec, lessons()["vanishing"].lesson, past_with([(1.0,) * 3] * 2, spec), [], "en")
    assert said(spans) == "Sigmoid: loss 0.5, accuracy 25 %; ReLU: loss 0.5, accuracy 25 %."


def test_a_lessons_own_words() -> None:
    lesson = Lesson(id="x", title=Words("T"), verdict=Words("{label} at {accuracy}"))
    assert said(verdict(SPEC, lesson, past_with([(1.0,) * 3] * 2), [], "en")) == "Sigmoid at 25 %; ReLU at 25 %."


def test_a_runs_own_name_is_left_as_it_is() -> None:
    spec = experiment(SIGMOID | {"label": "loss", "hidden": []}, replicas=3, steps=2)
    for language in languages():
        for gone in ([], [Divergence(0, 0, len(spec.runs[0].hidden), 1)]):
            spans = verdict(spec, None, past_with([(1.0,) * 3], spec), gone, language)
            assert said(spans).startswith("loss")


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("name", lessons())
def test_every_lessons_verdict_is_filled_and_ends_once(name: str, language: str) -> None:
    document = lessons()[name]
    simulation = kind_of(document.experiment).simulations(document.experiment)()
    tape = Tape(simulation.layout, 1, 1, np.float64)
    tape.append(0, simulation.measure())
    text = said(verdict(document.experiment, document.lesson, tape.until(0), [], language))
    assert "{" not in text
    assert text[-1] in ".。"
    assert text[-2] not in ".。;；,，"
    level = isinstance(document.experiment, Race)  # at its start, when no one leads
    assert level or all(label in text for label in document.experiment.labels)


def test_the_figures_are_those_of_the_step_shown() -> None:
    spec = experiment(steps=20)
    _, tape = trained(spec)
    texts = {said(verdict(spec, None, tape.until(step), [], "en")) for step in (0, 10, 20)}
    assert len(texts) == 3

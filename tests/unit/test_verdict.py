"""The verdict: figures as people say them, measured on the run that is shown."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis.extra.numpy import array_shapes, arrays
from hypothesis.strategies import floats

from gradsim.engine.nn.probes import PROBES
from gradsim.sim.documents.document import Document, Shown, question, sentence, write
from gradsim.sim.documents.lesson import Lesson
from gradsim.sim.documents.lessons import lessons, load
from gradsim.sim.documents.texts import Words
from gradsim.sim.documents.view_choice import ViewChoice
from gradsim.sim.kinds import Experiment, kind_of
from gradsim.sim.kinds.race.spec import Race
from gradsim.sim.kinds.train.subject import compared_layers, slowdown
from gradsim.sim.kinds.train.trainer import Trainer
from gradsim.sim.run.tape import Divergence, Past, Tape, Values, middle
from gradsim.words.languages import languages
from gradsim.words.numbers import figure, power
from gradsim.words.sentences import Span
from tests.unit.small import HEALTHY, RELU, SIGMOID, as_train, experiment, trained, verdict

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
    ratios: Sequence[Sequence[float]],
    spec: Experiment = SPEC,
    loss: float = 0.5,
    accuracy: float = 0.25,
    test_accuracy: float = 0.5,
) -> Past:
    """Return a past in which each run's compared layers have these ratios of gradients, replica by replica."""
    layout = Trainer(as_train(spec)).layout
    tape = Tape(layout, spec.steps, 1, np.float64)
    row = np.ones((layout.channels, layout.replicas))
    for run, each in enumerate(ratios):
        row[layout.place(run, "loss")] = loss
        row[layout.place(run, "accuracy")] = accuracy
        row[layout.place(run, "test_accuracy")] = test_accuracy
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


LEARNS = [
    (3.44, "learns [3.4 times slower] than layer 3", "的学习速度仅为第 3 层的 [1/3.4]"),
    (73_788.0, "learns [73,800 times slower] than layer 3", "的学习速度仅为第 3 层的 [1/73,800]"),
    (2.4e7, "learns slower than layer 3 [by a factor of 2.4 × 10⁷]", "的学习速度仅为第 3 层的 [1/(2.4 × 10⁷)]"),
    (2.01, "learns [2.0 times slower] than layer 3", "的学习速度仅为第 3 层的 [1/2.0]"),
    (2.0, "learns [about as fast] as layer 3", "的学习速度与第 3 层 [大致相同]"),
    (1.0, "learns [about as fast] as layer 3", "的学习速度与第 3 层 [大致相同]"),
    (0.5, "learns [about as fast] as layer 3", "的学习速度与第 3 层 [大致相同]"),
    (0.4, "learns [2.5 times faster] than layer 3", "的学习速度为第 3 层的 [2.5 倍]"),
    (0.0, "learns [∞ times faster] than layer 3", "的学习速度为第 3 层的 [∞ 倍]"),
    (np.inf, "[does not learn]", "[无法学习]"),
    (np.nan, "[does not learn]", "[无法学习]"),
]


def bracketed(spans: Sequence[Span], names: Sequence[str]) -> str:
    """Return a sentence with the figures in runs' colours in brackets, but not their names."""
    own = (span.run is not None and span.text not in names for span in spans)
    return "".join(
        f"[{span.text}]" if is_own else span.text for span, is_own in zip(spans, own, strict=True)
    ).replace("][", "")


@pytest.mark.parametrize("lesson", [None, lessons()["vanishing"].lesson], ids=["none", "lesson"])
@pytest.mark.parametrize(("ratio", "english", "chinese"), LEARNS)
def test_how_fast_the_first_layer_learns(ratio: float, english: str, chinese: str, lesson: Lesson | None) -> None:
    past = past_with([(ratio,) * 3, (3.0,) * 3])
    spans = verdict(SPEC, lesson, past, [], "en")
    compared = np.isfinite(ratio)  # if not, no layer is named before that the next clause could refer to
    other = "[3.0 times slower]" if compared else "layer 1 learns [3.0 times slower] than layer 3"
    assert bracketed(spans, SPEC.labels) == f"Under Sigmoid layer 1 {english}; under ReLU {other}."
    chinese = re.sub(r"(?<=层) (?=\[大)", "", chinese)
    spans = verdict(SPEC, lesson, past, [], "zh_CN")
    other = "仅为其 [1/3.0]" if compared else "，第 1 层的学习速度仅为第 3 层的 [1/3.0]"
    assert bracketed(spans, SPEC.labels) == f"使用 Sigmoid 时，第 1 层{chinese}；使用 ReLU 时{other}。"


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
    past = past_with([(4.0,) * 3, (1.5,) * 3], spec)
    spans = verdict(spec, lessons()[name].lesson if name else None, past, [], "en")
    assert said(spans) == "Under Sigmoid the gradient of layer 1 is 1/4.0 of layer 3’s; under ReLU about the same."


SCORE = "Accuracy on the test set: Sigmoid 25 %, ReLU 25 %; always naming the most frequent class: 19 %."


def scored(spec: Experiment) -> Past:
    return past_with([(1.0,) * 3] * len(spec.runs), spec, test_accuracy=0.25)


def test_without_hidden_layers_the_score_is() -> None:
    """Of the 32 test images, six show the most frequent digit."""
    spec = experiment(SIGMOID | {"hidden": []}, RELU, steps=2)
    digits = spec.data.load().test.y
    assert digits.sum(axis=0).max() / len(digits) == 6 / 32
    spans = verdict(spec, None, scored(spec), [], "en")
    assert said(spans) == SCORE
    assert [span.text for span in spans if span.run is not None] == ["Sigmoid", "25 %", "ReLU", "25 %"]


GONE = [Divergence(0, 1234, 1, 1), Divergence(1, 0, 3, 0)]


@pytest.mark.parametrize(
    ("gone", "text"),
    [
        (
            GONE[1:],
            "Under Sigmoid layer 1 learns 4.0 times slower than layer 3; "
            "ReLU diverged at step 0 in the output layer.",
        ),
        (GONE[:1], "Under Sigmoid layer 1 learns 4.0 times slower than layer 3; under ReLU 3.0 times slower."),
    ],
    ids=["before the step shown", "after it"],
)
def test_a_run_is_said_to_have_diverged_from_that_step_on(gone: list[Divergence], text: str) -> None:
    assert said(verdict(SPEC, None, past_with([(4.0,) * 3, (3.0,) * 3]), gone, "en")) == text


def test_all_runs_diverged() -> None:
    gone = [divergence._replace(step=0) for divergence in GONE]
    spans = verdict(SPEC, None, past_with([(4.0,) * 3, (2.0,) * 3]), gone, "en")
    assert said(spans) == "Sigmoid diverged at step 0 in layer 2; ReLU diverged at step 0 in the output layer."


@pytest.mark.parametrize(
    ("ratios", "value"),
    [((np.nan, 4.0, 6.0), 5.0), ((np.nan, np.nan, 4.0), np.nan), ((np.inf, np.inf, 2.0), np.inf)],
    ids=["one replica still", "most still", "most underflown"],
)
def test_replicas_without_any_gradient_have_no_ratio(ratios: Sequence[float], value: float) -> None:
    assert slowdown(past_with([ratios, (1.0,) * 3]), 0, SPEC.runs[0]) == pytest.approx(value, nan_ok=True)


@pytest.mark.parametrize("lesson", [None, lessons()["vanishing"].lesson])
def test_runs_of_unlike_depth_name_their_own_layers(lesson: Lesson | None) -> None:
    spec = experiment(SIGMOID | {"hidden": [4, 4, 4]}, RELU | {"hidden": [4, 4]}, replicas=3, steps=2)
    spans = verdict(spec, lesson, past_with([(4.0,) * 3, (3.0,) * 3], spec), [], "en")
    assert said(spans) == (
        "Under Sigmoid layer 1 learns 4.0 times slower than layer 3; "
        "under ReLU layer 1 learns 3.0 times slower than layer 2."
    )


def test_a_lesson_on_depth_speaks_of_the_score_where_there_is_none() -> None:
    spec = experiment(SIGMOID | {"hidden": []}, RELU, steps=2)
    assert said(verdict(spec, lessons()["vanishing"].lesson, scored(spec), [], "en")) == SCORE


def test_a_lessons_own_words() -> None:
    lesson = Lesson(id="x", title=Words("T"), verdict=Words("{label} at {accuracy}"))
    assert said(verdict(SPEC, lesson, past_with([(1.0,) * 3] * 2), [], "en")) == "Sigmoid at 25 %; ReLU at 25 %."


def test_a_runs_own_name_is_left_as_it_is() -> None:
    spec = experiment(SIGMOID | {"label": "loss", "hidden": []}, replicas=3, steps=2)
    gone = [Divergence(0, 0, len(spec.runs[0].hidden), 1)]
    for language in languages():
        assert said(verdict(spec, None, past_with([(1.0,) * 3], spec), gone, language)).startswith("loss")


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("name", lessons())
def test_every_lessons_verdict_is_filled_and_ends_once(name: str, language: str) -> None:
    document = lessons()[name]
    simulation = kind_of(document.experiment).simulations(document.experiment)()
    tape = Tape(simulation.layout, 1, 1, np.float64)
    tape.append(0, simulation.measure())
    text = said(verdict(document.experiment, document.lesson, tape.until(0), [], language))
    assert "{" not in text
    assert text[-1] in ".。…"
    assert text[-2] not in ".。;；,，"
    level = isinstance(document.experiment, Race)  # at its start, when no one leads
    names_none = document.lesson is not None and "{label}" not in document.lesson.verdict(language)
    assert level or names_none or all(label in text for label in document.experiment.names(language))


def test_the_figures_are_those_of_the_step_shown() -> None:
    spec = experiment(steps=20)
    _, tape = trained(spec)
    texts = {said(verdict(spec, None, tape.until(step), [], "en")) for step in (0, 10, 20)}
    assert len(texts) == 3


# What is shown of every layer.


def told(spec: Experiment, past: Past, language: str = "en", brevity: int = 0, **shown: Any) -> str:
    return said(sentence(Document(spec), past, language, Shown(**shown), brevity))


DEEP = {"hidden": [6, 6, 6, 6]}
MANY = [DEEP | {"activation": key} for key in ("sigmoid", "relu", "tanh", "elu", "gelu", "silu")]


def geometric_mean(past: Past, run: int, probe: str) -> float:
    return float(np.exp(np.mean(np.log(np.median(past.values(run, probe), axis=1)[:-1]))))


def test_factors_are_said_as_a_product() -> None:
    spec = experiment(SIGMOID | DEEP, RELU | DEEP, steps=5)
    _, tape = trained(spec)
    past = tape.until(5)
    numbers = [[geometric_mean(past, run, probe) for probe in ("weight_factor", "slope_factor")] for run in range(2)]
    found = told(spec, past, views=("gradients",), probe="slope_factor")
    said_numbers = [float(number) for number in re.findall(r"[0-9.]+(?= ×| ?,| ?;|\.$)", found)]
    assert found.startswith("Sigmoid: each layer multiplies by ")
    np.testing.assert_allclose(said_numbers, np.ravel(numbers), rtol=0.05)


def of_lesson(template: str, spec: Experiment, past: Past, language: str = "en") -> str:
    return said(verdict(spec, Lesson(id="x", title=Words("T"), verdict=Words(template)), past, [], language))


def test_a_lesson_can_tell_the_factors_of_a_layer() -> None:
    spec = experiment(SIGMOID | DEEP, steps=5)
    past = trained(spec)[1].until(5)
    numbers = [geometric_mean(past, 0, probe) for probe in ("weight_factor", "slope_factor")]
    found = of_lesson("under {label} {factors}", spec, past)
    match = re.fullmatch(r"Under Sigmoid each layer multiplies by ([0-9.]+) × ([0-9.]+)\.", found)
    assert match
    np.testing.assert_allclose([float(match[1]), float(match[2])], numbers, rtol=0.05)
    assert "每层乘以" in of_lesson("{label}：{factors}", spec, past, "zh_CN")


def test_a_lesson_can_tell_how_many_units_are_dead() -> None:
    run = RELU | {"hidden": [40, 10], "bias_init": {"name": "constant", "value": -0.1}, "batch_size": "all"}
    spec = experiment(run, steps=2)
    past = trained(spec)[1].until(2)
    shares = past.values(0, "dead")
    median = np.median((40 * shares[0] + 10 * shares[1]) / 50)
    assert 0.01 < median < 0.99
    assert of_lesson("{label}: {dead}", spec, past) == f"ReLU: {100 * median:.0f} % dead."
    smooth = experiment(SIGMOID | {"hidden": [4]}, steps=2)
    assert of_lesson("{label}: {dead}", smooth, trained(smooth)[1].until(2)) == "Sigmoid: none dead."


@pytest.mark.parametrize("template", ["{label}: {dead}", "{label}: {factors}"])
def test_what_is_not_measured_is_not_told(template: str) -> None:
    for spec in (experiment(SIGMOID | {"hidden": []}, steps=2), experiment(SIGMOID, steps=2, probes="off")):
        assert of_lesson(template, spec, trained(spec)[1].until(2)).startswith("Accuracy on the test set")


@pytest.mark.parametrize("probe", ["dead", "saturated"])
@pytest.mark.parametrize("language", languages())
def test_shares_are_said_in_per_cent_of_the_layer_with_most(probe: str, language: str) -> None:
    run = RELU | {"hidden": [40, 40], "bias_init": {"name": "constant", "value": -0.1}, "batch_size": "all"}
    run |= {"activation": "sigmoid", "init": {"name": "normal", "std": 2.0}} if probe == "saturated" else {}
    spec = experiment(run, steps=1, replicas=3)
    _, tape = trained(spec)
    shares = np.median(tape.until(1).values(0, probe), axis=1)[:2]
    layer, share = int(np.argmax(shares)) + 1, f"{100 * shares.max():.0f} %"
    assert 0.01 < shares.max() < 0.99
    found = told(spec, tape.until(1), language, views=("gradients",), probe=probe)
    english = f"ReLU: {share} of layer {layer}’s units are {probe}."
    words = {"dead": "死亡", "saturated": "饱和"}
    assert found == (english if language == "en" else f"ReLU：第 {layer} 层有 {share} 的神经元{words[probe]}。")


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("probe", [probe.key for probe in PROBES])
def test_every_probe_is_told_of_in_its_own_words(probe: str, language: str) -> None:
    """Each sentence is whole, none is that of another, and Chinese ones have no English in them but names."""
    spec = experiment(SIGMOID | DEEP, RELU | DEEP, steps=5)
    _, tape = trained(spec)
    found = told(spec, tape.until(5), language, views=("gradients",), probe=probe)
    assert "nan" not in found
    assert "{" not in found
    alike = {"weight_factor": "slope_factor"}
    others = [p.key for p in PROBES if alike.get(p.key, p.key) != alike.get(probe, probe)]
    assert found not in [told(spec, tape.until(5), language, views=("gradients",), probe=key) for key in others]
    words = set(re.findall("[A-Za-z]{3,}", found)) - {"Sigmoid", "ReLU", "RMS"}
    assert bool(words) == (language == "en")


def test_of_many_runs_the_one_that_falls_is_named() -> None:
    spec = experiment(*MANY, replicas=3, steps=2)
    past = past_with([(17_300.0,) * 3, *[(1.5,) * 3] * 5], spec)
    assert told(spec, past, views=("gradients",)) == (
        "Only Sigmoid falls: layer 1 gets 1/17,300 of layer 4’s gradient; "
        "ReLU, Tanh, ELU, GELU and SiLU: about level."
    )
    past = past_with([(5.0,) * 3, (9.0,) * 3, (0.1,) * 3, *[(np.nan,) * 3] * 3], spec)
    assert told(spec, past, views=("gradients",)) == (
        "ReLU falls most: layer 1 gets 1/9.0 of layer 4’s gradient; ELU, GELU and SiLU: nothing gets through; "
        "less steeply: Sigmoid; Tanh: larger in the first layers."
    )


def test_of_many_runs_that_are_level_all_are_said_to_be() -> None:
    spec = experiment(*MANY, replicas=3, steps=2)
    past = past_with([(1.5,) * 3] * 6, spec)
    assert told(spec, past, views=("gradients",)) == "Under all 6 the layers are about level."


# Scores.


def test_numbers_have_their_rms_error_beside_that_of_the_mean() -> None:
    spec = experiment(
        HEALTHY, HEALTHY | {"label": "Deep", "hidden": [4, 4]}, data={"name": "sine", "samples": 60}, steps=30
    )
    trainer, tape = trained(spec)
    test, train = trainer.data.test, trainer.data.train
    past = tape.until(30)
    errors = []
    for run in range(2):
        losses = past.replicas(run, "test_loss")
        known = losses[~np.isnan(losses).any(axis=1)][-1]
        errors.append(np.sqrt(2.0 * np.median(known)))  # the loss is half of the square
    mean = np.sqrt(((test.y - train.y.mean()) ** 2).mean())
    assert told(spec, past) == (
        f"RMS error on the test set: Healthy {errors[0]:.3g}, Deep {errors[1]:.3g}; "
        f"always predicting the mean: {mean:.3g}."
    )


def test_classes_of_a_table_are_compared_with_the_most_frequent_one(tmp_path: Path) -> None:
    rows = [f"{i},{i % 7},{'yes' if i % 4 else 'no'}" for i in range(80)]
    (tmp_path / "t.csv").write_text("\n".join(["a,b,c", *rows]))
    data = {"name": "csv", "path": str(tmp_path / "t.csv")}
    spec = experiment(SIGMOID, RELU, data=data, steps=3)
    trainer, tape = trained(spec)
    often = trainer.data.test.y.mean()
    often = max(often, 1.0 - often)
    found = told(spec, tape.until(3))
    assert found.startswith("Accuracy on the test set: Sigmoid ")
    assert found.endswith(f"; always naming the most frequent class: {100 * often:.0f} %.")


@pytest.mark.parametrize(
    "views", [("boundary",), ("loss", "accuracy"), ("gradients", "loss", "accuracy", "boundary")]
)
def test_no_ratio_of_layers_for_a_boundary(views: tuple[str, ...]) -> None:
    spec = experiment(SIGMOID | DEEP, RELU | DEEP, data={"name": "moons"}, steps=3)
    _, tape = trained(spec)
    assert told(spec, tape.until(3), views=views).startswith("Accuracy on the test set: Sigmoid ")
    assert told(spec, tape.until(3), views=("gradients",)).startswith("Under Sigmoid layer 1 ")


# Changed lessons.


def test_a_changed_lesson_has_a_general_question_and_sentence() -> None:
    lesson = Lesson(id="x", title=Words("T"), question=Words("Why?"), verdict=Words("{label} at {accuracy}"))
    spec = experiment(SIGMOID | {"hidden": []}, RELU, steps=2)
    as_it_was = Document(spec, lesson)
    assert as_it_was.is_as_in_the_lesson
    assert question(as_it_was, "en") == "Why?"
    changed = as_it_was.with_experiment(spec.with_settings(seed=6))
    assert not changed.is_as_in_the_lesson
    assert question(changed, "en") == "How many are classified correctly?"
    assert said(sentence(changed, scored(spec), "en")) == SCORE
    assert changed.as_taught == as_it_was
    assert changed.with_experiment(spec) == as_it_was


def test_another_probe_than_the_lessons_is_told_of_in_general() -> None:
    document = lessons()["vanishing"]
    past = past_with([(4.0,) * 3] * 2)
    own = sentence(Document(SPEC, document.lesson), past, "en", Shown(views=("gradients",), probe="grad_rms"))
    other = sentence(Document(SPEC, document.lesson), past, "en", Shown(views=("gradients",), probe="slope"))
    assert said(own).startswith("Under Sigmoid layer 1 learns")
    assert said(other).startswith("Sigmoid: mean |f′(z)| is ")


def test_a_changed_lesson_from_a_file_does_not_claim_the_lessons_words(tmp_path: Path) -> None:
    document = lessons()["saddle"]
    changed = document.with_experiment(document.experiment.with_settings(seed=9))
    write(tmp_path / "a.toml", changed)
    assert load(str(tmp_path / "a.toml")) == changed
    write(tmp_path / "b.toml", document)
    assert load(str(tmp_path / "b.toml")) == document
    assert document.lesson is not None
    own = Document(changed.experiment, replace(document.lesson, title=Words("Mine")))
    write(tmp_path / "c.toml", own)
    assert load(str(tmp_path / "c.toml")).is_as_in_the_lesson


# Shares that are measured on batches.


def batches_mean(past: Past, probe: str, rows: int) -> Values:
    """Return each layer's share, meaned over the last rows, median of the replicas."""
    layers = [past.layout.place(0, probe).start + layer for layer in range(2)]
    kept = np.stack([past.replicas(0, probe)[-1 - back] for back in range(rows)])
    assert kept.shape[1] == len(layers) + 1
    return np.asarray(np.median(kept.sum(axis=0) / rows, axis=1)[:2])


@pytest.mark.parametrize("probe", ["off", "saturated"])
@pytest.mark.parametrize(
    ("batch", "step", "rows"), [(16, 30, 8), (16, 3, 4), (50, 30, 3), ("all", 30, 1), (1, 30, 31)]
)
def test_shares_of_batches_are_told_over_the_last_epoch(probe: str, batch: int | str, step: int, rows: int) -> None:
    run: dict[str, Any] = (RELU if probe == "off" else SIGMOID) | {"batch_size": batch}
    if probe == "saturated":
        run |= {"init": {"name": "normal", "std": 3.0}}
    spec = experiment(run, steps=30)
    trainer, tape = trained(spec)
    size = len(trainer.data.train) if batch == "all" else int(batch)
    assert rows == min(step + 1, -(-len(trainer.data.train) // size))
    past = tape.until(step)
    shares = batches_mean(past, probe, rows)
    layer, most = int(np.argmax(shares)) + 1, f"{100 * shares.max():.0f} %"
    label = spec.names("en")[0]
    found = told(spec, past, views=("gradients",), probe=probe)
    assert found == f"{label}: {most} of layer {layer}’s units are {probe}."


def test_shares_of_batches_before_a_change_do_not_count() -> None:
    """Leaky ReLU is never off: right after the change to it nothing of the epoch before is told."""
    changes = [{"step": 20, "activation": {"name": "leaky_relu", "slope": 0.1}}]
    spec = experiment(RELU | {"label": "R", "changes": changes}, steps=30)
    _, tape = trained(spec)
    assert " are off" in told(spec, tape.until(20), views=("gradients",), probe="off")
    assert told(spec, tape.until(21), views=("gradients",), probe="off") == "R: no hidden unit is off."


@pytest.mark.parametrize(
    ("heads", "what", "unit"),
    [(("a", "price (EUR)"), " of price", "\u00a0EUR"), (("a", "mass"), " of mass", ""), (None, "", "")],
)
def test_errors_of_a_table_are_told_in_its_own_unit(
    tmp_path: Path, heads: tuple[str, str] | None, what: str, unit: str
) -> None:
    rows = [(i / 7.0, 5000.0 + 40.0 * i + 900.0 * np.sin(i)) for i in range(80)]
    lines = [",".join(heads)] if heads else []
    (tmp_path / "t.csv").write_text("\n".join([*lines, *(f"{x},{y}" for x, y in rows)]))
    data = {"name": "csv", "path": str(tmp_path / "t.csv")}
    spec = experiment(HEALTHY, data=data, steps=5)
    trainer, tape = trained(spec)
    (column,) = trainer.data.targets
    test, train = (column.own(part.y) for part in (trainer.data.test, trainer.data.train))
    assert set(np.round(np.vstack([test, train]).ravel(), 6)) == {round(y, 6) for _, y in rows}
    losses = tape.until(5).replicas(0, "test_loss")
    known = losses[~np.isnan(losses).any(axis=1)][-1]
    error = np.sqrt(2.0 * np.median(known)) * train.std()
    mean = np.sqrt(((test - train.mean()) ** 2).mean())
    assert told(spec, tape.until(5)) == (
        f"RMS error{what} on the test set: Healthy {figure(float(error))}{unit}; "
        f"always predicting the mean: {figure(float(mean))}{unit}."
    )


# What a clause refers to.


def test_after_a_run_that_does_not_learn_the_layers_are_named_again() -> None:
    """“About as fast” says nothing where no layer to be compared with was named before."""
    spec = experiment(SIGMOID | DEEP, RELU | DEEP, SIGMOID | DEEP | {"label": "C"}, replicas=3, steps=2)
    past = past_with([(np.inf,) * 3, (1.5,) * 3, (40.0,) * 3], spec)
    assert told(spec, past, views=("gradients",)) == (
        "Under Sigmoid layer 1 does not learn; under ReLU layer 1 learns about as fast as layer 4; "
        "under C 40.0 times slower."
    )


def test_a_lessons_own_words_stand_with_a_probe_that_one_of_its_views_has() -> None:
    views = (ViewChoice("loss"), ViewChoice("gradients", {"probe": "dead"}))
    lesson = Lesson(id="x", title=Words("T"), question=Words("Why?"), verdict=Words("because"), views=views)
    document, past = Document(SPEC, lesson), trained(SPEC)[1].until(2)
    own, other = (Shown(views=("loss", "gradients"), probe=probe) for probe in ("dead", "slope"))
    assert question(document, "en", own) == "Why?"
    assert said(sentence(document, past, "en", own)).startswith("Because")
    assert question(document, "en", other) != "Why?"
    assert not said(sentence(document, past, "en", other)).startswith("Because")


def test_another_probe_than_the_lessons_has_a_general_question() -> None:
    document = lessons()["vanishing"]
    assert document.lesson
    assert document.lesson.question
    assert question(document, "en") == document.lesson.question("en")
    assert question(document, "en", Shown(views=("gradients",), probe="dead")) == "How do the layers differ?"


def test_the_first_sentence_imports_no_masked_arrays() -> None:
    """Which take 30 ms, in the first frame of the window."""
    code = (
        "import sys; from gradsim.sim.documents.document import Document, Shown, sentence\n"
        "from gradsim.sim.documents.results import run; from tests.unit.small import experiment\n"
        "document = Document(experiment(steps=2)); _, tape = run(document)\n"
        "assert sentence(document, tape.until(2), 'en', Shown(('gradients',), 'grad_rms', {}))\n"
        "sys.exit('numpy.ma' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@given(arrays(np.float64, array_shapes(min_dims=1, max_dims=3, max_side=6), elements=floats(allow_nan=True)))
def test_the_middle_is_the_median(values: npt.NDArray[np.float64]) -> None:
    with np.errstate(all="ignore"):
        wanted = np.median(values, axis=-1)
        np.testing.assert_allclose(middle(values), wanted, rtol=1e-15)

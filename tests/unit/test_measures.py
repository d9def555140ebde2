"""Measures against plain NumPy on a record that is given, and what is known of them before the run is over."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from math import inf, isnan, nan
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from gradsim.schema.parameters import ParameterError, decode
from gradsim.sim.documents.comparison import Comparison, ComparisonOf, Reading
from gradsim.sim.documents.experiments import experiment_from
from gradsim.sim.documents.measures import Measure, Readings, check_measures, check_names
from gradsim.sim.run.tape import Channel, Layout, Past, Tape
from gradsim.words.sentences import Span, plain_text, with_never_alone

STEPS, REPLICAS, HIDDEN = 20, 4, 3
EXPERIMENT = experiment_from(
    {
        "steps": STEPS,
        "replicas": REPLICAS,
        "common": {"hidden": [5] * HIDDEN},
        "runs": [{"activation": "tanh"}, {"activation": "relu", "label": "mine"}],
    }
)
LAYOUT = Layout(
    [Channel(run, name, layers) for run in (0, 1) for name, layers in
     (("loss", 0), ("test_accuracy", 0), ("grad_rms", HIDDEN + 1), ("activation_mean", HIDDEN + 1))],
    REPLICAS,
)  # fmt: skip
RNG = np.random.default_rng(3)
ROWS = RNG.lognormal(size=(STEPS + 1, LAYOUT.channels, REPLICAS))
ROWS[:, LAYOUT.place(0, "activation_mean")] -= 1.0
TESTED = np.arange(STEPS + 1) % 5 == 0
ROWS[~TESTED, LAYOUT.place(0, "test_accuracy").start] = nan

Values = npt.NDArray[np.float64]


def recorded(run: int, name: str) -> Values:
    """Return what is on the record of a run: (steps, replicas) or (steps, layers, replicas)."""
    return LAYOUT.pick(ROWS, run, name)


def past_at(step: int, rows: Values = ROWS) -> Past:
    tape = Tape(LAYOUT, STEPS, 1, np.float64)
    for at in range(step + 1):
        tape.append(at, rows[at])
    return tape.until(step)


def read(at: int = STEPS, rows: Values = ROWS, **settings: Any) -> Reading:
    others = settings.pop("others", {})
    table = {"one": settings, **others}
    measures = {name: decode(Measure, each) for name, each in table.items()}
    check_names(measures)
    check_measures(measures, EXPERIMENT)
    return Readings(EXPERIMENT, past_at(at, rows), measures)("one")


def first_where(holds: npt.NDArray[np.bool_]) -> float:
    """Return the median over replicas of the first step at which (steps, replicas) is true."""
    return float(np.median([np.flatnonzero(each)[0] if each.any() else inf for each in holds.T]))


def from_on(holds: npt.NDArray[np.bool_]) -> float:
    """Return the median of the step after the last one at which it is not true."""
    last = [np.flatnonzero(~each)[-1] if not each.all() else -1 for each in holds.T]
    return float(np.median([at + 1 if at < STEPS else inf for at in last]))


LOSS, RELU, GRADIENT = recorded(0, "loss"), recorded(1, "loss"), recorded(0, "grad_rms")
LAYERED: dict[str, Any] = {"quantity": "grad_rms"}
CASES: dict[str, tuple[dict[str, Any], Callable[[], float]]] = {
    "at the step shown": ({"quantity": "loss"}, lambda: np.median(LOSS[-1])),
    "at a step": ({"quantity": "loss", "step": 7}, lambda: np.median(LOSS[7])),
    "at the end": ({"quantity": "loss", "step": "last"}, lambda: np.median(LOSS[-1])),
    "of another run": ({"quantity": "loss", "run": 2}, lambda: np.median(RELU[-1])),
    "of a run by its label": ({"quantity": "loss", "run": "mine"}, lambda: np.median(RELU[-1])),
    "the mean of replicas": ({"quantity": "loss", "replicas": "mean"}, lambda: LOSS[-1].mean()),
    "the least of replicas": ({"quantity": "loss", "replicas": "least"}, lambda: LOSS[-1].min()),
    "the most of replicas": ({"quantity": "loss", "replicas": "most"}, lambda: LOSS[-1].max()),
    "a share of replicas": ({"quantity": "loss", "share": "> 1"}, lambda: (LOSS[-1] > 1).mean()),
    "as it was tested last": (
        {"quantity": "test_accuracy", "step": 8},
        lambda: np.median(recorded(0, "test_accuracy")[5]),
    ),
    "the mean of what is tested": (
        {"quantity": "test_accuracy", "span": "mean", "since": 3},
        lambda: np.median(recorded(0, "test_accuracy")[5::5].mean(axis=0)),
    ),
    "of a layer": ({**LAYERED, "layer": 2}, lambda: np.median(GRADIENT[-1, 1])),
    "of the first layer": ({**LAYERED, "layer": "first"}, lambda: np.median(GRADIENT[-1, 0])),
    "of the last hidden layer": ({**LAYERED, "layer": "last hidden"}, lambda: np.median(GRADIENT[-1, 2])),
    "of the output": ({**LAYERED, "layer": "output"}, lambda: np.median(GRADIENT[-1, 3])),
    "the least layer": ({**LAYERED, "layer": "least"}, lambda: np.median(GRADIENT[-1, :3].min(axis=0))),
    "the most of layers": ({**LAYERED, "layer": "most"}, lambda: np.median(GRADIENT[-1, :3].max(axis=0))),
    "the mean of layers": ({**LAYERED, "layer": "mean"}, lambda: np.median(GRADIENT[-1, :3].mean(axis=0))),
    "the product of layers": ({**LAYERED, "layer": "product"}, lambda: np.median(GRADIENT[-1, :3].prod(axis=0))),
    "the geometric mean of layers": (
        {**LAYERED, "layer": "geometric mean"},
        lambda: np.median(GRADIENT[-1, :3].prod(axis=0) ** (1 / 3)),
    ),
    "a factor towards the input": (
        {**LAYERED, "layer": 2, "factors": "backward"},
        lambda: np.median(GRADIENT[-1, 1] / GRADIENT[-1, 2]),
    ),
    "a factor towards the output": (
        {**LAYERED, "layer": 1, "factors": "forward"},
        lambda: np.median(GRADIENT[-1, 1] / GRADIENT[-1, 0]),
    ),
    "a factor a layer": (
        {**LAYERED, "layer": "geometric mean", "factors": "forward"},
        lambda: np.median((GRADIENT[-1, 2] / GRADIENT[-1, 0]) ** (1 / 2)),
    ),
    "without its sign": (
        {"quantity": "activation_mean", "layer": 1, "absolute": True},
        lambda: np.median(np.abs(recorded(0, "activation_mean")[-1, 0])),
    ),
    "the mean of a span": (
        {"quantity": "loss", "span": "mean", "since": 3, "until": 9},
        lambda: np.median(LOSS[3:10].mean(axis=0)),
    ),
    "the least of a span": (
        {"quantity": "loss", "span": "least", "until": 9},
        lambda: np.median(LOSS[:10].min(axis=0)),
    ),
    "the most since a step": (
        {"quantity": "loss", "span": "most", "since": 4},
        lambda: np.median(LOSS[4:].max(axis=0)),
    ),
    "the deviation in a span": (
        {"quantity": "loss", "span": "deviation", "until": "last"},
        lambda: np.median(LOSS.std(axis=0)),
    ),
    "how often the sign turns": (
        {"quantity": "activation_mean", "layer": 1, "span": "turns"},
        lambda: np.median((np.diff(recorded(0, "activation_mean")[:, 0] > 0, axis=0)).sum(axis=0)),
    ),
    "the first step below": ({"quantity": "loss", "first": "< 0.5"}, lambda: first_where(LOSS < 0.5)),
    "the first step since": (
        {"quantity": "loss", "first": ">= 1", "since": 6},
        lambda: first_where((LOSS >= 1) & (np.arange(STEPS + 1) >= 6)[:, None]),
    ),
    "the first step for good": (
        {"quantity": "loss", "first": "<= 4", "for_good": True},
        lambda: from_on(LOSS <= 4),
    ),
    "the step of the most": ({"quantity": "loss", "first": "most"}, lambda: np.median(LOSS.argmax(axis=0))),
    "the step of the least": ({"quantity": "loss", "first": "least"}, lambda: np.median(LOSS.argmin(axis=0))),
    "a step that never comes": ({"quantity": "loss", "first": "> 1e9"}, lambda: inf),
    "divided by a number": ({"quantity": "loss", "over": 4}, lambda: np.median(LOSS[-1]) / 4),
    "less a number": ({"quantity": "loss", "minus": 4}, lambda: np.median(LOSS[-1]) - 4),
    "over another, replica by replica": (
        {"quantity": "loss", "over": "two", "others": {"two": {"quantity": "loss", "run": 2}}},
        lambda: np.median(LOSS[-1] / RELU[-1]),
    ),
    "less what is over a third": (
        {
            "quantity": "loss",
            "minus": "two",
            "others": {
                "two": {"quantity": "loss", "run": 2, "over": "three"},
                "three": {"quantity": "loss", "step": 0},
            },
        },
        lambda: np.median(LOSS[-1] - RELU[-1] / LOSS[0]),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_measure_is_what_numpy_finds(case: str) -> None:
    settings, expected = CASES[case]
    found = read(**settings)
    assert found.low == found.high == pytest.approx(float(expected()), rel=1e-12)


def test_every_setting_of_a_measure_is_among_the_cases() -> None:
    used = {key for settings, _ in CASES.values() for key in settings} - {"others"}
    assert used == set(Measure.__dataclass_fields__)


# What is known before the run is over


def test_a_later_step_is_not_known() -> None:
    assert read(6, quantity="loss", step=7) == (-inf, inf)
    assert read(7, quantity="loss", step=7).value == pytest.approx(np.median(LOSS[7]))
    assert read(19, quantity="loss", step="last").value is None


def test_a_first_step_that_has_not_come_is_after_the_step_shown() -> None:
    assert read(6, quantity="loss", first="> 1e9") == (7.0, inf)
    assert read(STEPS, quantity="loss", first="> 1e9") == (inf, inf)


def test_a_first_step_is_known_as_soon_as_enough_replicas_have_come() -> None:
    rows = ROWS.copy()
    rows[:, LAYOUT.place(0, "loss").start] = 1.0
    rows[4:, LAYOUT.place(0, "loss").start, :3] = 0.0
    assert read(10, rows, quantity="loss", first="< 0.5").value == 4.0
    assert read(10, rows, quantity="loss", first="< 0.5", replicas="most") == (11.0, inf)
    assert read(STEPS, rows, quantity="loss", first="< 0.5", replicas="most").value == inf


def test_what_a_span_has_come_to_bounds_it() -> None:
    so_far = float(np.median(LOSS[:6].min(axis=0)))
    assert read(5, quantity="loss", span="least", until=9) == (-inf, so_far)
    assert read(5, quantity="loss", span="mean", until=9) == (-inf, inf)


def test_a_ratio_is_known_with_both_of_its_numbers() -> None:
    ratio: dict[str, Any] = {
        "quantity": "loss",
        "over": "two",
        "others": {"two": {"quantity": "loss", "run": 2, "step": 9}},
    }
    assert read(8, **ratio).value is None
    assert read(9, **ratio).value == pytest.approx(np.median(LOSS[9] / RELU[9]))


def test_replicas_without_a_value_do_not_count_and_a_run_without_any_has_none() -> None:
    rows = ROWS.copy()
    rows[12:, LAYOUT.place(0, "loss").start, 0] = nan
    assert read(rows=rows, quantity="loss").value == pytest.approx(np.median(LOSS[-1, 1:]))
    assert read(rows=rows, quantity="loss", share="< 1e9").value == 0.75
    rows[12:, LAYOUT.place(0, "loss").start] = nan
    value = read(rows=rows, quantity="loss").value
    assert value is not None
    assert isnan(value)


def test_layers_that_are_zero_have_a_mean_of_zero_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read(rows=np.zeros_like(ROWS), quantity="grad_rms", layer="geometric mean") == Reading(0.0, 0.0)


def test_of_a_thinned_record_the_nearest_step_is_taken() -> None:
    experiment = replace(EXPERIMENT, steps=100_000)  # type: ignore[call-arg]
    tape = Tape(LAYOUT, experiment.steps, 1, np.float64)
    for at in range(1001):
        tape.append(at, np.full((LAYOUT.channels, REPLICAS), float(at)))
    past = tape.until(1000)
    assert past.stride > 10
    reading = Readings(experiment, past, {"one": Measure("loss", step=500)})("one")
    assert abs(reading.low - 500) <= past.stride / 2
    assert reading.value is not None


def test_an_experiment_without_the_run_or_quantity_leaves_it_unknown() -> None:
    measures = {
        "run": Measure("loss", run=5),
        "label": Measure("loss", run="ReLU"),
        "layer": Measure("grad_rms", layer=30),
        "quantity": Measure("f"),
    }
    readings = Readings(EXPERIMENT, past_at(STEPS), measures)
    assert {name: readings(name).value for name in measures} == dict.fromkeys(measures)
    assert {name: readings.text(name, "en") for name in measures} == dict.fromkeys(measures, "")


# As text


@pytest.mark.parametrize(
    ("settings", "value", "text", "alone"),
    [
        ({"quantity": "loss"}, 2.3026, "2.3", "2.3"),
        ({"quantity": "loss"}, -1.234e-7, "−1.2 × 10⁻⁷", "−1.2 × 10⁻⁷"),
        ({"quantity": "loss"}, nan, "–", "–"),
        ({"quantity": "test_accuracy"}, 0.874, "87 %", "87 %"),
        ({"quantity": "test_accuracy", "minus": "one"}, -0.03, "−3 %", "−3 %"),
        ({"quantity": "loss", "share": "> 0"}, 0.625, "62 %", "62 %"),
        ({"quantity": "loss", "first": "< 1"}, 1234.0, "1,234", "1,234"),
        ({"quantity": "loss", "first": "< 1"}, inf, "never", "never"),
        ({"quantity": "loss", "over": "one"}, 24_137.0, "24,100", "×24,100"),
        ({"quantity": "grad_rms", "layer": 1, "factors": "forward"}, 4.213, "4.21", "×4.21"),
    ],
)
def test_the_text_of_a_measure_follows_its_quantity(
    settings: dict[str, Any], value: float, text: str, alone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings = Readings(EXPERIMENT, past_at(0), {"one": Measure("loss"), "it": decode(Measure, settings)})
    monkeypatch.setattr(Readings, "__call__", lambda self, name: Reading.of(value))
    assert readings.text("it", "en") == text
    assert readings.told("it", value, "en") == alone


# Comparisons

KNOWN = {"one": Reading.of(1.0), "two": Reading.of(2.0), "late": Reading(5.0, inf), "none": Reading.of(nan)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one < two", True),
        ("two < one", False),
        ("one <= 1", True),
        ("one < 1", False),
        ("one ≥ 100 %", True),
        ("0.5 < one < 1.5", True),
        ("0.5 < one < 1.5 < late", True),
        ("late > 4", True),
        ("late <= 4", False),
        ("late < 6", None),
        ("late < 6 < one", False),
        ("one < 2 < late < 9", None),
        ("none < 1", False),
        ("none >= 1", False),
    ],
)
def test_a_comparison_is_true_false_or_not_known(text: str, expected: bool | None) -> None:
    parsed: Comparison = ComparisonOf("When").parse(text)
    assert parsed.holds(KNOWN.__getitem__) is expected
    assert ComparisonOf("When").parse(str(parsed)) == parsed


@pytest.mark.parametrize(
    "text", ["one", "one <", "< 1", "one = 1", "one < two + 1", "one < __import__", "a < 1", "", 3]
)
def test_what_is_no_comparison_is_refused(text: object) -> None:
    with pytest.raises(ParameterError, match="is not a text such as"):
        ComparisonOf("When").parse(text)


def finals(settings: dict[str, Any]) -> tuple[list[Reading], list[bool]]:
    """Return what is known of a measure at every step, and whether that is final."""
    others = settings.get("others", {})
    table = {"one": {key: value for key, value in settings.items() if key != "others"}, **others}
    measures = {name: decode(Measure, each) for name, each in table.items()}
    readings = [Readings(EXPERIMENT, past_at(step), measures) for step in range(STEPS + 1)]
    return [each("one") for each in readings], [each.is_final("one") for each in readings]


@pytest.mark.parametrize("settings", [case[0] for case in CASES.values()], ids=CASES)
def test_what_is_final_is_never_gone_back_on(settings: dict[str, Any]) -> None:
    found, final = finals(settings)
    for step, now in enumerate(found):
        if final[step]:
            assert all(now.low <= later.low and later.high <= now.high for later in found[step:])
            assert all(final[step:])


@pytest.mark.parametrize(
    ("settings", "since"),
    [
        ({}, None),
        ({"step": 7}, 0),
        ({"step": "last"}, 0),
        ({"span": "mean"}, None),
        ({"span": "mean", "until": 9}, 0),
        ({"first": "< 1"}, 0),
        ({"first": "< 1", "for_good": True}, STEPS),
        ({"first": "most"}, STEPS),
        ({"first": "most", "until": 9}, 9),
        ({"step": 3, "over": "other", "others": {"other": {"quantity": "loss", "step": 9}}}, 0),
        ({"step": 3, "over": "other", "others": {"other": {"quantity": "loss"}}}, None),
    ],
)
def test_from_which_step_on_a_measure_is_final(settings: dict[str, Any], since: int | None) -> None:
    _, final = finals({"quantity": "loss", **settings})
    assert (final.index(True) if True in final else None) == since


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("85 % after never steps, the other after 240", "85 % never, the other after 240"),
        ("it is below 0.5 after never", "it is below 0.5 never"),
        ("by step never and until step never", "never and never"),
        ("SGD takes never steps; never is 5 steps", "SGD takes never; never is 5 steps"),
        ("平方误差要 从未 步，交叉熵 240 步", "平方误差从未，交叉熵 240 步"),
        ("到第 从未 步才下降", "从未下降"),
        ("after 17 steps", "after 17 steps"),
    ],
)
def test_never_is_no_number_of_steps(text: str, told: str) -> None:
    before, never, after = text.partition("never" if "never" in text else "从未")
    spans = with_never_alone([Span(before), Span(never, 1), Span(after)])
    assert plain_text(spans) == told
    assert all(span.run == 1 for span in spans if span.text in ("never", "从未"))

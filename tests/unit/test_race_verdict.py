"""The verdict on a race: where each run has stopped, and figures that are those of the run shown."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradsim.engine.surfaces.stationary import Ended, stationary_points
from gradsim.engine.surfaces.user_formula import Formula
from gradsim.schema.parameters import ParameterError
from gradsim.sim.documents.document import Document, Shown, question, sentence
from gradsim.sim.documents.lesson import Lesson
from gradsim.sim.documents.lessons import lessons
from gradsim.sim.documents.texts import Words
from gradsim.sim.kinds import kinds
from gradsim.sim.kinds.race.endings import REACH, endings, lowest_minima, reached
from gradsim.sim.kinds.race.racer import diagonal
from gradsim.sim.kinds.race.spec import Race
from gradsim.sim.run.tape import Tape
from gradsim.words.languages import languages
from gradsim.words.sentences import BRIEFEST, plain_text
from tests.unit.races import ADAM, AWAY, SGD, path, race, raced, seven
from tests.unit.small import verdict

FAST = {"label": "Fast", "optimizer": {"name": "sgd", "learning_rate": 0.1}}


def told(spec: Race, tape: Tape, step: int, language: str = "en", lesson: Lesson | None = None) -> str:
    spans = verdict(spec, lesson, tape.until(step), tape.diverged, language)
    return "".join(span.text for span in spans)


def ended(spec: Race, tape: Tape, step: int) -> list[Ended]:
    return [ending.first[0] for ending in endings(spec, tape.until(step))]


# Where single descents have stopped.


def test_descent_along_the_ridge_stops_at_the_saddle_point() -> None:
    off = FAST | {"label": "Momentum", "optimizer": {"name": "momentum", "learning_rate": 0.1}}
    spec = race(FAST, off, surface="walled_saddle", start=[1.5, 0.0], steps=500)
    _, tape = raced(spec)
    assert set(path(tape, 0, "y")[:, 0]) == {0.0}
    assert ended(spec, tape, 500) == [Ended.AT, Ended.AT]
    assert told(spec, tape, 500) == "Fast and Momentum are at the saddle point (0, 0)."
    assert told(spec, tape, 500, "zh_CN") == "Fast 和动量法位于鞍点 (0, 0)。"


def test_off_the_ridge_it_passes_the_saddle_point_and_arrives() -> None:
    spec = race(FAST, surface="walled_saddle", start=[1.5, 1e-6], steps=200)
    _, tape = raced(spec)
    found = [ended(spec, tape, step)[0] for step in range(201)]
    there, on = found.index(Ended.AT), found.index(Ended.MOVING, found.index(Ended.AT))
    assert 0 < there < on < 200
    assert told(spec, tape, there) == "Fast is at the saddle point (0, 0)."
    excess = path(tape, 0, "value")[:, 0] + 1.0  # both minima have the value -1
    arrived = int(np.flatnonzero(excess >= 0.001)[-1]) + 1
    assert told(spec, tape, 200) == f"Fast arrives at step {arrived}."


def test_far_out_on_the_plateau_nothing_moves_and_nothing_has_arrived() -> None:
    spec = race(FAST, surface="plateau", start=[5, 5], steps=200)
    _, tape = raced(spec)
    assert path(tape, 0, "grad_norm")[-1, 0] < 1e-6
    assert ended(spec, tape, 200) == [Ended.PLATEAU]
    assert told(spec, tape, 200) == "Fast is on a plateau."


def test_a_small_gradient_in_a_valley_is_no_arrival() -> None:
    slow = {"label": "Slow", "optimizer": {"name": "sgd", "learning_rate": 1e-5}}
    spec = race(slow, surface="rosenbrock", start=[0.0, 0.0], steps=100)
    _, tape = raced(spec)
    assert np.abs(path(tape, 0, "move")[-1]).max() < 1e-4
    assert ended(spec, tape, 100) == [Ended.MOVING]


def test_a_run_at_a_minimum_with_long_steps_is_on_the_way() -> None:
    """Its last step is what tells: around the minimum it swings, as far as it is near."""
    swing = {"label": "Swing", "optimizer": {"name": "sgd", "learning_rate": 1.0}}
    spec = race(swing, surface={"expression": "x**2 + y**2"}, start=[0.05, 0.0])
    _, tape = raced(spec)
    assert path(tape, 0, "distance")[-1, 0] == pytest.approx(0.05)
    assert ended(spec, tape, 40) == [Ended.MOVING]


def test_down_the_saddle_it_leaves_the_window_and_then_diverges() -> None:
    spec = race(FAST, ADAM, surface="saddle", start=[1.0, 0.1], steps=300)
    _, tape = raced(spec)
    [gone] = tape.diverged
    out = int(np.argmax(np.abs(path(tape, 0, "y")[:, 0]) > 1.5))
    assert 0 < out < gone.step < 300
    assert ended(spec, tape, out - 1)[0] == Ended.MOVING
    assert ended(spec, tape, out)[0] == Ended.OUTSIDE
    assert [ended(spec, tape, step)[0] for step in (gone.step - 1, gone.step, 300)] == [
        Ended.OUTSIDE,
        Ended.DIVERGED,
        Ended.DIVERGED,
    ]
    assert told(spec, tape, 300) == "Adam is out of the window; Fast diverged."


# Who leads.


def test_on_the_way_the_leader_and_the_last_are_named_with_their_values() -> None:
    spec = race(SGD, ADAM, steps=60)
    _, tape = raced(spec)
    assert told(spec, tape, 0) == "All are level: f − f* = 41.2."
    for step in (10, 30):
        values = [path(tape, i, "value")[step, 0] for i in (0, 1)]
        first, last = np.argsort(values)
        names = spec.labels
        expected = (
            f"{names[first]} leads: f − f* = {values[first]:.3g}; {names[last]} is last: f − f* = {values[last]:.3g}."
        )
        assert told(spec, tape, step) == expected


def test_those_whose_figures_are_the_same_lead_together() -> None:
    twin = SGD | {"label": "Twin"}
    spec = race(SGD, twin, ADAM, steps=10)
    _, tape = raced(spec)
    values = [path(tape, i, "value")[10, 0] for i in range(3)]
    best, worst = (f"f − f* = {value:.3g}" for value in (min(values), max(values)))
    if values[2] > values[0]:
        assert told(spec, tape, 10) == f"SGD and Twin lead: {best}; Adam is last: {worst}."
    else:
        assert told(spec, tape, 10).startswith(f"Adam leads: {best}")
    alike = race(SGD, twin, steps=10)
    _, tape = raced(alike)
    assert told(alike, tape, 10) == f"All are level: f − f* = {values[0]:.3g}."


def test_one_run_alone_leads_no_one() -> None:
    for replicas in (1, 3):
        spec = race(SGD, surface="saddle", replicas=replicas, steps=5)
        _, tape = raced(spec)
        value = path(tape, 0, "value")[5, 0]
        assert told(spec, tape, 5) == f"SGD: f = {value:.3g}."


def test_figures_carry_the_colour_of_their_run() -> None:
    spec = race(SGD, ADAM, steps=10)
    _, tape = raced(spec)
    spans = verdict(spec, None, tape.until(10), [], "en")
    assert {span.text: span.run for span in spans if span.text in spec.labels} == {"SGD": 0, "Adam": 1}


# Shares of several descents.


@pytest.mark.parametrize(
    ("surface", "where"),
    [
        ("booth", "Near the lowest minimum (1, 3)"),
        ("walled_saddle", "Near the lowest minimum (0, −1.41) or (0, 1.41)"),
        ("himmelblau", "Near one of the 4 lowest minima"),
    ],
)
def test_of_several_descents_the_shares_that_arrived_are_told(surface: str, where: str) -> None:
    spec = race(SGD, ADAM, surface=surface, spread=1.0, replicas=20, steps=150)
    _, tape = raced(spec)
    shares = []
    for i in range(2):
        x, y = (path(tape, i, name) for name in ("x", "y"))
        away = np.min([np.hypot(x - point.x, y - point.y) for point in lowest_minima(spec.surface)], axis=0)
        shares.append((away <= REACH * diagonal(spec.surface)).sum(axis=1))
    assert len(np.unique(shares)) > 2
    for step in range(spec.steps + 1):
        sgd, adam = (share[step] for share in shares)
        line = f"{where}: SGD {sgd} of 20 and Adam {adam} of 20."
        assert told(spec, tape, step) == line


def test_a_descent_that_has_left_from_near_the_minimum_has_not_arrived() -> None:
    leap = {"label": "Leap", "optimizer": {"name": "sgd", "learning_rate": 1e6}}
    spec = race(leap, SGD, surface={"expression": "100*(x**2 + y**2)"}, start=[0.2, 0.2], spread=0.01, replicas=5)
    _, tape = raced(spec)
    assert ended(spec, tape, 0)[0] == Ended.DIVERGED
    for step in (0, 1):
        assert [reached(spec, tape.until(step), i) for i in (0, 1)] == [0, 5]


def test_the_lowest_minima_are_known_where_the_usual_start_has_no_value() -> None:
    surface = Formula("x - log(x) + y**2", (-8.0, 1.4, -3.0, 3.0))
    with np.errstate(invalid="ignore"):
        assert not np.isfinite(surface.value(*surface.start))
    [lowest] = lowest_minima(surface)
    assert (lowest.x, lowest.y) == pytest.approx((1.0, 0.0), abs=1e-9)


def test_a_lower_minimum_is_the_only_lowest() -> None:
    surface = race(surface="two_wells").surface
    minima = [point for point in stationary_points(surface) if point.kind == "minimum"]
    assert len(minima) == 2
    assert lowest_minima(surface) == minima[:1]
    assert lowest_minima(race(surface="saddle").surface) == []


@pytest.mark.parametrize("replicas", [1, 4])
@pytest.mark.parametrize("surface", ["beale", "saddle"])
def test_where_all_have_diverged_no_one_leads(surface: str, replicas: int) -> None:
    spec = race(AWAY, AWAY | {"label": "Too"}, surface=surface, start=[1, 1.5], replicas=replicas)
    _, tape = raced(spec)
    assert told(spec, tape, tape.head) == "Away and Too diverged."


# Lessons.


def lesson(template: str) -> Lesson:
    return Lesson(id="x", title=Words("T"), verdict=Words(template))


def test_a_lessons_template_is_filled() -> None:
    spec = race(SGD, ADAM, steps=30)
    _, tape = raced(spec)
    value = path(tape, 0, "value")[10, 0], path(tape, 1, "value")[10, 0]
    assert value[0] < value[1]
    own = lesson("{leader} before {last}: {best} and {worst}")
    assert told(spec, tape, 10, "en", own) == f"SGD before Adam: {value[0]:.3g} and {value[1]:.3g}."
    assert told(spec, tape, 10, "zh_CN", own).startswith("SGD before Adam: ")
    assert told(spec, tape, 10, "en", lesson("now {ends}")).startswith("Now SGD leads: f − f* = ")


KIND_CHECKS: dict[str, dict[str, Any]] = {
    "a figure": {"verdict": Words("{label}: loss {loss}")},
    "a figure beside one of races": {"verdict": Words("{leader}: {accuracy}")},
    "a figure in Chinese alone": {"verdict": Words("{leader}", zh_CN="{slowdown}")},
    "a hidden control": {"hidden": ("optimizer", "activation")},
    "an axis": {"over": "seconds"},
}


@pytest.mark.parametrize("settings", KIND_CHECKS.values(), ids=KIND_CHECKS)
def test_a_lesson_about_a_race_names_nothing_of_training(settings: dict[str, Any]) -> None:
    found = Lesson(id="x", title=Words("T"), **settings)
    with pytest.raises(ParameterError, match=r"^lesson\.(verdict|hidden|over).* is not one of "):
        found.check(kinds()["race"])


def test_without_a_template_what_tells_most_is_said() -> None:
    spec = race(SGD, ADAM, steps=30)
    _, tape = raced(spec)
    assert told(spec, tape, 10, "en", lesson("")) == told(spec, tape, 10)


PLACES: dict[str, Any] = {
    "on the way": {"surface": "beale"},
    "a plateau": {"surface": "plateau", "start": [5, 5]},
    "no minimum": {"surface": "saddle", "replicas": 5},
    "shares": {"surface": "himmelblau", "replicas": 5, "spread": 1.0},
    "all alike": {"surface": "booth", "replicas": 3},
}


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("name", PLACES)
def test_every_sentence_is_whole(name: str, language: str) -> None:
    spec = race(SGD, ADAM, AWAY, **PLACES[name])
    _, tape = raced(spec)
    for step in range(tape.head + 1):
        text = told(spec, tape, step, language)
        assert "{" not in text
        assert "nan" not in text
        assert text[-1] == ("。" if language == "zh_CN" else ".")
        assert text[0].isupper() or language != "en"


# Who arrives first.


def test_who_is_first_and_who_is_on_the_way() -> None:
    """The steps are those of the sketch, which was computed without this program."""
    spec = seven()
    _, tape = raced(spec)
    assert told(spec, tape, 300) == ("Adam is first, at step 98; five arrive; SGD and Adadelta are still on the way.")
    assert told(spec, tape, 300, "zh_CN") == "Adam 最先，在第 98 步到达；共 5 个到达；SGD 和 Adadelta 仍在途中。"
    assert told(spec, tape, 150) == "Adam is first, at step 98; the other six are still on the way."


def test_of_few_all_that_arrived_are_named_in_order() -> None:
    runs = [{"label": f"{rate}", "optimizer": {"name": "sgd", "learning_rate": rate}} for rate in (0.02, 0.05, 0.1)]
    spec = race(*runs, surface="booth", start=[0, 0], steps=300)
    _, tape = raced(spec)
    steps = [int(np.flatnonzero(path(tape, i, "value")[:, 0] >= 0.001)[-1]) + 1 for i in range(3)]
    assert steps[2] < steps[1] < steps[0]
    assert told(spec, tape, 300) == (
        f"0.1 is first, at step {steps[2]}, 0.05 at step {steps[1]}, 0.02 at step {steps[0]}."
    )


def test_noise_that_keeps_a_run_from_arriving_is_named() -> None:
    table = {"optimizer": {"name": "sgd", "learning_rate": 1.0}}
    spec = race(table, table | {"batch_size": 1}, surface="logistic", steps=400)
    _, tape = raced(spec)
    mean = path(tape, 1, "value")[-100:, 0].mean() - lowest_minima(spec.surface)[0].value
    found = told(spec, tape, 400)
    assert "Full batch is first, at step 122" in found
    assert found.endswith(f"noise keeps Stochastic from arriving, f − f* = {mean:.3g} on average.")


@pytest.mark.parametrize("seed", range(20))
def test_a_noisy_run_that_crosses_a_minimum_is_not_said_to_be_there(seed: int) -> None:
    spec = race(
        {"optimizer": {"name": "sgd", "learning_rate": 1.0}, "batch_size": 1},
        surface="logistic",
        seed=seed,
        steps=300,
    )
    _, tape = raced(spec)
    assert Ended.AT not in {ended(spec, tape, step)[0] for step in range(100, 301)}


def test_minima_of_unlike_heights_are_told_apart() -> None:
    rates = {"sgd": 0.05, "momentum": 0.02, "adam": 0.2}
    runs = [{"optimizer": {"name": name, "learning_rate": rate}} for name, rate in rates.items()]
    spec = race(*runs, surface="two_wells", steps=200)
    _, tape = raced(spec)
    low, high = [point for point in stationary_points(spec.surface) if point.kind == "minimum"]
    assert low.value < high.value - 0.1
    assert [path(tape, i, "x")[-1, 0] < 0 for i in range(3)] == [False, True, False]
    ends = Words(en="{ends}")
    assert told(spec, tape, 200, "en", Lesson("t", ends, verdict=ends)) == (
        f"Momentum is at the lowest minimum (−{-low.x:.3g}, 0); "
        f"SGD and Adam are at the higher minimum ({high.x:.3g}, 0)."
    )


def test_the_saddle_point_delays_and_does_not_trap() -> None:
    """Measured without this program: first |y| > 1 after 149, 53, 46, 3 and 20 steps."""
    document = lessons()["saddle"]
    spec = document.experiment
    assert isinstance(spec, Race)
    _, tape = raced(spec)
    out = [int(np.argmax(np.abs(path(tape, i, "y")[:, 0]) > 1.0)) for i in range(5)]
    assert out == [149, 53, 46, 3, 20]
    assert told(spec, tape, 200, "en", document.lesson) == (
        "Delayed: |y| > 1 after 3 steps under RMSprop, 20 Adam, 46 Nesterov, 53 momentum, 149 SGD."
    )
    assert told(spec, tape, 50, "en", document.lesson) == (
        "|y| > 1 after 3 steps under RMSprop, 20 Adam, 46 Nesterov, … momentum, … SGD."
    )
    assert told(spec, tape, 1, "en", document.lesson) == (
        "|y| > 1 after … steps under RMSprop, … Adam, … Nesterov, … momentum, … SGD."
    )
    left = Lesson("t", Words(en="t"), verdict=Words(en="{leaving}"))
    assert told(spec, tape, 50, "en", left) == (
        "RMSprop leaves the ridge after 3 steps, Adam after 20, Nesterov after 46; SGD and Momentum are still on it."
    )
    assert told(spec, tape, 1, "en", left) == "None has left the ridge by step 1."


def test_shares_of_starts_are_told_where_they_are_found() -> None:
    spec = race(SGD, ADAM, surface="himmelblau")
    _, tape = raced(spec)
    shown = Shown(views=("basins",), found={"shares": [0.996, 0.89]})
    found = sentence(Document(spec), tape.until(40), "en", shown)
    assert plain_text(found) == "SGD: > 99 % of starts reach a minimum; Adam: 89 %."
    assert question(Document(spec), "en", shown) == "From how many starts is a minimum reached?"


def test_the_sentence_of_a_lesson_stands_where_shares_of_starts_are_found() -> None:
    document = lessons()["wells"]
    assert isinstance(document.experiment, Race)
    _, tape = raced(document.experiment)
    shown = Shown(views=("map", "value", "basins"), found={"shares": [1.0, 1.0, 1.0]})
    told_alone = plain_text(sentence(document, tape.until(400), "en"))
    assert plain_text(sentence(document, tape.until(400), "en", shown)) == told_alone
    assert "shallower" in told_alone


def test_a_value_is_told_as_pictures_show_it() -> None:
    """Above the lowest value where there is one in the window, else f itself."""
    for surface, what in (("booth", "f − f* = "), ("saddle", "f = ")):
        spec = race(SGD, surface=surface, start=[0.5, 0.5], steps=2)
        _, tape = raced(spec)
        value = path(tape, 0, "value")[2, 0]
        assert told(spec, tape, 2) == f"SGD: {what}{value:.3g}.".replace("-", "−")


@pytest.mark.parametrize("name", [n for n, d in lessons().items() if isinstance(d.experiment, Race)])
def test_brevity_leaves_out_and_never_adds(name: str) -> None:
    document = lessons()[name]
    spec = document.experiment
    assert isinstance(spec, Race)
    _, tape = raced(spec)
    for language in languages():
        lengths = [
            len(plain_text(sentence(document, tape.until(tape.head), language, None, brevity)))
            for brevity in range(BRIEFEST + 1)
        ]
        assert lengths[-1] == min(lengths)

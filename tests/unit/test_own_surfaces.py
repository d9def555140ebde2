"""Races whose runs differ in surface: each run is what it would be in a race of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradsim.cli import BAD_INPUT, DONE, main
from gradsim.engine.suited_rates import measured_rate, suited_rate
from gradsim.engine.surfaces.models import Logistic, LogisticSquared
from gradsim.engine.surfaces.user_formula import Formula
from gradsim.sim.documents.document import Document, dump, parse
from gradsim.sim.documents.experiments import experiment_from, followed, full_table, table_of
from gradsim.sim.kinds import kind_of
from gradsim.sim.kinds.kind import Asked
from gradsim.sim.kinds.race.arrival import arrivals
from gradsim.sim.kinds.race.basins import basin_map, basin_maps
from gradsim.sim.kinds.race.endings import endings
from gradsim.sim.kinds.race.extent import crossed
from gradsim.sim.kinds.race.racer import lowest_value
from gradsim.sim.kinds.race.rates import first_of, sweep
from gradsim.sim.kinds.race.results import race_arrays
from gradsim.sim.kinds.race.spec import Race
from gradsim.sim.kinds.race.standing import Standing
from gradsim.words.sentences import Wording, plain_text
from tests.unit.races import everything, race, raced

RATE: dict[str, Any] = {"name": "sgd", "learning_rate": 4.0}
CROSS: dict[str, Any] = {"label": "Cross", "optimizer": RATE}
SQUARED: dict[str, Any] = {"label": "Squared", "optimizer": RATE, "surface": "logistic_squared"}
VALLEY: dict[str, Any] = {
    "label": "Valley",
    "optimizer": {"name": "adam", "learning_rate": 0.1},
    "surface": {"name": "himmelblau"},
}
AT = {"surface": "logistic", "start": [-2.0, 1.0], "steps": 120}


def mixed(**settings: Any) -> Race:
    return race(CROSS, SQUARED, VALLEY, {**CROSS, "label": "Again"}, **{**AT, **settings})


def test_each_run_is_bit_for_bit_what_it_is_alone() -> None:
    spec = mixed(noise=0.01, replicas=3, spread=0.5)
    _, tape = raced(spec)
    for run in range(4):
        _, own = raced(spec.alone(run))
        assert spec.alone(run).has_one_surface
        for name, values in everything(tape, run).items():
            np.testing.assert_array_equal(values, everything(own, 0)[name], err_msg=f"{run} {name}")


def test_batches_are_those_of_the_run_alone() -> None:
    batch = {"batch_size": 10}
    few = {"name": "logistic_squared", "samples": 50}
    spec = race({**CROSS, **batch}, {**SQUARED, **batch, "surface": few}, **AT)
    racer, tape = raced(spec)
    for run in range(2):
        _, own = raced(spec.alone(run))
        np.testing.assert_array_equal(everything(tape, run)["x"], everything(own, 0)["x"])
    arrays = race_arrays(racer)
    assert len(arrays["run0/train_x"]) == 200
    assert len(arrays["run1/train_x"]) == 50
    assert arrays["run1/replica0/batches"].max() == 49


def test_what_is_told_of_a_run_is_what_is_told_of_it_alone() -> None:
    spec = mixed()
    _, tape = raced(spec)
    past = tape.until(tape.head)
    assert len(arrivals(spec, past)) == 4
    for run in range(4):
        alone = spec.alone(run)
        _, own = raced(alone)
        only = own.until(own.head)
        assert arrivals(spec, past)[run] == arrivals(alone, only)[0]
        assert endings(spec, past)[run].first == endings(alone, only)[0].first
        told = plain_text(Standing(spec, past, Wording("en")).height(run))
        assert told == plain_text(Standing(alone, only, Wording("en")).height(0))


def test_runs_are_in_the_order_of_their_values_above_their_own_lowest() -> None:
    spec = mixed()
    _, tape = raced(spec)
    past = tape.until(tape.head)
    above = [past.values(i, "value")[0] - (lowest_value(s) or 0.0) for i, s in enumerate(spec.surfaces)]
    found = Standing(spec, past, Wording("en")).in_order
    assert found == sorted(range(4), key=lambda run: above[run])
    assert found != sorted(range(4), key=lambda run: past.values(run, "value")[0])


def test_sweeps_are_those_of_the_runs_alone() -> None:
    spec = mixed(steps=30)
    *_, whole = sweep(spec)
    for run in range(4):
        *_, own = sweep(spec.alone(run))
        np.testing.assert_array_equal(whole.rates[run], own.rates[0])
        np.testing.assert_array_equal(whole.values(30)[run], own.values(30)[0])
        np.testing.assert_array_equal(first_of(spec).values(0)[run], first_of(spec.alone(run)).values(0)[0])


def test_the_window_of_the_maps_holds_what_each_run_crosses() -> None:
    spec = mixed()
    x0, x1, y0, y1 = crossed(spec).window
    for run in range(4):
        left, right, low, high = crossed(spec.alone(run)).window
        assert x0 <= left
        assert right <= x1
        assert y0 <= low
        assert high <= y1


def test_basins_are_those_of_each_surface() -> None:
    spec = race(CROSS, SQUARED, **{**AT, "steps": 2})
    first = next(iter(basin_maps(spec)))
    assert len(first) == 2
    *_, squared = basin_map(spec.alone(1), spec.alone(1).runs[0])
    *_, both = basin_maps(spec)
    np.testing.assert_array_equal(both[1].ended, squared.ended)


def test_the_verdict_tells_of_all_runs() -> None:
    spec = race(CROSS, SQUARED, VALLEY, **{**AT, "steps": 400})
    _, tape = raced(spec)
    sentence = plain_text(kind_of(spec).sentence(spec, tape.until(400), Asked(Wording("en"))))
    assert all(name in sentence for name in ("Cross", "Squared", "Valley"))


# Files


def test_a_file_says_it_only_of_runs_that_have_one() -> None:
    spec = race(CROSS, SQUARED, **AT)
    table = table_of(spec)
    assert "surface" not in table["runs"][0]
    assert table["runs"][1]["surface"] == {"name": "logistic_squared", "samples": 200}
    assert experiment_from(table) == spec
    assert "surface" not in table_of(race()).get("common", {})
    assert dump(Document(race())).count("surface") == 1


def test_a_file_is_read_as_it_was_written() -> None:
    spec = mixed()
    assert parse(dump(Document(spec)), "x").experiment == spec


def test_a_formula_may_be_a_runs_own() -> None:
    spec = race({**CROSS, "surface": {"expression": "x**2 + y**2", "window": [-2, 2, -2, 2]}}, surface="beale")
    assert spec.surfaces[0].value(1.0, 2.0) == 5.0


BAD = {
    "unknown": ('surface = "bealle"', "runs[0].surface: 'bealle' is not one of"),
    "no value at the start": ('surface = { expression = "log(x)" }\n', "start: f or its slope has no finite value"),
    "no samples": ('batch_size = 5\nsurface = "beale"', "runs[0].batch_size: 5 is given, but the surface 'beale'"),
    "the same for the race": ("", "surface: 'same' is not one of"),
    "a change": ('changes = [{ step = 1, surface = "beale" }]', "runs[0].changes[0].surface"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_not_allowed_is_refused_in_one_line(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, said = BAD[name]
    shared = "same" if name == "the same for the race" else "logistic"
    text = f'kind = "race"\nsurface = "{shared}"\nstart = [-1.0, 0.5]\n[[runs]]\nlabel = "A"\n{run}\n'
    (tmp_path / "bad.toml").write_text(text)
    assert main(["check", str(tmp_path / "bad.toml")]) == BAD_INPUT
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert said in lines[0]


def test_rates_that_are_not_given_suit_each_runs_surface() -> None:
    spec = race({"label": "A"}, {"label": "B", "surface": "logistic_squared"}, surface="logistic")
    rates = [run.optimizer.learning_rate for run in spec.runs]
    assert rates == [suited_rate(Logistic(), "sgd"), suited_rate(LogisticSquared(), "sgd")]


def test_results_tell_the_values_of_each_surface(tmp_path: Path) -> None:
    (tmp_path / "race.toml").write_text(dump(Document(mixed(steps=5))))
    assert main(["run", str(tmp_path / "race.toml"), "--out", str(tmp_path / "race.json")]) == DONE
    found = json.loads((tmp_path / "race.json").read_text())["runs"]
    for run, surface in zip(found, mixed().surfaces, strict=True):
        np.testing.assert_allclose(run["f"], surface.value(run["x"], run["y"]), rtol=1e-12)


# Edits and names


def test_another_own_surface_brings_the_rate_that_suits_it() -> None:
    spec = race({"label": "A"}, {"label": "B"}, surface="logistic")
    before = full_table(spec)
    after = full_table(spec)
    after["runs"][1]["surface"] = {"name": "logistic_squared", "samples": 200}
    edited = followed(before, before, after)
    rates = [run["optimizer"]["learning_rate"] for run in edited["runs"]]
    assert rates == [10.0, 20.0]
    assert "B 10 → 20" in kind_of(spec).notes(before, edited, "en")[0]
    assert edited["start"] == before["start"]


def test_another_surface_of_the_race_leaves_runs_with_their_own_alone() -> None:
    spec = race({"label": "A"}, {"label": "B", "surface": "logistic_squared"}, surface="logistic")
    before, after = full_table(spec), full_table(spec)
    after["surface"] = {"name": "himmelblau"}
    edited = followed(before, before, after)
    assert edited["runs"][1] == before["runs"][1]
    assert edited["runs"][0]["optimizer"]["learning_rate"] == suited_rate(experiment_from(edited).surface, "sgd")  # type: ignore[attr-defined]


def test_runs_without_labels_are_called_after_what_they_descend() -> None:
    spec = race({"optimizer": RATE}, {"optimizer": RATE, "surface": "himmelblau"}, surface="beale")
    assert spec.labels == ("Beale", "Himmelblau")
    assert kind_of(spec).names(full_table(spec), "en") == ["Beale", "Himmelblau"]
    spec = race({"optimizer": RATE}, {"optimizer": RATE, "surface": "logistic_squared"}, surface="logistic")
    assert spec.labels == ("Cross-entropy", "Squared error")
    assert spec.names("zh_CN") == ("交叉熵", "平方误差")


def test_usual_views_are_maps_side_by_side() -> None:
    assert kind_of(race()).usual_views(race())[0] == "map"
    assert kind_of(mixed()).usual_views(mixed())[0] == "maps"
    assert kind_of(mixed()).projected_views(mixed())[0] == "maps"


@pytest.mark.parametrize("expression", ["x/0+y", "1e300*(x^2+y^2)", "1/x+1/y", "exp(exp(x))+y", "0*x"])
def test_a_rate_is_found_for_values_beyond_all_numbers_without_a_warning(expression: str) -> None:
    surface = Formula(expression=expression, window=(-1e6, -4e5, -5e5, 5e5))
    assert 0.0 < measured_rate(surface, "sgd") < 1e6

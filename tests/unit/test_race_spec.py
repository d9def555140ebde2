"""What a race's file may say, what follows where it says nothing, and what an edit brings with it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from gradsim.cli import BAD_INPUT, DONE, main
from gradsim.engine.optim import OPTIMIZERS
from gradsim.engine.suited_rates import suited_rate, suited_rates
from gradsim.engine.surfaces import SURFACES
from gradsim.engine.surfaces.user_formula import Formula
from gradsim.sim.documents.document import Document, dump, parse
from gradsim.sim.documents.experiments import experiment_from, followed, full_table
from gradsim.sim.documents.lesson import Lesson
from gradsim.sim.documents.texts import Words
from gradsim.sim.documents.view_choice import ViewChoice
from gradsim.sim.kinds import kinds
from gradsim.sim.kinds.race.racer import check_race as check
from gradsim.sim.kinds.race.spec import Race
from tests.unit.races import ADAM, SGD, race

RACE = 'kind = "race"\n'
RUN = '[[runs]]\nlabel = "A"\n'
LESSON = '[lesson]\nid = "x"\ntitle = "T"\n'

# What the file says, and what the line has to say after the file's name, in pieces.
BAD: dict[str, tuple[str, list[str]]] = {
    "start too short": (f"start = [1]\n{RUN}", ["start: [1] is not a list of 2 numbers from -1,000,000 to"]),
    "start far away": (f"start = [1, 1e7]\n{RUN}", ["start[1]: 10000000.0 is not a number from -1,000,000 to"]),
    "start where there is no value": (
        f'start = [-1, 1]\nsurface = {{ expression = "log(x) + y" }}\n{RUN}',
        ["start: f or its slope has no finite value at (-1, 1); choose another place"],
    ),
    "start where there is no slope": (
        f'start = [0, 1]\nsurface = {{ expression = "sqrt(x) + y" }}\n{RUN}',
        ["start: f or its slope has no finite value at (0, 1)"],
    ),
    "batches of a formula": (
        f"{RUN}batch_size = 4\n",
        ["runs[0].batch_size: 4 is given, but the surface 'beale' is no mean over samples; 'all' is allowed"],
    ),
    "batches of a formula, in common": (f"[common]\nbatch_size = 4\n{RUN}", ["runs[0].batch_size: 4 is given, "]),
    "a batch larger than the samples": (
        f'surface = "least_squares"\n{RUN}batch_size = 4000\n',
        ["runs[0].batch_size: 4000 is more than the 200 samples there are; a whole number from 1 to 200 or 'all'"],
    ),
    "unknown surface": (f'surface = "beal"\n{RUN}', ["surface: 'beal' is not one of ", "; did you mean 'beale'?"]),
    "unknown name in a formula": (
        f'surface = {{ expression = "x + z" }}\n{RUN}',
        ["surface.expression: column 5: 'z' is not known; x, y, pi, e or a function are"],
    ),
    "a formula of a named surface": (
        f'surface = {{ name = "beale", expression = "x" }}\n{RUN}',
        ["surface.expression: 'expression' is not known, there is nothing to set"],
    ),
    "a window of three": (
        f'surface = {{ expression = "x", window = [0, 1, 0] }}\n{RUN}',
        ["surface.window: [0, 1, 0] is not a list of 4 numbers from -1,000,000 to 1,000,000"],
    ),
    "negative noise": (f"noise = -1\n{RUN}", ["noise: -1 is not a number from 0 to 1,000,000"]),
    "a label twice": (RUN + RUN, ["runs[1].label: 'A' is taken by an earlier run"]),
    "nine runs": ("".join(f'[[runs]]\nlabel = "{i}"\n' for i in range(9)), ["runs: 9 given; from 1 to 8 [[runs]]"]),
    "no run": ("", ["runs: 0 given; from 1 to 8 [[runs]] tables are allowed"]),
    "a setting of training": (f'data = "digits"\n{RUN}', ["data: 'data' is not one of common, kind, noise, "]),
    "a setting of trained runs": (f'{RUN}activation = "relu"\n', ["runs[0].activation: 'activation' is not one of"]),
    "unknown optimizer": (f'{RUN}optimizer = "adm"\n', ["runs[0].optimizer: 'adm' is not", "; did you mean 'adam'?"]),
    "an optimizer without a name": (
        f"{RUN}optimizer = {{ learning_rate = 1 }}\n",
        ["runs[0].optimizer: {'learning_rate': 1} is not a name or a table with a name; one of sgd, "],
    ),
    "a schedule longer than the race": (
        f'steps = 5\n{RUN}schedule = {{ name = "warm_up", length = 9 }}\n',
        ["runs[0].schedule.length: 9 updates are more than the 5 steps of the run; a whole number from 1 to 5, or 0"],
    ),
    "unknown figure": (
        f'{RUN}{LESSON}verdict = "{{leadr}}"\n',
        ["lesson.verdict.en: '{leadr}' is not one of ", "; did you mean '{leader}'?"],
    ),
    "unknown view": (f'{RUN}{LESSON}views = ["mapp"]\n', ["lesson.views[0]: 'mapp' is not", "; did you mean 'map'?"]),
}


@pytest.mark.parametrize(
    ("name", "command"),
    [(n, c) for n in BAD for c in ("check", "run", "export") if (n, c) != ("unknown view", "run")],
)
def test_a_bad_race_gets_one_line(
    name: str, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content, pieces = BAD[name]
    path = tmp_path / "bad.toml"
    path.write_text(RACE + content)
    out = ["--out", str(tmp_path / "out.png")] if command == "export" else []
    assert main([command, str(path), *out]) == BAD_INPUT
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"gradsim: {path}: {pieces[0]}")
    assert all(piece in said.err for piece in pieces)
    assert said.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == [path]


def test_a_race_is_checked_run_and_repeated_by_its_dump(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "race.toml"
    path.write_text(f'{RACE}steps = 30\nsurface = {{ expression = "x**2 + 3*y**2" }}\n{RUN}optimizer = "adam"\n')
    assert main(["check", str(path)]) == DONE
    again = tmp_path / "again.toml"
    again.write_text(dump(parse(path.read_text(), "race")))
    for each in (path, again):
        assert main(["run", str(each), "--replicas", "2", "--out", str(each.with_suffix(".json"))]) == DONE
    said = capsys.readouterr()
    assert said.err == ""
    assert said.out.count("step 30: ") == 2
    assert path.with_suffix(".json").read_bytes() == again.with_suffix(".json").read_bytes()
    assert len(json.loads(again.with_suffix(".json").read_text())["runs"][0]["x"]) == 2


# Learning rates.


def rates(*runs: dict[str, Any], **settings: Any) -> list[float]:
    return [run.optimizer.learning_rate for run in race(*runs, **settings).runs]


@pytest.mark.parametrize("key", OPTIMIZERS)
def test_a_rate_that_is_not_given_is_the_one_that_suits(key: str) -> None:
    told: list[Any] = [key, {"name": key}, {"name": key, "weight_decay": 0.01}]
    runs = [{"optimizer": optimizer} for optimizer in told]
    assert rates(*runs) == [suited_rates()["beale"][key]] * 3
    assert rates({}, common=runs[0]) == [suited_rates()["beale"][key]]
    assert rates({"optimizer": {"name": key, "learning_rate": 0.125}}) == [0.125]


def test_a_rate_is_taken_from_where_the_optimizer_is() -> None:
    common = {"optimizer": {"name": "adam", "learning_rate": 0.125}}
    own = {"optimizer": "sgd", "label": "Own"}
    assert rates({}, own, common=common) == [0.125, suited_rates()["beale"]["sgd"]]
    assert rates({}, surface="booth") == [suited_rates()["booth"]["sgd"]]


def test_a_rate_that_suits_a_formula_is_measured() -> None:
    """Of x^2 / 2, one over the curvature is 1; ten times as steep, a tenth of it."""
    for steepness in (1.0, 10.0):
        [found] = rates({"optimizer": "sgd"}, surface={"expression": f"{steepness}*(x**2 + y**2)/2"})
        assert found == pytest.approx(1.0 / steepness)


def test_a_formula_needs_no_name() -> None:
    spec = race(surface={"expression": "x**2 + y**2"})
    assert spec.surface == Formula("x**2 + y**2")
    assert spec.start == spec.surface.start
    check(spec)


@pytest.mark.parametrize("key", SURFACES)
def test_every_surface_is_raced_from_its_start(key: str) -> None:
    spec = race(surface=key)
    assert spec.start == SURFACES[key]().start
    check(spec)
    assert race(surface=key, start=[1, 2]).start == (1.0, 2.0)


# Edits in the form: the tables are full ones.


def edited(table: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return copy.deepcopy(table) | changes


def test_another_surface_brings_its_start_and_adapts_the_rates_that_were_not_given() -> None:
    given = {"optimizer": {"name": "nag", "learning_rate": 0.123}}
    before = full_table(race({"optimizer": "sgd"}, {"optimizer": "adam"}, given, start=[0.5, 0.5]))
    after = followed(before, before, edited(before, surface="booth"))
    assert after["start"] == list(SURFACES["booth"]().start)
    rates = [suited_rates()["booth"]["sgd"], suited_rates()["booth"]["adam"], 0.123]
    assert [run["optimizer"]["learning_rate"] for run in after["runs"]] == rates
    assert isinstance(experiment_from(after), Race)
    [note] = kinds()["race"].notes(before, after, "en")
    were = [suited_rates()["beale"]["sgd"], suited_rates()["beale"]["adam"]]
    said = f"SGD {were[0]:g} → {rates[0]:g}, Adam {were[1]:g} → {rates[1]:g}"
    assert note == f"Learning rates adapted to the surface: {said}"
    assert kinds()["race"].notes(before, edited(before, steps=7), "en") == []


def test_another_setting_of_a_surface_leaves_start_and_rates() -> None:
    before = full_table(race(surface={"name": "ravine", "kappa": 10.0}, start=[0.5, 0.5]))
    after = edited(before, surface={"name": "ravine", "kappa": 20.0})
    assert followed(before, before, after) == after


def test_another_formula_or_window_is_another_surface() -> None:
    formula = {"name": "formula", "expression": "x**2 + y**2", "window": [-1, 1, -1, 1]}
    before = full_table(race({"optimizer": "sgd"}, surface=formula))
    for change in ({"expression": "5*x**2 + 5*y**2"}, {"window": [-2, 2, -2, 2]}):
        after = followed(before, before, edited(before, surface=before["surface"] | change))
        surface = race(surface=formula | change).surface
        assert after["start"] == pytest.approx(surface.start)
        assert after["runs"][0]["optimizer"]["learning_rate"] == suited_rate(surface, "sgd")


def test_another_optimizer_brings_the_rate_that_suits_it_alone() -> None:
    before = full_table(race(SGD, ADAM, start=[0.5, 0.5]))
    after = edited(before)
    after["runs"][1]["optimizer"] = {"name": "nag", "learning_rate": 3.0, "momentum": 0.5}
    found = followed(before, before, after)
    assert found["runs"][1]["optimizer"] == {
        "name": "nag",
        "learning_rate": suited_rates()["beale"]["nag"],
        "momentum": 0.5,
    }
    assert found["runs"][0] == before["runs"][0]
    assert found["start"] == [0.5, 0.5]


def test_a_surface_that_is_not_allowed_brings_nothing() -> None:
    before = full_table(race())
    for wrong in ("beal", {"name": "formula", "expression": "x +"}, 3):
        after = edited(before, surface=wrong)
        assert followed(before, before, after) == after


def test_batches_are_for_surfaces_that_are_means_over_samples() -> None:
    batches = full_table(race(SGD | {"batch_size": 8}, surface="least_squares"))
    assert kinds()[batches["kind"]].inapplicable(batches) == ()
    after = followed(batches, batches, edited(batches, surface="beale"))
    assert [run["batch_size"] for run in after["runs"]] == ["all"]
    assert kinds()[after["kind"]].inapplicable(after) == ("batch_size",)
    other = followed(batches, batches, edited(batches, surface="logistic"))
    assert [run["batch_size"] for run in other["runs"]] == [8]


def test_an_edit_of_training_brings_nothing() -> None:
    before = full_table(experiment_from({"runs": [{}]}))
    after = edited(before, steps=3)
    assert followed(before, before, after) == after
    assert kinds()[after["kind"]].inapplicable(after) == ()


def test_a_lesson_of_a_race_survives_the_way_to_a_file() -> None:
    views = (ViewChoice("map"), ViewChoice("value", {"over": "samples"}))
    lesson = Lesson(id="x", title=Words("T"), verdict=Words("{leader}: {ends}"), views=views)
    document = Document(race(), lesson)
    assert parse(dump(document), "x") == document

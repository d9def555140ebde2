"""What lessons measure that only longer computations find: where it is from, and what is said until then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import gradsim
from gradsim.engine.surfaces import SURFACES
from gradsim.schema.parameters import ParameterError
from gradsim.sim.documents import results
from gradsim.sim.documents.document import Document, Shown, parse, sentence
from gradsim.sim.documents.lesson_checks import check_lesson
from gradsim.sim.documents.points import Standing, live_text, standings, studied_in, untrue
from gradsim.sim.kinds import kind_of, kinds
from gradsim.sim.kinds.race.convexity import convexity, share_curving_down
from gradsim.sim.run.tape import Tape
from gradsim.ui.views.catalogue import VIEWS
from gradsim.words.sentences import plain_text

RACE = """
kind = "race"
surface = "logistic_squared"
start = [-8.0, 1.0]
steps = 20

[[runs]]
[[runs]]
surface = "logistic"

[lesson]
id = "bent"
title = "Bent"
verdict = "it curves down on {down} of the window"
why = "On {down}."
points = [{ text = "Nearly everywhere.", when = "down > 90 %" }, { text = "Nowhere.", when = "other <= 0" }]

[lesson.measures]
down = { quantity = "curves_down", run = 1 }
other = { quantity = "curves_down", run = 2 }
"""


@pytest.fixture(scope="module")
def run() -> tuple[Document, Tape]:
    document = parse(RACE, "bent")
    _, tape = results.run(document)
    return document, tape


def test_until_a_view_has_found_it_a_point_says_which_view_computes_it(run: tuple[Document, Tape]) -> None:
    document, tape = run
    assert standings(document, tape.until(20), "en") == (Standing(None, view="convexity"),) * 2


def test_what_was_found_is_measured_like_all_else(run: tuple[Document, Tape]) -> None:
    document, tape = run
    past, found = tape.until(20), {"curves_down": {0: 0.948, 1: 0.0}}
    assert [each[:2] for each in standings(document, past, "en", found)] == [(True, "95 %"), (True, "0 %")]
    assert "95 %" in plain_text(sentence(document, past, "en", Shown(found=found)))
    assert live_text(document, past, "On {down}.", "en", found) == "On 95 %."


def test_without_a_window_it_is_computed_here_and_now(run: tuple[Document, Tape]) -> None:
    document, tape = run
    found = studied_in(document, tape.until(20))
    assert found["curves_down"][0] == pytest.approx(0.948, abs=0.002)
    assert found["curves_down"][1] == 0.0
    assert untrue(document, tape) == []


def test_a_script_has_it_computed_too(tmp_path: Path) -> None:
    (tmp_path / "bent.toml").write_text(RACE)
    assert gradsim.run(tmp_path / "bent.toml").verdict == "It curves down on 95 % of the window."


@pytest.mark.parametrize(("last", "found"), [(None, [1, 2, 3]), (20, [1, 2, 3]), (19, [1, 2]), (5, [1, 2]), (4, [1])])
def test_a_run_that_is_stopped_is_judged_up_to_there_alone(last: int | None, found: list[int]) -> None:
    points = ", ".join(f'{{ text = "False.", when = "loss < 0", at = {at} }}' for at in (0, 5, 20))
    before, _, _ = RACE.partition("verdict =")
    document = parse(f'{before}points = [{points}]\nmeasures.loss = {{ quantity = "value" }}', "bent")
    _, tape = results.run(document, last)
    assert [int(line.split()[1]) for line in untrue(document, tape, last)] == found


def test_the_share_that_curves_down_is_the_one_that_the_view_shows() -> None:
    race: Any = parse(RACE, "bent").experiment
    shown = next(found for found in convexity(race, 0, False) if found)
    assert {each.surface: each.share for each in shown} == {
        each.surface: share_curving_down(each.surface) for each in shown
    }
    assert share_curving_down(SURFACES["himmelblau"]()) > 0.0


NETWORK = """
steps = {steps}
replicas = 2
data = {data}
common = {{ hidden = {hidden}, output = "sigmoid", loss = "mse", batch_size = 8 }}
[[runs]]
optimizer = {{ name = "sgd", learning_rate = 0.5 }}
[[runs]]
optimizer = {{ name = "adagrad", learning_rate = 0.5 }}
"""


def test_networks_tell_how_much_of_their_paths_is_in_the_plane() -> None:
    document = parse(NETWORK.format(steps=12, data='"digits"', hidden="[4]"), "small")
    _, tape = results.run(document)
    kind = kind_of(document.experiment)
    for name in ("positions_in_plane", "moves_in_plane", "off_in_plane"):
        found = kind.study(document.experiment, tape.until(12), name)
        assert set(found) == {0, 1}
        assert all(0.0 <= share <= 1.0 for share in found.values())


def test_networks_tell_how_rare_inputs_fare_against_frequent_ones() -> None:
    sparse = '{ name = "sparse", samples = 200, features = 40, exponent = 1.0 }'
    document = parse(NETWORK.format(steps=40, data=sparse, hidden="[]"), "small")
    _, tape = results.run(document)
    found = kind_of(document.experiment).study(document.experiment, tape.until(40), "rare_to_frequent")
    assert found[0] == 1.0
    assert found[1] > 1.5


@pytest.mark.parametrize("kind", kinds().values(), ids=kinds())
def test_each_is_computed_by_a_view_that_there_is(kind: Any) -> None:
    assert {each.view for each in kind.studied.values()} <= set(VIEWS)
    assert all(each.help.endswith(".") for each in kind.studied.values())


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("step = 3", "step: is given, but 'curves_down' is computed by a view as it is now"),
        ('layer = "first"', "layer: is given, but 'curves_down' is computed by a view as it is now"),
        ('first = "> 1"', "first: is given, but 'curves_down' is computed by a view as it is now"),
        ("run = 3", "run: 3 is not a run's number from 1 to 2, or its label"),
    ],
)
def test_what_makes_no_sense_of_it_is_refused(more: str, said: str) -> None:
    text = RACE.replace('down", run = 1', f'down", {"run = 1, " if "run" not in more else ""}{more}')
    with pytest.raises(ParameterError) as refused:
        check_lesson(parse(text, "bent"))
    assert str(refused.value) == f"lesson.measures.down.{said}"

"""Whatever is wrong with a race's table, it gets one line that names the place."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gradsim.schema.parameters import ParameterError
from gradsim.sim.documents.experiments import experiment_from, full_table
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.race.spec import Race, RaceRun
from tests.property.cases import cases
from tests.property.test_experiment_files import instances

WRONG: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, -1, 1.5, 1e300, 10**30, "", "x", [], [1], ["x", 2], {}, {"name": 3}, [[]]]
)

places = st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
runs = instances(RaceRun, batch_size=st.just("all"))
races = instances(
    Race, start=places, runs=st.lists(runs, min_size=1, max_size=3, unique_by=lambda run: run.label).map(tuple)
)


def outcome(table: dict[str, Any]) -> tuple[str, Experiment | None]:
    """Return why a table is refused, beginning with the place, or the experiment that it is."""
    try:
        return "", experiment_from(table)
    except ParameterError as error:
        return error.path and str(error), None


@cases(150)
@given(race=races, data=st.data())
def test_a_damaged_race_is_refused_in_one_line_or_is_another_race(race: Race, data: st.DataObject) -> None:
    table = full_table(race)
    where = data.draw(st.sampled_from([table, table["runs"][0], table["runs"][0]["optimizer"]]))
    where[data.draw(st.sampled_from([*where, "common", "unknown"]))] = data.draw(WRONG)
    refusal, again = outcome(table)
    assert "\n" not in refusal
    assert bool(refusal) == (again is None)
    if again:
        assert experiment_from(full_table(again)) == again

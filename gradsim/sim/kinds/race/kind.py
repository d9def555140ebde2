"""The kind ``race``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from gradsim.engine.optim import OPTIMIZERS
from gradsim.engine.surfaces import SURFACES
from gradsim.sim.kinds.kind import Kind
from gradsim.sim.kinds.race.racer import Racer, check_race
from gradsim.sim.kinds.race.results import draw_bytes, race_arrays, race_rows, race_table
from gradsim.sim.kinds.race.spec import Race, RaceRun, named, race_followed, suited, with_suited_rates
from gradsim.sim.kinds.race.verdict import RACE_FIGURES, race_sentence
from gradsim.sim.run.tape import Past
from gradsim.words.sentences import Span


class RaceKind(Kind[Race, Racer]):
    """Optimizers that descend one surface side by side."""

    key = "race"
    experiment = Race
    run = RaceRun
    figures = frozenset(RACE_FIGURES)
    x_axes = ("steps", "samples")  # the time that a step takes tells nothing of two parameters

    def build(self, values: Mapping[str, Any], runs: Sequence[Any], table: Mapping[str, Any]) -> Race:
        surface = values.get("surface", Race.surface)
        return Race(**values, runs=with_suited_rates(named(runs, table), table, surface))

    def check(self, experiment: Race) -> None:
        check_race(experiment)

    def simulations(self, experiment: Race) -> Callable[[], Racer]:
        return partial(Racer, experiment)

    def sentence(self, experiment: Race, templates: Sequence[str], past: Past, language: str) -> list[Span]:
        return race_sentence(experiment, templates[0] if templates else "", past, language)

    def usual_views(self, experiment: Race) -> Sequence[str]:
        return "map", "value", "rates"

    def table(self, simulation: Racer, past: Past) -> dict[str, Any]:
        return race_table(simulation, past)

    def rows(self, simulation: Racer, past: Past) -> list[list[Any]]:
        return race_rows(simulation, past)

    def arrays(self, simulation: Racer) -> dict[str, Any]:
        return race_arrays(simulation)

    def draw_bytes(self, experiment: Race) -> int:
        return draw_bytes(experiment)

    def after_edit(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
        return race_followed(before, after)

    def inapplicable(self, table: Mapping[str, Any]) -> tuple[str, ...]:
        surface = table["surface"]
        name = surface if isinstance(surface, str) else surface["name"]
        return () if SURFACES[name].samples_of else ("batch_size",)

    def another_run(self, table: Mapping[str, Any], like: int) -> dict[str, Any]:
        """Return a run like run `like`, with the first optimizer that is not in the race yet, at its suited rate.

        It has no changes: these would be those of the other optimizer.
        """
        runs = table["runs"]
        raced = {run["optimizer"]["name"] for run in runs}
        key = next((key for key in OPTIMIZERS if key not in raced), None)
        if key is None:
            return {**runs[like], "label": OPTIMIZERS[runs[like]["optimizer"]["name"]].label}
        label, optimizer = OPTIMIZERS[key].label, suited(table["surface"], key)
        return {**runs[like], "label": label, "optimizer": optimizer, "changes": []}


KIND = RaceKind()

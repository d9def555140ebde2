"""The kind ``race``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from gradsim.engine.optim import OPTIMIZERS
from gradsim.engine.surfaces import SURFACES
from gradsim.sim.kinds.kind import Asked, Kind, Quantity, Studied
from gradsim.sim.kinds.race.convexity import share_curving_down
from gradsim.sim.kinds.race.documentation import DOCUMENTATION
from gradsim.sim.kinds.race.racer import Racer, check_race
from gradsim.sim.kinds.race.results import draw_bytes, race_arrays, race_rows, race_table
from gradsim.sim.kinds.race.spec import (
    Race,
    RaceRun,
    adapted_rates,
    race_followed,
    suited,
    surface_in,
    with_suited_rates,
)
from gradsim.sim.kinds.race.standing import Standing
from gradsim.sim.kinds.race.verdict import RACE_FIGURES, race_basis, race_question, race_sentence
from gradsim.sim.run.tape import Past
from gradsim.words.languages import translate
from gradsim.words.numbers import exact
from gradsim.words.sentences import Span, Wording

_STUDIED = {"curves_down": Studied("convexity", "The share of the window in which its surface curves down.")}


class RaceKind(Kind[Race, Racer]):
    """Optimizers that descend one surface side by side."""

    key = "race"
    experiment = Race
    run = RaceRun
    documentation = DOCUMENTATION
    figures = frozenset(RACE_FIGURES)
    studied = _STUDIED
    x_axes = ("steps", "samples")  # not seconds: with two parameters, a step's time is overhead

    def build(self, values: Mapping[str, Any], runs: Sequence[Any], table: Mapping[str, Any]) -> Race:
        surface = values.get("surface", Race.surface)
        return Race(**values, runs=with_suited_rates(runs, table, surface))

    def check(self, experiment: Race) -> None:
        check_race(experiment)

    def simulations(self, experiment: Race) -> Callable[[], Racer]:
        return partial(Racer, experiment)

    def sentence(self, experiment: Race, past: Past, asked: Asked) -> list[Span]:
        return race_sentence(experiment, past, asked)

    def question(self, experiment: Race, asked: Asked) -> str:
        return race_question(experiment, asked)

    def basis(self, experiment: Race, asked: Asked) -> str:
        return race_basis(experiment, asked)

    def figure(self, experiment: Race, past: Past, name: str, wording: Wording) -> list[Span]:
        return RACE_FIGURES[name](Standing(experiment, past, wording))

    def hidden_layers(self, experiment: Race, run: int) -> int:
        return 0

    def usual_views(self, experiment: Race) -> Sequence[str]:
        return "map" if experiment.has_one_surface else "maps", "value", "rates"

    def projected_views(self, experiment: Race) -> Sequence[str]:
        return "map" if experiment.has_one_surface else "maps", "rates"

    def study(self, experiment: Race, past: Past, name: str) -> dict[int, float]:
        return {run: share_curving_down(surface) for run, surface in enumerate(experiment.surfaces)}

    def quantities(self, experiment: Race) -> Mapping[str, Quantity]:
        return {
            "x": Quantity("x", "Where the descent is: first coordinate."),
            "y": Quantity("y", "Where the descent is: second coordinate."),
            "f": Quantity("value", "The value of the surface there."),
            "distance": Quantity("distance", "Distance to the nearest minimum in the window."),
            "grad_norm": Quantity("grad_norm", "Euclidean norm of the surface's gradient there."),
            "evaluations": Quantity("samples", "Gradients computed before the step.", "evaluations"),
            "gradient": Quantity("gradient", "The gradient that the next step is taken with.", of="coordinates"),
            "momentum": Quantity("momentum", "What of earlier gradients goes into the next step.", of="coordinates"),
            "scaled": Quantity(
                "scaled", "The gradient after the optimizer has scaled its components.", of="coordinates"
            ),
            "move": Quantity("move", "The next step.", of="coordinates"),
        }

    def table(self, simulation: Racer, past: Past) -> dict[str, Any]:
        return race_table(simulation, past)

    def rows(self, simulation: Racer, past: Past) -> Iterable[Sequence[str]]:
        return race_rows(simulation, past)

    def arrays(self, simulation: Racer) -> dict[str, Any]:
        return race_arrays(simulation)

    def draw_bytes(self, experiment: Race) -> int:
        return draw_bytes(experiment)

    def after_edit(
        self, allowed: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> dict[str, Any]:
        return race_followed(allowed, before, after)

    def notes(self, before: Mapping[str, Any], after: Mapping[str, Any], language: str) -> list[str]:
        """Say which learning rates have followed another surface."""
        rates = adapted_rates(before, after)
        if not rates:
            return []
        names = self.names(after, language)
        listed = translate(", ", language).join(f"{names[i]} {exact(old)} → {exact(new)}" for i, old, new in rates)
        return [translate("Learning rates adapted to the surface: {rates}", language).format(rates=listed)]

    def inapplicable(self, table: Mapping[str, Any]) -> tuple[str, ...]:
        surfaces = [table["surface"], *(surface_in(table, run) for run in table["runs"])]
        names = [surface if isinstance(surface, str) else surface["name"] for surface in surfaces]
        return () if any(SURFACES[name].sample_count for name in names) else ("batch_size",)

    def another_run(self, table: Mapping[str, Any], like: int) -> dict[str, Any]:
        """Return a run like run `like`, with the first optimizer that is not in the race yet, at its suited rate.

        It has no changes: those of run `like` belong to another optimizer.
        """
        runs = table["runs"]
        raced = {run["optimizer"]["name"] for run in runs}
        key = next((key for key in OPTIMIZERS if key not in raced), None)
        optimizer = runs[like]["optimizer"] if key is None else suited(surface_in(table, runs[like]), key)
        changes = runs[like]["changes"] if key is None else []
        return {**runs[like], "label": "", "optimizer": optimizer, "changes": changes}


KIND = RaceKind()

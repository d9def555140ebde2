"""A race in three dimensions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from gradsim.schema.errors import Phrase
from gradsim.schema.parameters import Choice
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.race.extent import crossed, prepare
from gradsim.sim.kinds.race.spec import Race
from gradsim.sim.run.tape import Past
from gradsim.ui.plots.scene import Scene
from gradsim.ui.theme import Look
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.view import Card
from gradsim.ui.views.race.map import trail
from gradsim.ui.views.race.race_view import RaceView, lacks_one_surface
from gradsim.words.numbers import exact


@dataclass(frozen=True)
class SurfaceOptions(ViewOptions):
    """What the view has a choice of."""

    heights: str = Choice(
        "Heights",
        help="Whether the height is f itself, or half by rank and half logarithmic, which shows valley floors.",
        choices=("true", "rank"),
        labels=("f itself", "by rank and logarithm"),
    ).field("true")


class Surface3D(RaceView):
    """The surface with the paths on it; the mouse turns it."""

    key = "surface3d"
    wants_key = True
    title = "Map in three dimensions"
    help = "The function as a landscape: its value is the height."
    order = 50
    place = "left"
    options_type = SurfaceOptions
    options: SurfaceOptions

    @classmethod
    def lacks(cls, experiment: Race) -> Phrase | None:
        return lacks_one_surface(experiment)

    @classmethod
    def prepare(cls, experiment: Experiment) -> Iterator[None]:
        return prepare(cast(Race, experiment))

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__(experiment, look, options)
        by_rank = self.options.heights == "rank"
        window, path = crossed(self.race)
        self._scene = Scene(look, self.race.surface, window, path, by_rank)
        self._card = Card(look, look.tr(self.race.surface.label), self._subtitle(by_rank))
        self._card.body.addWidget(self._scene)
        self.box.addWidget(self._card)

    def _subtitle(self, by_rank: bool) -> str:
        look, cut = self.look, self._scene.cut
        parts = [look.tr("height: half by rank, half logarithmic") if by_rank else look.tr("height: f")]
        if cut is not None:
            parts.append(look.tr("cut off at {value}").format(value=exact(cut)))
        if look.theme.name != "projector":
            parts.append(look.tr("drag to turn"))
        return look.tr("; ").join(parts)

    def set_experiment(self, experiment: Experiment) -> None:
        super().set_experiment(experiment)
        self._scene.forget_ahead()

    def paint_ahead(self) -> Iterator[None]:
        self._scene.draw_in_pieces()
        yield from super().paint_ahead()

    def settle(self) -> None:
        self._scene.settle()

    def state(self) -> dict[str, Any]:
        return {} if self._scene.is_whole else {"surface": self.race.surface, "pose": self._scene.pose}

    def restore(self, state: Mapping[str, Any]) -> None:
        if state.get("surface") == self.race.surface:
            self._scene.set_pose(*state["pose"])

    def draw(self, past: Past) -> None:
        paths = [trail(self, past, i, i in past.gone, labelled=True) for i in range(len(self.race.runs))]
        self._scene.show_trails(paths, self.race.start)
        # Far outside of the window, a path has no head that is seen.
        self._card.set_warning(self.divergence_texts(past.diverged))

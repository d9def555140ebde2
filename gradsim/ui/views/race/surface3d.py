"""A race in three dimensions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradsim.sim.kinds import Experiment
from gradsim.sim.run.tape import Past
from gradsim.ui.plots.scene import Scene
from gradsim.ui.theme import Look
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.view import Card
from gradsim.ui.views.race.map import trail
from gradsim.ui.views.race.race_view import RaceView


class Surface3D(RaceView):
    """The surface with the paths on it; the mouse turns it."""

    key = "surface3d"
    title = "Map in three dimensions"
    help = "The function as a landscape: its value is the height."
    order = 50
    place = "left"

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        super().__init__(experiment, look, options)
        subtitle = look.tr("height: half by rank, half logarithmic; drag to turn")
        if look.theme.name == "projector":
            subtitle = ""
        self._card = Card(look, look.tr(self.race.surface.label), subtitle)
        self._scene = Scene(look, self.race.surface)
        self._card.body.addWidget(self._scene)
        self.box.addWidget(self._card)

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

"""How what is measured of every layer is drawn: on which axis, from where bars rise, how zero is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from gradsim.engine.nn.probes import INDEX, PROBES
from gradsim.schema.parameters import Choice
from gradsim.sim.kinds import Experiment
from gradsim.sim.run.tape import Past
from gradsim.ui.plots.plot import DecadeAxis, ValueAxis
from gradsim.ui.theme import Look
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.common.scale import amounts, decades, log_clipped, within_reach
from gradsim.ui.views.common.view import Values
from gradsim.words.numbers import signed

Range = tuple[float, float]
"""Low and high end of what is shown, on the axis."""


@dataclass(frozen=True)
class LayerOptions(ViewOptions):
    """What pictures of every layer have a choice of."""

    probe: str = Choice(
        "Each layer",
        help="What is shown of every layer.",
        choices=tuple(INDEX),
        labels=tuple(probe.label for probe in PROBES),
        notes=tuple(probe.help for probe in PROBES),
    ).field(PROBES[0].key)

    @property
    def help(self) -> str:
        return PROBES[INDEX[self.probe]].help


class LinearScale:
    """A linear axis that holds zero, on which bars begin there."""

    zero: ClassVar[str] = "0"
    """What is written where a bar has no height."""
    zero_is_apart: ClassVar[bool] = False
    """Whether zero lies below all that is shown, and has a colour of its own."""

    def axis(self, look: Look, side: str = "left") -> DecadeAxis | ValueAxis:
        """Return an upright axis for a side of a plot."""
        return ValueAxis(side, look)

    def told(self, value: float) -> str:
        """Return a value as it is written into a picture."""
        return signed(float(f"{value:.2g}"))

    def range(self, past: Past, experiment: Experiment, probe: str) -> Range:
        """Return the range in which the layers of all runs lie, up to the end of `past`."""
        return amounts(past, experiment, probe)

    def places(self, values: Values, shown: Range) -> Values:
        """Return where on the axis the values lie."""
        return within_reach(values, shown)

    def base(self, shown: Range) -> float:
        """Return where on the axis bars begin."""
        return 0.0


class ShareScale(LinearScale):
    """All of 0 to 100 %."""

    zero = "0 %"

    def axis(self, look: Look, side: str = "left") -> DecadeAxis | ValueAxis:
        axis = ValueAxis(side, look)
        axis.percent = True
        return axis

    def told(self, value: float) -> str:
        return f"{100 * value:.0f} %"

    def range(self, past: Past, experiment: Experiment, probe: str) -> Range:
        return 0.0, 1.0


class LogScale(LinearScale):
    """Decades; zero lies below the lowest."""

    zero_is_apart = True

    def axis(self, look: Look, side: str = "left") -> DecadeAxis | ValueAxis:
        return DecadeAxis(side, look)

    def range(self, past: Past, experiment: Experiment, probe: str) -> Range:
        low, high = decades(past, experiment, probe)
        return float(low), float(high)

    def places(self, values: Values, shown: Range) -> Values:
        return log_clipped(values, shown[0])

    def base(self, shown: Range) -> float:
        return shown[0]


_SCALES: Mapping[str, LinearScale] = {"magnitude": LogScale(), "number": LinearScale(), "share": ShareScale()}


def scale_of(probe: str) -> LinearScale:
    """Return the scale that suits what a probe measures."""
    return _SCALES[PROBES[INDEX[probe]].kind]

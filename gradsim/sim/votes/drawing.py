"""A curve that was drawn by a class, point by point."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from gradsim.sim.documents.document import Document
from gradsim.sim.documents.lesson_parts import Curve, Prediction
from gradsim.sim.documents.measures import run_index
from gradsim.sim.documents.predict import Right, reveal_step
from gradsim.sim.kinds import Experiment, kind_of
from gradsim.sim.run.tape import Past, Values
from gradsim.sim.votes.guess import Guess, asked_of
from gradsim.sim.votes.numbers import ratio
from gradsim.words.languages import translate
from gradsim.words.numbers import share, signed
from gradsim.words.sentences import Span, Wording

POINTS_OVER_STEPS = 41
"""How many points a curve over steps has."""


class Drawing(Guess):
    """A curve over fixed places; NaN where nothing has been drawn yet.

    Parameters
    ----------
    x
        The places.
    log
        Whether the axis is logarithmic, so that what lies between two points is.
    """

    def __init__(self, x: Values, log: bool) -> None:
        self.x, self.log = x, log
        self.y: Values = np.full(len(x), np.nan)

    @property
    def drawn(self) -> npt.NDArray[np.bool_]:
        """Which of the points have been drawn."""
        found: npt.NDArray[np.bool_] = np.isfinite(self.y)
        return found

    @property
    def is_empty(self) -> bool:
        return not self.drawn.any()

    def clear(self) -> None:
        """Forget what was drawn."""
        self.y = np.full(len(self.x), np.nan)

    def set_point(self, index: int, y: float) -> None:
        """Draw one point, and what lies between it and the nearest ones that have been drawn."""
        self.y[index] = y
        known = np.flatnonzero(self.drawn)
        between = np.arange(known[0], known[-1] + 1)
        gaps = between[~self.drawn[between]]
        self.y[gaps] = self.at(self.x[gaps])

    def stroke(self, start: tuple[float, float], stop: tuple[float, float]) -> None:
        """Draw a straight line over the points from one place to another: at least the one nearest to its end."""
        (x0, y0), (x1, y1) = sorted((start, stop))
        passed = np.flatnonzero((self.x >= x0) & (self.x <= x1))
        if x1 > x0:
            heights = np.interp(self.x[passed], [x0, x1], self._scaled(np.array([y0, y1])))
            self.y[passed] = self._unscaled(heights)
        self.set_point(self.nearest(stop[0]), stop[1])

    def nearest(self, x: float) -> int:
        """Return the index of the point nearest to a place."""
        return int(np.abs(self.x - x).argmin())

    def at(self, x: Values) -> Values:
        """Return its heights at places; NaN beyond what was drawn."""
        known = self.drawn
        if not known.any():
            return np.full(len(x), np.nan)
        heights = np.interp(x, self.x[known], self._scaled(self.y[known]), left=np.nan, right=np.nan)
        return self._unscaled(heights)

    def _scaled(self, y: Values) -> Values:
        return np.log10(y) if self.log else y

    def _unscaled(self, y: Values) -> Values:
        return np.asarray(10.0**y if self.log else y)

    def is_known(self, right: Right) -> bool:
        return bool(np.isfinite(right.y).any())

    def sentence(self, document: Document, past: Past, right: Right, language: str) -> list[Span]:
        curve, wording = _curve_of(document), Wording(language)
        run = run_index(document.experiment, curve.run)
        known = np.isfinite(right.y) & np.isfinite(self.at(right.x))
        x, drawn, measured = right.x[known], self.at(right.x)[known], right.y[known]
        if not len(x):
            known = np.isfinite(right.y)
            return _measured_alone(curve, document, right.x[known], right.y[known], wording)
        if self.log and curve.over == "layers" and len(x) > 1 and _has_ratio(measured) and _has_ratio(drawn):
            return wording.fill(
                wording.tr("{first} to {last}: the room drew {drawn}, measured {measured}"),
                first=place_text(curve, document.experiment, x[0], language),
                last=place_text(curve, document.experiment, x[-1], language),
                drawn=ratio_of(drawn),
                measured=[Span(ratio_of(measured), run)],
            )
        at = _widest(drawn, measured, self.log)
        return wording.fill(
            wording.tr("The gap is widest at {place}: the room drew {drawn}, measured {measured}"),
            place=place_text(curve, document.experiment, x[at], language),
            drawn=value_text(curve, document.experiment, drawn[at]),
            measured=[Span(value_text(curve, document.experiment, measured[at]), run)],
        )

    def lines(self, asked: Prediction, right: Right, language: str) -> list[str]:
        told = translate("a curve of {n} points", language)
        return [told.format(n=int(self.drawn.sum()))]

    def table(self, asked: Prediction, right: Right, language: str) -> dict[str, Any]:
        known = self.drawn
        return {
            "over": asked.curve.over if asked.curve else "",
            "drawn": {"x": self.x[known].tolist(), "y": self.y[known].tolist()},
            "measured": {"x": right.x.tolist(), "y": [y if np.isfinite(y) else None for y in right.y.tolist()]},
        }


def places(document: Document) -> Values:
    """Return the places over which the curve of a lesson is drawn: its layers, or steps up to the reveal."""
    curve, experiment = _curve_of(document), document.experiment
    if curve.over == "layers":
        hidden = kind_of(experiment).hidden_layers(experiment, run_index(experiment, curve.run))
        return np.arange(1.0, hidden + 2.0)
    last = min(reveal_step(document), experiment.steps)
    return np.linspace(min(curve.since, last - 1), last, POINTS_OVER_STEPS)


def place_text(curve: Curve, experiment: Experiment, x: float, language: str) -> str:
    """Return the name of a place: a layer or a step."""
    if curve.over == "steps":
        return translate("step {n}", language).format(n=f"{x:,.0f}")
    if x > kind_of(experiment).hidden_layers(experiment, run_index(experiment, curve.run)):
        return translate("output", language)
    return translate("layer {n}", language).format(n=f"{x:.0f}")


def value_text(curve: Curve, experiment: Experiment, y: float) -> str:
    """Return a value of the curve's quantity."""
    return share(y) if kind_of(experiment).quantities(experiment)[curve.quantity].is_share else signed(y)


def ratio_of(values: Sequence[float] | Values) -> str:
    """Return how the first of several values stands to the last: 1 : 8."""
    return ratio(values[0] / values[-1])


def _curve_of(document: Document) -> Curve:
    curve = asked_of(document).curve
    assert curve is not None
    return curve


def _has_ratio(values: Values) -> bool:
    return bool(values[0] > 0.0 and values[-1] > 0.0)


def _widest(one: Values, other: Values, log: bool) -> int:
    with np.errstate(divide="ignore", invalid="ignore"):
        gaps = np.abs(np.log(one) - np.log(other)) if log else np.abs(one - other)
    return int(np.nan_to_num(gaps, nan=-1.0, posinf=np.inf).argmax())


def _measured_alone(curve: Curve, document: Document, x: Values, y: Values, wording: Wording) -> list[Span]:
    """Return what was measured where nothing was drawn: the values at both ends."""
    run, experiment = run_index(document.experiment, curve.run), document.experiment
    return wording.fill(
        wording.tr("Measured {first} at {start}, {last} at {end}"),
        first=[Span(value_text(curve, experiment, y[0]), run)],
        start=place_text(curve, experiment, x[0], wording.language),
        last=[Span(value_text(curve, experiment, y[-1]), run)],
        end=place_text(curve, experiment, x[-1], wording.language),
    )

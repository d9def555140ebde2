"""The sentence on losses at a sigmoid output: what each has to learn from, and how the gradient falls from there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, sqrt

from gradsim.sim.kinds.train.duel import OutputState
from gradsim.words.numbers import exact, figure
from gradsim.words.sentences import BRIEFEST, Span, Wording, joined

ALIKE = 2.0
"""Falls within this factor of each other are about the same."""
SURE = 0.9
"""An output that is off by more than this is sure, and wrong."""

START = "{a} for target {y}: "
SURE_START = "sure and wrong, {a} for target {y}: "
TARGET = "target {y}: "
LEFT, WHOLE = "σ′ leaves {labels} [{delta}] to learn from", "{labels} keeps [{delta}]"
WRONG = "{labels} is still wrong with [{a}] and has [{delta}] to learn from"
RIGHT = "{labels} is right by step [{step}] and now at [{a}]"
NEITHER = "{labels} is at [{a}] and has [{delta}] to learn from"
SHARE, FULL = "{labels}: ∂L/∂z is [{share}] of ∂L/∂a", "{labels}: ∂L/∂z = a − y, [whole]"
SAME_FALL = "back to layer 1 the gradient falls about {n} times under each"
FALL = "back to layer 1 it falls [{n} times] under {labels}"
GROWS = "back to layer 1 it grows [{n} times] under {labels}"
NOTHING = "nothing of it comes back to layer 1 under {labels}"
DIVERGED = "{labels}: diverged"
TEXTS = (
    START, SURE_START, TARGET, LEFT, WHOLE, WRONG, RIGHT, NEITHER, SHARE, FULL,
    SAME_FALL, FALL, GROWS, NOTHING, DIVERGED,
)  # fmt: skip
"""All that :func:`duel_sentence` says, to be translated."""


def duel_sentence(
    states: Sequence[OutputState | None], names: Sequence[str], since: Sequence[int], w: Wording
) -> list[Span]:
    """Say what sigma' leaves each loss, and of deep networks how the gradient falls from there.

    Parameters
    ----------
    states
        Of each run, None if it has diverged.
    since
        The step by which each run's single output was on the right side, -1 if it was not, 0 if from the start.
    """
    teller = _Teller(states, names, since, w)
    return w.sentence(teller.told(), names)


@dataclass(frozen=True)
class _Teller:
    states: Sequence[OutputState | None]
    names: Sequence[str]
    since: Sequence[int]
    w: Wording

    def told(self) -> list[Span]:
        known = [state for state in self.states if state is not None]
        clauses: dict[tuple[str, tuple[tuple[str, str], ...]], list[int]] = {}
        is_single = bool(known) and known[0].is_single
        has_one_place = is_single and len({state.a for state in known}) == 1
        for run, state in enumerate(self.states):
            clauses.setdefault(self._clause(run, state, has_one_place), []).append(run)
        told = [self._filled(template, dict(figures), runs) for (template, figures), runs in clauses.items()]
        falls = [] if is_single else self._falls()
        return [*self._opening(known[0], has_one_place), *self._joined(told, falls)] if known else joined(told, "; ")

    def _joined(self, told: Sequence[Sequence[Span]], falls: Sequence[Sequence[Span]]) -> list[Span]:
        w = self.w
        most = max(1, 8 - 2 * w.brevity)
        most_falls = 0 if w.brevity == BRIEFEST else 1 if w.brevity > 1 else len(falls)
        return joined([*told[:most], *(falls if len(falls) <= most_falls else [])], w.tr("; "))

    def _opening(self, state: OutputState, has_one_place: bool) -> list[Span]:
        if not state.is_single:
            return []
        y = figure(state.y) if state.y else "0"
        if not has_one_place:
            return self.w.fill(self.w.tr(TARGET), y=_plain(y))
        return self.w.fill(self.w.tr(SURE_START if state.off > SURE else START), a=_output(state), y=_plain(y))

    def _clause(
        self, run: int, state: OutputState | None, has_one_place: bool
    ) -> tuple[str, tuple[tuple[str, str], ...]]:
        """Return the template of what is told of a run, and its figures: runs of which the same is told are one."""
        if state is None:
            return DIVERGED, ()
        if not state.is_single:
            return (FULL, ()) if state.cancels else (SHARE, (("share", _number(state.factor)),))
        if has_one_place:
            return WHOLE if state.cancels else LEFT, (("delta", _number(state.delta)),)
        since, known = self.since[run], (("a", _output(state)), ("delta", _number(state.delta)))
        if state.y not in (0.0, 1.0) or since == 0:
            return NEITHER, known
        if state.off >= 0.5:
            return WRONG, known
        return RIGHT, (("a", _output(state)), ("step", f"{since:,}"))

    def _falls(self) -> list[list[Span]]:
        falls = {run: state.fall for run, state in enumerate(self.states) if state and len(state.biases) > 1}
        if not falls:
            return []
        low, high = min(falls.values()), max(falls.values())
        if len(falls) > 1 and low > 1.0 and high <= ALIKE * low:
            return [self.w.fill(self.w.tr(SAME_FALL), n=figure(sqrt(low * high)))]
        return [self._fall(run, fall) for run, fall in falls.items()]

    def _fall(self, run: int, fall: float) -> list[Span]:
        if not isfinite(fall):
            return self._filled(NOTHING, {}, [run])
        return self._filled(FALL if fall >= 1.0 else GROWS, {"n": figure(max(fall, 1.0 / fall))}, [run])

    def _filled(self, template: str, figures: dict[str, str], runs: Sequence[int]) -> list[Span]:
        w = self.w
        labels = w.listed([[Span(self.names[run], run)] for run in runs])
        return w.fill(w.tr(template), runs[0], labels=labels, **figures)


def _output(state: OutputState) -> str:
    return f"a = {_number(state.a)}"


def _plain(text: str) -> str:
    return text.removesuffix(".0")


def _number(value: float) -> str:
    """Return a number with two digits, more where it is nearly 1."""
    if 0.995 <= value < 1.0:
        return exact(value)
    return "0" if value == 0.0 else figure(value) if value < 1e-3 or value >= 1.0 else f"{value:.2g}"

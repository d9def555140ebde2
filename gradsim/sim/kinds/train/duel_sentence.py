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

START = "for target {y}, {a}: "
SURE_START = "sure and wrong, {a} for target {y}: "
TARGET = "target {y}: "
LEFT, WHOLE = "σ′ leaves {labels} [{delta}] to learn from", "{labels} keeps [{delta}]"
WRONG = "{labels} is still wrong with [{a}] and has [{delta}] to learn from"
RIGHT = "{labels} is right by step [{step}] and now at [{a}]"
NEITHER = "{labels} is at [{a}] and has [{delta}] to learn from"
BRIEF_START, BRIEF = "to learn from: ", "{labels} [{figure}]"
SHARE, FULL = "{labels}: ∂L/∂z is [{share}] of ∂L/∂a", "{labels}: ∂L/∂z = a − y, [whole]"
SAME_FALL = "back to layer 1 the gradient falls about {n} times under each"
FALL = "back to layer 1 it falls [{n} times] under {labels}"
GROWS = "back to layer 1 it grows [{n} times] under {labels}"
NOTHING = "nothing of it comes back to layer 1 under {labels}"
DIVERGED = "{labels}: diverged"
TEXTS = (
    START, SURE_START, TARGET, LEFT, WHOLE, WRONG, RIGHT, NEITHER, BRIEF_START, BRIEF, SHARE, FULL,
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
        The step by which each run's single output came to be on its target's side; 0 or less if that is not known.
    """
    teller = _Teller(states, names, since, w)
    return w.sentence(teller.told(), names)


_Told = tuple[str, tuple[tuple[str, str], ...]]
"""A template, and its figures by their names."""
_BRIEF = 3
"""From this brevity on, each single output has its figure alone."""
_MOST = (8, 6, 4, 8, 4, 2)
"""How many clauses there are of runs, by brevity."""


@dataclass(frozen=True)
class _Teller:
    states: Sequence[OutputState | None]
    names: Sequence[str]
    since: Sequence[int]
    w: Wording

    @property
    def _known(self) -> list[OutputState]:
        return [state for state in self.states if state is not None]

    @property
    def _is_single(self) -> bool:
        return any(state.is_single for state in self._known)

    @property
    def _has_one_place(self) -> bool:
        return len({state.a for state in self._known}) == 1

    def told(self) -> list[Span]:
        w, clauses = self.w, dict[_Told, list[int]]()
        for run, state in enumerate(self.states):
            clauses.setdefault((DIVERGED, ()) if state is None else self._clause(run, state), []).append(run)
        told = [self._filled(template, dict(figures), runs) for (template, figures), runs in clauses.items()]
        falls = [] if self._is_single else self._falls()
        most_falls = 0 if w.brevity == BRIEFEST else 1 if w.brevity > 1 else len(falls)
        kept = [*told[: _MOST[w.brevity]], *(falls if len(falls) <= most_falls else [])]
        return [*(self._opening() if self._is_single else []), *joined(kept, w.tr("; "))]

    def _opening(self) -> list[Span]:
        state, w = self._known[0], self.w
        y = f"{state.y:g}".replace("-", "−")
        if not self._has_one_place:
            return w.fill(w.tr(TARGET), y=y)
        if w.brevity >= _BRIEF:
            return w.fill(w.tr(BRIEF_START))
        return w.fill(w.tr(SURE_START if state.off > SURE else START), a=_output(state), y=y)

    def _clause(self, run: int, state: OutputState) -> _Told:
        """Return what is told of a run: runs of which the same is told share a clause."""
        if not state.is_single:
            return (FULL, ()) if state.cancels else (SHARE, (("share", _number(state.factor)),))
        if self.w.brevity >= _BRIEF:
            return BRIEF, (("figure", _number(state.delta) if self._has_one_place else _output(state)),)
        if self._has_one_place:
            return WHOLE if state.cancels else LEFT, (("delta", _number(state.delta)),)
        known = (("a", _output(state)), ("delta", _number(state.delta)))
        if state.y not in (0.0, 1.0):
            return NEITHER, known
        if state.off >= 0.5:
            return WRONG, known
        since = self.since[run]
        return (RIGHT, (("a", _output(state)), ("step", f"{since:,}"))) if since > 0 else (NEITHER, known)

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


def _number(value: float) -> str:
    """Return a number with two digits, more where it is nearly 1."""
    if 0.995 <= value < 1.0:
        return exact(value)
    return "0" if value == 0.0 else figure(value) if value < 1e-3 or value >= 1.0 else f"{value:.2g}"

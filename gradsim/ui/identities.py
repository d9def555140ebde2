"""Which colour a run has: one activation or optimizer has one colour in all experiments."""

from __future__ import annotations

from collections.abc import Sequence

from gradsim.sim.kinds import Experiment

IDENTITIES = {
    "sigmoid": 0,
    "adam": 0,
    "relu": 1,
    "momentum": 1,
    "sgd": 3,
    "adadelta": 4,
    "nag": 7,
    "adagrad": 6,
    "rmsprop": 5,
}
"""The place in a theme's colours of runs, by the key of an activation or of an optimizer."""

_OTHERS = (2, 3, 1, 0, 4, 5, 6, 7)
"""In which order runs without an identity take what is free: the first four colours differ most."""

_UNLIKE = {1: 0}
"""What a further run of an activation or optimizer takes first, by the place of its first run: a blue has no other
beside it."""


def slots_of(experiment: Experiment) -> tuple[int, ...]:
    """Return the place in a theme's colours of each run; up to eight runs have eight different ones.

    What differs between the runs decides: their activations, or else their optimizers. Where neither does, the
    order of the runs decides. A run alone has the place of its activation, or else of its optimizer.
    """
    for setting in ("activation", "optimizer"):
        keys = [getattr(run, setting).key if hasattr(run, setting) else "" for run in experiment.runs]
        if len(set(keys)) > 1 or (len(keys) == 1 and keys[0]):
            return _slots_of_keys(keys)
    return tuple(i % len(_OTHERS) for i in range(len(experiment.runs)))


def _slots_of_keys(keys: Sequence[str]) -> tuple[int, ...]:
    """Give each key its own place, to the first run that has it; the other runs take what is left in order."""
    slots: dict[int, int] = {}
    for run, key in enumerate(keys):
        if key in IDENTITIES and IDENTITIES[key] not in slots.values():
            slots[run] = IDENTITIES[key]
    free: list[int] = []
    for run in (run for run in range(len(keys)) if run not in slots):
        free = free or [slot for slot in _OTHERS if slot not in slots.values()] or list(_OTHERS)
        unlike = _UNLIKE.get(slots.get(keys.index(keys[run]), -1))
        slots[run] = free.pop(free.index(unlike) if unlike in free else 0)
    return tuple(slots[run] for run in range(len(keys)))


def free_slot(key: str, taken: Sequence[int]) -> int:
    """Return the place in a theme's colours of an activation beside runs whose places are taken: its own, if free."""
    own = IDENTITIES.get(key)
    if own is not None and own not in taken:
        return own
    return next((slot for slot in _OTHERS if slot not in taken), _OTHERS[-1])

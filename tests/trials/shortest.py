"""The shortest list that still fails: found by leaving parts out (delta debugging)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


def shortest(items: Sequence[T], fails: Callable[[Sequence[T]], bool], most_tries: int = 1000) -> Sequence[T]:
    """Return a part of `items`, in their order, that fails and of which no single one can be left out.

    After `most_tries` it is the shortest found so far. `items` themselves are taken to fail.
    """
    tries = _Tries(fails, most_tries)
    kept = _ending(items, tries)
    size = max(1, len(kept) // 2)
    while True:
        shorter = _without_one_part(kept, size, tries)
        if shorter is not None:
            kept = shorter
        elif size == 1:
            return kept
        else:
            size = max(1, size // 2)


class _Tries(Generic[T]):
    """Asks whether lists fail, until it has asked often enough: then none does."""

    def __init__(self, fails: Callable[[Sequence[T]], bool], left: int) -> None:
        self._fails, self._left = fails, left

    def __call__(self, items: Sequence[T]) -> bool:
        self._left -= 1
        return self._left >= 0 and self._fails(items)


def _ending(items: Sequence[T], tries: _Tries[T]) -> Sequence[T]:
    """Return an ending that fails: of most lists only the last few matter."""
    size = 8
    while size < len(items):
        if tries(items[-size:]):
            return items[-size:]
        size *= 4
    return items


def _without_one_part(items: Sequence[T], size: int, tries: _Tries[T]) -> Sequence[T] | None:
    """Return the list without a part of a size, if one can be left out; the last parts are tried first."""
    for end in range(len(items), 0, -size):
        less = [*items[: max(0, end - size)], *items[end:]]
        if less and tries(less):
            return less
    return None

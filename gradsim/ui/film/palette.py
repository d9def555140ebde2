"""The palette of a film: of all colours in its frames those that stand for them best, without dithering."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PIL import Image

from gradsim.ui.film.format import Pixels

_EXACT = 128
"""So many of the most frequent colours, grounds and lines, are in the palette as they are."""
_MOST_COLOURS = 2**16
"""The rest of the palette is found from so many of the most frequent colours."""
_AT_ONCE = 2**12

Indices = npt.NDArray[np.uint8]


class Colours:
    """Counts the colours of frames."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[int, int, int]] = Counter()

    def count(self, frame: Pixels) -> None:
        """Add those of a frame."""
        height, width, _ = frame.shape
        for times, colour in Image.fromarray(frame).getcolors(height * width) or ():
            assert isinstance(colour, tuple)
            self._counts[colour[0], colour[1], colour[2]] += times

    def palette(self, size: int) -> tuple[bytes, Callable[[Pixels], Indices]]:
        """Return 256 colours, `size` of them in use, and a function that gives each pixel the nearest of these."""
        ordered = self._counts.most_common()
        colours = np.array([colour for colour, _ in ordered], np.uint8)
        chosen = colours if len(ordered) <= size else self._chosen(colours, size)
        index = np.zeros(2**24, np.uint8)
        for start in range(0, len(colours), _AT_ONCE):
            some = colours[start : start + _AT_ONCE].astype(np.int32)
            apart = ((some[:, None] - chosen[None].astype(np.int32)) ** 2).sum(axis=2)
            index[_packed(some)] = apart.argmin(axis=1)
        filled = chosen.tobytes() + bytes(3 * (256 - len(chosen)))
        return filled, lambda frame: index[_packed(frame.astype(np.int32))]

    def _chosen(self, colours: Pixels, size: int) -> Pixels:
        """Return the most frequent colours, and those that stand for the others, each by the root of its number."""
        exact, rest = colours[:_EXACT], colours[_EXACT:_MOST_COLOURS]
        counts = [self._counts[tuple(colour)] for colour in rest.tolist()]
        weights = np.minimum(np.sqrt(counts).astype(int) + 1, 64)
        strip = Image.fromarray(np.repeat(rest, weights, axis=0)[None])
        cut = strip.quantize(size - len(exact), Image.Quantize.MEDIANCUT, kmeans=2)
        found = np.array(cut.getpalette(), np.uint8).reshape(-1, 3)[: size - len(exact)]
        return np.concatenate([exact, found])


def _packed(colours: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    found: npt.NDArray[np.int32] = (colours[..., 0] << 16) | (colours[..., 1] << 8) | colours[..., 2]
    return found

"""The formats of films. To add one, add a module with a `Format` here, and its ending to ENDINGS."""

from __future__ import annotations

from gradsim.ui.film.apng import Apng
from gradsim.ui.film.format import Format
from gradsim.ui.film.gif import Gif
from gradsim.ui.film.mp4 import Mp4

FORMATS: dict[str, Format] = {each.ending: each for each in (Gif(), Apng(), Mp4())}
"""Each by the ending of its files, which ENDINGS names too, for those that are to import no Qt."""

"""SVG: shapes and letters, and the experiment as metadata."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from xml.etree import ElementTree

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect
from PySide6.QtGui import QFont, QFontMetricsF
from PySide6.QtSvg import QSvgGenerator

from gradsim.sim.documents.picture_text import KEY
from gradsim.ui.theme import FAMILIES
from gradsim.ui.writers.shapes import MARK, paint_shapes
from gradsim.ui.writers.writer import Finish, InPieces, Painting

FALLBACKS = ("Inter", "Noto Sans", "Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", "sans-serif")
"""Fonts for who has not got the bundled ones, which are made from the first of them."""
_CHINESE_FROM = "⺀"
"""The first letter of those that the second bundled font has; whoever shows them may take a wrong weight of it."""
_SVG = "http://www.w3.org/2000/svg"
_CLIPPED = re.compile(r"url\(#(.+)\)")

ElementTree.register_namespace("", _SVG)
ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")


class SvgWriter(InPieces):
    """Scalable Vector Graphics; a point of the board is a unit of the picture."""

    ending = ".svg"

    def painted(self, painting: Painting, text: str) -> Generator[None, None, Finish]:
        content = QByteArray()
        buffer = QBuffer(content)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
        generator.setOutputDevice(buffer)
        generator.setSize(painting.size)
        generator.setViewBox(QRect(0, 0, painting.size.width(), painting.size.height()))
        paint_shapes(painting, generator, marked=True)
        buffer.close()
        yield
        root = ElementTree.fromstring(bytes(content.data()))
        yield
        _place_clips(root)
        _drop_empty(root)
        yield
        _name_fonts(root)
        _describe(root, painting, text)
        return lambda: _written(root)


def _all(root: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    return root.iter(f"{{{_SVG}}}{name}")


def _place_clips(root: ElementTree.Element) -> None:
    """Put the region of each clip where it belongs, and take the marks of widgets away.

    Qt gives it in the coordinates of the widget that is painted, and uses it in those of the picture (seen in 6.10).
    """
    regions = {clip.get("id"): clip for clip in _all(root, "clipPath")}
    groups = [(group, _marks(group)) for group in _all(root, "g")]
    places = [group.get("transform", "") for group, marks in groups if marks]
    at = -1
    for group, marks in groups:
        at += bool(marks)
        for mark in marks:
            group.remove(mark)
        named = _CLIPPED.fullmatch(group.get("clip-path", ""))
        clip = regions.pop(named[1], None) if named else None
        if clip is not None:
            # What is drawn there first is in a plot's own coordinates, or it is the ground of the next widget.
            first, following = group[0].get("transform", ""), places[at + 1 : at + 2]
            clip[0].set("transform", first if first in following or at < 0 else places[at])


def _marks(group: ElementTree.Element) -> list[ElementTree.Element]:
    return [part for part in group if part.get("x") == str(MARK)]


def _drop_empty(root: ElementTree.Element) -> None:
    """Leave out groups in which nothing is drawn, and the clips of these."""
    for parent in [*_all(root, "g"), root]:
        for group in list(parent):
            if group.tag == f"{{{_SVG}}}g" and not any(_is_drawn(part) for part in group.iter()):
                parent.remove(group)
    used = {group.get("clip-path") for group in _all(root, "g")}
    for defs in _all(root, "defs"):
        for clip in list(_all(defs, "clipPath")):
            if f"url(#{clip.get('id')})" not in used:
                defs.remove(clip)


def _is_drawn(part: ElementTree.Element) -> bool:
    return part.tag != f"{{{_SVG}}}g"


def _name_fonts(root: ElementTree.Element) -> None:
    """Name fonts to fall back to, and say how wide texts are: other fonts are narrower or wider."""
    latin, chinese = (_listed(*each, *FALLBACKS) for each in (FAMILIES, FAMILIES[::-1]))
    for text in _all(root, "text"):
        shown = QFont()
        shown.setFamilies(list(FAMILIES))
        shown.setPixelSize(max(1, round(float(text.get("font-size", "0")))))
        shown.setWeight(QFont.Weight(int(text.get("font-weight", "400"))))
        width = QFontMetricsF(shown).horizontalAdvance(text.text or "")
        text.set("font-family", chinese if max(text.text or " ") >= _CHINESE_FROM else latin)
        text.set("textLength", f"{width:g}")
        text.set("lengthAdjust", "spacingAndGlyphs")


def _listed(*names: str) -> str:
    return ", ".join(f"'{name}'" if " " in name else name for name in names)


def _describe(root: ElementTree.Element, painting: Painting, text: str) -> None:
    """Say what it is and how large, and put the experiment in."""
    root.set("width", str(painting.size.width()))
    root.set("height", str(painting.size.height()))
    for tag, content in (("title", painting.title), ("desc", "gradsim")):
        found = root.find(f"{{{_SVG}}}{tag}")
        if found is not None:
            found.text = content
    carried = ElementTree.Element(f"{{{_SVG}}}metadata", {"id": KEY})
    carried.text = text
    root.insert(0, carried)


def _written(root: ElementTree.Element) -> bytes:
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written

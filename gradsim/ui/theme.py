"""Sizes, fonts and style: with the colours of a theme, everything that decides how things look."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil
from typing import NamedTuple

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetrics, QIcon, QPainter, QPen, QPixmap
from PySide6.QtSvg import QSvgRenderer

from gradsim.resources import resource
from gradsim.schema.errors import FileError, Phrase
from gradsim.sim.documents.files import in_file
from gradsim.ui.themes import THEMES, Theme
from gradsim.words.languages import translate

FAMILIES = ("Gradsim Sans", "Gradsim Sans SC")

CAPITALS = 1490 / 2048
"""Height of the capitals of the bundled font, in heights of its type."""

WINDOW_SIZE = (1920, 1080)
"""The size of a window, or of a picture, at which :class:`Metrics` are as written."""

_PROJECTOR_SIZE = (1440, 1080)
"""The same in the projector theme, whose letters follow the height down to 4:3."""


@dataclass(frozen=True)
class Metrics:
    """Sizes in pixels for a window or a picture of some size.

    Attributes
    ----------
    body, tick, title, verdict
        Of type: text, labels of axes, titles, the verdict.
    name
        Of type: the names of runs in plots.
    line, hair
        Widths of the lines of runs, and of frames, ticks and other fine lines.
    gap, radius
        Between cards, and of their corners.
    """

    body: int
    tick: int
    title: int
    verdict: int
    name: int
    line: float
    hair: float
    gap: int
    radius: int

    @classmethod
    def fit(cls, theme: Theme, size: QSize, language: str) -> Metrics:
        """Return the sizes for a window or a picture of some size."""
        if theme.name == "projector":
            return cls._projected(min(size.width() / _PROJECTOR_SIZE[0], size.height() / _PROJECTOR_SIZE[1]))
        unit = min(size.width() / WINDOW_SIZE[0], size.height() / WINDOW_SIZE[1])
        unit = min(3.0, max(0.72, round(unit, 2)))
        # Chinese characters are as dense as two Latin letters, and need more pixels.
        body, title, verdict = (19, 27, 35) if language.startswith("zh") else (18, 24, 34)
        return cls(
            body=round(body * unit),
            tick=round(17 * unit),
            title=round(title * unit),
            verdict=round(verdict * unit),
            name=round(17 * unit),
            line=max(1.5, 3.0 * unit),
            hair=max(1.0, unit),
            gap=round(16 * unit),
            radius=round(12 * unit),
        )

    @classmethod
    def _projected(cls, unit: float) -> Metrics:
        """Return sizes by the height of capitals: 40 and 28 pixels of 1080, seen from eight picture heights away."""
        large, small = (ceil(capitals * unit / CAPITALS) for capitals in (40, 28))
        return cls(
            body=small,
            tick=small,
            title=large,
            verdict=large,
            name=large,
            line=max(3.0, 6.0 * unit),
            hair=max(1.5, 2.0 * unit),
            gap=round(16 * unit),
            radius=0,
        )


class Marker(NamedTuple):
    """The shape at the end of a run's line: a key of the outlines in plots, filled or not."""

    shape: str
    hollow: bool = False


DOT = Marker("circle")
MARKERS = tuple(
    Marker(shape, hollow) for hollow in (False, True) for shape in ("circle", "square", "triangle", "diamond")
)
"""Markers in the order of a theme's colours of runs."""

FEWEST_MARKED = 3
"""From so many runs on, markers tell them apart besides colours."""


FEWEST_PALE = 4
"""The first of the colours of runs that text cannot have on a projector in a bright room."""


@dataclass(frozen=True)
class Look:
    """How one surface looks: theme, sizes, language; and the place of each run in the theme's colours."""

    theme: Theme
    metrics: Metrics
    language: str
    slots: tuple[int, ...] = ()

    @classmethod
    def fit(cls, theme: str, language: str, size: QSize, slots: tuple[int, ...] = ()) -> Look:
        """Return the look of a window or a picture of some size."""
        return cls(THEMES[theme], Metrics.fit(THEMES[theme], size, language), language, slots)

    def see_through(self) -> Look:
        """Return the same look on no ground: of its grounds only the colour is left, to be mixed with."""
        ground, card = (f"#00{colour[1:]}" for colour in (self.theme.ground, self.theme.card))
        return replace(self, theme=replace(self.theme, ground=ground, card=card))

    def tr(self, text: str) -> str:
        """Return `text` in the language of this look."""
        return translate(text, self.language)

    def _slot(self, run: int) -> int:
        return self.slots[run] if run < len(self.slots) else run % len(self.theme.runs)

    def run_colour(self, run: int) -> str:
        """Return the colour of a run."""
        return self.theme.runs[self._slot(run)]

    def text_colour(self, run: int) -> str:
        """Return the colour of a run's name: ink on a projector, for a colour that is too pale there for text."""
        is_pale = self.theme.name == "projector" and self._slot(run) >= FEWEST_PALE
        return self.theme.ink if is_pale else self.run_colour(run)

    def run_marker(self, run: int) -> Marker:
        """Return what stands at the end of a run's line: a dot where there are but one or two runs."""
        return MARKERS[self._slot(run)] if len(self.slots) >= FEWEST_MARKED else DOT

    @property
    def has_key(self) -> bool:
        """Whether runs are named in a key rather than in the pictures: the large names of a projector fill these."""
        return self.theme.name == "projector" and len(self.slots) >= FEWEST_MARKED

    def run_pen(self, run: int) -> QPen:
        """Return the pen of a run's line."""
        pen = QPen(QColor(self.run_colour(run)), self.metrics.line)
        pen.setCosmetic(True)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        return pen


def font(size_px: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return the bundled font at a size in pixels."""
    return QFont(_made_font(size_px, weight))


@lru_cache(maxsize=256)
def _made_font(size_px: int, weight: QFont.Weight) -> QFont:
    """Make it once: a frame asks for dozens."""
    made = QFont()
    made.setFamilies(list(FAMILIES))
    made.setPixelSize(max(1, size_px))
    made.setWeight(weight)
    return made


@lru_cache(maxsize=4096)
def text_width(text_font: QFont, text: str) -> int:
    """Return how many pixels wide a text is in a font; a frame asks for hundreds, most of them the same again."""
    return QFontMetrics(text_font).horizontalAdvance(text)


@lru_cache(maxsize=1)
def load_fonts() -> None:
    """Make the bundled fonts known to the running application; FileError if one is damaged."""
    for path in sorted(resource("fonts").glob("*.otf")):
        if QFontDatabase.addApplicationFont(str(path)) < 0:
            raise FileError(in_file(path, Phrase("not a font that can be loaded")))


@lru_cache(maxsize=64)
def icon(name: str, colour: str, size_px: int) -> QIcon:
    """Return a bundled icon, drawn in `colour`."""
    svg = resource("icons", f"{name}.svg").read_text().replace("currentColor", colour)
    pixmap = QPixmap(2 * size_px, 2 * size_px)
    pixmap.fill(Qt.GlobalColor.transparent)
    with QPainter(pixmap) as painter:
        QSvgRenderer(QByteArray(svg.encode())).render(painter)
    pixmap.setDevicePixelRatio(2)
    return QIcon(pixmap)


def mixed(colour: str, ground: str, share: float) -> QColor:
    """Return `share` of `colour` over `ground`, opaque: quicker to paint than a translucent one."""
    top, under = QColor(colour), QColor(ground)
    return QColor.fromRgbF(
        share * top.redF() + (1 - share) * under.redF(),
        share * top.greenF() + (1 - share) * under.greenF(),
        share * top.blueF() + (1 - share) * under.blueF(),
    )


def style_sheet(look: Look) -> str:
    """Return the style sheet of all plain widgets."""
    t, m = look.theme, look.metrics
    families = ", ".join(f'"{family}"' for family in FAMILIES)
    border = round(m.hair)
    edge = t.ink if t.name == "projector" else t.line
    return f"""
    QWidget {{ font-family: {families}; font-size: {m.body}px; color: {t.ink}; }}
    QMainWindow, #room {{ background: {t.ground}; }}
    QDialog {{ background: {t.card}; border: 1px solid {t.muted}; }}
    QAbstractItemView {{ background: {t.card}; color: {t.ink}; alternate-background-color: {t.ground}; }}
    QHeaderView::section {{ background: {t.ground}; color: {t.ink}; border: none; padding: 2px 6px; }}
    #bar, #panel, #foot, #notes {{ background: {t.card}; }}
    #bar {{ border-bottom: {border}px solid {edge}; }}
    #panel {{ border-right: {border}px solid {edge}; }}
    #notes {{ border-left: {border}px solid {edge}; }}
    #foot {{ border-top: {border}px solid {edge}; }}
    #card {{ background: {t.card}; border: {0 if t.name == "projector" else border}px solid {t.line};
             border-radius: {m.radius}px; }}
    QScrollArea, QScrollArea > QWidget > QWidget {{ background: {t.card}; border: none; }}
    QLabel {{ background: transparent; }}
    QLabel[role="title"] {{ font-size: {m.title}px; font-weight: 700; }}
    QLabel[role="muted"] {{ color: {t.muted}; }}
    QLabel[role="heading"] {{ color: {t.muted}; font-weight: 600; }}
    QLabel[role="alarm"] {{ color: {t.alarm}; }}
    QLabel[role="verdict"] {{ font-size: {m.verdict}px; font-weight: 700; }}
    QToolTip {{ background: {t.card}; color: {t.ink}; border: 1px solid {t.ink}; padding: 4px; }}
    QPushButton, QToolButton {{ background: {t.card}; border: {border}px solid {edge};
        border-radius: {m.body // 3}px; padding: {m.body // 4}px {m.body // 2}px; }}
    QPushButton:hover, QToolButton:hover {{ border-color: {t.accent}; }}
    QPushButton:focus, QToolButton:focus, QComboBox:focus, QLineEdit:focus {{ border: 2px solid {t.accent}; }}
    QPushButton:checked {{ border: 2px solid {t.accent}; }}
    QPushButton:disabled {{ color: {mixed(t.ink, t.card, 0.55).name()}; border-style: dashed; }}
    QPushButton[role="primary"] {{ background: {t.accent}; border-color: {t.accent}; }}
    QPushButton[role="link"] {{ border: none; color: {t.muted}; text-align: left; padding: 0; }}
    QToolButton::menu-indicator {{ image: none; width: 0; }}
    QCheckBox::indicator {{ width: 0.8em; height: 0.8em; border: 2px solid {t.muted}; background: {t.card}; }}
    QCheckBox::indicator:checked {{ border-color: {t.accent}; background: {t.accent}; }}
    QComboBox, QLineEdit {{ background: {t.card}; border: {border}px solid {t.line};
        border-radius: {m.body // 4}px; padding: 1px {m.body // 4}px; font-weight: 600;
        selection-background-color: {t.accent}; selection-color: {t.on_accent}; }}
    QComboBox:hover, QLineEdit:hover {{ border-color: {t.accent}; }}
    QComboBox::drop-down {{ width: {m.body}px; border: none; }}
    QComboBox::down-arrow {{ image: url({resource("icons", "chevron.svg").as_posix()}); width: {m.body * 2 // 3}px; }}
    QComboBox QAbstractItemView, QMenu {{ background: {t.card}; color: {t.ink}; border: 1px solid {edge};
        selection-background-color: {t.accent}; selection-color: {t.on_accent}; }}
    QMenu::item {{ padding: {m.body // 4}px {m.body}px; }}
    QMenu::item:selected {{ background: {t.accent}; color: {t.on_accent}; }}
    QMenu::item:disabled {{ color: {mixed(t.ink, t.card, 0.55).name()}; }}
    QSlider {{ min-height: {m.body * 9 // 10 + 2}px; }}
    QSlider::groove:horizontal {{ height: {max(3, m.body // 5)}px; background: {t.line};
        border-radius: {max(1, m.body // 10)}px; }}
    QSlider::sub-page:horizontal {{ background: {t.accent}; border-radius: {max(1, m.body // 10)}px; }}
    QSlider::handle:horizontal {{ width: {m.body * 7 // 10}px; height: {m.body * 7 // 10}px;
        margin: -{m.body // 3}px 0; border-radius: {m.body * 7 // 20 + 1}px;
        background: {t.card}; border: 2px solid {t.accent}; }}
    QSlider::handle:horizontal:focus {{ background: {t.accent}; }}
    QPushButton[role="section"] {{ border: none; border-radius: 0; background: transparent; }}
    QWidget[role="section"] {{ border-top: {border}px solid {edge}; }}
    QPushButton[role="section"]:focus, QPushButton[role="section"]:hover {{ background: {t.ground}; }}
    QPushButton[role="deed"] {{ font-weight: 600; padding: {m.body // 4}px 0; }}
    QPushButton[role="step"] {{ background: {mixed(t.accent, t.card, 0.08).name()}; border-color: {t.accent}; }}
    QPushButton[role="step"]:disabled, QPushButton[role="deed"]:disabled {{ background: {t.card};
        border: {border}px solid {mixed(t.line, t.card, 0.6).name()}; }}
    QLabel[role="caption"] {{ color: {t.muted}; font-size: {round(0.85 * m.body)}px; }}
    #panel QComboBox, #panel QLineEdit {{ border: none; border-bottom: {border}px solid {t.line}; border-radius: 0;
        background: transparent; }}
    #panel QLineEdit[role="number"] {{ border-bottom-color: {t.card}; padding-right: 0; }}
    #panel QComboBox:hover, #panel QLineEdit:hover {{ border-bottom-color: {t.accent}; }}
    #panel QComboBox:focus, #panel QLineEdit:focus {{ border-bottom: 2px solid {t.accent}; background: {t.ground}; }}
    QScrollBar:vertical {{ background: {t.card}; width: 10px; }}
    QScrollBar::handle:vertical {{ background: {t.line}; border-radius: 5px; min-height: 30px; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; }}
    """

"""Sizes, fonts and style: with the colours of a theme, everything that decides how things look."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPainter, QPen, QPixmap
from PySide6.QtSvg import QSvgRenderer

from gradsim.resources import resource
from gradsim.ui.themes import THEMES, Theme
from gradsim.words.languages import translate

FAMILIES = ("Gradsim Sans", "Gradsim Sans SC")

DASHES: tuple[tuple[float, ...], ...] = (
    (),
    (5, 2.5),
    (1.5, 2),
    (6, 2, 1.5, 2),
    (12, 3),
    (3, 5),
    (6, 2, 1.5, 2, 1.5, 2),
    (12, 2, 4, 2),
)
"""Dash pattern of each run's line, in line widths, told apart without colour; empty is solid."""


WINDOW_SIZE, BOARD_SIZE = (1920, 1080), (1600, 1000)
"""The sizes of a window, and of the board in one, at which :class:`Metrics` are as written."""


@dataclass(frozen=True)
class Metrics:
    """Sizes in pixels for a surface of some size."""

    body: int
    tick: int
    title: int
    verdict: int
    line: float
    gap: int
    radius: int

    @classmethod
    def fit(cls, theme: Theme, size: QSize, reference: tuple[int, int]) -> Metrics:
        """Return the sizes for a surface of `size`, given the size at which they are as written here."""
        unit = min(size.width() / reference[0], size.height() / reference[1])
        if theme.name == "projector":
            unit = max(0.6, round(max(unit, 0.85 * size.height() / reference[1]), 2))
            return cls(
                body=round(42 * unit),
                tick=round(36 * unit),
                title=round(46 * unit),
                verdict=round(54 * unit),
                line=max(3.0, 6 * unit),
                gap=round(16 * unit),
                radius=0,
            )
        unit = min(3.0, max(0.72, round(unit, 2)))
        return cls(
            body=round(18 * unit),
            tick=round(17 * unit),
            title=round(22 * unit),
            verdict=round(30 * unit),
            line=max(1.5, 2.6 * unit),
            gap=round(16 * unit),
            radius=round(12 * unit),
        )


@dataclass(frozen=True)
class Look:
    """How one surface looks: theme, sizes, language."""

    theme: Theme
    metrics: Metrics
    language: str

    @classmethod
    def fit(cls, theme: str, language: str, size: QSize, reference: tuple[int, int]) -> Look:
        """Return the look of a surface of `size`, given the size at which metrics are as written."""
        return cls(THEMES[theme], Metrics.fit(THEMES[theme], size, reference), language)

    def tr(self, text: str) -> str:
        """Return `text` in the language of this look."""
        return translate(text, self.language)

    def run_colour(self, run: int) -> str:
        """Return the colour of a run."""
        return self.theme.runs[run % len(self.theme.runs)]

    def run_pen(self, run: int) -> QPen:
        """Return the pen of a run's line: its colour and its dash."""
        pen = QPen(QColor(self.run_colour(run)), self.metrics.line)
        pen.setCosmetic(True)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        dash = DASHES[run % len(DASHES)]
        if dash:
            pen.setDashPattern(list(dash))
        return pen


def font(size_px: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return the bundled font at a size in pixels."""
    made = QFont()
    made.setFamilies(list(FAMILIES))
    made.setPixelSize(max(1, size_px))
    made.setWeight(weight)
    return made


@lru_cache(maxsize=1)
def load_fonts() -> None:
    """Make the bundled fonts known to the running application; OSError if one is damaged."""
    for path in sorted(resource("fonts").glob("*.otf")):
        if QFontDatabase.addApplicationFont(str(path)) < 0:
            raise OSError(f"{path}: not a font that can be loaded")


def icon(name: str, colour: str, size_px: int) -> QIcon:
    """Return a bundled icon, drawn in `colour`."""
    svg = resource("icons", f"{name}.svg").read_text().replace("currentColor", colour)
    pixmap = QPixmap(2 * size_px, 2 * size_px)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(svg.encode())).render(painter)
    painter.end()
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
    border = 2 if t.name == "projector" else 1
    edge = t.ink if t.name == "projector" else t.line
    return f"""
    QWidget {{ font-family: {families}; font-size: {m.body}px; color: {t.ink}; }}
    QMainWindow, #room {{ background: {t.ground}; }}
    QDialog {{ background: {t.card}; border: 1px solid {t.muted}; }}
    QAbstractItemView {{ background: {t.card}; color: {t.ink}; alternate-background-color: {t.ground}; }}
    QHeaderView::section {{ background: {t.ground}; color: {t.ink}; border: none; padding: 2px 6px; }}
    #bar, #panel, #foot {{ background: {t.card}; }}
    #bar {{ border-bottom: {border}px solid {edge}; }}
    #panel {{ border-right: {border}px solid {edge}; }}
    #foot {{ border-top: {border}px solid {edge}; }}
    #card {{ background: {t.card}; border: {0 if t.name == "projector" else 1}px solid {t.line};
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
    QMenu::item:disabled {{ color: {t.muted}; }}
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

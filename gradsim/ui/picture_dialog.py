"""What is asked before a picture is taken: of what, how large, how sharp; the answers stay for the next one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import floor, sqrt
from typing import Self

from PySide6.QtCore import QSize
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QWidget,
)

from gradsim.ui.picture import MOST_PIXELS
from gradsim.ui.theme import Look
from gradsim.ui.transport import furniture_px

SCALES = (1.0, 2.0, 3.0, 4.0)
SIDES = 100, 10_000
"""The least and the largest side, in points."""
SLIDE = 1280, 720
SIZES = (SLIDE, (1920, 1080), (3840, 2160))


@dataclass(frozen=True)
class Wanted:
    """How pictures are to be.

    Attributes
    ----------
    view
        The key of one view, "" for all that is shown.
    size
        In points; None for that on screen.
    scale
        Pixels to a point.
    has_ground, has_caption
        Whether there is a ground below it all, and a caption.
    """

    view: str = ""
    size: tuple[int, int] | None = None
    scale: float = 2.0
    has_ground: bool = True
    has_caption: bool = False

    @property
    def text(self) -> str:
        """All of it as a line, for settings."""
        size = "x".join(map(str, self.size)) if self.size else "screen"
        return f"{size} {self.scale:g} {int(self.has_ground)} {int(self.has_caption)}"

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return what a line says, all as at first where it says nothing that can be."""
        try:
            size, scale, ground, caption = text.split()
            sides = None if size == "screen" else tuple(map(int, size.split("x")))
            width, height = sides or (1920, 1080)
            known = float(scale) in SCALES and all(SIDES[0] <= side <= SIDES[1] for side in (width, height))
            flags = bool(int(ground)), bool(int(caption))
        except ValueError:
            return cls()
        return cls("", (width, height) if sides else None, float(scale), *flags) if known else cls()


class PictureDialog(QDialog):
    """Asks how a picture is to be; with Enter it is as the last one was.

    Parameters
    ----------
    window
        Over which it is shown.
    wanted
        How the last picture was.
    views
        The titles of the views there are, by key.
    on_screen
        The size of what is shown.
    look
        Sizes and language.
    """

    def __init__(
        self, window: QWidget, wanted: Wanted, views: Mapping[str, str], on_screen: QSize, look: Look
    ) -> None:
        super().__init__(window)
        self._on_screen, tr, px = on_screen, look.tr, furniture_px(look)
        self._look, self.copies = look, False
        self.setWindowTitle(tr("Picture of what is shown"))
        self.setStyleSheet(f"* {{ font-size: {px}px; }}")
        self.what, self.size_choice, self.scale = QComboBox(), QComboBox(), QComboBox()
        self.what.addItem(tr("all that is shown"), "")
        for key, title in views.items():
            self.what.addItem(title, key)
        self.width_field, self.height_field = QLineEdit("1920"), QLineEdit("1080")
        for field in (self.width_field, self.height_field):
            field.setValidator(QIntValidator(*SIDES, field))
            field.setFixedWidth(5 * px)
            field.textChanged.connect(self._tell)
        here = tr("as on screen, {w} × {h}").format(w=on_screen.width(), h=on_screen.height())
        self.size_choice.addItem(here, None)
        for width, height in SIZES:
            text = tr("a slide, {w} × {h}") if (width, height) == SLIDE else "{w} × {h}"
            self.size_choice.addItem(text.format(w=width, h=height), (width, height))
        self.size_choice.addItem(tr("another size"), "own")
        for scale in SCALES:
            self.scale.addItem(tr("{n} pixels to a point").format(n=f"{scale:g}") if scale > 1 else "1", scale)
        self.transparent, self.caption = QCheckBox(tr("without a ground")), QCheckBox(tr("with a caption"))
        self.caption.setToolTip(tr("Below it what it is of: title, settings, step and seed."))
        self._told = QLabel()
        self._told.setProperty("role", "muted")
        self._lay_out(px)
        self._show(wanted)
        self.size_choice.currentIndexChanged.connect(self._tell)
        self.scale.currentIndexChanged.connect(self._tell)
        self._tell()

    def _lay_out(self, px: int) -> None:
        tr = self._look.tr
        own = self._own = QWidget()
        row = QHBoxLayout(own)
        row.setContentsMargins(0, 0, 0, 0)
        for widget in (self.width_field, QLabel("×"), self.height_field):
            row.addWidget(widget)
        row.addStretch(1)
        form = QFormLayout(self)
        form.setContentsMargins(px, px, px, px)
        form.setVerticalSpacing(px // 2)
        form.addRow(tr("Of"), self.what)
        form.addRow(tr("Size"), self.size_choice)
        form.addRow("", own)
        form.addRow(tr("Scale"), self.scale)
        form.addRow("", self.transparent)
        form.addRow("", self.caption)
        form.addRow("", self._told)
        buttons = self.buttons = QDialogButtonBox()
        save = buttons.addButton(tr("Save…"), QDialogButtonBox.ButtonRole.AcceptRole)
        copy = self.copy_button = buttons.addButton(tr("Copy"), QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        save.setDefault(True)
        save.setFocus()
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        copy.clicked.connect(self._on_copy)
        form.addRow(buttons)

    def _show(self, wanted: Wanted) -> None:
        self.what.setCurrentIndex(max(0, self.what.findData(wanted.view)))
        sizes = [self.size_choice.itemData(at) for at in range(self.size_choice.count())]
        at = next((at for at, size in enumerate(sizes) if size == wanted.size), len(sizes) - 1)
        self.size_choice.setCurrentIndex(at)
        if wanted.size:
            self.width_field.setText(str(wanted.size[0]))
            self.height_field.setText(str(wanted.size[1]))
        self.scale.setCurrentIndex(SCALES.index(wanted.scale))
        self.transparent.setChecked(not wanted.has_ground)
        self.caption.setChecked(wanted.has_caption)

    @property
    def wanted(self) -> Wanted:
        """What is chosen; a scale at which the picture would be too large is lowered."""
        size = self.size_choice.currentData()
        if size == "own":
            size = _side(self.width_field), _side(self.height_field)
        found = Wanted(
            view=self.what.currentData(),
            size=None if size is None else (size[0], size[1]),
            scale=self.scale.currentData(),
            has_ground=not self.transparent.isChecked(),
            has_caption=self.caption.isChecked(),
        )
        width, height = found.size or (self._on_screen.width(), self._on_screen.height())
        most = floor(sqrt(MOST_PIXELS / (width * height)))
        return replace(found, scale=max(1.0, min(found.scale, float(most))))

    def _tell(self) -> None:
        """Say how many pixels there will be."""
        self._own.setVisible(self.size_choice.currentData() == "own")
        wanted = self.wanted
        width, height = wanted.size or (self._on_screen.width(), self._on_screen.height())
        text = self._look.tr("PNG: {w} × {h} pixels; SVG and PDF are sharp at any size")
        self._told.setText(text.format(w=f"{width * wanted.scale:,.0f}", h=f"{height * wanted.scale:,.0f}"))
        self.adjustSize()

    def _on_copy(self) -> None:
        self.copies = True
        self.accept()


def _side(field: QLineEdit) -> int:
    """Return what is typed, as far as it is allowed."""
    return min(max(int(field.text() or 0), SIDES[0]), SIDES[1])

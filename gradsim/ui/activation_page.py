"""Activations by themselves: any two of them over one axis, with their slopes, formulas and settings."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from html import escape
from itertools import zip_longest
from typing import Any

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QCursor, QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QToolTip, QVBoxLayout, QWidget

from gradsim.engine.nn.activations import Activation
from gradsim.schema.errors import FileError, told
from gradsim.schema.parameters import EntryOf, ParameterError, parameters
from gradsim.sim.documents.files import write_bytes
from gradsim.sim.kinds.train.formulas import formula_sentence
from gradsim.sim.kinds.train.loads import values
from gradsim.sim.kinds.train.spec import TrainRun
from gradsim.ui.dialogs import add_button
from gradsim.ui.files import asked_path
from gradsim.ui.identities import free_slot
from gradsim.ui.panels.editors import Edit, Editor, editor_for
from gradsim.ui.panels.room import Room
from gradsim.ui.panels.typed import number_text
from gradsim.ui.plots.activation_curves import ActivationCurves, Curve
from gradsim.ui.theme import Look, style_sheet
from gradsim.ui.views.common.sentence import Sentence
from gradsim.ui.writers import PNG
from gradsim.ui.writers.png import png_of
from gradsim.ui.writers.writer import image_of
from gradsim.words.numbers import exact
from gradsim.words.sentences import Span

REACH, MOST = 4.0, 3.0
"""How far the axis of z goes to both sides, and that of f at most: further out, the bounded ones would be flat."""
FIRST = ("sigmoid", "relu")
"""The activations with which the page opens."""
_SHARE = 0.94
"""How much of its window it takes."""
_PICTURE_SCALE = 2.0


class ActivationPage(QDialog):
    """Two activations, chosen and set above, drawn below; it needs no run.

    Parameters
    ----------
    window
        Over which it lies.
    look
        Of the window.
    """

    def __init__(self, window: QWidget, look: Look) -> None:
        super().__init__(window)
        self.setWindowTitle(look.tr("Activations"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setStyleSheet(style_sheet(look))
        parameter = parameters(TrainRun)["activation"]
        assert isinstance(parameter, EntryOf)
        self._look, self._parameter = look, parameter
        self._shown: list[Any] = list(FIRST)
        gap = look.metrics.gap
        column = QVBoxLayout(self)
        column.setContentsMargins(gap, gap, gap, gap)
        column.setSpacing(gap)
        self.resize(round(_SHARE * window.width()), round(_SHARE * window.height()))
        self.editors = [self._made_editor(side) for side in range(len(FIRST))]
        row = QHBoxLayout()
        row.setSpacing(3 * gap)
        for editor in self.editors:
            row.addWidget(editor, stretch=1, alignment=Qt.AlignmentFlag.AlignTop)
        column.addLayout(row)
        self._problem = QLabel()
        self._problem.setProperty("role", "alarm")
        self._problem.hide()
        column.addWidget(self._problem)
        self.sheet = self._made_sheet()
        column.addWidget(self.sheet, stretch=1)
        column.addLayout(self._made_buttons())
        self._show()

    def _made_editor(self, side: int) -> Editor:
        room = Room((self.width() - 5 * self._look.metrics.gap) // 2, named=False)
        editor = editor_for(self._parameter, self._look, room)
        editor.more = True
        editor.edited.connect(partial(self._on_edited, side))
        return editor

    def _made_sheet(self) -> QWidget:
        """Return what a picture of the page shows: the sentence and the curves."""
        sheet = QWidget()
        sheet.setObjectName("card")
        sheet.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(sheet)
        self.sentence = Sentence(self._look)
        column.addWidget(self.sentence)
        row = QHBoxLayout()
        row.setSpacing(3 * self._look.metrics.gap)
        self.formulas = [QLabel() for _ in FIRST]
        for label in self.formulas:
            label.setTextFormat(Qt.TextFormat.RichText)
            label.setWordWrap(True)
            row.addWidget(label, stretch=1, alignment=Qt.AlignmentFlag.AlignTop)
        column.addLayout(row)
        self.curves = ActivationCurves(self._look, REACH, MOST)
        self.curves.hovered.connect(self._on_hovered)
        column.addWidget(self.curves, stretch=1)
        return sheet

    def _made_buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addStretch(1)
        tr = self._look.tr
        deeds = (tr("Copy picture"), self.copy), (tr("Save picture"), self.save), (tr("Close"), self.reject)
        for text, action in deeds:
            add_button(row, text, action)
        return row

    def sizeHint(self) -> QSize:
        return self.size()

    # What is shown

    def _on_edited(self, side: int, edit: Edit) -> None:
        self._shown[side] = edit(self._shown[side])
        self._show()

    def _show(self) -> None:
        """Show what was chosen; of what is refused it is said why, and the picture stays."""
        problem, activations = "", []
        for editor, shown in zip(self.editors, self._shown, strict=True):
            editor.show_value(shown)
            try:
                activations.append(self._parameter.parse(shown))
            except ParameterError as error:
                problem = f"{error.path}: {told(error.problem, self._look.tr)}"
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        if not problem:
            self._draw(activations)

    def _draw(self, activations: list[Activation]) -> None:
        slots: list[int] = []
        for activation in activations:
            slots.append(free_slot(activation.key, slots))
        look = self.sentence.look = replace(self._look, slots=tuple(slots))
        names = [self._look.tr(activation.label) for activation in activations]
        curves = [
            Curve(activation, look.run_colour(run), name, dashed=run > 0)
            for run, (name, activation) in enumerate(zip(names, activations, strict=True))
        ]
        if activations[0] == activations[1]:
            del curves[1:]
        for label, curve in zip_longest(self.formulas, curves):
            label.setText(_formula_text(curve) if curve else "")
        shown = [(curve.name, curve.activation) for curve in curves]
        self.curves.show_curves(curves, max(1.0, *(activation.peak for activation in activations)))
        self.sentence.tell(partial(self._told, shown), 2)

    def _told(self, shown: list[tuple[str, Activation]], brevity: int) -> list[Span]:
        return formula_sentence(shown, self._look.language, brevity)

    def _on_hovered(self, z: float | None) -> None:
        if z is None:
            QToolTip.hideText()
            return
        lines = []
        for curve in self.curves.curves:
            f, slope = values(curve.activation, np.array([z]))
            lines.append(f"{curve.name}   f({z:.2f}) = {exact(f[0])}   f′({z:.2f}) = {exact(slope[0])}")
        text = escape("\n".join(lines).replace("(-", "(−"))
        QToolTip.showText(QCursor.pos(), f'<p style="white-space:pre">{text}</p>', self)

    # Pictures

    def copy(self) -> None:
        """Put a picture of the page on the clipboard."""
        QGuiApplication.clipboard().setImage(image_of(self.sheet, _PICTURE_SCALE))

    def save(self) -> None:
        """Ask for a file and write a picture of the page there."""
        image = image_of(self.sheet, _PICTURE_SCALE)
        name = "-".join(curve.activation.key for curve in self.curves.curves)
        path = asked_path(self, self._look.tr("Save picture"), f"{name}{PNG}", f"PNG (*{PNG})", [PNG])
        if path is None:
            return
        try:
            write_bytes(path, png_of(image))
        except FileError as error:
            self._problem.setText(told(error.text, self._look.tr))
            self._problem.show()


_GREEK = {"alpha": "α"}
"""Settings that formulas write as a letter."""


def _formula_text(curve: Curve) -> str:
    """Return the name of an activation in its colour, its formula with its settings' values, and that of f′."""
    activation = curve.activation
    known = parameters(type(activation))
    settings = "".join(f", {_GREEK.get(name, name)} = {number_text(getattr(activation, name))}" for name in known)
    name, formula = escape(curve.name), escape(f"f(z) = {activation.formula}{settings}")
    slope = escape(f"f′(z) = {activation.slope_formula}")
    return f'<b style="color:{curve.colour}">{name}</b>&nbsp;&nbsp; {formula}<br>{slope}'

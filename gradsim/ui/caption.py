"""The caption of a picture: what it is of, so that a slide alone says how to make it again."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gradsim import __version__
from gradsim.schema.parameters import EntryOf, Parameter, encode, parameters
from gradsim.sim.documents.document import Document
from gradsim.sim.documents.experiments import full_table
from gradsim.sim.kinds import Experiment, kinds
from gradsim.ui.board import Board
from gradsim.ui.label import Paragraph
from gradsim.ui.panels.editor import MIXED
from gradsim.ui.panels.form import brief, merged
from gradsim.ui.theme import Look, style_sheet

BETWEEN = " · "
_OF_THE_STEP = ("seed", "steps", "label", "changes")
"""Settings that are told with the step, or are no settings of all runs."""


def caption_lines(document: Document, step: int, look: Look) -> list[str]:
    """Return the title, the settings that all runs share, and the step with the seed."""
    experiment, lesson = document.experiment, document.lesson
    title = [lesson.title(look.language), lesson.subtitle(look.language)] if lesson else [look.tr("Experiment")]
    names = experiment.names(look.language)
    at = look.tr("step {n} of {last}").format(n=f"{step:,}", last=f"{experiment.steps:,}")
    seed = look.tr("seed {value}").format(value=experiment.seed)
    return [
        BETWEEN.join([*filter(None, title), *([", ".join(names)] if len(names) > 1 else [])]),
        BETWEEN.join(_settings(experiment, look)),
        BETWEEN.join([at, seed, f"gradsim {__version__}"]),
    ]


def _settings(experiment: Experiment, look: Look) -> list[str]:
    """Return what all runs are like, in a few words for each setting that is basic or told in short elsewhere."""
    table, kind = full_table(experiment), kinds()[experiment.kind]
    of_all = [(parameter, table[key], key) for key, parameter in parameters(kind.experiment).items()]
    of_runs = [
        (parameter, merged([run[key] for run in table["runs"]]), key)
        for key, parameter in parameters(kind.run).items()
    ]
    left_out = {*_OF_THE_STEP, *kind.inapplicable(table)}
    told = [(parameter, value) for parameter, value, key in of_all + of_runs if key not in left_out]
    return [_told(parameter, value, look) for parameter, value in told if _is_told(parameter, value)]


def _is_told(parameter: Parameter, value: Any) -> bool:
    usual = parameter.basic or bool(parameter.in_header)
    return usual and value is not MIXED and value not in parameter.unsaid


def _told(parameter: Parameter, value: Any, look: Look) -> str:
    text = brief(parameter, value, look)
    if isinstance(parameter, EntryOf) and isinstance(value, dict):
        known = parameters(parameter.registry[value["name"]])
        usual = encode(parameter.registry[value["name"]]())
        telling = [key for key in value if key in known and (known[key].basic or value[key] != usual[key])]
        details = [
            f"{look.tr(known[key].label).lower()} {brief(known[key], value[key], look)}"
            for key in telling
            if value[key] is not MIXED
        ]
        text = f"{text} ({', '.join(details)})" if details else text
    template = look.tr(parameter.in_header) if parameter.in_header else f"{look.tr(parameter.label)}: {{value}}"
    return template.format(value=text)


class Captioned(QWidget):
    """A board with a caption below it.

    Parameters
    ----------
    board
        What is captioned; it becomes a part of this.
    size
        Of both together.
    look
        Colours, sizes and language.
    document, step
        What the board shows.
    """

    def __init__(self, board: Board, size: QSize, look: Look, document: Document, step: int) -> None:
        super().__init__()
        self.setObjectName("room")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setStyleSheet(style_sheet(look))
        gap = look.metrics.gap
        column = QVBoxLayout(self)
        column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)  # its size is what was asked for
        column.setContentsMargins(0, 0, 0, round(0.7 * gap))
        column.setSpacing(0)
        column.addWidget(board, stretch=1)
        lines = QVBoxLayout()
        lines.setContentsMargins(round(1.4 * gap), round(0.6 * gap), round(1.4 * gap), 0)
        lines.setSpacing(0)
        self._told = partial(caption_lines, document, look=look)
        self._lines: list[Paragraph] = []
        for at, text in enumerate(self._told(step)):
            line = Paragraph(text, most_lines=3)
            self._lines.append(line)
            line.setProperty("role", "heading" if at == 0 else "muted")
            lines.addWidget(line)
        column.addLayout(lines)
        self.resize(size)

    def show_step(self, step: int) -> None:
        """Say that the board shows another step."""
        for line, text in zip(self._lines, self._told(step), strict=True):
            line.setText(text)

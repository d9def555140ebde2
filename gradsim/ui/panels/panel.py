"""The panel: what differs between the runs, and the settings of one run or of all."""

from __future__ import annotations

import copy
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from gradsim.engine.parameters import EntryOf, Parameter, parameters
from gradsim.sim.lessons import Document
from gradsim.sim.spec import KINDS, full_table, shared_settings
from gradsim.ui.panels.editors import MIXED, Editor, editor_for
from gradsim.ui.theme import Look

ALL = -1
"""The scope in which an edit is made to all runs."""


class Panel(QScrollArea):
    """A form over the experiment's table; signals ``edited`` with the whole new table."""

    edited = Signal(dict)

    def __init__(self, document: Document, look: Look) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._look = look
        self._hidden = document.lesson.hidden if document.lesson else ()
        self._table = full_table(document.experiment)
        self._scope = ALL
        self._more = False
        self._refused: tuple[str, str] | None = None
        self._editors: dict[str, Editor] = {}
        inside = QWidget()
        gap = look.metrics.gap
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(gap, gap, gap, gap)
        self._column.setSpacing(round(0.6 * gap))
        self._build_runs()
        self._heading = _heading("", self._column)
        self._general = QLabel()
        self._general.setProperty("role", "alarm")
        self._general.setWordWrap(True)
        self._column.addWidget(self._general)
        self._build_editors()
        self._toggle = QPushButton()
        self._toggle.setProperty("role", "link")
        self._toggle.clicked.connect(self._on_more)
        self._column.addWidget(self._toggle)
        self._column.addStretch(1)
        self.setWidget(inside)
        self._show()

    def _build_runs(self) -> None:
        _heading(self._look.tr("What differs"), self._column)
        grid = QGridLayout()
        grid.setSpacing(self._look.metrics.gap // 2)
        self._cards: list[QPushButton] = []
        for i in range(len(self._table["runs"])):
            card = QPushButton()
            card.setCheckable(True)
            card.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            card.setProperty("run", i)
            card.clicked.connect(self._on_card)
            self._cards.append(card)
            grid.addWidget(card, i // 2, i % 2)
        self._column.addLayout(grid)

    def _fields(self) -> dict[str, Parameter]:
        """Return all settings by their key: of runs first, then of the experiment (with a dot before)."""
        cls, run_cls = KINDS[self._table["kind"]]
        fields = dict(parameters(run_cls))
        fields |= {f".{key}": parameter for key, parameter in parameters(cls).items()}
        basic_first = sorted(fields.items(), key=lambda item: not item[1].basic)
        return {key: parameter for key, parameter in basic_first if key.strip(".") not in self._hidden}

    def _build_editors(self) -> None:
        for key, parameter in self._fields().items():
            editor = editor_for(parameter, self._look)
            editor.setProperty("key", key)
            editor.edited.connect(self._on_edited)
            self._editors[key] = editor
            self._column.addWidget(editor)

    def _value(self, key: str) -> Any:
        if key.startswith("."):
            return self._table[key[1:]]
        runs = self._table["runs"]
        if self._scope != ALL:
            return runs[self._scope][key]
        return merged([run[key] for run in runs])

    def _show(self) -> None:
        """Bring every widget in line with table, scope and refusal."""
        for key, editor in self._editors.items():
            editor.setVisible(self._visible(key, editor.parameter))
            editor.show_value(self._value(key))
        names = [self._look.tr(run["label"]) for run in self._table["runs"]]
        if self._scope == ALL:
            heading = "Both runs" if len(names) == 2 else "All runs"
            self._heading.setText(self._look.tr(heading if len(names) > 1 else "Settings"))
        else:
            self._heading.setText(self._look.tr("{run} alone").format(run=names[self._scope]))
        self._toggle.setText(self._look.tr("Less ▲") if self._more else self._look.tr("More ▼"))
        for i, card in enumerate(self._cards):
            self._show_card(i, card)
        self._show_refusal()

    def _visible(self, key: str, parameter: Parameter) -> bool:
        if self._scope == ALL and key == "label":
            return False
        if self._scope != ALL and key.startswith("."):
            return False
        return parameter.basic or self._more or key == "label"

    def _show_card(self, i: int, card: QPushButton) -> None:
        run = self._table["runs"][i]
        runs = self._table["runs"]
        differing = [key for key in run if key != "label" and key not in shared_settings(runs)]
        run_fields = parameters(KINDS[self._table["kind"]][1])
        values = [self._brief(run_fields[key], run[key]) for key in differing if len(runs) > 1]
        label = self._look.tr(run["label"])
        # Always two lines, so that nothing below moves under the pointer when more comes to differ.
        lines = [label, ", ".join(value for value in values if value != label)]
        metrics, room = card.fontMetrics(), card.width() - self._look.metrics.body - 6
        card.setText("\n".join(metrics.elidedText(line, Qt.TextElideMode.ElideRight, room) for line in lines))
        card.setAccessibleName(", ".join(lines))
        hint = self._look.tr("Change this run alone; once more: change all runs.")
        card.setToolTip("\n".join([*lines, hint]))
        card.setChecked(i == self._scope)
        colour, width = self._look.run_colour(i), 3 if i == self._scope else 1
        card.setStyleSheet(
            f"QPushButton {{ border: {width}px solid {colour}; color: {colour};"
            " text-align: left; font-weight: 600; }"
            f"QPushButton:focus {{ border: 3px solid {colour}; }}"
        )

    def _brief(self, parameter: Parameter, value: Any) -> str:
        if isinstance(parameter, EntryOf):
            name = value if isinstance(value, str) else value["name"]
            settings = [] if isinstance(value, str) else [str(x) for k, x in value.items() if k != "name"]
            return " ".join([self._look.tr(parameter.registry[name].label), *settings])
        if isinstance(value, list):
            return f"{len(value)} × {value[0]}" if value and len(set(value)) == 1 else str(value)
        return str(value)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for i, card in enumerate(self._cards):
            self._show_card(i, card)

    def _on_card(self) -> None:
        chosen = self.sender().property("run")
        self._scope = ALL if chosen == self._scope else chosen
        self._show()

    def _on_more(self) -> None:
        self._more = not self._more
        self._show()

    def _on_edited(self, value: object) -> None:
        key = str(self.sender().property("key"))
        table = copy.deepcopy(self._table)
        if key.startswith("."):
            table[key[1:]] = value
        else:
            chosen = table["runs"] if self._scope == ALL else [table["runs"][self._scope]]
            for run in chosen:
                run[key] = unmixed(value, run[key])
        self._table = table
        self.edited.emit(copy.deepcopy(table))

    def show_refused(self, path: str, problem: str) -> None:
        """Show beside its field why the last edit is not allowed."""
        self._refused = path, problem
        self._show_refusal()

    def show_accepted(self) -> None:
        """Take back what :meth:`show_refused` said."""
        self._refused = None
        self._show()

    def _show_refusal(self) -> None:
        at, rest = self._refused_field()
        for key, editor in self._editors.items():
            editor.show_problem(rest, self._refused[1] if self._refused and key == at else None)
        homeless = self._refused[1] if self._refused and not at else ""
        self._general.setText(homeless)
        self._general.setVisible(bool(homeless))
        if at:
            self._editors[at].setVisible(True)

    def _refused_field(self) -> tuple[str, str]:
        """Return the key of the field that is refused, and the path inside it."""
        if self._refused is None:
            return "", ""
        path = self._refused[0]
        path = path.partition("].")[2] if path.startswith("runs[") else f".{path}"
        for key in self._editors:
            if path == key or path.startswith((f"{key}.", f"{key}[")):
                return key, path[len(key) :].lstrip(".")
        return "", ""


def merged(values: list[Any]) -> Any:
    """Return the value that all runs have, MIXED where they differ; entries of one name, setting by setting."""
    first = values[0]
    if all(value == first for value in values):
        return first
    if all(isinstance(value, dict) and value["name"] == first["name"] for value in values):
        return {key: merged([value[key] for value in values]) for key in first}
    return MIXED


def unmixed(value: Any, own: Any) -> Any:
    """Return a copy of an edited value in which what was left MIXED is the run's own."""
    if not isinstance(value, dict):
        return copy.deepcopy(value)
    return {key: own[key] if part is MIXED else part for key, part in value.items()}


def _heading(text: str, column: QVBoxLayout) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "heading")
    column.addWidget(label)
    return label

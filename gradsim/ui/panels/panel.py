"""The panel: what differs between the runs, and the settings of one run or of all."""

from __future__ import annotations

import copy
import re
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QLineEdit, QPushButton, QScrollArea, QVBoxLayout, QWidget

from gradsim.schema.parameters import EntryOf, Parameter, ParameterError, encode, parameters
from gradsim.sim.documents.document import Document
from gradsim.sim.documents.experiments import (
    followed,
    full_table,
    shared_settings,
    with_another_run,
    without_run,
)
from gradsim.sim.kinds import kinds
from gradsim.sim.run.changes import ChangesOf, change_texts
from gradsim.ui.keys import chain, place_of_focus, stops
from gradsim.ui.label import ElidedLabel, Paragraph
from gradsim.ui.panels.editors import MIXED, MOST_LINES, Edit, Editor, editor_for
from gradsim.ui.panels.run_list import RunList
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
        self._allowed = self._table
        """The table as it was last allowed; neither is ever changed, an edit makes a new one."""
        self._scope = ALL
        self._more = False
        self._refused: tuple[str, str] | None = None
        self._build()

    def set_look(self, look: Look) -> None:
        """Take another look; what is edited, refused and being typed, focus and place stay as they are."""
        at, typed, share = place_of_focus(self.stops()), self._typed(), self._scrolled()
        for editor in self._editors.values():
            editor.blockSignals(True)  # losing the focus would end what is being typed
        self.takeWidget().deleteLater()
        self._look = look
        self._build()
        if at is not None:
            self._take_focus(self.stops()[min(at, len(self.stops()) - 1)], typed)
        # How long the new content is shows when it has been laid out.
        QTimer.singleShot(0, self, lambda: self._scroll_to(share))

    def stops(self) -> list[QWidget]:
        """Return the widgets at which Tab stops, from top to bottom."""
        return stops(self._column)

    def _typed(self) -> str | None:
        focused = self.window().focusWidget()
        return focused.text() if isinstance(focused, QLineEdit) and self.isAncestorOf(focused) else None

    def _take_focus(self, widget: QWidget, typed: str | None) -> None:
        widget.setFocus()
        if isinstance(widget, QLineEdit) and typed is not None and typed != widget.text():
            # Typed rather than set, so that Escape still takes it back.
            widget.selectAll()
            widget.insert(typed)

    def _scrolled(self) -> float:
        bar = self.verticalScrollBar()
        return bar.value() / max(1, bar.maximum())

    def _scroll_to(self, share: float) -> None:
        bar = self.verticalScrollBar()
        bar.setValue(round(share * bar.maximum()))

    def _build(self) -> None:
        self._editors: dict[str, Editor] = {}
        inside = QWidget()
        gap = self._look.metrics.gap
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(gap, gap, gap, gap)
        self._column.setSpacing(round(0.6 * gap))
        self._runs = RunList(self._look, len(self._table["runs"]))
        self._runs.picked.connect(self._on_picked)
        self._runs.add_asked.connect(self._on_add)
        self._runs.remove_asked.connect(self._on_remove)
        self._column.addWidget(self._runs)
        self._heading = _heading("", self._column)
        self._general = Paragraph(most_lines=MOST_LINES)
        self._general.setProperty("role", "alarm")
        self._column.addWidget(self._general)
        self._build_editors()
        self._toggle = QPushButton()
        self._toggle.setProperty("role", "link")
        self._toggle.clicked.connect(self._on_more)
        self._column.addWidget(self._toggle)
        self._column.addStretch(1)
        self._show()
        self.setWidget(inside)

    def _fields(self) -> dict[str, Parameter]:
        """Return all settings by their key: of runs first, then of the experiment (with a dot before)."""
        kind = kinds()[self._table["kind"]]
        fields = dict(parameters(kind.run))
        fields |= {f".{key}": parameter for key, parameter in parameters(kind.experiment).items()}
        edited_here = {key: field for key, field in fields.items() if not isinstance(field, ChangesOf)}
        basic_first = sorted(edited_here.items(), key=lambda item: not item[1].basic)
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
            editor.more = self._more
            editor.show_value(self._value(key))
        names = [run["label"] for run in self._table["runs"]]
        if self._scope == ALL:
            heading = "Both runs" if len(names) == 2 else "All runs"
            self._heading.setText(self._look.tr(heading if len(names) > 1 else "Settings"))
        else:
            self._heading.setText(self._look.tr("{run} alone").format(run=names[self._scope]))
        self._toggle.setText(self._look.tr("Less ▲") if self._more else self._look.tr("More ▼"))
        name = self._look.tr("Fewer settings") if self._more else self._look.tr("More settings")
        self._toggle.setAccessibleName(name)
        self._show_cards()
        self._show_refusal()
        chain(self.stops())

    def _visible(self, key: str, parameter: Parameter) -> bool:
        if key in kinds()[self._allowed["kind"]].inapplicable(self._allowed) or (
            self._scope == ALL and key == "label"
        ):
            return False
        if self._scope != ALL and key.startswith("."):
            return False
        return parameter.basic or self._more or key == "label"

    def _show_cards(self) -> None:
        runs = self._table["runs"]
        fields = parameters(kinds()[self._table["kind"]].run)
        shared = shared_settings(runs)
        differing = [key for key in runs[0] if key != "label" and key not in shared and len(runs) > 1]
        lines = []
        for run in runs:
            values = [self._brief(fields[key], run[key], run) for key in differing]
            label = str(run["label"])
            names = (label, self._look.tr(label))
            told = [next((v[len(n) :] for n in names if v.startswith(n)), v).strip() for v in values]
            lines.append((label, ", ".join(value for value in told if value)))
        self._runs.show_runs(lines, self._scope)

    def _brief(self, parameter: Parameter, value: Any, run: dict[str, Any]) -> str:
        if isinstance(parameter, ChangesOf):
            return ", ".join(change_texts(run, parameter.settings, self._look.language))
        if isinstance(parameter, EntryOf):
            table = {"name": value} if isinstance(value, str) else value
            entry = parameter.registry[table["name"]]
            usual, known = encode(entry()), parameters(entry)
            told = [str(x) for k, x in table.items() if k in known and (known[k].basic or x != usual[k])]
            return " ".join([self._look.tr(entry.label), *told])
        if isinstance(value, list):
            return f"{len(value)} × {value[0]}" if value and len(set(value)) == 1 else str(value)
        return str(value)

    def _on_picked(self, run: int) -> None:
        self._scope = ALL if run == self._scope else run
        self._show()

    def _on_add(self) -> None:
        """Add a run like the one that is chosen, or like the last, and choose it."""
        last = len(self._table["runs"]) - 1
        self._change_runs(with_another_run(self._table, last if self._scope == ALL else self._scope), last + 1)

    def _on_remove(self) -> None:
        self._change_runs(without_run(self._table, self._scope), ALL)

    def _change_runs(self, table: dict[str, Any], scope: int) -> None:
        self._table, self._scope, self._refused = table, scope, None
        self.set_look(self._look)
        self.edited.emit(copy.deepcopy(table))

    def _on_more(self) -> None:
        self._more = not self._more
        self._show()

    def _on_edited(self, edit: Edit) -> None:
        key = str(self.sender().property("key"))
        name, parameter = key.removeprefix("."), self._editors[key].parameter
        table = copy.deepcopy(self._table)
        usual = self._allowed if len(self._allowed["runs"]) == len(table["runs"]) else self._table
        for at, allowed in zip(self._places(table, key), self._places(usual, key), strict=True):
            at[name] = edit(at[name] if _is_allowed(parameter, at[name]) else allowed[name])
        self._table = followed(usual, table)
        self.edited.emit(copy.deepcopy(self._table))

    def table(self) -> dict[str, Any]:
        """Return a copy of the table as it is now, allowed or not."""
        return copy.deepcopy(self._table)

    def take(self, table: dict[str, Any]) -> None:
        """Take over a table that was edited elsewhere and is allowed."""
        self._table = table
        self.show_accepted()

    def _places(self, table: dict[str, Any], key: str) -> list[dict[str, Any]]:
        """Return the parts of a table in which an edit of this setting is made."""
        if key.startswith("."):
            return [table]
        runs: list[dict[str, Any]] = table["runs"]
        return runs if self._scope == ALL else [runs[self._scope]]

    def show_refused(self, path: str, problem: str) -> None:
        """Show beside its field why the last edit is not allowed."""
        self._refused = path, problem
        self._show()

    def show_accepted(self) -> None:
        """Take back what :meth:`show_refused` said."""
        self._refused = None
        self._allowed = self._table
        self._show()

    @property
    def problem(self) -> str:
        """Why the table is not allowed, "" if it is; the run is named where it is not the one that is edited."""
        if self._refused is None:
            return ""
        path, problem = self._refused
        run, runs = _run_of(path), self._table["runs"]
        if run is None or run == self._scope:
            return problem
        key = re.split(r"[.\[]", path.partition("].")[2])[0]
        alike = self._scope == ALL and all(other.get(key) == runs[run].get(key) for other in runs)
        return problem if alike else f"{runs[run]['label']}: {problem}"

    def _show_refusal(self) -> None:
        at, rest = self._refused_field()
        for key, editor in self._editors.items():
            editor.show_problem(rest, self.problem if key == at else None)
        homeless = self.problem if not at else ""
        self._general.setText(homeless)
        self._general.setVisible(bool(homeless))
        if at:
            self._editors[at].setVisible(True)

    def _refused_field(self) -> tuple[str, str]:
        """Return the key of the field that is refused, and the path inside it."""
        if self._refused is None:
            return "", ""
        path = self._refused[0]
        if self._scope != ALL and _run_of(path) not in (None, self._scope):
            return "", ""  # the field of another run would be blamed
        path = path.partition("].")[2] if path.startswith("runs[") else f".{path}"
        for key in self._editors:
            if path == key or path.startswith((f"{key}.", f"{key}[")):
                return key, path[len(key) :].lstrip(".")
        return "", ""


def _run_of(path: str) -> int | None:
    """Return which run a path is in, as 1 of runs[1].optimizer; None for one of the experiment."""
    found = re.match(r"runs\[(\d+)\]\.", path)
    return int(found[1]) if found else None


def merged(values: list[Any]) -> Any:
    """Return the value that all runs have, MIXED where they differ; entries of one name, setting by setting."""
    first = values[0]
    if all(value == first for value in values):
        return first
    if all(isinstance(value, dict) and value["name"] == first["name"] for value in values):
        return {key: merged([value[key] for value in values]) for key in first}
    return MIXED


def _is_allowed(parameter: Parameter, value: Any) -> bool:
    try:
        parameter.parse(value)
    except ParameterError:
        return False
    return True


def _heading(text: str, column: QVBoxLayout) -> ElidedLabel:
    label = ElidedLabel(text)
    label.setProperty("role", "heading")
    column.addWidget(label)
    return label

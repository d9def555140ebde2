"""The form inside the panel: the runs as cards, and below them an editor for each setting of a draft."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from gradsim.schema.errors import quoted
from gradsim.schema.parameters import EntryOf, Parameter, ParameterError, encode, parameters
from gradsim.sim.documents.drafts import Draft
from gradsim.sim.documents.experiments import shared_settings
from gradsim.sim.kinds import kinds
from gradsim.sim.run.changes import ChangesOf, change_text
from gradsim.sim.run.forks import in_force
from gradsim.ui.identities import slots_of
from gradsim.ui.keys import chain, stops
from gradsim.ui.label import ElidedLabel, Paragraph
from gradsim.ui.panels.editors import MIXED, MOST_LINES, Edit, Editor, are_equal, editor_for
from gradsim.ui.panels.run_list import RunList
from gradsim.ui.panels.scope import ALL, Scope
from gradsim.ui.theme import Look


class Form(QWidget):
    """A column of editors in one look, for drafts of one kind with one number of runs.

    Parameters
    ----------
    draft
        What is shown first.
    look
        Colours, sizes, language.
    hidden
        Settings that are left out.
    below
        What comes below the settings.
    """

    setting_edited = Signal(str, object)
    """A setting, by its key, and the :data:`Edit` of it."""
    more_asked = Signal()
    """The settings that wait behind "More" are to be shown, or no longer."""

    def __init__(self, draft: Draft, look: Look, hidden: Collection[str], below: QWidget) -> None:
        super().__init__()
        self._look, self._draft = look, draft
        gap = look.metrics.gap
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(gap, gap, gap, gap)
        self._column.setSpacing(round(0.6 * gap))
        self.runs = RunList(look, len(draft.table["runs"]))
        self._column.addWidget(self.runs)
        self._heading = ElidedLabel()
        self._heading.setProperty("role", "heading")
        self._column.addWidget(self._heading)
        self._general = Paragraph(most_lines=MOST_LINES)
        self._general.setProperty("role", "alarm")
        self._column.addWidget(self._general)
        self._settings = {key: each for key, each in _fields(draft).items() if key.strip(".") not in hidden}
        self._editors: dict[str, Editor] = {}
        """The editors of those settings that have been shown."""
        self._above = self._column.count()
        self._toggle = QPushButton()
        self._toggle.setProperty("role", "link")
        self._toggle.clicked.connect(self.more_asked)
        self._column.addWidget(self._toggle)
        self._column.addWidget(below)
        self._column.addStretch(1)

    def _on_edited(self, edit: Edit) -> None:
        self.setting_edited.emit(str(self.sender().property("key")), edit)

    def stops(self) -> list[QWidget]:
        """Return the widgets at which Tab stops, from top to bottom."""
        return stops(self._column)

    def editor(self, key: str) -> Editor:
        """Return the editor of a setting."""
        if key not in self._editors:
            self._editors[key] = self._new_editor(key)
        return self._editors[key]

    def _new_editor(self, key: str) -> Editor:
        editor = editor_for(self._settings[key], self._look)
        editor.setProperty("key", key)
        editor.edited.connect(self._on_edited)
        before = list(self._settings)[: list(self._settings).index(key)]
        self._column.insertWidget(self._above + len(self._editors.keys() & set(before)), editor)
        return editor

    def silence(self) -> None:
        """Signal no edits any more: losing the focus would end what is being typed."""
        for editor in self._editors.values():
            editor.blockSignals(True)

    def fits(self, draft: Draft) -> bool:
        """Tell whether it can show a draft, or another form has to be made."""
        now, then = draft.table, self._draft.table
        return now["kind"] == then["kind"] and len(now["runs"]) == len(then["runs"])

    def show_draft(self, draft: Draft, scope: Scope, more: bool) -> None:
        """Bring every widget in line with a draft; `scope` is what of it is edited."""
        self._draft = draft
        self._look = replace(self._look, slots=slots_of(draft.document.experiment))
        refused, _ = self._refused_field(scope)
        for key, parameter in self._settings.items():
            if key == refused or self._visible(key, parameter, scope, more):
                self.editor(key)  # makes it
        for key, editor in self._editors.items():
            editor.setVisible(self._visible(key, editor.parameter, scope, more))
            editor.more = more
            editor.show_value(_value(draft.table, key, scope))
        names = names_in(draft, self._look.language)
        self._heading.setText(self._heading_of(names, scope))
        self._toggle.setText(self._look.tr("Less ▲") if more else self._look.tr("More ▼"))
        name = self._look.tr("Fewer settings") if more else self._look.tr("More settings")
        self._toggle.setAccessibleName(name)
        self._show_cards(draft.table["runs"], names, scope.run)
        self._show_changes(draft.table["runs"], scope)
        self._show_refusal(scope)
        chain(self.stops())

    def _heading_of(self, names: list[str], scope: Scope) -> str:
        if scope.run == ALL:
            heading = "Both runs" if len(names) == 2 else "All runs"
            return self._look.tr(heading if len(names) > 1 else "Settings")
        if scope.step is None:
            return self._look.tr("{run} alone").format(run=names[scope.run])
        return self._look.tr("From step {n} on").format(n=f"{scope.step:,}")

    def _visible(self, key: str, parameter: Parameter, scope: Scope, more: bool) -> bool:
        if scope.run == ALL and key == "label":
            return False
        if scope.run != ALL and key.startswith("."):
            return False
        if scope.step is not None and not parameter.changeable:
            return False
        allowed = self._draft.allowed
        if key in kinds()[allowed["kind"]].inapplicable(allowed):
            return False
        return parameter.basic or more or key == "label"

    def _show_changes(self, runs: list[dict[str, Any]], scope: Scope) -> None:
        run = scope.run if scope.run != ALL or len(runs) > 1 else 0
        texts = [] if run == ALL else _change_texts(runs[run], self._change_settings(), self._look.language)
        self.runs.changes.show_changes(texts, self._look.run_colour(run), scope.step)

    def _change_settings(self) -> dict[str, Parameter]:
        parameter = parameters(kinds()[self._draft.table["kind"]].run)["changes"]
        assert isinstance(parameter, ChangesOf)
        return parameter.settings

    def _show_cards(self, runs: list[dict[str, Any]], labels: list[str], scope: int) -> None:
        fields = parameters(kinds()[self._draft.table["kind"]].run)
        shared = shared_settings(runs)
        differing = [key for key in runs[0] if key != "label" and key not in shared and len(runs) > 1]
        lines = []
        for run, label in zip(runs, labels, strict=True):
            values = [self._brief(fields[key], run[key], run) for key in differing]
            names = (label, self._look.tr(label))
            told = [next((v[len(n) :] for n in names if v.startswith(n)), v).strip() for v in values]
            lines.append((label, ", ".join(value for value in told if value)))
        self.runs.show_runs(lines, scope, self._look)

    def _brief(self, parameter: Parameter, value: Any, run: dict[str, Any]) -> str:
        if isinstance(parameter, ChangesOf):
            return ", ".join(text for _, text in _change_texts(run, parameter.settings, self._look.language))
        if isinstance(parameter, EntryOf) and parameter.label_of(value):
            table = {"name": value} if isinstance(value, str) else value
            entry = parameter.registry[table["name"]]
            usual, known = encode(entry()), parameters(entry)
            told = [str(x) for k, x in table.items() if k in known and (known[k].basic or x != usual[k])]
            return " ".join([self._look.tr(entry.label), *told])
        if isinstance(value, list):
            return f"{len(value)} × {quoted(value[0])}" if value and are_equal(value) else quoted(value)
        return value if isinstance(value, str) else quoted(value)

    def _show_refusal(self, scope: Scope) -> None:
        problem = problem_of(self._draft, scope, self._look.language)
        at, rest = self._refused_field(scope)
        for key, editor in self._editors.items():
            editor.show_problem(rest, problem if key == at else None)
        homeless = problem if not at else ""
        self._general.setText(homeless)
        self._general.setVisible(bool(homeless))
        if at:
            self._editors[at].setVisible(True)

    def _refused_field(self, scope: Scope) -> tuple[str, str]:
        """Return the key of the field that is refused, and the path inside it."""
        if self._draft.refusal is None:
            return "", ""
        path = self._draft.refusal.path
        run, change, inside = _parts(path)
        if scope.run != ALL and run not in (None, scope.run):
            return "", ""  # the field of another run would be blamed
        if run is not None and change != scope.change(self._draft.table):
            return "", ""
        path = f".{path}" if run is None else inside
        for key in self._settings:
            if path == key or path.startswith((f"{key}.", f"{key}[")):
                return key, path[len(key) :].lstrip(".")
        return "", ""


def _fields(draft: Draft) -> dict[str, Parameter]:
    """Return all settings by their key: basic ones first, of runs before those of the experiment (with a dot)."""
    kind = kinds()[draft.table["kind"]]
    fields = dict(parameters(kind.run))
    fields |= {f".{key}": parameter for key, parameter in parameters(kind.experiment).items()}
    shown = {key: parameter for key, parameter in fields.items() if not isinstance(parameter, ChangesOf)}
    return dict(sorted(shown.items(), key=lambda item: not item[1].basic))


def _value(table: Mapping[str, Any], key: str, scope: Scope) -> Any:
    if key.startswith("."):
        return table[key[1:]]
    return merged([run[key] for run in table["runs"]]) if scope.run == ALL else scope.value(table, key)


def _change_texts(run: Mapping[str, Any], settings: Mapping[str, Parameter], language: str) -> list[tuple[int, str]]:
    """Return the step of each change of a run and what it is called; of what is not allowed, the step alone."""
    found = []
    for change in run["changes"]:
        step = change["step"]
        try:
            text = change_text(change, in_force(run, step - 1), settings, language)
        except (ParameterError, TypeError):
            text = _step_text(change, language)
        found.append((step, text))
    return found


def _step_text(change: Mapping[str, Any], language: str) -> str:
    """Return what a change is called by its step alone: "from 100"."""
    return change_text({"step": change["step"]}, {}, {}, language)


def merged(values: list[Any]) -> Any:
    """Return the value that all runs have, MIXED where they differ; entries of one name, setting by setting."""
    first = values[0]
    if are_equal(values):
        return first
    if all(isinstance(value, dict) for value in values) and are_equal([value.get("name") for value in values]):
        return {key: merged([value.get(key) for value in values]) for key in first}
    return MIXED


def names_in(draft: Draft, language: str) -> list[str]:
    """Return what the runs of a draft are called."""
    return kinds()[draft.table["kind"]].names(draft.table["runs"], language)


def problem_of(draft: Draft, scope: Scope, language: str) -> str:
    """Return why a draft is not allowed, "" if it is; run or step are named where they are not what is edited."""
    if draft.refusal is None:
        return ""
    path, problem = draft.refusal
    run, change, _ = _parts(path)
    runs = draft.table["runs"]
    if run is None or (run, change) == (scope.run, scope.change(draft.table)):
        return problem
    if run == scope.run:
        where = (
            "" if change is None else change_text({"step": runs[run]["changes"][change]["step"]}, {}, {}, language)
        )
        return f"{where or names_in(draft, language)[run]}: {problem}"
    key = re.split(r"[.\[]", path.partition("].")[2])[0]
    alike = scope.run == ALL and all(other.get(key) == runs[run].get(key) for other in runs)
    return problem if alike else f"{names_in(draft, language)[run]}: {problem}"


def _parts(path: str) -> tuple[int | None, int | None, str]:
    """Return the run and the change that a path is in, and the rest: 1, 0, clip of runs[1].changes[0].clip."""
    found = re.match(r"runs\[(\d+)\]\.(?:changes\[(\d+)\]\.?)?(.*)", path)
    if not found:
        return None, None, path
    return int(found[1]), int(found[2]) if found[2] else None, found[3]

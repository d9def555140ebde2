"""The form inside the panel: the runs and what differs on top, below them sections of settings."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import chain as chain_of
from typing import Any, NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from gradsim.schema.errors import quoted
from gradsim.schema.parameters import EntryOf, Integer, Parameter, encode, parameters
from gradsim.sim.documents.drafts import Draft
from gradsim.sim.documents.experiments import shared_settings
from gradsim.sim.kinds import kinds
from gradsim.sim.run.changes import ChangesOf
from gradsim.ui.identities import slots_of
from gradsim.ui.keys import chain, stops
from gradsim.ui.label import ElidedLabel, tip
from gradsim.ui.panels.editors import MIXED, Edit, Editor, editor_for
from gradsim.ui.panels.numbers import TextEditor, are_equal
from gradsim.ui.panels.picture_options import PictureOptions
from gradsim.ui.panels.refusals import are_alike, change_texts, names_in, place_of
from gradsim.ui.panels.room import margin
from gradsim.ui.panels.run_list import RunList
from gradsim.ui.panels.scope import ALL, Scope
from gradsim.ui.panels.section import Section
from gradsim.ui.panels.state import SUBJECTS, PanelState
from gradsim.ui.panels.typed import number_text
from gradsim.ui.theme import Look

MOST_BESIDE = 4
"""Runs of which each has its own editor of what differs; of more, the cards say how they differ."""


class Refused(NamedTuple):
    """What is refused: its key, the run whose editor on top it is or ALL, and the path inside it."""

    key: str = ""
    run: int = ALL
    path: str = ""


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
    options
        The section for the options of pictures, which comes last.
    """

    setting_edited = Signal(object, object)
    """An editor, with its key and run as properties, and the :data:`Edit` in it."""
    more_asked = Signal()
    """The settings that wait behind "More" are to be shown, or no longer."""
    section_asked = Signal(str)
    """This section is to be opened or closed."""

    def __init__(self, draft: Draft, look: Look, hidden: Collection[str], options: PictureOptions) -> None:
        super().__init__()
        self._look, self._draft = look, draft
        edge = margin(look)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(edge, edge, edge, edge)
        self._column.setSpacing(0)
        self._settings = {key: each for key, each in _fields(draft).items() if key.strip(".") not in hidden}
        self._editors: dict[str, Editor] = {}
        """The editors in sections of those settings that have been shown."""
        of_runs = {key: each for key, each in self._settings.items() if key != "label" and not key.startswith(".")}
        self.runs = RunList(look, len(draft.table["runs"]), of_runs)
        self.runs.differing.edited.connect(self.setting_edited)
        self.on_top: tuple[str, ...] = ()
        """The settings that each run has an editor of its own for."""
        self._column.addWidget(self.runs)
        self._column.addSpacing(look.metrics.body * 2 // 3)
        self._heading = ElidedLabel()
        self._heading.setProperty("role", "heading")
        self._heading.setToolTip(tip(look.tr("What the settings below are of.")))
        self._column.addWidget(self._heading)
        self._sections = {name: self._new_section(name) for name in self._subjects()}
        self._toggle = QPushButton()
        self._toggle.setProperty("role", "link")
        self._toggle.clicked.connect(self.more_asked)
        self._toggle.setToolTip(tip(look.tr("Settings that are usually left as they are, in all open sections.")))
        self._column.addWidget(self._toggle)
        self._options = options
        self._column.addWidget(options)
        self._column.addStretch(1)

    def _subjects(self) -> list[str]:
        found = {each.subject for key, each in self._settings.items() if key != "label"}
        return sorted(found, key=lambda name: SUBJECTS.index(name) if name in SUBJECTS else len(SUBJECTS))

    def _new_section(self, name: str) -> Section:
        section = Section(name, self._look)
        section.setProperty("section", name)
        section.asked.connect(self._on_section)
        self._column.addWidget(section)
        return section

    def _on_section(self) -> None:
        self.section_asked.emit(str(self.sender().property("section")))

    def _on_edited(self, edit: Edit) -> None:
        self.setting_edited.emit(self.sender(), edit)

    def stops(self) -> list[QWidget]:
        """Return the widgets at which Tab stops, from top to bottom."""
        return stops(self._column)

    def _editor(self, key: str) -> Editor:
        if key not in self._editors:
            self._editors[key] = self._new_editor(key)
        return self._editors[key]

    def _new_editor(self, key: str) -> Editor:
        parameter = self._settings[key]
        editor = editor_for(parameter, self._look)
        editor.setProperty("key", key)
        editor.setProperty("run", ALL)
        editor.edited.connect(self._on_edited)
        if key == "label":
            self.runs.rows.addWidget(editor)
            return editor
        order = list(self._settings)
        alike = [other for other, made in self._editors.items() if made.parameter.subject == parameter.subject]
        before = sum(order.index(other) < order.index(key) for other in alike if other != "label")
        self._sections[parameter.subject].rows.insertWidget(before, editor)
        return editor

    def silence(self) -> None:
        """Signal no edits any more: losing the focus would end what is being typed."""
        for editor in self._all_editors():
            editor.blockSignals(True)

    def _all_editors(self) -> list[Editor]:
        return [*self._editors.values(), *self.runs.differing.editors().values()]

    def fits(self, draft: Draft) -> bool:
        """Tell whether it can show a draft, or another form has to be made."""
        now, then = draft.table, self._draft.table
        return now["kind"] == then["kind"] and len(now["runs"]) == len(then["runs"])

    def show_draft(self, draft: Draft, scope: Scope, state: PanelState, editing: bool = False) -> None:
        """Bring every widget in line with a draft; `scope` is what of it is edited.

        While something is `editing` it from here, nothing goes to another place.
        """
        self._draft = draft
        self._look = replace(self._look, slots=slots_of(draft.document.experiment))
        self.on_top = self._keys_on_top(scope, editing)
        refused = self.refused(scope)
        if refused.key and refused.run == ALL and refused.key != "label":
            state.open(self._settings[refused.key].subject)
        self._show_settings(scope, state, refused)
        names = names_in(draft, self._look.language)
        self._heading.setText(self._heading_of(names, scope))
        self._toggle.setText(self._look.tr("Less ▲") if state.more else self._look.tr("More ▼"))
        self._toggle.setAccessibleName(
            self._look.tr("Fewer settings") if state.more else self._look.tr("More settings")
        )
        self._show_top(scope, state, names)
        self._options.refresh()
        chain(self.stops())

    def _keys_on_top(self, scope: Scope, editing: bool) -> tuple[str, ...]:
        """Return the settings that each run has an editor of its own for."""
        runs = self._draft.table["runs"]
        if scope.step is not None or not 1 < len(runs) <= MOST_BESIDE:
            return ()
        if editing and scope.run != ALL:
            return self.on_top
        shared = {*shared_settings(runs), *self._inapplicable()}
        keys = [key for key in self._settings if key in runs[0] and key != "label" and key not in shared]
        # In lists, for a NaN is not even like itself.
        differ = [key for key in keys if any([run[key]] != [runs[0][key]] for run in runs)]
        return tuple(dict.fromkeys([*(self.on_top if editing else ()), *differ]))

    def _inapplicable(self) -> tuple[str, ...]:
        allowed = self._draft.allowed
        return kinds()[allowed["kind"]].inapplicable(allowed)

    def _show_settings(self, scope: Scope, state: PanelState, refused: Refused) -> None:
        below = refused.key if refused.run == ALL else ""
        shown = [key for key in self._settings if key == below or self._visible(key, scope, state)]
        for name, section in self._sections.items():
            there = [key for key in shown if self._settings[key].subject == name and key != "label"]
            is_open = name not in state.closed
            section.show_state(is_open, [] if is_open else self._header_values(there, scope))
            section.setVisible(bool(there))
        shown = [key for key in shown if key == "label" or self._settings[key].subject not in state.closed]
        for key in shown:
            self._editor(key)  # makes it
        for key, editor in self._editors.items():
            editor.setVisible(key in shown and key not in self.on_top)
            editor.more = state.more
            if key in shown:
                editor.show_value(_value(self._draft.table, key, scope))

    def _visible(self, key: str, scope: Scope, state: PanelState) -> bool:
        parameter = self._settings[key]
        if key in self.on_top or key in self._inapplicable():
            return False
        if key == "label":
            return scope.run != ALL and scope.step is None
        if scope.run != ALL and key.startswith("."):
            return False
        if scope.step is not None and not parameter.changeable:
            return False
        return parameter.basic or state.more

    def _header_values(self, keys: Sequence[str], scope: Scope) -> list[str]:
        found = []
        # What is learnt or taken comes before how often.
        for key, parameter in sorted(self._settings.items(), key=lambda item: not isinstance(item[1], EntryOf)):
            value = _value(self._draft.table, key, scope) if parameter.in_header else MIXED
            if value is not MIXED and (key in keys or not parameter.basic) and parameter.subject == self._of(keys):
                template = self._look.tr(parameter.in_header)
                found.append(template.format(value=brief(parameter, value, self._look)))
        return found

    def _of(self, keys: Sequence[str]) -> str:
        return self._settings[keys[0]].subject if keys else ""

    def _heading_of(self, names: list[str], scope: Scope) -> str:
        if scope.run == ALL:
            heading = "Both runs" if len(names) == 2 else "All runs"
            return self._look.tr(heading if len(names) > 1 else "Settings")
        if scope.step is None:
            return self._look.tr("This run alone")
        return self._look.tr("From step {n} on").format(n=f"{scope.step:,}")

    # The runs

    def _show_top(self, scope: Scope, state: PanelState, names: list[str]) -> None:
        runs, named = self._draft.table["runs"], self._editors.get("label")
        if isinstance(named, TextEditor) and scope.run != ALL:
            named.show_usual(names[scope.run])
        for editor in self.runs.differing.editors().values():
            editor.more = state.more
        colours = [self._look.run_colour(run) for run in range(len(runs))]
        self.runs.differing.show_values(self.on_top, lambda key, run: runs[run][key], names, colours)
        self.runs.show_runs(self._lines(runs, names), scope.run, self._look)
        run = scope.run if scope.run != ALL or len(runs) > 1 else 0
        texts = [] if run == ALL else change_texts(runs[run], self._change_settings(), self._look.language)
        self.runs.changes.show_changes(texts, self._look.run_colour(run), scope.step)

    def _change_settings(self) -> dict[str, Parameter]:
        parameter = parameters(kinds()[self._draft.table["kind"]].run)["changes"]
        assert isinstance(parameter, ChangesOf)
        return parameter.settings

    def _lines(self, runs: list[dict[str, Any]], labels: list[str]) -> list[tuple[str, str]]:
        """Return of each run its name, and the values in which it differs as far as nothing else tells them."""
        fields = parameters(kinds()[self._draft.table["kind"]].run)
        untold = [key for key in runs[0] if len(runs) > MOST_BESIDE or key == "changes"]
        told = {"label", *self.on_top, *shared_settings(runs)}
        differing = [key for key in untold if key not in told and len(runs) > 1]
        lines = []
        for run, label in zip(runs, labels, strict=True):
            values = [self._difference(fields[key], run[key], run) for key in differing]
            names = (label, self._look.tr(label))
            bare = [next((v[len(n) :] for n in names if v.startswith(n)), v).strip() for v in values]
            lines.append((label, ", ".join(value for value in bare if value)))
        return lines

    def _difference(self, parameter: Parameter, value: Any, run: dict[str, Any]) -> str:
        if isinstance(parameter, ChangesOf):
            return ", ".join(text for _, text in change_texts(run, parameter.settings, self._look.language))
        return brief(parameter, value, self._look, settings=True)

    def control_of(self, name: str, run: int | None) -> QWidget | None:
        """Return where a setting, named as in a file, is edited, of all runs or of one; None where it is not shown.

        That of an entry may be named alone, as ``learning_rate``. Where its section is closed, it is the section's
        header; "runs" are all cards.
        """
        if name == "runs":
            return self.runs
        key = self._key_of(name)
        if key is None:
            return None
        if key in self.on_top:
            return self.runs.differing.place_of(key, run)
        editor, section = self._editors.get(key), self._sections.get(self._settings[key].subject)
        if editor is None or not editor.isVisibleTo(self):
            return section.header if section and section.isVisibleTo(self) else None
        inside = (each for each in editor.findChildren(Editor) if each.property("key") == name)
        return next((each for each in inside if each.isVisibleTo(self)), editor)

    def _key_of(self, name: str) -> str | None:
        """Return the key of a setting, or of the entry that has a setting of this name."""
        whole = (key for key in self._settings if key.lstrip(".") == name)
        parts = (
            key
            for key, parameter in self._settings.items()
            if isinstance(parameter, EntryOf)
            and any(name in parameters(each) for each in parameter.registry.values())
        )
        return next(chain_of(whole, parts), None)

    # What is refused

    def refused(self, scope: Scope) -> Refused:
        """Return the field that is refused; none where it is not one of what is edited."""
        if self._draft.refusal is None:
            return Refused()
        path = self._draft.refusal.path
        run, change, inside = place_of(path)
        path = f".{path}" if run is None else inside
        key = next((k for k in self._settings if path == k or path.startswith((f"{k}.", f"{k}["))), "")
        rest = path[len(key) :].lstrip(".")
        if key in self.on_top and run is not None and change is None:
            return Refused(key, run, rest)
        if run is not None and not self._is_edited(scope, run, change, inside):
            return Refused()  # the field of another run would be blamed
        return Refused(key, ALL, rest) if key else Refused()

    def _is_edited(self, scope: Scope, run: int, change: int | None, inside: str) -> bool:
        """Tell whether a field below shows what a path leads to, in a run and one of its changes."""
        runs = self._draft.table["runs"]
        its_own = scope.run == run or (scope.run == ALL and change is None and are_alike(runs, run, inside))
        return its_own and change == scope.change(self._draft.table)

    def refused_place(self, scope: Scope) -> QWidget:
        """Return where what is refused is told: at its field, else at the card of its run, else above all."""
        at = self.refused(scope)
        if at.key and at.run != ALL:
            return self.runs.differing.editors()[at.key, at.run].refused_part(at.path)
        if at.key:
            return self._editor(at.key).refused_part(at.path)
        run = place_of(self._draft.refusal.path).run if self._draft.refusal else None
        return self.runs if run is None or run >= len(self.runs.cards) else self.runs.cards[run]


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


def brief(parameter: Parameter, value: Any, look: Look, settings: bool = False) -> str:
    """Return a value in a few words; of an entry, `settings` that are basic or not the usual ones too."""
    if isinstance(parameter, EntryOf) and parameter.label_of(value):
        table = {"name": value} if isinstance(value, str) else value
        entry = parameter.registry[table["name"]]
        usual, known = encode(entry()), parameters(entry)
        telling = [k for k in table if settings and k in known and (known[k].basic or table[k] != usual[k])]
        return " ".join([look.tr(entry.label), *(brief(known[k], table[k], look) for k in telling)])
    if isinstance(value, list):
        texts = [brief(parameter, each, look) for each in value]
        return f"{len(texts)} × {texts[0]}" if len(texts) > 2 and are_equal(texts) else ", ".join(texts)
    if isinstance(parameter, Integer) and value in parameter.words:
        return look.tr(value)
    if isinstance(value, float):
        return number_text(value)
    return value if isinstance(value, str) else quoted(value)


def merged(values: list[Any]) -> Any:
    """Return the value that all runs have, MIXED where they differ; entries of one name, setting by setting."""
    first = values[0]
    if are_equal(values):
        return first
    if all(isinstance(value, dict) for value in values) and are_equal([value.get("name") for value in values]):
        return {key: merged([value.get(key) for value in values]) for key in first}
    return MIXED

"""The import sheet: the first rows of a table, what each column is used as, and how the file is read."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QMenu,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from gradsim.engine.data.tables import Csv
from gradsim.engine.data.tables.report import TableReport
from gradsim.schema.errors import Given, Phrase, told
from gradsim.schema.parameters import ParameterError, decode, encode, parameters
from gradsim.ui.dialogs import add_button, desk_look
from gradsim.ui.label import ElidedLabel, Paragraph, tip
from gradsim.ui.panels.editors import Edit, Editor, editor_for
from gradsim.ui.panels.room import SCROLL_PX, inner_px
from gradsim.ui.tables.grid import Grid
from gradsim.ui.tables.reading import Found, Reading, found_of
from gradsim.ui.tables.roles import IN_THE_GRID, places_of, possible_roles, with_role
from gradsim.ui.theme import Look, mixed, style_sheet

SHARE = 0.94
"""How much of its window it takes."""
MOST_NOTES, NOTE_LINES = 6, 3
"""How many notes are told, and in how many lines at most."""


class ImportSheet(QDialog):
    """Shows how a table is understood; what is changed is read anew, and what is refused is said, at its cell.

    Parameters
    ----------
    window
        Over which it lies.
    look
        Of the window.
    data
        The table, with the settings it is read with first.
    can_use_here
        Whether the experiment that is open can go on with this table.
    """

    train_asked = Signal(object)
    """A new experiment is to be trained on these data."""
    use_asked = Signal(object)
    """The experiment that is open is to go on with these data."""

    def __init__(self, window: QWidget, look: Look, data: Csv, can_use_here: bool) -> None:
        super().__init__(window)
        self._look, self.data = (look := desk_look(look)), data
        self.table: dict[str, Any] = encode(data)
        """The settings as they were edited, which need not be allowed."""
        self.report = TableReport(data.path)
        self.setWindowTitle(look.tr("How the table is read"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setStyleSheet(style_sheet(look) + _style_sheet(look))
        self.resize(round(SHARE * window.width()), round(SHARE * window.height()))
        gap = look.metrics.gap
        column = QVBoxLayout(self)
        column.setContentsMargins(gap, gap, gap, gap)
        column.setSpacing(gap // 2)
        column.addLayout(self._made_head())
        row = QHBoxLayout()
        row.setSpacing(gap)
        row.addWidget(self._made_settings())
        row.addLayout(self._made_table(), stretch=1)
        column.addLayout(row, stretch=1)
        self.problem, self.other = Paragraph(most_lines=3), Paragraph(most_lines=3)
        for line in (self.problem, self.other):
            line.setProperty("role", "refusal")
            column.addWidget(line)
        column.addLayout(self._made_buttons(can_use_here))
        self._is_new = True
        """Whether nothing has been told of the table yet."""
        self._settled = data
        self._reading = Reading(self, found_of)
        self._reading.found.connect(self._on_found)
        self.grid.setFocus()
        self._read()

    def _made_head(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(0)
        row = QHBoxLayout()
        row.setSpacing(self._look.metrics.gap)
        path = Path(self.data.path)
        name = ElidedLabel(path.name, most_em=30)
        name.setProperty("role", "title")
        row.addWidget(name)
        folder = ElidedLabel(str(path.parent))
        folder.setProperty("role", "muted")
        row.addWidget(folder, stretch=1)
        column.addLayout(row)
        self.summary = Paragraph(most_lines=3)
        self.summary.setProperty("role", "summary")
        column.addWidget(self.summary)
        return column

    def _made_settings(self) -> QWidget:
        """Return the editors of all settings but those that are chosen in the grid, as the settings declare them."""
        look, inner = self._look, QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, look.metrics.body // 2, 0)
        column.setSpacing(look.metrics.body // 2)
        self.editors: dict[str, Editor] = {}
        for key, parameter in parameters(type(self.data)).items():
            if key not in IN_THE_GRID:
                editor = self.editors[key] = editor_for(parameter, look)
                editor.more = True
                editor.edited.connect(partial(self._on_edited, key))
                column.addWidget(editor)
        column.addStretch(1)
        scrolled = QScrollArea()
        scrolled.setWidgetResizable(True)
        scrolled.setWidget(inner)
        scrolled.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scrolled.setFixedWidth(min(inner_px(look) + SCROLL_PX + look.metrics.body, self.width() * 2 // 5))
        scrolled.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return scrolled

    def _made_table(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(self._look.metrics.gap // 2)
        self.grid = Grid(self._look)
        self.grid.asked.connect(self._on_role_asked)
        column.addWidget(self.grid, stretch=1)
        self.notes = QWidget()
        rows = QVBoxLayout(self.notes)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        self._notes = [Paragraph(most_lines=NOTE_LINES) for _ in range(MOST_NOTES + 1)]
        for note in self._notes:
            rows.addWidget(note)
        column.addWidget(self.notes)
        return column

    def _made_buttons(self, can_use_here: bool) -> QHBoxLayout:
        tr, row = self._look.tr, QHBoxLayout()
        hint = ElidedLabel(tr("Click on what a column is used as to change it."))
        hint.setProperty("role", "muted")
        row.addWidget(hint, stretch=1)
        self.cancel_button = add_button(row, tr("Cancel"), self.reject)
        self.use_button = add_button(row, tr("Use it in this experiment"), partial(self._give, self.use_asked))
        self.use_button.setToolTip(tip(tr("The networks of the experiment that is open go on with this table.")))
        self.use_button.setVisible(can_use_here)
        self.train_button = add_button(row, tr("Train on it"), partial(self._give, self.train_asked))
        self.train_button.setToolTip(tip(tr("Begin a new experiment on this table.")))
        self.train_button.setObjectName("go")
        self.train_button.setDefault(True)
        return row

    def sizeHint(self) -> QSize:
        return self.size()

    # What is changed

    def _on_edited(self, key: str, edit: Edit) -> None:
        self.table[key] = edit(self.table[key])
        self._read()

    def _on_role_asked(self, at: int, place: QPoint) -> None:
        menu = self.role_menu(at)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)

    def role_menu(self, at: int) -> QMenu:
        """Return the menu of what a column may be used as."""
        menu, tr = QMenu(self), self._look.tr
        for choice in possible_roles(self.report, at):
            action = menu.addAction(tr(choice.text), partial(self.choose_role, at, choice.role, choice.also))
            action.setCheckable(True)
            action.setChecked(choice.is_now)
            action.setEnabled(choice.is_possible)
        return menu

    def choose_role(self, at: int, role: str, also: bool = False) -> None:
        """Use a column as something else; `also` as a target besides those there are."""
        self.table |= with_role(self.table, self.report, at, role, also)
        self._read()

    def _read(self) -> None:
        """Read the table with the settings as they are, and show how it is understood; what is refused is said."""
        for key, editor in self.editors.items():
            editor.show_value(self.table[key])
        try:
            self.data = decode(type(self.data), self.table)
        except ParameterError as error:
            self._refuse(error, of_setting=True)
            return
        self._wait()
        self._reading.ask(self.data)

    def _wait(self) -> None:
        """Say that the table is being read; till then nothing can be trained."""
        self.summary.setText(self._look.tr("Reading the table …"))
        for button in (self.train_button, self.use_button):
            button.setEnabled(False)

    def _on_found(self, found: Found) -> None:
        self.report, self._settled = found.report, found.settled
        self.grid.show_report(self.report)
        self._tell()
        self._name_guesses()
        self._refuse(found.problem)
        if self._is_new and self.train_button.isEnabled():
            self.train_button.setFocus()
        self._is_new = False

    def _name_guesses(self) -> None:
        """Let "auto" say what it stands for in this table."""
        tr, report = self._look.tr, self.report
        found = {
            "task": "classes" if report.task in ("classes", "labels") else report.task,
            "header": ("yes" if report.has_names else "no") if report.columns else "",
            "separator": report.separator,
            "decimal": report.decimal if report.columns else "",
            "encoding": report.encoding,
        }
        for key, value in found.items():
            combo = self.editors[key].findChild(QComboBox)
            at = combo.findData("auto") if combo else -1
            if combo and at >= 0:
                combo.setItemText(at, tr("auto: {value}").format(value=tr(value)) if value else tr("auto"))

    def say(self, text: str) -> None:
        """Say something that has to do with another file, till this one is read anew."""
        _show_in(self.other, text)

    def _refuse(self, error: ParameterError | None, of_setting: bool = False) -> None:
        """Say why the table cannot be trained on as it is; None where it can."""
        text = self._told(error, of_setting) if error else ""
        _show_in(self.problem, text)
        self.say("")
        for button in (self.train_button, self.use_button):
            button.setEnabled(not text)

    def _told(self, error: ParameterError, of_setting: bool) -> str:
        """Return why the table is refused: with the name of a setting, without the path, which is on top."""
        tr, problem = self._look.tr, error.problem
        known = parameters(type(self.data)).get(error.path)
        if of_setting and known:
            return tr("{where}: {problem}").format(where=tr(known.label), problem=told(problem, tr))
        values = problem.values if isinstance(problem, Phrase) else {}
        if "path" not in values or "problem" not in values:
            return told(problem, tr)
        text = told(values["problem"], tr)
        return tr("line {n}: {problem}").format(n=values["n"], problem=text) if "n" in values else text

    def _tell(self) -> None:
        """Show the summary, and what else is to be told of the table."""
        tr, report = self._look.tr, self.report
        self.summary.setText(told(report.summary, tr) if report.columns else "")
        notes = [told(note, tr) for note in (*report.notes, *self._notes_on_columns())]
        if len(notes) > MOST_NOTES:
            more = tr("and {n} more, at the names of the columns").format(n=f"{len(notes) - MOST_NOTES:,}")
            notes = [*notes[:MOST_NOTES], more]
        for label, text in zip(self._notes, [*notes, *[""] * len(self._notes)], strict=False):
            _show_in(label, text)

    def _notes_on_columns(self) -> Iterator[Phrase]:
        """Yield what is to be told of columns; not that one is left out where somebody has chosen so."""
        chosen = places_of(self.table, self.report).left_out
        for i, column in enumerate(self.report.columns):
            for note in filter(None, ("" if i in chosen else column.why, *column.notes)):
                yield Phrase("column {name}: {note}", name=Given(column.name), note=note)

    def _give(self, signal: Any) -> None:
        self.accept()
        signal.emit(self._settled)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Return end what is being typed, and not begin the training."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not self.train_button.hasFocus():
            event.accept()
        else:
            super().keyPressEvent(event)


def _show_in(label: Paragraph, text: str) -> None:
    """Show a text; a label without one takes no room."""
    label.setText(text)
    label.setVisible(bool(text))


def _style_sheet(look: Look) -> str:
    theme, metrics = look.theme, look.metrics
    pale = mixed(theme.ink, theme.card, 0.55).name()
    return f"""
    QLabel[role="refusal"] {{ color: {theme.alarm}; font-weight: 600; }}
    QLabel[role="summary"] {{ font-weight: 600; font-size: {round(1.1 * metrics.body)}px; }}
    #go {{ background: {theme.accent}; color: {theme.on_accent}; border-color: {theme.accent}; font-weight: 700; }}
    #go:disabled {{ background: {theme.card}; color: {pale}; border-style: dashed; font-weight: 600; }}
    QScrollBar:horizontal {{ background: {theme.card}; height: {SCROLL_PX}px; }}
    QScrollBar::handle:horizontal {{ background: {theme.line}; border-radius: {SCROLL_PX // 2}px; min-width: 30px; }}
    QMenu {{ font-size: {metrics.body}px; }}
    """

"""The section of the panel for the options of the views on screen."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gradsim.schema.errors import told
from gradsim.schema.parameters import Choice, Parameter, ParameterError
from gradsim.ui.panels.editors import Edit, Editor, editor_for
from gradsim.ui.panels.section import Section
from gradsim.ui.panels.state import SHOWN, PanelState
from gradsim.ui.shown_options import ShownOptions
from gradsim.ui.theme import Look


class PictureOptions(QWidget):
    """An editor for each option; an edit changes the pictures, not the experiment."""

    refused = Signal(object, str)
    """An editor, and what is wrong with what was given in it; "" once nothing is."""

    def __init__(self, look: Look, options: ShownOptions, state: PanelState) -> None:
        super().__init__()
        self._look, self._options, self._state = look, options, state
        self._editors: dict[str, Editor] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self._section = Section(SHOWN, look)
        self._section.asked.connect(self._on_asked)
        column.addWidget(self._section)
        options.changed.connect(self.refresh)
        self.refresh()

    def _on_asked(self) -> None:
        self._state.toggle(SHOWN)
        self.refresh()

    def refresh(self) -> None:
        """Bring the editors in line with the options on screen, and with whether the section is open."""
        wanted, is_open = self._options.on_screen(), SHOWN not in self._state.closed
        if is_open and {name: editor.parameter for name, editor in self._editors.items()} != wanted:
            self._build()
        for name, editor in self._editors.items():
            if name in wanted:
                editor.show_value(wanted[name].plain(self._options.value(name)))
        values = [self._text(each, self._options.value(name)) for name, each in wanted.items()]
        self._section.show_state(is_open, values)
        self._section.setVisible(bool(wanted))

    def _text(self, parameter: Parameter, value: object) -> str:
        return self._look.tr(parameter.label_of(str(value)) if isinstance(parameter, Choice) else str(value))

    def _build(self) -> None:
        for editor in self._editors.values():
            self._section.rows.removeWidget(editor)
            editor.blockSignals(True)  # losing the focus would end what is being typed
            editor.hide()
            editor.deleteLater()
        self._editors = {name: editor_for(each, self._look) for name, each in self._options.on_screen().items()}
        for name, editor in self._editors.items():
            editor.edited.connect(partial(self._on_edited, name))
            self._section.rows.addWidget(editor)

    def _on_edited(self, name: str, edit: Edit) -> None:
        editor = self._editors[name]
        try:
            value = editor.parameter.parse(edit(editor.parameter.plain(self._options.value(name))))
        except ParameterError as error:
            self.refused.emit(editor, told(error.problem, self._look.tr))
        else:
            self.refused.emit(editor, "")
            self._options.choose(name, value)

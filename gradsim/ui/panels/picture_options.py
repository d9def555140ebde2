"""The section of the panel for the options of the views on screen."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QVBoxLayout, QWidget

from gradsim.schema.parameters import ParameterError
from gradsim.ui.label import ElidedLabel
from gradsim.ui.panels.editors import Edit, Editor, editor_for
from gradsim.ui.shown_options import ShownOptions
from gradsim.ui.theme import Look


class PictureOptions(QWidget):
    """A heading and an editor for each option; an edit changes the pictures, not the experiment."""

    def __init__(self, look: Look, options: ShownOptions) -> None:
        super().__init__()
        self._look, self._options = look, options
        self._editors: dict[str, Editor] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(round(0.6 * look.metrics.gap))
        self._heading = ElidedLabel(look.tr("Pictures"))
        self._heading.setProperty("role", "heading")
        self._column.addWidget(self._heading)
        options.changed.connect(self._on_changed)
        self._on_changed()

    def _on_changed(self) -> None:
        """Bring the editors in line with the options on screen."""
        wanted = self._options.on_screen()
        if {name: editor.parameter for name, editor in self._editors.items()} != wanted:
            self._build()
        for name, editor in self._editors.items():
            editor.show_problem("", None)
            editor.show_value(wanted[name].plain(self._options.value(name)))
        self._heading.setVisible(bool(wanted))

    def _build(self) -> None:
        for editor in self._editors.values():
            self._column.removeWidget(editor)
            editor.blockSignals(True)  # losing the focus would end what is being typed
            editor.hide()
            editor.deleteLater()
        self._editors = {name: editor_for(each, self._look) for name, each in self._options.on_screen().items()}
        for name, editor in self._editors.items():
            editor.edited.connect(partial(self._on_edited, name))
            self._column.addWidget(editor)

    def _on_edited(self, name: str, edit: Edit) -> None:
        editor = self._editors[name]
        try:
            value = editor.parameter.parse(edit(editor.parameter.plain(self._options.value(name))))
        except ParameterError as error:
            editor.show_problem(error.path, error.problem)
        else:
            editor.show_problem("", None)
            self._options.choose(name, value)

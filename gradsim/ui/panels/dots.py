"""What a form says of painted points, which are edited on their picture."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt

from gradsim.engine.data.user_points import Dots
from gradsim.schema.parameters import Parameter, ParameterError
from gradsim.ui.label import ElidedLabel
from gradsim.ui.panels.editor import MIXED, Editor, as_text
from gradsim.ui.panels.room import Room
from gradsim.ui.theme import Look


class DotsEditor(Editor):
    """How many points there are; the brushes are beside the picture."""

    parameter: Dots

    def __init__(self, parameter: Parameter, look: Look, room: Room) -> None:
        super().__init__(parameter, look, room)
        self._count = ElidedLabel()
        self._count.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.add_field(self._count, needed=6 * look.metrics.body)

    def show_value(self, value: Any) -> None:
        try:
            count = len(self.parameter.parse(value))
        except ParameterError:
            self._count.setText(self.look.tr("differs") if value is MIXED else as_text(value))
            return
        text = self.look.tr("1 point") if count == 1 else self.look.tr("{n} points").format(n=f"{count:,}")
        self._count.setText(text)

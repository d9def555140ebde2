"""The question before changes are lost that are in no file."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QMessageBox, QWidget

from gradsim.ui.theme import Look


class Answer(Enum):
    """What is to become of changes that are in no file."""

    SAVE = auto()
    DISCARD = auto()
    CANCEL = auto()


def ask(window: QWidget, look: Look, titles: Sequence[str]) -> tuple[Answer, bool]:
    """Ask what is to become of the changes to experiments of these titles, and whether to ask the next time."""
    box = QMessageBox(window)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("gradsim")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(look.tr("Save the changes before closing? No file holds them."))
    box.setInformativeText("\n".join(titles))
    box.addButton(_Button.Save).setText(look.tr("Save"))
    box.addButton(_Button.Discard).setText(look.tr("Don't save"))
    box.addButton(_Button.Cancel).setText(look.tr("Cancel"))
    box.setDefaultButton(_Button.Save)
    box.setEscapeButton(_Button.Cancel)
    never_again = QCheckBox(look.tr("Don't ask again"))
    checked: list[bool] = []
    never_again.toggled.connect(checked.append)
    box.setCheckBox(never_again)
    # While the box waits the program may end, and the box with it: nothing is asked of it afterwards.
    answer = _ANSWERS.get(box.exec(), Answer.CANCEL)
    return answer, answer is Answer.CANCEL or not (checked and checked[-1])


_Button = QMessageBox.StandardButton
_ANSWERS = {_Button.Save.value: Answer.SAVE, _Button.Discard.value: Answer.DISCARD}

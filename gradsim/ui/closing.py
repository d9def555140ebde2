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
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("gradsim")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(look.tr("Save the changes before closing? No file holds them."))
    box.setInformativeText("\n".join(titles))
    save = box.addButton(look.tr("Save"), QMessageBox.ButtonRole.AcceptRole)
    discard = box.addButton(look.tr("Don't save"), QMessageBox.ButtonRole.DestructiveRole)
    cancel = box.addButton(look.tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(save)
    box.setEscapeButton(cancel)
    never_again = QCheckBox(look.tr("Don't ask again"))
    box.setCheckBox(never_again)
    box.exec()
    answers = {save: Answer.SAVE, discard: Answer.DISCARD}
    answer = next((answers[button] for button in answers if button is box.clickedButton()), Answer.CANCEL)
    asks_again = answer is Answer.CANCEL or not never_again.isChecked()
    box.deleteLater()
    return answer, asks_again

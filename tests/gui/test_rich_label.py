"""The label of rich text: as Qt's own, but nothing around it moves while its height stays."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget

from gradsim.ui.rich_label import RichLabel

TEXTS = [
    "",
    "layer 1",
    'Under <span style="color:#b03000">Sigmoid</span> layer 1 learns <b style="color:#00d">18,300 times</b> slower',
    'below 10<span style="vertical-align:super; font-size:24px">−7</span> of the first, '
    "and so on for as long as there are layers",
    "学习率 0.1 在<b>第一层</b>太小",
]
TOP, MIDDLE, LEFT, RIGHT = (
    Qt.AlignmentFlag.AlignTop,
    Qt.AlignmentFlag.AlignVCenter,
    Qt.AlignmentFlag.AlignLeft,
    Qt.AlignmentFlag.AlignRight,
)


def _both(text: str, wraps: bool, side: Qt.AlignmentFlag) -> tuple[QLabel, RichLabel]:
    """Return Qt's label and ours with the same text in the same style."""
    labels = QLabel(), RichLabel()
    for label in labels:
        label.setTextFormat(Qt.TextFormat.RichText)
        label.setWordWrap(wraps)
        label.setAlignment(side)
        label.setStyleSheet("font-size: 17px; color: #204060; background: white")
        label.setContentsMargins(0, 0, 7, 0)
        label.setText(text)
    return labels


def _pixels(label: QLabel, width: int, height: int) -> np.ndarray:
    label.resize(width, height)
    image = label.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.array(image.constBits()).copy()


@pytest.mark.parametrize("side", [TOP | LEFT, MIDDLE | LEFT, MIDDLE | RIGHT])
@pytest.mark.parametrize("wraps", [True, False])
@pytest.mark.parametrize("text", TEXTS)
def test_has_the_sizes_and_pixels_of_qts_label(
    qapp: QApplication, text: str, wraps: bool, side: Qt.AlignmentFlag
) -> None:
    theirs, ours = _both(text, wraps, side)
    if text:
        assert ours.sizeHint() == theirs.sizeHint()
        assert ours.minimumSizeHint() == theirs.minimumSizeHint()
    for width in (60, 150, 400):
        if text and wraps:
            assert ours.heightForWidth(width) == theirs.heightForWidth(width)
        assert (_pixels(ours, width, 90) == _pixels(theirs, width, 90)).all()


class _Requests(QObject):
    """Counts how often a widget is to be laid out."""

    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.LayoutRequest
        return False


def test_lays_out_what_it_is_in_only_for_another_height(qapp: QApplication) -> None:
    room, label, requests = QWidget(), RichLabel(), _Requests()
    QVBoxLayout(room).addWidget(label)
    room.resize(200, 300)
    label.setText("step 1")
    room.show()
    qapp.processEvents()
    room.installEventFilter(requests)
    label.setText("step <b>2</b>")
    qapp.processEvents()
    assert requests.count == 0
    label.setText("step 3, " + "and more " * 20)
    qapp.processEvents()
    assert requests.count > 0
    room.close()


def test_follows_its_style(qapp: QApplication) -> None:
    label = RichLabel()
    label.setStyleSheet("font-size: 12px")
    label.setText("layer")
    small = label.heightForWidth(200)
    label.setStyleSheet("font-size: 30px")
    assert label.heightForWidth(200) > 2 * small

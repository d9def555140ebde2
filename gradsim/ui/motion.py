"""Whether pictures may move that need not: what the window and the system ask for."""

from __future__ import annotations

import sys

from PySide6.QtWidgets import QApplication, QStyle, QWidget

_PROPERTY = "reduces_motion"
_SPI_GETCLIENTAREAANIMATION = 0x1042


def reduces_motion(window: QWidget) -> bool:
    """Tell whether less motion is chosen in a window, or in the one that it belongs to."""
    owner = window.parentWidget()
    return bool(window.property(_PROPERTY)) or (owner is not None and reduces_motion(owner.window()))


def reduce_motion(window: QWidget, reduces: bool) -> None:
    """Choose less motion in a window, or as much as the system asks for; it holds from the next frame on."""
    window.setProperty(_PROPERTY, reduces)


def motion_is_welcome(picture: QWidget) -> bool:
    """Tell whether a picture may move that need not.

    Qt knows what the system asks for from 6.12 on. Before, styles tell whether they animate, and Windows itself is
    asked; for others there is the choice in the window.
    """
    if reduces_motion(picture.window()) or not _windows_animates():
        return False
    hints = QApplication.styleHints().accessibility() if hasattr(QApplication.styleHints(), "accessibility") else None
    preference = getattr(hints, "motionPreference", None)
    if preference is not None and "Reduced" in preference().name:
        return False
    return QApplication.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) > 0


def _windows_animates() -> bool:
    """Tell whether "Animation effects" are on in the settings of Windows; elsewhere they count as on."""
    if sys.platform != "win32":
        return True
    import ctypes

    animates = ctypes.c_int(1)
    known = ctypes.windll.user32.SystemParametersInfoW(_SPI_GETCLIENTAREAANIMATION, 0, ctypes.byref(animates), 0)
    return not known or bool(animates.value)

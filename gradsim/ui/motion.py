"""Whether the system asks for less motion."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QStyle


def motion_is_welcome() -> bool:
    """Tell whether pictures may move that need not.

    Qt knows what the system asks for from 6.12 on; before, styles tell that they do not animate.
    """
    hints = QApplication.styleHints().accessibility() if hasattr(QApplication.styleHints(), "accessibility") else None
    preference = getattr(hints, "motionPreference", None)
    if preference is not None and "Reduced" in preference().name:
        return False
    return QApplication.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) > 0

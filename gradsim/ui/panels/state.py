"""What of the panel stays as it is from one document to the next, and from one start to the next."""

from __future__ import annotations

from dataclasses import dataclass

SHOWN = "Shown"
"""The section of the options of pictures, which belong to no experiment."""
SUBJECTS = ("Network", "Function", "Training", "Data", "Randomness")
"""The sections of settings, in their order."""
CLOSED_AT_FIRST = frozenset({"Data", "Randomness", SHOWN})


@dataclass
class PanelState:
    """Whether the settings are shown that are usually left as they are, and which sections are closed."""

    more: bool = False
    closed: frozenset[str] = CLOSED_AT_FIRST

    def toggle(self, section: str) -> None:
        """Close an open section, open a closed one."""
        self.closed = self.closed ^ {section}

    def open(self, section: str) -> None:
        """Open a section."""
        self.closed = self.closed - {section}

"""Unsaved work is kept aside every few seconds, and offered after a program that did not end by itself."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Thread

from PySide6.QtCore import QLockFile, QObject, QTimer
from PySide6.QtWidgets import QWidget

from gradsim.runtime import log
from gradsim.schema.errors import FileError
from gradsim.schema.ordinary import opened
from gradsim.sim.documents.files import write_bytes
from gradsim.sim.documents.kept import MAX_BYTES, Kept, Writer, read_kept
from gradsim.ui.editing import Editing
from gradsim.ui.saving import title_of
from gradsim.ui.slip import Slip
from gradsim.ui.theme import Look

AFTER_MS = 2000
"""How long after a change it is kept aside."""
KEPT_DAYS = 30
"""What nobody has wanted back for so long is deleted."""


def folder() -> Path:
    """Return where it is kept, which need not be there."""
    import platformdirs

    return Path(platformdirs.user_state_dir("gradsim", appauthor=False)) / "drafts"


class Rescue(QObject):
    """Keeps what is unsaved in one window, in a file that no other window uses.

    Parameters
    ----------
    board
        Over which earlier work is offered.
    editing
        Holds the work.
    look
        Returns the look of the window.
    """

    def __init__(self, board: QWidget, editing: Editing, look: Callable[[], Look]) -> None:
        super().__init__(board)
        self._editing, self._look = editing, look
        self.slip = Slip(board)
        self._place: _Place | None = None
        self._writer = Writer()
        self._writing: Thread | None = None
        self._offered: _Place | None = None
        self._begun = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(AFTER_MS)
        self._timer.timeout.connect(self._on_time)

    def begin(self) -> None:
        """Keep unsaved work from now on, and offer what an earlier program has left."""
        self._begun = True
        self._editing.changed.connect(self._on_changed)
        self._on_changed()
        _forget_old()
        self.offer()

    # Keeping

    def _on_changed(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _on_time(self) -> None:
        if self._writing and self._writing.is_alive():
            self._timer.start()
        else:
            self.keep()

    def keep(self) -> None:
        """Keep what is unsaved now, on a thread of its own; where there is nothing, what was kept is deleted."""
        if not self._editing.history.unsaved_by_hand():
            self._delete()
            return
        self._place = self._place or _Place.new()
        if self._place:
            arguments = self._writer, self._editing.kept, self._place.path
            self._writing = Thread(target=_write, args=arguments, name="gradsim keeps a draft", daemon=True)
            self._writing.start()

    def _delete(self) -> None:
        self._wait()
        if self._place:
            self._place.delete()
        self._place = None

    def _wait(self) -> None:
        if self._writing:
            self._writing.join()
        self._writing = None

    def forget(self) -> None:
        """Delete what was kept: the window closes, and has asked about it."""
        if self._begun:
            self._timer.stop()
            self._editing.changed.disconnect(self._on_changed)
            self._delete()
        self._begun = False

    def stop(self) -> None:
        """Keep what is unsaved at the end of a program that could not ask."""
        if self._timer.isActive():
            self._timer.stop()
            self._wait()
            self.keep()
        self._wait()
        for place in filter(None, (self._place, self._offered)):
            place.leave()
        self._place = self._offered = None

    # What was left

    def offer(self) -> None:
        """Offer the newest work that a program has left which did not end by itself, if there is any."""
        while place := _Place.left_by_another():
            try:
                kept, when = place.read(), f"{place.time:%Y-%m-%d %H:%M}"
            except (OSError, ValueError) as error:
                log.write_error("unsaved work cannot be read", error)
                place.set_aside()
            else:
                self._offered = place
                self._show(kept, when)
                return

    def _show(self, kept: Kept, when: str) -> None:
        look = self._look()
        text = look.tr("Not saved when the program ended on {when}: {title}")
        deeds = {look.tr("Restore it"): lambda: self._bring_back(kept), look.tr("Delete it"): self._decline}
        self.slip.show_line(text.format(when=when, title=title_of(kept.history.draft.document, look)), deeds, look)

    def _bring_back(self, kept: Kept) -> None:
        self._editing.bring_back(kept)
        self._wait()
        self.keep()  # in this window's own place, before the other is deleted
        self._wait()
        if self._place is None or self._place.path.exists():
            self._decline()

    def _decline(self) -> None:
        if self._offered:
            self._offered.delete()
        self._offered = None
        self.offer()


def _write(writer: Writer, kept: Kept, path: Path) -> None:
    try:
        write_bytes(path, writer.text(kept).encode("utf-8"), lasting=False)
    except FileError as error:
        log.write_error("unsaved work cannot be kept", error)


class _Place:
    """A file in which work is kept, locked by the program that keeps it there for as long as that lives."""

    def __init__(self, path: Path, lock: QLockFile) -> None:
        self.path, self._lock = path, lock

    @classmethod
    def new(cls) -> _Place | None:
        """Return a new place; None where there can be none."""
        try:
            folder().mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            log.write_error("unsaved work cannot be kept", error)
            return None
        return cls.locked(folder() / f"{secrets.token_hex(8)}.json")

    @classmethod
    def locked(cls, path: Path) -> _Place | None:
        """Return a place that is this program's from now on; None for one that is another's."""
        lock = QLockFile(str(path.with_suffix(".lock")))
        lock.setStaleLockTime(0)  # however old: the lock of a program that has ended is none
        return cls(path, lock) if lock.tryLock(0) else None

    @classmethod
    def left_by_another(cls) -> _Place | None:
        """Return the newest place that a program has left, which is this one's from now on."""
        for path in sorted(folder().glob("*.json"), key=_age):
            if place := cls.locked(path):
                if path.exists():  # another window may have been faster
                    return place
                place.leave()
        return None

    @property
    def time(self) -> datetime:
        """When work was kept there last."""
        return datetime.fromtimestamp(self.path.stat().st_mtime)

    def read(self) -> Kept:
        """Return what is kept there; OSError or ValueError where that cannot be."""
        with opened(self.path) as file:
            return read_kept(file.read(MAX_BYTES + 1).decode("utf-8"))

    def delete(self) -> None:
        """Delete what is kept there."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)
        self.leave()

    def set_aside(self) -> None:
        """Leave it under another name, under which it is offered no more."""
        with suppress(OSError):
            self.path.replace(self.path.with_suffix(".unreadable"))
        self.leave()

    def leave(self) -> None:
        """Leave it to whoever looks for it next."""
        self._lock.unlock()


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0


def _forget_old() -> None:
    """Delete what nobody has wanted back for KEPT_DAYS; what a window keeps just now is locked."""
    for path in folder().glob("*"):
        place = _Place.locked(path.with_suffix(".json")) if _age(path) > 86_400 * KEPT_DAYS else None
        if place:
            with suppress(OSError):
                path.unlink(missing_ok=True)
            place.leave()

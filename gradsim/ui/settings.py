"""What the window is like at its next start: theme, language, panel, notes, geometry."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import quote, unquote

from PySide6.QtCore import QSettings

from gradsim.schema.errors import FileError, Phrase
from gradsim.schema.ordinary import opened, why
from gradsim.sim.documents.files import in_file
from gradsim.ui.panels.state import CLOSED_AT_FIRST, SHOWN, SUBJECTS
from gradsim.ui.themes import THEMES
from gradsim.words.languages import ENGLISH, languages

MAX_FILE_BYTES = 2**16

_TRUTH = {"true": True, "false": False}


@dataclass(frozen=True)
class Settings:
    """As the window was left, or as it is at its first start."""

    theme: str = "light"
    language: str = ENGLISH
    panel: bool = True
    geometry: bytes = b""
    """As Qt saves it; empty where there is none."""
    ask: bool = True
    """Whether closing asks about changes that are in no file."""
    more: bool = False
    """Whether the panel shows the settings that are usually left as they are."""
    closed: frozenset[str] = CLOSED_AT_FIRST
    """The sections of the panel that are closed."""
    notes: bool = True
    """Whether a lesson's notes are shown where there is room for them beside the pictures."""
    still: bool = False
    """Whether pictures that need not move stay still, whatever the system asks for."""
    asks_first: bool = False
    """Whether each lesson that has a question for the class asks it before its pictures are shown."""
    seen: frozenset[str] = frozenset()
    """The ids of the lessons that have been seen."""
    picture: str = ""
    """How the last picture was, as a line; empty for as at first."""
    started: bool = False
    """Whether the first steps have been shown."""


_FLAGS = tuple(field.name for field in fields(Settings) if isinstance(field.default, bool))


def load() -> Settings:
    """Return what was saved; what is missing, damaged or unknown is as at the first start."""
    first = Settings()
    if not _is_plain(file_of_settings()):
        return first
    file = _file()
    saved = {field.name: str(file.value(field.name, "")) for field in fields(Settings)}
    flags = {name: _TRUTH.get(saved[name], getattr(first, name)) for name in _FLAGS}
    return Settings(
        theme=saved["theme"] if saved["theme"] in THEMES else first.theme,
        language=saved["language"] if saved["language"] in languages() else first.language,
        geometry=_bytes(saved["geometry"]),
        closed=_closed(saved["closed"]),
        picture=_line(saved["picture"]),
        seen=frozenset(map(unquote, saved["seen"].split())),
        **flags,
    )


def save(settings: Settings) -> None:
    """Keep the settings for the next start; where they cannot be written, it is as this one was."""
    path = file_of_settings()
    if not _is_plain(path):
        with suppress(OSError):
            path.unlink()
        if not _is_plain(path):
            return
    file = _file()
    file.clear()  # of what is in it besides, Qt might write a value with an @
    file.setValue("theme", settings.theme)
    file.setValue("language", settings.language)
    file.setValue("geometry", settings.geometry.hex())
    file.setValue("closed", " ".join(["sections", *sorted(settings.closed)]))
    file.setValue("picture", settings.picture)
    file.setValue("seen", " ".join(sorted(quote(name, safe="") for name in settings.seen)))
    for name in _FLAGS:
        file.setValue(name, str(getattr(settings, name)).lower())
    file.sync()


def reset() -> None:
    """Let the next start be like the first; FileError where that cannot be."""
    for path in (file_of_settings(), file_of_settings().with_name(RECENT)):
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise FileError(in_file(path, Phrase("cannot be deleted: {why}", why=why(error)))) from None


def file_of_settings() -> Path:
    """Return where the settings are kept; the platform says where."""
    # Qt reads a file as soon as it is asked for it, and would wait for a pipe: it is asked for another one.
    return Path(_settings("none").fileName()).with_name(f"{_NAME}.ini")


_NAME = "gradsim"
RECENT = "recent.json"
"""The list of recent files, beside the settings."""


def _file() -> QSettings:
    return _settings(_NAME)


def _settings(name: str) -> QSettings:
    file = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "gradsim", name)
    file.setFallbacksEnabled(False)
    return file


def _is_plain(path: Path) -> bool:
    """Tell whether Qt may read a file: it makes objects of values with an @, for which PySide unpickles."""
    try:
        with opened(path) as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return len(content) <= MAX_FILE_BYTES and b"@" not in content


def _closed(text: str) -> frozenset[str]:
    """Return the sections that a text names; those closed at first where it says nothing of sections."""
    words = text.split()
    return frozenset(words[1:]) & {*SUBJECTS, SHOWN} if words[:1] == ["sections"] else CLOSED_AT_FIRST


def _line(text: str) -> str:
    """Return a text that Qt writes as it is; "" for one that it would write with an @, which no start would read."""
    return text if text.isprintable() and "@" not in text else ""


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""

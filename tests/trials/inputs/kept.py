"""What the program keeps for itself: settings, recent files, unsaved work."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from unittest.mock import MagicMock

from PySide6.QtCore import QSettings

from gradsim.schema.parameters import ParameterError
from gradsim.sim.documents.document import parse
from gradsim.sim.documents.drafts import History
from gradsim.sim.documents.kept import Kept, Writer, read_kept
from gradsim.ui import recent, settings
from gradsim.ui.app import application
from gradsim.ui.saving import Saving
from gradsim.words.languages import ENGLISH
from tests.trials.inputs.mutations import mutated

INI = (
    b"[General]\nask=true\nclosed=sections data\ngeometry=01d9d0cb\nlanguage=zh_CN\nmore=false\nnotes=true\n"
    b"panel=true\n"
    b"picture=theme light\nseen=vanishing chain\nstarted=true\nstill=false\ntheme=dark\nasks_first=false\n"
)
INI_VALUES = (
    b"@Variant(\\0)",
    b"@ByteArray(x)",
    b"@Invalid()",
    b"\\x1\\x2",
    b"a, b, c",
    b"%7B",
    b"\xff",
    b'"',
    b";",
    b"[",
)


def damaged_settings(chance: random.Random) -> bytes:
    """Return a file of settings, damaged."""
    content = INI
    if chance.random() < 0.5:
        name = chance.choice(INI.split(b"\n")[1:-1]).partition(b"=")[0]
        content += name + b"=" + chance.choice(INI_VALUES) + b"\n"
    return mutated(content, chance)


def use_settings(content: bytes, folder: Path) -> None:
    """Start with it, and keep what was read: the next start is like this one."""
    with _settings_in(folder):
        path = settings.file_of_settings()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        found = settings.load()
        settings.save(found)
        assert settings.load() == found, (found, settings.load())


def damaged_recent(chance: random.Random) -> bytes:
    """Return a list of recent files, damaged."""
    listed = [f"/tmp/{name}.toml" for name in ("a", "b b", "ü", "x" * 300, "n\nl")]
    odd = chance.choice(([], [3], [None], {"a": 1}, [["a"]], ["\0"], [""], ["\ud800"], "text", 3, listed * 1000))
    return mutated(json.dumps(chance.choice((listed, odd))).encode(), chance)


def use_recent(content: bytes, folder: Path) -> None:
    """List the recent files as the menu does, and note another one."""
    with _settings_in(folder):
        recent.file().parent.mkdir(parents=True, exist_ok=True)
        recent.file().write_bytes(content)
        for choice in Saving.choices(MagicMock()):
            assert all(item.text.isprintable() for item in choice.items)
        recent.note(folder / "new.toml")
        assert recent.paths()[0] == folder / "new.toml"


@contextmanager
def _settings_in(folder: Path) -> Iterator[None]:
    """Have the settings in a folder; in the tests, where they are afterwards is theirs to say."""
    application()
    before = Path(settings._settings("none").fileName()).parents[1]
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder))
    try:
        yield
    finally:
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(before))


@cache
def unsaved() -> bytes:
    """Return what is kept of unsaved work."""
    document = parse('steps = 3\ndata = "xor"\n[[runs]]\nlabel = "A"\nbatch_size = 8\n', "unsaved")
    history = History.of(document)
    for table in ({"steps": 5}, {"steps": -1}, {"seed": 7}):
        history = history.edited({**history.draft.table, **table})
    return Writer().text(Kept(history, {0: Path("/tmp/a.toml")})).encode()


def damaged_unsaved(chance: random.Random) -> bytes:
    """Return unsaved work as it was kept, damaged."""
    content = unsaved()
    if chance.random() < 0.4:
        table = json.loads(content)
        name = chance.choice(list(table))
        table[name] = chance.choice(
            (None, 3, -1, [], [[]], {}, "x", [None], {"0": 3}, [[3, 4]], [{"document": [0]}], 10**30)
        )
        content = json.dumps(table).encode()
    return mutated(content, chance) if chance.random() < 0.7 else content


def use_unsaved(content: bytes, folder: Path) -> None:
    """Read it, walk through all of it, and keep it again."""
    try:
        kept = read_kept(content.decode("utf-8"))
    except ValueError:
        raise ParameterError("", "it is set aside, and the log says why") from None
    history = kept.history
    for draft in history.drafts:
        assert draft.refusal is None or draft.refusal.problem
        draft.document.experiment.names(ENGLISH)
    assert read_kept(Writer().text(kept)).history.draft.table == history.draft.table

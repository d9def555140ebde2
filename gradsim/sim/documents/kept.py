"""A history of drafts as text, and made again from it: what is kept of work that is in no file yet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gradsim.schema.errors import FileError
from gradsim.schema.parameters import ParameterError
from gradsim.sim.documents.document import Document, dump, parse
from gradsim.sim.documents.drafts import Draft, History
from gradsim.sim.documents.lessons import read_file

FORMAT = 1
MAX_BYTES = 2**24
"""The largest text; of a longer history the older half is left out."""

Known = dict[tuple[int, int], tuple[Document, str]]
"""Documents with their texts, by the identities of experiment and lesson."""


@dataclass(frozen=True)
class Kept:
    """What is kept: a history, and the file of each opening that has one."""

    history: History
    paths: Mapping[int, Path] = field(default_factory=dict)


class Writer:
    """Writes histories as text; what it has written of an experiment before is not turned into text again."""

    def __init__(self) -> None:
        self._known: Known = {}

    def text(self, kept: Kept) -> str:
        """Return the text, of at most MAX_BYTES."""
        text = self._page(kept)
        history = kept.history
        while len(text) > MAX_BYTES and history.position > 0:
            half = (history.position + 1) // 2
            history = replace(history, drafts=history.drafts[half:], position=history.position - half)
            text = self._page(replace(kept, history=history))
        return text

    def _page(self, kept: Kept) -> str:
        page = _Page(self._known)
        text = page.of(kept)
        self._known = page.used
        return text


class _Page:
    """One text being written: each part of it stands there once, and is named by its number."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._numbers: dict[str, int] = {}
        self.used: Known = {}
        """What is in it."""

    def of(self, kept: Kept) -> str:
        """Return the text of what is kept."""
        history = kept.history
        table = {
            "format": FORMAT,
            "position": history.position,
            "drafts": [self._draft(draft) for draft in history.drafts],
            "held": [[path and str(path), self._document(document)] for path, document in history.held],
            "paths": {str(opening): str(path) for opening, path in kept.paths.items()},
        }
        return json.dumps({**table, "texts": list(self._numbers)})

    def _draft(self, draft: Draft) -> dict[str, Any]:
        found = {"document": self._document(draft.document), "opening": draft.opening}
        return {**found, "table": draft.table} if draft.refusal else found

    def _document(self, document: Document) -> list[int]:
        """Return the numbers of a document's text, or of its lesson's and of the experiment in its place."""
        if document.taught is None:
            return [self._number(document)]
        return [self._number(document.as_taught), self._number(Document(document.experiment))]

    def _number(self, document: Document) -> int:
        """Return the number of a document's text."""
        key = id(document.experiment), id(document.lesson)
        known = self.used.get(key) or self._known.get(key)
        # Another one may have been given the identity of one that is gone.
        if known is None or known[0].experiment is not document.experiment or known[0].lesson is not document.lesson:
            known = document, dump(document)
        self.used[key] = known
        return self._numbers.setdefault(known[1], len(self._numbers))


def read_kept(text: str) -> Kept:
    """Return what a text of :class:`Writer` says.

    Raises
    ------
    ValueError
        For a text that says nothing of the kind, or that another version of the program has written.
    """
    try:
        table = json.loads(text)
        if table["format"] != FORMAT:
            raise ValueError("the format is another one")
        documents = _Documents(table["texts"])
        drafts = tuple(_draft(each, documents) for each in table["drafts"])
        held = [(name and Path(name), documents(numbers)) for name, numbers in table["held"]]
        history = History(drafts, table["position"], held=tuple(each for each in held if _is_held(*each)))
        if not 0 <= history.position < len(drafts):
            raise ValueError("there is no such draft")
        return Kept(history, {int(opening): Path(path) for opening, path in table["paths"].items()})
    except (KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(str(error)) from None


class _Documents:
    def __init__(self, texts: list[str]) -> None:
        self._parsed = [parse(text, "kept") for text in texts]

    def __call__(self, numbers: list[int]) -> Document:
        document, *changed = (self._parsed[number] for number in numbers)
        return document.with_experiment(changed[0].experiment) if changed else document


def _draft(table: Mapping[str, Any], documents: _Documents) -> Draft:
    draft = Draft.of(documents(table["document"]), table["opening"])
    return draft.with_table(table["table"]) if "table" in table else draft


def _is_held(path: Path | None, document: Document) -> bool:
    """Tell whether a file still says what it said; a lesson does."""
    try:
        return path is None or read_file(path) == document
    except (FileError, ParameterError):
        return False

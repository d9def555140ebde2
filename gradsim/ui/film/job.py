"""A film that a window asks for, as text: the process that makes it is told this on its input."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gradsim.schema.parameters import decode, encode
from gradsim.sim.documents.document import Document, dump, parse
from gradsim.ui.film.plan import Plan
from gradsim.ui.views.catalogue import VIEWS
from gradsim.ui.views.common.options import ViewOptions


@dataclass(frozen=True)
class Job:
    """What is to be filmed, how, and where it goes.

    Attributes
    ----------
    views
        The keys of those that are in the picture.
    of_views
        The options of views, by their keys.
    states
        How a viewer has them shown, as :func:`states_as_text` has it.
    work
        The file that is written, which the window puts in the place of `out` when it is whole.
    """

    document: Document
    theme: str
    language: str
    size: tuple[int, int]
    views: tuple[str, ...]
    of_views: Mapping[str, ViewOptions]
    states: Mapping[str, str]
    plan: Plan
    work: Path
    out: Path

    def to_text(self) -> str:
        """Return it as JSON."""
        plain = {name: getattr(self, name) for name in ("theme", "language", "size", "views", "states")}
        taught = self.document.taught
        return json.dumps(
            plain
            | {
                "document": dump(self.document),
                "taught": dump(Document(taught)) if taught else None,
                "of_views": {key: encode(options) for key, options in self.of_views.items()},
                "plan": self.plan.table(),
                "work": str(self.work),
                "out": str(self.out),
            }
        )

    @classmethod
    def from_text(cls, text: str) -> Job:
        """Return the job of :meth:`to_text`."""
        told: dict[str, Any] = json.loads(text)
        document = parse(told["document"], "film")
        if told["taught"]:
            document = replace(document, taught=parse(told["taught"], "film").experiment)
        return cls(
            document,
            told["theme"],
            told["language"],
            tuple(told["size"]),
            tuple(told["views"]),
            {key: decode(VIEWS[key].options_type, table) for key, table in told["of_views"].items()},
            told["states"],
            Plan(**told["plan"]),
            Path(told["work"]),
            Path(told["out"]),
        )

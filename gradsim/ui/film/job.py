"""A film that a window asks for, as text: the process that makes it is told this on its input."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gradsim.schema.parameters import decode, encode
from gradsim.sim.documents.document import Document, dump, parse
from gradsim.ui.export import Picture
from gradsim.ui.film.plan import Plan
from gradsim.ui.views.catalogue import VIEWS


@dataclass(frozen=True)
class Job:
    """What is to be filmed, how, and where it goes.

    Attributes
    ----------
    work
        The file that is written, which the window puts in the place of `out` when it is whole.
    """

    document: Document
    picture: Picture
    plan: Plan
    work: Path
    out: Path

    def to_text(self) -> str:
        """Return it as JSON."""
        picture = self.picture
        return json.dumps(
            {
                "document": dump(self.document),
                "taught": dump(Document(self.document.taught)) if self.document.taught else None,
                "views": picture.views,
                "of_views": {key: encode(options) for key, options in picture.of_views.items()},
                "look": [picture.theme, picture.language, *picture.size, picture.scale],
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
        theme, language, width, height, scale = told["look"]
        of_views = {key: decode(VIEWS[key].options_type, table) for key, table in told["of_views"].items()}
        views = tuple(told["views"])
        picture = Picture(theme, language, (width, height), scale, views=views, of_views=of_views)
        return cls(document, picture, Plan(**told["plan"]), Path(told["work"]), Path(told["out"]))

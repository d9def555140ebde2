"""The views that a lesson names, as a parameter of a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gradsim.schema.errors import Phrase
from gradsim.schema.parameters import Parameter, ParameterError, Text

KEY = Text("View", least=1, most=40)


@dataclass(frozen=True)
class ViewChoice:
    """A view by its key, and the options it is to have as plain values; which there are, the user interface knows."""

    key: str
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, kw_only=True)
class ViewChoiceOf(Parameter):
    """A view: ``"loss"``, or with options ``{ view = "loss", over = "samples" }``."""

    def parse(self, value: object) -> ViewChoice:
        if isinstance(value, str):
            return ViewChoice(KEY.parse(value))
        if not isinstance(value, Mapping) or "view" not in value:
            raise self._refuse(value)
        try:
            key = KEY.parse(value["view"])
        except ParameterError as error:
            raise error.below("view") from None
        return ViewChoice(key, {name: option for name, option in value.items() if name != "view"})

    def plain(self, value: ViewChoice) -> str | dict[str, Any]:
        return {"view": value.key, **value.options} if value.options else value.key

    @property
    def allowed(self) -> str:
        return Phrase("a view's name, or a table of it as 'view' and of its options")

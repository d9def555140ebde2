"""The options of the views on screen: one place that keys, menu and form read and change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal

from gradsim.schema.parameters import Parameter, parameters
from gradsim.sim.documents.document import Document
from gradsim.ui.views.catalogue import VIEWS, options_at_first
from gradsim.ui.views.common.options import ViewOptions, listed, options_of, with_option


class ShownOptions(QObject):
    """What is chosen for every view, and which options the views on screen have."""

    chosen = Signal()
    """Another value was chosen: views are to be built with it."""
    changed = Signal()
    """There are other options on screen, or other values of them."""

    def __init__(self) -> None:
        super().__init__()
        self._of_views: Mapping[str, ViewOptions] = {}
        self._on_screen: tuple[str, ...] = ()

    def open(self, document: Document) -> None:
        """Begin with the options of a document, of which no view is on screen yet."""
        self._of_views = options_at_first(document)
        self.show(())

    @property
    def of_views(self) -> Mapping[str, ViewOptions]:
        """The options of every view."""
        return self._of_views

    def restore(self, of_views: Mapping[str, ViewOptions]) -> None:
        """Take the options that :attr:`of_views` gave of these views."""
        self._of_views = {**self._of_views, **of_views}
        self.changed.emit()

    def show(self, views: Sequence[str]) -> None:
        """Take note of which views are on screen, with the options they have now."""
        self._on_screen = tuple(views)
        self.changed.emit()

    def of(self, view: str) -> ViewOptions:
        """Return the options of a view."""
        return self._of_views[view]

    def on_screen(self) -> dict[str, Parameter]:
        """Return the options that views on screen have, by name."""
        return options_of(VIEWS[view].options_type for view in self._on_screen)

    def value(self, name: str) -> Any:
        """Return the value of an option: that of the first view on screen, or else of any view, that has it."""
        views = [*self._on_screen, *self._of_views]
        return next(getattr(self.of(v), name) for v in views if name in parameters(VIEWS[v].options_type))

    def choose(self, name: str, value: Any) -> None:
        """Give an option this value in all views that have it."""
        options = with_option(self._of_views, name, value)
        if options != self._of_views:
            self._of_views = options
            self.chosen.emit()

    def choose_next(self, name: str) -> None:
        """Give an option the next of its values, if a view on screen has it."""
        values = listed(self.on_screen()[name]) if name in self.on_screen() else ()
        if values:
            self.choose(name, values[(values.index(self.value(name)) + 1) % len(values)])

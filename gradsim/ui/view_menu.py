"""The View menu: each view alone, and what there is to choose for the views."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from gradsim.schema.parameters import Choice, Parameter
from gradsim.sim.documents.document import Document
from gradsim.ui.menus import Choices, Item
from gradsim.ui.shown_options import ShownOptions
from gradsim.ui.views.catalogue import VIEWS, applying, of_kind, refusals, views_of
from gradsim.ui.views.common.options import label_of, listed, options_of

ALONE = 4
"""How many views have a key that shows them alone."""


class ViewMenu:
    """What the View menu offers for a document.

    Parameters
    ----------
    options
        What is chosen for the views.
    show
        Shows views and no others.
    choose
        Gives an option of views a value.
    translate
        Puts a text into the language of the window.
    """

    def __init__(
        self,
        options: ShownOptions,
        show: Callable[[tuple[str, ...]], object],
        choose: Callable[[str, Any], object],
        translate: Callable[[str], str],
    ) -> None:
        self._options, self._show, self._choose, self._tr = options, show, choose, translate

    def choices(self, document: Document, shown: tuple[str, ...]) -> list[Choices]:
        """Return the views of a document, and a menu for each option of those that are shown or could be."""
        options = options_for(document, shown, views_of(document, "light"))
        below = [
            Choices(self._tr(parameter.label), self._values(name, parameter, values))
            for name, parameter in options.items()
            if (values := listed(parameter))
        ]
        return [Choices("", self._views(document, shown)), *below]

    def _views(self, document: Document, shown: tuple[str, ...]) -> list[Item]:
        """Return each view of the document's kind, alone; those of the document have keys.

        One that does not apply cannot be chosen, and its note says why.
        """
        first, experiment = views_of(document, "light"), document.experiment
        views = [*first, *(key for key in of_kind(experiment.kind) if key not in first)]
        keys = {view: str(i + 1) for i, view in enumerate(first[:ALONE])}
        reasons = refusals(views, experiment)
        return [
            Item(
                self._tr(VIEWS[view].title),
                partial(self._show, (view,)),
                shown == (view,),
                keys.get(view, ""),
                reasons[view].told(self._tr) if view in reasons else "",
                view not in reasons,
            )
            for view in views
        ]

    def _values(self, name: str, parameter: Parameter, values: Sequence[Any]) -> list[Item]:
        """Return the values of an option as the items of a menu."""
        now = self._options.value(name)
        return [
            Item(
                self._tr(label_of(parameter, value)),
                partial(self._choose, name, value),
                value == now,
                note=self._tr(parameter.note_on(value)) if isinstance(parameter, Choice) else "",
            )
            for value in values
        ]


def options_for(document: Document, *views: Sequence[str]) -> dict[str, Parameter]:
    """Return the options of those of the views that apply to a document, by name."""
    experiment = document.experiment
    return options_of(VIEWS[key].options_type for some in views for key in applying(some, experiment))

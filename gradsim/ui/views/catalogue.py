"""The views there are, found by themselves: each class with a key in a package beside this file."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable, Iterator
from dataclasses import fields
from functools import partial
from importlib import import_module
from typing import TypeGuard

from gradsim.schema.errors import Given, Phrase, unknown_name
from gradsim.schema.parameters import Choice, ParameterError, decode, parameters
from gradsim.sim.documents.document import Document
from gradsim.sim.documents.lesson import SHARED_OPTIONS, Lesson
from gradsim.sim.kinds import Experiment, kind_of, kinds
from gradsim.ui import views
from gradsim.ui.views.common.options import ViewOptions, options_of
from gradsim.ui.views.common.view import View


def found_views() -> dict[str, type[View]]:
    """Return all views by key, in the order of menus.

    Raises
    ------
    ValueError
        For a key that two views have, an option that views of one kind declare differently, or an axis that the
        kind does not have.
    """
    found = sorted(set(_view_classes()), key=lambda view: (view.kind, view.order, view.key))
    by_key = {view.key: view for view in found}
    if len(by_key) < len(found):
        raise ValueError(f"a view is registered twice: {', '.join(view.key for view in found)}")
    declared = {
        kind: options_of(view.options_type for view in found if view.kind == kind)
        for kind in {view.kind for view in found}
    }
    for view in found:
        _check_x_axes(view)
        alike = declared[view.kind]
        for name, parameter in parameters(view.options_type).items():
            if parameter != alike[name]:
                raise ValueError(f"view {view.key!r}: another one declares its option {name!r} differently")
    return by_key


def _check_x_axes(view: type[View]) -> None:
    over = parameters(view.options_type).get("over")
    others = set(over.choices) - set(kinds()[view.kind].x_axes) if isinstance(over, Choice) else set()
    if others:
        raise ValueError(f"view {view.key!r}: its kind has no axis {', '.join(sorted(others))}; see Kind.x_axes")


def _view_classes() -> Iterator[type[View]]:
    for package in pkgutil.iter_modules(views.__path__, f"{views.__name__}."):
        if package.ispkg:
            for info in pkgutil.iter_modules(import_module(package.name).__path__, f"{package.name}."):
                yield from filter(_is_view, vars(import_module(info.name)).values())


def _is_view(found: object) -> TypeGuard[type[View]]:
    """Tell a view from what a module imports; a class without a key is what several views have in common."""
    return isinstance(found, type) and issubclass(found, View) and "key" in vars(found)


VIEWS = found_views()


def of_kind(kind: str) -> dict[str, type[View]]:
    """Return the views of a kind of experiment by key."""
    return {key: view for key, view in VIEWS.items() if view.kind == kind}


def applying(keys: Iterable[str], experiment: Experiment) -> list[str]:
    """Return those of the views that apply to the experiment; where none does, those of the usual ones that do.

    In place of one that does not, the one that it swaps with is shown, where that does.
    """
    usual = kind_of(experiment).usual_views(experiment)
    wanted, others = (
        [key for key in dict.fromkeys(map(partial(stand_in, experiment=experiment), some))
         if VIEWS[key].refusal(experiment) is None]
        for some in (keys, usual)
    )  # fmt: skip
    return wanted or others


def stand_in(key: str, experiment: Experiment) -> str:
    """Return the view shown where this one is asked for: the one that it swaps with, if that alone applies."""
    other = VIEWS[key].swaps_with
    if not other or VIEWS[key].refusal(experiment) is None or VIEWS[other].refusal(experiment) is not None:
        return key
    return other


def refusals(keys: Iterable[str], experiment: Experiment) -> dict[str, Phrase]:
    """Return those of the views that do not apply to the experiment, each with the clause that says why."""
    found = {key: VIEWS[key].refusal(experiment) for key in keys}
    return {key: reason for key, reason in found.items() if reason is not None}


def views_of(document: Document, theme: str) -> tuple[str, ...]:
    """Return the views that a document opens with: its lesson's, and on a projector those that carry the claim."""
    lesson, kind = document.lesson, kind_of(document.experiment)
    wanted = [choice.key for choice in lesson.views if choice.key in VIEWS] if lesson else []
    suited = kind.suited_views(document.taught, document.experiment) if _same_kind(document) else ()
    if suited:
        return tuple(suited) if theme != "projector" else tuple(suited[:1])
    if theme != "projector":
        return tuple(wanted or kind.usual_views(document.experiment))
    if lesson and wanted:
        return lesson.projector or tuple(wanted[:1])
    return tuple(kind.projected_views(document.experiment))


def _same_kind(document: Document) -> bool:
    """Tell whether the document is a changed lesson whose experiment is still of the lesson's kind."""
    return document.taught is not None and document.taught.kind == document.experiment.kind


# Options


def options_at_first(document: Document) -> dict[str, ViewOptions]:
    """Return the options with which each view of the document's kind opens, as :func:`check_views` allows them."""
    own = {choice.key: choice.options for choice in document.lesson.views} if document.lesson else {}
    shared = _shared_options(document.lesson)
    found = {}
    for key, view in of_kind(document.experiment.kind).items():
        known = parameters(view.options_type)
        for_all = {name: value for name, value in shared.items() if name in known}
        found[key] = decode(view.options_type, {**for_all, **own.get(key, {})})
    return found


def _shared_options(lesson: Lesson | None) -> dict[str, str]:
    """Return the options that a lesson sets for all views that have them."""
    if lesson is None:
        return {}
    usual = {field.name: field.default for field in fields(Lesson)}
    given = {name: getattr(lesson, name) for name in SHARED_OPTIONS}
    return {name: value for name, value in given.items() if value != usual[name]}


def check_views(document: Document) -> None:
    """Refuse views, options and values that a lesson names and that there are not; ParameterError says which are."""
    lesson, known = document.lesson, of_kind(document.experiment.kind)
    if lesson is None:
        return
    keys = [choice.key for choice in lesson.views]
    for i, choice in enumerate(lesson.views):
        path = f"lesson.views[{i}]"
        if choice.key not in known:
            raise ParameterError(f"{path}.view" if choice.options else path, unknown_name(choice.key, known))
        if choice.key in keys[:i]:
            raise ParameterError(path, Phrase("{name} is named twice", name=Given(choice.key)))
        decode(known[choice.key].options_type, choice.options, path)
    declared = options_of(view.options_type for view in known.values())
    for name, value in _shared_options(lesson).items():
        if name not in declared:
            template = "{value} is given, but no view of the kind {kind} has it"
            kind = Given(document.experiment.kind)
            raise ParameterError(f"lesson.{name}", Phrase(template, value=Given(value), kind=kind))
        try:
            declared[name].parse(value)
        except ParameterError as error:
            raise error.below(f"lesson.{name}") from None

"""Editors of every kind survive any value, shown or edited, and lead back to one that is allowed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QComboBox, QLineEdit, QSlider

from gradsim.engine.data.user_points import Dots
from gradsim.engine.nn.given import GivenNumbers
from gradsim.schema.parameters import (
    Choice,
    EntryOf,
    Integer,
    Integers,
    NestedNumbers,
    Number,
    Numbers,
    Parameter,
    Text,
    parameters,
)
from gradsim.sim.kinds import kinds
from gradsim.sim.run.changes import ChangesOf
from gradsim.ui.app import application
from gradsim.ui.panels.editors import MIXED, Edit, Editor, editor_for
from gradsim.ui.panels.form import merged
from gradsim.ui.theme import Look, Metrics
from gradsim.ui.themes import THEMES


def declared() -> Iterator[Parameter]:
    """Yield every setting of experiments, runs and entries."""
    for kind in kinds().values():
        for cls in (kind.experiment, kind.run):
            for parameter in parameters(cls).values():
                yield parameter
                if isinstance(parameter, EntryOf):
                    for entry in parameter.registry.values():
                        yield from parameters(entry).values()


EDITED: tuple[type[Parameter], ...] = (Number, Integer, Integers, Numbers, NestedNumbers, Choice, EntryOf, Text)
"""The kinds of parameters that there are editors for."""
ALL = [parameter for parameter in declared() if not isinstance(parameter, ChangesOf)]
BY_KIND = {kind: [p for p in ALL if isinstance(p, kind)] for kind in EDITED}
ENTRIES = [p for p in ALL if isinstance(p, EntryOf)]
WITH_SETTINGS = [p for p in ENTRIES if any(map(parameters, p.registry.values()))]
NAMES = sorted({key for p in ENTRIES for key in p.registry})
KEYS = sorted({key for p in ENTRIES for entry in p.registry.values() for key in parameters(entry)})

numbers = st.one_of(
    st.integers(), st.sampled_from([10**19, -(10**400), 10**4000]), st.floats(), st.floats(1e300, 1.7e308)
)
texts = st.one_of(st.text(max_size=20), st.sampled_from(["\n", " 8 ", "\ud800", "8" * 4000, "all", "<b>", *NAMES]))
plain = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(["name", *KEYS]), inner, max_size=4),
        st.builds(lambda name: {"name": name}, st.sampled_from(NAMES)),
    ),
    max_leaves=8,
)
tables = st.builds(
    lambda name, table: table | {"name": name},
    st.sampled_from(NAMES),
    st.dictionaries(st.sampled_from(KEYS), plain, max_size=6),
)
anything = st.one_of(plain, tables)


def look() -> Look:
    application()
    theme = THEMES["light"]
    return Look(theme, Metrics.fit(theme, QSize(1440, 864), "en"), "en")


def good_text(parameter: Parameter) -> str:
    """Return what a user types for a value that is allowed."""
    match parameter:
        case Integers():
            return f"2 × {parameter.low}"
        case Numbers():
            return ", ".join([repr(parameter.low)] * parameter.least)
        case NestedNumbers():
            return json.dumps([[parameter.low], [parameter.high]])
        case Number() | Integer():
            return str(parameter.low)
        case GivenNumbers():
            return "w2[1,3] = -0.5; b1[2] = 4"
        case Text():
            return "a" * max(1, parameter.least)
    raise AssertionError(parameter)


class Hand:
    """What a user does to an editor that shows a value, and what becomes of the value of a run."""

    def __init__(self, parameter: Parameter, shown: Any, own: Any) -> None:
        self.parameter, self.value = parameter, own
        self.editor = editor_for(parameter, look())
        self.edits: list[Edit] = []
        self.editor.edited.connect(self.edits.append)
        self.editor.show_value(shown)
        assert self.edits == []

    def leave(self) -> None:
        """End the editing of each field without a change of its text."""
        for field in self.editor.findChildren(QLineEdit):
            field.editingFinished.emit()
        assert self.edits == []

    def do(self, action: Callable[[], object]) -> Any:
        """Return the value that comes of an action, which the editor shows from then on."""
        self.edits.clear()
        action()
        for edit in self.edits:
            self.value = edit(self.value)
        self.editor.show_value(self.value)
        return self.value

    def type_text(self, editor: Editor, text: str, field: int = 0) -> Any:
        line = editor.findChildren(QLineEdit)[field]

        def typed() -> None:
            line.setText(text)
            line.editingFinished.emit()

        return self.do(typed)

    def slide(self, editor: Editor, slider: int = 0) -> Any:
        handle = editor.findChildren(QSlider)[slider]
        for ticks in (0, 1000, 500):
            self.do(lambda ticks=ticks: handle.setValue(ticks))  # type: ignore[misc]
        return self.value

    def inside(self, key: str) -> Editor:
        [found] = [e for e in self.editor.findChildren(Editor) if e.property("key") == key and not e.isHidden()]
        return found


def test_every_kind_of_parameter_is_tried() -> None:
    assert all(BY_KIND.values())
    assert all(isinstance(parameter, (*EDITED, Dots)) for parameter in ALL)


fuzzed = settings(max_examples=80, deadline=None)


@pytest.mark.parametrize("kind", [Number, Integer, Numbers, NestedNumbers, Text, Integers])
@fuzzed
@given(data=st.data())
def test_a_field_is_mended_by_typing(kind: type[Parameter], data: st.DataObject) -> None:
    parameter = data.draw(st.sampled_from(BY_KIND[kind]))
    own = data.draw(anything)
    hand = Hand(parameter, data.draw(st.sampled_from([own, MIXED])), own)
    hand.leave()
    for junk in ("", "−1", "9" * 400, "9" * 5000, "[[1, 2", "1e999", "nan", '"\\ud800"', "{}", "-1 × 3"):
        hand.type_text(hand.editor, junk)
    assert parameter.allows(hand.type_text(hand.editor, good_text(parameter)))


@pytest.mark.parametrize("kind", [Number, Integer])
@fuzzed
@given(data=st.data())
def test_a_number_is_mended_by_its_slider(kind: type[Parameter], data: st.DataObject) -> None:
    parameter, own = data.draw(st.sampled_from(BY_KIND[kind])), data.draw(anything)
    hand = Hand(parameter, data.draw(st.sampled_from([own, MIXED])), own)
    assert parameter.allows(hand.slide(hand.editor))


@fuzzed
@given(own=anything, mixed=st.booleans(), count=st.sampled_from(["-1", "9" * 400, "x", "3"]), slid=st.booleans())
def test_layers_are_mended_by_how_many_and_how_wide(own: Any, mixed: bool, count: str, slid: bool) -> None:
    [parameter] = BY_KIND[Integers]
    hand = Hand(parameter, MIXED if mixed else own, own)
    hand.type_text(hand.editor, count, field=0)
    hand.type_text(hand.editor, "3", field=0)
    value = hand.slide(hand.editor, slider=1) if slid else hand.type_text(hand.editor, "16", field=1)
    assert parameter.allows(value)
    assert value
    assert len(value) == 3


@fuzzed
@given(data=st.data())
def test_a_choice_is_mended_by_choosing(data: st.DataObject) -> None:
    parameter = data.draw(st.sampled_from([*BY_KIND[Choice], *BY_KIND[EntryOf]]))
    own = data.draw(anything)
    hand = Hand(parameter, data.draw(st.sampled_from([own, MIXED])), own)
    hand.leave()
    combo = hand.editor.findChildren(QComboBox)[0]
    for index in data.draw(st.lists(st.integers(0, combo.count() - 1), min_size=1, max_size=3)):
        assert parameter.allows(hand.do(lambda index=index: combo.activated.emit(index)))  # type: ignore[misc]
        assert combo.currentIndex() == index


@fuzzed
@given(data=st.data())
def test_a_setting_of_an_entry_is_mended_by_its_own_field(data: st.DataObject) -> None:
    parameter = data.draw(st.sampled_from(WITH_SETTINGS))
    assert isinstance(parameter, EntryOf)
    name = data.draw(st.sampled_from([key for key, entry in parameter.registry.items() if parameters(entry)]))
    known = {key: each for key, each in parameters(parameter.registry[name]).items() if not isinstance(each, Dots)}
    table = data.draw(st.fixed_dictionaries(dict.fromkeys(known, anything)))
    others = data.draw(st.sampled_from([table, dict.fromkeys(known, 1)]))
    hand = Hand(parameter, merged([table | {"name": name}, others | {"name": name}]), table | {"name": name})
    hand.editor.more = True
    for key, setting in known.items():
        if isinstance(setting, Choice):
            combo = hand.inside(key).findChildren(QComboBox)[0]
            hand.do(lambda combo=combo: combo.activated.emit(0))  # type: ignore[misc]
        else:
            hand.type_text(hand.inside(key), good_text(setting))
        assert setting.allows(hand.value[key])
    assert hand.value["name"] == name


@fuzzed
@given(own=anything, mixed=st.booleans())
def test_what_is_said_of_painted_points_survives_any_value(own: Any, mixed: bool) -> None:
    [parameter] = [p for p in ALL if isinstance(p, Dots)]
    Hand(parameter, MIXED if mixed else own, own).leave()

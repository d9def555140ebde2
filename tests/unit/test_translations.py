"""Every word that the window can show is in every language, and in the bundled fonts."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

import gradsim
from gradsim.engine.data import DATASETS
from gradsim.engine.data.tables import columnwise, description, rows, text
from gradsim.engine.nn.activations import ACTIVATIONS
from gradsim.engine.nn.initializers import INITIALIZERS
from gradsim.engine.nn.losses import LOSSES
from gradsim.engine.nn.outputs import OUTPUTS
from gradsim.engine.nn.probes import PROBES
from gradsim.engine.optim import OPTIMIZERS
from gradsim.engine.optim.clipping import CLIPS
from gradsim.engine.optim.schedules import SCHEDULES
from gradsim.engine.surfaces import SURFACES
from gradsim.resources import resource
from gradsim.schema import errors, ordinary
from gradsim.schema.parameters import (
    Choice,
    Integer,
    Integers,
    NestedNumbers,
    Number,
    Numbers,
    Parameter,
    parameters,
)
from gradsim.sim.documents.document import TOML_PROBLEMS
from gradsim.sim.documents.drafts import OPENED, RUNS
from gradsim.sim.documents.lessons import lessons
from gradsim.sim.kinds import kinds
from gradsim.sim.kinds.race.spec import SameSurface
from gradsim.sim.run.changes import STEP, ChangesOf
from gradsim.ui.key_list import EVERYWHERE
from gradsim.ui.keys import KEYS
from gradsim.ui.menus import HINTS, MNEMONICS
from gradsim.ui.tables.grid import FACTS, KINDS, ROLES
from gradsim.ui.tables.roles import ROLE_TEXTS
from gradsim.ui.views.catalogue import VIEWS
from gradsim.words.languages import catalogue, languages

REGISTRIES = (ACTIVATIONS, OUTPUTS, LOSSES, INITIALIZERS, OPTIMIZERS, SCHEDULES, CLIPS, DATASETS, SURFACES)
TRANSLATORS = {"tr", "_tr", "translate"}
COMPLETE = ["zh_CN"]
"""Languages in which every text is promised; what others leave out is said in English."""
OTHERS = [language for language in languages() if language != "en"]


def _of_parameter(parameter: Parameter) -> Iterator[str]:
    yield from (parameter.label, parameter.help, parameter.subject)
    if parameter.in_names:
        yield parameter.in_names
    yield from (text for _, text in parameter.called)
    if isinstance(parameter, Choice):
        yield from (*(parameter.labels or parameter.choices), *parameter.notes)
    if isinstance(parameter, ChangesOf):
        yield from _of_parameter(STEP)
    yield parameter.in_header
    if isinstance(parameter, Integer):
        yield from (*parameter.words, parameter.zero)


def _of_code() -> Iterator[str]:
    """Yield each literal that is handed to a translating function, and the verdict's templates."""
    root = Path(gradsim.__file__).parent
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and node.args:
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name in TRANSLATORS:
                    yield from (
                        n.value
                        for n in ast.walk(node.args[0])
                        if isinstance(n, ast.Constant) and isinstance(n.value, str)
                    )


def _phrases() -> Iterator[str]:
    """Yield the templates of what is refused: each literal that a phrase is made from, by itself or by its name."""
    for path in Path(gradsim.__file__).parent.rglob("*.py"):
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            place = (
                {"Phrase": 0, "Said": 1, "Name": 1}.get(getattr(node.func, "id", ""))
                if isinstance(node, ast.Call)
                else None
            )
            if isinstance(node, ast.Call) and place is not None and len(node.args) > place:
                for part in ast.walk(node.args[place]):
                    if isinstance(part, ast.Constant):
                        yield str(part.value)
                    elif isinstance(part, ast.Name):
                        yield from _assigned(tree, part.id)


def _assigned(tree: ast.AST, name: str) -> Iterator[str]:
    """Yield the texts that a name is given in a module, also in a tuple or as values of a table."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            pairs = [(target, node.value)]
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = list(zip(target.elts, node.value.elts, strict=True))
            for left, right in pairs:
                if isinstance(left, ast.Name) and left.id == name:
                    whole = right.values if isinstance(right, ast.Dict) else getattr(right, "elts", [right])
                    yield from (p.value for p in whole if isinstance(p, ast.Constant) and isinstance(p.value, str))


@cache
def _texts() -> frozenset[str]:
    from gradsim.sim.kinds.race import standing
    from gradsim.sim.kinds.train import (
        census,
        costs,
        duel_sentence,
        feature_rates,
        formulas,
        layer_sentences,
        loads,
        noise,
        reach_sentence,
    )
    from gradsim.sim.kinds.train.chain import TEXTS
    from gradsim.ui import first_steps
    from gradsim.ui.film import dialog as film_dialog
    from gradsim.ui.film import mp4
    from gradsim.ui.panels import numbers
    from gradsim.ui.panels.state import SHOWN, SUBJECTS
    from gradsim.ui.plots.map_key import ARROWS, MARKS
    from gradsim.ui.plots.numbers_table import OR_ELSE
    from gradsim.ui.sights import SIGHTS
    from gradsim.ui.views.common import view as words
    from gradsim.ui.views.race import step
    from gradsim.ui.views.train import diagram
    from gradsim.ui.views.train import numbers as output_numbers
    from gradsim.ui.views.train.census import ON, OPEN, WHY_SLOWER
    from gradsim.ui.views.train.costs import HEADINGS, IN_SHORT
    from gradsim.ui.views.train.duel import GradientOverTime, OutputOverTime
    from gradsim.ui.views.train.units_over_time import UnitsOverTime

    found = {entry.label for registry in REGISTRIES for entry in registry.values()}
    found |= {SameSurface.label}
    found |= {entry.short for registry in REGISTRIES for entry in registry.values()}
    for registry in REGISTRIES:
        for entry in registry.values():
            for parameter in parameters(entry).values():
                found |= set(_of_parameter(parameter))
    declaring = [cls for kind in kinds().values() for cls in (kind.experiment, kind.run)]
    for cls in (*declaring, *(view.options_type for view in VIEWS.values())):
        for parameter in parameters(cls).values():
            found |= set(_of_parameter(parameter))
    found |= {key.label for key in KEYS} | {text for view in VIEWS.values() for text in (view.title, view.help)}
    found |= {probe.label for probe in PROBES} | {probe.help for probe in PROBES}
    found |= {
        step.MOVE,
        step.REST,
        *MARKS,
        *TEXTS,
        *census.TEXTS,
        *duel_sentence.TEXTS,
        *output_numbers.TEXTS,
        *diagram.TEXTS,
        OR_ELSE,
        *(
            text
            for curves in (OutputOverTime, GradientOverTime)
            for text in (curves.title, curves.help, *curves.about)
        ),
        OutputOverTime.title_of_several,
        *formulas.TEXTS,
        *ON,
        *OPEN,
        WHY_SLOWER,
        UnitsOverTime.help,
        *loads.TEXTS,
        *reach_sentence.TEXTS,
        *first_steps.TEXTS,
        *film_dialog.TEXTS,
        mp4.MISSING,
        *noise.TEXTS,
        *feature_rates.TEXTS,
        *costs.TEXTS,
        *HEADINGS.values(),
        *IN_SHORT.values(),
        *layer_sentences.SHARES.values(),
        *layer_sentences.IN_SHORT.values(),
        *layer_sentences.NONE.values(),
        *SIGHTS.values(),
        *standing.KINDS.values(),
        *standing.PLACES.values(),
        standing._AT,
        standing.LOWEST,
        standing.HIGHER,
        *ARROWS,
        "Value",
        words.HOW_TO_READ,
        words.MEDIAN_AND_BAND,
        words.MEDIAN_ALONE,
        "hidden",
        "output",
        "Both runs",
        "All runs",
        *ordinary.REASONS.values(),
        ordinary.NOT_ORDINARY,
        *TOML_PROBLEMS,
        OPENED,
        RUNS,
    }
    found |= {numbers.HOW_MANY, numbers.HOW_WIDE, numbers.WIDTH_HELP, SHOWN, *SUBJECTS}
    found |= {*ROLES.values(), *KINDS.values(), *(fact.label for fact in FACTS), *ROLE_TEXTS}
    found |= {*MNEMONICS.values(), *HINTS.values(), *(what for _, what in EVERYWHERE)}
    found |= set(_button_helps()) | {text for text in _phrases() if " " in text or text in ("1 value", "is empty")}
    kinds_of_numbers = (Number, Integer, Integers, NestedNumbers, Numbers)
    found |= {f"{each.kind} from {{low}} to {{high}}" for each in kinds_of_numbers}
    found |= {
        f"{{n}} {noun}{s}"
        for noun in ("step", "layer", "row", "cell", "argument", "line", "input column")
        for s in ("", "s")
    }
    found |= {loss.refusal for loss in LOSSES.values()} | {errors.LARGE}
    found |= {columnwise.NO_TARGET, description.EMPTY, description.INDEX, description.CHOSEN}
    found |= {*text._OTHERS.values(), *text._MARKUP.values()}
    found |= {*rows.NAMES_OF_SEPARATORS, *rows.SEPARATORS}
    found -= {" from {low} to {high}", "and", "{n} "}
    found |= set(_of_code())
    return frozenset(found - {""})


def _button_helps() -> Iterator[str]:
    source = Path(gradsim.__file__).parent / "ui" / "transport.py"
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "_button":
            help_text = node.args[2]
            assert isinstance(help_text, ast.Constant)
            yield str(help_text.value)


@pytest.mark.parametrize("language", COMPLETE)
def test_every_text_is_translated(language: str) -> None:
    assert sorted(_texts() - set(catalogue(language))) == []


@pytest.mark.parametrize("language", OTHERS)
def test_no_translation_is_left_over(language: str) -> None:
    assert sorted(set(catalogue(language)) - _texts()) == []


@pytest.mark.parametrize("language", OTHERS)
def test_placeholders_survive_translation(language: str) -> None:
    """One in which they do not is left out of the catalogue."""
    given = tomllib.loads(resource("translations", f"{language}.toml").read_text(encoding="utf-8"))
    assert catalogue(language) == given


@pytest.mark.parametrize("name", list(lessons()))
def test_lessons_speak_every_complete_language(name: str) -> None:
    lesson = lessons()[name].lesson
    assert lesson is not None
    assert all((lesson.title, lesson.question, lesson.claim))
    for words in filter(None, lesson.words):
        assert set(words.by_language) >= {"en", *COMPLETE}, words


def test_bundled_fonts_hold_every_character() -> None:
    known: set[int] = set()
    for path in resource("fonts").glob("*Regular.otf"):
        known |= set(TTFont(path).getBestCmap())
    texts = [text for pair in catalogue("zh_CN").items() for text in pair]
    for document in lessons().values():
        lesson = document.lesson
        assert lesson is not None
        for words in lesson.words:
            texts += words.by_language.values()
    missing = {character for text in texts for character in text if ord(character) not in known}
    assert missing == set()

"""Every word that the window can show is in every language, and in the bundled fonts."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

import gradsim
from gradsim.engine.data import DATASETS
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
from gradsim.schema.parameters import Choice, Integer, Parameter, parameters
from gradsim.sim.documents.drafts import OPENED, RUNS
from gradsim.sim.documents.lessons import lessons
from gradsim.sim.kinds import kinds
from gradsim.sim.run.changes import STEP, ChangesOf
from gradsim.ui.keys import KEYS
from gradsim.ui.views.catalogue import VIEWS
from gradsim.words.languages import catalogue, languages

REGISTRIES = (ACTIVATIONS, OUTPUTS, LOSSES, INITIALIZERS, OPTIMIZERS, SCHEDULES, CLIPS, DATASETS, SURFACES)
TRANSLATORS = {"tr", "_tr", "translate"}
COMPLETE = ["zh_CN"]
"""Languages in which every text is promised; what others leave out is said in English."""
OTHERS = [language for language in languages() if language != "en"]


def _of_parameter(parameter: Parameter) -> Iterator[str]:
    yield from (parameter.label, parameter.help)
    if parameter.in_names:
        yield parameter.in_names
    if isinstance(parameter, Choice):
        yield from (*(parameter.labels or parameter.choices), *parameter.notes)
    if isinstance(parameter, ChangesOf):
        yield from _of_parameter(STEP)
    if isinstance(parameter, Integer):
        yield from parameter.words


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


def _texts() -> set[str]:
    from gradsim.sim.kinds.race import verdict as race_verdict
    from gradsim.sim.kinds.train import verdict
    from gradsim.ui.panels import editors
    from gradsim.ui.plots.map_key import ARROWS, MARKS
    from gradsim.ui.views.common import view as words
    from gradsim.ui.views.race import step

    found = {entry.label for registry in REGISTRIES for entry in registry.values()}
    for registry in REGISTRIES:
        for entry in registry.values():
            for parameter in parameters(entry).values():
                found |= set(_of_parameter(parameter))
    declaring = [cls for kind in kinds().values() for cls in (kind.experiment, kind.run)]
    for cls in (*declaring, *(view.options_type for view in VIEWS.values())):
        for parameter in parameters(cls).values():
            found |= set(_of_parameter(parameter))
    found |= {key.label for key in KEYS} | {view.title for view in VIEWS.values()}
    found |= {probe.label for probe in PROBES} | {probe.help for probe in PROBES}
    found |= {
        *verdict._DEPTH,
        *verdict._GRADIENT,
        *verdict._SCORE,
        *verdict._LOSS,
        *verdict.SPEEDS,
        *verdict.SIZES,
        verdict._STILL,
        verdict._DIVERGED,
        race_verdict._STANDING,
        race_verdict._LEVEL,
        race_verdict._ALONE,
        race_verdict._AT,
        race_verdict._THERE,
        race_verdict._SHARE,
        race_verdict._REACHED,
        *race_verdict.KINDS.values(),
        *race_verdict.PLACES.values(),
        step.MOVE,
        step.REST,
        *MARKS,
        *ARROWS,
        "Value",
        words.MEDIAN_AND_BAND,
        words.MEDIAN_ALONE,
        words.BAND_IN_SHORT,
        "hidden",
        "output",
        "Both runs",
        "All runs",
        OPENED,
        RUNS,
    }
    found |= {editors.HOW_MANY, editors.HOW_WIDE}
    found |= set(_button_helps())
    found |= set(_of_code())
    return found - {""}


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
    for words in (lesson.title, lesson.question, lesson.claim, *lesson.points):
        assert set(words.by_language) >= {"en", *COMPLETE}
    if lesson.verdict:
        assert set(lesson.verdict.by_language) >= {"en", *COMPLETE}


def test_bundled_fonts_hold_every_character() -> None:
    known: set[int] = set()
    for path in resource("fonts").glob("*Regular.otf"):
        known |= set(TTFont(path).getBestCmap())
    texts = [text for pair in catalogue("zh_CN").items() for text in pair]
    for document in lessons().values():
        lesson = document.lesson
        assert lesson is not None
        for words in (lesson.title, lesson.subtitle, lesson.question, lesson.claim, lesson.verdict, *lesson.points):
            texts += words.by_language.values()
    missing = {character for text in texts for character in text if ord(character) not in known}
    assert missing == set()

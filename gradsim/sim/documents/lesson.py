"""What a lesson says, and what it shows first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gradsim.engine.nn.probes import INDEX, PROBES
from gradsim.schema.errors import quoted, unknown_name
from gradsim.schema.parameters import Choice, Integer, ParameterError, Text, parameters
from gradsim.sim.documents.texts import ListOf, Words, WordsOf
from gradsim.sim.documents.view_choice import KEY, ViewChoice, ViewChoiceOf
from gradsim.sim.kinds import X_AXES, Kind
from gradsim.words.sentences import is_template, names_in

VIEW = ViewChoiceOf("View", help="A view, and options of its own.")
SHARED_OPTIONS = ("over", "probe")
"""Options of views that a lesson may also set for all views at once."""


@dataclass(frozen=True)
class Lesson:
    """What a lesson says, and what it shows first."""

    id: str = Text("Id", help="How the command line calls it.", most=40).field()
    title: Words = WordsOf("Title").field()
    number: int = Integer("Number", help="Its place in the course.", low=0, high=99).field(0)
    subtitle: Words = WordsOf("Subtitle").field(Words())
    question: Words = WordsOf("Question", help="What the class is asked.").field(Words())
    points: tuple[Words, ...] = ListOf("Points", help="What to watch.", item=WordsOf("Point")).field(())
    claim: Words = WordsOf("Claim", help="What the run is to show.").field(Words())
    verdict: Words = WordsOf(
        "Verdict", help="The sentence below the pictures; {names} are measured on the run shown."
    ).field(Words())
    verdict_next: Words = WordsOf(
        "Verdict, further runs", help="What the sentence adds for each run after the first."
    ).field(Words())
    views: tuple[ViewChoice, ...] = ListOf(
        "Views", help="The views it opens with, with options of their own where they are tables.", item=VIEW
    ).field(())
    projector: tuple[str, ...] = ListOf(
        "Views on a projector", help="Those of its views that carry its claim; left out, the first alone.", item=KEY
    ).field(())
    hidden: tuple[str, ...] = ListOf(
        "Hidden controls", help="Settings it does not show.", item=Text("Setting", least=1, most=40)
    ).field(())
    over: str = Choice(
        "Curves over", help="What all views with this option draw curves over at first.", choices=X_AXES
    ).field(X_AXES[0])
    probe: str = Choice(
        "Measured at each layer", help="What all views with this option show at first.", choices=tuple(INDEX)
    ).field(PROBES[0].key)
    picture_step: int = Integer(
        "Picture step", help="The step that export shows; 0 is the last.", low=0, high=10_000_000
    ).field(0)

    def templates(self, language: str) -> tuple[str, ...]:
        """Return the sentence for the first run and for each further one; () where the lesson has none."""
        return (self.verdict(language), self.verdict_next(language)) if self.verdict else ()

    def check(self, kind: Kind[Any, Any]) -> None:
        """Refuse figures, hidden controls and axes that experiments of this kind do not have, and views not its own.

        Raises
        ------
        ParameterError
            With its path below ``lesson``.
        """
        for key, words in (("verdict", self.verdict), ("verdict_next", self.verdict_next)):
            for language, template in words.by_language.items():
                _check_template(template, f"lesson.{key}.{language}", kind)
        settings = [*parameters(kind.experiment), *parameters(kind.run)]
        _check_names("hidden", self.hidden, settings)
        _check_names("projector", self.projector, [choice.key for choice in self.views])
        if self.over not in kind.x_axes:
            raise ParameterError("lesson.over", unknown_name(self.over, kind.x_axes))


def _check_names(key: str, names: Sequence[str], known: Sequence[str]) -> None:
    for i, name in enumerate(names):
        if name not in known:
            raise ParameterError(f"lesson.{key}[{i}]", unknown_name(name, known))


def _check_template(template: str, path: str, kind: Kind[Any, Any]) -> None:
    """Refuse a sentence that asks for figures which a kind does not have, or has a brace around something else."""
    if not is_template(template):
        raise ParameterError(
            path, f"{quoted(template)} has a brace that is not around a figure's name, as in {{loss}}"
        )
    for name in names_in(template):
        if name not in kind.figures:
            known = [f"{{{figure}}}" for figure in sorted(kind.figures)]
            raise ParameterError(path, unknown_name(f"{{{name}}}", known))

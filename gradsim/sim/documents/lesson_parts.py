"""The parts of a lesson: points to watch, things to try, notes for the lecturer, and what the class predicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gradsim.schema.errors import Given, Phrase
from gradsim.schema.parameters import Choice, Integer, Numbers, Parameter, ParameterError, Text, decode
from gradsim.sim.documents.comparison import Comparison, ComparisonOf
from gradsim.sim.documents.measures import FIRST, LAST, LAST_HIDDEN, MOST_STEPS, OUTPUT, RunOf
from gradsim.sim.documents.tables import Flag, Table, TableOf
from gradsim.sim.documents.texts import ListOf, Words, WordsOf

MOST_CHOICES = 4
"""As many as there are keys that count hands."""


@dataclass(frozen=True)
class Point:
    """What to watch, and when it is true."""

    text: Words = WordsOf("Text", needed=True).field()
    when: Comparison | None = ComparisonOf("When", help="When it is true; without it, nothing is measured.").field(
        None
    )
    at: int | str = Integer(
        "At", help="A step at which a test finds it true; left out, the lesson's picture step.",
        low=0, high=MOST_STEPS, words=(LAST,),
    ).field("")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class PointOf(Parameter):
    """A text, or a table of it and of when it is true."""

    cls: type[Point] = Point

    def parse(self, value: object) -> Point:
        if isinstance(value, Mapping) and "text" in value:
            return decode(self.cls, value)
        return self.cls(WordsOf(self.label, needed=True).parse(value))

    def plain(self, value: Point) -> Any:
        return TableOf(self.label, cls=self.cls).plain(value)

    @property
    def allowed(self) -> str:
        return Phrase("a text in one or more languages, or a table of it as 'text' and of 'when' it is true")


@dataclass(frozen=True, kw_only=True)
class SettingsOf(Parameter):
    """A table of settings as a file has them; which there are, the kind of experiment knows."""

    def parse(self, value: object) -> Table[Any]:
        if not isinstance(value, Mapping):
            raise self._refuse(value)
        return Table({str(key): each for key, each in value.items()})

    def plain(self, value: Mapping[str, Any]) -> dict[str, Any]:
        return dict(value)

    @property
    def allowed(self) -> str:
        return Phrase("a table of settings")


@dataclass(frozen=True)
class Try:
    """A change of the experiment that one click makes."""

    text: Words = WordsOf("Text", needed=True).field()
    set: Mapping[str, Any] = SettingsOf(
        "Settings", help="The settings that change, as in the file; of an entry without its name, only those named."
    ).field(Table({}))
    run: int | str | None = RunOf("Run", help="Whose settings; left out, all runs'.").field(None)
    runs: tuple[Mapping[str, Any], ...] = ListOf(
        "Further runs", help="Runs that are added: how each differs from the first.", item=SettingsOf("Run")
    ).field(())
    control: str = Text("Control", help="The setting that lights up.", most=40).field("")


@dataclass(frozen=True)
class Notes:
    """Notes for the lecturer, which a projector does not show."""

    do: Words = WordsOf("Do", help="What to do.").field(Words())
    say: Words = WordsOf("Say", help="What to say.").field(Words())
    usual: Words = WordsOf("Usual", help="The usual wrong answer.").field(Words())
    trap: Words = WordsOf("Trap", help="What goes wrong, or is easily said wrongly.").field(Words())

    def __bool__(self) -> bool:
        return any((self.do, self.say, self.usual, self.trap))


@dataclass(frozen=True)
class Answer:
    """One of the answers to choose from, and when it is right."""

    text: Words = WordsOf("Text", needed=True).field()
    when: Comparison | None = ComparisonOf("When", help="When it is right; without it, never.").field(None)


@dataclass(frozen=True)
class Curve:
    """A curve that is read off the record: over the layers of a run at a step, or over its steps."""

    quantity: str = Text("Quantity", help="What is measured, by the name that scripts use.", least=1, most=40).field()
    run: int | str = RunOf("Run", help="Of which run.").field(1)
    over: str = Choice("Over", help="What it is drawn over.", choices=("steps", "layers")).field("steps")
    layer: int | str | None = Integer(
        "Layer", help="Over steps: of which layer, where it is measured of layers.",
        low=1, high=65, words=(FIRST, LAST_HIDDEN, OUTPUT),
    ).field(None)  # fmt: skip
    since: int = Integer("Since", help="Over steps: where it begins.", low=0, high=MOST_STEPS).field(0)
    log: bool = Flag("Logarithmic", help="Whether its axis is logarithmic.").field(False)


@dataclass(frozen=True)
class Prediction:
    """What the class is asked before the run; the right answer is measured on it."""

    ask: str = Choice(
        "Ask", help="What is predicted: one of several answers, a number, or a curve.",
        choices=("choice", "number", "curve"),
    ).field()  # fmt: skip
    question: Words = WordsOf("Question", needed=True).field()
    choices: tuple[Answer, ...] = ListOf(
        "Answers", help="Those to choose from.", item=TableOf("Answer", cls=Answer), most=MOST_CHOICES
    ).field(())
    right: str = Text("Right", help="The measure that is asked for as a number.", most=40).field("")
    scale: tuple[float, ...] = Numbers(
        "Scale", help="From where to where the number, or the curve's axis, goes; both need one.",
        low=-1e300, high=1e300, least=2, most=2,
    ).field(())  # fmt: skip
    log: bool = Flag("Logarithmic", help="Whether the number's scale is logarithmic.").field(False)
    curve: Curve | None = TableOf("Curve", help="The curve that is asked for.", cls=Curve, optional=True).field(None)
    usual: Words = WordsOf("Usual", help="The usual wrong answer, and why.").field(Words())
    at: int | str = Integer(
        "At", help="The step at which it is revealed; left out, the lesson's picture step.",
        low=0, high=MOST_STEPS, words=(LAST,),
    ).field("")  # fmt: skip

    def __post_init__(self) -> None:
        """Refuse a question without what it asks for, and what belongs to another one."""
        needed = {"choice": "choices", "number": "right", "curve": "curve"}
        if not getattr(self, needed[self.ask]):
            raise ParameterError(needed[self.ask], Phrase("is missing: {name} asks for it", name=Given(self.ask)))
        for ask, key in needed.items():
            if ask != self.ask and getattr(self, key):
                names = {"name": Given(self.ask), "needed": needed[self.ask]}
                raise ParameterError(key, Phrase("is given, but {name} asks for {needed}", **names))
        if self.ask == "choice" and len(self.choices) < 2:
            raise ParameterError("choices", Phrase("is one answer; give two or more"))
        if self.ask != "choice" and not self.scale:
            raise ParameterError("scale", Phrase("is missing: {name} asks for it", name=Given(self.ask)))
        if self.scale and self.scale[0] >= self.scale[1]:
            ends = {"low": f"{self.scale[0]:g}", "high": f"{self.scale[1]:g}"}
            raise ParameterError("scale", Phrase("{low} is not below {high}", **ends))
        if self.scale and self.is_log and self.scale[0] <= 0:
            template = "{low} is not above 0, as a logarithmic scale needs"
            raise ParameterError("scale", Phrase(template, low=f"{self.scale[0]:g}"))

    @property
    def is_log(self) -> bool:
        """Whether the scale is logarithmic."""
        return self.curve.log if self.curve else self.log

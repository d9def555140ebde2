"""Typed parameters: the one description that forms, files, documentation and error lines are made from.

A frozen dataclass declares each of its settings with a parameter::

    @dataclass(frozen=True)
    class LeakyReLU(Activation):
        slope: float = Number("Slope", low=0, high=1).field(0.01)

:func:`decode` builds such a dataclass from plain values (a TOML table),
:func:`encode` is its inverse, and a form shows one editor per parameter.
"""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from gradsim.schema.errors import Given, InputError, Name, Phrase, either, one_line, unknown_name
from gradsim.schema.registry import Registry

T = TypeVar("T")

MAX_PATH_LENGTH = 200
"""The largest number of characters that an error line repeats of the path of a refused value."""


class ParameterError(InputError):
    """A value that its parameter does not allow.

    Parameters
    ----------
    path : str
        Where the value is: dotted, with list indices, such as ``runs[1].activation``.
    problem : str
        What was given and what is allowed, in one line; a :class:`Phrase` can be told in other words.
    """

    def __init__(self, path: str, problem: str) -> None:
        path, problem = one_line(path), problem if isinstance(problem, Phrase) else one_line(problem)
        if len(path) > MAX_PATH_LENGTH:
            path = path[:MAX_PATH_LENGTH] + "…"
        super().__init__(Phrase("{path}: {problem}", path=path, problem=problem) if path else problem)
        self.path = path
        self.problem = problem

    def below(self, parent: str) -> ParameterError:
        """Return the same error with `parent` put before its path."""
        return ParameterError(join(parent, self.path), self.problem)


def join(parent: str, key: str) -> str:
    """Join two dotted paths; either may be empty."""
    return f"{parent}.{key}" if parent and key else parent or key


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One setting: its name, its explanation, and the check of its values.

    Attributes
    ----------
    label : str
        The name that a form shows.
    help : str
        One sentence for tooltips and ``--help``.
    unit : str
        Unit shown behind the value; empty for pure numbers.
    basic : bool
        Whether a form shows it at once; the others are behind "More".
    in_names : str
        What stands before the value where a run is called after it.
    called : pairs
        Values by which a run is called otherwise, and how.
    changeable : bool
        Whether it may change while a run goes on.
    jumps : bool
        Whether such a change changes at once what is measured.
    subject : str
        The section of a form that it stands in.
    in_header : str
        What the header of its section says of it while the section is closed, with the value at ``{value}``.
    unsaid : tuple
        Plain values that are not written into files, for they say nothing.
    """

    label: str = dataclasses.field(kw_only=False)
    help: str = ""
    unit: str = ""
    basic: bool = False
    in_names: str = ""
    called: tuple[tuple[Any, str], ...] = ()
    changeable: bool = False
    jumps: bool = False
    subject: str = "Training"
    in_header: str = ""
    unsaid: tuple[Any, ...] = ()

    def field(self, default: Any = dataclasses.MISSING) -> Any:
        """Declare a dataclass field that holds this parameter's value."""
        return dataclasses.field(default=default, metadata={"parameter": self})

    def parse(self, value: object) -> Any:
        """Return `value` checked and converted; raise ParameterError if it is not allowed."""
        raise NotImplementedError

    def parse_at(self, path: str, value: object) -> Any:
        """Return a value that is a part of another, checked and converted; an error names its place there."""
        try:
            return self.parse(value)
        except ParameterError as error:
            raise ParameterError(join(path, error.path), error.problem) from None

    def allows(self, value: object) -> bool:
        """Tell whether `value` is allowed."""
        try:
            self.parse(value)
        except ParameterError:
            return False
        return True

    def plain(self, value: Any) -> Any:
        """Return `value` as a plain TOML or JSON value, the inverse of :meth:`parse`."""
        return value

    @property
    def allowed(self) -> str:
        """What is allowed, in words."""
        raise NotImplementedError

    def _refuse(self, value: object) -> ParameterError:
        return ParameterError("", Phrase("{value} is not {allowed}", value=Given(value), allowed=self.allowed))


@dataclass(frozen=True, kw_only=True)
class _Ranged(Parameter):
    low: float
    high: float
    slider: tuple[float, float] | None = None
    """The part of the range that a slider covers; None for all of it."""
    log: bool = False
    """Whether the slider is logarithmic."""

    kind: ClassVar[str]

    @property
    def allowed(self) -> str:
        return Phrase(self.kind + " from {low} to {high}", low=f"{self.low:,.12g}", high=f"{self.high:,.12g}")


@dataclass(frozen=True, kw_only=True)
class Number(_Ranged):
    """A real number in [low, high]."""

    kind: ClassVar[str] = "a number"

    def parse(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._refuse(value)
        # Compared before the conversion: an integer may be too large for a float. NaN is in no range.
        if not self.low <= value <= self.high:
            raise self._refuse(value)
        return float(value)


@dataclass(frozen=True, kw_only=True)
class Integer(_Ranged):
    """A whole number in [low, high], or one of the words in `words`.

    Attributes
    ----------
    words : tuple of str
        Words that are allowed besides, in files too.
    zero : str
        What a form calls 0 where that stands for something else; "" where 0 is a number like others.
    """

    words: tuple[str, ...] = ()
    zero: str = ""
    kind: ClassVar[str] = "a whole number"

    def parse(self, value: object) -> int | str:
        if isinstance(value, str) and value in self.words:
            return value
        if isinstance(value, bool) or not isinstance(value, int) or not self.low <= value <= self.high:
            raise self._refuse(value)
        return value

    @property
    def allowed(self) -> str:
        return either([super().allowed, *(Name(f"{word!r}", word) for word in self.words)])


TIMES = " × "
"""Stands between how many and how wide, where a form has not been given a whole number for each."""


def _whole(text: str) -> int | str:
    """Return the whole number that a text stands for, the text itself if it is none."""
    try:
        return int(text)
    except ValueError:
        return text


@dataclass(frozen=True, kw_only=True)
class Integers(_Ranged):
    """A list of whole numbers in [low, high], with at most `most` of them."""

    most: int = 64
    kind: ClassVar[str] = "whole numbers"

    def parse(self, value: object) -> tuple[int, ...]:
        if isinstance(value, str) and TIMES in value:
            self._parse_times(value)
        if not isinstance(value, list | tuple) or len(value) > self.most:
            raise self._refuse(value)
        item = Integer(self.label, low=self.low, high=self.high)
        for i, number in enumerate(value):
            try:
                item.parse(number)
            except ParameterError as error:
                raise ParameterError(f"[{i}]", error.problem) from None
        return tuple(value)

    def _parse_times(self, text: str) -> None:
        """Refuse, of "many × 32", the part that is no number, as a form has one field for each."""
        count, _, width = text.partition(TIMES)
        Integer(self.label, low=0, high=self.most).parse(_whole(count))
        try:
            Integer(self.label, low=self.low, high=self.high).parse(_whole(width))
        except ParameterError as error:
            raise ParameterError("[0]", error.problem) from None

    def plain(self, value: tuple[int, ...]) -> list[int]:
        return list(value)

    @property
    def allowed(self) -> str:
        return Phrase("a list of at most {most} {items}", most=str(self.most), items=super().allowed)


@dataclass(frozen=True, kw_only=True)
class NestedNumbers(_Ranged):
    """A list of real numbers in [low, high], or of such lists, of at most `depth` levels and `most` numbers."""

    depth: int = 3
    most: int = 10_000
    kind: ClassVar[str] = "numbers"

    def parse(self, value: object) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise self._refuse(value)
        item = Number(self.label, low=self.low, high=self.high)
        parsed = tuple(_nested(item, part, f"[{i}]", self.depth - 1) for i, part in enumerate(value))
        count = _count(parsed)
        if count > self.most:
            given, most = f"{count:,}", f"{self.most:,}"
            what = Phrase("{given} numbers are given; at most {most} are allowed", given=given, most=most)
            raise ParameterError("", what)
        return parsed

    def plain(self, value: tuple[Any, ...]) -> list[Any]:
        return [self.plain(part) if isinstance(part, tuple) else part for part in value]

    @property
    def allowed(self) -> str:
        return Phrase("a list of {items}, or of such lists", items=super().allowed)


def _nested(item: Number, value: object, path: str, depth: int) -> Any:
    if depth and isinstance(value, list | tuple) and value:
        return tuple(_nested(item, part, f"{path}[{i}]", depth - 1) for i, part in enumerate(value))
    try:
        return item.parse(value)
    except ParameterError as error:
        raise ParameterError(path, error.problem) from None


def _count(value: Any) -> int:
    return sum(map(_count, value)) if isinstance(value, tuple) else 1


@dataclass(frozen=True, kw_only=True)
class Numbers(_Ranged):
    """A list of real numbers in [low, high], with at least `least` and at most `most` of them."""

    least: int = 1
    most: int = 64
    kind: ClassVar[str] = "numbers"

    def parse(self, value: object) -> tuple[float, ...]:
        if not isinstance(value, list | tuple) or not self.least <= len(value) <= self.most:
            raise self._refuse(value)
        item = Number(self.label, low=self.low, high=self.high)
        parsed = []
        for i, number in enumerate(value):
            try:
                parsed.append(item.parse(number))
            except ParameterError as error:
                raise ParameterError(f"[{i}]", error.problem) from None
        return tuple(parsed)

    def plain(self, value: tuple[float, ...]) -> list[float]:
        return list(value)

    @property
    def allowed(self) -> str:
        most, items = str(self.most), super().allowed
        if self.least == self.most:
            return Phrase("a list of {most} {items}", most=most, items=items)
        return Phrase("a list of {least} to {most} {items}", least=str(self.least), most=most, items=items)


@dataclass(frozen=True, kw_only=True)
class Text(Parameter):
    """A line of text of `least` to `most` characters, without blanks at its ends."""

    least: int = 0
    most: int = 80

    def parse(self, value: object) -> str:
        if (
            not isinstance(value, str)
            or one_line(value) != value
            or not self.least <= len(value.strip()) <= self.most
        ):
            raise self._refuse(value)
        return value.strip()

    @property
    def allowed(self) -> str:
        template = "one line of text of {least} to {most} characters"
        return Phrase(template, least=str(self.least), most=str(self.most))


@dataclass(frozen=True, kw_only=True)
class FilePath(Text):
    """The path of a file, which a form lets be looked for.

    Attributes
    ----------
    endings : tuple of str
        The endings of the names of files that are offered first, each with its point.
    """

    endings: tuple[str, ...] = ()

    def parse(self, value: object) -> str:
        if isinstance(value, str) and re.search("[\x07\x08\t\n\x0b\x0c\r\x1b]", value):
            what = "{value} is no path; in double quotes write / for \\, or put the path in single quotes"
            raise ParameterError("", Phrase(what, value=Given(value)))
        return super().parse(value)


@dataclass(frozen=True, kw_only=True)
class Choice(Parameter):
    """One of a few fixed words.

    Attributes
    ----------
    choices : tuple of str
        The words, as files have them.
    labels : tuple of str
        What a form calls each of them; () where it says the words themselves.
    notes : tuple of str
        One sentence on each of them for tooltips; () for none.
    """

    choices: tuple[str, ...]
    labels: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def label_of(self, choice: str) -> str:
        """Return what a form calls one of the words."""
        return self.labels[self.choices.index(choice)] if self.labels else choice

    def note_on(self, choice: str) -> str:
        """Return the sentence on one of the words, "" if there is none."""
        return self.notes[self.choices.index(choice)] if self.notes else ""

    def parse(self, value: object) -> str:
        if not isinstance(value, str) or value not in self.choices:
            raise ParameterError("", unknown_name(value, self.choices))
        return value

    @property
    def allowed(self) -> str:
        return Phrase("one of {names}", names=", ".join(self.choices))


@dataclass(frozen=True, kw_only=True)
class EntryOf(Parameter):
    """An entry of a registry with its settings: ``"relu"`` or ``{ name = "relu", … }``.

    Attributes
    ----------
    implied : tuple of str
        A setting, and the entry that is meant by a table that has this setting but no name.
    """

    registry: Registry[Any]
    implied: tuple[str, str] | None = None

    def parse(self, value: object) -> Any:
        table = {"name": value} if isinstance(value, str) else value
        if isinstance(table, Mapping) and "name" not in table and self.implied and self.implied[0] in table:
            table = {"name": self.implied[1], **table}
        if not isinstance(table, Mapping) or not isinstance(table.get("name"), str):
            template = "{value} is not a name or a table with a name; {allowed}"
            raise ParameterError("", Phrase(template, value=Given(value), allowed=self.allowed))
        name = table["name"]
        if name not in self.registry:
            raise ParameterError("", unknown_name(name, self.registry))
        return decode(self.registry[name], {k: v for k, v in table.items() if k != "name"})

    def plain(self, value: Any) -> str | dict[str, Any]:
        settings = encode(value)
        return {"name": value.key, **settings} if settings else str(value.key)

    def label_of(self, value: object) -> str:
        """Return the label of the entry that a plain value names, "" if it names none."""
        name = value.get("name") if isinstance(value, Mapping) else value
        return self.registry[name].label if isinstance(name, str) and name in self.registry else ""

    def short_of(self, value: object) -> str:
        """Return what runs are called after the entry that a plain value names, "" if it names none."""
        name = value.get("name") if isinstance(value, Mapping) else value
        label = self.label_of(value)
        return (label and self.registry[str(name)].short) or label

    @property
    def allowed(self) -> str:
        return Phrase("one of {names}", names=", ".join(self.registry))


def parse_text(parameter: Parameter, text: str) -> Any:
    """Return the value that `text` stands for on a command line: a word as it is, or a value as TOML writes it.

    Raises
    ------
    ParameterError
        If `parameter` allows neither.
    """
    try:
        return parameter.parse(text)
    except ParameterError:
        return parameter.parse(_toml_value(text))


def _toml_value(text: str) -> object:
    """Return the value that `text` is in TOML, the text itself if it is none."""
    try:
        table = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    return table["value"] if len(table) == 1 else text


def parameters(cls: type) -> dict[str, Parameter]:
    """Return the parameters that a dataclass declares, by field name."""
    return {f.name: f.metadata["parameter"] for f in dataclasses.fields(cls) if "parameter" in f.metadata}


def parse_table(cls: type, table: object, path: str = "") -> dict[str, Any]:
    """Check the settings of `cls` in a table, each on its own; return them parsed.

    Raises
    ------
    ParameterError
        For an unknown key or a value that is not allowed, its path below `path`.
    """
    return parse_settings(parameters(cls), table, path)


def parse_settings(declared: Mapping[str, Parameter], table: object, path: str = "") -> dict[str, Any]:
    """Check the settings that a table gives of those `declared`, as :func:`parse_table` does."""
    if not isinstance(table, Mapping):
        names = ", ".join(declared) or Phrase("no settings")
        raise ParameterError(path, Phrase("{value} is not a table of {names}", value=Given(table), names=names))
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in declared:
            none = Phrase("{name} is not known, there is nothing to set", name=Given(key))
            raise ParameterError(join(path, str(key)), unknown_name(key, declared) if declared else none)
        values[key] = _parse(declared[key], value, join(path, key))
    return values


def decode(cls: type[T], table: object, path: str = "") -> T:
    """Build the dataclass `cls` from a table of plain values.

    Raises
    ------
    ParameterError
        As :func:`parse_table`, for a missing setting, and for what
        ``cls.__post_init__`` refuses.
    """
    values = parse_table(cls, table, path)
    for field in dataclasses.fields(cls):  # type: ignore[arg-type]
        parameter = field.metadata.get("parameter")
        if parameter and field.default is dataclasses.MISSING and field.name not in values:
            raise ParameterError(
                join(path, field.name), Phrase("is missing; give {allowed}", allowed=parameter.allowed)
            )
    try:
        return cls(**values)
    except ParameterError as error:
        raise error.below(path) from None


def _parse(parameter: Parameter, value: object, path: str) -> Any:
    try:
        return parameter.parse(value)
    except ParameterError as error:
        at = path + error.path if error.path.startswith("[") else join(path, error.path)
        raise ParameterError(at, error.problem) from None


def said(table: Mapping[str, Any], known: Mapping[str, Parameter]) -> dict[str, Any]:
    """Return what a file says of a table of plain values: without those that say nothing."""
    return {key: value for key, value in table.items() if value not in known[key].unsaid}


def encode(instance: Any) -> dict[str, Any]:
    """Return the parameters of a dataclass instance as a table of plain values."""
    return {key: parameter.plain(getattr(instance, key)) for key, parameter in parameters(type(instance)).items()}

"""Changes: a run whose settings change while it goes on.

``changes = [{ step = 100, activation = "leaky_relu" }]`` in a run means that
its settings are others from step 100 on:

- All that is measured up to step 100, this step included, is what it would be
  without the change, bit for bit. The update from step 100 to 101 is the first
  with the new settings: the gradients it is taken with are evaluated with them.
- An entry that is named (an optimizer, an activation) is given whole: of its
  settings, those that are not given have their defaults.
- What the optimizer remembers goes on where the rule is the same, and so does
  its count of steps, by which averages are corrected for their start; what the
  new settings need and the old ones did not keep starts at zero. Another rule
  starts afresh, at its step 1.
- A schedule that is named starts at the change and covers the remaining steps;
  one that is not named goes on, and multiplies the learning rate of then.
- Batches go on in the endless sequence of shuffled epochs where it has come to,
  and are cut from there in the new size. A batch of all samples is the set in
  plain order, wherever the sequence is.
- Weights and biases are given numbers once, in place of what the update from step
  100 to 101 makes of them; what is measured at 101 is measured with these.

Nothing is drawn anew, so a run with a change at a step shares its past up to it
with the run without: it is a fork of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar, cast

from gradsim.engine.optim import Optimizer
from gradsim.engine.optim.schedules import MAX_UPDATES, Schedule
from gradsim.schema.errors import Phrase
from gradsim.schema.parameters import (
    Choice,
    EntryOf,
    Integer,
    Parameter,
    ParameterError,
    Text,
    encode,
    join,
    parameters,
    parse_settings,
)
from gradsim.words.languages import translate

DONE_ONCE = frozenset({"given"})
"""What changes name that is no setting: it is done by the first update after the change, and not in force later."""

STEP = Integer("Step", help="The last step that is measured with the settings before.", low=0, high=MAX_UPDATES - 1)


@dataclass(frozen=True)
class Change:
    """Other values of some settings, in force after `step` was measured; none changes nothing."""

    step: int
    settings: tuple[tuple[str, Any], ...] = ()
    """Names and values, in the order in which runs declare them."""

    @property
    def names(self) -> frozenset[str]:
        """The settings that are named."""
        return frozenset(name for name, _ in self.settings)


@dataclass(frozen=True, kw_only=True)
class ChangesOf(Parameter):
    """A list of at most `most` changes of a run, in the order of their steps.

    Attributes
    ----------
    run : callable
        Returns the class of the runs, whose changeable parameters these are.
    """

    run: Callable[[], type[Any]]
    most: int = 32

    @property
    def settings(self) -> dict[str, Parameter]:
        """What may change, by name."""
        return {name: parameter for name, parameter in parameters(self.run()).items() if parameter.changeable}

    def jumps_of(self, changes: Sequence[Change]) -> tuple[int, ...]:
        """Return the steps of those changes that change at once what is measured: the step after is another's."""
        settings = self.settings
        return tuple(change.step for change in changes if any(settings[name].jumps for name in change.names))

    def parse(self, value: object) -> tuple[Change, ...]:
        if not isinstance(value, list | tuple) or len(value) > self.most:
            raise self._refuse(value)
        found: list[Change] = []
        for i, table in enumerate(value):
            change = self._change(table, f"[{i}]")
            if found and change.step <= found[-1].step:
                template = "{step} is not after the change before, which is at {before}"
                what = Phrase(template, step=f"{change.step:,}", before=f"{found[-1].step:,}")
                raise ParameterError(f"[{i}].step", what)
            found.append(change)
        return tuple(found)

    def _change(self, table: object, path: str) -> Change:
        settings = self.settings
        values = parse_settings({"step": STEP, **settings}, table, path)
        if "step" not in values:
            raise ParameterError(join(path, "step"), Phrase("is missing; give {allowed}", allowed=STEP.allowed))
        return Change(values["step"], tuple((name, values[name]) for name in settings if name in values))

    def plain(self, value: Sequence[Change]) -> list[dict[str, Any]]:
        settings = self.settings
        return [
            {"step": change.step, **{name: settings[name].plain(given) for name, given in change.settings}}
            for change in value
        ]

    @property
    def allowed(self) -> str:
        template = "a list of at most {most} tables with a step and any of {names}"
        return Phrase(template, most=str(self.most), names=", ".join(self.settings))


class Changing(Protocol):
    """A run as changes see it: its changes, and the settings whose state may outlast one."""

    @property
    def optimizer(self) -> Optimizer: ...
    @property
    def schedule(self) -> Schedule: ...
    @property
    def changes(self) -> tuple[Change, ...]: ...


R = TypeVar("R", bound=Changing)


@dataclass(frozen=True)
class Phase(Generic[R]):
    """A run from one of its changes to the next.

    Attributes
    ----------
    run
        The run with the settings in force, without changes.
    number
        0 before all changes.
    first, rule_first, schedule_first
        The first updates, from 0, that are taken with these settings, with this rule of the optimizer, and
        with this schedule.
    named
        The settings that changes have named so far.
    """

    run: R
    number: int = 0
    first: int = 0
    rule_first: int = 0
    schedule_first: int = 0
    named: frozenset[str] = frozenset()

    def path(self, run: str) -> str:
        """Return the path in a file of the settings that are new in this phase; `run` is the path of the run."""
        return f"{run}.changes[{self.number - 1}]" if self.number else run

    def schedule(self, steps: int) -> Schedule:
        """Return the schedule in a run of `steps`; ParameterError where it does not fit."""
        return self.run.schedule.for_run(steps - self.schedule_first)

    def after(self, change: Change) -> Phase[R]:
        """Return the phase that begins with a change; ParameterError for settings that do not go together."""
        done = {name: () for name in DONE_ONCE if hasattr(self.run, name)}
        run = cast(R, replace(cast(Any, self.run), **done | dict(change.settings)))
        return Phase(
            run,
            self.number + 1,
            change.step,
            self.rule_first if run.optimizer.key == self.run.optimizer.key else change.step,
            change.step if "schedule" in change.names else self.schedule_first,
            self.named | change.names,
        )


def phases(run: R) -> tuple[Phase[R], ...]:
    """Return the phases of a run: before its changes, and after each.

    Raises
    ------
    ParameterError
        For a change after which the settings do not go together, its path below ``changes[…]``.
    """
    found = [Phase(cast(R, replace(cast(Any, run), changes=())) if run.changes else run)]
    for i, change in enumerate(run.changes):
        try:
            found.append(found[-1].after(change))
        except ParameterError as error:
            raise error.below(f"changes[{i}]") from None
    return tuple(found)


def measured_in(run: R, step: int) -> Phase[R]:
    """Return the phase in whose settings a run is measured at `step`."""
    return [phase for phase in phases(run) if phase.number == 0 or phase.first < step][-1]


def updated_in(run: R, step: int) -> Phase[R]:
    """Return the phase in whose settings a run is updated from `step` to the next."""
    return [phase for phase in phases(run) if phase.first <= step][-1]


def change_steps(runs: Sequence[Changing]) -> list[int]:
    """Return the steps at which any of the runs changes, in order."""
    return sorted({change.step for run in runs for change in run.changes})


def spans(run: R, steps: int) -> Iterator[tuple[Phase[R], int]]:
    """Yield the phases of the first `steps` updates, with the number of updates in each, if there are any."""
    found = phases(run)
    ends = [*(phase.first for phase in found[1:]), steps]
    for phase, end in zip(found, ends, strict=True):
        count = min(end, steps) - phase.first
        if count > 0:
            yield phase, count


def change_text(
    change: Mapping[str, Any], before: Mapping[str, Any], settings: Mapping[str, Parameter], language: str
) -> str:
    """Return what an allowed change, given as a table, is called: "Leaky ReLU from 100".

    Parameters
    ----------
    before
        The table of a run with the settings that were in force. Where an entry stays the same,
        only its changed settings are named.
    settings
        What may change, as :attr:`ChangesOf.settings`.
    """
    named = [
        _setting_text(parameter, before[name], change[name], language)
        for name, parameter in settings.items()
        if name in change and (name in DONE_ONCE or change[name] != before[name])
    ]
    what = translate(", ", language).join(filter(None, named))
    if change.keys() - {"step"} and change.keys() <= DONE_ONCE | {"step"}:
        return translate("{what} at {n}", language).format(what=what, n=f"{change['step'] + 1:,}").strip()
    return translate("{what} from {n}", language).format(what=what, n=f"{change['step']:,}").strip()


def change_texts(run: Mapping[str, Any], settings: Mapping[str, Parameter], language: str) -> list[str]:
    """Return what each change in a run's full table is called, as :func:`change_text` does."""
    texts, before = [], dict(run)
    for change in run["changes"]:
        texts.append(change_text(change, before, settings, language))
        before |= change
    return texts


def _setting_text(parameter: Parameter, before: Any, now: Any, language: str) -> str:
    if isinstance(parameter, Choice):
        text = translate(dict(parameter.called).get(now, parameter.label_of(now)), language)
        return f"{text[:1].upper()}{text[1:]}"
    if isinstance(parameter, Text):
        return str(now)
    if not isinstance(parameter, EntryOf):
        return f"{translate(parameter.label, language)} {now}"
    # While it is edited, what was before need not be allowed: then nothing is compared with it.
    if parameter.label_of(now) != parameter.label_of(before) or not parameter.allows(before):
        return translate(parameter.label_of(now), language)
    old, new = (encode(parameter.parse(value)) for value in (before, now))
    known = parameters(type(parameter.parse(now)))
    names = {key: "η" if key == "learning_rate" else translate(known[key].label, language) for key in known}
    return " ".join(f"{names[key]} {value:g}" for key, value in new.items() if value != old[key])

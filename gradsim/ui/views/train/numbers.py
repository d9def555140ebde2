"""The output layer in numbers: one sample's way from z to the loss, and back to the gradient of each z."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from gradsim.engine.data import Split
from gradsim.engine.nn.given import GivenNumber
from gradsim.schema.errors import Phrase
from gradsim.schema.parameters import Integer
from gradsim.sim.kinds import Experiment
from gradsim.sim.kinds.train.checks import target_count
from gradsim.sim.kinds.train.duel import start_edit
from gradsim.sim.kinds.train.needs import lacks_data
from gradsim.sim.kinds.train.number_edits import Edit, given_edit
from gradsim.sim.kinds.train.numbers import MOST_UNITS, OutputNumbers, output_numbers
from gradsim.sim.kinds.train.one_sample import one_sample
from gradsim.sim.kinds.train.outcome_sentences import Clause
from gradsim.sim.kinds.train.snapshot import Snapshot
from gradsim.sim.kinds.train.spec import Train
from gradsim.ui.plots.numbers_table import NumbersTable
from gradsim.ui.theme import Look
from gradsim.ui.views.common.options import ViewOptions
from gradsim.ui.views.train.diagram_texts import scope_text
from gradsim.ui.views.train.outcome_view import MOST_RUNS, OneRunOptions, OutcomeView, runs_shown, short_names
from gradsim.ui.views.train.snapshot_view import Found
from gradsim.words.numbers import amount, exact, signed
from gradsim.words.sentences import Span, Wording

_FEW_UNITS = 4
"""With more output units than these one run is shown, that which is chosen."""
_OF_CLASS = "{label} gives the true class [{a}]: the loss is −ln {a} = [{loss}], and its z is pushed up by [{delta}]"
_OF_ONE = "{label} has the loss [{loss}] and the gradient [{delta}]"
_OF_SEVERAL = "{label} has the loss [{loss}]; the largest gradient is [{delta}], at unit {unit}"
TEXTS = _OF_CLASS, _OF_ONE, _OF_SEVERAL
"""All that the sentence says, to be translated."""


@dataclass(frozen=True)
class NumbersOptions(OneRunOptions):
    """Which sample is followed, in which replica of which run."""

    sample: int = Integer(
        "Sample", help="Which sample of the training set is followed through the network.", low=1, high=1_000_000
    ).field(1)


class NumbersView(OutcomeView):
    """A table for each of two runs, or for one of more."""

    key = "numbers"
    title = "The output layer in numbers"
    help = "One sample in the output layer: from z to the loss forward, and back to the gradient of each z."
    order = 13
    most_beside = 1
    options_type = NumbersOptions
    options: NumbersOptions

    def __init__(self, experiment: Experiment, look: Look, options: ViewOptions | None = None) -> None:
        self.tables: dict[int, NumbersTable] = {}
        super().__init__(experiment, look, options)

    @classmethod
    def lacks(cls, experiment: Train) -> Phrase | None:
        gone = lacks_data(experiment)
        units = 0 if gone else target_count(experiment)
        if units > MOST_UNITS:
            template = "it needs at most {most} output units, and there are {units}"
            return Phrase(template, most=str(MOST_UNITS), units=f"{units:,}")
        return gone

    def taker(self) -> Callable[[Snapshot, Split], OutputNumbers]:
        return partial(_taken, self.options.sample)

    def shown_runs(self) -> Sequence[int]:
        few = target_count(self.train) <= _FEW_UNITS and self.look.theme.name != "projector"
        return runs_shown(self.options, len(self.experiment.runs), MOST_RUNS if few else 1)

    def picture(self, run: int) -> NumbersTable:
        table = self.tables[run] = NumbersTable(self.look, run)
        table.hovered.connect(partial(self._on_hovered, run))
        table.dragged.connect(partial(self._on_dragged, run))
        return table

    def show_run(self, run: int, found: OutputNumbers) -> None:
        self.tables[run].show_numbers(found, self._unit_names(len(found.z)), self.look.tr("true class"))
        sample = self.look.tr("sample {n} of the training set").format(n=f"{self._sample:,}")
        drag = self.about(self.look.tr("drag a z: its b follows"), scope_text(self.look, self.train, self._step))
        if self.look.theme.name == "projector":
            drag = ""
        self.cards[run].set_subtitle(self.about(sample, self.about_replica(), drag), sample)

    @property
    def _step(self) -> int:
        return self.found.step if self.found else 0

    def _on_dragged(self, run: int, unit: int, z: float) -> None:
        if self.found is None or self.found.runs[run] is None:
            return
        shift = z - float(self.found.runs[run].z[unit])
        self.show_tooltip(self.about(f"z = {signed(z)}", scope_text(self.look, self.train, self._step)))
        self.edit_asked.emit(self._edit(self.found, run, unit, shift))

    def _edit(self, found: Found, run: int, unit: int, shift: float) -> Edit:
        """Return the edit that moves z of a unit, by its bias: at the start in all runs, later in one."""
        known = {each: one for each, one in enumerate(found.runs) if one is not None and unit < len(one.z)}
        if (
            found.step == 0
            and len(known) == len(found.runs)
            and not any(run.bias_init.random for run in self.train.runs)
        ):
            return start_edit([one.biases for one in known.values()], shift, unit)
        moved = {run: known[run]} if found.step else known
        return given_edit({each: _moved(one, unit, shift) for each, one in moved.items()}, found.step)

    def _on_hovered(self, run: int, unit: int | None) -> None:
        known = self.found.runs[run] if self.found else None
        if unit is None or known is None:
            self.show_tooltip(None)
            return
        values = (("z", known.z), ("a", known.a), ("y", known.y), ("L", known.terms), ("∂L/∂z", known.delta))
        numbers = "   ".join(f"{name} {exact(float(value[unit]))}" for name, value in values)
        self.show_tooltip(f"{self._unit_names(len(known.z))[unit]}: {numbers}")

    @property
    def _sample(self) -> int:
        """The sample that is followed, from 1."""
        return min(self.options.sample, len(self.data.train))

    def _unit_names(self, units: int) -> list[str]:
        if self.data.classes and units > 1:
            return short_names(self.data)
        named = [column.name for column in self.data.targets]
        return named if len(named) == units and all(named) else [str(unit + 1) for unit in range(units)]

    def clause(self, found: OutputNumbers, label: Span, wording: Wording) -> Clause:
        true, loss = found.true_unit, amount(found.loss)
        if true is not None and found.loss_key == "cross_entropy" and found.is_softmax:
            a, delta = amount(float(found.a[true])), amount(-float(found.delta[true]))
            text = wording.tr(_OF_CLASS)
            return wording.fill(text, label.run, label=[label], a=a, loss=loss, delta=delta)
        unit = int(abs(found.delta).argmax())
        text = wording.tr(_OF_ONE if len(found.z) == 1 else _OF_SEVERAL)
        name, delta = self._unit_names(len(found.z))[unit], signed(float(found.delta[unit]))
        return wording.fill(text, label.run, label=[label], loss=loss, delta=delta, unit=name)


def _taken(sample: int, network: Snapshot, data: Split) -> OutputNumbers:
    return output_numbers(network, one_sample(network.run, data, min(sample, len(data.train)) - 1))


def _moved(one: OutputNumbers, unit: int, shift: float) -> GivenNumber:
    """Return the bias of an output unit after its z was moved."""
    return GivenNumber(len(one.biases) - 1, unit, None, round(one.biases[-1][unit] + shift, 4))

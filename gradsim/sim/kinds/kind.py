"""What a kind of experiment is: the one protocol behind files, forms, pictures and the command line.

A kind is a package beside this file whose module ``kind`` holds a :class:`Kind`
as ``KIND``. Code that holds an experiment asks its kind for whatever differs between
kinds, and never tests for the class.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Generic, Literal, NamedTuple, Self, TypeVar

from gradsim.schema.parameters import encode, parameters
from gradsim.sim.run.names import names_of
from gradsim.sim.run.settings import Stepping
from gradsim.sim.run.simulation import Simulation
from gradsim.sim.run.tape import Past
from gradsim.words.languages import ENGLISH
from gradsim.words.sentences import Span, Wording

X_AXES = ("steps", "samples", "seconds")
"""What curves may be drawn over: updates, training samples seen, or seconds of computation."""


@dataclass(frozen=True)
class Experiment:
    """What a file holds: settings of the whole, and runs that are compared. Each kind has a class of its own."""

    kind: ClassVar[str]
    named_by: ClassVar[tuple[str, ...]]
    """Settings that a run is named by if they differ between runs, in order of preference."""

    @property
    def seed(self) -> int:
        """Seed of the random numbers."""
        raise NotImplementedError

    @property
    def replicas(self) -> int:
        """How many times each run is made, with draws of its own each time."""
        raise NotImplementedError

    @property
    def steps(self) -> int:
        """The last step."""
        raise NotImplementedError

    @property
    def runs(self) -> tuple[Any, ...]:
        """What is compared."""
        raise NotImplementedError

    def with_settings(self, **settings: Any) -> Self:
        """Return the experiment with other settings; ParameterError where they are not allowed."""
        return replace(self, **settings)

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the runs, in English."""
        return self.names(ENGLISH)

    def names(self, language: str) -> tuple[str, ...]:
        """Return the names of the runs in a language: those that were typed, or what differs between the runs."""
        if language not in self._names:
            table = {**encode(self), "runs": [encode(run) for run in self.runs]}
            fields = parameters(type(self.runs[0]))
            self._names[language] = tuple(names_of(self.named_runs(table), fields, self.named_by, language))
        return self._names[language]

    @classmethod
    def named_runs(cls, table: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """Return the runs of a full table with the settings that they are named by."""
        runs: Sequence[Mapping[str, Any]] = table["runs"]
        return runs

    @cached_property
    def _names(self) -> dict[str, tuple[str, ...]]:
        return {}


class Quantity(NamedTuple):
    """Something that is measured of a run at every step: how records call it, what it is, and its unit.

    Attributes
    ----------
    of
        What it is measured of: the run as a whole, each layer, or each coordinate.
    is_share
        Whether it is between 0 and 1, and told in per cent.
    is_occasional
        Whether it is measured at some steps alone; between them, it is what it was last.
    """

    channel: str
    help: str
    unit: str = ""
    of: Literal["run", "layers", "coordinates"] = "run"
    is_share: bool = False
    is_occasional: bool = False


class Studied(NamedTuple):
    """A figure of a run that takes a longer computation, which a view makes while it is on screen.

    Attributes
    ----------
    view
        The key of the view.
    is_share
        Whether it is told in per cent; else it is a factor.
    """

    view: str
    help: str
    is_share: bool = True


@dataclass(frozen=True)
class Asked:
    """What the sentence below the pictures is to answer, and how.

    Attributes
    ----------
    wording
        The language, and how brief it is to be.
    templates
        A lesson's own, for the first run and for each further one; () where there are none that apply.
    views
        The keys of the views on screen.
    probe
        What is chosen to be shown of every layer.
    found
        What longer computations of the views have found.
    measured
        What the templates name besides the kind's own figures, as pieces to be joined.
    answer
        What the sentence of the templates begins with; "" while the run shown does not bear it out.
    """

    wording: Wording
    templates: Sequence[str] = ()
    views: Sequence[str] = ()
    probe: str = ""
    found: Mapping[str, Any] = field(default_factory=dict)
    measured: Mapping[str, list[Span]] = field(default_factory=dict)
    answer: str = ""

    def answered(self, clause: list[Span]) -> list[Span]:
        """Return a clause that the templates have given, with the answer before it where there is one."""
        template = self.wording.tr("{answer}: {verdict}")
        return self.wording.fill(template, answer=self.answer, verdict=clause) if self.answer else clause

    @property
    def language(self) -> str:
        """The language of the sentence."""
        return self.wording.language


@dataclass(frozen=True)
class Documentation:
    """What docs/file-format.md says of a kind beyond its parameters, in Markdown; nothing need be said.

    Attributes
    ----------
    rules
        What no single setting says; by default the docstring of the experiment.
    defaults
        Defaults that follow from other settings, by the setting.
    results
        What result files hold, by their format.
    """

    rules: str = ""
    defaults: Mapping[str, str] = field(default_factory=dict)
    results: Mapping[str, str] = field(default_factory=dict)


E = TypeVar("E", bound=Experiment)
S = TypeVar("S", bound=Simulation)


class Kind(ABC, Generic[E, S]):
    """One kind of experiment."""

    key: ClassVar[str]
    """The value of ``kind`` in files."""
    experiment: type[E]
    run: type[Stepping]
    figures: ClassVar[frozenset[str]] = frozenset()
    """The names of the figures that a lesson's sentence may ask for."""
    x_axes: ClassVar[tuple[str, ...]] = X_AXES
    """Those of X_AXES over which its curves can be drawn."""
    studied: ClassVar[Mapping[str, Studied]] = {}
    """What a lesson may measure besides :meth:`quantities` where a view has computed it."""
    documentation: ClassVar[Documentation] = Documentation()

    @abstractmethod
    def build(self, values: Mapping[str, Any], runs: Sequence[Any], table: Mapping[str, Any]) -> E:
        """Return the experiment with these settings and runs, which were read from `table`."""

    @abstractmethod
    def check(self, experiment: E) -> None:
        """Check what needs more than the settings, such as the data; ParameterError for what is not allowed."""

    @abstractmethod
    def simulations(self, experiment: E) -> Callable[[], S]:
        """Return a function that makes simulations of the experiment, all of the same data."""

    @abstractmethod
    def sentence(self, experiment: E, past: Past, asked: Asked) -> list[Span]:
        """Return the verdict on the runs at the end of `past`, as pieces to be joined.

        A lesson's templates are not used where a figure they name does not exist.
        """

    @abstractmethod
    def question(self, experiment: E, asked: Asked) -> str:
        """Return the question that the sentence answers where no lesson asks one."""

    @abstractmethod
    def figure(self, experiment: E, past: Past, name: str, wording: Wording) -> list[Span]:
        """Return one of the :attr:`figures` at the end of `past`, of the first run where it is of one; [] if none."""

    @abstractmethod
    def hidden_layers(self, experiment: E, run: int) -> int:
        """Return how many hidden layers a run has; 0 where there are no layers."""

    def basis(self, experiment: E, asked: Asked) -> str:
        """Return what the figures of the sentence are, in a few words; "" where nothing need be said."""
        return ""

    @abstractmethod
    def usual_views(self, experiment: E) -> Sequence[str]:
        """Return the keys of the views that an experiment opens with where no lesson names others."""

    def projected_views(self, experiment: E) -> Sequence[str]:
        """Return those of the usual views that a projector shows: what the experiment is about, and no more."""
        return self.usual_views(experiment)[:1]

    def suited_views(self, taught: E, experiment: E) -> Sequence[str]:
        """Return the views for an experiment that has become another one than its lesson's; () for the lesson's."""
        return ()

    @abstractmethod
    def quantities(self, experiment: E) -> Mapping[str, Quantity]:
        """Return what is measured of every run, by the names that scripts use."""

    def study(self, experiment: E, past: Past, name: str) -> dict[int, float]:
        """Compute one of the :attr:`studied`, here and now, of each run that has it."""
        return {}

    def report(self, experiment: E, past: Past) -> list[str]:
        """Return what the command line prints of the end of a run besides the verdict, line by line."""
        return []

    # Results as files

    @abstractmethod
    def table(self, simulation: S, past: Past) -> dict[str, Any]:
        """Return everything measured as plain values, for JSON."""

    @abstractmethod
    def rows(self, simulation: S, past: Past) -> Iterable[Sequence[str]]:
        """Return everything measured as rows of cells, a row of names first, for CSV: texts as these files have."""

    @abstractmethod
    def arrays(self, simulation: S) -> dict[str, Any]:
        """Return all that an independent implementation needs to repeat the runs, for npz."""

    def draw_bytes(self, experiment: E) -> int:
        """Return how many bytes of random draws :meth:`arrays` returns at the end."""
        return 0

    # Names

    def names(self, table: Mapping[str, Any], language: str) -> list[str]:
        """Return what the runs of a full table are called in a language."""
        runs = self.experiment.named_runs(table)
        return names_of(runs, parameters(self.run), self.experiment.named_by, language)

    # Paths and edits

    def data_file(self, experiment: E) -> Path | None:
        """Return the file with a table that an experiment is about; None where there is none."""
        return None

    def with_data_file(self, experiment: E, path: Path) -> E:
        """Return the experiment about the same table in another file."""
        return experiment

    def resolved_in(self, experiment: E, folder: Path) -> E:
        """Return an experiment read from a file in `folder` with its relative paths resolved against that folder."""
        return experiment

    def relative_to(self, experiment: E, folder: Path) -> E:
        """Return the experiment with its paths relative to `folder`, the inverse of :meth:`resolved_in`."""
        return experiment

    def adapted(self, experiment: E, given: Sequence[Mapping[str, Any]]) -> E:
        """Return the experiment with usual values that suit it; `given` are the settings that each run was given."""
        return experiment

    def told_of_data(self, experiment: E) -> list[str]:
        """Return how its data were understood, line by line; [] where nothing is guessed."""
        return []

    def after_edit(
        self, allowed: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return an edited full table with what follows from the edit.

        `before` is the table before the edit, which need not be allowed, and `allowed` the last that was; all
        three have the same runs.
        """
        return dict(after)

    def notes(self, before: Mapping[str, Any], after: Mapping[str, Any], language: str) -> list[str]:
        """Return sentences on what :meth:`after_edit` has changed besides the edit that users should notice."""
        return []

    def inapplicable(self, table: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the settings of runs that mean nothing in an experiment, given as a full table."""
        return ()

    def another_run(self, table: Mapping[str, Any], like: int) -> dict[str, Any]:
        """Return the table of one more run for an experiment, given as a full table, usually like run `like`."""
        return dict(table["runs"][like])

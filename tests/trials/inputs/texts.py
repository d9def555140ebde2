"""Experiment files, tables and formulas: how each is made, damaged, and used."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import tomli_w

from gradsim.cli import _check_everything
from gradsim.engine.data.tables import Csv
from gradsim.resources import resource
from gradsim.schema.parameters import Choice, ParameterError, decode, encode, parameters
from gradsim.sim.documents import results
from gradsim.sim.documents.document import Document, dump, parse, read, sentence
from gradsim.sim.documents.table_document import document_on
from gradsim.sim.kinds import kind_of
from gradsim.sim.kinds.train.spec import Train
from gradsim.table_kinds import EXAMPLES
from gradsim.ui.tables.reading import found_of
from gradsim.words.formulas import FormulaError, problem, typeset
from gradsim.words.languages import ENGLISH
from tests.trials.extremes.cases import random_table
from tests.trials.inputs.judged import command
from tests.trials.inputs.mutations import NASTY, mutated

MOST_UNITS = 2e7
"""An experiment that computes more than so much in its first step is not run."""


def run_a_step(document: Document) -> None:
    """Run an experiment for a step, if that is quick, and tell its sentence."""
    if _units(document) < MOST_UNITS:
        simulation, tape = results.run(document, min(1, document.experiment.steps))
        sentence(document, tape.until(simulation.step), ENGLISH)


def _units(document: Document) -> float:
    """Return about how many multiplications the first step takes."""
    experiment = document.experiment
    if not isinstance(experiment, Train):
        return 1e4 * experiment.replicas * len(experiment.runs)
    samples, inputs = experiment.data.load().train.x.shape
    most = 0.0
    for run in experiment.runs:
        widths = [inputs, *run.hidden, 10]
        most += sum(a * b for a, b in pairwise(widths))
    return float(most * samples * experiment.replicas)


# Experiments


@cache
def experiment_files() -> list[bytes]:
    """Return the files that there are."""
    examples = Path(__file__).parents[3] / "docs" / "examples"
    paths = [*sorted(resource("lessons").glob("*.toml")), *sorted(examples.glob("*.toml"))]
    return [path.read_bytes() for path in paths]


def damaged_experiment(chance: random.Random) -> bytes:
    """Return a file of an experiment or a lesson, damaged most often."""
    if chance.random() < 0.5:
        return mutated(chance.choice(experiment_files()), chance)
    whole = tomli_w.dumps(random_table(chance)).encode()
    return mutated(whole, chance) if chance.random() < 0.8 else whole


def use_experiment(content: bytes, folder: Path) -> None:
    """Read it, check it, write it again, run a step of it, and check it by the command."""
    path = folder / "experiment.toml"
    path.write_bytes(content)
    if len(content) % 8 == 0:
        command("check", str(path))
    document = read(path)
    _check_everything(document)
    again = parse(dump(document), "again", folder)
    assert again.experiment == document.experiment, "another experiment is read from what is written"
    run_a_step(document)


# Tables


@cache
def tables() -> list[bytes]:
    """Return a table of each kind."""
    return [each.content if isinstance(each.content, bytes) else each.content.encode() for each in EXAMPLES]


CELLS = (
    "1", "-2.5", "1e300", "1e-300", "nan", "NA", "", "inf", "-inf", "1,5", "1.234,56", "1 000", "0x1F", "1e400",
    "yes", "no",
    "2024-01-31", "31/01/2024", "12:30", "50 %", "$3", "３", "是", "\u202e", "=1+1", "true", "9" * 400, "a" * 5000,
    '"', "'",
)  # fmt: skip


def damaged_table(chance: random.Random) -> bytes:
    """Return a table of a known kind, or of cells at random, damaged most often."""
    whole = chance.choice(tables()) if chance.random() < 0.6 else _table_of_cells(chance)
    return mutated(whole, chance) if chance.random() < 0.8 else whole


def _table_of_cells(chance: random.Random) -> bytes:
    separator, end = chance.choice(",;\t| "), chance.choice(("\n", "\r\n", "\r"))
    columns = [chance.sample(CELLS, chance.choice((1, 1, 2, 4))) for _ in range(chance.choice((1, 2, 3, 5, 40)))]
    rows = chance.choice((0, 1, 2, 3, 10, 60))
    lines = [separator.join(chance.choice(column) for column in columns) for _ in range(rows)]
    if chance.random() < 0.6:
        lines.insert(0, separator.join(chance.choice(("a", f"c{i}", "", "a, b")) for i in range(len(columns))))
    return end.join(lines).encode(
        chance.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16", "gb18030")), errors="replace"
    )


def use_table(content: bytes, folder: Path) -> None:
    """Read it with the usual settings and with others, as the import sheet does, and train a step on it."""
    chance = random.Random(content)
    path = folder / f"table{chance.choice(('.csv', '.tsv', '.txt', '.data'))}"
    path.write_bytes(content)
    data = Csv(path=str(path))
    if chance.random() < 0.5:
        data = decode(Csv, {**encode(data), **_settings(chance)})
    found = found_of(data)
    found.report.summary  # noqa: B018 (it is worded when it is asked for)
    if found.problem is not None:
        raise found.problem
    run_a_step(document_on(found.settled))
    if chance.random() < 0.1:
        command("check", str(path))


def _settings(chance: random.Random) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, parameter in parameters(Csv).items():
        if isinstance(parameter, Choice) and chance.random() < 0.3:
            found[name] = chance.choice(parameter.choices)
        elif name in ("target", "leave_out", "split_column") and chance.random() < 0.2:
            found[name] = chance.choice(("1", "2", "-1", "a", "c0", "kind", "b, a", "9" * 30, "nobody"))
    return found | ({"skip": chance.choice((0, 1, 5, 10_000))} if chance.random() < 0.1 else {})


# Formulas

_NAMES = (
    "x",
    "y",
    "pi",
    "e",
    "sin",
    "cos",
    "exp",
    "log",
    "sqrt",
    "abs",
    "tanh",
    "max",
    "min",
    "z",
    "lambda",
    "__class__",
)
_SIGNS = (
    "+",
    "-",
    "*",
    "/",
    "^",
    "**",
    "(",
    ")",
    ",",
    "=",
    "<",
    ">=",
    "and",
    "or",
    "not",
    ";",
    "²",
    "×",
    "·",
    "−",
    "≤",
    " ",
)
_LATEX = (
    r"\frac",
    "{",
    "}",
    "^",
    "_",
    r"\sum",
    r"\partial",
    "x",
    "1",
    r"\left(",
    r"\right)",
    r"\sqrt",
    "&",
    r"\begin{",
    "$",
)


def damaged_formula(chance: random.Random) -> bytes:
    """Return what the formula is for, and a formula."""
    place = chance.choice(list(_PLACES))
    tokens = _LATEX if place == "latex" else (*_NAMES[:2], *_NAMES, *_SIGNS, *_SIGNS[:8], "2", "0.5", "1e300")
    text = _grown(chance, 0) if chance.random() < 0.5 and place != "latex" else ""
    pieces = text.split(" ") if text else [chance.choice(tokens) for _ in range(chance.choice((1, 3, 6, 12, 80)))]
    for _ in range(chance.choice((0, 0, 1, 2))):
        pieces.insert(chance.randrange(len(pieces) + 1), chance.choice((*tokens, *NASTY)))
    return f"{place}\n{chance.choice((' ', ''))[:1].join(pieces)}".encode("utf-8", errors="surrogateescape")


def _grown(chance: random.Random, depth: int) -> str:
    """Return a formula that is right."""
    if depth > chance.choice((2, 3, 5)):
        return chance.choice(("x", "y", "2", "0.5", "pi", "1e-9", "1e9"))
    one, other = (_grown(chance, depth + 1) for _ in range(2))
    function = chance.choice(("sin", "exp", "log", "sqrt", "abs", "tanh", "cos"))
    return chance.choice(
        (f"{one} + {other}", f"( {one} ) * ( {other} )", f"( {one} ) / ( {other} )", f"( {one} ) ^ 2",
        f"{function} ( {one} )",
         f"- ( {one} )", f"{one} - {other}", f"( {one} ) ^ ( {other} )")
    )  # fmt: skip


def use_formula(content: bytes, folder: Path) -> None:
    """Put it where it belongs, and run a step of that."""
    place, _, text = content.decode("utf-8", errors="surrogateescape").partition("\n")
    if place in _PLACES:
        _PLACES[place](text)


def _run_with(table: Callable[[str], dict[str, Any]], text: str) -> None:
    from gradsim.sim.documents.experiments import experiment_from

    experiment = experiment_from(table(text))
    kind_of(experiment).check(experiment)
    dump(Document(experiment))
    run_a_step(Document(experiment))


def _typeset(text: str) -> None:
    said = problem(text)
    assert said is None or (said and said.isprintable()), repr(said)
    try:
        typeset(text, 20.0, "#000000")
    except FormulaError as error:
        raise ParameterError("", str(error)) from None


_RUN = [{"label": "A", "batch_size": "all"}]
_PLACES: dict[str, Callable[[str], None]] = {
    "surface": partial(
        _run_with, lambda text: {"kind": "race", "steps": 2, "surface": {"expression": text}, "runs": [{}]}
    ),
    "own surface": partial(
        _run_with, lambda text: {"kind": "race", "steps": 2, "runs": [{"surface": {"expression": text}}, {}]}
    ),
    "conditions": partial(
        _run_with,
        lambda text: {"steps": 2, "data": {"name": "conditions", "conditions": text, "samples": 40}, "runs": _RUN},
    ),
    "numbers": partial(
        _run_with,
        lambda text: {
            "steps": 2,
            "data": {"name": "formula", "expression": text, "samples": 40},
            "runs": [{"loss": "mse", "output": "linear", "batch_size": "all"}],
        },
    ),
    "points": partial(
        _run_with, lambda text: {"steps": 2, "data": {"name": "points", "points": text.split(";")}, "runs": _RUN}
    ),
    "latex": _typeset,
}
"""What formulas are for."""

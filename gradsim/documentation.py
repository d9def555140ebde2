"""Writes docs/file-format.md and docs/tables.md from the program itself: ``python -m gradsim.documentation``.

What is said of a key or an entry is said where it is declared. Written here is
only what no single key tells.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from gradsim.schema.parameters import EntryOf, Parameter, parameters
from gradsim.schema.registry import Entry, Registry
from gradsim.sim.documents.document import MAX_FILE_BYTES
from gradsim.sim.documents.lesson import Lesson
from gradsim.sim.documents.lesson_parts import Answer, Curve, Notes, Point, Prediction, Try
from gradsim.sim.documents.measures import Measure
from gradsim.sim.kinds import kinds
from gradsim.sim.run.settings import MAX_RUNS
from gradsim.table_kinds import tables
from gradsim.words.markdown import table

FILE_FORMAT = Path(__file__).resolve().parent.parent / "docs" / "file-format.md"
TABLES = FILE_FORMAT.with_name("tables.md")

INTRODUCTION = f"""\
# The file format

<!-- Written by `python -m gradsim.documentation` from the program's own parameters; a test compares. -->

An experiment is one TOML file, in UTF-8, of at most {MAX_FILE_BYTES // 2**10} KiB. A lesson is an experiment with a
table `[lesson]`. A PNG that was made by `gradsim export` or with Ctrl+E carries its experiment, and can be opened
in place of its file. `gradsim check FILE...` says in one line each what is wrong with files: the key, what was
given, and what is allowed.

```toml
kind = "train"
steps = 300
data = {{ name = "moons", noise = 0.2 }}
[common]
hidden = [16, 16]
optimizer = {{ name = "momentum", learning_rate = 0.05 }}
[[runs]]
label = "Tanh"
activation = "tanh"
[[runs]]
label = "Leaky ReLU"
activation = {{ name = "leaky_relu", slope = 0.1 }}
batch_size = 16
```

- **Defaults.** Every key that has a default may be left out. What Ctrl+S writes is complete: it holds every setting
  of what is on screen.
- **`kind`** is {{kinds}}. What the other keys mean depends on it.
- **`[common]` and `[[runs]]`.** There are 1 to {MAX_RUNS} `[[runs]]`, each a configuration that is compared with
  the others. A key in `[common]` holds for all runs; a run that gives the same key itself overrides it. It
  overrides the whole value: `optimizer = "adam"` in a run does not take over the learning rate of `[common]`.
- **Entries.** Where an entry is allowed, give its name, or a table with its `name` and its settings: `"relu"` or
  `{{ name = "leaky_relu", slope = 0.1 }}`. All entries and their settings are listed [below](#entries).
- **Labels** are what pictures, results and the verdict call the runs. No two runs have the same. Without one, a run
  is called after what tells it from the others: "Cross-entropy" and "Squared error", "SGD, rate 0.1" and "SGD,
  rate 1", in the window's language. A label that says just that counts as none: then the name follows the settings.
- **Draws.** Everything random depends on `seed` and the step alone, never on the other settings: runs that are
  compared share their raw draws, their batches, and their noise. The same file gives the same bits on the same
  machine.
- **Paths of data** start from the folder of the experiment's file; if there is no such file, from the current
  folder. A saved experiment names data in or below its own folder from there, and other data by their whole path.
"""

ENTRIES = """\
## Entries

The window's menus list them in this order. Agreement is what the tests hold, in float64: with PyTorch 2.13 by its
own figures (`tests/reference/torch_*.json`), and with plain NumPy written for the tests, which repeats whole runs
from their `.npz` file alone.

| kind | definition | agreement |
| --- | --- | --- |
| activation | PyTorch; gelu is the exact one | 10⁻¹³ relative (hard_sigmoid's slope 3·10⁻⁸: PyTorch's 1/6 is single \
precision); kinks the same |
| output | PyTorch; from logits | runs repeated to 10⁻¹² |
| loss | sum over units, mean over the batch | values and gradients 10⁻¹³, runs repeated to 10⁻¹² |
| initializer | the papers named below | orthogonal 10⁻¹³ |
| optimizer | PyTorch, with its defaults; lion: Chen et al. 2023 | 10⁻¹⁰ over 30 to 50 steps, runs repeated to 10⁻¹² |
| schedule | PyTorch's closed forms; one_cycle leaves the momentum alone | 10⁻¹⁰, runs repeated to 10⁻¹² |
| clipping | PyTorch's `clip_grad_norm_`, `clip_grad_value_`, before weight decay | 10⁻¹⁰, runs repeated to 10⁻¹² |
| data | `resources/datasets/README.md`; scikit-learn's conventions | the same settings give the same bits |
| surface | Jamil and Yang 2013; derivatives are exact | paths 10⁻¹⁰ of PyTorch's (Beale, a quadratic); minima and \
saddles of the literature all found |
"""

RESULTS = """\
## Results

`gradsim run FILE --out F.json`, `F.csv` or `F.npz` writes results. No quantity has a unit: all are computed from the
data as the networks see them, shuffled and scaled. Times are left out, so that the same experiment gives the same
bytes. Of a run too long for 4,096 records, or for 24 MB of them, every so many steps are kept; the program says how
many. Step 0 is before any update. A value is null in JSON, and an empty cell in CSV, where a run has diverged or
where there is none: the factors of the backward step at the output layer, the update ratio at step 0, 0 / 0.

JSON and CSV hold the same measurements, as plain values and as a table with a header. In JSON, a run whose settings
change has them as `runs[].changes`, as in its file.

An npz file holds all that an independent implementation needs to repeat the runs. Nothing in it is pickled
(`numpy.load(path, allow_pickle=False)`); runs `i`, replicas `r` and layers `l` are counted from 0, layers from the
input. A run whose settings change has in place of `run{i}/replica{r}/batches`, for each of its phases `k`, from 0 for
the one before the first change:

| key | value |
| --- | --- |
| `run{i}/phase{k}/settings` | all settings in force, as TOML text |
| `run{i}/phase{k}/first` | the first update with them, from 0 |
| `run{i}/phase{k}/rule_first` | the first update with this rule of the optimizer, whose memory is empty there; \
for the rule, update t is number t + 1 − `rule_first` |
| `run{i}/phase{k}/schedule_first` | the first update with this schedule; for it, update t is number \
t − `schedule_first`, of as many fewer steps |
| `run{i}/phase{k}/replica{r}/batches` | the samples of the phase's batches (updates, batch size) |
"""

LESSON = """\
## Lessons

The table `[lesson]` of a file in `resources/lessons/`; [lessons.md](lessons.md) shows how to write one. A text is a
string, or a table of strings by language such as `{ en = "…", zh_CN = "…" }`; in a language that it lacks, English is
shown. In `verdict`, `verdict_next` and `why`, `{names}` in braces are measures, or figures that are measured on the
run shown; the error line for an unknown one lists all of them.
"""

PARTS: Sequence[tuple[str, type, str]] = (
    (
        "measures",
        Measure,
        "`[lesson.measures]` gives numbers that are read off the record of a run names of their own. For example, "
        '`slow = { quantity = "loss", run = 1, first = "< 0.5" }` is the first step at which the loss of run 1 is '
        "below 0.5. A measure is made in this order: the quantity of a run; one layer, or all hidden layers taken "
        "together; one step, a span of steps or the first step at which something holds; what it is related to, "
        "replica by replica; all replicas taken together. It is read off the record up to the step shown, so it may "
        "not be known yet. Of a record that is thinned the nearest step is taken. What is measured now and then, as "
        "test_accuracy, is what it was last.",
    ),
    (
        "points",
        Point,
        "Each of `[[lesson.points]]` is a text, or a table of it and of when it is true: numbers and names of "
        'measures with `<`, `<=`, `>`, `>=` between them, as in `"slow > 1000"`, `"0.25 < low <= 0.3"` or '
        '`"relu > 85 %"`. The bundled lessons are tested for each of their points.',
    ),
    (
        "tries",
        Try,
        "Each of `[[lesson.tries]]` is a change that one click makes. `set` has settings as in the file, those of "
        "runs too, and `learning_rate` for that of the optimizer. A table without a `name` changes the entry that is "
        "there: `optimizer = { momentum = 0.5 }`.",
    ),
    ("notes", Notes, "`[lesson.notes]` are for the lecturer; a projector does not show them."),
    (
        "predict",
        Prediction,
        "`[lesson.predict]` asks the class before the run. The right answer is measured: of `choices` it is the "
        "first that is true, of a number it is the measure `right`, of a curve the median over replicas.",
    ),
    ("answer", Answer, "Each of the `choices` of a prediction."),
    ("curve", Curve, "The `curve` of a prediction."),
)
"""The tables within [lesson]: their names, their settings, and what no single setting tells."""


def _lesson() -> Iterator[str]:
    yield LESSON
    yield _settings(Lesson)
    for name, cls, text in PARTS:
        yield f"### {name}\n\n{text}\n"
        yield _settings(cls)


MAX_DEFAULT = 80
"""The largest number of characters that the documentation tells of a default."""


def file_format() -> str:
    """Return the text of docs/file-format.md."""
    names = " or ".join(f'`"{kind}"`' for kind in kinds())
    return "\n".join([INTRODUCTION.replace("{kinds}", names), *_experiments(), *_lesson(), *_entries(), *_results()])


def _experiments() -> Iterator[str]:
    for key, kind in kinds().items():
        yield f'## kind = "{key}"\n\n{kind.documentation.rules or inspect.getdoc(kind.experiment)}'
        yield f"At the top of the file:\n\n{_settings(kind.experiment, kind.documentation.defaults)}"
        yield f"In `[common]` and in each of the `[[runs]]`:\n\n{_settings(kind.run, kind.documentation.defaults)}"


def _settings(cls: type, defaults: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return a table of the settings that a dataclass declares; `defaults` are those that it does not."""
    rows = [
        [f"`{key}`", *_described(parameter, defaults.get(key) or _default(cls, key))]
        for key, parameter in parameters(cls).items()
    ]
    return table(["key", "meaning", "allowed", "default"], rows)


def _described(parameter: Parameter, default: str) -> list[str]:
    meaning = parameter.help or f"{parameter.label}."
    return [meaning + (f" In {parameter.unit}." if parameter.unit else ""), _allowed(parameter), default]


def _allowed(parameter: Parameter) -> str:
    if not isinstance(parameter, EntryOf):
        return parameter.allowed
    kind = parameter.registry.kind
    text = f"an entry of [{kind}](#{kind})"
    if parameter.implied:
        setting, entry = parameter.implied
        text += f"; a table with `{setting}` and no name is a `{entry}`"
    return text


def _default(cls: type, key: str) -> str:
    field = next(field for field in dataclasses.fields(cls) if field.name == key)
    if field.default is dataclasses.MISSING:
        return "(required)"
    if field.default is None:
        return ""
    value = parameters(cls)[key].plain(field.default)
    if isinstance(value, dict):
        value = value.get("name", "")
    text = json.dumps(value, ensure_ascii=False)
    return f"`{text}`" if len(text) <= MAX_DEFAULT else f"`{text[:MAX_DEFAULT]}`…"


def _entries() -> Iterator[str]:
    yield ENTRIES
    for registry in _registries():
        yield f"### {registry.kind}\n"
        rows = [[f"`{key}`", _code(entry.formula), _summary(entry)] for key, entry in registry.items()]
        yield table(["name", "formula", "what it is"], rows)
        settings = [
            [f"`{key}`", f"`{name}`", *_described(parameter, _default(entry, name))]
            for key, entry in registry.items()
            for name, parameter in parameters(entry).items()
        ]
        if settings:
            yield table(["of", "setting", "meaning", "allowed", "default"], settings)


def _registries() -> Iterable[Registry[Any]]:
    """Return the registries whose entries experiments may name, each once."""
    declared = [
        p for kind in kinds().values() for cls in (kind.experiment, kind.run) for p in parameters(cls).values()
    ]
    return {p.registry.kind: p.registry for p in declared if isinstance(p, EntryOf)}.values()


def _summary(entry: type[Entry]) -> str:
    """Return the first line of an entry's docstring."""
    return (inspect.getdoc(entry) or "").splitlines()[0]


def _code(formula: str) -> str:
    return f"`{formula}`" if formula else ""


def _results() -> Iterator[str]:
    yield RESULTS
    for key, kind in kinds().items():
        for name, text in kind.documentation.results.items():
            yield f'### {name} of kind = "{key}"\n\n{text}'


if __name__ == "__main__":
    FILE_FORMAT.write_text(file_format(), encoding="utf-8", newline="\n")
    TABLES.write_text(tables(), encoding="utf-8", newline="\n")

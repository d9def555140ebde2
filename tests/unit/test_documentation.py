"""The description of the file format is the program's own, and says all that result files hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from gradsim.documentation import FILE_FORMAT, TABLES, file_format
from gradsim.sim.documents.document import Document, parse
from gradsim.sim.documents.results import run
from gradsim.sim.kinds import kind_of
from gradsim.table_kinds import tables

TRAIN = """
steps = 3
replicas = 2
data = "blobs"
[[runs]]
hidden = [3]
batch_size = 8
[[runs]]
hidden = [3]
changes = [{ step = 1, activation = "relu" }]
[[runs]]
hidden = [3]
batch_size = 16
init = { name = "constant", value = 1000.0 }
optimizer = { name = "sgd", learning_rate = 1e6 }
loss = "mse"
output = "linear"
"""
RACE = """
kind = "race"
steps = 3
noise = 0.1
replicas = 2
surface = "logistic"
[[runs]]
optimizer = { name = "sgd", learning_rate = 0.1 }
batch_size = 8
changes = [{ step = 1, optimizer = "adam" }]
"""


def test_the_file_is_what_the_command_writes() -> None:
    """If this fails, run ``python -m gradsim.documentation``."""
    assert FILE_FORMAT.read_text(encoding="utf-8") == file_format()
    assert TABLES.read_text(encoding="utf-8") == tables()


def test_the_example_is_an_experiment() -> None:
    (example,) = re.findall("```toml\n(.*?)```", file_format(), flags=re.DOTALL)
    assert parse(example, "example").experiment.labels == ("Tanh", "Leaky ReLU")


def test_links_lead_to_headings() -> None:
    text = file_format()
    headings = {line.lstrip("# ").lower() for line in text.splitlines() if line.startswith("#")}
    assert set(re.findall(r"\]\(#(.*?)\)", text)) <= headings


def keys(value: Any) -> Iterator[str]:
    """Yield the keys of all tables in plain values, but for changes, which are settings."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield key
            yield from keys(part) if key != "changes" else ()
    elif isinstance(value, list):
        for part in value:
            yield from keys(part)


@pytest.mark.parametrize("source", [TRAIN, RACE])
def test_each_key_of_result_files_is_described(source: str) -> None:
    document: Document = parse(source, "test")
    simulation, tape = run(document)
    past = tape.until(simulation.step)
    described = set(re.findall(r"[\w/{}]+", file_format()[file_format().index("## Results") :]))
    kind = kind_of(document.experiment)
    columns = next(iter(kind.rows(simulation, past)))
    assert {*keys(kind.table(simulation, past)), *columns} - described == set()
    arrays = {re.sub(r"(run|replica|phase|W|b)\d+", r"\1{}", key) for key in kind.arrays(simulation)}
    patterns = {re.sub(r"{[irkl]}", "{}", word) for word in described}
    patterns |= {f"{word.removesuffix('initial')}final" for word in patterns if word.endswith("/initial")}
    assert arrays - patterns == set()

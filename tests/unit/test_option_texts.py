"""Values of options as a command line gives them."""

from __future__ import annotations

from typing import Any

import pytest

from gradsim.schema.parameters import Choice, Integer, Integers, Number, Parameter, ParameterError, Text, parse_text

CASES: list[tuple[Parameter, str, Any]] = [
    (Choice("C", choices=("a", "1")), "a", "a"),
    (Choice("C", choices=("a", "1")), "1", "1"),
    (Integer("I", low=0, high=9, words=("all",)), "7", 7),
    (Integer("I", low=0, high=9, words=("all",)), "all", "all"),
    (Number("N", low=0, high=9), "1e-3", 1e-3),
    (Number("N", low=0, high=9), "7", 7.0),
    (Integers("L", low=0, high=9), "[1, 2]", (1, 2)),
    (Text("T"), "12", "12"),
    (Text("T"), "", ""),
]


@pytest.mark.parametrize(("parameter", "text", "value"), CASES)
def test_a_text_is_read_as_a_word_or_as_a_file_would_read_it(parameter: Parameter, text: str, value: Any) -> None:
    assert parse_text(parameter, text) == value


REFUSED: list[tuple[Parameter, str, str]] = [
    (Choice("C", choices=("slope", "dead")), "slop", "'slop' is not one of slope, dead; did you mean 'slope'?"),
    (Integer("I", low=0, high=9), "10", "10 is not a whole number from 0 to 9"),
    (Integer("I", low=0, high=9), "3\nother = 4", r"'3\nother = 4' is not a whole number"),
    (Integer("I", low=0, high=9), "[" * 4000, "is not a whole number"),
    (Number("N", low=0, high=9), "nan", "nan is not a number from 0 to 9"),
]


@pytest.mark.parametrize(("parameter", "text", "problem"), REFUSED)
def test_what_is_neither_is_refused(parameter: Parameter, text: str, problem: str) -> None:
    with pytest.raises(ParameterError) as error:
        parse_text(parameter, text)
    assert problem.replace(r"\n", "\\n") in str(error.value)

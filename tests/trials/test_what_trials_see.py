"""Trials of inputs and of extremes see what they are to see, and find the smallest of it."""

from __future__ import annotations

import time
import warnings
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest

from gradsim.schema.errors import InputError
from gradsim.ui.views.race.race_curves import Value
from tests.trials import extremes, inputs
from tests.trials.extremes import cases, drawing
from tests.trials.inputs import judged
from tests.trials.watch import kind_of_fault

RACE = {"kind": "race", "steps": 8, "surface": "booth", "runs": [{"label": "A"}, {"label": "B", "optimizer": "adam"}]}


def use_badly(content: bytes, folder: Path) -> None:
    """Use an input as no program may."""
    if b"raise" in content:
        raise ValueError("raised")
    if b"warn" in content:
        warnings.warn("∞ × 0", RuntimeWarning, stacklevel=1)
    if b"hang" in content:
        time.sleep(60)
    if b"much" in content:
        bytearray(judged.ROOM_BYTES * 2)
    if b"refuse" in content:
        raise InputError("Errno 2" if b"oddly" in content else "file.toml: steps: 0 is not a number from 1 to 9")


@pytest.mark.parametrize(
    ("content", "part"),
    [(b"raise", "raised"), (b"warn", "∞ × 0"), (b"hang", "longer than"), (b"much", "MemoryError"),
     (b"refuse oddly", "not one clear line"), (b"refuse", ""), (b"", "")],
)  # fmt: skip
def test_an_input_is_judged(content: bytes, part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judged, "PATIENCE_S", 1)
    faults = judged.faults_of(use_badly, content, tmp_path)
    assert bool(faults) == bool(part)
    assert all(part in fault for fault in faults)


def test_the_smallest_input_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(inputs.KINDS, "bad", (0, lambda chance: b"", use_badly))
    content = b"abc" * 40 + b"raise" + b"def" * 70
    [kind] = map(kind_of_fault, inputs._used("bad", content))
    assert inputs.shrunk("bad", content, kind) == b"raise"


def test_commands_are_judged(tmp_path: Path) -> None:
    judged.command("run", str(tmp_path / "gone.toml"))
    with patch("gradsim.cli.load", side_effect=OSError("odd")), pytest.raises(OSError, match="odd"):
        judged.command("run", "saddle", "--steps", "1")


def test_a_view_that_draws_nothing_is_found_and_the_case_made_small() -> None:
    case = cases.Case(RACE, ("value", "map"), {"over": "samples"}, "dark", "zh_CN", (640, 480))
    assert drawing.faults_of(case)[0] == []
    with patch.object(Value, "draw", lambda self, past: None):
        [fault, *_] = drawing.faults_of(case)[0]
        found = extremes.shrunk(case, kind_of_fault(fault))
    assert "an empty picture" in fault
    assert found == replace(cases.Case(found.table, ("value",)), size=found.size)
    assert len(str(found.table)) < len(str(RACE)) - 20


def test_the_same_seed_gives_the_same_input() -> None:
    assert [inputs.made(seed) for seed in range(5)] == [inputs.made(seed) for seed in range(5)]

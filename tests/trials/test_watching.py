"""The trials notice what they are for, and say what repeats it."""

from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import qInstallMessageHandler, qWarning
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from gradsim.ui.alarm import Alarm
from gradsim.ui.later import later
from tests.trials.actions import kind_of, lived_again, told
from tests.trials.monkey.watch import Stalls, Watch
from tests.trials.report import HEAD, Report, table
from tests.trials.shortest import shortest
from tests.trials.watched import result_of


@pytest.mark.parametrize("needed", [{3}, {0, 99}, {17, 18, 60}, set(range(10, 14)), set(range(100))])
def test_the_shortest_list_that_fails_is_found(needed: set[int]) -> None:
    assert list(shortest(range(100), lambda some: needed <= set(some))) == sorted(needed)


def test_the_shortest_list_of_the_tries_there_are_still_fails() -> None:
    asked: list[Sequence[int]] = []

    def fails(some: Sequence[int]) -> bool:
        asked.append(some)
        return {5, 90} <= set(some)

    found = shortest(range(100), fails, 6)
    assert len(asked) == 6
    assert {5, 90} <= set(found)
    assert len(found) < 100


@pytest.fixture
def watch(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    watched, widget = Watch(), QWidget()
    qtbot.addWidget(widget)
    for place, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(place, name, getattr(place, name))
    with warnings.catch_warnings():
        before = qInstallMessageHandler(None)
        watched.begin(Alarm(widget, str))
        monkeypatch.setattr(Alarm, "_show", lambda *_: True)
        yield watched
        qInstallMessageHandler(before)


class Fallen:
    """Fails when it is let go of."""

    def __del__(self) -> None:
        raise KeyError("fallen")


def fail_on_a_thread() -> None:
    thread = threading.Thread(target=lambda: 1 // 0)
    thread.start()
    thread.join()


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda: later(QApplication.instance(), lambda: 1 // 0), "ZeroDivisionError"),  # type: ignore[arg-type]
        (fail_on_a_thread, "ZeroDivisionError"),
        (Fallen, "KeyError('fallen')"),
        (lambda: warnings.warn("overflow", RuntimeWarning, stacklevel=1), "RuntimeWarning: overflow"),
        (lambda: qWarning("no painter"), "Qt says: no painter"),
    ],
)
def test_what_goes_wrong_anywhere_is_noted(qtbot: QtBot, watch: Watch, harm: object, said: str) -> None:
    assert callable(harm)
    harm()
    qtbot.waitUntil(lambda: bool(watch.faults))
    [fault] = watch.faults
    assert said in fault


def test_what_the_window_tells_is_a_fault_unless_the_input_is_wrong(watch: Watch, qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    alarm = Alarm(widget, str)
    watch.tell(alarm, "a.csv: no such file")
    watch.tell(alarm, "bad", "Traceback\ngradsim.schema.parameters.ParameterError: bad")
    assert (watch.faults, watch.told) == ([], 2)
    watch.tell(alarm, "bad", "Traceback\nKeyError: 'k'")
    assert len(watch.faults) == 1


def test_a_stall_is_what_the_main_thread_computes_between_two_turns(qtbot: QtBot) -> None:
    stalls = Stalls()
    stalls.action = 7

    def compute() -> None:
        sum(range(3_000_000))

    later(stalls, compute)
    qtbot.waitUntil(lambda: stalls.longest.action == 7 and stalls.longest.own_ms > 5)
    assert stalls.longest.wall_ms >= 0.9 * stalls.longest.own_ms


def test_a_fault_is_told_with_the_seed_and_the_actions_that_repeat_it() -> None:
    deeds = [["press", "", ["F9"], 0, 0], ["what there is not", "", [], 0, 0], ["press", "", ["F9"], 0, 0]]
    found = lived_again(4, deeds)
    assert kind_of(found["fault"]) == "KeyError: 'what there is not'"
    assert told(4, found["fault"], deeds[:2]).startswith(
        'seed 4, after 2 actions; the same after these:\n[["what there is not", "", [], 0, 0]]\nTraceback'
    )


def test_a_program_that_leaves_no_result_is_a_fault(tmp_path: Path) -> None:
    fault = result_of("no_such_program", tmp_path)["fault"]
    assert "No module named" in fault
    assert fault.endswith("the program ended with 1")


def test_the_table_has_a_row_for_each_report() -> None:
    reports = [Report("actions", 20_000, ("one",), 12.4, (200.1, 210.9), "a note"), Report("kills", 3)]
    rows = ["| actions | 20,000 | 1 | 12 | 200, 211 | a note |", "| kills | 3 | 0 |  |  |  |"]
    assert table(reports) == "\n".join([HEAD, *rows])

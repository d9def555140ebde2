"""What is called later is called once, and what it raises is told."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QObject
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradsim.ui.later import later


def test_it_is_called_once(qtbot: QtBot) -> None:
    owner, calls = QObject(), []
    later(owner, lambda: calls.append("now"))
    later(owner, lambda: calls.append("in a while"), 20)
    qtbot.waitUntil(lambda: not owner.children())
    assert calls == ["now", "in a while"]


def test_what_it_raises_is_told_and_nothing_else_suffers(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    raised: list[type[BaseException]] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, *_: raised.append(kind))
    owner, calls = QObject(), []
    for _ in range(20):
        later(owner, lambda: 1 // 0)
        later(owner, lambda: calls.append("next"))
    qtbot.waitUntil(lambda: not owner.children())
    assert raised == [ZeroDivisionError] * 20
    assert calls == ["next"] * 20


def test_it_ends_with_its_owner(qtbot: QtBot) -> None:
    owner, calls = QObject(), []
    later(owner, lambda: calls.append("late"))
    del owner
    QTest.qWait(20)
    assert calls == []

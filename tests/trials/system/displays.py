"""Displays that are not there, and platforms that can do less."""

from __future__ import annotations

from pathlib import Path
from random import Random

from tests.trials.system.program import BAD_INPUT, is_done, ran, says_one_line, small

NONE = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "QT_QPA_PLATFORM": ""}


def check_no_display(folder: Path, chance: Random) -> None:
    says_one_line(ran(folder, environment=NONE), BAD_INPUT, naming="display")


def check_a_display_that_nobody_answers(folder: Path, chance: Random) -> None:
    ended = ran(folder, environment={**NONE, "DISPLAY": ":9999"})
    says_one_line(ended, BAD_INPUT, naming="display")


def check_a_platform_that_there_is_not(folder: Path, chance: Random) -> None:
    says_one_line(ran(folder, environment={**NONE, "QT_QPA_PLATFORM": "nothing"}), BAD_INPUT, naming="display")


def check_pictures_are_made_on_any_platform(folder: Path, chance: Random) -> None:
    out = folder / f"out{chance.choice(('.png', '.svg', '.pdf', '.gif'))}"
    film = ["--from", 0, "--to", 4, "--frames", 3] if out.suffix == ".gif" else ["--step", 3]
    platform = chance.choice(("minimal", "offscreen", "", "nothing", "vnc", "linuxfb"))
    ended = ran(
        folder, "export", small(folder), *film, "--out", out, environment={**NONE, "QT_QPA_PLATFORM": platform}
    )
    is_done(ended)
    assert out.stat().st_size > 1000

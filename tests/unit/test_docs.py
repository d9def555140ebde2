"""The README and the pages in docs/: short enough, their links lead somewhere, their examples run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gradsim.cli import COMMANDS
from gradsim.sim.documents.document import parse
from gradsim.sim.documents.lessons import lessons
from gradsim.sim.kinds import kind_of
from gradsim.ui.keys import KEYS

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXTS = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in PAGES}
MOVING = ROOT / "docs" / "race.gif"


def headings(text: str) -> set[str]:
    lines = re.sub(r"```.*?```", "", text, flags=re.DOTALL).splitlines()
    titles = [line.lstrip("# ").lower() for line in lines if line.startswith("#")]
    return {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", TEXTS)
def test_links_lead_somewhere(page: str) -> None:
    without_code = re.sub(r"```.*?```|`[^`]*`", "", TEXTS[page], flags=re.DOTALL)
    for link in re.findall(r"\]\(([^)]+)\)", without_code):
        if link.startswith("https://"):
            continue
        path, _, heading = link.partition("#")
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.exists(), link
        assert not heading or heading in headings(target.read_text(encoding="utf-8")), link


def test_every_page_is_reached_from_the_readme() -> None:
    linked = {page: set(re.findall(r"\]\((?:docs/)?([\w-]+\.md)", text)) for page, text in TEXTS.items()}
    reached, waiting = {"README.md"}, ["README.md"]
    while waiting:
        for name in linked[waiting.pop()]:
            page = name if name in TEXTS else f"docs/{name}"
            if page not in reached:
                reached.add(page)
                waiting.append(page)
    assert reached == set(TEXTS)


def test_the_readme_is_read_in_a_minute() -> None:
    """About 250 words a minute are read; code and what is below the first steps is looked up."""
    above = TEXTS["README.md"].partition("## What a lecturer gets")[0]
    assert len(re.sub(r"```.*?```", "", above, flags=re.DOTALL).split()) < 350
    assert len(TEXTS["README.md"].splitlines()) < 90


def test_the_moving_picture_moves_and_is_small() -> None:
    content = MOVING.read_bytes()
    assert content.startswith(b"GIF89a")
    assert content.count(b"\x21\xf9\x04") > 20  # a graphic control extension for each frame
    assert len(content) < 1.5e6
    assert TEXTS["README.md"].startswith("![")


@pytest.mark.parametrize("number", range(3))
def test_the_examples_of_experiments_run(number: int) -> None:
    examples = re.findall("```toml\n(.*?)```", TEXTS["docs/experiments.md"], flags=re.DOTALL)
    assert len(examples) == 3
    experiment = parse(examples[number], "example").experiment
    kind_of(experiment).check(experiment)
    assert len(experiment.runs) == 2


@pytest.mark.parametrize("page", ["README.md", "docs/using.md", "docs/installing.md"])
def test_keys_and_commands_that_are_named_exist(page: str) -> None:
    known = {key for each in KEYS for key in each.keys} | {"PageDown", "PageUp"}
    text = TEXTS[page]
    for key in re.findall(r"`((?:Ctrl\+)?(?:Shift\+)?[A-Z?]|F\d+)`", text):
        assert key in known, key
    for name in re.findall(r"`gradsim ([a-z][a-z-]*)", text):
        assert name in COMMANDS or name in lessons() or name == "my-lesson", name
    for option in re.findall(r"`gradsim (--[a-z-]+)`", text):
        assert option in {"--reset-settings", "--add-to-menu"}


def test_the_number_of_lessons_is_right() -> None:
    said = re.search(r"course of (\d+) lessons", TEXTS["README.md"])
    assert said
    assert int(said[1]) == len(lessons())

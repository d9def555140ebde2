"""Films by the command line and from the window: frames, what is refused, what is left when they are cancelled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageChops
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from gradsim.cli import DONE, main
from gradsim.schema.errors import FileError
from gradsim.sim.documents.document import Document, dump, parse, read
from gradsim.sim.documents.experiments import experiment_from, table_of
from gradsim.sim.kinds.train.landscape import landscape
from gradsim.ui.export import Picture, export, prepared
from gradsim.ui.film.job import Job
from gradsim.ui.film.make import export_film, images
from gradsim.ui.film.plan import Plan
from gradsim.ui.views.catalogue import options_at_first
from gradsim.ui.views.common.plain_states import states_as_text
from gradsim.ui.views.race.map import Map
from gradsim.ui.views.race.surface3d import Surface3D
from gradsim.ui.views.train import landscape as landscape_view
from gradsim.ui.window import Window
from tests.coarse import coarse_studies
from tests.golden.compare import differing, pixels
from tests.gui.conftest import RACE, OpenWindow, chosen_name, the_view

SIZE = (640, 400)


@pytest.fixture
def experiment(small: Document, tmp_path: Path) -> Path:
    path = tmp_path / "from" / "a.toml"
    path.parent.mkdir()
    path.write_text(dump(small))
    return path


@pytest.mark.parametrize("caption", [False, True])
def test_frames_are_what_export_paints_at_that_step(
    qtbot: QtBot, small: Document, tmp_path: Path, caption: bool
) -> None:
    picture = Picture(size=SIZE, caption=caption)
    seen = []
    for step, image in images(small, [0, 7, 23, 40], picture, {}):
        export(small, tmp_path / "a.png", step, picture)
        assert np.array_equal(pixels(image), pixels(QImage(str(tmp_path / "a.png"))))
        seen.append(step)
    assert seen == [0, 7, 23, 40]


def test_the_command_line_makes_a_film_that_opens_at_its_end(
    qtbot: QtBot, experiment: Path, small: Document, tmp_path: Path
) -> None:
    out = tmp_path / "a.gif"
    span = ["--from", "3", "--to", "9", "--every", "2", "--fps", "5"]
    assert main(["export", str(experiment), "--out", str(out), "--size", "640x400", *span]) == DONE
    with Image.open(out) as image:
        assert (image.size, getattr(image, "n_frames", 1), image.info["duration"]) == (SIZE, 4, 200)
    found = read(out)
    assert (found.experiment, found.step) == (small.experiment, 9)
    assert sorted(tmp_path.iterdir()) == [out, experiment.parent]


def test_a_run_that_ends_before_gives_fewer_frames(qtbot: QtBot, small: Document) -> None:
    table = table_of(small.experiment)
    table["runs"] = [{"activation": "linear", "optimizer": {"name": "sgd", "learning_rate": 1000.0}}]
    found = [
        step for step, _ in images(Document(experiment_from(table)), [0, 1, 2, 3, 20, 40], Picture(size=SIZE), {})
    ]
    assert found == sorted(set(found))
    assert found[-1] < 40


def test_a_board_that_needs_more_room_than_asked_for_has_it_in_every_frame(qtbot: QtBot, tmp_path: Path) -> None:
    race, picture = parse(RACE, "race"), Picture(size=(300, 200))
    export(race, tmp_path / "a.png", 0, picture)
    sizes = {(image.width(), image.height()) for _, image in images(race, [0, 30, 60], picture, {})}
    export_film(race, tmp_path / "a.apng", Plan(frames=3), picture, lambda done, whole: None)
    with Image.open(tmp_path / "a.png") as still, Image.open(tmp_path / "a.apng") as image:
        assert {still.size, image.size} == sizes


def test_without_the_extra_one_line_says_how_to_get_it(
    qtbot: QtBot,
    experiment: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    assert main(["export", str(experiment), "--out", str(tmp_path / "a.mp4")]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "pip install 'gradsim[video]'" in line
    assert list(tmp_path.iterdir()) == [experiment.parent]


def test_what_goes_wrong_on_the_way_leaves_the_old_file(qtbot: QtBot, small: Document, tmp_path: Path) -> None:
    (tmp_path / "a.gif").write_text("precious")

    def fail(done: int, whole: int) -> None:
        if done == 2:
            raise OSError(28, "No space left on device")

    with pytest.raises(FileError, match="cannot be written: No space left on device"):
        export_film(small, tmp_path / "a.gif", Plan(frames=4), Picture(size=SIZE), fail)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["precious"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
@pytest.mark.parametrize("ending", [".gif", ".mp4"])
def test_interrupted_it_leaves_no_file(experiment: Path, tmp_path: Path, ending: str) -> None:
    arguments = ["export", str(experiment), "--out", str(tmp_path / f"a{ending}"), "--frames", "41"]
    with subprocess.Popen([sys.executable, "-m", "gradsim", *arguments], stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + 300
        while not (started := [*tmp_path.glob(".gradsim-*")]) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert started
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        assert process.wait(300) == 130
    assert list(tmp_path.iterdir()) == [experiment.parent]


# From the window


def wait_until_made(qtbot: QtBot, window: Window) -> None:
    qtbot.waitUntil(lambda: not window.making.is_busy, timeout=60_000)


def told(window: Window) -> str:
    assert window.menus._corner is not None
    return window.menus._corner.told


def test_a_film_of_the_window_is_that_of_the_command_line(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, small: Document
) -> None:
    window = open_window(small, theme="dark")
    window.board.options.choose("over", "samples")
    window.settle()
    chosen_name(monkeypatch, str(tmp_path / "w.apng"))
    window.film_dialog()
    dialog = window.making.film(window._viewed, window._views, window._look_now)
    assert dialog is not None
    dialog.values |= {"frames": 3, "size": "960x540"}
    dialog._show()
    assert dialog.line.text().startswith("3 frames in 1.5 s")
    dialog.make_button.click()
    assert window.making.is_busy
    assert window.making.film(window._viewed, window._views, window._look_now) is None  # one at a time
    wait_until_made(qtbot, window)
    assert told(window) == "Saved …/w.apng"
    picture = Picture(theme="dark", size=(960, 540), options={"over": "samples"})
    export_film(small, tmp_path / "c.apng", Plan(frames=3), picture, lambda done, whole: None)
    assert (tmp_path / "w.apng").read_bytes() == (tmp_path / "c.apng").read_bytes()
    assert len(list(tmp_path.iterdir())) == 2


def test_a_cancelled_film_leaves_no_file(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    window = open_window()
    chosen_name(monkeypatch, str(tmp_path / "w.apng"))
    dialog = window.making.film(window._viewed, window._views, window._look_now)
    assert dialog is not None
    dialog.make_button.click()
    progress = window.making.progress
    assert progress is not None
    qtbot.waitUntil(lambda: progress.bar.value() >= 2, timeout=60_000)
    assert progress.isVisible()
    assert progress.line.text().startswith("Making w.apng: ")
    assert len(list(tmp_path.iterdir())) == 1
    progress.cancel.click()
    assert not window.making.is_busy
    assert list(tmp_path.iterdir()) == []
    assert told(window) == ""


def test_a_film_that_cannot_be_made_is_told_in_a_line(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    window, said = open_window(), list[str]()
    monkeypatch.setattr(window.making, "_refuse", said.append)
    (tmp_path / "w.gif").mkdir()
    chosen_name(monkeypatch, str(tmp_path / "w.gif"))
    dialog = window.making.film(window._viewed, window._views, window._look_now)
    assert dialog is not None
    dialog.values |= {"frames": 2, "size": "640x400"}
    dialog.make_button.click()
    wait_until_made(qtbot, window)
    [line] = said
    assert str(tmp_path / "w.gif") in line
    assert list(tmp_path.iterdir()) == [tmp_path / "w.gif"]


def test_the_dialog_says_what_cannot_be(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(language="zh_CN")
    dialog = window.making.film(window._viewed, window._views, window._look_now)
    assert dialog is not None
    for values, line in (
        ({"first": 30, "last": 20}, "最后一步早于第一步。"),
        ({"first": 99, "last": 40}, "第一步："),
        ({"first": 0, "fps": 900.0}, "每秒帧数："),
    ):
        dialog.values |= values
        dialog._show()
        assert dialog.line.text().startswith(line)
        assert not dialog.make_button.isEnabled()
    dialog.reject()


def test_a_job_is_the_same_after_its_way_as_text(qtbot: QtBot, small: Document, tmp_path: Path) -> None:
    changed = small.with_experiment(small.experiment)
    of_views = {key: options for key, options in options_at_first(small).items() if key in ("loss", "gradients")}
    plan, shown, states = Plan(1, 5, fps=2.0), ("loss", "gradients"), {"loss": "{'first': {0: 2}}"}
    job = Job(changed, "dark", "zh_CN", SIZE, shown, of_views, states, plan, tmp_path / "w", tmp_path / "a.gif")
    assert Job.from_text(job.to_text()) == job


def test_a_film_shows_views_as_the_window_has_them(qtbot: QtBot, open_window: OpenWindow) -> None:
    race = parse(RACE, "race")
    window = open_window(race)
    window.show_views(("map", "surface3d"))
    window.settle()
    zoomed, turned = the_view(window, Map), the_view(window, Surface3D)
    zoomed._map.show_window((-1.0, 0.5, -0.5, 1.0))
    turned._scene.set_pose(0.3, 0.7, 1.5)
    job = Job(race, "light", "en", SIZE, ("map",), {}, states_as_text(window.board.states, race.experiment), Plan(),
              Path("w"), Path("a.gif"))  # fmt: skip
    states = Job.from_text(job.to_text()).states
    for view, state in (("map", zoomed.state()), ("surface3d", turned.state())):
        with prepared(race, 5, Picture(view=view, size=SIZE, states=states), {}) as (board, _):
            assert state
            assert board.states[view] == state


def test_a_film_of_a_landscape_computes_one_plane_that_of_its_end(
    qtbot: QtBot, small: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []

    def counted(*asked: Any) -> Any:
        made.append(int(asked[1].steps[-1]))
        return landscape(*asked)

    monkeypatch.setattr(landscape_view, "landscape", counted)
    picture = Picture(view="landscape", size=SIZE)
    with coarse_studies():
        shown = {step: pixels(image) for step, image in images(small, [5, 10, 15, 20, 30, 40], picture, {})}
        assert set(made) == {40}
        assert len(made) <= 2  # another one where the layout had to settle
        export(small, tmp_path / "a.png", 40, picture)
    assert not differing(shown[40], pixels(QImage(str(tmp_path / "a.png")))).any()
    assert not np.array_equal(shown[5], shown[20])


@pytest.mark.parametrize("sight", ["washed", "deuteranopia"])
def test_a_film_is_seen_as_a_picture_is(
    qtbot: QtBot, experiment: Path, small: Document, tmp_path: Path, sight: str
) -> None:
    size = f"{SIZE[0]}x{SIZE[1]}"
    film, picture = str(tmp_path / "a.apng"), str(tmp_path / "a.png")
    common = ["export", str(experiment), "--as", sight, "--size", size]
    assert main([*common, "--out", film, "--from", "5", "--to", "6"]) == DONE
    assert main([*common, "--out", picture, "--step", "5"]) == DONE
    with Image.open(film) as first, Image.open(picture) as alone:
        assert ImageChops.difference(first.convert("RGB"), alone.convert("RGB")).getbbox() is None


# Data


def test_data_from_the_window_are_those_of_the_command_line(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, experiment: Path
) -> None:
    window = open_window()
    for ending in (".csv", ".json", ".npz"):
        window.controller.pause()
        window.controller.seek(17)
        qtbot.waitUntil(lambda: window.board.shown_step == 17, timeout=10_000)
        chosen_name(monkeypatch, str(tmp_path / f"w{ending}"))
        window.data_dialog()
        assert window.making.is_busy
        window.controller.toggle()  # the run goes on meanwhile
        wait_until_made(qtbot, window)
        assert told(window) == f"Saved …/w{ending}"
        assert main(["run", str(experiment), "--step", "17", "--out", str(tmp_path / f"c{ending}")]) == DONE
        assert (tmp_path / f"w{ending}").read_bytes() == (tmp_path / f"c{ending}").read_bytes()


# A picture is opened at its step


def test_a_picture_opens_at_its_step_and_rests_there(
    qtbot: QtBot, open_window: OpenWindow, small: Document, tmp_path: Path
) -> None:
    export(small, tmp_path / "a.png", 23, Picture(size=SIZE))
    window = open_window(read(tmp_path / "a.png"))
    qtbot.waitUntil(lambda: window.board.shown_step == 23, timeout=10_000)
    assert not window.controller.playing
    window.controller.seek(5)
    qtbot.waitUntil(lambda: window.board.shown_step == 5, timeout=10_000)
    window.editing.open_file(tmp_path / "a.png")
    qtbot.waitUntil(lambda: window.board.shown_step == 23, timeout=10_000)
    assert not window.controller.playing


def test_a_changed_picture_leaves_what_is_open(
    qtbot: QtBot, open_window: OpenWindow, small: Document, tmp_path: Path
) -> None:
    export(small, tmp_path / "a.svg", 3, Picture(size=SIZE))
    text = (tmp_path / "a.svg").read_text()
    assert "steps = 40" in text
    (tmp_path / "a.svg").write_text(text.replace("steps = 40", "steps = 41"))
    window, said = open_window(), list[str]()
    window.editing.failed.connect(said.append)
    before = window.editing.draft
    window.editing.failed.disconnect(window.alarm.tell)
    window.editing.open_file(tmp_path / "a.svg")
    [line] = said
    assert "has been changed since it was written" in line
    assert window.editing.draft is before


@pytest.mark.parametrize("ending", [".png", ".svg", ".pdf"])
def test_export_of_a_picture_gives_the_same_picture(
    qtbot: QtBot, small: Document, tmp_path: Path, ending: str
) -> None:
    export(small, tmp_path / "a.png", 23, Picture(size=SIZE))
    export(small, tmp_path / f"b{ending}", 23, Picture(size=SIZE))
    export(read(tmp_path / f"b{ending}"), tmp_path / "c.png", None, Picture(size=SIZE))
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "c.png").read_bytes()

"""Films: which steps they show and how fast, and what the files of each format hold, read by other programs."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gradsim.engine.data.pictures import text_in
from gradsim.schema.errors import FileError
from gradsim.ui.film.format import Pixels, Sheet
from gradsim.ui.film.formats import FORMATS
from gradsim.ui.film.gif import delays_cs
from gradsim.ui.film.plan import ENDINGS, Plan


def test_every_ending_has_its_format() -> None:
    assert tuple(FORMATS) == ENDINGS


@pytest.mark.parametrize(
    ("plan", "end", "steps"),
    [
        (Plan(), 3, [0, 1, 2, 3]),
        (Plan(2, 8, every=3), 10, [2, 5, 8]),
        (Plan(2, 9, every=3), 10, [2, 5, 8, 9]),
        (Plan(frames=3), 10, [0, 5, 10]),
        (Plan(frames=50), 2, [0, 1, 2]),
        (Plan(4, 4), 10, [4]),
        (Plan(frames=1), 10, [0]),
    ],
)
def test_the_steps_of_a_film(plan: Plan, end: int, steps: list[int]) -> None:
    assert plan.steps(end) == steps


@pytest.mark.parametrize("plan", [Plan(5, 4), Plan(0, 11), Plan(11)])
def test_a_span_that_the_run_has_not_is_refused(plan: Plan) -> None:
    with pytest.raises(FileError, match="is not a span of steps from 0 to 10"):
        plan.steps(10)


def test_too_many_frames_are_refused() -> None:
    with pytest.raises(FileError, match="at most 5,000"):
        Plan(every=1).steps(100_000)


def test_a_whole_run_takes_eight_seconds_unless_it_is_short() -> None:
    for end in (20, 40, 300, 100_000):
        frames = len(Plan().steps(end))
        assert frames / Plan().speed(frames) == pytest.approx(8, rel=0.35)
    assert Plan().speed(3) == 2
    assert Plan(fps=7.0).speed(3) == 7


def test_delays_add_up_to_the_time_that_the_frames_take() -> None:
    assert delays_cs(4, 3.0) == [33, 34, 33, 200]
    assert sum(delays_cs(300, 30.0)[:-1]) == round(100 * 299 / 30)


def drawn(count: int, colours: int) -> Iterator[Pixels]:
    """Yield frames with two flat grounds, a line that moves, and a patch of many colours."""
    rng = np.random.default_rng(3)
    noise = rng.integers(0, 256, (20, colours // 20, 3), dtype=np.uint8)
    for i in range(count):
        frame = np.full((60, 81, 3), (244, 245, 247), np.uint8)
        frame[30:, :] = (243, 244, 246)
        frame[5:55, 3 + i] = (171, 54, 10)
        frame[8:28, 40 : 40 + noise.shape[1]] = noise
        yield frame


def written(path: Path, frames: list[Pixels], text: str = "x = 1\n", loops: bool = True, fps: float = 10.0) -> Path:
    height, width, _ = frames[0].shape
    film = FORMATS[path.suffix].write(path, Sheet(width, height, fps, loops, text))
    film.send(None)
    for frame in frames:
        film.send(frame)
    film.send(None)
    return path


def read_back(path: Path) -> list[Pixels]:
    with Image.open(path) as image:
        found = []
        for i in range(getattr(image, "n_frames", 1)):
            image.seek(i)
            found.append(np.array(image.convert("RGB")))
    return found


@pytest.mark.parametrize("ending", [".gif", ".apng"])
@pytest.mark.parametrize("count", [1, 7])
def test_few_colours_come_back_as_they_were(tmp_path: Path, ending: str, count: int) -> None:
    frames = list(drawn(count, 200))
    found = read_back(written(tmp_path / f"a{ending}", frames))
    assert len(found) == count
    assert all(np.array_equal(one, other) for one, other in zip(frames, found, strict=True))


def test_any_number_of_colours_comes_back_from_apng(tmp_path: Path) -> None:
    frames = list(drawn(4, 400))
    found = read_back(written(tmp_path / "a.apng", frames))
    assert all(np.array_equal(one, other) for one, other in zip(frames, found, strict=True))


def test_with_many_colours_grounds_and_lines_of_a_gif_are_exact_and_no_pixel_is_scattered(tmp_path: Path) -> None:
    frames = list(drawn(6, 800))
    assert len(np.unique(frames[0].reshape(-1, 3), axis=0)) > 700
    for frame, found in zip(frames, read_back(written(tmp_path / "a.gif", frames)), strict=True):
        plain = np.ones(frame.shape[:2], bool)
        plain[8:28, 40:80] = False
        assert np.array_equal(frame[plain], found[plain])
        apart = np.abs(frame.astype(int) - found)[8:28, 40:80]
        assert apart.mean() < 25
        # One colour is always told by one colour: nothing is dithered.
        pairs = np.concatenate([frame, found], axis=2).reshape(-1, 6)
        assert len(np.unique(pairs, axis=0)) == len(np.unique(pairs[:, :3], axis=0))


@pytest.mark.parametrize("ending", [".gif", ".apng"])
def test_times_and_whether_it_begins_again(tmp_path: Path, ending: str) -> None:
    frames = list(drawn(3, 100))
    frames.insert(1, frames[0])  # a frame that shows nothing new takes its time too
    for loops in (True, False):
        with Image.open(written(tmp_path / f"a{ending}", frames, loops=loops)) as image:
            times = []
            for i in range(4):
                image.seek(i)
                times.append(image.info["duration"])
            assert times == [100, 100, 100, 2000]
            assert image.info.get("loop") == (0 if loops else (None if ending == ".gif" else 1))


@pytest.mark.parametrize("ending", [".gif", ".apng", ".mp4"])
def test_a_film_carries_its_text(tmp_path: Path, ending: str) -> None:
    text = "label = 'Ä 中'\n" * 300
    with written(tmp_path / f"a{ending}", list(drawn(2, 100)), text).open("rb") as file:
        assert text_in(file) == text


def test_ffmpeg_reads_an_mp4_back(tmp_path: Path) -> None:
    ffmpeg = pytest.importorskip("imageio_ffmpeg").get_ffmpeg_exe()
    frames = list(drawn(5, 100))
    path = written(tmp_path / "a.mp4", frames)
    raw = ["-pix_fmt", "rgb24", "-f", "rawvideo", "-"]
    done = subprocess.run([ffmpeg, "-hide_banner", "-i", str(path), *raw], capture_output=True, check=True)
    assert b"82x60" in done.stderr  # of an odd width, one more
    assert b"10 fps" in done.stderr
    found = np.frombuffer(done.stdout, np.uint8).reshape(-1, 60, 82, 3)[:, :, :81]
    assert len(found) == 5 + 2 * 10 - 1
    for frame, back in zip(frames, found, strict=False):
        apart = np.abs(frame.astype(int) - back)
        assert apart[:, 20:38].max() <= 4  # a ground: eight bits for another kind of colours, and little lost
        assert apart.mean() < 12
    assert np.array_equal(found[4], found[-1])

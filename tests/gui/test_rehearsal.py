"""The stage as a washed-out projector and colour-blind eyes show it, in the window and in pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradsim.cli import main
from gradsim.sim.documents.document import Document, read
from gradsim.ui.app import application
from gradsim.ui.export import Picture, export
from gradsim.ui.sights import MATRICES, SIGHTS, seen, seen_image, show_as_seen
from gradsim.ui.window import Window
from gradsim.ui.writers.writer import image_of
from tests.gui.conftest import OpenWindow

Pixels = npt.NDArray[np.uint8]

COARSE = 7
"""How far a colour in the window may be off: of its 8 bits the upper 5 or 6 count."""


PICTURES = slice(0, 500)
"""The rows of the board above the label."""


def pixels(image: QImage) -> Pixels:
    """Return the colours (height, width, 3) of a picture."""
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 4 * image.width()].reshape(image.height(), image.width(), 4)[..., :3].copy()


def screen(window: Window) -> Pixels:
    """Return what the window has on the screen of its board."""
    application().processEvents()
    held = window.backingStore().paintDevice()
    assert isinstance(held, QImage)
    board = window.board
    corner = board.mapTo(window, board.rect().topLeft())
    return pixels(held.copy(QRect(corner, board.size())))


@pytest.fixture
def window(qtbot: QtBot, open_window: OpenWindow) -> Window:
    """Return a window at rest."""
    window = open_window()
    window.controller.pause()
    window.controller.seek(20)
    qtbot.waitUntil(lambda: window.controller.at_rest and window.board.shown_step == 20, timeout=60_000)
    window.settle()
    return window


@pytest.mark.parametrize("sight", list(SIGHTS))
def test_the_window_shows_each_colour_as_it_is_seen(sight: str, window: Window) -> None:
    before = screen(window)
    window.rehearsal.show_as(sight)
    after = screen(window)
    near = before[PICTURES].astype(np.float64)
    lowest, highest = (seen(np.clip(near + by, 0.0, 255.0) / 255.0, sight) for by in (-COARSE, COARSE))
    margin = COARSE + np.abs(highest - lowest).max(axis=-1) * 255.0
    off = np.abs(after[PICTURES] - 255.0 * seen(near / 255.0, sight)).max(axis=-1)
    assert (off <= 2.0 * margin).mean() > 0.999
    assert np.median(off) <= COARSE
    assert (after[PICTURES] != before[PICTURES]).any()


def test_what_is_painted_anew_is_changed_once(qtbot: QtBot, window: Window) -> None:
    window.rehearsal.show_as("washed")
    first = screen(window)
    window.board.update()
    foot = window.board.foot
    assert foot is not None
    foot.update()
    np.testing.assert_array_equal(screen(window), first)
    window.controller.seek(30)
    qtbot.waitUntil(lambda: window.board.shown_step == 30, timeout=60_000)
    window.settle()
    after = screen(window)[PICTURES]
    assert (after != first[PICTURES]).any()
    # Washed out twice, black would be at 0.35 + 0.6 * 0.35; as it is, at 0.
    assert after.min() == pytest.approx(
        255.0 * seen(screen_as_is(window)[PICTURES].min() / 255.0, "washed"), abs=COARSE
    )


def screen_as_is(window: Window) -> Pixels:
    sight = window.rehearsal.sight
    window.rehearsal.show_as("")
    found = screen(window)
    window.rehearsal.show_as(sight)
    return found


def test_its_key_leads_through_all_sights_and_escape_back(window: Window) -> None:
    as_is = screen(window)
    for sight in SIGHTS:
        QTest.keyClick(window, Qt.Key.Key_R)
        assert window.rehearsal.sight == sight
        assert window.rehearsal.isVisible()
    QTest.keyClick(window, Qt.Key.Key_R)
    assert window.rehearsal.sight == ""
    assert not window.rehearsal.isVisible()
    np.testing.assert_array_equal(screen(window), as_is)
    window.showFullScreen()
    window.settle()
    window.rehearse()
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert window.rehearsal.sight == ""
    assert window.isFullScreen()


def test_it_follows_the_board_and_lets_the_mouse_through(qtbot: QtBot, window: Window) -> None:
    window.rehearse()
    window.resize(1000, 700)
    window.settle()
    qtbot.waitUntil(lambda: window.rehearsal.geometry() == window.board.geometry(), timeout=60_000)
    window.toggle_panel()
    qtbot.waitUntil(lambda: window.rehearsal.geometry() == window.board.geometry(), timeout=60_000)
    assert window.rehearsal.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)


def test_a_picture_that_is_taken_of_the_board_is_as_it_is(window: Window) -> None:
    before = pixels(image_of(window.board, 1.0))
    window.rehearse()
    np.testing.assert_array_equal(pixels(image_of(window.board, 1.0)), before)


@pytest.mark.parametrize("sight", list(SIGHTS))
def test_export_has_the_exact_colours_and_the_experiment(sight: str, small: Document, tmp_path: Path) -> None:
    plain, other = tmp_path / "plain.png", tmp_path / "other.png"
    export(small, plain, 3, Picture(size=(400, 300)))
    export(small, other, 3, Picture(size=(400, 300), sight=sight))
    wanted = np.rint(255.0 * seen(pixels(QImage(str(plain))) / 255.0, sight))
    np.testing.assert_array_equal(pixels(QImage(str(other))), wanted)
    assert read(other) == small


def test_the_command_line_knows_the_sights(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "a.png"
    given = ["export", "vanishing", "--step", "0", "--size", "400x300", "--out", str(out)]
    assert main([*given, "--as", "washed"]) == 0
    assert pixels(QImage(str(out))).min() >= round(0.35 * 255)
    with pytest.raises(SystemExit) as caught:
        main([*given, "--as", "sepia"])
    assert caught.value.code == 2
    assert "choose from" in capsys.readouterr().err
    assert main(["export", "--all", "--out", str(tmp_path / "all"), "--as", "washed"]) == 2
    assert capsys.readouterr().err == "gradsim: export: --as is for one picture, not for --all\n"


# The colours themselves.


@pytest.mark.parametrize("sight", list(MATRICES))
def test_grey_is_seen_as_it_is(sight: str) -> None:
    greys = np.linspace(0.0, 1.0, 11)[:, None].repeat(3, axis=1)
    np.testing.assert_allclose(seen(greys, sight), greys, atol=1e-5)


def test_red_and_green_of_one_lightness_are_alike_for_those_without_cones_for_long_or_middle_waves() -> None:
    """Two of the confusion pairs: those that lack one kind of cone do not tell them apart, others do."""
    pairs = {"protanopia": ("#b04040", "#5f5f40"), "deuteranopia": ("#9a6060", "#6f7860")}
    for sight, pair in pairs.items():
        one, other = (np.array([QColor(name).redF(), QColor(name).greenF(), QColor(name).blueF()]) for name in pair)
        usual = np.abs(one - other).max()
        assert np.abs(seen(one, sight) - seen(other, sight)).max() < 0.45 * usual, sight


@pytest.mark.parametrize("sight", list(SIGHTS))
def test_a_part_of_a_picture_is_changed_and_nothing_else(sight: str) -> None:
    rng = np.random.default_rng(0)
    colours = rng.integers(0, 256, (37, 53, 3), np.uint8)
    image = QImage(53, 37, QImage.Format.Format_RGB32)
    for row in range(37):
        for column in range(53):
            image.setPixelColor(column, row, QColor(*map(int, colours[row, column])))
    np.testing.assert_array_equal(pixels(seen_image(image, sight)), np.rint(255.0 * seen(colours / 255.0, sight)))
    part = QRect(7, 5, 31, 19)
    show_as_seen(image, part, sight)
    found = pixels(image)
    inside = np.zeros((37, 53), bool)
    inside[5:24, 7:38] = True
    np.testing.assert_array_equal(found[~inside], colours[~inside])
    bits = zip(np.moveaxis(colours, -1, 0), (5, 6, 5), strict=True)
    kept = [(channel >> (8 - count)) / (2**count - 1) for channel, count in bits]
    wanted = np.rint(255.0 * seen(np.stack(kept, axis=-1), sight))
    np.testing.assert_array_equal(found[inside], wanted[inside])

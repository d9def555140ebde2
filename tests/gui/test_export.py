"""Pictures: the same as the window's, at the size asked for, and nothing written where refused."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gradsim.cli import main
from gradsim.sim.documents.document import Document, dump
from gradsim.ui import writers
from gradsim.ui.app import application
from gradsim.ui.export import Picture, export, settle
from gradsim.ui.writers.writer import image_of
from tests.golden.compare import pixels
from tests.gui.conftest import OpenWindow, chosen_name


@pytest.mark.parametrize(("theme", "room"), [("light", 4096), ("dark", 4096), ("projector", 4096), ("light", 16)])
def test_export_gives_what_the_window_shows_at_that_step(
    qtbot: QtBot,
    open_window: OpenWindow,
    small: Document,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    theme: str,
    room: int,
) -> None:
    monkeypatch.setattr("gradsim.sim.run.tape.MAX_ROWS", room)
    monkeypatch.setattr("gradsim.sim.run.tape.MAX_RECENT", 4)
    window = open_window(theme=theme)
    for part in (window.transport, window.panel, window.menus):
        assert part is not None
        part.hide()  # sizes of type follow the whole window, which the board is to fill as it fills a picture
    settle(application())
    window.board._rebuild()  # the foot keeps the height that its text had in a narrower one
    window.settle()
    window.controller.pause()
    window.controller.seek(23)
    qtbot.waitUntil(lambda: window.controller.step == 23, timeout=10_000)
    # Going beyond it and back must make no difference.
    window.controller.seek(31)
    qtbot.waitUntil(lambda: window.controller.step == 31, timeout=10_000)
    window.controller.seek(23)
    qtbot.waitUntil(lambda: window.board.shown_step == 23, timeout=10_000)
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    settle(app)
    shown = pixels(image_of(window.board, 1.0))
    size = (window.width(), window.height())
    assert window.board.size() == window.size()
    export(small, tmp_path / "a.png", 23, Picture(theme=theme, size=size))
    assert np.array_equal(shown, pixels(QImage(str(tmp_path / "a.png"))))


def test_size_and_scale_give_the_pixels_asked_for(small: Document, tmp_path: Path, qtbot: QtBot) -> None:
    export(small, tmp_path / "a.png", 3, Picture(size=(640, 400), scale=2.0, view="loss"))
    image = QImage(str(tmp_path / "a.png"))
    assert (image.width(), image.height()) == (1280, 800)
    assert image.text("gradsim-step") == "3"


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["--out", "x.bmp"], "'.bmp' is not one of "),
        (["--out", "x.png", "--view", "los"], "did you mean 'loss'?"),
        (["--out", "x.png", "--step", "41"], "beyond the last step, 40"),
        (["--out", "x.png", "--size", "9x9"], "WIDTHxHEIGHT"),
        (["--out", "x.png", "--theme", "lite"], "lite"),
        (["--out", "missing/x.png", "--step", "1"], "cannot be written"),
        (["--out", "a.gif", "--from", "30", "--to", "20"], "not a span of steps from 0 to 40"),
        (["--out", "a.gif", "--fps", "60"], "--fps: 60 is not a number from 0.5 to 50, as GIF needs it"),
        (["--out", "a.gif", "--step", "3"], "a film goes --from A --to B"),
        (["--out", "a.gif", "--transparent"], "a film has a ground"),
        (["--out", "a.gif", "--every", "2", "--frames", "3"], "not allowed with"),
        (["--out", "a.png", "--fps", "3"], "are for films: .gif, .apng, .mp4"),
        (["--out", "a.webm"], "'.webm' is not one of "),
        (["--out", "missing/a.gif"], "cannot be written"),
    ],
)
def test_a_bad_option_is_one_line_and_writes_nothing(
    qtbot: QtBot,
    small: Document,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    part: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.toml").write_text(dump(small))
    try:
        status = main(["export", "a.toml", *arguments])
    except SystemExit as stopped:
        status = int(str(stopped.code))
    said = capsys.readouterr()
    assert status == 2
    assert part in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""
    assert [path.name for path in tmp_path.iterdir()] == ["a.toml"]


BITMAP = """
from PySide6.QtCore import QBuffer, QByteArray, QIODevice

from gradsim.ui.writers.writer import Painting, Writer


class BitmapWriter(Writer):
    ending = ".bmp"

    def content(self, painting, text):
        content = QByteArray()
        buffer = QBuffer(content)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        painting.image.save(buffer, "BMP")
        return bytes(content.data()) + text.encode()
"""


def test_a_format_costs_one_class(
    qtbot: QtBot,
    open_window: OpenWindow,
    small: Document,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "bitmap.py").write_text(BITMAP)
    monkeypatch.setattr(writers, "__path__", [*writers.__path__, str(tmp_path)])
    monkeypatch.chdir(tmp_path)
    Path("a.toml").write_text(dump(small))
    writers.writers.cache_clear()
    try:
        picture = ["export", "a.toml", "--size", "300x200", "--step", "1", "--view", "loss", "--out"]
        assert main([*picture, "a.bmp"]) == main([*picture, "a.png"]) == 0
        assert main([*picture, "a.tiff"]) == 2
        asked = chosen_name(monkeypatch, "b.bmp")
        window = open_window(small)
        window.picture_dialog()
        window.pictures.finish()
    finally:
        writers.writers.cache_clear()
        del sys.modules["gradsim.ui.writers.bitmap"]
    assert "'.tiff' is not one of .bmp, .pdf, .png, .svg" in capsys.readouterr().err
    assert [texts[-1] for texts in asked] == ["PNG (*.png);;BMP (*.bmp);;PDF (*.pdf);;SVG (*.svg)"]
    assert Path("b.bmp").read_bytes().startswith(b"BM")
    assert np.array_equal(pixels(QImage("a.bmp")), pixels(QImage("a.png")))
    assert Path("a.bmp").read_bytes().endswith(QImage("a.png").text("gradsim").encode())

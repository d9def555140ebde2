"""Pictures from the window: as asked for, as the command line makes them, onto the clipboard, as the last one was."""

from __future__ import annotations

import threading
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QSize, QTimer
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QDialog, QDialogButtonBox, QWidget
from pytestqt.qtbot import QtBot

from gradsim.cli import main
from gradsim.engine.data.pictures.carried import unpacked
from gradsim.sim.documents.document import Document, dump, parse
from gradsim.sim.documents.experiments import table_of
from gradsim.ui import pictures
from gradsim.ui.caption import caption_lines
from gradsim.ui.export import Picture, export
from gradsim.ui.picture import laid_out
from gradsim.ui.picture_dialog import SCALES, PictureDialog, Wanted
from gradsim.ui.pictures import Moment
from gradsim.ui.theme import Look
from gradsim.ui.window import Window
from gradsim.ui.writers import Painting, writer
from tests.golden.compare import differing, pixels
from tests.gui.conftest import RACE, SMALL, OpenWindow, chosen_name, edit_to, menu_actions


def at_step(qtbot: QtBot, window: Window, step: int) -> Window:
    """Show a step and stay there."""
    window.controller.pause()
    window.controller.seek(step)
    qtbot.waitUntil(lambda: window.board.shown_step == step, timeout=10_000)
    return window


@pytest.mark.parametrize("text", [SMALL, RACE])
@pytest.mark.parametrize(
    ("wanted", "options"),
    [
        (Wanted(size=(800, 500), scale=1.0), []),
        (Wanted(view="{first}", size=(640, 400), scale=2.0), ["--view", "{first}", "--scale", "2"]),
        (Wanted(size=(800, 500), scale=1.0, has_ground=False, has_caption=True), ["--transparent", "--caption"]),
    ],
)
def test_the_window_and_the_command_line_make_the_same_pixels(
    qtbot: QtBot,
    open_window: OpenWindow,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    text: str,
    wanted: Wanted,
    options: list[str],
) -> None:
    document = parse(text, "a")
    window = at_step(qtbot, open_window(document), 23)
    first = window.board.shown.views[0]
    assert wanted.size
    window.pictures.wanted = Wanted(
        wanted.view.format(first=first), wanted.size, wanted.scale, wanted.has_ground, wanted.has_caption
    )
    chosen_name(monkeypatch, str(tmp_path / "window.png"))
    window.picture_dialog()
    window.pictures.finish()
    (tmp_path / "a.toml").write_text(dump(document))
    size = "{}x{}".format(*wanted.size)
    out = ["--step", "23", "--size", size, "--out", str(tmp_path / "line.png")]
    assert main(["export", str(tmp_path / "a.toml"), *out, *(each.format(first=first) for each in options)]) == 0
    made, asked = QImage(str(tmp_path / "window.png")), QImage(str(tmp_path / "line.png"))
    assert made.size() == asked.size() == QSize(*wanted.size) * wanted.scale
    # Qt's outlines of letters, of which rims are made, depend on what was written before, by 1/64 of a pixel.
    assert not differing(pixels(made), pixels(asked)).any()
    assert made == asked or text is RACE
    assert made.text("gradsim-step") == asked.text("gradsim-step") == "23"


@pytest.mark.parametrize("theme", ["light", "dark", "projector"])
def test_a_picture_without_a_ground_lies_on_any_other(
    qtbot: QtBot, small: Document, tmp_path: Path, theme: str
) -> None:
    """Laid onto the colour of its cards, it is the picture with a ground, but for the ground and frames of these."""
    for has_ground in (True, False):
        export(
            small,
            tmp_path / f"{has_ground}.png",
            9,
            Picture(theme, size=(960, 600), view="loss", has_ground=has_ground),
        )
    clear = QImage(str(tmp_path / "False.png"))
    assert clear.hasAlphaChannel()
    assert QColor(clear.pixelColor(3, 3)).alpha() == 0
    alpha = np.frombuffer(clear.convertToFormat(QImage.Format.Format_RGBA8888).constBits(), np.uint8).reshape(
        600, 960, 4
    )[..., 3]
    assert (alpha == 0).mean() > 0.7
    assert (alpha == 255).sum() > 2_000  # lines and letters


def test_a_picture_is_of_the_step_at_which_it_was_asked_for(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, small: Document
) -> None:
    window = at_step(qtbot, open_window(), 9)

    def go_on(_: PictureDialog) -> int:
        at_step(qtbot, window, 31)
        return 1

    chosen_name(monkeypatch, str(tmp_path / "a.png"))
    monkeypatch.setattr(PictureDialog, "exec", go_on)
    window.pictures.wanted = Wanted(size=(640, 400), scale=1.0)
    window.picture_dialog()
    window.pictures.finish()
    export(small, tmp_path / "b.png", 9, Picture(size=(640, 400)))
    assert QImage(str(tmp_path / "a.png")) == QImage(str(tmp_path / "b.png"))


@pytest.mark.parametrize("other", [{"common": {"hidden": [8] * 6, "batch_size": 16}}, {}], ids=["deeper", "race"])
def test_a_picture_is_of_the_experiment_that_was_shown_when_it_was_asked_for(
    qtbot: QtBot,
    open_window: OpenWindow,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    small: Document,
    other: dict[str, Any],
) -> None:
    window = at_step(qtbot, open_window(), 9)
    window.show_views(("gradients", "loss"))
    window.settle()

    def open_another(_: PictureDialog) -> int:
        before = window.controller.tape
        if other:
            edit_to(window, {**table_of(small.experiment), **other})
        else:
            window.walk.open("race")
        qtbot.waitUntil(lambda: window.controller.tape is not before)
        window.settle()
        return 1

    chosen_name(monkeypatch, str(tmp_path / "a.png"))
    monkeypatch.setattr(PictureDialog, "exec", open_another)
    window.pictures.wanted = Wanted(size=(640, 400), scale=1.0)
    window.picture_dialog()
    window.pictures.finish()
    export(small, tmp_path / "b.png", 9, Picture(size=(640, 400), views=("gradients", "loss")))
    assert QImage(str(tmp_path / "a.png")) == QImage(str(tmp_path / "b.png"))


@pytest.mark.parametrize("ending", ["svg", "pdf"])
def test_shapes_are_saved_from_the_window_too(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ending: str
) -> None:
    window = at_step(qtbot, open_window(), 9)
    chosen_name(monkeypatch, str(tmp_path / f"a.{ending}"))
    window.picture_dialog()
    window.pictures.finish()
    written = (tmp_path / f"a.{ending}").read_bytes()
    assert written.startswith(b"<?xml" if ending == "svg" else b"%PDF")
    width, height = window.board.width(), window.board.height()
    assert (f'viewBox="0 0 {width} {height}"' if ending == "svg" else f"[0 0 {width}.0").encode() in written


def copied(qtbot: QtBot, window: Window) -> QMimeData:
    """Copy a picture; return what is on the clipboard then."""
    clipboard = QApplication.clipboard()
    clipboard.clear()
    menu_actions(window)["Copy a picture of what is shown"].trigger()
    qtbot.waitUntil(lambda: clipboard.mimeData() is not None and clipboard.mimeData().hasImage(), timeout=20_000)
    return clipboard.mimeData()


def test_a_copy_is_a_picture_with_its_experiment(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = at_step(qtbot, open_window(), 9)
    window.pictures.wanted = Wanted(size=(640, 400), scale=2.0)
    data = copied(qtbot, window)
    assert QImage(data.imageData()).size() == QSize(1280, 800)
    file = QImage.fromData(data.data("image/png"))
    assert np.array_equal(pixels(file), pixels(QImage(data.imageData())))
    assert parse(unpacked(file.text("gradsim")).experiment, "copy") == window.controller.running_document


@pytest.mark.parametrize(
    "wanted",
    [Wanted(), Wanted(size=(1280, 720), scale=3.0), Wanted(size=(700, 500), has_ground=False, has_caption=True)],
)
@pytest.mark.parametrize("text", [SMALL, RACE])
def test_a_copy_made_in_pieces_has_the_pixels_of_one_made_in_one_go(
    qtbot: QtBot, open_window: OpenWindow, text: str, wanted: Wanted
) -> None:
    window = at_step(qtbot, open_window(parse(text, "a")), 9)
    window.pictures.wanted = wanted
    moment = Moment(window.controller.running_document, window._tape().until(9), window.board.likeness)  # type: ignore[union-attr]
    picture, type_for = window.pictures._asked(moment)
    for _ in range(2):  # what is written first in a program with a font has edges a little other than later
        board = moment.likeness.board()
        board.type_for = type_for
        with laid_out(board, moment.document, moment, 9, picture):
            whole = pixels(Painting(board.window(), picture.scale, moment.document, 9, picture.has_ground).image)
    assert np.array_equal(pixels(QImage(copied(qtbot, window).imageData())), whole)


def test_the_window_answers_while_a_picture_is_copied(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, done = at_step(qtbot, open_window(), 9), list[str]()
    window.pictures.wanted = Wanted(size=(1920, 1080), scale=2.0)

    def note(what: str, place: object, name: str) -> None:
        real = getattr(place, name)

        def noting(*arguments: object) -> object:
            here = threading.current_thread() is threading.main_thread()
            done.append(f"{what}, {'here' if here else 'aside'}")
            return real(*arguments)

        monkeypatch.setattr(place, name, noting)

    note("file", pictures, "carrying")
    note("part", writer, "paint")
    turns = QTimer(window)
    turns.timeout.connect(lambda: done.append("turn"))
    turns.start(0)
    copied(qtbot, window)
    assert done.count("part, here") == len(window.board.views) + 1 == 5
    assert done.count("file, aside") == 1
    work = [i for i, each in enumerate(done) if each != "turn"]
    assert all("turn" in done[one:other] for one, other in pairwise(work))
    assert work[0] > 5  # laid out in several turns, too


def test_the_dialog_offers_what_there_is_and_keeps_what_was_chosen(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = at_step(qtbot, open_window(), 9)
    views = {"loss": "Loss", "gradients": "Gradients"}
    wanted = Wanted("loss", (700, 500), 3.0, has_ground=False, has_caption=True)
    dialog = PictureDialog(window, wanted, views, QSize(800, 600), window._look_now)
    assert dialog.wanted == wanted
    assert [dialog.what.itemData(at) for at in range(dialog.what.count())] == ["", "loss", "gradients"]
    dialog.size_choice.setCurrentIndex(0)
    assert dialog.wanted.size is None
    dialog.size_choice.setCurrentIndex(dialog.size_choice.count() - 1)
    dialog.width_field.setText("9000")
    dialog.height_field.setText("9000")
    dialog.scale.setCurrentIndex(len(SCALES) - 1)
    assert dialog.wanted.scale == 1.0  # more pixels than are allowed
    dialog.width_field.setText("")
    assert dialog.wanted.size == (100, 9000)
    assert not dialog.copies
    with qtbot.waitSignal(dialog.accepted):
        dialog.copy_button.click()
    assert dialog.copies
    [save] = [each for each in dialog.buttons.buttons() if dialog.buttons.buttonRole(each) == ACCEPTS]
    assert save.isDefault()
    dialog.deleteLater()


ACCEPTS = QDialogButtonBox.ButtonRole.AcceptRole


@pytest.mark.parametrize(
    "text", ["", "800x600", "9x9 2 1 1", "screen 7 1 1", "screen 2 yes 1", "1x2x3 1 1 1", "screen 2 1 1 1"]
)
def test_how_the_last_picture_was_is_as_at_first_where_it_cannot_be_read(text: str) -> None:
    assert Wanted.from_text(text) == Wanted()


@pytest.mark.parametrize("wanted", [Wanted(), Wanted(size=(800, 600), scale=1.0, has_ground=False, has_caption=True)])
def test_how_the_last_picture_was_is_kept_for_the_next_start(
    qtbot: QtBot, open_window: OpenWindow, wanted: Wanted
) -> None:
    window, other = open_window(), open_window()
    window.pictures.wanted = wanted
    other.restore(window.settings())
    assert other.pictures.wanted == wanted


def test_a_caption_says_how_to_make_the_picture_again(qtbot: QtBot) -> None:
    look = Look.fit("light", "en", QSize(1280, 720))
    assert caption_lines(parse(SMALL, "small"), 23, look) == [
        "Experiment · Sigmoid, ReLU",
        "3 seeds · Digits 8×8 (samples 200) · 3 × 8 · SGD (learning rate 0.1) · batch 16 · Loss: Cross-entropy",
        "step 23 of 40 · seed 1 · gradsim 0.1.0",
    ]
    assert caption_lines(parse(RACE, "race"), 5, look) == [
        "Experiment · Plain, Adam",
        "Himmelblau · from 0, 0 · noise 0",
        "step 5 of 60 · seed 0 · gradsim 0.1.0",
    ]


@pytest.mark.parametrize("saves", [False, True])
def test_a_picture_whose_table_is_gone_is_refused_in_a_line_and_the_run_stays(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, saves: bool
) -> None:
    table = tmp_path / "table.csv"
    table.write_text("a,b,kind\n" + "".join(f"{i},{-i},{'x' if i % 2 else 'y'}\n" for i in range(40)), "utf-8")
    data = f'{{ name = "csv", path = "{table.as_posix()}" }}'
    text = SMALL.replace('{ name = "digits", samples = 200 }', data)
    window = at_step(qtbot, open_window(parse(text, "a", tmp_path)), 9)
    told: list[str] = []
    monkeypatch.setattr(window.files, "_refuse", told.append)
    monkeypatch.setattr(window.files, "picture_path", lambda *_: tmp_path / "picture.png")
    monkeypatch.setattr(PictureDialog, "exec", lambda _: QDialog.DialogCode.Accepted)
    table.unlink()
    with qtbot.captureExceptions() as raised:
        if saves:
            window.picture_dialog()
        else:
            window.copy_picture()
        window.pictures.finish()
    assert not raised
    assert len(told) == 1
    assert "table.csv" in told[0]
    assert "\n" not in told[0]
    assert not (tmp_path / "picture.png").exists()
    assert window.board.shown_step == 9


@pytest.mark.parametrize("saves", [False, True])
def test_a_window_that_closes_writes_the_file_that_was_asked_for_and_copies_nothing_more(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, saves: bool
) -> None:
    window, file = at_step(qtbot, open_window(), 9), tmp_path / "picture.png"
    monkeypatch.setattr(window.files, "picture_path", lambda *_: file)
    monkeypatch.setattr(PictureDialog, "exec", lambda _: QDialog.DialogCode.Accepted)
    QApplication.clipboard().setText("before")
    if saves:
        window.picture_dialog()
    else:
        window.copy_picture()
    assert window.pictures.is_busy
    window.asks = False
    window.close()
    assert not window.pictures.is_busy
    assert file.exists() == saves
    assert QApplication.clipboard().text() == "before"


def test_a_sheet_that_is_gone_when_a_file_has_been_chosen_is_refused_in_a_line(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    window, sheet, told = at_step(qtbot, open_window(), 9), QWidget(), list[str]()

    def chosen(*_: object) -> Path:
        sheet.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        return tmp_path / "picture.svg"

    monkeypatch.setattr(window.files, "picture_path", chosen)
    monkeypatch.setattr(window.files, "_refuse", told.append)
    window.pictures.save_painting(Painting(sheet, 1.0, window.controller.running_document, 9))
    assert told == ["not saved: what the picture was to be of is no longer there"]
    assert not list(tmp_path.iterdir())

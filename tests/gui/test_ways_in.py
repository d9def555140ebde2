"""Ways in: tables, experiments and pictures that are dropped, opened, pasted, looked for or named at the start."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QClipboard, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from gradsim.engine.data.tables import Csv
from gradsim.schema.errors import FileError
from gradsim.sim.documents import pasted
from gradsim.sim.documents.document import parse, read, write
from gradsim.sim.documents.lessons import lessons
from gradsim.ui.export import Picture, export
from gradsim.ui.film.make import export_film
from gradsim.ui.film.plan import ENDINGS, Plan
from gradsim.ui.panels.paths import PathEditor
from gradsim.ui.window import Window
from tests.gui.conftest import SMALL, OpenWindow, open_sections
from tests.unit.small import as_train

SINE = "x,y\n" + "".join(f"{i / 10},{math.sin(i / 10):.4f}\n" for i in range(60))
CLASSES = "a,b,kind\n" + "".join(f"{i / 7:.2f},{i % 9},{'uvw'[i % 3]}\n" for i in range(90))


def mime(*paths: Path | str, text: str = "") -> QMimeData:
    content = QMimeData()
    if paths:
        content.setUrls([QUrl.fromLocalFile(str(p)) if isinstance(p, Path) else QUrl(p) for p in paths])
    if text:
        content.setText(text)
    return content


def drop(target: QWidget, content: QMimeData) -> bool:
    """Drop something on a widget as a window system does: entering first; tell whether it was taken."""
    where, copy = QPoint(20, 20), Qt.DropAction.CopyAction
    button, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(where, copy, content, button, none)
    entering.ignore()
    QApplication.sendEvent(target, entering)
    if not entering.isAccepted():
        return False
    dropping = QDropEvent(QPointF(where), copy, content, button, none)
    QApplication.sendEvent(target, dropping)
    return dropping.isAccepted()


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    (tmp_path / "sine.csv").write_text(SINE)
    (tmp_path / "classes.csv").write_text(CLASSES)
    return tmp_path


@pytest.fixture(autouse=True)
def data_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path_factory.mktemp("data") / "tables"
    monkeypatch.setattr(pasted, "folder", lambda: place)
    return place


def train(window: Window) -> None:
    """Train on the table that is shown."""
    assert window.ways_in.sheet is not None
    window.ways_in.sheet.train_button.click()


def csv_of(window: Window) -> str:
    data = as_train(window.editing.draft.document.experiment).data
    assert isinstance(data, Csv)
    return data.path


def edit_data(window: Window, data: dict[str, Any]) -> None:
    window.editing.edit({**window.editing.draft.table, "data": data})


def test_an_experiment_and_a_picture_are_opened_by_a_drop(
    qtbot: QtBot, open_window: OpenWindow, tmp_path: Path
) -> None:
    document = parse(SMALL, "small")
    write(tmp_path / "a.toml", document)
    export(document, tmp_path / "a.png", 3, Picture(size=(400, 300)))
    for name in ("a.toml", "a.png"):
        window = open_window(lessons()["vanishing"])
        assert drop(window, mime(tmp_path / name))
        qtbot.waitUntil(lambda w=window: w.editing.draft.document == document, timeout=10_000)  # type: ignore[misc]
        assert window.editing.path == tmp_path / name


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_film_is_opened_at_its_end(qtbot: QtBot, open_window: OpenWindow, tmp_path: Path, ending: str) -> None:
    if ending == ".mp4":
        pytest.importorskip("imageio_ffmpeg")
    document, path = parse(SMALL, "small"), tmp_path / f"film{ending}"
    export_film(document, path, Plan(0, 3, frames=2), Picture(size=(400, 300)), lambda done, whole: None)
    window = open_window(lessons()["vanishing"])
    assert drop(window, mime(path))
    qtbot.waitUntil(lambda: window.editing.draft.document.experiment == document.experiment, timeout=10_000)
    qtbot.waitUntil(lambda: window.controller.step == 3, timeout=10_000)


def test_on_the_sheet_of_a_table_anything_can_be_dropped_too(
    qtbot: QtBot, open_window: OpenWindow, tables: Path, tmp_path: Path
) -> None:
    window = open_window()
    write(tmp_path / "a.toml", parse(SMALL, "small"))
    (tmp_path / "letter.docx").write_bytes(b"PK\x03\x04")
    window.ways_in.open_path(tables / "sine.csv")
    first = window.ways_in.sheet
    assert first is not None
    assert drop(first, mime(tmp_path / "letter.docx"))
    qtbot.waitUntil(lambda: "letter.docx" in first.other.text(), timeout=5000)
    assert first.other.isVisible()
    assert first.train_button.isEnabled()
    assert drop(first.grid, mime(tables / "classes.csv")) or drop(first, mime(tables / "classes.csv"))
    qtbot.waitUntil(lambda: window.ways_in.sheet not in (None, first), timeout=5000)
    second = window.ways_in.sheet
    assert second is not None
    assert second.data.path == str(tables / "classes.csv")
    assert drop(second, mime(tmp_path / "a.toml"))
    qtbot.waitUntil(lambda: window.editing.path == tmp_path / "a.toml", timeout=5000)
    assert window.ways_in.sheet is None


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("letter.docx", "letter.docx: not a table (.csv, .tsv, "),
        ("numbers.xlsx", "numbers.xlsx is a spreadsheet's own file: save it as CSV, or copy its cells and paste"),
        ("", "is a folder: drop the file itself"),
    ],
)
def test_of_anything_else_one_line_says_what_it_is(
    qtbot: QtBot, open_window: OpenWindow, tmp_path: Path, name: str, said: str
) -> None:
    if name:
        (tmp_path / name).write_bytes(b"PK\x03\x04")
    window = open_window()
    before = window.editing.draft
    assert drop(window, mime(tmp_path / name))
    qtbot.waitUntil(lambda: said in window.ways_in.slip.text, timeout=5000)
    assert window.editing.draft is before
    [close] = window.ways_in.slip.buttons
    close.click()
    assert window.ways_in.slip.text == ""


def test_several_files_and_what_is_elsewhere_are_refused(qtbot: QtBot, open_window: OpenWindow, tables: Path) -> None:
    window = open_window(language="zh_CN")
    drop(window, mime(tables / "sine.csv", tables / "classes.csv"))
    qtbot.waitUntil(lambda: "2" in window.ways_in.slip.text, timeout=5000)
    drop(window, mime("https://example.org/a.csv"))
    qtbot.waitUntil(lambda: "电脑" in window.ways_in.slip.text, timeout=5000)


def test_a_drop_on_any_part_of_the_window_is_the_windows(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window()
    open_sections(window)
    window.settle()
    opened: list[Path] = []
    monkeypatch.setattr(window.ways_in, "open_path", opened.append)
    parts = [part for part in window.findChildren(QWidget) if part.acceptDrops() and part.isVisible()]
    assert parts
    for part in [*parts, window.board, window]:
        assert drop(part, mime(Path("/nowhere/a.csv")))
        qtbot.waitUntil(lambda: bool(opened), timeout=5000)
        opened.clear()


def test_open_offers_all_kinds_and_opens_a_table(
    qtbot: QtBot, open_window: OpenWindow, tables: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered: list[str] = []

    def answer(window: QWidget, title: str, start: str, filters: str) -> str:
        offered.extend(filters.split(";;"))
        return str(tables / "sine.csv")

    monkeypatch.setattr("gradsim.ui.ways_in.name_to_open", answer)
    window = open_window()
    window.open_dialog()
    assert all(
        ending in offered[0] for ending in ("*.toml", "*.png", "*.gif", "*.apng", "*.mp4", "*.csv", "*.tsv", "*.txt")
    )
    train(window)
    assert csv_of(window) == str(tables / "sine.csv")


def test_browse_puts_a_file_into_the_form(
    qtbot: QtBot, open_window: OpenWindow, tables: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradsim.ui.panels.paths.name_to_open", lambda *_: str(tables / "sine.csv"))
    window = open_window(lessons()["vanishing"])
    edit_data(window, {"name": "csv"})
    open_sections(window)
    assert window.panel is not None
    [editor] = window.panel.findChildren(PathEditor)
    [button] = editor.findChildren(QPushButton)
    button.click()
    assert csv_of(window) == str(tables / "sine.csv")
    runs = as_train(window.editing.draft.document.experiment).runs
    assert {(run.output.key, run.loss.key) for run in runs} == {("linear", "mse")}
    [note] = window.editing.history.notes("en")
    assert (
        note
        == "Brought in line with the data: Output Linear, Loss Squared error, Batch size all. Ctrl+Z takes it back."
    )
    window.undo()
    assert window.editing.draft.document == lessons()["vanishing"]
    assert window.editing.draft.refusal is None


def test_a_table_brings_the_pictures_that_suit_it_into_a_lesson(
    qtbot: QtBot, open_window: OpenWindow, tables: Path
) -> None:
    window = open_window(lessons()["vanishing"])
    wanted = {"sine.csv": ("fit", "predicted", "loss"), "classes.csv": ("boundary", "confusion", "loss", "accuracy")}
    for name in wanted:
        edit_data(window, {"name": "csv", "path": str(tables / name)})
        qtbot.waitUntil(lambda name=name: window._views == wanted[name], timeout=20_000)  # type: ignore[misc]
    assert as_train(window.editing.draft.document.experiment).runs[0].output.key == "softmax"
    window.undo()
    window.undo()
    taught = lessons()["vanishing"].lesson
    assert taught is not None
    keys = tuple(choice.key for choice in taught.views)
    qtbot.waitUntil(lambda: window._views == keys, timeout=20_000)


def test_a_table_is_pasted_kept_and_found_again(
    qtbot: QtBot, open_window: OpenWindow, tmp_path: Path, data_folder: Path
) -> None:
    window = open_window()
    QGuiApplication.clipboard().setText(SINE.replace(",", "\t"))
    window.paste_table()
    [kept] = data_folder.iterdir()
    assert kept.suffix == ".tsv"
    train(window)
    assert csv_of(window) == str(kept)
    assert not window.editing.history.is_saved
    assert window.editing.save_file(tmp_path / "mine.toml")
    assert read(tmp_path / "mine.toml") == window.editing.draft.document
    window.paste_table()
    assert list(data_folder.iterdir()) == [kept]


def test_what_is_no_table_is_not_kept(
    open_window: OpenWindow, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window()
    for text in ("", "a word", "one,line", None):
        if text is None:
            monkeypatch.setattr(QClipboard, "mimeData", lambda self: None)
        QGuiApplication.clipboard().setText(text or "")
        window.paste_table()
        assert window.ways_in.slip.text == "There is no table on the clipboard: copy several rows of cells first."
    assert not data_folder.exists()


def test_pasted_tables_are_bounded(
    qtbot: QtBot, open_window: OpenWindow, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pasted, "MAX_BYTES", 100)
    monkeypatch.setattr(pasted, "MOST_KEPT", 60)
    with pytest.raises(FileError, match="has 102 bytes; at most 100 are allowed"):
        pasted.keep("a\tb\n" * 25 + "c")
    first, is_new = pasted.keep("a\tb\n1\t2\n" * 4)
    assert is_new
    with pytest.raises(FileError, match="the pasted tables there have 32 bytes; delete some, for at most 60"):
        pasted.keep("a\tb\n3\t4\n" * 4)
    assert list(data_folder.iterdir()) == [first]


def test_a_pasted_table_that_is_not_used_is_not_kept(open_window: OpenWindow, data_folder: Path) -> None:
    window = open_window()
    QGuiApplication.clipboard().setText(SINE)
    window.paste_table()
    assert len(list(data_folder.iterdir())) == 1
    assert window.ways_in.sheet is not None
    window.ways_in.sheet.cancel_button.click()
    assert list(data_folder.iterdir()) == []

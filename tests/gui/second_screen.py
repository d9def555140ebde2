"""Windows on two screens, which Qt's offscreen platform has only in a process of its own: what is to hold there.

``python -m tests.gui.second_screen`` runs each function whose name begins with "check", and writes as JSON what went
wrong in each. QT_QPA_PLATFORM is to name a file of two screens.
"""

from __future__ import annotations

import json
import sys
import time
import traceback
from collections.abc import Callable

from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from gradsim.ui.app import application
from gradsim.ui.predict.sheet import Sheet
from gradsim.ui.stage import StageCopy, StageWindow
from gradsim.ui.window import Window
from tests.gui.conftest import few_replicas

PATIENCE_S = 60.0


def wait(until: Callable[[], object]) -> None:
    """Let the application do what it does until something holds."""
    end = time.monotonic() + PATIENCE_S
    while not until():
        assert time.monotonic() < end, "waited in vain"
        QTest.qWait(10)


def opened(theme: str = "light", lesson: str = "vanishing") -> Window:
    """Return a window of a lesson on the first screen, with its first picture."""
    window = Window(few_replicas(lesson), theme, "en")
    window.resize(1200, 700)
    window.show()
    wait(lambda: window.controller.tape is not None)
    window.settle()
    return window


def out(window: Window) -> tuple[StageWindow, StageCopy]:
    """Return the stage on the second screen, and its copy, once the picture is there."""
    wait(lambda: window.stage.is_out)
    wait(lambda: window.board.size() == window.board.window().size())
    window.settle()
    assert window.stage.stage is not None
    assert window.stage.copy is not None
    return window.stage.stage, window.stage.copy


def activate(side: QWidget) -> None:
    """Let a window have the keyboard."""
    side.activateWindow()
    wait(side.isActiveWindow)


def is_back(window: Window) -> bool:
    """Tell whether the board is in the main window."""
    return (
        not window.stage.is_out
        and window.board.window() is window
        and window.board.isVisible()
        and not window.findChildren(StageCopy, options=Qt.FindChildOption.FindDirectChildrenOnly)
    )


def back(window: Window) -> None:
    """Wait until the board is in the main window."""
    wait(lambda: is_back(window))


def check_the_stage_fills_the_other_screen_and_the_rest_stays() -> None:
    here, there = QGuiApplication.screens()
    window = opened()
    assert window.panel is not None
    QTest.keyClick(window, Qt.Key.Key_S)
    stage, copy = out(window)
    assert window.screen() is here
    assert stage.screen() is there
    assert stage.isFullScreen()
    assert stage.geometry() == there.geometry()
    assert window.board.window() is stage
    assert window.board.geometry() == stage.rect()
    for part in (window.transport, window.panel, window.notes.panel, copy):
        assert isinstance(part, QWidget)
        assert part.window() is window
        assert part.isVisible()
    assert window._look is not None
    assert window._look.metrics.body < 18
    wait(lambda: window.board._content and window.board._content.look.metrics.body == 18)  # that of 1920 x 1080
    window.toggle_stage()
    back(window)
    window.close()


def check_the_copy_shows_the_stage() -> None:
    window = opened()
    window.toggle_stage()
    stage, copy = out(window)
    wait(lambda: not copy.image.isNull())
    assert copy.image.width() <= copy.room.width() + 1
    assert abs(copy.image.width() / copy.image.height() - 1920 / 1080) < 0.02
    window.controller.pause()

    def is_like_the_stage() -> bool:
        held = stage.backingStore().paintDevice()
        assert isinstance(held, QImage)
        one, other = small(held), small(copy.image)
        places = [(x, y) for x in range(one.width()) for y in range(one.height())]
        return all(abs(one.pixelColor(*at).lightness() - other.pixelColor(*at).lightness()) < 40 for at in places)

    wait(is_like_the_stage)
    window.close()


def check_the_copy_fills_its_room_while_the_stage_rests() -> None:
    window = opened("projector")
    window.controller.pause()
    window.toggle_stage()
    _, copy = out(window)

    def fills() -> bool:
        image, room = copy.image, copy.room
        return max(image.width() / room.width(), image.height() / room.height()) > 0.99

    wait(fills)
    before = copy.room
    window.resize(window.width() // 4 * 5, window.height() // 4 * 5)
    wait(lambda: copy.room != before and fills())
    window.close()


def small(image: QImage) -> QImage:
    return image.scaled(24, 14, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)


def check_keys_work_on_both_screens() -> None:
    window = opened()
    window.toggle_stage()
    stage, _ = out(window)
    window.controller.pause()
    for side in (stage, window):
        activate(side)
        QTest.keyClick(side, Qt.Key.Key_Space)
        assert window.controller.playing
        QTest.keyClick(side, Qt.Key.Key_Space)
        assert not window.controller.playing
        QTest.keyClick(side, Qt.Key.Key_R)
        assert window.rehearsal.sight == "washed"
        assert window.rehearsal.window() is stage
        QTest.keyClick(side, Qt.Key.Key_Escape)
        assert not window.rehearsal.sight
        assert window.stage.is_out
    activate(stage)
    QTest.keyClick(stage, Qt.Key.Key_Escape)
    back(window)
    window.toggle_stage()
    out(window)
    QTest.keyClick(window, Qt.Key.Key_Escape)
    back(window)
    window.toggle_stage()
    stage, _ = out(window)
    activate(stage)
    QTest.keyClick(stage, Qt.Key.Key_S)
    back(window)
    window.close()


def check_it_comes_back_when_the_screen_is_unplugged_or_the_stage_is_closed() -> None:
    window = opened()
    app = application()
    for end in ("unplug", "close", "back", "first steps"):
        window.toggle_stage()
        stage, copy = out(window)
        match end:
            case "unplug":
                app.screenRemoved.emit(QGuiApplication.screens()[1])
            case "close":
                stage.close()
            case "back":
                copy._back.click()
            case _:
                window.show_first_steps()
        back(window)
        assert (window.first_steps.page is not None) == (end == "first steps")
    window.close()
    assert not [each for each in app.topLevelWidgets() if each.isVisible()]


def check_all_that_lies_over_the_stage_comes_back_with_it() -> None:
    window = opened()
    window.toggle_stage()
    stage, _ = out(window)
    assert window._look is not None
    window.rehearse()
    window.rehearsal.show_as("")
    for each in (window.ways_in.slip, window.reloading.slip, window.rescue.slip):
        each.show_line("a line", {}, window._look)
        each.hide()
    window.predict()
    window.predict()
    wait(lambda: not window.findChildren(Sheet) and not stage.findChildren(Sheet))  # it is deleted
    deleted: list[str] = []
    left: list[list[QWidget]] = []
    direct = Qt.FindChildOption.FindDirectChildrenOnly
    stage.destroyed.connect(lambda: deleted.append("stage"))
    window.stage.came_back.connect(lambda: left.append(stage.findChildren(QWidget, options=direct)))
    window.toggle_stage()
    back(window)
    assert left == [[]]
    wait(lambda: deleted)
    window.rehearse()
    assert window.rehearsal.isVisible()
    window.close()


def go(window: Window) -> None:
    """Send the board to the stage, and stop on its way."""
    window.toggle_stage()
    QTest.qWait(1)
    assert window.stage.is_wanted
    assert not window.stage.is_out


def come(window: Window) -> None:
    """Send the board out and back, and stop on its way back."""
    window.toggle_stage()
    out(window)
    window.toggle_stage()
    QTest.qWait(1)
    assert not window.stage.is_wanted
    assert window.stage.stage is not None


def check_closing_the_window_closes_the_stage_also_on_its_way() -> None:
    for move in (lambda window: (window.toggle_stage(), out(window)), go, come):
        window = opened()
        move(window)
        window.close()
        assert not [each for each in application().topLevelWidgets() if each.isVisible()]


def check_it_goes_in_the_turn_in_which_it_is_whole_and_never_in_another_size() -> None:
    window = opened()
    QTest.qWait(100)
    found: list[tuple[bool, bool, bool]] = []

    def look() -> None:
        content, board = window.board._content, window.board
        assert content is not None
        assert content.isVisible()
        is_here = board.window() is window
        found.append((is_here, content is before, content.size() == board.size()))

    for _ in range(2):  # out and back
        before = window.board._content
        started = window.board.window()
        found.clear()
        window.toggle_stage()
        look()
        while window.board.window() is started:
            application().processEvents()
            look()
        assert len(found) > 10
        was_here = started is window
        assert set(found[:-1]) == {(was_here, True, True)}
        assert found[-1] == (not was_here, False, True)
        wait(lambda: window.stage.is_out or is_back(window))
    window.close()


def check_it_may_turn_round_on_its_way() -> None:
    window = opened()
    go(window)
    stage = window.stage.stage
    assert stage is not None
    assert stage.isVisible()
    window.toggle_stage()
    assert is_back(window)
    assert not stage.isVisible()
    come(window)
    window.toggle_stage()
    again, _ = out(window)
    assert window.board.geometry() == again.rect()
    assert [each for each in window.findChildren(StageWindow) if each.isVisible()] == [again]
    window.toggle_stage()
    back(window)
    window.close()


def check_the_stage_may_go_while_the_board_is_on_its_way() -> None:
    window, app = opened(), application()
    for move in (go, come):
        for end in ("unplug", "close"):
            move(window)
            stage = window.stage.stage
            assert stage is not None
            if end == "unplug":
                app.screenRemoved.emit(QGuiApplication.screens()[1])
            else:
                stage.close()
            assert not stage.isVisible()
            back(window)
            window.settle()
    window.close()


def check_the_focus_stays_in_a_field_of_the_panel() -> None:
    window = opened()
    activate(window)
    assert window.panel is not None
    field = next(each for each in window.panel.stops() if each.isVisible() and each.isEnabled())
    for _ in range(2):  # out and back
        field.setFocus()
        window.toggle_stage()
        wait(lambda: window.stage.is_out or is_back(window))
        assert window.focusWidget() is field
    window.board.setFocus()
    window.toggle_stage()
    _, copy = out(window)
    assert window.focusWidget() is copy
    window.toggle_stage()
    back(window)
    assert window.focusWidget() is window.board
    window.close()


def check_another_experiment_and_look_on_its_way_are_shown_there() -> None:
    window = opened()
    go(window)
    table = dict(window.editing.draft.table)
    window.editing.edit({**table, "seed": 77})
    window.set_theme("dark")
    window.next_lesson()
    out(window)
    wait(lambda: window.board.on_screen == window.editing.draft.document)
    wait(lambda: window.board._content and window.board._content.look.theme.name == "dark")
    window.settle()
    assert window.board.geometry() == window.board.window().rect()
    window.close()


def check_a_projector_there_leaves_the_letters_here_as_they_are() -> None:
    window = opened("projector")
    assert window.panel is not None
    assert not window.panel.isVisible()
    window.toggle_stage()
    out(window)
    wait(lambda: window._look is not None and window._look.theme.name == "light")
    window.settle()
    content = window.board._content
    assert content is not None
    assert content.look.theme.name == "projector"
    assert window.panel.isVisible()
    window.set_theme("dark")
    window.settle()
    wait(lambda: window.board._content is not None and window.board._content.look.theme.name == "dark")
    assert window.panel.isVisible()
    window.set_theme("projector")
    window.settle()
    assert window.panel.isVisible()
    window.toggle_stage()
    back(window)
    wait(lambda: window._look is not None and window._look.theme.name == "projector")
    wait(lambda: window.panel is not None and not window.panel.isVisible())
    window.close()


def check_the_class_is_asked_on_the_stage() -> None:
    window = opened()
    window.predict()
    window.toggle_stage()
    stage, _ = out(window)
    sheet = window.predictions.sheet
    assert sheet is not None
    assert sheet.window() is stage
    wait(lambda: window.predictions.sheet is not None and window.predictions.sheet.geometry() == stage.rect())
    window.predict()
    assert window.predictions.sheet is None
    window.predict()
    window.toggle_stage()
    back(window)
    sheet = window.predictions.sheet
    assert sheet is not None
    assert sheet.window() is window
    window.close()


def check_what_is_refused_is_told_on_the_stage() -> None:
    window = opened()
    window.toggle_stage()
    stage, _ = out(window)
    table = dict(window.editing.draft.table)
    window.editing.edit({**table, "steps": -1})
    assert window._sign.isVisible()
    assert window._sign.window() is stage
    assert window._sign.is_over_old_pictures
    window.toggle_stage()
    back(window)
    assert window._sign.window() is window
    assert window._sign.isVisible()
    assert window._sign.is_over_old_pictures
    window.close()


def main() -> None:
    """Run all checks."""
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, sys.argv[1])
    application()
    assert len(QGuiApplication.screens()) == 2
    found = {}
    for name, check in list(globals().items()):
        if name.startswith("check"):
            try:
                check()
                found[name] = ""
            except BaseException:
                found[name] = traceback.format_exc()
                for each in application().topLevelWidgets():
                    each.close()
    print(json.dumps(found))


if __name__ == "__main__":
    main()

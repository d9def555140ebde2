"""The program that makes the pictures of the course list: ``python -m gradsim.ui.course.make_pictures``.

Its arguments are theme, language and the files of lessons; it makes what is missing, with no window and no display.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from gradsim.schema.errors import FileError
from gradsim.sim.documents.document import Document, read
from gradsim.sim.documents.files import write_bytes
from gradsim.ui.course.pictures import SIZE, folder, place
from gradsim.ui.export import Picture, prepared, step_shown
from gradsim.ui.views.catalogue import views_of
from gradsim.ui.writers.png import png_of

LAID_OUT = (620, 404)
"""The size in which a picture is laid out: what is smaller has no room for its texts."""
KEPT_DAYS = 120
"""Pictures that are older are made again, should they still be wanted."""
_NICENESS = 19


def picture_of(document: Document, theme: str, language: str) -> QImage:
    """Return a lesson's small picture: the first of the views that carry its claim, at the step of its picture."""
    view = views_of(document, "projector")[0]
    with prepared(document, step_shown(document, None), Picture(theme, language, LAID_OUT, view=view), {}) as (
        board,
        _,
    ):
        image = board.image_of_first_view()
    ways = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    return image.scaled(SIZE, *ways)


def make(path: Path, theme: str, language: str) -> None:
    """Make the picture of a lesson's file, unless it is there."""
    document = read(path)
    target = place(document, theme, language)
    if target.exists():
        return
    content = png_of(picture_of(document, theme, language))
    target.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(target, content)


def forget_old() -> None:
    """Delete pictures that are older than KEPT_DAYS."""
    for path in folder().glob("*.png"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > 86_400 * KEPT_DAYS:
                path.unlink()


def main(arguments: Sequence[str]) -> int:
    """Make pictures, and say of each that it is done; one that fails is said to, and the others are made."""
    theme, language, *files = arguments
    if hasattr(os, "nice"):
        os.nice(_NICENESS)  # the window goes first
    forget_old()
    status = 0
    for name in files:
        try:
            make(Path(name), theme, language)
        except (FileError, OSError) as error:
            print(f"gradsim: {error}", file=sys.stderr)
            status = 1
        except Exception as error:
            print(f"gradsim: no picture of {name}: {type(error).__name__}: {error}", file=sys.stderr)
            status = 1
        print(name, flush=True)
    return status


if __name__ == "__main__":
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    sys.exit(main(sys.argv[1:]))

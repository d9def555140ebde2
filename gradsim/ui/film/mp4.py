"""MP4: H.264 by ffmpeg, which the `video` extra brings along."""

from __future__ import annotations

from collections.abc import Generator
from math import ceil
from pathlib import Path

from gradsim.engine.data.pictures.mp4 import box
from gradsim.ui.film.format import Format, Pixels, Sheet
from gradsim.ui.film.plan import HELD_S

MISSING = "MP4 needs ffmpeg, which comes with: pip install 'gradsim[video]'; GIF and APNG need nothing more"
_ENCODING = [
    # Players can show half of the colours' resolution only; that needs even sizes, so an odd one gets a line more.
    *("-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2:color=white,scale=out_color_matrix=bt709:out_range=tv"),
    *("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"),
    # Stills with thin lines: few bits are needed, and none to be saved on edges.
    *("-crf", "16", "-preset", "medium", "-tune", "animation"),
    # The index stands before the frames, for pages and slides that begin to play while they load.
    *("-movflags", "+faststart", "-f", "mp4"),
]


class Mp4(Format):
    """MPEG-4, H.264."""

    ending = ".mp4"
    most_fps = 60.0

    @property
    def missing(self) -> str:
        try:
            import imageio_ffmpeg

            imageio_ffmpeg.get_ffmpeg_exe()
        except (ImportError, RuntimeError):
            return MISSING
        return ""

    def write(self, path: Path, sheet: Sheet) -> Generator[None, Pixels | None, None]:
        import imageio_ffmpeg

        film = imageio_ffmpeg.write_frames(
            str(path), (sheet.width, sheet.height), fps=sheet.fps, codec="libx264", quality=None,
            macro_block_size=1, ffmpeg_log_level="error", output_params=_ENCODING,
        )  # fmt: skip
        film.send(None)
        last: Pixels | None = None
        try:
            while (frame := (yield)) is not None:
                film.send(frame.tobytes())
                last = frame
            for _ in range(ceil(HELD_S * sheet.fps) - 1 if last is not None else 0):
                film.send(last.tobytes() if last is not None else b"")
        finally:
            film.close()
        with path.open("ab") as file:
            file.write(box(sheet.text))
        yield

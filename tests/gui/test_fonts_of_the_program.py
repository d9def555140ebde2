"""Fonts that the program brings along, where one is damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradsim.cli import BAD_INPUT, main
from gradsim.ui import theme
from gradsim.ui.app import application


@pytest.mark.parametrize("content", [b"", b"OTTO" + bytes(40)])
def test_a_damaged_font_is_told_in_a_line(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    application()
    font = tmp_path / "Odd.otf"
    font.write_bytes(content)
    monkeypatch.setattr(theme, "resource", lambda *_: tmp_path)
    monkeypatch.setattr("gradsim.ui.app.load_fonts", theme.load_fonts.__wrapped__)
    assert main(["export", "saddle", "--out", str(tmp_path / "out.png")]) == BAD_INPUT
    [line] = capsys.readouterr().err.splitlines()
    assert "Odd.otf" in line
    assert "not a font" in line

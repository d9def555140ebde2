"""Whatever is refused can be told in each language of the window, and the command line says the same as before."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

import gradsim
from gradsim.schema.errors import FileError, InputError, Phrase, Said, told
from gradsim.sim.documents.document import Document, read, write
from gradsim.sim.documents.lessons import check_all
from gradsim.ui.views.catalogue import check_views
from gradsim.words.languages import catalogue, translate
from tests.unit.small import experiment
from tests.unit.test_bad_input import CASES

PACKAGE = Path(gradsim.__file__).parent
TOLD_IN_THE_WINDOW = [
    *(path for room in ("schema", "engine", "sim") for path in (PACKAGE / room).rglob("*.py")),
    *((PACKAGE / "ui" / name) for name in ("editing.py", "views/catalogue.py", "settings.py")),
]
ERRORS = {"ParameterError": 1, "FileError": 0, "ExpressionError": 1}
"""Which argument of each error is its text."""


def bare_texts(tree: ast.AST) -> Iterator[int]:
    """Yield the lines at which an error, or what is allowed, is said in words that no language can replace."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ERRORS:
            place = ERRORS[getattr(node.func, "id", "")]
            found = [node.args[place]] if len(node.args) > place else []
        elif isinstance(node, ast.FunctionDef) and node.name == "allowed":
            found = [part.value for part in ast.walk(node) if isinstance(part, ast.Return) and part.value]
        else:
            continue
        yield from (each.lineno for each in found if is_bare(each))


def is_bare(node: ast.expr) -> bool:
    return isinstance(node, (ast.Constant, ast.JoinedStr, ast.BinOp))


def test_bare_texts_are_found() -> None:
    text = 'ParameterError("path", f"{x} is bad")\nFileError("bad")\nFileError(Phrase("bad"))\n'
    text += 'def allowed(self):\n    return "one of " + x\ndef allowed(self):\n    return Phrase("one")\n'
    assert sorted(bare_texts(ast.parse(text))) == [1, 2, 5]


def test_no_refusal_is_in_words_that_no_language_can_replace() -> None:
    found = {str(path): list(bare_texts(ast.parse(path.read_text(encoding="utf-8")))) for path in TOLD_IN_THE_WINDOW}
    assert {path: lines for path, lines in found.items() if lines} == {}


def templates(text: str) -> Iterator[str]:
    if isinstance(text, Phrase):
        yield text.template
        for value in text.values.values():
            yield from templates(value)


def refused(path: Path) -> str | None:
    """Return what is said of a file; None for a good one."""
    try:
        document = read(path)
        check_all(document)
        check_views(document)
    except InputError as error:
        return error.text
    return None


@pytest.mark.parametrize("name", CASES)
def test_a_bad_file_is_told_in_chinese(name: str, tmp_path: Path) -> None:
    content, _ = CASES[name]
    path = tmp_path / "bad.toml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    text = refused(path)
    assert text is not None
    words = told(text, partial(translate, language="zh_CN"))
    worded = [each for each in templates(text) if re.search("[a-z]{3} [a-z]", re.sub(r"{.*?}", "", each))]
    assert [each for each in worded if each not in catalogue("zh_CN")] == []
    assert re.search("[\u4e00-\u9fff]", words), words
    assert told(text, partial(translate, language="en")).isprintable()


def test_a_file_that_cannot_be_written_or_read_is_told_in_chinese(tmp_path: Path) -> None:
    deeds: dict[str, Callable[[], object]] = {
        "无法读取（没有这个文件或文件夹）": lambda: read(tmp_path / "none.toml"),
        "无法写入（没有这个文件或文件夹）": lambda: write(tmp_path / "none" / "a.toml", Document(experiment())),
        "无法写入（这是文件夹）": lambda: write(tmp_path, Document(experiment())),
    }
    for words, deed in deeds.items():
        with pytest.raises(FileError) as refused:
            deed()
        assert told(refused.value.text, partial(translate, language="zh_CN")).endswith(f"：{words}")


def test_what_a_library_says_stays_in_english_and_becomes_general_elsewhere() -> None:
    said = Said("Error -3: incorrect header", "it is damaged")
    assert said == "Error -3: incorrect header"
    assert told(said, partial(translate, language="en")) == "Error -3: incorrect header"
    assert told(said, partial(translate, language="zh_CN")) == "已损坏"

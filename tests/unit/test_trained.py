"""All tests of a lesson's run go to one process, which trains it once."""

from __future__ import annotations

import pytest

from gradsim.sim.documents.lessons import lessons
from tests.conftest import FilesAndLessons
from tests.trained import own_seed, trained


@pytest.mark.parametrize("lesson", lessons())
def test_tests_of_one_run_are_in_one_scope_and_of_no_file(lesson: str) -> None:
    scope = FilesAndLessons.__new__(FilesAndLessons)._split_scope
    ids = [
        f"tests/look/test_lessons.py::test_scene[{own_seed(lesson)}-light-en-size0]",
        f"tests/reference/test_lessons.py::test_claim[{own_seed(lesson)}]",
    ]
    assert {scope(each) for each in ids} == {lesson}
    others = [f"tests/unit/test_names.py::test_names[{lesson}]", f"tests/a.py::test_it[{lesson}, seed 3]"]
    assert [scope(each) for each in others] == ["tests/unit/test_names.py", "tests/a.py"]


def test_a_run_is_trained_once() -> None:
    assert trained("softmax", 0) is trained("softmax", 0)
    assert trained("softmax", 0) is not trained("softmax", 1)

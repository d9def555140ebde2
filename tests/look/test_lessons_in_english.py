"""Each lesson in each theme and size, in English: everything is legible, and nothing is over anything else."""

from tests.look.lessons import lesson_test

lesson, test_nothing_is_wrong_with_the_scene = lesson_test("en")

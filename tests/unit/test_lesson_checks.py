"""What `check` says of a lesson that names what its experiment does not have: one line with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradsim.cli import BAD_INPUT, DONE, main
from gradsim.sim.documents.document import write
from gradsim.sim.documents.lessons import course, lessons, read_file
from tests.unit.test_bad_input import LESSON, matches

RUNS = """
steps = 50
[common]
hidden = [4, 4]
[[runs]]
activation = "tanh"
[[runs]]
activation = "relu"
"""
START = RUNS + LESSON
MEASURE = '[lesson.measures]\nslow = { quantity = "loss" }\n'

CASES: dict[str, tuple[str, str]] = {
    "unknown quantity": (
        '[lesson.measures]\nslow = { quantity = "los" }',
        "lesson.measures.slow.quantity: 'los' is not one of loss, .*; did you mean 'loss'?",
    ),
    "a name that is none": (
        '[lesson.measures]\nS = { quantity = "loss" }',
        "lesson.measures: 'S' is not a name: two or more of a–z, 0–9 and _, beginning with a letter",
    ),
    "unknown key of a measure": (
        '[lesson.measures]\nslow = { quantity = "loss", runn = 1 }',
        "lesson.measures.slow.runn: 'runn' is not one of quantity, run, .*; did you mean 'run'?",
    ),
    "a run too many": (
        '[lesson.measures]\nslow = { quantity = "loss", run = 3 }',
        "lesson.measures.slow.run: 3 is not a run's number from 1 to 2, or its label",
    ),
    "unknown label": (
        '[lesson.measures]\nslow = { quantity = "loss", run = "Tan" }',
        "lesson.measures.slow.run: 'Tan' is not one of Tanh, ReLU; did you mean 'Tanh'?",
    ),
    "a layer too many": (
        '[lesson.measures]\nslow = { quantity = "dead", layer = 4 }',
        "lesson.measures.slow.layer: 4 is not one of the 3 layers of the run",
    ),
    "a factor too many": (
        '[lesson.measures]\nslow = { quantity = "dead", layer = 2, factors = "forward" }',
        "lesson.measures.slow.layer: 2 is not one of the 1 factors of the run",
    ),
    "no layer": (
        '[lesson.measures]\nslow = { quantity = "dead" }',
        "lesson.measures.slow.layer: is missing: 'dead' is measured at each layer",
    ),
    "a layer of what has none": (
        '[lesson.measures]\nslow = { quantity = "loss", layer = 1 }',
        "lesson.measures.slow.layer: is given, but 'loss' is measured of the run as a whole",
    ),
    "unknown layer": (
        '[lesson.measures]\nslow = { quantity = "dead", layer = "top" }',
        "lesson.measures.slow.layer: 'top' is not a whole number from 1 to 65 or 'first' or .*",
    ),
    "a step after the end": (
        '[lesson.measures]\nslow = { quantity = "loss", step = 51 }',
        "lesson.measures.slow.step: 51 is after the last step, 50",
    ),
    "a step and a span": (
        '[lesson.measures]\nslow = { quantity = "loss", step = 3, span = "mean" }',
        "lesson.measures.slow.step: does not go with span, which goes from since to until",
    ),
    "an end without a span": (
        '[lesson.measures]\nslow = { quantity = "loss", until = 3 }',
        "lesson.measures.slow.until: needs span or first",
    ),
    "a span and a first step": (
        '[lesson.measures]\nslow = { quantity = "loss", span = "mean", first = "< 1" }',
        "lesson.measures.slow.first: does not go with span: give one of them",
    ),
    "for good without what": (
        '[lesson.measures]\nslow = { quantity = "loss", for_good = true }',
        "lesson.measures.slow.for_good: needs a first step at which something compares so",
    ),
    "a comparison with two sides": (
        '[lesson.measures]\nslow = { quantity = "loss", first = "loss < 1" }',
        "lesson.measures.slow.first: 'loss < 1' is not a text such as '< 0.5' or '>= 85 %', or 'most' or 'least'",
    ),
    "over what is no measure": (
        '[lesson.measures]\nslow = { quantity = "loss", over = "fast" }',
        "lesson.measures.slow.over: 'fast' is not one of slow",
    ),
    "over itself": (
        '[lesson.measures]\nslow = { quantity = "loss", over = "fast" }\n'
        'fast = { quantity = "loss", minus = "slow" }',
        "lesson.measures.slow.over: 'fast' is itself made from 'slow'",
    ),
    "a point that says nothing": (
        'points = [{ text = " " }]',
        "lesson.points[0].text: ' ' says nothing: give a text, or a table of texts by language (en, zh_CN)",
    ),
    "a point that says nothing in one language": (
        'points = [{ text = { en = "A", zh_CN = "" } }]',
        "lesson.points[0].text: .* says nothing: give a text, or a table of texts by language (en, zh_CN)",
    ),
    "a point without text": ('points = [""]', "lesson.points[0]: '' says nothing: give a text, or a table .*"),
    "a thing to try that says nothing": (
        'tries = [{ text = "" }]',
        "lesson.tries[0].text: '' says nothing: give a text, or a table of texts by language (en, zh_CN)",
    ),
    "the control of an entry that is not used": (
        'tries = [{ text = "A", control = "momentum" }]',
        "lesson.tries[0].control: 'momentum' is not one of .*",
    ),
    "a setting of all runs that is not allowed": (
        'tries = [{ text = "A", set = { learning_rate = -1 } }]',
        "lesson.tries[0].set.learning_rate: -1 is not a number .*",
    ),
    "a setting of an entry that is not allowed": (
        'tries = [{ text = "A", set = { activation = { name = "elu", alpha = -9 } } }]',
        "lesson.tries[0].set.activation.alpha: -9 is not a number .*",
    ),
    "a further run that is not allowed": (
        'tries = [{ text = "A", runs = [{}, { optimizer = { name = "sgd", learning_rate = -1 } }] }]',
        "lesson.tries[0].runs[1].optimizer.learning_rate: -1 is not a number .*",
    ),
    "a point on no measure": (
        'points = [{ text = "A", when = "slw > 1" }]\n' + MEASURE,
        "lesson.points[0].when: 'slw' is not one of slow; did you mean 'slow'?",
    ),
    "a point that computes": (
        'points = [{ text = "A", when = "slow > 2 * 3" }]\n' + MEASURE,
        "lesson.points[0].when: 'slow > 2 * 3' is not a text such as 'slow > 1000' or .*",
    ),
    "a point after the end": (
        'points = [{ text = "A", when = "slow > 1", at = 51 }]\n' + MEASURE,
        "lesson.points[0].at: 51 is after the last step, 50",
    ),
    "a claim on no measure": (
        'holds = ["slw > 1"]\n' + MEASURE,
        "lesson.holds[0]: 'slw' is not one of slow; did you mean 'slow'?",
    ),
    "an answer without a sentence": (
        'answer = "Yes"\nholds = ["slow > 1"]\n' + MEASURE,
        "lesson.verdict: is missing: 'answer' asks for it",
    ),
    "an answer that nothing makes true": (
        'answer = "Yes"\nverdict = "the loss is {slow}"\n' + MEASURE,
        "lesson.holds: is missing: 'answer' asks for it",
    ),
    "an answer with a figure": (
        'answer = { en = "Yes", zh_CN = "是 {slow}" }\nverdict = "the loss is {slow}"\nholds = ["slow > 1"]\n'
        + MEASURE,
        "lesson.answer.zh_CN: '是 {slow}' has a brace; figures belong into the verdict",
    ),
    "a sentence with no measure": (
        'verdict = "{slw}"\n' + MEASURE,
        "lesson.verdict.en: '{slw}' is not one of {slow}, {accuracy}, .*; did you mean '{slow}'?",
    ),
    "a why with no measure": (
        'why = "{slw}"\n' + MEASURE,
        "lesson.why.en: '{slw}' is not one of {slow}, .*; did you mean '{slow}'?",
    ),
    "a formula with no measure": (
        "live_formula = '\\frac{1}{n} {slw}'\n" + MEASURE,
        "lesson.live_formula: 'slw' is not one of slow; did you mean 'slow'?",
    ),
    "unknown setting to try": (
        '[[lesson.tries]]\ntext = "A"\nset = { activaton = "relu" }',
        "lesson.tries[0].set.activaton: 'activaton' is not one of .*; did you mean 'activation'?",
    ),
    "a value to try that is not allowed": (
        '[[lesson.tries]]\ntext = "A"\nset = { learning_rate = -1 }\nrun = 2',
        "lesson.tries[0].set.learning_rate: -1 is not a number from .*",
    ),
    "a run to try that is not there": (
        '[[lesson.tries]]\ntext = "A"\nset = { learning_rate = 1 }\nrun = 3',
        "lesson.tries[0].run: 3 is not a run's number from 1 to 2, or its label",
    ),
    "unknown control": (
        '[[lesson.tries]]\ntext = "A"\ncontrol = "learningrate"',
        "lesson.tries[0].control: 'learningrate' is not one of .*; did you mean 'learning_rate'?",
    ),
    "unknown question": (
        '[lesson.predict]\nask = "choise"\nquestion = "Q"',
        "lesson.predict.ask: 'choise' is not one of choice, number, curve; did you mean 'choice'?",
    ),
    "a choice without answers": (
        '[lesson.predict]\nask = "choice"\nquestion = "Q"',
        "lesson.predict.choices: is missing: 'choice' asks for it",
    ),
    "a number with a curve": (
        '[lesson.predict]\nask = "number"\nquestion = "Q"\nright = "slow"\ncurve = { quantity = "loss" }\n' + MEASURE,
        "lesson.predict.curve: is given, but 'number' asks for right",
    ),
    "a number that is no measure": (
        '[lesson.predict]\nask = "number"\nquestion = "Q"\nright = "slw"\nscale = [0, 1]\n' + MEASURE,
        "lesson.predict.right: 'slw' is not one of slow; did you mean 'slow'?",
    ),
    "an answer on no measure": (
        '[lesson.predict]\nask = "choice"\nquestion = "Q"\n'
        'choices = [{ text = "A", when = "slw > 1" }, { text = "B" }]\n' + MEASURE,
        "lesson.predict.choices[0].when: 'slw' is not one of slow; did you mean 'slow'?",
    ),
    "a number without a scale": (
        '[lesson.predict]\nask = "number"\nquestion = "Q"\nright = "slow"\n' + MEASURE,
        "lesson.predict.scale: is missing: 'number' asks for it",
    ),
    "a curve without a scale": (
        '[lesson.predict]\nask = "curve"\nquestion = "Q"\ncurve = { quantity = "loss" }',
        "lesson.predict.scale: is missing: 'curve' asks for it",
    ),
    "a logarithm of zero": (
        '[lesson.predict]\nask = "number"\nquestion = "Q"\nright = "slow"\nscale = [0, 1]\nlog = true\n' + MEASURE,
        "lesson.predict.scale: 0 is not above 0, as a logarithmic scale needs",
    ),
    "a curve of nothing": (
        '[lesson.predict]\nask = "curve"\nquestion = "Q"\ncurve = { quantity = "f" }\nscale = [0, 1]',
        "lesson.predict.curve.quantity: 'f' is not one of loss, .*",
    ),
    "a curve over layers of what has none": (
        '[lesson.predict]\nask = "curve"\nquestion = "Q"\n'
        'curve = { quantity = "loss", over = "layers" }\nscale = [0, 1]',
        "lesson.predict.curve.quantity: 'loss' is not one of grad_rms, .*",
    ),
    "a curve of no run": (
        '[lesson.predict]\nask = "curve"\nquestion = "Q"\ncurve = { quantity = "loss", run = 3 }\nscale = [0, 1]',
        "lesson.predict.curve.run: 3 is not a run's number from 1 to 2, or its label",
    ),
}


def check(tmp_path: Path, text: str) -> int:
    path = tmp_path / "lesson.toml"
    path.write_text(text, encoding="utf-8")
    return main(["check", str(path)])


@pytest.mark.parametrize("case", CASES)
def test_what_a_lesson_cannot_say_gets_one_line(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, problem = CASES[case]
    assert check(tmp_path, START + text + "\n") == BAD_INPUT
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    line = said.removeprefix(f"gradsim: {tmp_path / 'lesson.toml'}: ").removesuffix("\n")
    assert matches(line, problem), line


def test_a_control_of_what_a_try_brings_along_is_allowed(tmp_path: Path) -> None:
    changed = 'tries = [{ text = "A", control = "momentum", set = { optimizer = { name = "momentum" } } }]'
    assert check(tmp_path, f"{START}{changed}\n") == DONE


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (r'formula = "\eta"', "single quotes"),
        (r'formula = "\sum \xi"', "single quotes"),
        ('title = "A', "is a closing quote missing in line {n}?"),
        ('title = { en = "A, zh_CN = "B" }', "is a closing quote missing in line {n}?"),
    ],
)
def test_usual_slips_of_toml_get_a_hint(
    line: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(tmp_path, f"{START}{line}\nminutes = 5\n") == BAD_INPUT
    number = START.count("\n") + 1
    assert capsys.readouterr().err.endswith(f"{said.format(n=number)}\n")


def test_other_slips_get_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(tmp_path, f"{START}minutes = = 5\n") == BAD_INPUT
    assert "; " not in capsys.readouterr().err


def test_a_lesson_of_a_folder_is_checked_by_its_id(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.toml").write_text(START, encoding="utf-8")
    assert main(["check", "x", "--lessons", str(tmp_path)]) == DONE
    assert main(["check", "y", "--lessons", str(tmp_path)]) == BAD_INPUT
    assert main(["--lessons", str(tmp_path), "lessons"]) == DONE
    assert "x " in capsys.readouterr().out


def test_latex_keeps_its_braces(tmp_path: Path) -> None:
    formula = r"\frac{slow}{2} \cdot \mathrm{out}_{last}^{top} {slow} \sqrt[3]{ab}"
    assert check(tmp_path, f"{START}live_formula = '{formula}'\n{MEASURE}") == DONE


def test_an_id_that_is_taken_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(tmp_path, START.replace('id = "x"', 'id = "saddle"')) == BAD_INPUT
    file = course().files["saddle"].name
    assert capsys.readouterr().err.endswith(f"lesson.id: 'saddle' is taken by {file}\n")


def test_two_files_of_one_id_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [tmp_path / "a.toml", tmp_path / "b.toml"]
    for i, path in enumerate(paths):
        path.write_text(START + f'question = "{i}"\n')
    assert main(["check", *map(str, paths)]) == BAD_INPUT
    assert capsys.readouterr().err == f"gradsim: {paths[1]}: lesson.id: 'x' is taken by a.toml\n"


def test_a_changed_copy_of_a_lesson_is_no_other_lesson(tmp_path: Path) -> None:
    """What Ctrl+S writes after a change has the lesson's words, its measures of runs that are gone among them."""
    vanishing = lessons()["vanishing"]
    one = vanishing.experiment.with_settings(runs=vanishing.experiment.runs[:1])
    path = tmp_path / "saved.toml"
    write(path, vanishing.with_experiment(one))
    again = read_file(path)
    assert not again.is_as_in_the_lesson
    assert again.experiment == one

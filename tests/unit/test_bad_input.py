"""Bad input: one line that names the file and the field, exit status 2, nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gradsim.cli import BAD_INPUT, DONE, main
from gradsim.schema.parameters import ParameterError
from gradsim.sim.documents import document
from gradsim.sim.documents.experiments import experiment_from
from gradsim.sim.run.settings import MAX_RUNS

RUN = '[[runs]]\nlabel = "A"\n'
SECOND = '[[runs]]\nlabel = "B"\n'
LESSON = '[lesson]\nid = "x"\ntitle = "T"\n'

# What the file says, and what the line has to say after the file's name.
CASES: dict[str, tuple[str | bytes, str]] = {
    "unknown field": ("sed = 1\n" + RUN, "sed: 'sed' is not one of .*; did you mean 'seed'?"),
    "unknown field of a run": (RUN + "depth = 3\n", "runs[0].depth: 'depth' is not one of label, activation, .*"),
    "unknown field in common": (RUN + "[common]\nhiden = [3]\n", "common.hiden: .*; did you mean 'hidden'?"),
    "unknown field of an entry": (
        RUN + 'optimizer = { name = "sgd", learning_rat = 1 }\n',
        "runs[0].optimizer.learning_rat: .* did you mean 'learning_rate'?",
    ),
    "field of an entry that has none": (
        RUN + 'activation = { name = "relu", slope = 1 }\n',
        "runs[0].activation.slope: 'slope' is not known, there is nothing to set",
    ),
    "unknown field of the lesson": (RUN + LESSON + 'titel = "T"\n', "lesson.titel: .*; did you mean 'title'?"),
    "unknown language": (
        RUN + '[lesson]\nid = "x"\ntitle = { fr = "T" }\n',
        "lesson.title.fr: 'fr' is not one of en, .*",
    ),
    "missing field": (RUN + '[lesson]\nid = "x"\n', "lesson.title: is missing; give a text.*"),
    "unknown kind": ('kind = "trian"\n' + RUN, "kind: 'trian' is not one of race, train; did you mean 'train'?"),
    "wrong type": ('seed = "one"\n' + RUN, "seed: 'one' is not a whole number from 0 to 4,294,967,295"),
    "a fraction for a whole number": ("steps = 1.5\n" + RUN, "steps: 1.5 is not a whole number .*"),
    "a truth value for a number": ("steps = true\n" + RUN, "steps: True is not a whole number .*"),
    "a word for a number": (RUN + 'batch_size = "every"\n', "runs[0].batch_size: 'every' is not .* or 'all'"),
    "a number for a name": (RUN + "activation = 3\n", "runs[0].activation: 3 is not a name .*one of sigmoid, .*"),
    "a number for a list": (RUN + "hidden = 3\n", "runs[0].hidden: 3 is not a list .*"),
    "a number for the table of runs": ("runs = 3\n", "runs: is not a list of [[runs]] tables"),
    "a number for the common table": ("common = 3\n" + RUN, "common: 3 is not a table .*"),
    "a number for the lesson": ("lesson = 3\n" + RUN, "lesson: 3 is not a table .*"),
    "a list for the kind": ("kind = []\n" + RUN, "kind: .*train.*"),
    "a label of two lines": ('[[runs]]\nlabel = "A\\nB"\n', "runs[0].label: 'A\\nB' is not one line of text .*"),
    "a label that is too long": (
        f'[[runs]]\nlabel = "{"_" * 24}x"\n',
        "runs[0].label: '________________________x' is not one line of text of 0 to 24 characters",
    ),
    "unknown view of a lesson": (
        RUN + LESSON + 'views = ["loss", "histroy"]\n',
        "lesson.views[1]: 'histroy' is not one of network, gradients, .*; did you mean 'history'?",
    ),
    "a view on a projector that is none of the lesson's": (
        RUN + LESSON + 'views = ["loss", "history"]\nprojector = ["hitory"]\n',
        "lesson.projector[0]: 'hitory' is not one of loss, history; did you mean 'history'?",
    ),
    "unknown control of a lesson": (
        RUN + LESSON + 'hidden = ["optimiser"]\n',
        "lesson.hidden[0]: 'optimiser' is not one of .*; did you mean 'optimizer'?",
    ),
    "unknown figure in a verdict": (
        RUN + LESSON + 'verdict = "{label} at {acuracy}"\n',
        "lesson.verdict.en: '{acuracy}' is not one of .*; did you mean '{accuracy}'?",
    ),
    "a brace around more than a name": (
        RUN + LESSON + 'verdict = "{loss:.2f}"\n',
        "lesson.verdict.en: '{loss:.2f}' has a brace that is not around a figure's name, as in {loss}",
    ),
    "unknown language of a point": (
        RUN + LESSON + 'points = ["A", { fr = "B" }]\n',
        "lesson.points[1].fr: 'fr' is not one of en, .*",
    ),
    "too large": ("seed = 4294967296\n" + RUN, "seed: 4294967296 is not a whole number from 0 .*"),
    "too small": ("steps = 0\n" + RUN, "steps: 0 is not a whole number from 1 to 10,000,000"),
    "negative rate": (
        RUN + 'optimizer = { name = "sgd", learning_rate = -0.1 }\n',
        "runs[0].optimizer.learning_rate: -0.1 is not a number from .*",
    ),
    "not a number": (
        RUN + 'optimizer = { name = "sgd", learning_rate = nan }\n',
        "runs[0].optimizer.learning_rate: nan is not a number .*",
    ),
    "infinite": (
        RUN + 'optimizer = { name = "sgd", learning_rate = inf }\n',
        "runs[0].optimizer.learning_rate: inf is not a number .*",
    ),
    "a whole number beyond floating point": (
        RUN + f'optimizer = {{ name = "sgd", learning_rate = {"9" * 400} }}\n',
        "runs[0].optimizer.learning_rate: .*",
    ),
    "half a switch": (
        RUN + 'optimizer = { name = "rmsprop", centered = 0.5 }\n',
        "runs[0].optimizer.centered: 0.5 is not a whole number from 0 to 1",
    ),
    "a schedule longer than the run": (
        "steps = 20\n" + RUN + 'schedule = { name = "cosine", length = 21 }\n',
        "runs[0].schedule.length: 21 updates are more than the 20 steps of the run; "
        "a whole number from 1 to 20, or 0 for the whole run",
    ),
    "a bound of zero": (
        RUN + 'clip = { name = "norm", max_norm = 0 }\n',
        "runs[0].clip.max_norm: 0 is not a number from 1e-12 to .*",
    ),
    "a number of thousands of digits": (f"seed = {'9' * 5000}\n" + RUN, ".*"),
    "a hexadecimal number of thousands of digits": (f"seed = 0x{'f' * 5000}\n" + RUN, ".*"),
    "a number of thousands of digits for a word": (f"dtype = 0x{'f' * 5000}\n" + RUN, "dtype: .*float64.*"),
    "a table in a table in a table": ("seed" + ".a" * 2000 + " = 1\n" + RUN, "seed: .*"),
    "an endless name": (RUN + f'activation = "{"relu" * 10_000}"\n', "runs[0].activation: .* is not one of .*"),
    "an endless key": ("x" * 50_000 + " = 1\n" + RUN, "x.*"),
    "unknown name": (
        RUN + SECOND + 'activation = "relo"\n',
        "runs[1].activation: 'relo' is not one of .*; did you mean 'relu'?",
    ),
    "unknown data": ('data = "digit"\n' + RUN, "data: 'digit' is not one of .*; did you mean 'digits'?"),
    "width 0": (RUN + "hidden = [8, 0]\n", "runs[0].hidden[1]: 0 is not a whole number from 1 to 1,024"),
    "contradiction": (
        RUN + 'output = "linear"\nloss = "cross_entropy"\n',
        "runs[0].loss: 'cross_entropy' does not go with the output 'linear': .*; take the loss mse or .*",
    ),
    "a word among given values": (
        RUN + 'init = { name = "values", layers = [[[0.6]], [["x"]]] }\n',
        "runs[0].init.layers[1][0][0]: 'x' is not a number from -1,000,000 to 1,000,000",
    ),
    "given values that are no list": (
        RUN + 'init = { name = "values", layers = 0.6 }\n',
        "runs[0].init.layers: 0.6 is not a list of numbers .*",
    ),
    "given values in too deep lists": (
        RUN + 'init = { name = "values", layers = [[[[0.6]]]] }\n',
        "runs[0].init.layers[0][0][0]: [0.6] is not a number .*",
    ),
    "an empty list among given values": (
        RUN + 'init = { name = "values", layers = [[]] }\n',
        "runs[0].init.layers[0]: [] is not a number .*",
    ),
    "too many given values": (
        RUN + f'init = {{ name = "values", layers = {[[1] * 200] * 51} }}\n',
        "runs[0].init.layers: 10,200 numbers are given; at most 10,000 are allowed",
    ),
    "no given values": (
        RUN + 'init = "values"\n',
        "runs[0].init.layers: values for 2 layers are needed, given 0",
    ),
    "no given values for one layer": (
        RUN + 'hidden = []\ninit = "values"\n',
        "runs[0].init.layers: values for 1 layer are needed, given 0",
    ),
    "several given values for one bias": (
        'data = "moons"\n'
        + RUN
        + 'hidden = []\noutput = "sigmoid"\nbias_init = { name = "values", layers = [[1, 2]] }\n',
        "runs[0].bias_init.layers[0]: layer 1 needs 1 value, given 2",
    ),
    "given weights of another shape": (
        RUN
        + f'hidden = [2, 1]\ninit = {{ name = "values", layers = {[[[1, 2]] * 64, [[1], [2], [3]], [[1] * 10]]} }}\n',
        "runs[0].init.layers[1]: layer 2 needs 2 x 1 values, given 3 x 1",
    ),
    "given weights in rows of unequal lengths": (
        RUN + f'hidden = []\ninit = {{ name = "values", layers = {[[[1] * 10] * 63 + [[1] * 9]]} }}\n',
        "runs[0].init.layers[0]: layer 1 needs 64 x 10 values, given lists of unequal lengths",
    ),
    "given biases of another number": (
        RUN + SECOND + 'hidden = []\nbias_init = { name = "values", layers = [[1, 2]] }\n',
        "runs[1].bias_init.layers[0]: layer 1 needs 10 values, given 2",
    ),
    "a single bias for a layer": (
        RUN + 'hidden = []\nbias_init = { name = "values", layers = [1] }\n',
        "runs[0].bias_init.layers[0]: layer 1 needs 10 values, given a single number",
    ),
    "orthogonal biases": (
        RUN + 'bias_init = "orthogonal"\n',
        "runs[0].bias_init: 'orthogonal' needs matrices, and biases are lists; take one of zeros, .*",
    ),
    "more samples than there are": (
        'data = { name = "digits", samples = 1798 }\n' + RUN,
        "data.samples: 1798 is more than the 1797 there are; 0 means all",
    ),
    "no sample left to train on": (
        'data = { name = "digits", samples = 1, test_fraction = 0.9 }\n' + RUN + 'batch_size = "all"\n',
        "data.*",
    ),
    "a batch larger than the data": (
        'data = { name = "digits", samples = 100 }\n' + RUN + SECOND + "batch_size = 81\n",
        "runs[1].batch_size: 81 is more than the 78 training samples there are; .*",
    ),
    "too much memory": (
        f"replicas = 128\n{RUN}hidden = {[1024] * 16}\n",
        "replicas: training would take .* GiB; at most 4 GiB .* fewer replicas, .*",
    ),
    "too much memory for one": (
        f'replicas = 1\n{RUN}hidden = {[1024] * 64}\nbatch_size = "all"\noptimizer = "adam"\n',
        "runs: training would take .* GiB; at most 4 GiB are allowed, so take smaller layers or smaller batches",
    ),
    "no run": ("seed = 1\n", f"runs: 0 given; from 1 to {MAX_RUNS} .*"),
    "too many runs": ("[[runs]]\n" * (MAX_RUNS + 1), f"runs: {MAX_RUNS + 1} given; from 1 to {MAX_RUNS} .*"),
    "two runs of one label": (RUN + RUN, "runs[1].label: 'A' is taken by an earlier run"),
    "not TOML": ("seed = \n", "not a TOML file: .*line 1.*"),
    "a key twice": ("seed = 1\nseed = 2\n" + RUN, "not a TOML file: .*line 2.*"),
    "brackets without end": ("a = " + "[" * 5000 + "]" * 5000 + "\n", "not a TOML file.*"),
    "not UTF-8": (b'[[runs]]\nlabel = "\xff"\n', "not UTF-8 text, at byte 18"),
    "too large a file": (
        b"#" * (document.MAX_FILE_BYTES + 1),
        "larger than 64 KiB, too large for an experiment file",
    ),
    "a key of two lines": ('"a\\nb" = 1\n' + RUN, ".*"),
    "a setting's key of two lines": (RUN + 'init = { name = "normal", "s\\ntd" = 1 }\n', "runs[0].init.*"),
    "a key that rules the terminal": ('"\\u001b[2J" = 1\n' + RUN, ".*"),
}

COMMANDS = {
    "check": lambda path: ["check", str(path)],
    "run": lambda path: ["run", str(path), "--out", str(path.parent / "out.json")],
    "export": lambda path: ["export", str(path), "--out", str(path.parent / "out.png")],
    "gui": lambda path: [str(path)],
}


@pytest.fixture(autouse=True)
def nothing_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no bad file get as far as training or a window."""

    def begun(*_: object) -> int:
        raise AssertionError("bad input was accepted")

    for action in ("gradsim.sim.documents.results.run", "gradsim.ui.export.export", "gradsim.ui.app.open_window"):
        monkeypatch.setattr(action, begun)


def matches(line: str, pattern: str) -> bool:
    """Tell whether a line reads like the pattern, in which ``.*`` stands for anything."""
    pieces = pattern.split(".*")
    return line.startswith(pieces[0]) and line.endswith(pieces[-1]) and all(piece in line for piece in pieces)


@pytest.mark.parametrize(
    ("name", "command"),
    # Whoever runs an experiment without pictures has no views, and does not know which there are.
    [
        (name, command)
        for name in CASES
        for command in COMMANDS
        if (name, command) != ("unknown view of a lesson", "run")
    ],
)
def test_a_bad_file_gets_one_line(
    name: str, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content, problem = CASES[name]
    path = tmp_path / "bad.toml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    assert main(COMMANDS[command](path)) == BAD_INPUT
    said = capsys.readouterr()
    assert said.out == ""
    prefix = f"gradsim: {path}: "
    assert said.err.startswith(prefix)
    line = said.err.removeprefix(prefix).removesuffix("\n")
    assert line.isprintable()
    assert len(line) < 600
    assert matches(line, problem), line
    assert sorted(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("name", "problem"),
    [("missing.toml", "No such file or directory"), ("folder.toml", "Is a directory"), ("x" * 300, "too long")],
)
def test_a_file_that_cannot_be_read_gets_one_line(
    name: str, problem: str, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "folder.toml").mkdir()
    path = tmp_path / name
    assert main(COMMANDS[command](path)) == BAD_INPUT
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"gradsim: {path}: cannot be read: ")
    assert problem in said.err
    assert said.err.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such devices")
def test_a_file_without_end_is_not_read_to_its_end() -> None:
    limit = "import resource; resource.setrlimit(resource.RLIMIT_AS, (3 * 2**30,) * 2)"
    code = f"import sys; from gradsim.cli import main; {limit}; sys.exit(main(['check', '/dev/zero']))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert ended.returncode == BAD_INPUT, ended.stderr
    assert ended.stderr.startswith("gradsim: /dev/zero: ")
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("command", ["run", "export", "gui"])
@pytest.mark.parametrize("name", ["vanishin", "x" * 300])
def test_an_unknown_lesson_gets_one_line(name: str, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    options = {"run": ["run", name], "export": ["export", name, "--out", "out.png"], "gui": [name]}
    assert main(options[command]) == BAD_INPUT
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"gradsim: {name}: ")
    assert ("did you mean 'vanishing'?" in said.err) == (name == "vanishin")
    assert said.err.count("\n") == 1


def test_a_byte_order_mark_is_no_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Windows editors write one."""
    path = tmp_path / "notepad.toml"
    path.write_bytes(b"\xef\xbb\xbf" + RUN.replace("\n", "\r\n").encode())
    assert main(["check", str(path)]) == DONE
    assert capsys.readouterr().err == ""


def test_chinese_texts_may_hold_a_wide_space() -> None:
    parsed = document.parse(RUN + LESSON + 'question = { zh_CN = "甲\u3000乙" }\n', "wide.toml")
    assert parsed.lesson is not None
    assert parsed.lesson.question("zh_CN") == "甲\u3000乙"


def test_check_goes_on_after_a_bad_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [tmp_path / name for name in ("bad.toml", "good.toml", "worse.toml")]
    for path, text in zip(paths, ("seed = -1\n" + RUN, RUN, ""), strict=True):
        path.write_text(text)
    assert main(["check", *map(str, paths)]) == BAD_INPUT
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[1] for line in lines] == [str(paths[0]), str(paths[2])]


@pytest.mark.parametrize(
    ("table", "path"),
    [
        ({"runs": [{}, {"optimizer": {"name": "sgd", "learning_rate": "x"}}]}, "runs[1].optimizer.learning_rate"),
        ({"runs": [{"hidden": [4, "x"]}]}, "runs[0].hidden[1]"),
        ({"common": {"init": {"name": "normal", "std": -1}}, "runs": [{}]}, "common.init.std"),
        ({"data": {"name": "digits", "test_fraction": 1}, "runs": [{}]}, "data.test_fraction"),
    ],
)
def test_the_error_carries_the_path_of_the_field(table: dict[str, Any], path: str) -> None:
    with pytest.raises(ParameterError) as caught:
        experiment_from(table)
    assert caught.value.path == path


@pytest.mark.parametrize(
    "arguments",
    [
        ("lessons", "\x1b[31m", "a\nb"),
        ("run", "saddle", "--steps", "\x1b[2J"),
        ("run", "saddle", "--\x1b[31m", "a\nb"),
    ],
)
def test_what_would_rule_a_terminal_is_told_as_text(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == BAD_INPUT
    [line] = capsys.readouterr().err.splitlines()
    assert line.isprintable()
    assert "\\x1b" in line

"""The command line: options, what is printed, what is imported, exit status."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gradsim import __version__
from gradsim.cli import BAD_INPUT, DONE, main
from gradsim.sim.documents.document import Document, read, write
from gradsim.sim.documents.lessons import _lesson_files, first_lesson, lessons
from tests.unit.small import HEALTHY, RUNAWAY, experiment


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    write(path, Document(experiment(steps=12)))
    return path


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)


@pytest.mark.parametrize("out", ["", "out.json", "out.csv", "out.npz"])
def test_run_imports_no_qt(out: str, tmp_path: Path) -> None:
    arguments = ["run", "vanishing", "--steps", "2", *(["--out", str(tmp_path / out)] if out else [])]
    ended = python(
        "import sys; from gradsim.cli import main; "
        f"status = main({arguments!r}); "
        "found = [name for name in sys.modules if name.startswith(('PySide6', 'pyqtgraph', 'shiboken6'))]; "
        "assert not found, found; sys.exit(status)"
    )
    assert ended.returncode == DONE, ended.stderr
    assert ended.stdout.startswith("step 2: Under Sigmoid layer 1 learns ")
    assert ended.stderr == ""
    assert not out or (tmp_path / out).stat().st_size > 0


def test_run_says_the_verdict_and_writes_the_file(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(file), "--out", str(tmp_path / "out.json")]) == DONE
    said = capsys.readouterr()
    verdict, *runs = said.out.splitlines()
    assert verdict.startswith("step 12: ")
    table = json.loads((tmp_path / "out.json").read_text())
    for line, run in zip(runs, table["runs"], strict=True):
        label, loss = run["label"], np.median([replica[-1] for replica in run["loss"]])
        assert line.startswith(f"{label}: loss {loss:.4g}, accuracy ")
    assert said.err == ""
    assert json.loads((tmp_path / "out.json").read_text())["steps"][-1] == 12


def test_it_is_said_where_a_long_run_is_thinned(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    race, out = tmp_path / "long.toml", tmp_path / "out.csv"
    race.write_text('kind = "race"\nsteps = 9000\nsurface = "booth"\n[[runs]]\noptimizer = "sgd"\n')
    assert main(["run", str(race), "--out", str(out)]) == DONE
    assert capsys.readouterr().err == f"{out}: one step in 3, for a record of so long a run is thinned\n"
    steps = [int(line.split(",")[2]) for line in out.read_text().splitlines()[1:]]
    assert steps == list(range(0, 9001, 3))


def test_runs_options_replace_those_of_the_file(file: Path, tmp_path: Path) -> None:
    options = ["--steps", "3", "--replicas", "2", "--seed", "9"]
    assert main(["run", str(file), *options, "--out", str(tmp_path / "out.npz")]) == DONE
    with np.load(tmp_path / "out.npz", allow_pickle=False) as npz:
        text = str(npz["experiment"])
        assert npz["replica1/batches"].shape == (3, 16)
    assert all(f"{key} = {value}\n" in text for key, value in (("steps", 3), ("replicas", 2), ("seed", 9)))


def test_the_same_run_writes_the_same_bytes(file: Path, tmp_path: Path) -> None:
    for name in ("one.json", "two.json"):
        assert main(["run", str(file), "--out", str(tmp_path / name)]) == DONE
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()


def test_a_diverged_run_is_said_and_is_no_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "diverging.toml"
    write(path, Document(experiment(HEALTHY, RUNAWAY)))
    assert main(["run", str(path), "--out", str(tmp_path / "out.json")]) == DONE
    assert "Runaway diverged at step " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--steps", "0"], "'0' is not a whole number from 1 to 10,000,000"),
        (["--steps", "1e3"], "'1e3' is not a whole number"),
        (["--replicas", "129"], "'129' is not a whole number from 1 to 128"),
        (["--seed", "-1"], "'-1' is not a whole number from 0 to 4,294,967,295"),
        (["--seed", "9" * 5000], "is not a whole number from 0 to 4,294,967,295"),
        (["--out", "out.txt"], "out.txt: '.txt' is not one of .json, .csv, .npz"),
        (["--out", "missing/out.json"], "missing/out.json: cannot be written: there is no folder missing"),
        (["--stp", "3"], "unrecognized arguments: --stp 3"),
        (["--step", "999999"], "--step: 999,999 is beyond the last step"),
    ],
)
def test_a_bad_option_of_run_gets_one_line(
    arguments: list[str], problem: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(["run", str(file), *arguments]) == BAD_INPUT
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("gradsim")
    assert problem in said.err
    assert said.err.count("\n") == 1


def test_an_out_that_cannot_be_written_is_said_before_training(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def begun(*_: object) -> None:
        raise AssertionError("trained for nothing")

    monkeypatch.setattr("gradsim.sim.documents.results.run", begun)
    assert main(["run", str(file), "--out", "missing/out.json"]) == BAD_INPUT
    assert "missing/out.json: " in capsys.readouterr().err


def test_options_that_take_too_much_memory_get_one_line_that_names_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "large.toml"
    write(path, Document(experiment({"hidden": [1024] * 8}, replicas=1)))
    assert main(["check", str(path)]) == DONE
    assert main(["run", str(path), "--replicas", "128"]) == BAD_INPUT
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"gradsim: {path}: replicas: training would take ")
    assert said.err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["vanishing"], "--out"),
        (["vanishing", "--out", "out.webm"], "out.webm: '.webm' is not one of "),
        (["vanishing", "--out", "out.png", "--step", "1000000"], "--step: 1,000,000 is beyond the last step"),
        (["vanishing", "--out", "out.png", "--step", "-1"], "'-1' is not a whole number from 0"),
        (["vanishing", "--out", "out.png", "--size", "1920"], "'1920' is not WIDTHxHEIGHT"),
        (["vanishing", "--out", "out.png", "--size", "99x100"], "'99x100' is not WIDTHxHEIGHT"),
        (["vanishing", "--out", "out.png", "--scale", "nan"], "'nan' is not a number from 0.5 to 8"),
        (["vanishing", "--out", "out.png", "--scale", "9"], "'9' is not a number from 0.5 to 8"),
        (["vanishing", "--out", "out.png", "--view", "gradient"], "did you mean 'gradients'?"),
        (["vanishing", "--out", "out.png", "--theme", "drak"], "invalid choice: 'drak'"),
        (["vanishing", "--out", "out.png", "--lang", "fr"], "invalid choice: 'fr'"),
        (["--out", "out.png"], "name an experiment file or a lesson, or give --all"),
        (["vanishing", "--all", "--out", "."], "vanishing: --all exports every lesson; leave out the file"),
        (["--all", "--out", "missing/deeper"], "missing/deeper: not a folder, and none can be made"),
    ],
)
def test_a_bad_option_of_export_gets_one_line(
    arguments: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(["export", *arguments]) == BAD_INPUT
    said = capsys.readouterr()
    assert said.out == ""
    assert problem in said.err
    assert said.err.count("\n") == 1


def status_of(arguments: list[str]) -> int | str | None:
    """Return the exit status, by whichever way the program ends."""
    try:
        return main(arguments)
    except SystemExit as ended:
        return ended.code


def test_check_says_nothing_of_good_files(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(file)]) == DONE
    assert capsys.readouterr() == ("", "")


def test_the_files_of_lessons_are_named_in_the_order_of_the_course() -> None:
    assert first_lesson() == next(iter(lessons().values()))
    numbers = [document.lesson.number for document in map(read, _lesson_files()) if document.lesson]
    assert numbers == sorted(set(numbers))


def test_lessons_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lessons"]) == DONE
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines] == list(lessons())
    assert main(["lessons", "--json"]) == DONE
    table = json.loads(capsys.readouterr().out)
    assert [entry["id"] for entry in table] == list(lessons())


@pytest.mark.parametrize("command", ["", "run", "export", "check", "lessons"])
def test_help_names_every_option(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*command.split(), "--help"])
    assert ended.value.code == DONE
    words = capsys.readouterr().out
    expected = {"": ["--theme", "export", "check"], "run": ["--replicas"], "export": ["--view"], "check": ["FILE"]}
    assert all(word in words for word in expected.get(command, []))


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"gradsim {__version__}\n"


@pytest.mark.parametrize("program", [["main.py"], ["-m", "gradsim"]])
def test_the_program_ends_with_its_status(program: list[str]) -> None:
    root = Path(__file__).resolve().parents[2]
    for arguments, status in ((["lessons"], DONE), (["run", "vanishin"], BAD_INPUT)):
        ended = subprocess.run([sys.executable, *program, *arguments], capture_output=True, cwd=root, timeout=300)
        assert ended.returncode == status, ended.stderr
        assert b"Traceback" not in ended.stderr


def test_a_command_that_is_mistyped_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["exprot", "race"]) == BAD_INPUT
    assert capsys.readouterr().err.endswith(
        "'exprot' is not one of lessons, run, sweep, export, check, new-lesson; did you mean 'export'?\n"
    )


def test_a_diverged_run_has_no_loss_at_the_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.toml"
    write(path, Document(experiment(HEALTHY, RUNAWAY)))
    assert main(["run", str(path)]) == DONE
    _, healthy, runaway = capsys.readouterr().out.splitlines()
    assert "loss" in healthy
    assert runaway.endswith(": diverged")


def test_qt_does_not_read_the_source_of_what_is_imported_after_it() -> None:
    """PySide6's own import reads the source of every module, which takes a tenth of a start."""
    ended = python(
        "import builtins; own = builtins.__import__; "
        "from gradsim.cli import main; status = main(['export', 'none', '--out', 'x.png']); "
        "import sys; assert 'PySide6.QtWidgets' in sys.modules; assert builtins.__import__ is own; sys.exit(status)"
    )
    assert ended.returncode == BAD_INPUT, ended.stderr


def test_an_argument_of_any_length_is_refused_in_a_line_that_can_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["new-lesson", "a.toml", "a" * 3000])
    assert ended.value.code == BAD_INPUT
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("gradsim new-lesson: unrecognized arguments: aaa")
    assert "a…a" in line
    assert len(line) < 1100

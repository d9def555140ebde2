"""Sweeps: every row is a run made by itself; a sweep that was ended goes on; bad input loses nothing."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradsim
from gradsim.cli import main
from gradsim.sweeps import first_at

ROOT = Path(__file__).resolve().parents[2]
NET: dict[str, Any] = {
    "data": {"name": "digits", "samples": 100},
    "hidden": [6, 5],
    "batch_size": 16,
    "steps": 12,
    "replicas": 1,
    "runs": [{"activation": "sigmoid"}, {"activation": "relu", "init": "he_normal"}],
}
TWICE = NET | {"replicas": 2}
OVER: dict[str, Any] = {"learning_rate": [0.01, 0.1, 1.0], "seed": range(2)}


class AtOnce(Executor):
    """Runs each job where it is asked for, and counts them; after so many it is interrupted."""

    def __init__(self, most: int = 10**6) -> None:
        self.count, self._most = 0, most

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if self.count == self._most:
            future.set_exception(KeyboardInterrupt())
        else:
            self.count += 1
            future.set_result(fn(*args, **kwargs))
        return future


def rows_of(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text().splitlines()))


def test_every_row_is_a_run_made_by_itself() -> None:
    table = gradsim.sweep(**TWICE, **OVER, executor=AtOnce(), reach={"loss": 2.2})
    assert len(table) == 3 * 2 * 2 * 2
    row = 0
    for rate in OVER["learning_rate"]:
        for seed in OVER["seed"]:
            alone = gradsim.run(**TWICE, learning_rate=rate, seed=seed)
            for run in alone:
                for replica in range(2):
                    found = {name: column[row] for name, column in table.columns.items()}
                    assert (found["learning_rate"], found["seed"]) == (rate, seed)
                    assert (found["run"], found["replica"]) == (run.label, replica)
                    for name in ("loss", "accuracy", "test_loss", "test_accuracy", "samples"):
                        assert found[name] == getattr(run, name)[replica, -1]
                    below = np.flatnonzero(run.loss[replica] <= 2.2)
                    np.testing.assert_equal(found["steps_to_loss_2.2"], below[0] if below.size else np.nan)
                    row += 1


def test_descents_are_swept_too_and_what_diverges_has_no_value() -> None:
    table = gradsim.sweep("saddle", learning_rate=[0.05, 50.0], steps=40, executor=AtOnce())
    alone = gradsim.run("saddle", learning_rate=0.05, steps=40)
    for i, run in enumerate(alone):
        assert (table["f"][i], table["grad_norm"][i]) == (run.f[0, -1], run.grad_norm[0, -1])
    gone = table["learning_rate"] == 50.0
    assert np.isfinite(table["f"][~gone]).all()
    sgd = gone & (table["run"] == "SGD")
    assert np.isnan(table["f"][sgd]).all()
    assert (table["diverged_at"][sgd] > 0).all()


def test_settings_within_settings() -> None:
    decays: dict[str, Any] = {"optimizer.weight_decay": [0.0, 0.5]}
    table = gradsim.sweep("saddle", **decays, steps=20, executor=AtOnce())
    plain, decayed = table["f"][table["optimizer.weight_decay"] == 0.0], table["f"][-5:]
    assert (plain != decayed).all()
    run = gradsim.run("saddle", steps=20, **{"optimizer.weight_decay": 0.5})
    assert decayed.tolist() == [each.f[0, -1] for each in run]


@pytest.mark.parametrize(
    ("values", "wanted", "expected"),
    [([3, 2, 1], 2, 1), ([1, 2, 3], 2.5, 2), ([1, 2], 5, None), ([np.nan, 1, np.nan, 4], 4, 3), ([np.nan], 1, None)],
)
def test_the_step_at_which_a_value_is_reached(values: list[float], wanted: float, expected: int | None) -> None:
    assert first_at(np.arange(len(values)), np.array(values, float), wanted) == expected


def test_lists_are_values_or_values_to_try() -> None:
    table = gradsim.sweep(**(NET | {"hidden": [[6], [6, 5]]}), learning_rate=(0.1,), executor=AtOnce())
    assert table["hidden"].tolist() == ["[6]", "[6]", "[6, 5]", "[6, 5]"]
    assert table["loss"][2:].tolist() == [run.loss[0, -1] for run in gradsim.run(**NET, learning_rate=0.1)]
    race = gradsim.sweep(kind="race", surface="booth", start=[1.0, 1.0], seed=[0], steps=3, executor=AtOnce())
    assert "start" not in race.columns


# Going on


def test_a_sweep_that_was_ended_goes_on_and_comes_to_the_same(tmp_path: Path) -> None:
    whole, part = tmp_path / "whole.csv", tmp_path / "part.csv"
    gradsim.sweep(**NET, **OVER, executor=AtOnce(), out=whole)
    with pytest.raises(KeyboardInterrupt):
        gradsim.sweep(**NET, **OVER, executor=AtOnce(most=4), out=part)
    assert len(rows_of(part)) == 1 + 4 * 2
    rest, told = AtOnce(), list[tuple[int, int]]()
    table = gradsim.sweep(**NET, **OVER, executor=rest, out=part, progress=lambda *at: told.append(at))
    assert rest.count == 2
    assert told == [(4, 6), (5, 6), (6, 6)]
    assert part.read_bytes() == whole.read_bytes()
    table.to_csv(tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_bytes() == whole.read_bytes()


def test_more_values_of_the_same_sweep_keep_what_is_there(tmp_path: Path) -> None:
    out, more = tmp_path / "out.csv", AtOnce()
    gradsim.sweep(**NET, learning_rate=[0.1], seed=[0, 1], executor=AtOnce(), out=out)
    gradsim.sweep(**NET, learning_rate=[0.1, 0.3], seed=[0, 1], executor=more, out=out)
    assert more.count == 2


@pytest.mark.parametrize("content", ["mine\n1\n", "", "\x00", "experiment,learning_rate\nabc,1\n"])
def test_another_file_is_refused_and_left_as_it_is(tmp_path: Path, content: str) -> None:
    out = tmp_path / "out.csv"
    out.write_text(content)
    with pytest.raises(ValueError, match="another table"):
        gradsim.sweep(**NET, **OVER, executor=AtOnce(), out=out)
    assert out.read_text() == content


def test_a_sweep_of_another_experiment_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    gradsim.sweep(**NET, **OVER, executor=AtOnce(), out=out)
    before = out.read_bytes()
    with pytest.raises(ValueError, match="another table"):
        gradsim.sweep(**(NET | {"steps": 13}), **OVER, executor=AtOnce(), out=out)
    assert out.read_bytes() == before


# Who computes


def test_any_executor_comes_to_the_same() -> None:
    expected = gradsim.sweep(**NET, **OVER, executor=AtOnce()).to_text()
    with ThreadPoolExecutor(2) as threads:
        assert gradsim.sweep(**NET, **OVER, executor=threads).to_text() == expected
    assert gradsim.sweep(**NET, **OVER).to_text() == expected  # in processes


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_cluster_comes_to_the_same() -> None:
    distributed = pytest.importorskip("distributed", reason="needs the extra 'cluster'")
    expected = gradsim.sweep(**NET, **OVER, executor=AtOnce()).to_text()
    cluster = distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with cluster, distributed.Client(cluster) as client:
        assert gradsim.sweep(**NET, **OVER, executor=client.get_executor()).to_text() == expected


# The command line


def test_the_command_writes_the_same_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.csv"
    command = ["sweep", "saddle", "--over", "learning_rate=0.01:1:3", "--over", "clip=none", "--seeds", "2"]
    assert main([*command, "--steps", "20", "--reach", "f=-0.5", "--out", str(out)]) == 0
    expected = gradsim.sweep(
        "saddle", steps=20, learning_rate=[0.01, 0.01 * 100**0.5, 1.0], clip=["none"], seed=[0, 1], reach={"f": -0.5}
    )
    assert out.read_text() == expected.to_text()
    assert main([*command, "--steps", "20", "--reach", "f=-0.5", "--processes", "1"]) == 0
    assert capsys.readouterr().out == expected.to_text()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "a sweep needs a setting with a list of values"),
        (["--over", "speed=1,2"], "speed: 'speed' is not one of"),
        (["--over", "learning_rate=-1,2"], "learning_rate: -1 is not a number"),
        (["--over", "learning_rate=a:b:c"], "'a:b:c' is not FROM:TO:COUNT"),
        (["--over", "optimizer.beta9=1"], "'beta9' is not one of"),
        (["--over", "steps.more=1"], "steps has no settings of its own"),
        (["--over", "learning_rate"], "is not NAME=VALUES"),
        (["--over", "learning_rate=0.1", "--reach", "speed=1"], "reach: 'speed' is not one of"),
        (["--over", "learning_rate=0.1", "--reach", "loss=low"], "is not NAME=NUMBER"),
        (["--over", "learning_rate=0.1", "--seeds", "0"], "--seeds 0 is not"),
        (["--over", "seed=0:5:99999999"], "is not FROM:TO:COUNT"),
        (["--over", "learning_rate=0.1", "--out", "x.txt"], "'.txt' is not one of .csv"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    try:
        status = main(["sweep", "saddle", *arguments])
    except SystemExit as ended:
        status = int(str(ended.code))
    assert status == 2
    line = capsys.readouterr().err
    assert told in line
    assert line.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
def test_an_interrupted_command_keeps_what_it_has(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    command = [sys.executable, "-m", "gradsim", "sweep", "saddle", "--over", "learning_rate=0.001:1:60"]
    with subprocess.Popen(
        [*command, "--steps", "600", "--out", str(out)], cwd=ROOT, stderr=subprocess.PIPE, text=True,
        start_new_session=True, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:  # fmt: skip
        while not out.exists() and process.poll() is None:
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)
        _, told = process.communicate(timeout=300)
    assert (process.returncode, told) == (130, "gradsim: interrupted\n")
    names, *rows = rows_of(out)
    assert rows
    assert len(rows) % 5 == 0
    assert {len(row) for row in rows} == {len(names)}
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]

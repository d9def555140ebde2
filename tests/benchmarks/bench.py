"""The budgets, measured: ``python tests/benchmarks/bench.py`` prints a Markdown table.

Every figure compares two things in one process, in turns, on one BLAS thread:
the smallest of several rounds of each, for what a machine does besides can only
add time. Frames are measured in the real window on the offscreen platform.
``--long 100000`` adds the growth of memory over so many steps.
"""

from __future__ import annotations

import argparse
import compileall
import gc
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from math import inf
from pathlib import Path
from typing import Any, NamedTuple

os.environ["QT_QPA_PLATFORM"] = "offscreen"

import gradsim  # noqa: I001 (before NumPy: it sets the number of BLAS threads)

import numpy as np

from gradsim.engine.nn.activations import ACTIVATIONS
from gradsim.engine.data import DATASETS
from gradsim.engine.nn.outputs import OUTPUTS
from gradsim.sim.documents import results
from gradsim.sim.documents.document import Document
from gradsim.sim.documents.lessons import lessons
from gradsim.sim.run.simulation import new_tape, play
from gradsim.sim.kinds.race.racer import Racer
from gradsim.sim.kinds.race.rates import sweep
from gradsim.sim.kinds.race.spec import Race
from gradsim.sim.kinds.train.spec import Train, TrainRun
from gradsim.sim.kinds.train.trainer import Trainer

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.benchmarks import rivals

ROUNDS = 25


class Row(NamedTuple):
    """One line of the table."""

    what: str
    measured: str
    budget: str


def fastest_ms(*actions: Callable[[], object]) -> list[float]:
    """Return the shortest time of each action over ROUNDS rounds in which they take turns."""
    best = [inf] * len(actions)
    for _ in range(ROUNDS):
        for i, action in enumerate(actions):
            start = time.perf_counter()
            action()
            best[i] = min(best[i], 1e3 * (time.perf_counter() - start))
    return best


def experiment(hidden: tuple[int, ...], replicas: int, dtype: str, batch: int = 64, runs: int = 1) -> Train:
    run = TrainRun(label="a", hidden=hidden, batch_size=batch)
    return Train(
        replicas=replicas, dtype=dtype, steps=10_000_000, runs=tuple(replace(run, label=str(i)) for i in range(runs))
    )


def stepper(trainer: Trainer) -> Callable[[], None]:
    def step() -> None:
        trainer.measure()
        trainer.advance()

    return step


def matmuls(trainer: Trainer) -> Callable[[], None]:
    """Return an action that does a step's matrix products and nothing else."""
    [group] = trainer._groups
    stack = group.stack
    w, a, delta = stack.w, stack._a, stack._delta
    above, below = [np.empty_like(array) for array in delta], [np.empty_like(array) for array in a]
    dw = [np.empty(array.shape, array.dtype) for array in stack.dw]

    def products() -> None:
        for i in range(stack.depth):
            inputs = np.broadcast_to(group.x.swapaxes(1, 2), (stack.k, *group.x.shape[:0:-1])) if i == 0 else a[i - 1]
            np.matmul(w[i].swapaxes(1, 2), inputs, out=above[i])
            np.matmul(inputs, delta[i].swapaxes(1, 2), out=dw[i])
            if i > 0:
                np.matmul(w[i], delta[i], out=below[i - 1])

    return products


def step_against_matmuls() -> Iterator[Row]:
    for activation in ("sigmoid", "relu"):
        for width in (32, 128):
            for dtype in ("float32", "float64"):
                trainer = Trainer(with_activation(experiment((width,) * 8, 8, dtype), activation))
                trainer.measure()
                step, products = fastest_ms(stepper(trainer), matmuls(trainer))
                yield Row(
                    f"{activation} step with all probes, 64-[{width}×8]-10, B 64, 8 replicas, {dtype}, "
                    "vs its matrix products",
                    f"{step / products:.2f}× ({step:.2f} ms)",
                    "",
                )


def with_activation(spec: Train, activation: str) -> Train:
    return replace(spec, runs=tuple(replace(run, activation=ACTIVATIONS[activation]()) for run in spec.runs))


def probes_on_against_off() -> Iterator[Row]:
    spec = experiment((32,) * 8, 8, "float32")
    on, off = fastest_ms(*(stepper(Trainer(replace(spec, probes=probes))) for probes in ("all", "off")))
    yield Row("step with all probes vs none, 64-[32×8]-10, 8 replicas, float32", f"{on / off:.2f}×", "")


def replicas_against_one() -> Iterator[Row]:
    """Measure how the time grows with the replicas, on two inputs and one output."""
    moons, sigmoid = DATASETS["moons"](), OUTPUTS["sigmoid"]()
    steps = []
    for replicas in (1, 8, 32, 128):
        spec = experiment((16,) * 8, replicas, "float64", batch=32)
        runs = tuple(replace(run, output=sigmoid) for run in spec.runs)
        steps.append(stepper(Trainer(replace(spec, data=moons, runs=runs))))
    one, *more = fastest_ms(*steps)
    yield Row(
        "8, 32, 128 replicas vs one, 2-[16×8]-1, B 32, float64",
        ", ".join(f"{each / one:.1f}×" for each in more) + f" (one: {one:.2f} ms)",
        "32: ≤ 6",
    )


def against_others() -> Iterator[Row]:
    """Compare a step with the same one in other libraries, where they are installed."""
    yield from _against(
        "straightforward NumPy, replicas one by one, with gradient norms", rivals.numpy_step, {(32, 8): ""}
    )
    yield from _against(
        "PyTorch eager, replicas one by one, with gradient norms",
        rivals.torch_step,
        {(32, 1): "≥ 1.9", (32, 8): "≥ 5.5", (128, 8): ""},
    )
    yield from _against(
        "PyTorch, replicas in batched products, with gradient norms", rivals.batched_torch_step, {(32, 8): "≥ 1.2"}
    )
    yield from _against(
        "JAX, compiled and mapped over replicas, with equal measurements",
        rivals.jax_step,
        {(32, 8): "≥ 1.2", (128, 8): "≥ 0.75"},
    )


def _against(
    other: str, step: Callable[[int, int], rivals.Step], cases: Mapping[tuple[int, int], str]
) -> Iterator[Row]:
    """Compare steps with all probes in networks of some widths and numbers of replicas."""
    for (width, replicas), budget in cases.items():
        what = f"step with all probes, 64-[{width}×8]-10, {replicas} replicas, float32, vs {other}"
        trainer = Trainer(experiment((width,) * 8, replicas, "float32"))
        try:
            theirs_taken = step(width, replicas)
        except ImportError as error:
            yield Row(what, f"not measured: {error}", budget)
            continue
        ours, theirs = fastest_ms(stepper(trainer), theirs_taken)
        yield Row(what, f"{theirs / ours:.2f}× as fast ({ours:.2f} ms)", budget)


def against_a_sigmoid() -> Iterator[Row]:
    spec = experiment((32,) * 8, 8, "float32")
    sigmoid, gelu = fastest_ms(*(stepper(Trainer(with_activation(spec, key))) for key in ("sigmoid", "gelu")))
    yield Row("GELU step vs sigmoid step, 64-[32×8]-10, 8 replicas, float32", f"{gelu / sigmoid:.2f}×", "≤ 1.3")


def depths() -> Iterator[Row]:
    """Measure how the time of a step grows with depth, where δ falls below what single precision holds."""
    shallow, *deep = (stepper(Trainer(experiment((32,) * depth, 8, "float32"))) for depth in (10, 30, 60, 100))
    base, *more = fastest_ms(shallow, *deep)
    yield Row(
        "step at depth 30, 60, 100 vs 10, a layer, 8 replicas, float32",
        ", ".join(f"{each / base * 11 / (depth + 1):.2f}×" for depth, each in zip((30, 60, 100), more, strict=True)),
        "about 1",
    )


def headline() -> Document:
    return next(iter(lessons().values()))


def longer(document: Document) -> Document:
    """Return a document whose run does not end while frames are counted."""
    return replace(document, experiment=document.experiment.with_settings(steps=50_000))


def frames(document: Document, name: str) -> Iterator[Row]:
    """Measure frames in the window: from the change of the step to the end of painting."""
    from PySide6.QtCore import QTimer

    from gradsim.ui.app import application
    from gradsim.ui.window import Window

    app = application()
    for speed, pace in ((30.0, "30 steps/s"), (inf, "full speed")):
        window = Window(longer(document) if speed == inf else document, "light", "en")
        window.resize(1920, 1080)
        window.show()
        gc.freeze()  # as open_window does
        controller = window.controller
        controller.set_speed(speed)
        times: list[float] = []
        controller._after_paint.painted.connect(partial(_note_time, controller, times))
        QTimer.singleShot(1000, times.clear)
        QTimer.singleShot(4000 if speed == inf else 9000, app.quit)
        app.exec()
        yield Row(
            f"frame of {name}, 1920×1080, {pace}, {len(times)} frames",
            f"median {np.median(times):.1f} ms, p99 {np.percentile(times, 99):.1f} ms",
            "median ≤ 16.7, p99 ≤ 33",
        )
        window.close()


def rate_strip() -> Iterator[Row]:
    """Measure a sweep of five decades of learning rates against the race itself, which has one rate a run."""
    race = lessons()["race"].experiment
    assert isinstance(race, Race)

    def run() -> None:
        racer = Racer(race)
        for _ in play(racer, new_tape(racer)):
            pass

    def swept() -> None:
        for _ in sweep(race):
            pass

    one, all_rates = _best_s(run), _best_s(swept)
    yield Row(
        f"121 rates of {len(race.runs)} optimizers, {race.steps} steps, vs the race itself",
        f"{all_rates / one:.2f}× ({1e3 * all_rates:.0f} ms)",
        "",
    )


def _best_s(action: Callable[[], None], times: int = 5) -> float:
    def once() -> float:
        start = time.perf_counter()
        action()
        return time.perf_counter() - start

    return min(once() for _ in range(times))


def _note_time(controller: Any, times: list[float]) -> None:
    times.append(1e3 * (time.perf_counter() - controller._frame_began))


def input_to_paint() -> Iterator[Row]:
    """Measure from a press of the arrow key to the end of the paint of the step that it shows."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    from gradsim.ui.app import application
    from gradsim.ui.window import Window

    app = application()
    window = Window(headline(), "light", "en")
    window.resize(1920, 1080)
    window.show()
    window.controller.set_speed(inf)
    times = []
    wait_until(app, lambda: window.controller.head > 40)
    for _ in range(60):
        pause(app, 0.03)
        start = time.perf_counter()
        QTest.keyClick(window.board, Qt.Key.Key_Home)
        app.processEvents()
        times.append(1e3 * (time.perf_counter() - start))
        if not window.controller.playing:
            window.controller.restart()
            window.controller.toggle()
    window.close()
    yield Row("input to paint while training, 1920×1080", f"p99 {np.percentile(times, 99):.1f} ms", "p99 ≤ 50")


def wait_until(app: Any, ready: Callable[[], bool]) -> None:
    while not ready():
        pause(app, 0.002)


def pause(app: Any, seconds: float) -> None:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        app.processEvents()
        time.sleep(0.001)


FIRST_FRAME = """
import gc, os
gc.disable()  # as gradsim.__main__ does
from gradsim.cli import main
from gradsim.ui.qt_import import import_qt
import_qt()  # as the command does
from gradsim.ui.window import Window
from PySide6.QtCore import QTimer
drawn = Window._on_moved
def on_moved(self):
    drawn(self)
    if self.controller.tape is not None:
        QTimer.singleShot(0, lambda: os._exit(0))
Window._on_moved = on_moved
main([])
"""
IMPORTS = "import PySide6.QtCore, PySide6.QtGui, PySide6.QtWidgets, pyqtgraph, numpy"


def _process_s(*arguments: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    return time.perf_counter() - start


def start_up() -> Iterator[Row]:
    compileall.compile_dir(Path(gradsim.__file__).parent, quiet=1)  # as an installed program has it
    pairs = [(_process_s("-c", FIRST_FRAME), _process_s("-c", IMPORTS)) for _ in range(5)]
    ours, base = (min(times) for times in zip(*pairs, strict=True))
    yield Row("start to first frame in training, vs the imports alone", f"{ours / base:.2f}× ({ours:.2f} s)", "≤ 1.8")


def export_time(folder: Path) -> Iterator[Row]:
    best = min(
        _process_s("-m", "gradsim", "export", "vanishing", "--out", str(folder / "bench.png")) for _ in range(5)
    )
    yield Row("export of one 1920×1080 PNG, whole process", f"{best:.2f} s", "≤ 2.5 s")


def files(folder: Path) -> Iterator[Row]:
    """Measure what takes long to write: the measurements of a run, and a picture of basins as a whole process."""
    document = headline()
    document = replace(document, experiment=document.experiment.with_settings(steps=1000))
    simulation, tape = results.run(document)
    past = tape.until(1000)
    for ending, budget in ((".csv", "≤ 1.5 s"), (".json", ""), (".npz", "")):
        file = folder / f"bench{ending}"
        best = _best_s(partial(results.save, file, document, simulation, past), times=3)
        file.unlink()
        yield Row(f"writing 1,000 steps of the headline lesson as {ending}", f"{best:.2f} s", budget)
    file = folder / "bench.png"
    best = min(
        _process_s("-m", "gradsim", "export", "wells", "--view", "basins", "--out", str(file)) for _ in range(3)
    )
    yield Row("export of a picture of basins, whole process", f"{best:.2f} s", "≤ 2.5 s")


WIDE = """
import resource
from gradsim.sim.kinds.train.spec import Train, TrainRun
from gradsim.sim.kinds.train.trainer import Trainer
trainer = Trainer(Train(replicas=8, dtype="float32", runs=(TrainRun(hidden=(1024,) * 8, batch_size=64),)))
trainer.measure(), trainer.advance()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def wide() -> Iterator[Row]:
    if sys.platform != "linux":
        return
    shown = subprocess.run([sys.executable, "-c", WIDE], check=True, capture_output=True, text=True).stdout
    yield Row("largest memory of 64-[1024×8]-10, 8 replicas, float32", f"{int(shown) / 2**20:.2f} GB", "≤ 2 GB")


def resident_mb() -> float:
    """Return the resident memory of this process in MB, from Linux's /proc; NaN elsewhere."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return float("nan")
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


MEMORY = "import sys; sys.path.insert(0, {here!r}); import bench; bench.print_window_memory()"


def print_window_memory() -> None:
    """Print the resident memory after the headline lesson, after all lessons three times, and without garbage."""
    from PySide6.QtCore import QEventLoop, QTimer

    from gradsim.ui.app import application
    from gradsim.ui.garbage import give_back
    from gradsim.ui.window import Window

    app = application()
    window = Window(headline(), "light", "en")
    window.resize(1920, 1080)
    window.show()
    window.controller.set_speed(inf)
    wait_until(app, lambda: not window.controller.playing)
    print(resident_mb())
    gc.freeze()  # as open_window does
    for name in [*lessons(), "vanishing"] * 3:
        window.walk.open(name)
        rest = QEventLoop()  # what is to be deleted is deleted in a loop of its own
        QTimer.singleShot(2500, rest.quit)
        rest.exec()
    print(resident_mb())
    gc.collect()
    give_back()
    print(resident_mb())
    window.close()


def memory(long: int) -> Iterator[Row]:
    code = MEMORY.format(here=str(Path(__file__).parent))
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    headline_mb, walked_mb, kept_mb = map(float, shown.split())
    yield Row("resident memory at the end of the headline lesson", f"{headline_mb:.0f} MB", "≤ 250 MB")
    walked = f"{walked_mb:.0f} MB, {kept_mb:.0f} MB once all garbage is collected"
    yield Row("the same after all lessons, three times at full speed", walked, "≤ 300 MB")
    if long:
        yield from growth(long)


def growth(steps: int) -> Iterator[Row]:
    lesson = headline().experiment
    assert isinstance(lesson, Train)
    trainer = Trainer(replace(lesson, steps=steps, dtype="float32"))
    tape = new_tape(trainer)
    early = 0.0
    for step in play(trainer, tape):
        if step == 500:
            early = resident_mb()
    late = resident_mb()
    yield Row(f"growth of memory from step 500 to {steps:,}, float32", f"{100 * (late / early - 1):+.2f} %", "≤ 2 %")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", type=int, default=0, metavar="STEPS", help="also watch the memory over STEPS steps")
    long = parser.parse_args().long
    folder = Path(__file__).parent
    print("| what | measured | budget |\n| --- | --- | --- |")
    parts = (
        step_against_matmuls(),
        probes_on_against_off(),
        replicas_against_one(),
        against_others(),
        against_a_sigmoid(),
        depths(),
        start_up(),
        export_time(folder),
        files(folder),
        wide(),
        memory(long),
        frames(headline(), "the headline lesson"),
        frames(lessons()["race"], "a race of seven optimizers"),
        rate_strip(),
        input_to_paint(),
    )
    for part in parts:
        for row in part:
            print(f"| {row.what} | {row.measured} | {row.budget} |", flush=True)
    (folder / "bench.png").unlink(missing_ok=True)


if __name__ == "__main__":
    main()

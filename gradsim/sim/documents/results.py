"""Results of a run as files: JSON and CSV of the measurements, npz to repeat it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from gradsim.schema.errors import FileError, Phrase
from gradsim.sim.documents.document import Document, dump, relative_to
from gradsim.sim.documents.files import in_file, write_bytes
from gradsim.sim.kinds import Experiment, kind_of
from gradsim.sim.run.simulation import Simulation, new_tape, play
from gradsim.sim.run.tape import Past, Tape

MAX_DRAW_BYTES = 2**30


def check_room(path: Path, experiment: Experiment) -> None:
    """Refuse a run whose random draws would not fit into an .npz file, before it begins."""
    need = kind_of(experiment).draw_bytes(experiment) if path.suffix == ".npz" else 0
    if need > MAX_DRAW_BYTES:
        raise FileError(
            in_file(
                path,
                Phrase(
                    "the draws of {steps} steps would take {need} GiB; "
                    "at most {most} GiB are allowed, so take fewer steps",
                    steps=f"{experiment.steps:,}",
                    need=f"{need / 2**30:.1f}",
                    most=f"{MAX_DRAW_BYTES / 2**30:.0f}",
                ),
            )
        )


def run(document: Document, step: int | None = None) -> tuple[Simulation, Tape]:
    """Run to a step, by default to the end; return the simulation at its last step, and the tape."""
    experiment = document.experiment
    simulation = kind_of(experiment).simulations(experiment)()
    tape = new_tape(simulation)
    for at in play(simulation, tape, wanted=lambda at: at == step):
        if at == step:
            break
    return simulation, tape


def save(path: Path, document: Document, simulation: Simulation, past: Past) -> None:
    """Write the results of a run in the format of the file's ending, whole or not at all."""
    write_bytes(path, FORMATS[path.suffix](path, document, simulation, past))


def _json(path: Path, document: Document, simulation: Simulation, past: Past) -> bytes:
    table = kind_of(document.experiment).table(simulation, past)
    return json.dumps(table, allow_nan=False).encode()


def _csv(path: Path, document: Document, simulation: Simulation, past: Past) -> bytes:
    lines = map(",".join, kind_of(document.experiment).rows(simulation, past))
    return ("\n".join(lines) + "\n").encode()


def _npz(path: Path, document: Document, simulation: Simulation, past: Past) -> bytes:
    source = np.array(dump(relative_to(path.parent, document)))
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **{"experiment": source, **kind_of(document.experiment).arrays(simulation)})
    return buffer.getvalue()


FORMATS: dict[str, Callable[[Path, Document, Simulation, Past], bytes]] = {
    ".json": _json,
    ".csv": _csv,
    ".npz": _npz,
}
"""What makes a file's content, by the file's ending."""

"""What result files of every kind hold to repeat a run: batches, and the settings where they change.

In .npz files, a run without changes has ``replica{r}/batches``, or ``run{i}/replica{r}/batches``
where not all runs have the same: (steps, B), the rows of the samples.

A run with changes has, for each of its phases k in which updates were taken (0
is the one before the first change):

- ``run{i}/phase{k}/settings``: the settings in force, whole, as TOML text; the numbers that ``given`` in those of a
  change gives to weights and biases take the place of what the first update with these settings makes of them;
- ``run{i}/phase{k}/first``: the first update, from 0, that is taken with them;
- ``run{i}/phase{k}/rule_first``: the first update with this rule of the
  optimizer. Its memory is empty there, and for the rule, update t is number
  t + 1 - rule_first;
- ``run{i}/phase{k}/schedule_first``: the first update with this schedule. For
  it, update t is number t - schedule_first, of as many fewer steps;
- ``run{i}/phase{k}/replica{r}/batches``: (its updates, B), as above.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic

import numpy as np
import tomli_w

from gradsim.schema.parameters import encode, parameters, said
from gradsim.sim.run.changes import Changing, R, phases, spans
from gradsim.sim.run.draws import Batches


@dataclass(frozen=True)
class Drawn(Generic[R]):
    """What the batches of an experiment's runs are drawn from; with no samples, there are none."""

    seed: int
    replicas: int
    samples: int
    batch_of: Callable[[R], int]

    def arrays(self, index: int, run: R, steps: int) -> dict[str, Any]:
        """Return the batches of a run's first `steps` updates and, where it changes, the settings."""
        key, found = f"run{index}", dict[str, Any]()
        seen, done = 0, 0
        for phase, count in spans(run, steps) if run.changes else [(phases(run)[0], steps)]:
            if run.changes:
                key = f"run{index}/phase{phase.number}"
                settings = said(encode(phase.run), parameters(type(phase.run)))
                found[f"{key}/settings"] = np.array(tomli_w.dumps(settings))
                for name in ("first", "rule_first", "schedule_first"):
                    found[f"{key}/{name}"] = np.array(getattr(phase, name))
            batch = self.batch_of(phase.run)
            if self.samples:
                batches = Batches(self.seed, self.replicas, self.samples, batch, first=done, seen=seen)
                found |= self._rows(key, batches, range(done, done + count), batch)
            seen, done = seen + count * batch, done + count
        return found

    def _rows(self, key: str, batches: Batches, steps: range, batch: int) -> dict[str, Any]:
        """Return the batches at some steps, replica by replica."""
        rows = np.empty((len(steps), self.replicas, batch), np.int32)
        for at, step in enumerate(steps):
            rows[at] = batches.at(step)
        return {f"{key}/replica{replica}/batches": rows[:, replica] for replica in range(self.replicas)}

    def bytes_of(self, run: R, steps: int) -> int:
        """Return how many bytes the batches of a run's first `steps` updates take."""
        return 4 * self.replicas * sum(count * self.batch_of(phase.run) for phase, count in spans(run, steps))


def changes_table(run: Changing) -> dict[str, Any]:
    """Return the entry of a run's changes in JSON files; without changes there is none."""
    return {"changes": encode(run)["changes"]} if run.changes else {}

"""What docs/file-format.md says of the kind ``race`` beyond its parameters."""

from __future__ import annotations

from gradsim.sim.kinds.kind import Documentation

RULES = """\
Optimizers that descend one surface from the same starts; a run may have a `surface` of its own in its place. An
optimizer whose learning rate is not given has the one that suits it on the surface. `batch_size` is for surfaces that
are a mean over samples (`least_squares`, `logistic`, `logistic_squared`). Without a `start`, it is the usual one of
the surface of the race.
"""

JSON = """\
Lists belong to `steps`, and where `replicas` is more than 1 there is such a list for each descent:

| key | value |
| --- | --- |
| `kind` | `"race"` |
| `steps` | the steps that are kept |
| `runs[].label` | the run's name |
| `runs[].x`, `.y`, `.f` | the point, and the surface's value there |
| `runs[].distance` | to the nearest minimum; null where the window has none |
| `runs[].grad_norm` | Euclidean norm of the gradient, without noise |
| `runs[].evaluations` | gradients evaluated up to each step (of single samples, where the surface is a mean) |
| `runs[].diverged` | only where it has: `{ step }` |
"""

CSV = """\
A line for each run, replica and step: `run`, `replica`, `step`, `evaluations`, `x`, `y`, `f`, `distance`,
`grad_norm`.
"""

NPZ = """\
| key | value |
| --- | --- |
| `experiment` | the TOML text |
| `run{i}/replica{r}/initial`, `…/final` | the point (x, y) before the first and after the last step |
| `replica{r}/noise` | where there is noise: what is added to each step's gradient (steps, 2) |
| `train_x`, `train_y` | where the surface is a mean over samples: their inputs and targets; where runs differ in \
surface, `run{i}/train_x`, `…/train_y` |
| `run{i}/replica{r}/batches` | for these surfaces: the samples of each step's batch (steps, batch size) |
"""

DOCUMENTATION = Documentation(
    rules=RULES,
    defaults={"start": "the surface's"},
    results={"JSON": JSON, "CSV": CSV, "npz": NPZ},
)

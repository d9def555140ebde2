"""What docs/file-format.md says of the kind ``train`` beyond its parameters."""

from __future__ import annotations

from gradsim.engine.nn.probes import PROBES
from gradsim.sim.kinds.kind import Documentation
from gradsim.words.markdown import table

RULES = """\
Networks that train side by side on one data set. Cross-entropy goes with softmax and sigmoid outputs, the other
losses with every output; data whose targets are numbers want `output = "linear"` and `loss = "mse"`. Two classes
are one column of 0 and 1 to sigmoid, tanh and linear outputs, and two units to softmax. Batches cut the endless
sequence of shuffled epochs into equal pieces, the same for all runs of a replica. Samples of the test set are never
trained on; loss and accuracy on them are measured once an epoch (in long runs about a hundred times) and at the
last step.
"""

JSON = """\
The first index of a list is the replica, the second, `i`, belongs to the step `steps[i]`:

| key | value |
| --- | --- |
| `kind` | `"train"` |
| `steps` | the steps that are kept |
| `runs[].label` | the run's name |
| `runs[].loss`, `.accuracy` | on the step's batch; accuracy as a share, null where targets are numbers |
| `runs[].samples` | training samples seen up to each step (one list, the same for all replicas) |
| `runs[].test` | `{ steps, loss, accuracy }` on the test set, at the steps at which it was measured |
| `runs[].layers[]` | `name` (`hidden 1` … `output`) and one key for each quantity of the table below |
| `runs[].diverged` | only where it has: `{ step, layer }` |

Measured at every layer, unless `probes = "off"`:

{probes}
"""

CSV = """\
A line for each run, replica, step and layer: `run`, `replica`, `step`, `samples`, `loss`, `accuracy`, `test_loss`,
`test_accuracy`, `layer`, then the quantities that are measured at every layer.
"""

NPZ = """\
| key | value |
| --- | --- |
| `experiment` | the TOML text |
| `train_x`, `train_y`, `test_x`, `test_y` | the data as trained on, shuffled and scaled: a sample a row. \
Where `train_y` is one column y of two classes, a run with softmax output has the targets [1 − y, y] |
| `replica{r}/batches` | the rows of `train_x` in each step's batch (steps, batch size); \
`run{i}/replica{r}/batches` where runs differ in batch size |
| `run{i}/replica{r}/W{l}/initial`, `…/final` | weights (inputs, units) before the first and after the last update |
| `run{i}/replica{r}/b{l}/initial`, `…/final` | biases (units), likewise |

With `biases = "undecayed"` or `"fixed"`, the weight decay of biases is 0. With `"fixed"` their gradients too are 0,
before clipping, in all that the optimizer remembers of them, and they stay as they are.
"""

PROBE_TABLE = table(["key", "symbol", "meaning"], ([f"`{each.key}`", each.label, each.help] for each in PROBES))

DOCUMENTATION = Documentation(
    rules=RULES,
    results={"JSON": JSON.replace("{probes}", PROBE_TABLE.rstrip()), "CSV": CSV, "npz": NPZ},
)

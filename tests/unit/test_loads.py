"""What layers get, against plain NumPy on the same weights."""

from __future__ import annotations

import numpy as np
import pytest

from gradsim.engine.nn.activations import ACTIVATIONS
from gradsim.sim.kinds.train.loads import BINS, REACH, Load, Told, load_note, load_sentence, loads
from gradsim.words.sentences import plain_text
from tests.unit.test_census import PEAKS, SLOPES, VALUES, seen


@pytest.mark.parametrize("name", SLOPES)
def test_what_each_layer_gets_is_counted_over_the_whole_training_set(name: str) -> None:
    run = {"activation": name, "optimizer": {"name": "sgd", "learning_rate": 3.0}, "init": "he_normal"}
    network, x, _ = seen(run, 12)
    a = x
    for at, load in enumerate(loads(network, x)):
        z = a @ network.layers[at].w + network.layers[at].b
        slope, peak = SLOPES[name](z), PEAKS.get(name, 1.0)
        edges = np.linspace(-REACH, REACH, BINS + 1)
        inside = np.clip(z, -REACH, np.nextafter(REACH, 0.0))
        counts, _ = np.histogram(inside, edges)
        assert np.abs(load.shares * z.size - counts).max() <= 1  # a z on an edge may be counted on either side
        np.testing.assert_allclose(load.mean_slope, np.abs(slope).mean())
        np.testing.assert_allclose(load.flat, (np.abs(slope) < 0.05 * peak).mean())
        assert (load.low, load.high) == (z.min(), z.max())
        np.testing.assert_allclose(load.unchanged, (slope == 1.0).mean())
        weighted = (load.shares * load.slopes).sum() * peak
        np.testing.assert_allclose(weighted, np.abs(slope).mean())
        a = VALUES[name](z)


def load(mean_slope: float, flat: float = 0.0, unchanged: float = 0.0, other_slope: float = np.nan) -> Load:
    nothing = np.zeros(BINS)
    return Load(nothing, nothing, mean_slope, flat, unchanged, -1.0, 1.0, other_slope)


SAID = {
    "sigmoid": (load(0.231), "the mean slope is 0.23 under A, which passes ¼ at most", "no slope above ¼"),
    "tanh": (
        load(0.5, 0.24),
        "the mean slope is 0.50 under A, for 24 % of the z are on its flats",
        "24 % on the flats",
    ),
    "gelu": (load(0.43), "the mean slope is 0.43 under A, of 1.13 at most", "none on the flats"),
    "relu": (load(0.42, 0.58, 0.42), "A passes the 42 % that are on unchanged", "42 % are on, with slope 1"),
    "leaky_relu": (
        load(0.43, 0.0, 0.42),
        "A passes 42 % unchanged, the rest times 0.01",
        "42 % have slope 1, the others 0.01",
    ),
    "linear": (load(1.0, 0.0, 1.0), "A passes all of the gradient unchanged", "slope 1 everywhere"),
}


@pytest.mark.parametrize("name", SAID)
def test_the_sentence_and_the_note_say_what_is_measured(name: str) -> None:
    found, clause, note = SAID[name]
    activation = ACTIVATIONS[name]()
    told = [Told(0, "A", activation, found), Told(2, "B", activation, None)]
    whole = load_sentence(3, told, "en")
    assert plain_text(whole) == f"In layer 4 {clause}; B: diverged."
    assert {span.run for span in whole} >= {0, 2, None} - {1}
    assert note in load_note(found, activation, "en").replace("\u00a0", " ")
    assert (
        plain_text(load_sentence(3, told, "en", 1))
        == f"Mean slope in layer 4: A {found.mean_slope:.2f}, B: diverged."
    )
    assert plain_text(load_sentence(3, told, "en", 2)) == f"Mean slope in layer 4: A {found.mean_slope:.2f}."


def test_what_is_compared_is_told_last() -> None:
    told = [Told(0, "A", ACTIVATIONS["sigmoid"](), load(0.2, other_slope=0.61))]
    said = plain_text(load_sentence(0, told, "en", 0, ACTIVATIONS["tanh"]()))
    assert said.endswith("; in place of A, Tanh would find 0.61 at the same z.")
    assert plain_text(load_sentence(0, told, "en", 1, ACTIVATIONS["tanh"]())).endswith("A 0.20; dashed: Tanh.")

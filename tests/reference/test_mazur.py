"""The worked example of backpropagation that is read most often, opened from its file: its published numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradsim.sim.documents.document import read
from gradsim.sim.kinds.train.one_sample import one_sample
from gradsim.sim.kinds.train.sample_passes import SamplePasses, Spot, sample_passes
from gradsim.ui.views.train.diagram import DiagramView
from tests.unit.small import as_train
from tests.unit.test_output_numbers import networks

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "mazur-2-2-2.toml"

# Matt Mazur, "A Step by Step Backpropagation Example", 2015. w1 to w8 by layer, unit, and unit below.
PLACES = [(0, 0, 0), (0, 0, 1), (0, 1, 0), (0, 1, 1), (1, 0, 0), (1, 0, 1), (1, 1, 0), (1, 1, 1)]
BEFORE = [0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55]
AFTER = [0.149780716, 0.19956143, 0.24975114, 0.29950229, 0.35891648, 0.408666186, 0.511301270, 0.561370121]


@pytest.fixture(scope="module")
def passes() -> list[SamplePasses]:
    """Return the numbers before and after the first update."""
    spec = as_train(read(EXAMPLE).experiment)
    assert DiagramView.refusal(spec) is None
    return [sample_passes(networks(spec, step)[0], one_sample(spec.runs[0], spec.data.load(), 0)) for step in (0, 1)]


def weights(found: SamplePasses) -> list[float]:
    return [found.value(Spot("weight", *place)) for place in PLACES]


def test_the_forward_pass(passes: list[SamplePasses]) -> None:
    hidden, output = passes[0].layers
    assert passes[0].x.tolist() == [0.05, 0.10]
    assert weights(passes[0]) == BEFORE
    assert hidden.z[0] == pytest.approx(0.3775, abs=1e-12)
    assert hidden.a == pytest.approx([0.593269992, 0.596884378], abs=5e-10)
    assert output.z[0] == pytest.approx(1.105905967, abs=5e-10)
    assert output.a == pytest.approx([0.75136507, 0.772928465], abs=5e-9)
    assert passes[0].output.terms == pytest.approx([0.274811083, 0.023560026], abs=5e-10)
    assert passes[0].loss == pytest.approx(0.298371109, abs=5e-10)


def test_the_backward_pass(passes: list[SamplePasses]) -> None:
    assert passes[0].layers[1].delta[0] == pytest.approx(0.138498562, abs=5e-10)
    assert passes[0].layers[0].error[0] == pytest.approx(0.036350306, abs=5e-10)
    assert passes[0].layers[0].slope[0] == pytest.approx(0.241300709, abs=5e-10)
    assert passes[0].gradient(Spot("weight", 1, 0, 0)) == pytest.approx(0.082167041, abs=5e-10)
    assert passes[0].gradient(Spot("weight", 0, 0, 0)) == pytest.approx(0.000438568, abs=5e-10)


def test_the_first_update(passes: list[SamplePasses]) -> None:
    assert weights(passes[1]) == pytest.approx(AFTER, abs=5e-9)

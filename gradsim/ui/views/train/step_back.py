"""One step of the gradient's way back: the formula of a layer's delta, and what was measured of its factors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isnan

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from gradsim.sim.kinds.train.chain import Chain, cancels, gives_difference
from gradsim.sim.kinds.train.spec import TrainRun
from gradsim.sim.kinds.train.subject import layer_text
from gradsim.sim.run.tape import Values
from gradsim.ui.exponents import rich_text
from gradsim.ui.theme import Look
from gradsim.ui.views.common.view import Card
from gradsim.words.numbers import factor_text, figure, index

_FEW = 2
"""So many runs have room for the largest type."""


def error_name(run: TrainRun) -> str:
    """Return what the loss gives the output, as a formula."""
    return "a − y" if gives_difference(run) else "∂L/∂a"


def step_formula(run: TrainRun, layer: int) -> str:
    """Return delta of a layer as the product that it is."""
    if layer < len(run.hidden):
        here, above = index(layer + 1), index(layer + 2)
        return f"δ{here} = (W{above}ᵀ δ{above}) ∘ f′(z{here})"
    if cancels(run):
        return "δ = a − y"
    if run.output.key == "softmax":
        return f"δ = (∂a/∂z)ᵀ ({error_name(run)})"
    return f"δ = ({error_name(run)}) ∘ f′(z)" if gives_difference(run) else f"δ = {error_name(run)} ∘ f′(z)"


def step_parts(found: Chain, layer: int) -> tuple[float, list[float], float]:
    """Return the norm that a layer is given, the factors of weights and f' or of f' alone, and its own norm."""
    here = float(found.norms[layer])
    if layer == len(found.norms) - 1:
        return found.error, [] if found.cancels else [found.output], here
    return float(found.norms[layer + 1]), [float(found.weights[layer]), float(found.slopes[layer])], here


def step_text(found: Chain, layer: int) -> str:
    """Return a step in numbers."""
    given, factors, here = step_parts(found, layer)
    if layer == len(found.norms) - 1 and (found.cancels or isnan(found.output)):
        return f"‖δ‖ = {figure(here)}"
    name = "‖δ‖" if layer < len(found.norms) - 1 else "‖∂L/∂a‖"
    return f"{name} = {figure(given)} {' '.join(map(factor_text, factors))} = {figure(here)}"


def step_factors(found: Chain, layer: int, tr: Callable[[str], str]) -> str:
    """Return what a step multiplies by."""
    _, factors, _ = step_parts(found, layer)
    if not factors:
        return f"f′ {tr('cancels')}"
    slope = f"f′ {factor_text(factors[-1])}"
    return slope if len(factors) == 1 else f"{tr('weights')} {factor_text(factors[0])}, {slope}"


class StepBack(Card):
    """A row for each run: the norm from above, times the weights, times f', and what that makes.

    Parameters
    ----------
    look, names
        Colours and sizes; the names of the runs.
    """

    def __init__(self, look: Look, names: Sequence[str]) -> None:
        super().__init__(look)
        self._look, self._names = look, names
        self._size = look.metrics.verdict if len(names) <= _FEW else look.metrics.title
        self.set_subtitle(
            look.tr("the norm from above, times what the weights and f′ do to it; a click or Esc closes this"),
            look.tr("a click or Esc closes this"),
        )
        inside = QWidget()
        self.body.addWidget(inside)
        self._grid = QGridLayout(inside)
        self._grid.setHorizontalSpacing(2 * look.metrics.gap)
        self._grid.setVerticalSpacing(look.metrics.gap // 2)
        heads = ("", look.tr("from above"), look.tr("weights"), "f′", "‖δ‖", look.tr("mean |f′(z)|"), "")
        for column, head in enumerate(heads):
            self._grid.addWidget(self._label(head, "muted"), 0, column)
        self._cells = [[self._label("", "body") for _ in heads] for _ in names]
        for row, cells in enumerate(self._cells):
            for column, label in enumerate(cells):
                self._grid.addWidget(label, row + 1, column)
        self._grid.setColumnStretch(len(heads), 1)
        self._grid.setRowStretch(len(names) + 1, 1)

    @staticmethod
    def _label(text: str, role: str) -> QLabel:
        label = QLabel(text)
        label.setProperty("role", role)
        label.setTextFormat(Qt.TextFormat.RichText)
        return label

    def show_step(
        self, layer: int, chains: Sequence[Chain], runs: Sequence[TrainRun], slopes: Sequence[Values]
    ) -> None:
        """Show the step to a layer; `slopes` are the means of |f'| in each layer of each run."""
        deepest = max(runs, key=lambda run: len(run.hidden))
        name, formula = layer_text(deepest, layer, self._look.language), step_formula(deepest, layer)
        self.rename(f"{name}: {formula}", self._look.theme.ink)
        for run, cells in enumerate(self._cells):
            found, spec = chains[run], runs[run]
            texts = self._texts(run, layer, found, slopes[run])
            own = step_formula(spec, layer)
            if layer < len(found.norms) and own != formula:
                texts[-1] = self._coloured(own, self._look.theme.muted)
            for text, label in zip(texts, cells, strict=True):
                label.setText(text)

    def _texts(self, run: int, layer: int, found: Chain, slopes: Values) -> list[str]:
        """Return a run's row, whose f' is in the run's colour; the last place is for a formula of its own."""
        look, ink = self._look, self._look.theme.ink
        name = self._coloured(self._names[run], look.text_colour(run))
        if layer >= len(found.norms) or found.is_gone:
            return [name, self._coloured("–", look.theme.muted), *[""] * 5]
        given, factors, here = step_parts(found, layer)
        weights = factor_text(factors[0]) if len(factors) > 1 else ""
        slope = factor_text(factors[-1]) if factors else look.tr("cancels")
        cells = [("–" if isnan(given) else figure(given), ink), (weights, ink), (slope, look.text_colour(run))]
        mean = "" if layer == len(found.norms) - 1 else f"{slopes[layer]:.2g}"
        cells += [(f"= {figure(here)}", ink), (mean, look.theme.muted)]
        return [name, *(self._coloured(text, colour) for text, colour in cells), ""]

    def _coloured(self, text: str, colour: str) -> str:
        """Return a text in large type, for it is read from the back row."""
        inside = rich_text(self._look, text, self._size)
        return f'<span style="color:{colour}; font-weight:600; font-size:{self._size}px">{inside}</span>'

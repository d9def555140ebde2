"""One step of the gradient's way back: the formula of a layer's delta, and what was measured of its factors."""

from __future__ import annotations

from collections.abc import Sequence

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
    if layer == len(found.norms) - 1 and (found.cancels or found.output != found.output):
        return f"‖δ‖ = {figure(here)}"
    name = "‖δ‖" if layer < len(found.norms) - 1 else "‖∂L/∂a‖"
    return f"{name} = {figure(given)} {' '.join(map(factor_text, factors))} = {figure(here)}"


class StepBack(Card):
    """A row for each run: formula, the norm from above, times the weights, times f', and what that makes.

    Parameters
    ----------
    look, names
        Colours and sizes; the names of the runs.
    """

    def __init__(self, look: Look, names: Sequence[str]) -> None:
        super().__init__(look)
        self._look, self._names = look, names
        inside = QWidget()
        self.body.addWidget(inside)
        self._grid = QGridLayout(inside)
        self._grid.setHorizontalSpacing(2 * look.metrics.gap)
        self._grid.setVerticalSpacing(look.metrics.gap // 2)
        brief = look.theme.name == "projector"
        heads = ("", "", look.tr("from above"), look.tr("weights"), "f′", "‖δ‖", look.tr("mean |f′(z)|"))
        self._columns = (0, 2, 3, 4, 5) if brief else tuple(range(len(heads)))
        for column, at in enumerate(self._columns):
            self._grid.addWidget(self._label(heads[at], "muted"), 0, column)
        self._cells = [[self._label("", "body") for _ in self._columns] for _ in names]
        for row, cells in enumerate(self._cells):
            for column, label in enumerate(cells):
                self._grid.addWidget(label, row + 1, column)
        self._grid.setColumnStretch(len(self._columns), 1)
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
        name = layer_text(deepest, layer, self._look.language)
        self.rename(f"{name}: {step_formula(deepest, layer)}", self._look.theme.ink)
        self.set_subtitle(
            self._look.tr("the norm from above, times what the weights and f′ do to it; a click or Esc closes this"),
            self._look.tr("a click or Esc closes this"),
        )
        for run, cells in enumerate(self._cells):
            texts = self._texts(run, layer, chains[run], runs[run], slopes[run])
            for at, label in zip(self._columns, cells, strict=True):
                label.setText(texts[at])

    def _texts(self, run: int, layer: int, found: Chain, spec: TrainRun, slopes: Values) -> list[str]:
        """Return a run's row, whose f' is in the run's colour."""
        look, ink = self._look, self._look.theme.ink
        name = self._coloured(self._names[run], look.text_colour(run), bold=True)
        if layer >= len(found.norms):
            return [name, look.tr("no such layer"), "", "", "", "", ""]
        given, factors, here = step_parts(found, layer)
        weights = factor_text(factors[0]) if len(factors) > 1 else ""
        slope = factor_text(factors[-1]) if factors else look.tr("cancels")
        cells = [(figure(given) if given == given else "–", ink), (weights, ink), (slope, look.text_colour(run))]
        shown = [self._coloured(text, colour, bold=True) for text, colour in cells]
        total = self._coloured(f"= {figure(here)}", ink, bold=True)
        mean = "" if layer == len(found.norms) - 1 else self._coloured(f"{slopes[layer]:.2g}", look.theme.muted)
        return [name, self._coloured(step_formula(spec, layer), ink), *shown, total, mean]

    def _coloured(self, text: str, colour: str, bold: bool = False) -> str:
        weight = 600 if bold else 400
        inside = rich_text(self._look, text, self._look.metrics.body)
        return f'<span style="color:{colour}; font-weight:{weight}">{inside}</span>'

"""Formulas in LaTeX: what can be typeset, what is refused and how, and that no window waits for the library."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from gradsim.words.formula_lines import broken, laid
from gradsim.words.formulas import FormulaError, coloured, problem, typeset

GOOD = (
    r"\delta_l = (W_{l+1}^{\mathsf{T}} \delta_{l+1}) \odot \sigma^{\prime}(z_l), \quad \sigma^{\prime} \le \tfrac14",
    r"\|\delta_1\| = \|\delta_{\mathrm{out}}\| \cdot \prod_{l=1}^{8} \textcolor{run1}{f_l^{\prime}}",
    r"p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}",
    r"-\partial \ln p_c / \partial z = p - y",
    r"1.8 \times 10^{-7} \approx 0.24^{8} \cdot 18{,}400",
    r"\sqrt{n} \operatorname{std}(w) \ge 1 \text{ in layer } l",
    r"\hat{y} \ne \bar{y}, \quad \{1, 2\}, \quad 5\,\%",
    r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}",
)


@pytest.mark.parametrize("latex", GOOD)
def test_what_lessons_need_is_typeset(latex: str) -> None:
    assert problem(latex) is None


@pytest.mark.parametrize(
    ("latex", "told"),
    [
        ("", "is empty"),
        ("   ", "is empty"),
        (r"\frac{a}{b", "has a brace that is not closed, or not opened"),
        ("}{", "has a brace that is not closed, or not opened"),
        (r"\{ a", None),
        ("x_", "after ^ or _ there is nothing"),
        ("x_a_b", "there are two indices at one place"),
        ("x^a^b", "there are two exponents at one place"),
        (r"\left( a", r"a \left has no \right"),
        (r"\frac{1}", "is no formula in LaTeX"),
        ("a & b", "is no formula in LaTeX"),
        (r"\sigmoid(z)", r"has \sigmoid, which cannot be typeset"),
        (r"\text{梯度}", "has '梯', which cannot be typeset"),
        ("5 %", r"has % alone, which begins a comment: write \%"),
        (r"\textcolor{red}{a}", "has the colour 'red', not that of a run, run1 to run8"),
        (r"\textcolor{run9}{a}", "has the colour 'run9', not that of a run, run1 to run8"),
        ("x" * 401, "has more than 400 characters"),
    ],
)
def test_what_cannot_be_typeset_is_refused_with_the_reason(latex: str, told: str | None) -> None:
    found = problem(latex)
    assert found is None if told is None else found is not None and found.endswith(told)


def test_typeset_is_a_picture_of_paths_that_stands_on_its_line() -> None:
    found = typeset(r"\frac{a}{b_1}", 40, "#12ab34")
    drawn = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(found.svg).iter()}
    assert drawn <= {"svg", "path", "g", "rect"}
    assert 0.0 < found.above < found.height
    assert found.height > 40.0
    assert typeset(r"\frac{a}{b_1}", 20, "#12ab34").height == pytest.approx(found.height / 2, abs=2.0)


@pytest.mark.parametrize("latex", [r"\hat{x} + \sqrt{2}", r"\overline{x} \tilde{y} \frac12"])
def test_all_of_a_formula_has_the_colour_asked_for(latex: str) -> None:
    found = typeset(latex, 20, "#12ab34").svg
    assert set(re.findall(r'(?:fill|stroke)="([^"]+)"', found)) <= {"#12ab34", "none"}


def test_parts_of_runs_have_their_colours_and_no_others() -> None:
    latex = coloured(r"a \cdot \textcolor{run2}{b} \cdot c", ["#111111", "#222222"].__getitem__)
    found = typeset(latex, 20, "#000000").svg
    assert re.findall(r'fill="(#\w+)"', found).count("#222222") == 1
    assert re.findall(r'fill="(#\w+)"', found).count("#000000") >= 4


def test_what_is_refused_raises_where_it_is_typeset() -> None:
    with pytest.raises(FormulaError):
        typeset(r"\frac{1}", 20, "#000000")


def test_the_library_waits_for_the_first_formula() -> None:
    code = (
        "import sys, gradsim.ui.window, gradsim.ui.export; from gradsim.words import formulas;"
        "assert 'ziamath' not in sys.modules and not formulas.is_loaded();"
        "assert formulas.problem('x') is None and formulas.is_loaded()"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=300)


@pytest.mark.parametrize(
    ("latex", "pieces"),
    [
        ("x", ["x"]),
        (r"a = b \cdot c", ["a", "{} = {} | b", r"{} \cdot {} | c"]),
        (r"\frac{a = b}{c} \approx 1.8 \times 10^{-7}", [r"\frac{a = b}{c}", r"{} \approx {} | 1.8 \times 10^{-7}"]),
        (r"\left( a = b \right), \qquad c", [r"\left( a = b \right),", "c"]),
        (r"\begin{pmatrix} a = b \end{pmatrix} \leq c", [r"\begin{pmatrix} a = b \end{pmatrix}", r"{} \leq {} | c"]),
        (r"\{ a \} = b", [r"\{ a \}", "{} = {} | b"]),
        (r"\leftarrow = b", [r"\leftarrow", "{} = {} | b"]),
        ("= a", ["= a"]),
    ],
)
def test_lines_end_before_signs_outside_of_all_brackets(latex: str, pieces: list[str]) -> None:
    assert [" | ".join(unit.parts) for unit in broken(latex)] == pieces


@pytest.mark.parametrize("latex", GOOD)
@pytest.mark.parametrize("width", [1000, 160])
def test_no_line_is_wider_than_there_is_room_unless_it_is_one_piece(latex: str, width: int) -> None:
    found = laid(coloured(latex, lambda _: "#000000"), 20, "#000000", width)
    ends = [piece.x + piece.picture.width for piece in found.pieces if piece.x]
    assert max(ends, default=0.0) <= max(width, max(piece.picture.width for piece in found.pieces) + 20)
    bottoms = [piece.y + piece.picture.height for piece in found.pieces]
    assert max(bottoms) == pytest.approx(found.height)


def test_pieces_of_a_line_stand_on_one_line_and_do_not_overlap() -> None:
    found = laid(r"\frac{a}{b} = \frac{c}{d} \cdot e \approx \sum_{i=1}^{n} f_i \cdot g", 20, "#000000", 120)
    lines: dict[float, list[tuple[float, float]]] = {}
    for picture, x, y in found.pieces:
        lines.setdefault(round(y + picture.above, 3), []).append((x, x + picture.width))
    assert len(lines) > 1
    for spans in lines.values():
        assert all(end <= begin + 1e-6 for (_, end), (begin, _) in pairwise(spans))
        assert spans[-1][1] <= 120


@pytest.mark.parametrize(
    ("latex", "bare"),
    [
        (r"\frac{a}{{{b}}} + {c}", r"\frac{a}{b} + c"),
        (r"{{\textcolor{#222222}{{1.6 \times 10^{-7}}}}}", r"\textcolor{#222222}{1.6 \times 10^{-7}}"),
        (r"\frac{{\textcolor{#222222}{{1.6}}}}{2}", r"\frac{\textcolor{#222222}{1.6}}{2}"),
    ],
)
def test_braces_that_change_nothing_change_nothing(latex: str, bare: str) -> None:
    assert typeset(latex, 20, "#000000") == typeset(bare, 20, "#000000")


@pytest.mark.parametrize(
    "latex", [r"\frac{@}{2}", r"a^@", r"\sqrt{@}", r"\left( @ \right)", r"\frac{1}{@ + b} \cdot \tfrac{@}{3}"]
)
@pytest.mark.parametrize("part", ["b", r"1.6 \times 10^{-7}", r"\frac{a}{b}"])
def test_a_colour_reaches_all_of_its_part_wherever_that_stands(latex: str, part: str) -> None:
    """The same paths are drawn in the same places as without it."""
    found = typeset(latex.replace("@", rf"{{\textcolor{{#222222}}{{{part}}}}}"), 20, "#000000").svg
    plain = typeset(latex.replace("@", rf"{{{part}}}"), 20, "#000000").svg
    assert found.replace("#222222", "#000000") == plain
    alone = typeset(part, 20, "#222222").svg
    assert found.count("#222222") >= alone.count("#222222") * latex.count("@") - latex.count("@")

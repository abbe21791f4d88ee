"""Matrices as text."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from bptutor.text.numbers import figures_for_change
from bptutor.tui.figures import (
    fit,
    inline,
    known_lines,
    place_words,
    shape_text,
    side_by_side,
    stacked,
    under_each_other,
    zeros_apart,
)
from bptutor.tui.symbols import ASCII, UNICODE
from bptutor.tui.widgets.plot import braille, curve, decades, stars
from bptutor.tui.widgets.table import pairs_table
from bptutor.views import Matrix
from bptutor.views.lesson import Known


def row(*values: float) -> Matrix:
    return Matrix([len(values)], list(values), "float64")


def test_shapes_are_written_as_python_does_and_places_count_from_1() -> None:
    assert [shape_text(shape) for shape in ([], [3], [3, 1])] == ["", "(3,)", "(3, 1)"]
    places = [str(place_words(shape, 5)) for shape in ([6], [2, 3], [1, 2, 3])]
    assert places == ["element 6", "row 2, column 3", "element 1, 2, 3"]
    assert place_words([], 0) is None


def test_only_whole_numbers_stand_in_a_line() -> None:
    numbers = row(1.5, -20.25, 300.125)
    assert inline(numbers, "…", 40) == "[1.5 -20.25 300.12]"
    assert inline(numbers, "…", 14) == "[1.5 -20.25 …]"
    assert inline(numbers, "…", 8) == "[1.5 …]"
    assert inline(numbers, "…", 2) == "…"
    square = Matrix([2, 2], [1.0, 2.0, 3.0, 4.0], "float64")
    assert [inline(square, "…", width) for width in (10, 9)] == ["[1 2; 3 4]", "[1 2; …]"]


def test_a_matrix_stands_in_brackets_with_its_decimal_points_under_each_other() -> None:
    values = [1.0, -20.5, 0.125, 4.0, 2e-7, 0.0]
    known = Known("가중치", Matrix([3, 2], values, "float64"), True)
    lines = known_lines(known, UNICODE, 60)
    assert lines == [
        "              ⎡1      -20.5⎤",
        "가중치 (3, 2) ⎢0.125    4  ⎥",
        "              ⎣2e-7     0  ⎦",
    ]
    assert {cell_len(line) for line in lines} == {28}
    assert all(line.isascii() for line in known_lines(known, ASCII, 60)[::2])
    assert known_lines(Known("lr", Matrix([], [0.01], "float64"), True), UNICODE, 60) == [
        "lr = 0.01"
    ]
    assert len(known_lines(known, UNICODE, 20)) == 1


def test_numbers_of_one_shape_stand_under_each_other_in_the_lines_of_the_tape() -> None:
    one, other = row(1.4, -1.0, 0.4), row(0.44, -0.76, 1.36)
    scalar = Matrix([], [0.136], "float64")
    assert under_each_other([one, None, scalar, other], "…", 22) == [
        "[1.4   -1     0.4 ]",
        "",
        " 0.136",
        "[0.44  -0.76  1.36]",
    ]
    assert under_each_other([one, other], "…", 18)[0] == "[1.4  -1    0.4 ]"
    assert under_each_other([one, other], "…", 12) == ["[1.4 -1 0.4]", "[0.44 …]"]


def test_zeros_among_numbers_are_told_from_those_of_names_and_shapes() -> None:
    assert zeros_apart("b0 (3, 0) [0 10  0; 0.0 -0 0]")[1::2] == ["0"] * 3


def test_fractions_are_built_up() -> None:
    assert stacked("∂L/∂b = ∂L/∂Z10 * ∂Z10/∂b", "─") == [
        "∂L    ∂L    ∂Z10",
        "── = ──── * ────",
        "∂b   ∂Z10    ∂b",
    ]
    assert stacked("Z = X @ W", "─") == ["Z = X @ W"]


def test_a_large_matrix_is_one_line() -> None:
    known = Known("W", Matrix([784, 64], [0.5] * (784 * 64), "float32"), True)
    (line,) = known_lines(known, UNICODE, 40)
    assert line.startswith("W (784, 64) [0.5 0.5")
    assert line.endswith(" …]")
    assert len(line) <= 40


def test_a_change_is_seen_to_three_figures() -> None:
    assert figures_for_change(row(0.1), row(0.09996832)) == 7
    assert figures_for_change(row(0.5), row(0.5)) == 5
    assert figures_for_change(row(1.0), row(1.0 + 2**-50)) == 17


def test_blocks_stand_side_by_side_in_as_few_lines_as_can_be() -> None:
    square = ["A = 1 2", "    3 4"]
    assert side_by_side([square, square, ["r = 1"]], 30) == [
        "r = 1    A = 1 2    A = 1 2",
        "             3 4        3 4",
    ]
    assert len(side_by_side([square, square, ["r = 1"]], 20)) == 3
    assert side_by_side([], 80) == []


@given(st.text(max_size=30), st.integers(1, 20))
def test_a_text_is_fitted_into_its_cells(text: str, width: int) -> None:
    text = "".join(character for character in text if character.isprintable())
    assert cell_len(fit(text, width, "…")) == width


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=300), st.integers(2, 40), st.integers(2, 9))
def test_a_plot_has_its_size_and_its_ends(losses: list[float], width: int, height: int) -> None:
    heights = curve(losses, width, height)
    assert len(heights) == width
    assert all(0 <= level < height for level in heights)
    for lines in (braille(losses, width, height), stars(losses, width, height)):
        assert [len(line) for line in lines] == [width] * height
        assert all(any(line[x] != " " for line in lines) for x in range(width))


def test_a_falling_loss_falls() -> None:
    falling = [math.exp(-x / 20) for x in range(100)]
    heights = curve(falling, 20, 5)
    assert heights == sorted(heights, reverse=True)
    assert {*heights} == {0, 1, 2, 3, 4}
    assert [line.rstrip() for line in stars([4, 3, 2, 1, 0], 5, 5)] == [
        "*",
        " *",
        "  *",
        "   *",
        "    *",
    ]


def test_a_wide_matrix_of_weights_shows_its_first_columns_before_and_after() -> None:
    before = Matrix([1, 6], [0.5] * 6, "float32")
    after = Matrix([1, 6], [0.25] * 6, "float32")
    groups = [(("before", "after"), [("W", before, after)])] * 2
    headings, lines, cell = pairs_table(groups, "…")
    assert lines == 3
    assert [cell(1, column) for column in range(len(headings))] == headings
    row = [cell(0, column) for column in range(len(headings))]
    assert row == ["W", *["0.5"] * 4, "…", "", *["0.25"] * 4, "…"]


def test_a_logarithmic_axis_names_the_powers_of_ten_between_its_ends() -> None:
    assert decades([0.0, -6.0], 13) == {2: "0.1", 4: "0.01", 6: "0.001", 8: "0.0001", 10: "1e-5"}
    assert decades([-3.1, -3.4], 6) == {}

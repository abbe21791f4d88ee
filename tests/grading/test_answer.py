"""Cells and pasted matrices: what is read; whatever else is typed gets a verdict and a sentence."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bptutor.grading.read import fit, read_cell, split_matrix
from bptutor.language.tree import Expression
from bptutor.text import UserError
from tools.feedback.hostile import run


def no_arithmetic(expression: Expression) -> float:
    raise AssertionError(f"{expression} is a number")


@pytest.mark.parametrize(
    ("text", "value", "figures"),
    [
        ("0.0317", 0.0317, 3),
        (" 0.03170 ", 0.0317, 4),
        ("-.5", -0.5, 1),
        ("−0.5", -0.5, 1),
        ("- 0.5", -0.5, 1),
        ("+2.", 2.0, 1),
        ("3.168e-5", 3.168e-5, 4),
        ("1.0E3", 1000.0, 2),
        ("0", 0.0, 0),
        ("0.00", 0.0, 0),
        ("-0", 0.0, 0),
        ("100", 100.0, 3),
        ("０．５", 0.5, 1),
        ("(0.50)", 0.5, 2),
        ("[[-0.52]]", -0.52, 2),
    ],
)
def test_a_number_keeps_its_figures(text: str, value: float, figures: int) -> None:
    typed = read_cell(text, no_arithmetic)
    assert (typed.value, typed.figures) == (value, figures)


@pytest.mark.parametrize(
    ("text", "unit"), [("0.0317", 1e-4), ("100", 1.0), ("3.10e-5", 1e-7), ("0", None)]
)
def test_the_worth_of_the_last_place(text: str, unit: float | None) -> None:
    assert read_cell(text, no_arithmetic).unit == unit


@pytest.mark.parametrize("text", ["2*(0.136-0.1)", "2×0.036", "1/3", "exp(0.5)", "２＊０．５"])
def test_arithmetic_is_worked_out_in_full(text: str) -> None:
    typed = read_cell(text, lambda expression: 0.072)
    assert (typed.value, typed.figures) == (0.072, None)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("0,5", "0.5"),
        ("0，5", "0.5"),
        ("nan", "nan"),
        ("inf", "inf"),
        ("2*W1", "W1"),
        ("lr", "lr"),
        ("1e999", "out of range"),
        ("1e-999", "out of range"),
        ("1" * 5000, "at most"),
        ("...", "type them all"),
    ],
)
def test_what_is_no_number_gets_a_sentence(text: str, says: str) -> None:
    with pytest.raises(UserError) as refusal:
        read_cell(text, no_arithmetic)
    assert says in str(refusal.value)
    assert len(str(refusal.value)) < 200


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_arithmetic_that_comes_to_no_number_gets_a_sentence(value: float) -> None:
    with pytest.raises(UserError, match="1/0"):
        read_cell("1/0", lambda expression: value)


MATRIX = [["0.0316", "0."], ["0.", "1."]]


@pytest.mark.parametrize(
    "text",
    [
        "[[0.0316, 0.], [0., 1.]]",
        "[[0.0316 0.]\n [0. 1.]]",
        "[[0.0316, 0.],\n       [0., 1.]]",
        "[0.0316 0.; 0. 1.]",
        "[0.0316, 0.]\n[0., 1.]",
        "[[[0.0316, 0.], [0., 1.]]]",
        "0.0316\t0.\r\n0.\t1.\r\n",
        "0.0316;0.\n0.;1.",
        "0.0316 0.; 0. 1.",
        "0.0316,0.\n0.,1.",
        "0.0316, 0.\n0., 1.\n",
        "  0.0316   0.\n\n  0. 1.",
        "array([[0.0316, 0.],\n       [0., 1.]], dtype=float32)",
        "tf.Tensor(\n[[0.0316 0.]\n [0. 1.]], shape=(2, 2), dtype=float32)",
        "<tf.Tensor: shape=(2, 2), dtype=float32, numpy=\n"
        "array([[0.0316, 0.],\n       [0., 1.]], dtype=float32)>",
        "<tf.Variable 'Variable:0' shape=(2, 2) dtype=float32, numpy=\n"
        "array([[0.0316, 0.],\n       [0., 1.]], dtype=float32)>",
        "dL_dW1 = [[0.0316, 0.], [0., 1.]]",
        "［［0.0316，0.］，［0.，1.］］",
    ],
)
def test_every_way_to_paste_a_matrix(text: str) -> None:
    assert split_matrix(text) == MATRIX
    assert fit(split_matrix(text), (2, 2)) == ["0.0316", "0.", "0.", "1."]
    assert fit(split_matrix(text), (1, 2, 2)) == ["0.0316", "0.", "0.", "1."]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("0.0317", [["0.0317"]]),
        ("tf.Tensor(0.0013, shape=(), dtype=float32)", [["0.0013"]]),
        ("<tf.Tensor: shape=(), dtype=float32, numpy=0.0013>", [["0.0013"]]),
        ("np.float32(0.0013)", [["0.0013"]]),
        ("array(0.0013, dtype=float32)", [["0.0013"]]),
        ("[1 -2]", [["1", "-2"]]),
        ("[1 - 2]", [["1 - 2"]]),
        ("1 - 2, 3 * 4", [["1 - 2", "3 * 4"]]),
        ("2 *(0.136 - 0.1) -1", [["2 *(0.136 - 0.1)", "-1"]]),
        ("[maximum(1, 2), 3]", [["maximum(1, 2)", "3"]]),
        ("[1,2,3]", [["1", "2", "3"]]),
        ("1,2,3", [["1", "2", "3"]]),
        ("1 , 2 ,3", [["1", "2", "3"]]),
        ("0,5", [["0,5"]]),
        ("0,5 1,5", [["0,5", "1,5"]]),
        ("0,5;1,5", [["0,5", "1,5"]]),
        ("1\t\t3", [["1", "", "3"]]),
        ("[[1.e-05 2.\n  3.]]", [["1.e-05", "2.", "3."]]),
    ],
)
def test_where_cells_begin_and_end(text: str, rows: list[list[str]]) -> None:
    assert split_matrix(text) == rows


@pytest.mark.parametrize(
    "text", ["", " \n ", "[]", "[[", "]", "[[1, 2]", "[1, [2]]", "5 [1, 2]", "[1, 2] 5", "][", ";;"]
)
def test_what_is_no_matrix_gets_a_sentence(text: str) -> None:
    with pytest.raises(UserError):
        split_matrix(text)


def test_a_comma_is_read_as_the_shape_needs_it() -> None:
    assert fit([["0,5"]], ()) == ["0,5"]
    assert fit([["1,2"]], (2,)) == ["1", "2"]
    assert fit([["1,0"], ["0,1"]], (2, 2)) == ["1", "0", "0", "1"]
    assert fit([["1,0"], ["0,1"]], (2, 1)) == ["1,0", "0,1"]


def test_where_one_number_is_asked_blanks_separate_nothing() -> None:
    assert split_matrix("1 +", (1, 1)) == [["1 +"]]
    assert split_matrix("1 +", (1, 2)) == [["1", "+"]]
    assert split_matrix("1, 2", ()) == [["1", "2"]]


def test_a_column_is_taken_for_a_vector_and_not_for_a_row_matrix() -> None:
    assert fit([["1"], ["2"], ["3"]], (3,)) == ["1", "2", "3"]
    with pytest.raises(UserError) as refusal:
        fit([["1"], ["2"], ["3"]], (1, 3))
    assert "(3, 1)" in str(refusal.value)
    assert "(1, 3)" in str(refusal.value)
    with pytest.raises(UserError, match=r"1 to 2 .* \(2, 2\)"):
        fit([["1", "2"], ["3"]], (2, 2))


cells = st.floats(allow_nan=False, allow_infinity=False).map(repr)


@given(st.integers(1, 4), st.integers(1, 4), st.data())
def test_what_python_and_a_spreadsheet_write_is_read_back(
    height: int, width: int, data: st.DataObject
) -> None:
    rows = [[data.draw(cells) for _ in range(width)] for _ in range(height)]
    flat = [cell for row in rows for cell in row]
    inside = ["[" + ", ".join(row) + "]" for row in rows]
    for text in (
        "[" + ", ".join(inside) + "]",
        "[" + "\n ".join("[" + " ".join(row) + "]" for row in rows) + "]",
        "\n".join("\t".join(row) for row in rows),
        "\r\n".join(";".join(row) for row in rows),
        "\n".join("  ".join(row) for row in rows),
    ):
        assert fit(split_matrix(text), (height, width)) == flat
    assert [read_cell(cell, no_arithmetic).value for cell in flat] == [float(cell) for cell in flat]


hostile = st.text() | st.text(alphabet="[]()0123456789.,;+-*/ \t\n=enainf<>", max_size=80)


@given(hostile)
@example("[" * 10_000 + "]" * 10_000)
@example("tf.Tensor(" + "1, shape=" * 20_000)
@example("[1]" + ", dtype=" * 20_000)
@example(" " * 200_000 + "1")
@example("1" + " ," * 100_000)
@example("(" * 50_000)
def test_hostile_text_is_read_or_gets_one_sentence(text: str) -> None:
    sentence = "."
    try:
        for row in split_matrix(text):
            for cell in row[:10]:
                typed = read_cell(cell, lambda expression: 1.0)
                assert math.isfinite(typed.value)
    except UserError as refusal:
        sentence = str(refusal)
    assert 0 < len(sentence) < 300


def test_hostile_text_gets_a_verdict_everywhere() -> None:
    verdicts, _, _ = run(400, seed=20)
    assert verdicts["product unreadable"] > 100
    assert verdicts["value unreadable"] > 200
    assert sum(verdicts.values()) > 800
    assert not [verdict for verdict in verdicts if verdict.endswith("without a word")]

"""Numbers as text, against Python's and numpy's own ways to write them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptutor.text import shortest, significant


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.136, "0.136"),
        (1.4, "1.4"),
        (0.0, "0"),
        (-0.0, "0"),
        (3.168e-5, "3.168e-5"),
        (123456.0, "1.2346e5"),
        (100000.0, "1e5"),
        (12345.0, "12345"),
        (-0.30009794, "-0.3001"),
        (0.13599995, "0.136"),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
    ],
)
def test_five_figures(value: float, text: str) -> None:
    assert significant(value) == text


def test_more_figures_where_asked() -> None:
    assert significant(0.09996832, 8) == "0.09996832"


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_float32_reads_back_as_the_very_same(value: float) -> None:
    text = shortest(value, "float32")
    assert np.float32(float(text)) == np.float32(value)
    assert len(text.strip("-").replace(".", "").partition("e")[0].strip("0")) <= 9


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float64_reads_back_as_the_very_same(value: float) -> None:
    assert float(shortest(value)) == value


@given(st.floats(min_value=1e-300, max_value=1e300))
def test_what_is_shown_is_near(value: float) -> None:
    assert float(significant(value)) == pytest.approx(value, rel=5e-5)

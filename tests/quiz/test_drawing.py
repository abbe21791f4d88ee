"""The sizes that fresh numbers have: short ones, and quickly found however large a constant is."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bptutor.lesson.load import load
from bptutor.quiz import numbers as drawing

LESSON = """
program = '''
E = m * c ** 2
L = (E - y) ** 2
'''
loss = "L"
parameters = ["m"]
[values]
m = 0.5
c = %s
y = 1e8
"""


@given(
    unit=st.sampled_from([1, 2, 5, 10]),
    most=st.integers(0, 3000),
)
def test_the_sizes_are_the_short_multiples_of_the_unit(unit: int, most: int) -> None:
    every = [unit * size for size in range(1, most // unit + 1)]
    short = [count for count in every if len(str(count).rstrip("0")) <= drawing.MOST_DIGITS]
    assert drawing._short_multiples(unit, most) == short


@pytest.mark.timeout(60)
@given(
    values=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=4),
    share=st.booleans(),
)
@example(values=[2.2250738585e-313], share=False)
def test_any_number_gives_sizes_to_work_with(values: list[float], share: bool) -> None:
    numbers = np.asarray(values)
    largest = 0.99 if share else float(np.abs(numbers).max()) or 1.0
    sizes = drawing._sizes(numbers, largest)
    assert len(sizes) >= drawing.ENOUGH
    assert all(0 < size <= drawing.LARGEST for size in sizes)
    assert sizes == sorted(set(sizes))


@pytest.mark.timeout(60)
@pytest.mark.parametrize("constant", ["299792458.0", "1e18", "1e300", "1.7e308"])
def test_a_large_constant_is_drawn_at_once(constant: str, tmp_path: Path) -> None:
    path = tmp_path / "mole.toml"
    path.write_text(LESSON % constant, encoding="utf-8")
    found = drawing.drawn(load(str(path)), Random(1))
    assert 0 < abs(found["c"]) <= drawing.LARGEST

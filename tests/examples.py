"""What is tried: all of it by `-m whole`, else a part."""

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import settings

ALL, PART = 100, 15
"""Examples of a property whose test says nothing of its own. `tests/conftest.py` chooses."""


def some(count: int) -> int:
    """So many examples, or the same part of them."""
    return max(2, count * settings().max_examples // ALL)


def every(step: int, cases: Iterable[Any]) -> list[Any]:
    """Cases of which each so many-th is tried by default, the first one among them."""
    return [
        pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=marks)
        for place, case in enumerate(cases)
        for marks in [pytest.mark.whole if place % step else ()]
    ]

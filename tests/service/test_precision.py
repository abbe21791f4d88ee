"""How many figures are shown decides what honest arithmetic is; worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from bptutor.text import significant
from bptutor.text.numbers import SHOWN, showing, shown
from tests.service.desk import Desk

pytestmark = pytest.mark.usefixtures("warm")

LESSON = """
title = "A small difference"
program = '''
d = a - b
L = square(d)
'''
loss = "L"
parameters = ["a"]
learning_rate = 0.1
values = { a = 1.23456, b = 1.23411 }
"""


@pytest.mark.parametrize(
    ("figures", "right", "wrong"),
    [
        (4, "0.00100", "0.000500"),  # 1.235 - 1.234
        (5, "0.000500", "0.00100"),  # 1.2346 - 1.2341
        (6, "0.000450", "0.000500"),
        (8, "0.000450", "0.00100"),
    ],
)
def test_arithmetic_on_what_is_shown_is_right(
    tmp_path: Path, figures: int, right: str, wrong: str
) -> None:
    path = tmp_path / "difference.toml"
    path.write_text(LESSON)
    desk = Desk.anew(figures=figures)
    desk.opened(str(path))

    def verdict(typed: str) -> str:
        return str(desk.view(desk.tutor.check("", [typed], "value")).grid.asked[0].verdict)

    assert verdict(wrong) == "wrong"
    assert verdict(right) in ("right", "exact")


def test_numbers_are_shown_to_as_many_as_are_set() -> None:
    with showing(7):
        assert significant(1.23456789) == "1.234568"
        assert significant(1.23456789, 3) == "1.23"
    assert shown() == SHOWN

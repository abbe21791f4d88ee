"""What is heard of mathematics: places and signs in words, and nothing too often."""

from __future__ import annotations

import re
from typing import Literal

import pytest

from bptutor.plain.heard import SPOKEN, Names, heard
from tests.near import ASKED
from tests.plain.script import course
from tests.plain.talk import talk

TO_W3 = [*course(ASKED[: ASKED.index("dLoss_dW3")])]


NAMES = Names("L", frozenset({"lr"}))


@pytest.mark.parametrize(
    ("written", "plainly", "spoken", "korean"),
    [
        (
            "∂L/∂W2 = a1ᵀ @ ∂L/∂Z2",
            None,
            "the gradient of L with respect to W2 = a1 transposed times the gradient of L with "
            "respect to Z2",
            "W2에 대한 L의 그래디언트 = a1의 전치 행렬곱 Z2에 대한 L의 그래디언트",
        ),
        (
            "∂L/∂a2 * 1[Z2 > 0]",
            None,
            "the gradient of L with respect to a2 times, element by element, 1 where Z2 > 0, "
            "else 0",
            None,
        ),
        ("∂Z/∂W", None, "the derivative of Z with respect to W", "W에 대한 Z의 미분"),
        ("gradients[4]", None, "gradients[4]", None),
        ("weights[4]", None, "weights[4]", None),
        (
            "weights[4, 0]",
            "weights, row 5, column 1",
            "weights, row 5, column 1",
            None,
        ),
        (
            "∂L/∂h1을 Wᵀ와 곱해서 ∂Y/∂x로",
            None,
            "the gradient of L with respect to h1을 W transposed와 곱해서 the derivative of Y with "
            "respect to x로",
            "h1에 대한 L의 그래디언트를 W의 전치와 곱해서 x에 대한 Y의 미분으로",
        ),
        ("dL_dZ", None, "the gradient of L with respect to Z", "Z에 대한 L의 그래디언트"),
        (
            "∂L/∂Z is typed dL_dZ",
            None,
            "the gradient of L with respect to Z is typed dL_dZ",
            "Z에 대한 L의 그래디언트 is typed dL_dZ",
        ),
        ("W - lr * ∂L/∂W", None, "W - lr multiplied by the gradient of L with respect to W", None),
        ("Enough. @ multiplies, * does, too.", None, "Enough. @ multiplies, * does, too.", None),
        ("2 * (Y - T)²", None, "2 multiplied by (Y - T) squared", "2 곱하기 (Y - T)의 제곱"),
        (
            "b2[2] moves Z2[0, 2], of (1, 3)",
            "b2, column 3 moves Z2, row 1, column 3, of 1 by 3",
            "b2, column 3 moves Z2, row 1, column 3, of 1 by 3",
            None,
        ),
        ("tf.zeros((2, 3)), shape=(1, 1)", None, "tf.zeros((2, 3)), shape=(1, 1)", None),
    ],
)
def test_mathematics_is_counted_one_way_and_spoken_in_words(
    written: str, plainly: str | None, spoken: str, korean: str | None
) -> None:
    assert heard(written, "en", NAMES) == (plainly or written)
    before = SPOKEN.set(True)
    try:
        assert heard(written, "en", NAMES) == spoken
        assert korean is None or heard(written, "ko", NAMES) == korean
    finally:
        SPOKEN.reset(before)


SIGNS = re.compile(r"[∂ᵀ⊙²√ηΣσ]|1\[|\w [@*·] |\bd[A-Z]\w*_d")
CODE = ("    ", "In TensorFlow", "To type", "Typed", "The formula is right", "Code", "The code")
"""How a line begins that is read as it is typed."""


@pytest.mark.parametrize("notation", ["unicode", "ascii"])
async def test_every_line_is_spoken_but_for_what_is_typed(
    notation: Literal["unicode", "ascii"],
) -> None:
    """In a lesson, in lists, in a quiz; its loss is called Loss."""
    typed = [*course(ASKED[: ASKED.index("W3_new")]), "/why", "/hint", "/program", "/values"]
    typed += ["/steps", "/picture", "/menu", "/attempts", "/quiz 3 seed 4 one-neuron", "/why"]
    typed += ["/show", "/show", "", "/items", "/hint"]
    before = SPOKEN.set(True)
    try:
        said = await talk(*typed, notation=notation)
    finally:
        SPOKEN.reset(before)
    lines = [line for line in said.splitlines() if not (line.startswith(CODE) or "tape." in line)]
    assert [line for line in lines if SIGNS.search(line)] == []
    assert "the gradient of Loss with respect to W3, Two hidden layers; right" in said
    assert "the derivative of Loss" not in said


async def test_a_remark_is_said_three_times_and_then_on_demand_alone() -> None:
    said = await talk(*TO_W3, "0", *["/repeat"] * 4)
    remark = "Three significant digits are enough; 0.5*0.2 + 1 is fine too."
    assert said.count(remark) == 3
    assert said.count("@ is the matrix product") > 4


async def test_the_whole_verdict_and_one_quantity_of_the_picture_are_told_on_demand() -> None:
    said = await talk(*TO_W3, "/swap", "0.0317", "0", "9", "0.0979", "/verdict", "/picture Z2")
    assert "row 1: right" in said.partition("The other 2 are right.")[2]
    told = said.rpartition("row 3: not right")[2]
    assert "Z2, a2; units: 3." in told
    assert "W2" not in told
    assert "z9 is not in the picture." in await talk("/picture z9")

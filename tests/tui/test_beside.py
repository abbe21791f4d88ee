"""Beside a step on a wide terminal: the picture, the gradient norms, the code, and dialogs."""

from __future__ import annotations

import numpy as np
import pytest

from tests.examples import every
from tests.near import COURSE, VALUES
from tests.tui.learner import learning
from tests.tui.test_looks import lines_fit
from tests.tui.test_picture import lines_of, looking


async def test_beside_the_step_are_the_network_the_norms_and_the_code() -> None:
    """What the learner has not found is in none of them; a cell's arithmetic comes with help."""
    async with looking(COURSE, "dLoss_dW2", size=(120, 40)) as learner:
        side = "\n".join(line[78:] for line in lines_of(learner.screen))
        for text in ("Z1, a1", "▶ W2", "Z2, a2", "0.0072", "-0.022"):
            assert text in side
        assert f"∂Loss/∂W3 {'━' * 3}" in side.replace("█", "━")
        assert f"{norm('dLoss_dW3'):.3g}" in side
        assert f"{norm('dLoss_dW2'):.3g}" not in side
        assert "dLoss_dZ2 = tape.gradient(Loss, Z2)" in learner.screen
        assert "= ?" not in side
        await learner.type("a1.T @ dLoss_dZ2")
        assert "1.4 * 0.0072 = ?" in await learner.press("enter")
        assert "1.4 * 0 = ?" in await learner.press("tab")
        lines_fit(learner)


def norm(step: str) -> float:
    return float(np.linalg.norm(np.asarray(VALUES[step])))


@pytest.mark.whole
async def test_the_picture_comes_and_goes_with_the_room_for_it() -> None:
    async with looking(COURSE, "dLoss_da2") as learner:
        await learner.press("f4")
        for size, there in (((140, 40), True), ((80, 24), False), ((150, 40), True)):
            await learner.pilot.resize_terminal(*size)
            await learner.settle()
            await learner.settle()
            assert ("Z2, a2" in learner.screen) is there


@pytest.mark.parametrize(
    ("name", "step", "near"),
    every(4, [("attention", "dL_dS", "QKA"), ("rnn", "dL_dh2", ("z2", "z3"))]),
)
async def test_beside_the_step_a_graph_is_never_cut(name: str, step: str, near: str) -> None:
    """Of one that is too large, what the current node reads and what reads it is there."""
    async with looking(name, step, size=(112, 34)) as learner:
        page = learner.app.room.side.page  # type: ignore[attr-defined]
        assert page.virtual_size == page.size
        side = "\n".join(line[70:] for line in lines_of(learner.screen))
        assert all(f" {other} " in side for other in near)
        lines_fit(learner)


async def test_why_leaves_a_wide_step_in_sight() -> None:
    async with looking(COURSE, "dLoss_dW2", size=(120, 40)) as learner:
        question = learner.view.question
        for key in ("f9", "f6", "f7"):
            assert question in await learner.press(key)
            assert learner.app.screen.is_modal
            await learner.press("escape")


async def test_where_there_is_room_one_enter_is_one_request_and_brings_the_picture() -> None:
    async with looking(COURSE, "dLoss_da2", size=(120, 40)) as learner:
        assert ("draw", True) in learner.service.requests
        asked = len(learner.service.requests)
        await learner.type("1", "2", "3", "4")
        await learner.press("enter")
        assert [each[0] for each in learner.service.requests[asked:]] == ["check"]
        assert learner.app.room.view.picture  # type: ignore[attr-defined]


async def test_the_picture_is_of_the_example_that_the_learner_is_at() -> None:
    async with looking("batch", "dL_dZ", size=(120, 40)) as learner:
        await learner.type("2 / 3 * (Z - T)")
        await learner.press("enter")
        rows = [asked.row for asked in learner.view.grid.asked]
        assert any(rows)
        for row in rows:
            assert f"example {row + 1}/3" in learner.screen
            await learner.press("tab")


async def test_the_panels_stay_where_they_are_as_code_comes() -> None:
    async with learning("one-neuron", size=(120, 40)) as learner:
        await learner.press("enter")
        room = learner.app.room
        panels = [room.side.picture_panel, room.side.graph_panel, room.code_panel, room.body]  # type: ignore[attr-defined]
        before = [panel.region for panel in panels]
        await learner.solve()
        await learner.press("enter")
        assert learner.view.code
        assert [panel.region for panel in panels] == before
        assert all(before)

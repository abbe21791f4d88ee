"""The whole walk through the real service: every answer judged by TensorFlow itself."""

from __future__ import annotations

import pytest

from bptutor.service.client import Client
from bptutor.tui.app import TutorApp
from tests.tui.fake import LESSON, PRODUCTS, VALUES, answer
from tests.tui.learner import SIZE, Learner


@pytest.mark.timeout(120)
async def test_the_course_from_the_menu_to_a_second_iteration() -> None:
    app = TutorApp(Client)
    async with app.run_test(size=SIZE) as pilot:
        learner = Learner(pilot, app)
        await learner.settle()
        assert "Two hidden layers" in learner.screen
        names = [item.name for item in app.get_screen("menu").items]  # type: ignore[attr-defined]
        await learner.press(*["down"] * names.index(LESSON))
        assert "Two numbers go in" in await learner.press("enter")
        await learner.press("enter")

        await learner.type("1.4", "1", "0.4")
        wrong = await learner.press("enter")
        assert wrong.count("]✓") == 2
        assert wrong.count("]✗") == 1
        assert "sign" in wrong
        await learner.press("backspace")
        await learner.type("-1")
        solved = await learner.press("enter")
        assert ">>> X @ W1 + b1" in solved
        assert "-1." in solved
        await learner.press("enter")

        seen = ["Z1"]
        while app.room.id == "step":
            view = app.conversation.place
            assert view
            seen.append(view.step)
            product = [PRODUCTS[view.step]] if view.asks_product else []
            await learner.type(*product, *answer(view.step))
            told = await learner.press("enter")
            assert ">>> " in told, view.step
            assert "✗" not in told
            await learner.press("enter")
        assert seen == list(VALUES)
        assert "0.001296 → 0.0012779" in learner.screen
        assert "0.099992804" in learner.screen

        field = app.room.iterations  # type: ignore[attr-defined]
        field.value = "200"
        assert "iteration 201" in await learner.press("enter")
        assert "step 1/35" in await learner.press("f9")


async def test_why_and_a_nudge_through_the_real_service() -> None:
    app = TutorApp(Client, lesson=LESSON, ask="backward")
    async with app.run_test(size=SIZE) as pilot:
        learner = Learner(pilot, app)
        await learner.settle()
        await learner.press("enter", "f8", "f3", "enter")
        assert "step 19/35" in learner.screen
        assert "Why " in await learner.press("f9")
        await learner.press("escape", "f3")
        assert "Try it: move one number of W3" in await learner.press("f9")
        moved = await learner.press("enter")
        assert "[0, 0] moved by 0.001" in moved
        assert "the gradient says 0.03168" in moved

"""The whole walk through the real service: every answer judged by TensorFlow itself."""

from __future__ import annotations

import pytest

from bptutor.service.process import ServiceProcess
from bptutor.tui.app import TutorApp
from bptutor.tui.figures import answer_texts
from bptutor.views.lesson import StepView
from bptutor.views.quiz import QuizSpec
from tests.tui.fake import LESSON, PRODUCTS, VALUES, answer
from tests.tui.learner import SIZE, Learner


@pytest.mark.whole
@pytest.mark.timeout(120)
async def test_the_course_from_the_menu_to_a_second_iteration() -> None:
    app = TutorApp(ServiceProcess)
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
            view = app.client.place
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


@pytest.mark.whole
async def test_why_and_a_nudge_through_the_real_service() -> None:
    app = TutorApp(ServiceProcess, lesson=LESSON, ask="backward")
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


@pytest.mark.timeout(120)
async def test_a_quiz_to_its_end_and_one_of_its_items_again() -> None:
    app = TutorApp(ServiceProcess, quiz=QuizSpec([LESSON], items=2, seed=7, resume=False))
    async with app.run_test(size=SIZE) as pilot:
        learner = Learner(pilot, app)
        await learner.settle()
        assert "item 1/2" in learner.screen
        assert "seed 7" in learner.screen
        assert "item 2/2" in await learner.press("f5")
        await learner.press("f3", "enter")
        assert "item 1/2" in learner.screen  # which was put off
        shown = await learner.press("f3")
        assert "This is the answer." in shown
        view = app.client.place
        assert view
        assert view.quiz
        assert view.result
        assert view.quiz.code in await learner.press("f7")
        end = await learner.press("escape", "enter")
        assert "Points: 0 of 2, 0 %." in end
        assert "due" in await learner.press("f4")

        again = QuizSpec(replay=view.quiz.code)
        app.command(lambda: app.tour.start_quiz(again))
        await learner.settle()
        assert "item 1/1" in learner.screen
        await learner.type(
            *([view.result.product or ""] if view.asks_product else []),
            *(answer_texts(view.result, view.grid) if view.asks_value else []),
        )
        solved = await learner.press("enter")
        assert ">>> " in solved
        assert "✗" not in solved
        assert "Points: 1 of 1, 100 %." in await learner.press("enter")


@pytest.mark.whole
@pytest.mark.timeout(120)
async def test_an_exam_survives_its_service_and_is_handed_in_once() -> None:
    app = TutorApp(
        ServiceProcess, quiz=QuizSpec([LESSON], 2, seed=7, exam=True, minutes=15, resume=False)
    )
    async with app.run_test(size=SIZE) as pilot:
        learner = Learner(pilot, app)
        await learner.settle()
        assert "15 min left" in learner.screen
        view = learner.app.client.place
        assert isinstance(view, StepView)
        await learner.type(*["1"] * (view.asks_product + len(view.grid.asked)))
        await app.client.service.stop()
        await learner.press("f8")
        assert "flagged" in learner.screen
        assert "[1 " in learner.screen
        overview = await learner.press("f9")
        assert "1 of 2 answered, 1 open, 1 flagged." in overview
        assert "at its end" in await learner.press("f9", "f9")
        await app.client.service.stop()
        assert "looking back" in await learner.press("enter")
        assert "at its end" in await learner.press("f6")

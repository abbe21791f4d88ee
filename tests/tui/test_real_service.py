"""The app with its service in another process, as it is shipped."""

from __future__ import annotations

import pytest

from bptutor.service.process import ServiceProcess
from bptutor.tui.app import TutorApp
from bptutor.views.lesson import StepView
from bptutor.views.quiz import QuizSpec
from tests.near import COURSE
from tests.tui.learner import SIZE, Learner


@pytest.mark.whole
@pytest.mark.timeout(120)
async def test_an_exam_survives_its_service_and_is_handed_in_once() -> None:
    app = TutorApp(
        ServiceProcess, quiz=QuizSpec([COURSE], 2, seed=7, exam=True, minutes=15, resume=False)
    )
    async with app.run_test(size=SIZE) as pilot:
        learner = Learner(pilot, app)
        await learner.settle()
        await learner.press("enter")
        assert "15 minutes left" in learner.screen
        view = learner.app.client.place
        assert isinstance(view, StepView)
        await learner.type(*["1"] * (view.asks_product + len(view.grid.asked)))
        await app.client.service.stop()
        await learner.press("f8")
        assert "flagged" in learner.screen
        assert "[1 " in learner.screen
        overview = await learner.press("ctrl+x")
        assert "1 of 2 answered, 1 open, 1 flagged." in overview
        assert "at its end" in await learner.press("ctrl+x", "ctrl+x")
        await app.client.service.stop()
        assert "review" in await learner.press("enter")
        assert "at its end" in await learner.press("f6")

"""The progress: bars, dates, a calendar of characters; and past attempts that are asked again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest

from bptutor.service.quiz_words import due
from bptutor.tui import report as progress
from bptutor.tui.screens import progress as screen
from bptutor.tui.screens.dialogs import AttemptList
from bptutor.views.quiz import (
    AttemptLine,
    Day,
    ExamResult,
    LessonProgress,
    MistakeProgress,
    ProgressView,
    QuizSpec,
    SkillProgress,
    Week,
)
from tests.near import Near
from tests.tui.learner import learning
from tests.tui.test_looks import lines_fit

DAY = 86400.0
NOON = 1_764_000_000.0
"""24 November 2025, 16:00 UTC."""


def attempt(number: int) -> AttemptLine:
    """A past attempt; a higher number is a later one."""
    return AttemptLine(
        id=f"a{number}",
        at=NOON + number * 60,
        lesson="Two hidden layers",
        name="∂L/∂Y",
        typed=f"0.{number}",
        verdict="wrong",
        mistakes=["sign"],
        code=f"two-hidden-layers:dL_dY:{number}:1a2b3c4d",
    )


PROGRESS = ProgressView(
    learner="ada",
    attempts=31,
    since=NOON - 40 * DAY,
    lessons=[LessonProgress("Two hidden layers", 35, 7), LessonProgress("One neuron", 9, 0)],
    skills=[
        SkillProgress("mask", "mask", 0.4, NOON - DAY, 4, 0.25),
        SkillProgress("loss", "local derivative: loss", 0.95, NOON + 3 * DAY, 8, 0.75),
    ],
    mistakes=[MistakeProgress("mask-dropped", "The mask was forgotten.", 5, 3, NOON)],
    days=[Day("2025-11-24", 3, 2), Day("2025-11-17", 25, 20)],
    weeks=[Week("2025-11-17", 10, 0.5), Week("2025-11-24", 4, 0.75)],
    remark="",
    exams=[
        ExamResult(
            key="exam 7 a 2",
            seed=7,
            lessons=["batch"],
            titles=["A batch"],
            number=2,
            minutes=30.0,
            state="submitted",
            begun=NOON,
            submitted=NOON + 60,
            points=3.0,
            possible=4.0,
            items=[],
        )
    ],
)


def remembering(near: Near) -> None:
    """A learner of whom the record knows all that a screen has room for."""
    answer = near.answer

    async def remembered(name: str, *of: Any) -> Any:
        if name == "progress":
            return PROGRESS
        if name == "exams":
            return PROGRESS.exams
        if name == "attempts":
            return [attempt(1)] if of[0] else [attempt(9), attempt(8)]
        return await answer(name, *of)

    near.answer = remembered  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def seoul(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """25 November 2025, 1 in the morning, in Seoul: in UTC it is still the day before."""
    import time

    monkeypatch.setenv("TZ", "Asia/Seoul")
    time.tzset()
    monkeypatch.setattr(screen, "time", lambda: NOON)
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("days", "told"),
    [(-9, "today"), (0, "today"), (0.9, "today"), (1, "tomorrow"), (2, "in 2 days")],
)
def test_due_goes_by_the_days_of_the_learners_own_calendar(days: float, told: str) -> None:
    assert str(due(NOON + days * DAY, NOON)) == told


async def test_what_the_record_knows_is_shown() -> None:
    async with learning(None, prepare=remembering, size=(80, 40)) as learner:
        shown = await learner.press("ctrl+d")
        top = shown.splitlines()[0]
        assert top.startswith(" Progress · ada ")
        assert top.endswith(" attempts since 2025-10-16: 31")
        lines = shown.splitlines()
        mask = next(line for line in lines if line.strip().startswith("mask"))
        assert mask.endswith("━━━━──────  40 %  due today · asked 4")
        assert "95 %  due in 3 days · asked 8" in shown
        assert "The mask was forgotten." in shown
        assert "times: 5, days: 3, last on 2025-11-25" in shown
        assert "7/35" in shown
        assert "One neuron" not in shown  # not begun
        assert "2025-11-17  ━━━━━─────  50 %  of 10" in shown


async def test_the_calendar_ends_with_this_week_and_is_drawn_in_characters() -> None:
    async with learning(None, prepare=remembering, size=(80, 40)) as learner:
        lines = (await learner.press("ctrl+d")).splitlines()
        weeks = [line.split() for line in lines]
        assert ["11-17", "██", *"······"] in weeks  # 25 on the 17th
        assert [
            "11-24",
            "░░",
            "·",
        ] in weeks  # today is a Tuesday, in Seoul
        assert any("░ 1-4  ▒ 5-9  ▓ 10-19  █ 20+" in line for line in lines)


async def test_without_attempts_one_sentence_says_so() -> None:
    async with learning(None) as learner:
        shown = await learner.press("ctrl+d")
        assert "No answers recorded yet" in shown
        assert "F6 Past attempts" not in shown
        assert "resumes" not in await learner.press("escape")


async def test_a_past_exam_is_listed_with_its_points_and_opened() -> None:
    async with learning(None, prepare=remembering, size=(80, 60)) as learner:
        shown = await learner.press("ctrl+d")
        assert "2025-11-25  seed 7  ━━━━━━━───  points: 3 of 4, 75 %, attempt 2" in shown
        listed = await learner.press("f6", "right")
        assert "2025-11-25  seed 7" in listed
        assert "A batch" in listed
        refused = await learner.press("enter")
        assert "This exam is no longer saved." in refused


@pytest.mark.whole
async def test_a_past_attempt_is_asked_again() -> None:
    async with learning(None, prepare=remembering) as learner:
        listed = await learner.press("ctrl+d", "f6")
        assert "2025-11-25 01:09  ∂L/∂Y · Two hidden layers" in listed
        assert "✗ not right" in listed
        await learner.pilot.resize_terminal(40, 12)
        await learner.settle()
        assert "11-25  ∂L/∂Y" in learner.screen
        assert "2025" not in learner.screen  # no room for it
        await learner.pilot.resize_terminal(80, 24)
        await learner.settle()
        assert learner.screen == listed
        assert "You typed: 0.9" in listed
        assert "two-hidden-layers:dL_dY:9:1a2b3c4d" in listed
        last = await learner.press("down")
        assert learner.service.requests[-1] == ("attempts", "a8", 100)
        assert "01:01" in last  # the earlier ones have come
        assert "You typed: 0.8" in last
        assert "item 1/1" in await learner.press("enter")
        spec = QuizSpec(replay="two-hidden-layers:dL_dY:8:1a2b3c4d")
        assert ("quiz", spec) in learner.service.requests


@pytest.mark.whole
async def test_what_is_listed_keeps_clear_of_the_scrollbar() -> None:
    async with learning(None, prepare=remembering, size=(40, 12), notation="ascii") as learner:
        await learner.press("ctrl+d", "f6")
        listed = cast(AttemptList, learner.app.screen)
        listed.show([attempt(number) for number in range(10, 40)])
        await learner.settle()
        region = listed.list.region
        rows = learner.screen.splitlines()[region.y : region.bottom]
        bar = {row.ljust(40)[region.right - 1] for row in rows}
        assert bar == {"#", " "}
        assert {row.ljust(40)[region.right - 2] for row in rows} == {" "}
        assert all("not right" in row for row in rows)


async def test_the_progress_is_left_for_a_quiz_or_the_menu() -> None:
    async with learning(None, prepare=remembering) as learner:
        await learner.press("ctrl+d", "ctrl+k")
        assert learner.shows("Kind practice")
        assert "One neuron" in await learner.press("escape")
        await learner.press("ctrl+d")
        assert "One neuron" in await learner.press("escape")


@pytest.mark.parametrize(
    ("size", "language", "notation"),
    [((40, 12), "ko", "unicode"), ((40, 12), "en", "ascii"), ((120, 40), "ko", "unicode")],
)
async def test_every_size_is_borne(size: tuple[int, int], language: str, notation: Any) -> None:
    async with learning(
        None, prepare=remembering, size=size, language=language, notation=notation
    ) as learner:
        shown = await learner.press("ctrl+d")
        lines_fit(learner)
        if notation == "ascii" and language == "en":
            assert shown.isascii()
        assert await learner.press("pagedown") != shown or size == (120, 40)
        await learner.press("f6")
        lines_fit(learner)


def test_each_level_of_the_calendar_has_a_sign_of_its_own() -> None:
    assert len(progress.LEVELS) == 4

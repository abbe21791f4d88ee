"""A practice quiz: chosen, answered, put off, left, gone on with, and its end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from msgspec.structs import replace

from bptutor.lesson.find import available
from bptutor.lesson.load import load
from bptutor.quiz.practice import practicable, rows_needed
from bptutor.views.quiz import QuizSpec
from tests.keys import key_label
from tests.near import COURSE
from tests.tui.learner import Learner, learning
from tests.tui.test_looks import lines_fit

SEED = 2
"""With which the items are ∂Loss/∂Y_pred, Loss and ∂Loss/∂b2."""
BEGUN = QuizSpec([COURSE], items=3, seed=SEED, resume=False)


@asynccontextmanager
async def practising(**options: Any) -> AsyncIterator[Learner]:
    """A quiz that was asked for on the command line."""
    async with learning(None, quiz=BEGUN, **options) as learner:
        yield learner


def started(learner: Learner) -> list[QuizSpec]:
    return [each[1] for each in learner.service.named("quiz")]


async def test_a_quiz_is_chosen_by_keys_and_begun() -> None:
    async with learning(None) as learner:
        assert "Ctrl+K Quiz" in learner.screen
        assert "Ctrl+D Progress" in learner.screen
        chosen = await learner.press("ctrl+k")
        assert learner.shows("Kind practice")
        assert learner.shows("Items 10")
        assert "Time" not in chosen
        await learner.press("right", "down", "right", "down", "right", "down", "right")
        for line in ("Kind exam", "Items 20", "Time 15 minutes", "Lessons One neuron"):
            assert learner.shows(line)
        await learner.press("right")
        assert learner.shows("Lessons all lessons")
        await learner.press("left")
        assert "The clock starts then." in await learner.press("enter")
        assert "item 1/20" in await learner.press("enter")
        assert started(learner) == [
            QuizSpec(["one-neuron"], 20, exam=True, minutes=15, resume=False, part="tape")
        ]


async def test_the_first_frame_says_that_the_items_are_being_prepared() -> None:
    async with practising() as learner:
        assert learner.app.home == "quiz"
        room: Any = learner.app.get_screen("quiz")
        assert str(room.heading.content) == "The items are being prepared"
        assert started(learner) == [BEGUN]
        assert "item 1/3" in learner.screen


async def test_a_quiz_that_cannot_be_made_says_why_and_leads_to_the_menu() -> None:
    async with learning(None, quiz=QuizSpec(replay="nonsense")) as learner:
        assert "This quiz cannot be prepared" in learner.screen
        assert "nonsense" in learner.screen
        await learner.pilot.resize_terminal(40, 12)
        await learner.settle()
        assert "nonsense" in learner.screen
        assert "One neuron" in await learner.press("escape")


async def test_an_item_says_what_it_is_why_it_comes_and_what_it_is_worth() -> None:
    async with practising() as learner:
        lines = learner.screen.splitlines()
        assert lines[0].startswith(" Quiz · Two hidden layers")
        assert lines[0].rstrip().endswith("item 1/3 ────────────")
        rule = next(line for line in lines if "seed" in line)
        quiz = learner.view.quiz
        assert quiz
        assert f"{quiz.skill} ↑ · {quiz.why}" in rule
        assert rule.rstrip("─╮ ").endswith(f"points: 1 · seed {SEED}")
        hinted = await learner.press("f2")
        assert "points: 0.8" in hinted
        assert "Hint 1" in hinted
        assert quiz.code in await learner.press("f7")


@pytest.mark.whole
async def test_the_same_step_on_other_numbers_begins_with_empty_fields() -> None:
    async with practising() as learner:
        shown, quiz = learner.view, learner.view.quiz
        assert quiz
        body = learner.app.room.body  # type: ignore[attr-defined]
        await learner.type("Y", "5")
        for code, typed in ((quiz.code, ("Y", ["5"])), ("other numbers", ("", [""]))):
            await body.present(replace(shown, quiz=replace(quiz, code=code)), typing=True)
            assert body.entry.typed == typed


async def test_an_item_that_is_solved_leads_to_the_next() -> None:
    async with practising() as learner:
        for number in (1, 2):
            assert f"item {number}/3" in learner.screen
            assert "✓" in await learner.solve()
            shown = await learner.press("enter")
        assert "item 3/3" in shown
        assert "✓" not in shown


async def test_an_item_is_put_off_and_comes_back() -> None:
    async with practising() as learner:
        assert "F5 Skip" in learner.screen
        assert "item 2/3" in await learner.press("f5")
        assert learner.service.requests[-1] == ("skip",)
        assert "item 1/3" in await learner.press("f4")


async def test_only_what_has_been_asked_is_in_the_list_of_items() -> None:
    async with practising() as learner:
        listed = await learner.press("f6")
        assert listed.lstrip().startswith("Items")
        assert "○ to do" in listed
        await learner.press("escape")
        await learner.press("f3", "f3", "enter", "f6")
        assert "◦ shown" in learner.screen
        assert "item 1/3" in await learner.press("home", "enter")


async def test_the_end_tells_the_score_by_kind_of_step_and_leads_to_each_item() -> None:
    async with practising() as learner:
        await learner.solve()
        await learner.press("enter")
        await learner.press("f3", "f3", "enter")
        await learner.solve()
        end = await learner.press("enter")
        assert "Quiz · at its end" in end
        assert "Points: 2 of 3, 67 %." in end
        assert end.count("━━━━━━━━━━ 1 of 1") == 2
        assert end.count("────────── 0 of 1") == 1
        assert end.count("✓ right") == 2
        assert "▶   2  Loss " in end  # from which there is most to learn
        assert "◦ the answer was shown" in end
        assert "item 2/3" in await learner.press("enter")
        assert learner.service.requests[-1] == ("go", 1)
        assert "at its end" in await learner.press("f6")
        first_of_a_kind = await learner.press("home")
        assert "── Loss · the loss" in first_of_a_kind
        assert "item 2/3" in await learner.press("enter")


@pytest.mark.whole
async def test_the_end_follows_the_size_of_the_terminal() -> None:
    async with practising() as learner:
        await learner.press("f3", "f3", "enter", "f3", "f3", "enter", "f3", "f3", "enter")
        await learner.press("end")
        await learner.pilot.resize_terminal(40, 12)
        await learner.settle()
        assert "▶   3" in learner.screen  # the cursor is in sight
        await learner.press("home", "up")
        assert "───── 0 of 1" in learner.screen
        assert "──────" not in learner.screen
        lines_fit(learner)


@pytest.mark.whole
async def test_an_item_says_how_wide_the_terminal_is_now() -> None:
    async with practising() as learner:
        assert "item 1/3 ────────────" in learner.screen
        await learner.pilot.resize_terminal(40, 12)
        await learner.settle()
        assert learner.screen.splitlines()[0].endswith("item 1/3")
        await learner.press("escape")
        await learner.pilot.resize_terminal(80, 24)
        await learner.settle()
        assert "item 1/3 ────────────" in await learner.press("ctrl+k", "enter")


@pytest.mark.whole
async def test_another_quiz_after_the_end() -> None:
    async with practising() as learner:
        for _ in range(3):
            await learner.press("f3", "f3", "enter")
        assert "Ctrl+K Another quiz" in learner.screen
        again = await learner.press("ctrl+k")
        assert learner.shows("Kind practice")
        assert key_label("quiz", "quiz-go-on") not in again
        assert "item 1/10" in await learner.press("enter")
        assert len(started(learner)) == 2


async def test_a_quiz_that_was_left_stands_in_the_menu_and_is_gone_on_with() -> None:
    async with practising() as learner:
        await learner.solve()
        await learner.press("enter")
        await learner.type("0.12")
        menu = await learner.press("escape")
        assert ("draft", "", ["0.12"]) in learner.service.requests
        assert "Ctrl+K resumes: quiz 1/3" in menu
        chosen = await learner.press("ctrl+k")
        assert "▶ Resume: quiz 1/3" in chosen
        assert f"seed {SEED}" in chosen
        assert key_label("quiz", "quiz-go-on") in chosen
        there = await learner.press("enter")
        assert "item 2/3" in there
        assert "[0.12 " in there
        assert started(learner)[-1] == QuizSpec()


@pytest.mark.whole
async def test_a_quiz_that_was_left_is_dropped_only_after_a_second_enter() -> None:
    async with practising() as learner:
        await learner.solve()
        await learner.press("escape", "ctrl+k", "down")
        assert "Press Enter again" in await learner.press("enter")
        assert len(started(learner)) == 1
        assert "Press Enter again" not in await learner.press("right", "left")
        await learner.press("enter")
        assert len(started(learner)) == 1
        assert "item 1/10" in await learner.press("enter")
        assert started(learner)[-1] == QuizSpec(resume=False)


async def test_a_lost_service_is_replaced_and_the_quiz_is_where_it_was() -> None:
    async with practising() as learner:
        await learner.solve()
        await learner.press("enter")
        await learner.type("0.12")
        learner.service.die()
        hinted = await learner.press("f2")
        assert learner.service.starts == 2
        assert "item 2/3" in hinted
        assert "Hint 1" in hinted
        assert "[0.12 " in hinted
        assert started(learner)[-1] == replace(BEGUN, resume=True, back=True)


@pytest.mark.whole
async def test_a_lost_service_at_the_end_leads_back_to_the_end() -> None:
    async with practising() as learner:
        for _ in range(3):
            await learner.press("f3", "f3", "enter")
        learner.service.die()
        assert "item 1/3" in await learner.press("enter")
        assert learner.service.requests[-1] == ("go", 0)
        assert "at its end" in await learner.press("f6")


@pytest.mark.whole
async def test_a_service_that_rested_brings_the_quiz_back() -> None:
    async with practising() as learner:
        await learner.type("2")
        learner.app.command(learner.app.idle.rest)
        await learner.settle()
        assert learner.service.tutor is None
        assert "Hint 1" in await learner.press("f2")
        assert "[2 " in learner.screen


@pytest.mark.whole
@pytest.mark.parametrize(
    ("size", "language", "notation"),
    [((40, 12), "ko", "unicode"), ((40, 12), "en", "ascii"), ((80, 24), "ko", "unicode")],
)
async def test_every_screen_of_a_quiz_fits(
    size: tuple[int, int], language: str, notation: Any
) -> None:
    async with practising(size=size, language=language, notation=notation) as learner:
        lines_fit(learner)
        for key in (
            "f2",
            "f3",
            "f3",
            "f6",
            "escape",
            "f7",
            "escape",
            "enter",
            "f3",
            "f3",
            "enter",
            "f3",
            "f3",
        ):
            await learner.press(key)
            lines_fit(learner)
        for key in (
            "enter",
            "ctrl+k",
            "right",
            "enter",
            "escape",
            "ctrl+k",
            "down",
            "enter",
            "escape",
        ):
            await learner.press(key)
            lines_fit(learner)


@pytest.mark.whole
async def test_a_quiz_to_its_end_and_one_of_its_items_again() -> None:
    spec = QuizSpec([COURSE], items=2, seed=7, resume=False)
    async with learning(None, quiz=spec) as learner:
        assert "item 1/2" in learner.screen
        assert "seed 7" in learner.screen
        assert "item 2/2" in await learner.press("f5")
        await learner.press("f3", "f3", "enter")
        assert "item 1/2" in learner.screen  # which was put off
        shown = await learner.press("f3", "f3")
        assert "This is the answer." in shown
        view = learner.app.client.place
        assert view
        assert view.quiz
        assert view.result
        assert view.quiz.code in await learner.press("f7")
        end = await learner.press("escape", "enter")
        assert "Points: 0 of 2, 0 %." in end
        assert "due" in await learner.press("ctrl+d")

    async with learning(None, quiz=QuizSpec(replay=view.quiz.code)) as learner:
        assert "item 1/1" in learner.screen
        solved = await learner.solve()
        assert ">>> " in solved
        assert "✗" not in solved
        assert "Points: 1 of 1, 100 %." in await learner.press("enter")


@pytest.mark.whole
async def test_from_a_past_attempt_escape_leads_back_to_the_attempts() -> None:
    async with practising() as learner:
        await learner.press("f3", "f3", "escape", "ctrl+d", "f6")
        for answer in ([], ["f3", "f3", "enter"]):
            await learner.press("enter")
            assert learner.app.room.id == "step"
            await learner.press(*answer)
            await learner.press("escape")
            assert learner.app.screen.id == "attempts"
        await learner.press("escape", "escape")
        assert learner.app.room.id == "menu"


async def test_keys_that_lead_nowhere_say_so() -> None:
    async with practising() as learner:
        assert "New numbers are offered" in await learner.press("f8")
    async with learning(at="Z1") as learner:
        assert "New numbers are offered" in await learner.press("f8")
        assert "Answer this step to go further." in await learner.press("f5")
        await learner.press("f3")
        await learner.solve()
        assert "furthest step" in await learner.press("f5")


def largest(lessons: int) -> list[str]:
    """The codes of the items that take the most rows, of different lessons."""
    rows: dict[str, tuple[int, str]] = {}
    for name in available():
        of = load(name)
        step = max(practicable(of), key=lambda step: rows_needed(of.form, step))
        rows[name] = rows_needed(of.form, step), f"{name}:{step.id}:1:{of.digest}"
    return [code for _, code in sorted(rows.values(), reverse=True)[:lessons]]


@pytest.mark.whole
@pytest.mark.parametrize("language", ["ko", "en"])
async def test_the_largest_items_of_practice_fit_their_screen(language: str) -> None:
    for code in largest(4):
        async with learning(None, quiz=QuizSpec(replay=code), language=language) as learner:
            body: Any = learner.app.room.body  # type: ignore[attr-defined]
            assert learner.app.room.id == "step"
            assert body.max_scroll_y == 0
            assert body.question.display
            grid = learner.view.grid
            await learner.type(*["1"] * (learner.view.asks_product + len(grid.asked)))
            await learner.press("enter")
            assert body.message.display
            assert body.max_scroll_y == 0

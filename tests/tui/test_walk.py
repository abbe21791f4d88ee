"""From the menu to the new weights, as a learner walks it."""

from __future__ import annotations

import re

import pytest

from bptutor.lesson.load import load
from bptutor.service.words import WORKED_OUT
from tests.examples import every
from tests.keys import key_label
from tests.near import ASKED, COURSE
from tests.tui.learner import learning

OF_THE_COURSE = re.compile(r"Two hidden layers .*\b40\b")
"""Its row in the menu."""


@pytest.mark.whole
async def test_from_the_menu_to_the_new_weights_and_on() -> None:
    async with learning(lesson=None) as learner:
        assert "Two hidden layers" in await learner.choose()
        assert OF_THE_COURSE.search(learner.screen)
        await learner.press("enter")
        assert learner.app.client.opened
        assert learner.shows(learner.app.client.opened.introduction)  # type: ignore[union-attr]
        await learner.press("enter")

        seen = []
        while learner.app.room.id == "step":
            seen.append(learner.step)
            assert f"step {len(seen)}/40" in learner.screen
            assert not learner.marks("✓")
            solved = await learner.solve()
            assert ">>> " in solved, learner.step
            assert "✗" not in solved
            await learner.press("enter")
        assert seen == ASKED

        end = learner.screen
        assert "0.001296 → 0.0012779" in end
        assert "40 of 40 steps solved" in str(learner.app.screen.score.content)  # type: ignore[attr-defined]
        assert learner.shows(load(COURSE).closing.to("en"))
        wanted = {"W1 (2, 3)", "0.5000101", "-0.39999497", "b2 (3,)", "0.099992804"}
        while wanted := {text for text in wanted if text not in end}:  # below what changed
            before, end = end, await learner.press("down")
            assert end != before, wanted

        trained = await learner.press("ctrl+u")
        assert "iteration 101" in trained
        assert any("\u2800" < character <= "\u28ff" for character in trained)
        again = await learner.press("f8")
        assert "iteration 2 " in again  # training is apart from what is done by hand
        assert "step 1/40" in again


async def test_the_backward_pass_alone_works_the_rest_out_before_the_learners_eyes() -> None:
    async with learning(lesson=None) as learner:
        await learner.choose()
        chosen = await learner.press("right")
        assert "[the backward pass]" in chosen
        first = await learner.press("enter", "enter")
        assert learner.service.named("open") == [
            ("open", COURSE, "backward", True, "tape", True, False)
        ]
        assert "[1.4  -1  0.4]" in first
        assert str(WORKED_OUT) in first
        assert "F2 Hint" not in first
        assert "step 2/40" in await learner.press("enter")
        asked = await learner.press("f5")
        assert "step 22/40" in asked
        assert learner.view.asks_product


@pytest.mark.parametrize(
    ("ask", "product", "value"), every(2, [("products", 1, 0), ("values", 0, 1)])
)
async def test_products_or_values_alone(ask: str, product: int, value: int) -> None:
    async with learning(ask=ask) as learner:  # type: ignore[arg-type]
        await learner.press("enter")
        screen = await learner.press("f5") if ask == "products" else learner.screen
        labels = [re.search(rf"^\W*{label} ", screen, re.M) for label in ("formula", "value")]
        assert [*map(bool, labels)] == [bool(product), bool(value)]


@pytest.mark.whole
async def test_a_sitting_goes_on_where_it_was_left_with_what_was_typed() -> None:
    async with learning() as learner:
        await learner.press("enter")
        await learner.solve()
        await learner.press("enter")
        await learner.type("1.4")
        await learner.press("f10")
        assert ("draft", "", ["1.4", "", ""]) in learner.service.requests
    async with learning(size=(100, 30)) as learner:
        assert "step 2/40" in learner.screen
        assert "[1.4 " in learner.screen
        menu = await learner.press("escape")
        assert " 1/40" in menu
        assert key_label("menu", "anew") in menu
        assert "Ask again to start over." in await learner.press("f8")
        await learner.press("f8")
        assert learner.app.room.id == "introduction"
        assert "step 1/40" in await learner.press("enter")
        assert "[1.4" not in learner.screen


async def test_back_to_a_step_that_is_done_and_forward_again() -> None:
    async with learning() as learner:
        await learner.press("enter")
        await learner.solve()
        await learner.press("enter")
        back = await learner.press("f4")
        assert "step 1/40" in back
        assert "[1.4000001" in back
        assert learner.marks("✓")
        assert ">>> " in back
        assert "step 2/40" in await learner.press("pagedown")
        assert "step 2/40" in await learner.press("f5")


@pytest.mark.whole
async def test_any_step_done_is_reached_from_the_list() -> None:
    async with learning() as learner:
        await learner.press("enter")
        for _ in range(7):
            await learner.press("f3", "f3", "enter")
        listed = await learner.press("f6")
        assert "Layer 1 · the code" in listed
        assert listed.count("shown") == 7
        assert "∂a1/∂Z1" in listed
        await learner.press("down")
        there = await learner.press("home", "down", "down", "enter")
        assert "step 3/40" in there
        assert learner.service.requests[-1] == ("go", 2)


@pytest.mark.whole
async def test_another_lesson_after_the_one_that_was_named() -> None:
    async with learning() as learner:
        assert learner.app.room.id == "introduction"
        assert OF_THE_COURSE.search(await learner.press("escape"))
        await learner.choose()
        await learner.press("enter")
        assert learner.app.room.id == "introduction"
        assert "step 1/40" in await learner.press("enter")
        assert OF_THE_COURSE.search(await learner.press("escape"))


async def test_a_lesson_that_there_is_not() -> None:
    async with learning("two-hiden-layers") as learner:
        assert "two-hidden-layers?" in learner.screen
        assert "Two hidden layers" in await learner.press("escape")


async def test_the_menu_says_how_many_lessons_are_out_of_sight() -> None:
    async with learning(lesson=None, notation="ascii") as learner:
        count = len(learner.app.get_screen("menu").items)  # type: ignore[attr-defined]

        def out_of_sight(screen: str) -> int:
            return count - sum("........" in line for line in screen.splitlines())

        assert 0 < out_of_sight(learner.screen) < count
        assert f"- v {out_of_sight(learner.screen)} more" in learner.screen
        end = await learner.press("end")
        assert f"- ^ {out_of_sight(end)} more" in end
        await learner.pilot.resize_terminal(80, 60)
        await learner.settle()
        assert " more" not in learner.screen

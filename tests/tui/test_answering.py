"""Typing an answer: fields, verdicts, hints, what is pasted."""

from __future__ import annotations

import re

import pytest

from bptutor.course.session import MASTERED
from bptutor.course.skills import skill
from bptutor.service.words import SHOWING
from bptutor.tui.screens.why import WHICH
from bptutor.tui.widgets.answer import AnswerInput
from tests.examples import every
from tests.near import cells
from tests.tui.learner import learning


async def test_each_cell_has_its_mark_and_the_first_wrong_one_the_focus() -> None:
    async with learning(at="Z1") as learner:
        await learner.type("1.4", "1", "0.4000")
        screen = await learner.press("enter")
        assert "[1.4 " in screen
        assert learner.marks("✓") == 2
        assert learner.marks("✗") == 1
        assert learner.shows(learner.view.message)
        await learner.press("backspace")
        await learner.type("-1")
        assert ">>> " in await learner.press("enter")


async def test_enter_leads_to_the_next_empty_cell_and_checks_when_all_are_filled() -> None:
    async with learning(at="Z1") as learner:
        for cell in cells("Z1"):
            assert not [r for r in learner.service.requests if r[0] == "check"]
            await learner.type(cell)
            await learner.press("enter")
        assert learner.service.requests[-1] == ("check", "", cells("Z1"), "value")


@pytest.mark.parametrize("language", every(2, ["en", "ko"]))
async def test_a_matrix_is_typed_in_its_brackets_and_a_field_grows(language: str) -> None:
    async with learning(at="dLoss_dW2", language=language) as learner:
        body = learner.app.get_screen("step").body  # type: ignore[attr-defined]
        assert body.max_scroll_y == 0
        assert len(re.findall("[⎡⎢⎣] {12}.*[⎤⎥⎦]", learner.screen)) == 3
        assert "Z2 = a1 @ W2 + b2:  ───── → ─────" in learner.screen
        fields = [cell.field for cell in body.entry.grid.cells]
        assert {field.size.width for field in fields} == {12}
        await learner.type("a1.T", "1", "0.25*0.0072 + 1.4*0.0216")
        assert [field.size.width for field in fields[:3]] == [
            12,
            28 if language == "en" else 30,
            12,
        ]
        assert fields[2].region.right < learner.app.size.width
        assert fields[1].value in learner.screen


async def test_arrows_move_between_cells_rows_and_the_product() -> None:
    async with learning(at="dLoss_dW2") as learner:
        await learner.type("a1")
        await learner.press("down")
        await learner.type("1")
        await learner.press("down", "right")
        await learner.type("5")
        await learner.press("left", "left")
        await learner.type("4")
        await learner.press("up", "up")
        await learner.type(".T")
        product, cells = learner.app.get_screen("step").body.entry.typed  # type: ignore[attr-defined]
        assert product == "a1.T"
        assert [cells[0], cells[3], cells[4]] == ["1", "4", "5"]


async def test_a_product_alone_is_checked_alone_and_the_cells_come_next() -> None:
    async with learning(at="dLoss_dY_pred") as learner:
        await learner.type("2*(Y-Y_true)")
        await learner.press("enter")
        assert learner.service.requests[-1] == ("check", "2*(Y-Y_true)", [""], "product")
        assert learner.marks("✓")
        await learner.type("0.0722")
        solved = await learner.press("enter")
        assert learner.marks("≈")
        assert "∂Loss/∂Y_pred = 2 * (Y_pred - Y_true)" in solved


async def test_a_pasted_matrix_is_spread_over_the_cells() -> None:
    async with learning(at="dLoss_dW1") as learner:
        await learner.press("down")
        screen = await learner.paste("[[1, 2, 3],\n [4, 5, 6]]")
        assert learner.service.requests[-1][0] == "split"
        for row in (r"⎡1 +2 +3 +⎤", r"⎣4 +5 +6 +⎦"):
            assert re.search(row, screen)
        assert "(1, 2)" in await learner.paste("1\t2")  # which is not the shape that is asked


@pytest.mark.whole
@pytest.mark.parametrize("text", ["[[1.4, -1, 0.4]]", "1.4 -1 0.4"])
async def test_a_matrix_typed_into_one_cell_is_spread_over_all(text: str) -> None:
    async with learning(at="Z1") as learner:
        await learner.type(text)
        await learner.press("enter")
        assert learner.app.get_screen("step").body.entry.typed[1] == ["1.4", "-1", "0.4"]  # type: ignore[attr-defined]


@pytest.mark.whole
async def test_a_verdict_goes_once_something_else_is_typed() -> None:
    async with learning(at="Z1") as learner:
        await learner.type("1.4", "1", "0.4000")
        await learner.press("enter")
        assert learner.marks("✗") == 1
        assert learner.app.get_screen("step").body.message.has_class("-wrong")  # type: ignore[attr-defined]
        await learner.type("5")
        assert learner.marks("✗") == 0
        assert not learner.app.get_screen("step").body.message.has_class("-wrong")  # type: ignore[attr-defined]


async def test_the_cursor_goes_to_the_cell_that_the_message_is_about() -> None:
    async with learning(at="Z1") as learner:
        await learner.type("1.", "1.4", "0.4")  # too few digits, then wrong, then right
        await learner.press("enter")
        about = learner.view.focus
        assert about == 1
        grid = learner.app.get_screen("step").body.entry.grid  # type: ignore[attr-defined]
        assert learner.app.focused is grid.cells[about].field


async def test_a_right_formula_is_no_error_while_the_value_is_wrong() -> None:
    async with learning(at="dLoss_dY_pred") as learner:
        await learner.type("2*(Y-Y_true)")
        await learner.press("enter")
        assert learner.app.get_screen("step").body.message.has_class("-right")  # type: ignore[attr-defined]


async def test_a_pasted_number_goes_into_the_cell() -> None:
    async with learning(at="Z1") as learner:
        assert "[-0.5 " in await learner.paste(" -0.5\n")


async def test_hints_one_after_another_then_the_answer() -> None:
    async with learning(at="dLoss_da2") as learner:
        for count in (1, 2):
            assert f"Hint {count}: " in await learner.press("f2")
            assert len(learner.view.hints) == count
            assert learner.shows(learner.view.hints[-1])
        assert "Ask again to show the answer." in await learner.press("f3")
        shown = await learner.press("f3")
        assert "[∂Loss/∂Y_pred @ W3ᵀ" in shown
        assert "  0.036 " in shown
        assert ">>> " in shown
        await learner.type("9")
        assert "  0.036 " in learner.screen


async def test_an_update_shows_its_numbers_side_by_side() -> None:
    async with learning(at="W2_new") as learner:
        screen = await learner.solve()
        lines = [line.split() for line in screen.splitlines()]
        assert ["W2", "old", "gradient", "change", "new"] in lines
        assert ["row", "1,", "column", "1", "0.1", "0.01008", "-1.008e-5", "0.09998992"] in lines
        assert ["row", "3,", "column", "3", "0.4", "-0.00864", "8.64e-6", "0.40000865"] in lines


async def test_text_of_a_person_is_never_markup() -> None:
    async with learning(at="Z1") as learner:
        await learner.type("[/]", "[bold]x", "${x}")
        screen = await learner.press("enter")
        assert "[[/] " in screen
        assert "  [bold]x " in screen
        assert learner.marks("?") == 3


@pytest.mark.whole
async def test_every_known_value_can_be_looked_at_whole() -> None:
    async with learning(at="dLoss_dW3") as learner:
        listed = await learner.press("f7")
        assert "tape.gradient(Z2, W2)" in listed
        names = [line.split()[0] for line in listed.splitlines() if "(3, 3)" in line]
        assert names == ["W2", "tape.gradient(Z2,"]
        whole = await learner.press(*["down"] * 5)
        assert "W2 (3, 3)  column 1  column 2  column 3" in whole
        assert re.search(r"row 2 +⎢ *-0.2 +0.4 +-0.3⎥", whole)
        await learner.press("escape")
        assert learner.app.screen is learner.app.room


@pytest.mark.whole
async def test_what_cannot_be_read_is_pointed_at() -> None:
    async with learning(at="dLoss_dW3") as learner:
        await learner.type("a2.T $ dLoss_dY_pred")
        lines = (await learner.press("enter")).splitlines()
        row = next(index for index, line in enumerate(lines) if "a2.T $ dLoss_dY_pred" in line)
        assert lines[row + 1].index("^") == lines[row].index("$")
        await learner.press("delete")
        await learner.type("@")
        assert "^" not in await learner.press("enter")


async def test_a_mastered_step_s_numbers_are_filled_in_once_the_product_is_right() -> None:
    async with learning(at="dLoss_dW3") as learner:
        assert "Fill in" not in learner.screen
        session = learner.service.session
        session.sitting.streaks[skill(session.lesson, session.step)] = MASTERED
        await learner.type("a2.T @ dLoss_dY_pred")
        assert "F5 Fill in the numbers" in await learner.press("enter")
        assert ">>> " in await learner.press("f5")


@pytest.mark.whole
async def test_why_a_step_is_as_it_is_and_what_a_nudge_does() -> None:
    async with learning(at="dLoss_dW1") as learner:
        told = await learner.press("f9")
        for part in (
            "Why ∂Loss/∂W1",
            "Z1 = X @ W1 + b1",
            "X       (1, 2)",
            "W1 is on the right of X @ W1",
            "An example, with other names and numbers:",
        ):
            assert learner.shows(part)
        assert "Try it" not in told
        await learner.press("escape", "f3", "f3")
        assert "Try it: change one number of W1" in await learner.press("f9")
        await learner.pilot.resize_terminal(40, 12)
        await learner.settle()
        assert "element [1, 1    ] by [0.001     ]" in learner.screen  # all that is typed into
        cell = learner.app.screen.cell  # type: ignore[attr-defined]
        cell.value = "[7, 0]"
        await learner.press("enter")
        assert not learner.shows("changed by")
        cell.value = "1, 3"
        await learner.press("enter")
        assert learner.shows(
            "W1 at row 1, column 3 changed by 0.001: the loss went from 0.00129599828"
        )
        assert learner.shows("That is -0.0050351 per unit; the gradient is -0.00504.")
        cell.value = "there"
        await learner.press("enter")
        assert learner.shows(str(WHICH))
        assert "step " in await learner.press("escape")


async def test_a_first_request_for_the_answer_is_seen_in_a_worked_example() -> None:
    async with learning() as learner:
        learner.examples = True
        await learner.press("enter")
        assert not learner.shows(str(SHOWING[0]))
        await learner.press("f3")
        assert learner.shows(str(SHOWING[0]))
        before = learner.view.stage
        await learner.press("f3")
        assert (before, learner.view.stage) == ("open", "shown")


@pytest.mark.whole
async def test_a_burst_over_a_worked_example_goes_into_the_fields_one_by_one() -> None:
    async with learning() as learner:
        learner.examples = True
        await learner.press("enter")
        await learner.type("1.4", "-1", "0.4")
        await learner.press("enter")
        assert learner.view.stage == "solved"


async def test_a_hint_leads_from_the_worked_example_into_the_first_field() -> None:
    async with learning() as learner:
        learner.examples = True
        assert "An example, with other names" in await learner.press("enter")
        assert "Hint 1" in await learner.press("f2")
        await learner.type("1.4", "-1", "0.4")
        await learner.press("enter")
        assert learner.view.stage == "solved"


@pytest.mark.whole
@pytest.mark.parametrize("step", ["Z1", "dLoss_dY_pred", "dLoss_dW2", "b1_new"])
async def test_a_check_moves_no_field(step: str) -> None:
    async with learning(at=step) as learner:
        asks_product, _ = learner.view.asks_product, 0
        asked = len(learner.view.grid.asked)
        await learner.type(*["dLoss_dY_pred"] * asks_product, *["5"] * asked)
        before = [field.region for field in learner.app.screen.query(AnswerInput)]
        await learner.press("enter")
        assert before
        assert [field.region for field in learner.app.screen.query(AnswerInput)] == before
        assert learner.marks("✗")


async def test_a_name_is_completed_with_its_shape_beside_it() -> None:
    async with learning(at="dLoss_dW3") as learner:
        entry = learner.app.get_screen("step").body.entry  # type: ignore[attr-defined]
        await learner.type("a2.T @ dLoss_")
        await learner.settle()
        assert learner.screen.splitlines()[-1].strip() == "dLoss_dY_pred (1, 1)"
        await learner.press("right")
        assert entry.typed[0] == "a2.T @ dLoss_dY_pred"
        await learner.type(" * zz")
        await learner.settle()
        assert "F1" in learner.screen.splitlines()[-1]
        await learner.press("right")
        assert entry.typed[0] == "a2.T @ dLoss_dY_pred * zz"

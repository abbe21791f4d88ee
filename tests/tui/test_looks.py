"""What stands on the screen at 80 by 24, in both languages and both notations, and on others."""

from __future__ import annotations

from typing import Any

import pytest
from rich.cells import cell_len

from bptutor.service.protocol import Keeping
from bptutor.tui.screens.help import ARROWS
from bptutor.tui.symbols import SYMBOLS, Notation
from bptutor.tui.widgets.answer import AnswerInput
from tests.examples import every
from tests.tui.learner import SIZE, AtApp, learning

EVERYWHERE = [(lang, notation) for lang in ("en", "ko") for notation in ("unicode", "ascii")]
WORDS = {
    "en": {"forward": "forward pass", "backward": "backward pass", "check": "Enter Check"},
    "ko": {"forward": "순전파", "backward": "역전파", "check": "Enter 확인"},
}
QUIT = {"en": "F10 Quit", "ko": "F10 끝내기"}


def lines_fit(learner: AtApp[Any]) -> None:
    """No line is cut off at the terminal's edge."""
    width, height = learner.app.size
    lines = learner.screen.splitlines()
    assert len(lines) <= height
    assert all(cell_len(line) <= width for line in lines)


@pytest.mark.parametrize(("language", "notation"), every(4, EVERYWHERE))
async def test_a_step_says_at_once_where_one_is_and_what_is_asked(
    language: str, notation: Notation
) -> None:
    symbols, words = SYMBOLS[notation], WORDS[language]
    async with learning(at="dLoss_dW2", language=language, notation=notation) as learner:
        lines = learner.screen.splitlines()
        lines_fit(learner)
        assert len(lines) == SIZE[1]
        assert lines[0].startswith(f" {learner.view.lesson} {symbols.dot} {learner.view.section}")
        assert "30/40" in lines[0]
        tape = lines[2:8]
        assert [line.split()[0] for line in tape if symbols.here not in line] == [
            "Z1",
            "a1",
            "a2",
            "Y_pred",
            "Loss",
        ]
        assert tape[2].startswith(f" {symbols.here} Z2 = a1 @ W2 + b2")
        assert f"{symbols.rail} [0.44 -0.76 1.36]" in tape[2]
        assert f"{symbols.up} [0.0072  0      -0.0216]" in tape[2]
        assert f"{symbols.rail} [0.0072  0.036  -0.0216]" in tape[3]
        assert words["backward"] in lines[8]
        assert learner.shows(learner.view.question)
        upstream = "∂Loss/∂Z2" if notation == "unicode" else "dLoss_dZ2"
        assert f"{upstream} (1, 3) [0.0072  0  -0.0216]" in learner.screen
        assert sum(bool(field.region) for field in learner.app.screen.query(AnswerInput)) == 10
        assert words["check"] in lines[-1]
        assert lines[-1].endswith(QUIT[language])


@pytest.mark.whole
async def test_ascii_is_ascii_from_end_to_end() -> None:
    async with learning(at="Z1", notation="ascii") as learner:
        own = learner.screen.replace("Loss = mean((Y_pred - Y_true)²)", "").replace("∂", "")
        assert own.isascii()
        for key in ("f6", "f7", "f9", "f1"):
            opened = await learner.press(key)
            assert opened.replace("Loss = mean((Y_pred - Y_true)²)", "").replace("∂", "").isascii()
            await learner.press("escape")


@pytest.mark.whole
async def test_the_signal_travels_down_and_up_the_tape() -> None:
    travelled = []
    for step in ("Z1", "a2", "dLoss_dY_pred", "dLoss_dZ2"):
        async with learning(at=step) as learner:
            tape = learner.screen.splitlines()[2:8]
            travelled.append(["".join(sign for sign in line if sign in "↓↑│▶") for line in tape])
    assert travelled == [
        ["▶↓", "", "", "", "", ""],
        ["│", "│", "│", "▶↓", "", ""],
        ["│", "│", "│", "│", "▶│↑", "│"],
        ["│", "│", "▶│↑", "││", "││", "│"],
    ]


@pytest.mark.parametrize(
    "size",
    [
        (40, 12),
        *(
            pytest.param(size, marks=pytest.mark.whole)
            for size in [(20, 6), (60, 18), (80, 24), (120, 40), (200, 60)]
        ),
    ],
)
async def test_every_screen_bears_every_size(size: tuple[int, int]) -> None:
    async with learning(at="dLoss_dW2", size=size) as learner:
        lines_fit(learner)
        await learner.press("f2", "f3", "f3")
        lines_fit(learner)
        for key in ("f6", "f7", "f9", "f1"):
            await learner.press(key)
            lines_fit(learner)
            await learner.press("escape")
        await learner.press("escape")
        lines_fit(learner)


async def test_on_a_small_terminal_what_matters_now_is_in_sight() -> None:
    async with learning(at="dLoss_dW3", size=(40, 12)) as learner:
        await learner.solve()
        assert learner.shows(learner.view.message)
        await learner.press("enter")
        assert learner.shows("Y_pred = a2 @ W3 + b3:  ∂Loss/∂Y_pred → ∂Loss/∂b3")
        await learner.type("x")
        assert "[x" in learner.screen
        assert "Hint 1: " in await learner.press("f2")
        assert "Press F10 or Ctrl+Q to quit" in await learner.press("ctrl+c")


@pytest.mark.whole
async def test_a_wide_and_tall_terminal_gives_the_code_and_all_that_is_known() -> None:
    async with learning(at="a1", size=(120, 40)) as learner:
        assert "TensorFlow code so far" in learner.screen
        assert learner.screen.count("Z1 = X @ W1 + b1") == 2
        assert learner.screen.count("W3 (3, 1)") == 1
    async with learning(at="a1", size=(80, 40)) as learner:
        assert learner.screen.count("Z1 = X @ W1 + b1") == 2


@pytest.mark.whole
async def test_a_low_menu_says_what_is_asked_and_not_what_else_could_be() -> None:
    async with learning(None, size=(40, 12)) as learner:
        await learner.press("right")
        assert learner.shows("[2 numbers · the backward pass]")
        assert "the formulas" not in learner.screen
        await learner.pilot.resize_terminal(80, 24)
        await learner.settle()
        assert "everything [the backward pass] the formulas" in learner.screen


async def test_the_line_at_the_top_follows_the_width_at_once() -> None:
    async with learning(size=(80, 24)) as learner:
        await learner.press("enter")
        assert "gradient of the loss ↑" in learner.screen
        await learner.pilot.resize_terminal(60, 18)
        await learner.settle()
        assert "gradient ↑" in learner.screen  # with its arrow


@pytest.mark.whole
async def test_a_terminal_that_grows_and_shrinks_keeps_what_was_typed() -> None:
    async with learning(at="dLoss_dW2") as learner:
        await learner.type("a1.T", "1.25")
        for size in ((40, 12), (130, 50), (80, 24)):
            await learner.pilot.resize_terminal(*size)
            await learner.settle()
            lines_fit(learner)
        assert "[a1.T" in learner.screen
        assert "⎡1.25" in learner.screen


async def test_help_tells_the_keys_and_the_marks() -> None:
    async with learning(size=(80, 80)) as learner:
        told = await learner.press("f1")
        for part in ("F3", "PgDn", "F10, Ctrl+Q", "0.136-0.1", "≈", "right, rounded"):
            assert part in told
        await learner.press("f1")
        assert learner.app.room.id == "introduction"
        assert learner.app.screen is learner.app.room


async def test_help_begins_with_the_keys_of_its_screen_unless_they_are_explained_below() -> None:
    async with learning(None, size=(40, 12)) as learner:
        for keys, room in ((), "menu"), (("ctrl+d", "escape", "enter"), "introduction"):
            await learner.press(*keys)
            assert learner.app.room.id == room
            assert "Esc" not in learner.screen  # no room for it
            told = (await learner.press("f1")).splitlines()
            assert told[0].rstrip(" ▐") == " Keys on this screen"
            assert " F10     Quit" in (line.rstrip(" ▐") for line in told)
            await learner.press("escape")
        await learner.press("enter")
        assert learner.app.room.id == "step"
        assert (await learner.press("f1")).startswith(" In a lesson")


@pytest.mark.whole
async def test_in_help_a_line_goes_on_below_its_own_beginning() -> None:
    async with learning(size=(60, 40)) as learner:
        lines = (await learner.press("f1")).splitlines()
        first = next(i for i, line in enumerate(lines) if "Tab, arrows" in line)
        start = lines[first].index(str(ARROWS[1])[:4])
        assert lines[first + 1][:start].strip(" ") == ""
        assert lines[first + 1][start:].strip()


@pytest.mark.whole
async def test_help_is_korean_throughout() -> None:
    async with learning(size=(80, 40), language="ko") as learner:
        told = await learner.press("f1")
        for message in ARROWS:
            for word in message.to("ko").split():  # the end of a line that wraps is there too
                assert word in told
        assert "arrows" not in told
        assert "`" not in told


async def test_every_binding_has_an_id_and_no_key_is_a_letter() -> None:
    async with learning() as learner:
        await learner.press("enter")
        app = learner.app
        nodes = [app, *map(app.get_screen, ("menu", "introduction", "step", "summary"))]
        nodes += map(app.get_screen, ("steps", "values", "why", "help", "attempts"))
        nodes += map(app.get_screen, ("quiz", "quiz-end", "progress"))
        for node in nodes:
            for key, binding in node._bindings:
                if type(node).__module__.startswith("bptutor") and binding.id:
                    assert len(key) > 1
        own = [
            binding
            for node in nodes
            for binding in type(node).BINDINGS
            if type(node).__module__.startswith("bptutor")
        ]
        assert own
        assert all(binding.id for binding in own)  # type: ignore[union-attr]


async def test_ctrl_c_says_how_to_quit() -> None:
    async with learning() as learner:
        assert "Your answers are saved" in await learner.press("ctrl+c")
        learner.app.hear(Keeping(whole=False))
        assert "Some answers could not" in await learner.press("ctrl+c")
        await learner.press("enter")
        assert learner.app.focused
        assert "F10 or Ctrl+Q" in await learner.press("ctrl+c")
        assert learner.app.is_running


async def test_the_keys_can_be_clicked_and_so_can_what_is_listed() -> None:
    async with learning(at="a1") as learner:
        await learner.click("F6 Steps")
        assert "Layer 1 · forward pass" in learner.screen
        await learner.click("1  Z1")
        await learner.click("1  Z1")
        assert "step 1/40" in learner.screen

"""Every command without a function key: the palette, letters with Alt, and the question mark."""

import pytest

from tests.tui.learner import learning
from tests.tui.test_exam import sitting
from tests.tui.test_looks import lines_fit
from tests.tui.test_pulse import FIRST, walked


@pytest.mark.parametrize(("language", "typed"), [("en", "hin"), ("ko", "힌트"), ("ko", "/hint")])
async def test_a_command_is_found_by_a_part_of_its_name_and_done(language: str, typed: str) -> None:
    async with learning(at="a1", language=language) as learner:
        shown = await learner.press("ctrl+underscore")
        lines_fit(learner)
        assert "/why" in shown or "/이유" in shown or language == "ko"
        await learner.type(typed)
        assert "F2, Ctrl+T" in learner.screen
        assert "F9" not in learner.screen
        await learner.press("enter")
        assert learner.app.screen is learner.app.room
        assert len(learner.view.hints) == 1


async def test_the_palette_has_what_can_be_done_here() -> None:
    async with sitting() as learner:
        shown = await learner.press("ctrl+underscore")
        assert "/flag" in shown
        assert "/hint" not in shown
        await learner.type("no such thing")
        assert learner.shows("No command here has this name.")
        await learner.press("enter", "ctrl+underscore")
        assert learner.app.screen is learner.app.room
    async with learning(None) as learner:
        await learner.press("ctrl+underscore", "down", "escape")
        assert learner.app.room.id == "menu"


async def test_a_letter_with_alt_is_no_text_and_a_question_mark_asks_for_help() -> None:
    async with learning(at="a1") as learner:
        await learner.press("alt+t")
        assert len(learner.view.hints) == 1
        assert "[t" not in learner.screen
        await learner.type("?")
        await learner.settle()
        assert learner.app.screen.id == "help"
        await learner.press("escape")
        await learner.type("1?")
        assert learner.app.screen is learner.app.room
        assert "[1?" in learner.screen


async def test_where_function_keys_are_taken_the_line_of_keys_has_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM_PROGRAM", "vscode")
    async with learning(at="a1", size=(120, 24)) as learner:
        line = learner.screen.splitlines()[-1]
        assert "Ctrl+T Hint" in line
        assert "Alt+Q Quit" in line


async def test_the_code_is_there_at_the_end_of_a_lesson() -> None:
    walked(FIRST)
    async with learning(FIRST) as learner:
        assert learner.app.room.id == "summary"
        assert "GradientTape" in await learner.press("f11")

"""Terminals of every size, and of every palette."""

from __future__ import annotations

import random

import pytest
from rich.cells import cell_len
from rich.terminal_theme import TerminalTheme

from bptutor.config.settings import Configuration, Settings, Theme
from bptutor.tui.symbols import Notation
from bptutor.tui.theme import DARK, LIGHT, OWN, THEMES
from bptutor.tui.widgets.answer import AnswerInput
from tests.examples import every
from tests.tui.learner import learning
from tests.tui.seeing import cells_of, contrast, ground
from tests.tui.test_looks import lines_fit

KEYS = ("enter", "f2", "f4", "f5", "f6", "f7", "f1", "escape", "tab", "up", "down", "pageup")


@pytest.mark.whole
@pytest.mark.parametrize("seed", [1, 0])
async def test_it_may_be_resized_at_any_moment(seed: int) -> None:
    chance = random.Random(seed)
    async with learning(at="dLoss_dW2") as learner:
        await learner.type("a1.T", "1.25")
        for _ in range(25):
            size = chance.randint(40, 300), chance.randint(12, 80)
            await learner.pilot.resize_terminal(*size)
            if chance.random() < 0.5:
                await learner.press(chance.choice(KEYS))
            await learner.settle()
            assert learner.app.is_running
            assert learner.app.size == size
            lines_fit(learner)
        await learner.pilot.resize_terminal(80, 24)
        await learner.settle()
        lines_fit(learner)


@pytest.mark.parametrize("language", ["en", pytest.param("ko", marks=pytest.mark.whole)])
async def test_below_40_by_12_there_is_a_sentence_and_nothing_is_lost(language: str) -> None:
    async with learning(at="dLoss_dW2", language=language) as learner:
        await learner.type("a1.T", "1.25")
        for small in ((39, 24), (80, 11), (10, 3)):
            await learner.pilot.resize_terminal(*small)
            await learner.settle()
            lines_fit(learner)
            assert "[a1.T" not in learner.screen
            if small[0] > 30:
                assert "40" in learner.screen
                assert "12" in learner.screen
        await learner.pilot.resize_terminal(80, 24)
        await learner.settle()
        assert "[a1.T" in learner.screen
        assert "1.25" in learner.screen
        await learner.type("7")
        assert "1.257" in learner.screen


@pytest.mark.whole
async def test_a_narrow_terminal_leaves_room_for_the_question() -> None:
    async with learning(at="dLoss_db3", size=(50, 16)) as learner:
        lines = learner.screen.splitlines()
        lines_fit(learner)
        assert lines[3].startswith(" ▶ Y_pred = a2 @ W3 + b3")
        assert "↑ [0.072]" in lines[3]
        assert "0.136" not in lines[3]
        assert learner.shows(learner.view.question)
        await learner.type("dLoss_dY_pred")
        assert "[dLoss_dY_pred" in learner.screen
    async with learning(None, size=(50, 16)) as learner:
        assert "▶ ○◐○ Two hidden layers" in learner.screen
        assert "[2 numbers" in learner.screen


@pytest.mark.whole
async def test_korean_stays_aligned_where_it_is_narrow() -> None:
    async with learning(at="Z1", language="ko", size=(45, 14)) as learner:
        lines_fit(learner)
        assert all(cell_len(line) <= 45 for line in learner.screen.splitlines())
        assert "→" not in learner.screen.splitlines()[2]


VGA = TerminalTheme((0, 0, 0), (170, 170, 170), [(0, 0, 0), *[(170, 0, 0)] * 6, (170, 170, 170)])
PAPER = TerminalTheme((255, 255, 255), (0, 0, 0), [(0, 0, 0), *[(205, 0, 0)] * 6, (229, 229, 229)])


@pytest.mark.parametrize("colours", every(4, ["truecolor", "256", "standard", None]))
@pytest.mark.parametrize("theme", ["terminal", "dark", "light"])
async def test_the_cursor_is_seen_on_every_terminal(
    theme: Theme, colours: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("textual.constants.COLOR_SYSTEM", colours)
    settings = Settings(theme=theme)
    async with learning(at="a1", configuration=Configuration(settings)) as learner:
        await learner.press("1")
        field = learner.app.focused
        assert isinstance(field, AnswerInput)
        digit, cursor = list(cells_of(field.render_line(0)))[:2]
        assert digit[0] == "1"
        for terminal in (VGA, PAPER, DARK, LIGHT):
            beside, here = (ground(style, terminal) for _, style in (digit, cursor))
            assert contrast(beside, here) >= 4.5, (here, beside)


@pytest.mark.parametrize(
    ("settings", "colours", "no_color", "theme"),
    [
        (Settings(), "truecolor", False, "terminal"),  # it does not tell its background
        (Settings(theme="dark"), "truecolor", False, "dark"),
        (Settings(theme="light"), "256", False, "light"),
        (Settings(theme="light"), "standard", False, "terminal"),
        (Settings(theme="dark"), "truecolor", True, "terminal"),
        (Settings(theme="dark", profile="slow"), "truecolor", False, "terminal"),
    ],
)
async def test_which_theme_is_worn(
    settings: Settings,
    colours: str,
    no_color: bool,
    theme: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("textual.constants.COLOR_SYSTEM", colours)
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    async with learning(configuration=Configuration(settings)) as learner:
        assert learner.app.theme == (THEMES.get(theme) or OWN[""]).name
        assert learner.app.native_ansi_color is (theme == "terminal")


@pytest.mark.parametrize(
    ("notation", "colours", "no_color", "sign"),
    every(
        2,
        [
            ("unicode", "truecolor", True, "▐"),
            ("unicode", None, False, "▐"),
            ("unicode", "standard", False, "▐"),
            ("ascii", "truecolor", True, "#"),
            ("ascii", "standard", False, "#"),
        ],
    ),
)
async def test_what_can_be_scrolled_is_seen_without_colours(
    notation: Notation,
    colours: str | None,
    no_color: bool,
    sign: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("textual.constants.COLOR_SYSTEM", colours)
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    async with learning(size=(40, 12), notation=notation) as learner:
        await learner.press("f1")
        bar = [line.ljust(40)[38] for line in learner.screen.splitlines()]
        assert bar[0] == sign
        assert bar[-2] == " "
        await learner.press("end")
        bar = [line.ljust(40)[38] for line in learner.screen.splitlines()]
        assert bar[0] == " "
        assert bar[-2] == sign


async def test_keys_can_be_others() -> None:
    keys = {"help": "ctrl+g", "hint": "f11"}
    configuration = Configuration(Settings(keys=keys))
    async with learning(at="a1", configuration=configuration) as learner:
        assert "F11 Hint" in learner.screen
        assert "Ctrl+G Help" in learner.screen
        await learner.press("f11")
        assert len(learner.view.hints) == 1
        assert "check the answer" in await learner.press("ctrl+g")


async def test_what_is_wrong_with_the_configuration_is_said_once() -> None:
    from bptutor.text import Message

    findings = (Message("config.toml, line 1: wrong"), Message("and more"))
    configuration = Configuration(findings=findings)
    async with learning(configuration=configuration) as learner:
        shown = " ".join(learner.screen.split())
        assert "Ignored setting: config.toml, line 1: wrong (1 more;" in shown
        assert "Ignored" not in await learner.press("enter")
    async with learning(None, configuration=configuration) as learner:
        assert "Ignored setting: config.toml, line 1: wrong" in learner.screen

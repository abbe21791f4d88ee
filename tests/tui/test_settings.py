"""The settings' screen: what it shows, what it writes, what holds at once."""

from __future__ import annotations

import os
import re
from itertools import product
from pathlib import Path

import pytest

from bptutor.config.read import read
from bptutor.config.settings import SETTINGS, Configuration, Settings
from bptutor.front.actions import CHECKS
from bptutor.tui.theme import OWN, THEMES
from tests.examples import every
from tests.keys import key_label
from tests.near import cells
from tests.tui.learner import Learner, learning
from tests.tui.test_looks import lines_fit

QUIT = {"en": "Esc Close", "ko": "Esc 닫기"}


def own_file() -> Path:
    return Path(os.environ["BPTUTOR_CONFIG_DIR"]) / "config.toml"


def line_of(learner: Learner, name: str) -> str:
    return next(line for line in learner.screen.splitlines() if line.strip("▶> ").startswith(name))


@pytest.mark.parametrize(
    ("language", "size"), every(5, product(["ko", "en"], [(40, 12), (60, 18), (80, 24)]))
)
async def test_it_is_whole(language: str, size: tuple[int, int]) -> None:
    async with learning(None, language=language, size=size) as learner:
        await learner.press("ctrl+e")
        lines_fit(learner)
        if size == (80, 24):
            assert QUIT[language] in learner.screen.splitlines()[-1]
        for setting in SETTINGS.values():
            assert f"▶ {setting.name.to(language)} " in learner.screen
            lines_fit(learner)
            await learner.press("down")


async def test_a_setting_is_changed_with_the_keyboard_and_holds_at_once() -> None:
    own_file().parent.mkdir(exist_ok=True)
    own_file().write_text("# mine\nmouse = false # always\n")
    async with learning(None, configuration=read(os.environ)) as learner:
        await learner.press("ctrl+e")
        assert "left to the terminal" in line_of(learner, "Mouse")
        assert "your file" in line_of(learner, "Mouse")
        assert "default" in line_of(learner, "Colours")
        await learner.press("down", "right")
        assert learner.shows("Colours dark")
        assert "your file" in line_of(learner, "Colours")
        assert own_file().read_text() == '# mine\nmouse = false # always\ntheme = "dark"\n'
        await learner.press("right")
        assert read(os.environ).settings.theme == "light"
        assert learner.app.configuration.settings.theme == "light"
        assert str(own_file())[:20] in learner.screen
        await learner.press("down", "right")
        assert "takes effect at the next start" in " ".join(learner.screen.split())
        assert "next start" not in await learner.press("down")
        await learner.press("escape")
        assert "Steps to answer" in learner.screen


@pytest.mark.whole
async def test_the_colours_change_under_one_s_eyes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("textual.constants.COLOR_SYSTEM", "truecolor")
    async with learning(None) as learner:
        await learner.press("ctrl+e", "down", "right")
        assert learner.app.theme == THEMES["dark"].name
        await learner.press("down", "down", "down", "right")
        assert learner.app.slow
        assert learner.app.theme == OWN[""].name


async def test_what_goes_before_the_file_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BPTUTOR_THEME", "light")
    configuration = read(os.environ).under("command line", {"notation": "ascii"})
    async with learning(None, configuration=configuration) as learner:
        await learner.press("ctrl+e")
        assert "environment" in line_of(learner, "Colours")
        assert "command line" in line_of(learner, "Notation")
        await learner.press("down", "right")
        assert "takes priority: environment." in " ".join(learner.screen.split())
        assert learner.shows("Colours light")
        assert own_file().read_text() == 'theme = "terminal"\n'
        assert learner.app.configuration.settings.notation == "ascii"


async def test_a_file_that_cannot_be_written_is_said_and_the_setting_holds() -> None:
    own_file().parent.mkdir(exist_ok=True)
    own_file().write_text("theme = \n")
    async with learning(None, configuration=Configuration()) as learner:
        await learner.press("ctrl+e", "down", "down", "down", "down", "right")
        assert "cannot change" in learner.screen
        assert "The setting lasts until you quit." in " ".join(learner.screen.split())
        assert learner.app.slow
        await learner.press("down", "right")
        assert "until you leave" not in learner.screen
        assert learner.shows("Idle timeout 10 minutes")
    assert own_file().read_text() == "theme = \n"


async def test_keys_are_shown_and_left_alone() -> None:
    configuration = Configuration(Settings(keys={"help": "f12"}))
    async with learning(None, configuration=configuration) as learner:
        assert "Right Change" in await learner.press("ctrl+e")
        assert "Right Change" not in await learner.press("end", "right")
        assert "help=f12" in line_of(learner, "Other keys")
        assert not own_file().exists()


@pytest.mark.whole
async def test_another_key_leaves_the_others_theirs() -> None:
    configuration = Configuration(Settings(keys={"check": "f11", "steps": "ctrl+l"}))
    async with learning(at="a1", configuration=configuration) as learner:
        await learner.type(*cells("a1"))
        assert key_label("step", "go-on") in await learner.press("f11")
        await learner.press("enter")
        assert learner.step != "a1"


async def test_help_names_the_keys_that_were_given() -> None:
    configuration = Configuration(Settings(keys={"check": "f11", "quit": "ctrl+x,f10"}))
    async with learning(configuration=configuration, size=(100, 60)) as learner:
        told = await learner.press("f1")
        assert re.search(f"F11, Enter +{CHECKS}", told)
        assert re.search(r"Ctrl\+X, F10, Ctrl\+Q +quit;", told)
        assert re.search("F2, Ctrl.T +show a hint", told)

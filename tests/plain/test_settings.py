"""The settings in text mode: what is said of them, what is written, what is left alone."""

import os
from pathlib import Path

import pytest

from bptutor.config.read import read
from bptutor.config.settings import SETTINGS
from tests.plain.talk import talk


def own_file() -> Path:
    return Path(os.environ["BPTUTOR_CONFIG_DIR"]) / "config.toml"


async def heard(*typed: str, language: str = "en") -> list[str]:
    """What is said in the menu to these lines, without the menu."""
    silent = (await talk(lesson=None, language=language)).splitlines()
    return (await talk(*typed, lesson=None, language=language)).splitlines()[len(silent) :]


async def test_a_line_changes_one_and_the_rest_of_the_file_stays() -> None:
    own_file().parent.mkdir(exist_ok=True)
    own_file().write_text("# mine\nmouse = false # always\n")
    said = await heard("/settings theme Light", "/settings 4 yes", "/settings idle_minutes 7.5")
    assert "2. Colours (theme): light; from: your file." in said
    assert f"Saved to {own_file()}. It takes effect at the next start." in said
    assert own_file().read_text().splitlines() == [
        "# mine",
        "mouse = true # always",
        'theme = "light"',
        "idle_minutes = 7.5",
    ]
    settings = read(os.environ).settings
    assert (settings.theme, settings.mouse, settings.idle_minutes) == ("light", True, 7.5)


async def test_what_goes_before_the_file_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BPTUTOR_PRECISION", "6")
    said = await heard("/settings precision 7")
    assert said[0] == "10. Digits (precision): 6; from: environment."
    assert said[1].endswith("but this takes priority: environment.")
    assert own_file().read_text() == "precision = 7\n"


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("/settings precision 99", "Digits: 99 is not allowed."),
        ("/settings theme purple", "Colours: purple is not allowed."),
        ("/settings color dark", "There is no setting color."),
        ("/settings 99 dark", "There is no setting 99."),
        ("/settings keys help=f12", f"{len(SETTINGS)}. Other keys (keys): -; from: default."),
        ("/settings record sqlite:///x", "7. Record (record): in your data folder; from: default."),
    ],
)
async def test_what_cannot_be_set_here_is_said_and_nothing_is_written(
    typed: str, answer: str
) -> None:
    assert (await heard(typed))[0] == answer
    assert not own_file().exists()


async def test_a_file_that_cannot_be_written_changes_nothing() -> None:
    own_file().parent.mkdir(exist_ok=True)
    own_file().write_text("theme = \n")
    said = await heard("/settings notation ascii")
    assert said[0] == "3. Notation (notation): automatic; from: default."
    assert 'write `notation = "ascii"` there yourself.' in said[1]
    assert "holds" not in said[1]
    assert own_file().read_text() == "theme = \n"

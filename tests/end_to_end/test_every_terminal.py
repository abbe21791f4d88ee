"""The course's lesson from the menu to the new weights, on the screen and in lines of text."""

import re

import pytest

from tests.end_to_end.examples import leave
from tests.end_to_end.terminal import python
from tests.end_to_end.walker import COLOURLESS, SIGNS, WORDS, Listening, Walker
from tests.near import ASKED
from tests.plain.script import DRAWN, answer

TUTOR = python("-m", "bptutor", "learn")
SIXTEEN = {str(code) for code in [*range(30, 38), *range(90, 98)]}
NO_COLOUR = {"COLORTERM": "truecolor", "NO_COLOR": "1"}


@pytest.mark.whole
@pytest.mark.parametrize(
    ("language", "notation", "environment"), [("en", "unicode", NO_COLOUR), ("ko", "ascii", {})]
)
def test_the_course_is_walked_whole_and_readable(
    language: str, notation: str, environment: dict[str, str]
) -> None:
    """Once without a colour, once in ASCII; test_terminals.py has the colours of each terminal."""
    command = [*TUTOR, "--lang", language, "--notation", notation]
    with Listening(command, environment=environment) as terminal:
        Walker(terminal, WORDS[language], SIGNS[notation]).walk()
        leave(terminal)
        assert not terminal.shades
        if environment:
            assert terminal.codes <= COLOURLESS
        else:
            assert terminal.codes & SIXTEEN
            assert re.sub("[가-힣]", "", terminal.written.decode()).isascii()


SAID = {
    "en": ("Type the number of a lesson", "step {number} of 40", "Press Enter to continue."),
    "ko": ("번호를 입력하", "40단계 중 {number}단계", "Enter를 누르면 다음으로 가요."),
}


LATIN = {"LANG": "xx_XX.ISO-8859-1", "NO_COLOR": "1"}


@pytest.mark.parametrize(
    ("language", "environment"), [("ko", {}), pytest.param("en", LATIN, marks=pytest.mark.whole)]
)
def test_the_course_in_lines_of_text(language: str, environment: dict[str, str]) -> None:
    menu, place, go_on = SAID[language]
    command = [*TUTOR, "--plain", "--lang", language]
    with Listening(command, environment=environment) as terminal:
        wait_until_said(terminal, menu)
        lesson = re.search(rf"(?m)^(\d+)\. {WORDS[language].title}", said(terminal))
        assert lesson
        terminal.send(f"{lesson[1]}\n")
        for number, step in enumerate(ASKED, 1):
            wait_until_said(terminal, place.format(number=number))
            terminal.send("".join(f"{line}\n" for line in answer(step)))
            wait_until_said(terminal, go_on, times=number)
            terminal.send("\n")
        wait_until_said(terminal, "0.0012779")
        terminal.send("/quit\n")
        assert terminal.wait_for_end() == 0
        assert "0.09996832" in said(terminal).rpartition("0.0012779")[2]
        assert not DRAWN.search(said(terminal))
        assert said(terminal).isascii() == bool(environment)


def said(terminal: Listening) -> str:
    """All that has been written, line by line."""
    return terminal.written.decode(errors="ignore").replace("\r\n", "\n")


def wait_until_said(terminal: Listening, text: str, times: int = 1) -> None:
    """Until something has been said so many times since the start."""
    terminal.wait_for(lambda _: said(terminal).count(text) >= times)

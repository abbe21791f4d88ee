"""The course's lesson from the menu to the new weights, in every terminal, in both languages."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import cycle

import pytest

from tests.end_to_end.terminal import python
from tests.end_to_end.walker import COLOURLESS, SIGNS, WORDS, Listening, Walker
from tests.near import ASKED
from tests.plain.script import DRAWN, answer

TUTOR = python("-m", "bptutor", "learn")
SIXTEEN = {str(code) for code in [*range(30, 38), *range(90, 98)]}


@dataclass(frozen=True)
class Kind:
    """A kind of terminal: what it says of itself, what is asked for, and what it may be sent."""

    environment: dict[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    shades: frozenset[str] = frozenset()
    colour: bool = True
    notation: str = "unicode"


OF_256, OF_ALL = frozenset({"38;5", "48;5"}), frozenset({"38;2", "48;2"})
LATIN = {"LANG": "xx_XX.ISO-8859-1"}
IN_SCREEN = {"TERM": "screen", "STY": "1.pts-0.lab", "COLORTERM": "truecolor"}
IN_TMUX = {"TERM": "tmux-256color", "TMUX": "/tmp/tmux-0/default,1,0"}
KINDS = {
    "screen-of-16": Kind(IN_SCREEN, ("--theme", "dark")),
    "tmux-of-256": Kind(IN_TMUX, ("--theme", "dark"), OF_256),
    "light": Kind({"COLORTERM": "truecolor"}, ("--theme", "light"), OF_ALL),
    "colourless": Kind({"COLORTERM": "truecolor", "NO_COLOR": "1"}, ("--slow",), colour=False),
}
ASCII = {
    "ascii": ("ko", Kind(options=("--notation", "ascii"), notation="ascii")),
}
ALL = {  # the languages take turns: a frame has its language wherever it is drawn
    **{
        f"{name}-{code}": (code, kind)
        for (name, kind), code in zip(KINDS.items(), cycle(WORDS), strict=False)
    },
    **{f"{name}-{code}": (code, kind) for name, (code, kind) in ASCII.items()},
}


def walks(
    kinds: Mapping[str, tuple[str, Kind]], by_default: Collection[str]
) -> pytest.MarkDecorator:
    """A walk for each kind of terminal; all but some of them take a run of the whole."""
    return pytest.mark.parametrize(
        ("language", "kind"),
        [
            pytest.param(*each, id=name, marks=() if name in by_default else pytest.mark.whole)
            for name, each in kinds.items()
        ],
    )


@walks(ALL, [])
def test_the_course_is_walked_whole_and_readable(language: str, kind: Kind) -> None:
    command = [*TUTOR, "--lang", language, *kind.options]
    with Listening(command, environment=kind.environment) as terminal:
        Walker(terminal, WORDS[language], SIGNS[kind.notation]).walk()
        terminal.press("f10")
        assert terminal.wait_for_end() == 0
        assert terminal.shades == kind.shades
        if not kind.colour:
            assert terminal.codes <= COLOURLESS
        elif not kind.shades:
            assert terminal.codes & SIXTEEN
        if kind.notation == "ascii":
            told = re.sub("[가-힣]", "", terminal.written.decode())
            assert told.isascii()


PLAIN = {
    "asked-for-ko": ("ko", Kind(options=("--plain",))),
    "dumb-en": ("en", Kind({"TERM": "dumb"})),
    "dumb-ko": ("ko", Kind({"TERM": "dumb"})),
    "latin-en": ("en", Kind({**LATIN, "NO_COLOR": "1"}, ("--plain",), notation="ascii")),
}
SAID = {
    "en": ("Type the number of a lesson", "step {number} of 40", "Press Enter to continue."),
    "ko": ("번호를 입력하", "40단계 중 {number}단계", "Enter를 누르면 다음으로 가요."),
}


@walks(PLAIN, ["asked-for-ko"])
def test_the_course_in_lines_of_text(language: str, kind: Kind) -> None:
    menu, place, go_on = SAID[language]
    command = [*TUTOR, "--lang", language, *kind.options]
    with Listening(command, environment=kind.environment) as terminal:
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
        assert kind.notation == "unicode" or said(terminal).isascii()


def said(terminal: Listening) -> str:
    """All that has been written, line by line."""
    return terminal.written.decode(errors="ignore").replace("\r\n", "\n")


def wait_until_said(terminal: Listening, text: str, times: int = 1) -> None:
    """Until something has been said so many times since the start."""
    terminal.wait_for(lambda _: said(terminal).count(text) >= times)

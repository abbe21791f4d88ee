"""A talk with text mode in this process: the tutor and TensorFlow are the real ones, the wire and
the second process are left out, and so each talk takes no time.
"""

import io
import os
from typing import Literal

from bptutor import __version__
from bptutor.config.read import read
from bptutor.literals import Ask, Part
from bptutor.plain.dialogue import Dialogue, Lines
from bptutor.plain.mode import TextMode
from bptutor.service.protocol import EngineState, Hello
from bptutor.views.quiz import QuizSpec
from tests.near import COURSE, Lost, Near
from tests.plain.script import DRAWN


class Watched(io.StringIO):
    """An output at which somebody looks."""

    def isatty(self) -> bool:
        return True


async def talk(
    *typed: str,
    lesson: str | None = COURSE,
    ask: Ask = "all",
    part: Part = "tape",
    language: str = "en",
    notation: Literal["unicode", "ascii"] = "unicode",
    out: io.StringIO | None = None,
    lost: Lost | None = None,
    failed: str = "",
    loading: bool = False,
    quiz: QuizSpec | None = None,
) -> str:
    """Type lines, to the end of the input; what is said."""
    out = out or io.StringIO()
    reading, writing = os.pipe()
    with os.fdopen(writing, "w", encoding="utf-8") as keyboard:
        keyboard.writelines(f"{line}\n" for line in typed)
    hello = Hello(version=__version__, language=language, notation=notation)
    state = EngineState("failed", failed) if failed else None
    if loading:
        state = EngineState("loading", "")
    dialogue = Dialogue(lambda hear: Near(hear, lost, state), hello, out, Lines(reading), 0)
    mode = TextMode(dialogue, ask, part, read(os.environ))
    try:
        await mode.begin(lesson, quiz)
        await mode.go_on()
        await mode.tour.keep_draft(unsaid=True)
    finally:
        os.close(reading)
    said = out.getvalue()
    assert not DRAWN.search(said)
    return said

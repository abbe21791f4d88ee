"""Text mode from its start to its end."""

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any, Literal, TextIO

from bptutor import __version__
from bptutor.config.settings import Configuration
from bptutor.literals import Ask, Part
from bptutor.plain.dialogue import Dialogue, EndOfInput, Lines
from bptutor.plain.mode import TextMode
from bptutor.service.assignment_words import UNREACHABLE
from bptutor.service.client import ServiceFactory
from bptutor.service.process import RequestRefused, ServiceLost
from bptutor.service.protocol import Hello
from bptutor.service.words import kept
from bptutor.text import Message, UserError
from bptutor.text.numbers import shown
from bptutor.views.quiz import QuizSpec

PATIENCE = 3.0
"""Seconds that leaving may wait for the service to keep what was typed."""
INTERRUPTED = 130
"""What shells expect of Ctrl+C."""


def run(
    service: ServiceFactory,
    lesson: str | None,
    ask: Ask | None,
    part: Part,
    language: str,
    notation: Literal["unicode", "ascii"],
    configuration: Configuration,
    quiz: QuizSpec | None = None,
    assignment: str = "",
) -> int:
    """Read lines and answer them until there are no more, or the learner quits; its exit status.

    `lesson` is a name or a path to a .toml; without one the menu comes first, or the `quiz`, or the
    `assignment`. What `ask` says holds in a sitting that goes on, too; None leaves that as it was.

    Raises:
        UserError: the lesson or the quiz cannot be opened, or there is no service or no TensorFlow.
        OSError: the output cannot be written.
    """
    hello = Hello(__version__, language, notation, shown())
    begin = partial(TextMode.begin, lesson=lesson, quiz=quiz, assignment=assignment)
    return asyncio.run(_run(service, begin, ask, part, hello, configuration))


Begin = Callable[[TextMode], Coroutine[Any, Any, None]]
"""Goes where the learner wants to."""


async def _run(
    service: ServiceFactory,
    begin: Begin,
    ask: Ask | None,
    part: Part,
    hello: Hello,
    configuration: Configuration,
) -> int:
    lines = Lines(_descriptor(sys.stdin), getattr(sys.stdin, "encoding", None) or "utf-8")
    patience = configuration.settings.idle_minutes * 60
    dialogue = Dialogue(service, hello, sys.stdout, lines, patience)
    mode = TextMode(dialogue, ask, part, configuration)
    talking = asyncio.create_task(_talk(mode, begin))
    status = _heed_signals(talking, dialogue)
    try:
        with suppress(asyncio.CancelledError):
            await talking
    finally:
        await _leave(mode)
    gone = (OSError,) if talking.cancelled() else ()  # as the terminal may be then
    with suppress(*gone):
        dialogue.say(kept(dialogue.client))
    return status.get("status", 0)


async def _talk(mode: TextMode, begin: Begin) -> None:
    try:
        await begin(mode)
        await mode.go_on()
    except EndOfInput:  # while the service was late
        pass
    except RequestRefused as refused:
        raise UserError(Message("{what}", what=refused.message)) from refused
    except ServiceLost as lost:
        if mode.dialogue.client.only_host:
            raise UserError(Message(UNREACHABLE.text, why=str(lost))) from lost
        raise UserError(
            Message(
                "The service cannot start: {why}. {kept}",
                why=str(lost),
                kept=kept(mode.dialogue.client),
            )
        ) from lost


async def _leave(mode: TextMode) -> None:
    """Keep what is typed, where the service takes it in time, and end the service."""
    with suppress(RequestRefused, ServiceLost, asyncio.TimeoutError):
        await asyncio.wait_for(mode.tour.keep_draft(unsaid=True), PATIENCE)
    await mode.dialogue.client.stop()


def _heed_signals(talking: asyncio.Task[None], dialogue: Dialogue) -> dict[str, int]:
    """Leave on SIGHUP and SIGTERM, and on Ctrl+C where it does not stop a training.

    After Ctrl+Z the prompt is said again.

    What was started to ignore one of them (nohup) goes on ignoring it. Gives the exit status, once
    there is one.
    """
    ended: dict[str, int] = {}

    def interrupt() -> None:
        if not dialogue.interrupt():
            ended["status"] = INTERRUPTED
            talking.cancel()

    loop = asyncio.get_running_loop()
    for number, heed in (
        (signal.SIGHUP, talking.cancel),
        (signal.SIGTERM, talking.cancel),
        (signal.SIGINT, interrupt),
        (signal.SIGCONT, dialogue.prompt_again),
    ):
        if signal.getsignal(number) is not signal.SIG_IGN:
            with suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(number, heed)
    return ended


def _descriptor(stream: TextIO | None) -> int | None:
    """The stream's descriptor; None of a closed stream."""
    try:
        return stream.fileno() if stream else None
    except (OSError, ValueError):
        return None

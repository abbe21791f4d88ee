"""A learner at the app: presses keys, waits until it is quiet, reads the screen."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from rich.cells import cell_len
from textual.events import Key, Paste
from textual.keys import _character_to_key
from textual.pilot import Pilot

from bptutor.config.settings import DEFAULT, Configuration
from bptutor.literals import Ask
from bptutor.tui.app import TutorApp
from bptutor.tui.symbols import Notation
from bptutor.views.quiz import QuizSpec
from tests.tui.fake import LESSON, PRODUCTS, Course, FakeService, answer

SIZE = (80, 24)


class Learner:
    """One run of the app."""

    def __init__(self, pilot: Pilot[Any], app: TutorApp) -> None:
        self.pilot = pilot
        self.app = app

    @property
    def service(self) -> FakeService:
        service = self.app.client.service
        assert isinstance(service, FakeService)
        return service

    @property
    def screen(self) -> str:
        """The text of the screen, line by line."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)

    @property
    def step(self) -> str:
        return self.service.course.step

    async def pause(self) -> None:
        """Wait until no message is on its way, and what they have changed is drawn.

        (Where nothing is said, Textual sleeps besides until the process has long had no work.)
        """
        waiting = True
        while waiting:
            await self.pilot.pause(0)
            await self.app.animator.wait_until_complete()
            nodes = [self.app, *self.app.screen.walk_children(with_self=True)]
            waiting = any(node.message_queue_size for node in nodes)

    async def settle(self) -> None:
        """Wait until every command has been carried out and drawn."""
        await self.pause()
        await self.app.workers.wait_for_complete()
        await self.pause()

    async def press(self, *keys: str) -> str:
        """Press keys, and look at what comes of it."""
        for key in keys:
            self.app.post_message(Key(key, None))
            await self.settle()
        return self.screen

    async def click(self, text: str) -> None:
        """Click on a text."""
        lines = self.screen.splitlines()
        row = next(index for index, line in enumerate(lines) if text in line)
        await self.pilot.click(offset=(cell_len(lines[row].partition(text)[0]) + 1, row))
        await self.settle()

    async def type(self, *fields: str) -> None:
        """Type into a field, Tab, into the next one: one burst, as over a slow link."""
        for character in "\t".join(fields):
            key = "tab" if character == "\t" else _character_to_key(character)
            self.app.post_message(Key(key, character))
        await self.pause()

    async def paste(self, text: str) -> str:
        """Paste a text where the focus is."""
        assert self.app.focused
        self.app.focused.post_message(Paste(text))
        await self.settle()
        return self.screen

    async def solve(self) -> str:
        """Answer the step that is shown, and check it."""
        asks_product, asks_value = self.service.course.asks(self.step)
        product = [PRODUCTS[self.step]] if asks_product else []
        await self.type(*product, *(answer(self.step) if asks_value else []))
        return await self.press("enter")


@asynccontextmanager
async def learning(
    lesson: str | None = LESSON,
    *,
    course: Course | None = None,
    ask: Ask = "all",
    language: str = "en",
    notation: Notation = "unicode",
    size: tuple[int, int] = SIZE,
    ready: bool = True,
    prepare: Callable[[FakeService], None] | None = None,
    configuration: Configuration = DEFAULT,
    quiz: QuizSpec | None = None,
    kind: type[FakeService] = FakeService,
) -> AsyncIterator[Learner]:
    """The app with a scripted service, as it is once it has opened what was asked for."""
    course = course or Course()

    def service(hear: Callable[..., None]) -> FakeService:
        made = kind(hear, course, ready)
        if prepare:
            prepare(made)
        return made

    app = TutorApp(
        service,
        lesson=lesson,
        ask=ask,
        language=language,
        notation=notation,
        configuration=configuration,
        quiz=quiz,
    )
    async with app.run_test(size=size) as pilot:
        learner = Learner(pilot, app)
        await learner.settle()
        yield learner

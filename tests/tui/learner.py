"""A learner at the app: presses keys, waits until it is quiet, reads the screen."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Generic, TypeVar

from rich.cells import cell_len
from textual.app import App
from textual.events import Key, Paste
from textual.keys import _character_to_key
from textual.message_pump import MessagePump
from textual.pilot import Pilot
from textual.screen import Screen

from bptutor.config.settings import DEFAULT, Configuration
from bptutor.literals import Ask
from bptutor.service.engine import Engine
from bptutor.tui.app import TutorApp
from bptutor.tui.screens.step import StepScreen
from bptutor.tui.symbols import Notation
from bptutor.tui.widgets.text import Words
from bptutor.views.lesson import StepView
from bptutor.views.quiz import QuizSpec
from tests.near import COURSE, FORMULAS, VALUES, Loading, Near, cells, right, stand_at

SIZE = (80, 24)


AnyApp = TypeVar("AnyApp", bound=App[Any])


class AtApp(Generic[AnyApp]):
    """Somebody at an app."""

    def __init__(self, pilot: Pilot[Any], app: AnyApp) -> None:
        self.pilot = pilot
        self.app = app

    @property
    def screen(self) -> str:
        """The text of the screen, line by line."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)

    def shows(self, text: str) -> bool:
        """Is a text on the screen, however its lines are broken, and whatever frames them?"""
        lines = (line.strip("│|▐ ") for line in self.screen.splitlines())
        return " ".join(text.split()) in " ".join(" ".join(lines).split())

    async def pause(self) -> None:
        """Wait until no message is on its way, and what they have changed is drawn.

        (Where nothing is said, Textual sleeps besides until the process has long had no work.)
        """
        waiting = True
        while waiting:
            await self.pilot.pause(0)
            await self.app.animator.wait_until_complete()
            screen: Screen[Any] = self.app.screen
            nodes: list[MessagePump] = [self.app, *screen.walk_children(with_self=True)]
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
            await self.after_key()
        return self.screen

    async def after_key(self) -> None:
        """What is done after each key."""

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


class Learner(AtApp[TutorApp]):
    """One run of the app."""

    def __init__(self, pilot: Pilot[Any], app: TutorApp) -> None:
        super().__init__(pilot, app)
        self.examples = False
        """Are worked examples read? If not, Enter passes over each."""

    @property
    def service(self) -> Near:
        service = self.app.client.service
        assert isinstance(service, Near)
        return service

    @property
    def view(self) -> StepView:
        """The step that is shown."""
        view = self.app.client.place
        assert view
        return view

    @property
    def step(self) -> str:
        return self.view.step

    async def after_key(self) -> None:
        await self.pass_examples()

    async def pass_examples(self) -> None:
        """To the question, where a worked example comes before it."""
        screen = self.app.screen
        while not self.examples and isinstance(screen, StepScreen) and screen.body.in_example:
            self.app.post_message(Key("enter", None))
            await self.settle()

    async def paste(self, text: str) -> str:
        """Paste a text where the focus is."""
        assert self.app.focused
        self.app.focused.post_message(Paste(text))
        await self.settle()
        return self.screen

    def marks(self, sign: str) -> int:
        """How many fields in sight have this mark of a verdict."""
        marks = self.app.screen.query(".mark").results(Words)
        return sum(bool(mark.region) and str(mark.content) == sign for mark in marks)

    async def choose(self, lesson: str = COURSE) -> str:
        """Go to a lesson in the menu."""
        names = [item.name for item in self.app.get_screen("menu").items]  # type: ignore[attr-defined]
        return await self.press("home", *["down"] * names.index(lesson))

    async def solve(self) -> str:
        """Answer the step that is shown, in a lesson with the course's numbers, and check it."""
        formula, numbers = right(self.service.session)
        if self.view.quiz is None and self.step in VALUES:
            formula, numbers = FORMULAS.get(self.step, ""), cells(self.step)
        asked = [formula] * self.view.asks_product + numbers * self.view.asks_value
        await self.type(*asked)
        return await self.press("enter")


@asynccontextmanager
async def learning(
    lesson: str | None = COURSE,
    *,
    at: str = "",
    ask: Ask | None = "all",
    language: str = "en",
    notation: Notation = "unicode",
    size: tuple[int, int] = SIZE,
    ready: bool = True,
    prepare: Callable[[Near], None] | None = None,
    engine: Engine | None = None,
    configuration: Configuration = DEFAULT,
    quiz: QuizSpec | None = None,
) -> AsyncIterator[Learner]:
    """The app at the tutor in this process, as it is once it has opened what was asked for.

    With `at` the lesson is at that step, whatever comes before it. TensorFlow is `ready`, or not
    before `finish_loading`.
    """
    if at:
        stand_at(at, lesson or COURSE, ask or "all")

    def service(hear: Callable[..., None]) -> Near:
        near = Near(hear, engine=engine or (None if ready else Loading()))
        if prepare:
            prepare(near)
        return near

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
        if at and app.room.id == "introduction":
            await learner.press("enter")
        await learner.pass_examples()
        yield learner

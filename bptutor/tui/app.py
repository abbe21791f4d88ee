"""The app: the stage of the tour, and the frame around its screens."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from msgspec.structs import replace
from textual import events
from textual.screen import Screen

from bptutor.config.settings import DEFAULT, Configuration, ignored
from bptutor.front.tour import Tour
from bptutor.literals import Ask, Part
from bptutor.service.assignment_words import UNREACHABLE
from bptutor.service.client import Client, ServiceFactory
from bptutor.service.process import RequestRefused, ServiceLost
from bptutor.service.protocol import (
    EngineState,
    Event,
    HostState,
    Keeping,
    TimeLeft,
    Training,
)
from bptutor.service.words import RESTARTING, kept, reachable
from bptutor.text import Message
from bptutor.tui.ahead import EDITING, Ahead
from bptutor.tui.commands import Commands
from bptutor.tui.driver import may_move
from bptutor.tui.screens.base import Placed, Room
from bptutor.tui.stage import SCREENS, ScreenStage
from bptutor.tui.symbols import Notation
from bptutor.tui.terminal_app import TerminalApp, run_here
from bptutor.tui.timers import Drafts, Idle, Preview
from bptutor.views.lesson import StepView
from bptutor.views.quiz import QuizSpec

if TYPE_CHECKING:
    from textual.widgets import Input

    from bptutor.tui.clock import Clock

LOST = Message("The service cannot start: {why}. {kept} Press F10 to quit.")
HOME_STYLES = {"assignment": "quiz"}
PATIENCE = 3.0
"""Seconds that leaving may wait for the service to keep what was typed."""
PAGE = 100
"""Past attempts that are fetched at a time."""


class TutorApp(TerminalApp):
    TITLE = "bptutor"
    SCREENS = SCREENS

    def __init__(
        self,
        service: ServiceFactory,
        *,
        lesson: str | None = None,
        ask: Ask | None = None,
        part: Part = "tape",
        quiz: QuizSpec | None = None,
        assignment: str = "",
        language: str = "en",
        notation: Notation = "unicode",
        configuration: Configuration = DEFAULT,
    ) -> None:
        wanted = {"assignment": assignment, "quiz": quiz, "introduction": lesson}
        self.home = next((room for room, asked in wanted.items() if asked), "menu")
        """The room of the first frame, which does not wait for the service."""
        super().__init__([HOME_STYLES.get(self.home, self.home)], language, notation, configuration)
        self.client = Client(
            service(self.hear),
            self.hello,
            lambda: self.stage.say(RESTARTING),
            lambda name: self.commands.tell_late(name),
        )
        self.stage = ScreenStage(self, self.home)
        self.commands = Commands(
            self,
            self._lost,
            self.stage.say,
            on_end=lambda: self.ahead.arrive(),
        )
        self.tour = Tour(self.client, self.stage, ask, part, PAGE)
        self.drafts = Drafts(self)
        self.idle = Idle(self, configuration.settings.idle_minutes)
        self.preview = Preview(self, lesson)
        self._asked_for = lesson, quiz
        self._host = ""
        """What is still to be said of the class host."""
        self._assignment = assignment
        self.client.only_host = bool(assignment)
        self._pressed: events.Event | None = None
        self.ahead: Ahead = Ahead(self, self._dispatch)

    def _lost(self, why: str) -> Message:
        """There is no service, and none can be started; for an assignment, no host."""
        if self.client.only_host:
            return Message(UNREACHABLE.text, why=why)
        return Message(LOST.text, why=why, kept=kept(self.client))

    @cached_property
    def clock(self) -> Clock:
        from bptutor.tui.clock import Clock

        return Clock(self)

    @property
    def moves(self) -> bool:
        return may_move(os.environ, self.slow)

    @property
    def room(self) -> Room:
        return self.stage.room

    def get_default_screen(self) -> Screen[Any]:
        """The first frame is the first room's, not an empty one."""
        return self.get_screen(self.home)

    def on_mount(self) -> None:
        self.idle.start()
        self.preview.start()
        self.begin(self._begin)

    async def _begin(self) -> None:
        await self.client.start()
        self.room.show_engine()
        try:
            if self._assignment:
                await self.tour.open_assignment(self._assignment)
            else:
                await self.tour.begin(*self._asked_for)
        except RequestRefused as refused:
            self.room.refuse(refused.message)
        findings = self.configuration.findings
        if findings or self._host:
            parts = [self.client.opened.remark if self.client.opened else "", self._host]
            parts += [self.words(ignored(finding)) for finding in findings[:1]]
            if (count := len(findings) - 1) > 0:
                more = Message("{count} more; `bptutor doctor` lists them.", count=count)
                parts.append(f"({self.words(more)})")
            self.room.say(" ".join(filter(None, parts)))

    @property
    def takes_typing(self) -> bool:
        return cast(Placed, self.screen).takes_typing

    async def take(self, event: events.Event) -> None:
        if not self.ahead.holds(event):
            await self._dispatch(event)

    async def _dispatch(self, event: events.Event) -> None:
        """A key or the mouse shows that the learner is there."""
        self.idle.notice(event)
        if isinstance(event, events.Key) and not event.is_forwarded:
            cast(Placed, self.screen).expect(event)
            if event.key in EDITING and self.focused is None:
                return  # or it would edit the field to which a later key brings the focus
        press = isinstance(event, events.Key | events.MouseDown)
        if press and event is not self._pressed:  # it bubbles back here where nobody takes it
            self._pressed = event
            self.tour.presses += 1
        await super().take(event)

    def on_input_changed(self, event: Input.Changed) -> None:
        self.drafts.notice(event)

    # ── what the service tells ────────────────────────────────────────────────────────────────

    def hear(self, event: Event) -> None:
        if not self.screen_stack:  # the app is on its way out
            return
        if isinstance(event, EngineState):
            self.client.engine = event
            self.room.show_engine()
            if event.state == "ready" and self.room.id == "step" and self.client.early:
                self.commands.beside(self._look_again(self.tour.step))
        elif isinstance(event, Keeping):
            self.client.all_kept = event.whole
        elif isinstance(event, Training):
            self.room.show_training(event)
        elif isinstance(event, HostState):
            self._host = self.words(reachable(event))
            self.stage.say(self._host)
        elif isinstance(event, TimeLeft) and self.client.assignment:
            self.clock.set(event.seconds)
            self.room.show_engine()
            self.room.time_changed(event.seconds)

    async def _look_again(self, shown: StepView | None) -> None:
        """The step as it is now that TensorFlow is there.

        This is no command: a key that is pressed meanwhile is one, and its reply shows as much.
        What has been said once, on opening or as the reply to a key, is not to be overwritten.
        """
        here = await self.tour.look(lambda: self.tour.tutor.go("here"))
        if not self.commands.busy and self.tour.step is shown:
            remark = ""
            if isinstance(here, StepView) and shown:
                here = replace(here, message=here.message or shown.message)
                remark = "" if here.message else str(self.room.message.content)
            await self.tour.arrive(here, remark=remark)

    # ── keys that work everywhere ─────────────────────────────────────────────────────────────

    async def action_help(self) -> None:
        if self.screen.id != "help":
            await self.open_dialog("help")

    async def action_settings(self) -> None:
        await self.open_dialog("settings")

    def action_how_to_quit(self) -> None:
        """Ctrl+C, pressed out of habit, says how to quit and does not."""
        self.stage.say(
            Message(
                "Press F10 or Ctrl+Q to quit, F1 or Ctrl+G for help. {kept}", kept=kept(self.client)
            )
        )

    def leave(self) -> None:
        """What was typed is kept, where the service takes it in time."""
        self.run_worker(self._leave(), group="leave", exit_on_error=False)

    def on_too_much(self) -> None:
        self.stage.say(Message("Too much input arrived at once. Part of it is dropped."))

    async def _leave(self) -> None:
        try:
            with suppress(RequestRefused, ServiceLost, asyncio.TimeoutError):
                await asyncio.wait_for(self.tour.keep_draft(unsaid=True), PATIENCE)
        finally:
            self.exit(0)

    async def on_unmount(self) -> None:
        """The service goes with the app."""
        await self.client.stop()


def run(
    service: ServiceFactory,
    lesson: str | None,
    ask: Ask | None,
    part: Part,
    language: str,
    notation: Notation,
    configuration: Configuration,
    quiz: QuizSpec | None = None,
    assignment: str = "",
) -> int:
    """Run the app on this terminal until the learner leaves; its exit status.

    `lesson` is a name or a path to a .toml; without one the menu comes first. What `ask` says holds
    in a sitting that goes on, too; None leaves that as it was. A quiz comes before both, and an
    assignment before all.
    """
    return run_here(
        lambda: TutorApp(
            service,
            lesson=lesson,
            ask=ask,
            part=part,
            quiz=quiz,
            assignment=assignment,
            language=language,
            notation=notation,
            configuration=configuration,
        )
    )

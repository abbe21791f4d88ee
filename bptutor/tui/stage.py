"""The stage on which the tour shows the learner where they are: the app's screens."""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any, cast

from textual.screen import Screen as TextualScreen

from bptutor.front.stage import Done, Draft
from bptutor.service.protocol import Screen
from bptutor.text import Message
from bptutor.tui.screens.base import Dialog, Placed, Room
from bptutor.tui.symbols import look_of
from bptutor.tui.terminal_app import TerminalApp
from bptutor.views.assignments import AssignmentCover
from bptutor.views.lesson import StepView, SummaryView
from bptutor.views.quiz import ExamCover, QuizView

ROOMS = {
    "menu": "menu:Menu",
    "introduction": "introduction:Introduction",
    "step": "step:StepScreen",
    "summary": "summary:Summary",
    "quiz": "quiz:QuizStart",
    "exam": "quiz:ExamStart",
    "assignments": "assignments:AssignmentList",
    "assignment": "assignments:AssignmentStart",
    "quiz-end": "quiz_end:QuizEnd",
    "progress": "progress:ProgressScreen",
    "changed": "dialogs:ChangedScreen",
    "steps": "dialogs:StepList",
    "attempts": "dialogs:AttemptList",
    "exams": "dialogs:ExamList",
    "values": "dialogs:Values",
    "code": "code:CodeScreen",
    "why": "why:WhyScreen",
    "picture": "picture:PictureScreen",
    "signal": "signal:SignalScreen",
    "settings": "settings:SettingsScreen",
    "help": "help:Help",
    "palette": "palette:Palette",
}
"""Module and class, by the place in the table of actions."""


def loaded(where: str) -> TextualScreen[Any]:
    """A new screen; its module is imported now, not when the app starts."""
    module, _, name = where.partition(":")
    screen: TextualScreen[Any] = getattr(import_module(f"bptutor.tui.screens.{module}"), name)()
    return screen


PLACES = {
    StepView: "step",
    SummaryView: "summary",
    ExamCover: "exam",
    AssignmentCover: "assignment",
    QuizView: "quiz-end",
}

SCREENS: dict[str, Callable[[], TextualScreen[Any]]] = {
    name: partial(loaded, where) for name, where in ROOMS.items()
}


class ScreenStage:
    """Shows rooms one in the place of the other, and dialogs over them."""

    def __init__(self, app: TerminalApp, home: str) -> None:
        """`home` is the room that stays below the others."""
        self._app = app
        self._home = home

    @property
    def room(self) -> Room:
        stack = reversed(self._app.screen_stack)
        return cast(Room, next(screen for screen in stack if not screen.is_modal))

    async def present(self, screen: Screen, done: Done = "", remark: str = "") -> None:
        """Show a step, a summary, a cover or the end of a quiz on its screen."""
        room = await self._enter(PLACES[type(screen)], screen)
        if done and room.is_current:
            room.follow(done)
        if remark:
            room.say(remark)

    async def show(self, place: str, view: object, argument: str = "") -> None:
        screen = self._app.get_screen(place)
        if not isinstance(screen, Dialog):
            if "clock" in vars(self._app):  # else there was no exam
                self.room.frame.clock.set(None)
            await self._enter(place, view)
        elif not argument:
            with self._app.one_frame():  # with what there is to see
                await self._app.push_screen(screen)
                screen.show(view)
        elif screen.is_current:
            screen.more(view)

    async def _enter(self, name: str, view: object) -> Room:
        app, room = self._app, cast(Room, self._app.get_screen(name))
        with app.one_frame():
            if self.room is not room:
                self.room.close_dialogs()
                if name == self._home:
                    await app.pop_screen()
                elif self.room is app.get_screen(self._home):
                    await app.push_screen(room)
                else:
                    await app.switch_screen(room)
            await room.present(view)
        return room

    def say(self, sentence: Message | str) -> None:
        text = look_of(self._app).words(sentence) if isinstance(sentence, Message) else sentence
        cast(Placed, self._app.screen).say(text)

    def draft(self) -> Draft | None:
        """What is typed in the room, and the service has not heard of."""
        return self.room.draft()

    def kept(self, draft: Draft) -> None:
        """The service has heard of it."""
        self.room.kept(draft)

"""The learner's way through the app: from the menu through a lesson's steps to its end."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from textual.screen import Screen

from bptutor.config.settings import ignored
from bptutor.literals import Target
from bptutor.service import protocol
from bptutor.service.process import RequestRefused, ServiceLost
from bptutor.service.protocol import Training
from bptutor.text import Message
from bptutor.views.lesson import LessonChanged, StepView, SummaryView
from bptutor.views.picture import Pictured

if TYPE_CHECKING:
    from bptutor.tui.app import TutorApp
    from bptutor.tui.screens.dialogs import ChangedScreen, StepList, Values
    from bptutor.tui.screens.introduction import Introduction
    from bptutor.tui.screens.menu import Menu
    from bptutor.tui.screens.picture import PictureScreen
    from bptutor.tui.screens.quiz import QuizStart
    from bptutor.tui.screens.quiz_end import QuizEnd
    from bptutor.tui.screens.signal import SignalScreen
    from bptutor.tui.screens.step import StepScreen
    from bptutor.tui.screens.summary import Summary
    from bptutor.tui.screens.why import WhyScreen


class Journey:
    """Moves between the screens; whatever it asks the service is one command of the app."""

    def __init__(self, app: TutorApp) -> None:
        self._app = app

    async def begin(self) -> None:
        """Start the service, then what was asked for on the command line."""
        app = self._app
        await app.client.start()
        app.room.show_engine()
        if app.quiz:
            try:
                await app.quizzing.start(app.quiz)
            except RequestRefused as refused:
                cast("QuizStart", app.get_screen("quiz")).refuse(refused.message)
        elif not app.lesson:
            await cast("Menu", app.get_screen("menu")).begin()
        else:
            try:
                await self.open(app.lesson, resume=True, switch=app.switches)
            except RequestRefused as refused:
                cast("Introduction", app.get_screen("introduction")).refuse(refused.message)
        self._say_findings()

    def _say_findings(self) -> None:
        """Name what in the configuration is wrong: the first of it, and how many more there are."""
        app = self._app
        findings = app.configuration.findings
        if not findings:
            return
        said = [app.words(ignored(findings[0]))]
        if len(findings) > 1:
            more = Message("{count} more; `bptutor doctor` lists them.", count=len(findings) - 1)
            said.append(f"({app.words(more)})")
        if app.client.opened:
            said.insert(0, app.client.opened.remark)
        app.room.say(" ".join(filter(None, said)))

    async def open(
        self, lesson: str, resume: bool, switch: bool = False, changed: bool = False
    ) -> None:
        """Open a lesson: its introduction, or where it was left.

        Where it has changed since, the learner is asked; `changed` is the answer, to go on in it.
        """
        app = self._app
        opened = await app.client.open(lesson, app.asking, resume, app.part, switch, changed)
        if isinstance(opened, LessonChanged):
            await app.push_screen("changed", partial(self._choose, lesson, switch))
            cast("ChangedScreen", app.screen).show(opened)
        elif opened.resumed:
            await self.present(opened.view)
            if opened.remark:
                self._app.room.say(opened.remark)
        else:
            cast("Introduction", await self.enter("introduction")).show(opened)

    def _choose(self, lesson: str, switch: bool, choice: str | None) -> None:
        """What to do with a lesson that has changed."""
        if choice == "go-on":
            self._app.command(lambda: self.open(lesson, True, switch, changed=True))
        elif choice == "anew":
            self._app.command(lambda: self.open(lesson, resume=False))
        elif self._app.room.id != "menu":
            self.leave_lesson()

    def go_on_in_numbers(self) -> None:
        """From the end of another part to the same lesson in numbers."""

        async def work() -> None:
            app, lesson = self._app, self._app.client.lesson
            await app.client.leave()
            app.part = "tape"
            await self.open(lesson, resume=True)

        self._app.command(work)

    async def keep_draft(self, *, unsaid: bool = False) -> None:
        """Let the service keep what is typed and not checked.

        Where nobody asked for it, a service that has to be started again is started unsaid.
        """
        room = self._app.room
        if draft := room.draft():
            await (self._app.client.keep if unsaid else self._app.service.draft)(*draft)
            room.kept(draft)

    async def present(self, screen: protocol.Screen) -> None:
        """Show a step, a summary or the end of a quiz on its screen."""
        with self._app.batch_update():
            if isinstance(screen, StepView):
                await cast("StepScreen", await self.enter("step")).present(screen)
            elif isinstance(screen, SummaryView):
                await cast("Summary", await self.enter("summary")).present(screen)
            else:
                cast("QuizEnd", await self.enter("quiz-end")).present(screen)

    def go(self, to: int | Target) -> None:
        """To another step of the lesson."""

        async def work() -> None:
            await self.keep_draft()
            await self.present(await self._app.service.go(to))

        self._app.command(work)

    async def look_again(self) -> None:
        """The step as it is now that TensorFlow is there.

        This is no command: a key that is pressed meanwhile is one, and its reply shows as much.
        """
        app = self._app
        with suppress(RequestRefused, ServiceLost):  # the next command says so
            await self.keep_draft()
            here = await app.service.go("here")
            if not app.busy:
                await self.present(here)

    def reload(self) -> None:
        """The lesson's file has changed: the same place in it as it is now."""

        async def work() -> None:
            await self.keep_draft()
            await self.present(await self._app.service.reload())
            self._app.say(Message("The file has changed, and this is how it is now."))

        self._app.command(work)

    def go_to_last(self) -> None:
        """Back to the last step, from the summary."""
        view = cast("StepScreen", self._app.get_screen("step")).view
        if view:
            self.go(view.total - 1)

    def leave_lesson(self) -> None:
        """Back to the menu; what was typed is kept."""

        async def work() -> None:
            await self.close()
            await cast("Menu", await self.enter("menu")).begin()

        self._app.command(work)

    async def close(self) -> None:
        """Leave the lesson or the quiz that is open, if there is one; what was typed is kept."""
        app = self._app
        await self.keep_draft()
        app.clock.set(None)
        await app.client.leave()

    def close_dialogs(self) -> None:
        """Close what stands over the room, where something happens in the room by itself."""
        while self._app.screen is not self._app.room:
            self._app.pop_screen()

    def list_steps(self, view: StepView) -> None:
        """Show the list of steps, and go to the one that is chosen."""

        async def work() -> None:
            steps = await self._app.service.steps()
            await self._app.push_screen("steps", self._jump)
            cast("StepList", self._app.screen).show(steps, view)

        self._app.command(work)

    def _jump(self, index: int | None) -> None:
        if index is not None:
            self.go(index)

    def show_values(self) -> None:
        """Show everything that is known."""

        async def work() -> None:
            knowns = await self._app.service.knowns()
            await self._app.push_screen("values")
            place = self._app.client.place
            code = place.quiz.code if place and place.quiz else ""
            cast("Values", self._app.screen).show(knowns, code)

        self._app.command(work)

    def explain(self, view: StepView) -> None:
        """Show why a step is as it is."""

        async def work() -> None:
            explained = await self._app.service.explain()
            await self._app.push_screen("why")
            cast("WhyScreen", self._app.screen).show(view, explained)

        self._app.command(work)

    def show_picture(self, view: StepView) -> None:
        """Show the lesson as a picture."""

        async def work() -> None:
            pictured = await self.picture(view)
            if pictured:
                await self._app.push_screen("picture")
                cast("PictureScreen", self._app.screen).show(view, pictured)

        self._app.command(work)

    async def picture(self, view: StepView, example: int = 0) -> Pictured | None:
        """The picture at a step; where there are no numbers, and in an exam, there is none."""
        from bptutor.tui.screens.step_keys import alive

        if not alive("picture", view, moves=False):
            return None
        return await self._app.service.picture(example)

    def show_signal(self) -> None:
        """Show the signal on its way through the program, which takes no service."""

        async def work() -> None:
            if place := self._app.client.place:
                await self._app.push_screen("signal")
                cast("SignalScreen", self._app.screen).show(place.tape)

        self._app.run_worker(work(), group="look", exit_on_error=False)

    def show_training(self, training: Training) -> None:
        """Show how far a training has come, where one is looking."""
        if self._app.room.id == "summary":
            cast("Summary", self._app.room).show_training(training)

    async def enter(self, name: str) -> Screen[Any]:
        """Change to a room by its name, and give it. The home room stays below the others."""
        app = self._app
        room = app.get_screen(name)
        if app.room is not room:
            if name == app.home:
                await app.pop_screen()
            elif app.room is app.get_screen(app.home):
                await app.push_screen(name)
            else:
                await app.switch_screen(name)
        return room

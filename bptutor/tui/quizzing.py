"""The learner's way through a quiz, an exam and what the record knows of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from bptutor.service.quiz_words import TIME_IS_OVER
from bptutor.views.lesson import LessonItem
from bptutor.views.quiz import QuizSpec, QuizView

if TYPE_CHECKING:
    from bptutor.tui.app import TutorApp
    from bptutor.tui.screens.dialogs import AttemptList
    from bptutor.tui.screens.progress import ProgressScreen
    from bptutor.tui.screens.quiz import QuizStart
    from bptutor.tui.screens.step import StepScreen

PAGE = 100
"""Past attempts that are fetched at a time."""


class Quizzing:
    """Leads into a quiz, out of it, and to the progress; each is one command of the app."""

    def __init__(self, app: TutorApp) -> None:
        self._app = app

    def choose(self, lesson: LessonItem | None = None) -> None:
        """To the room in which a quiz is chosen; `lesson` can then be asked alone."""

        async def work() -> None:
            await self._app.journey.close()
            room = cast("QuizStart", await self._app.journey.enter("quiz"))
            lessons = await self._app.service.menu()
            room.show(lessons.quizzes, lesson)

        self._app.command(work)

    async def start(self, spec: QuizSpec) -> None:
        """Begin a quiz, go on with one, or ask a past item again. Raises RequestRefused."""
        opened = await self._app.client.open_quiz(spec)
        await self._app.journey.present(opened.screen)
        if opened.remark:
            self._app.room.say(opened.remark)

    def begin(self, spec: QuizSpec) -> None:
        """The same as a command of the app."""
        self._app.command(lambda: self.start(spec))

    def back(self) -> None:
        """From the overview of an exam to the item that was shown last."""
        view = cast("StepScreen", self._app.get_screen("step")).view
        self._app.journey.go(view.index if view and view.quiz else 0)

    # ── the end of an exam ────────────────────────────────────────────────────────────────────

    def hand_in(self) -> None:
        """The exam is over."""

        async def work() -> None:
            await self._app.journey.present(await self._app.service.hand_in())

        self._app.command(work)

    def hand_in_late(self) -> bool:
        """The time is over; False where something else is on its way.

        The service hands in by itself whatever it is asked then: only where it has not, it is told.
        """

        async def work() -> None:
            app = self._app
            await app.journey.keep_draft()
            screen = await app.service.go("summary")
            if isinstance(screen, QuizView) and not screen.finished:
                screen = await app.service.hand_in()
            app.journey.close_dialogs()
            await app.journey.present(screen)
            app.say(TIME_IS_OVER)

        return self._app.command(work)

    # ── what the record knows ─────────────────────────────────────────────────────────────────

    def show_progress(self) -> None:
        """To the learner's progress."""

        async def work() -> None:
            progress = await self._app.service.progress()
            await self._app.journey.close()
            room = cast("ProgressScreen", await self._app.journey.enter("progress"))
            room.show(progress)

        self._app.command(work)

    def list_attempts(self) -> None:
        """Show the past attempts, and ask the one that is chosen again."""

        async def work() -> None:
            attempts = await self._app.service.attempts(count=PAGE)
            await self._app.push_screen("attempts", self._replay)
            cast("AttemptList", self._app.screen).show(attempts)

        self._app.command(work)

    def list_earlier(self, before: str) -> None:
        """Show the attempts before one, below it in the list."""

        async def work() -> None:
            attempts = await self._app.service.attempts(before, PAGE)
            if self._app.screen.id == "attempts":
                cast("AttemptList", self._app.screen).add(attempts)

        self._app.command(work)

    def _replay(self, code: str | None) -> None:
        if code is not None:
            self.begin(QuizSpec(replay=code))

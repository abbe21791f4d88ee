"""What the record knows of the learner: skills, mistakes, lessons, a calendar, the trend."""

from __future__ import annotations

from time import time
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.events import Resize

from bptutor.service.quiz_words import day_of
from bptutor.text import Message
from bptutor.tui.report import Reporter
from bptutor.tui.screens.room import STYLES, Room, engine_words
from bptutor.tui.widgets.keys import Keys
from bptutor.tui.widgets.text import Bar, Words
from bptutor.views.quiz import ProgressView

NOTHING = Message("Nothing is on record yet: every answer in a lesson or a quiz will be.")


class ProgressScreen(Room):
    """One text that scrolls."""

    CSS_PATH = STYLES / "progress.tcss"
    AUTO_FOCUS = "#report"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f3", "quiz", Message("Quiz").text, id="quiz"),
        Binding("f6", "attempts", Message("Past attempts").text, id="attempts"),
        Binding("escape", "menu", Message("Menu").text, id="menu"),
    ]

    def __init__(self) -> None:
        super().__init__(id="progress")
        self.view: ProgressView | None = None
        self.top = Bar(id="place")
        self.report = VerticalScroll(id="report")
        self.sections = [Words(classes="section") for _ in Reporter.SECTIONS]
        self.headings = [Words(classes="heading") for _ in Reporter.SECTIONS]
        self.message = Words(id="message")
        self.keys = Keys(id="keys")

    def compose(self) -> ComposeResult:
        """Section below section."""
        yield self.top
        with self.report:
            for heading, section in zip(self.headings, self.sections, strict=True):
                yield heading
                yield section
        yield self.message
        yield self.keys

    def show(self, view: ProgressView) -> None:
        """Show this progress."""
        self.view = view
        self.show_engine()
        self._write()
        self.report.scroll_home(animate=False)
        self.say(view.remark or ("" if view.attempts else self.words(NOTHING)))
        self.refresh_bindings()

    def on_resize(self, event: Resize) -> None:
        """Lines are as long as there is room for."""
        super().on_resize(event)
        self._write()

    def _write(self) -> None:
        view, width = self.view, self.size.width
        if not view or not width:
            return
        reporter = Reporter(self.tutor, view, width - 5, time())
        for name, heading, section in zip(
            Reporter.SECTIONS, self.headings, self.sections, strict=True
        ):
            lines = reporter.section(name)
            heading.show(self.words(Reporter.SECTIONS[name]) if lines else "")
            section.show("\n".join(lines))

    def say(self, text: str) -> None:
        self.message.show(text)

    def show_engine(self) -> None:
        """Whose progress it is, and since when."""
        view = self.view
        if view:
            place = f" {self.tutor.symbols.dot} ".join(
                (self.words(Message("Progress")), view.learner)
            )
            since = ""
            if view.since is not None:
                attempts = Message(
                    "attempts since {date}: {count}", count=view.attempts, date=day_of(view.since)
                )
                since = self.words(attempts)
            self.top.show(place, engine_words(self.tutor) or since)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There must be attempts to list."""
        return bool(self.view and self.view.attempts) if action == "attempts" else True

    def action_quiz(self) -> None:
        """Practise what is due."""
        self.tutor.quizzing.choose()

    def action_attempts(self) -> None:
        """The past attempts."""
        self.tutor.quizzing.list_attempts()

    def action_menu(self) -> None:
        """To the menu."""
        self.tutor.journey.leave_lesson()

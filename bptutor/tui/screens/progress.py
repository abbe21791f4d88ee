"""What the record knows of the learner: skills, mistakes, lessons, a calendar, the trend."""

import re
from time import time

from textual.app import ComposeResult
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.events import Resize

from bptutor.front.here import Here
from bptutor.service.quiz_words import day_of
from bptutor.text import Message
from bptutor.tui.report import Reporter
from bptutor.tui.screens.base import STYLES, Room, engine_words
from bptutor.tui.widgets.list import WIDEST
from bptutor.tui.widgets.text import Words
from bptutor.views.quiz import ProgressView

SKILLS, DAYS = ("skills", "mistakes", "lessons", "exams"), ("calendar", "weeks")
"""The sections; on a wide terminal the second ones stand beside the first."""
DAYS_WIDTH, MARGIN = 40, 7
NOTHING = Message("No answers recorded yet. bptutor records your answers in lessons and quizzes.")


class ProgressScreen(Room):
    PLACE = "progress"
    CSS_PATH = STYLES / "progress.tcss"
    AUTO_FOCUS = "#report"

    def __init__(self) -> None:
        super().__init__()
        self.view: ProgressView | None = None
        self.report = VerticalScroll(id="report")
        self.sections = {name: Words(classes="section") for name in Reporter.SECTIONS}
        self.headings = {name: Words(classes="heading") for name in Reporter.SECTIONS}

    def compose(self) -> ComposeResult:
        yield self.place
        with self.report, Container(id="columns"):
            for column in (SKILLS, DAYS):
                with Vertical(classes="column"):
                    for name in column:
                        yield self.headings[name]
                        yield self.sections[name]
        yield from (self.message, self.keys)

    async def present(self, view: ProgressView) -> None:
        self.view = view
        self.show_engine()
        self._write()
        self.report.scroll_home(animate=False)
        self.say(view.remark)
        self.refresh_bindings()

    def on_resize(self, event: Resize) -> None:
        """Lines are as long as there is room for."""
        super().on_resize(event)
        self._write()

    def _write(self) -> None:
        view, width = self.view, self.size.width
        if not view or not width:
            return
        whole = width - (DAYS_WIDTH if self.has_class("-wide") else 0) - MARGIN
        reporter = Reporter(self.frame, view, min(WIDEST, whole), time())
        to_come = re.compile(f"{re.escape(self.frame.symbols.empty)}{{2,}}")  # of a bar
        for name, title in Reporter.SECTIONS.items():
            lines = reporter.section(name)
            self.headings[name].show(self.words(title) if lines else "")
            text = Content("\n".join(lines))
            self.sections[name].show(text.highlight_regex(to_come, style="$aside"))
        if not (view.attempts or any(section.content for section in self.sections.values())):
            self.sections["skills"].show(self.words(NOTHING))

    def show_engine(self) -> None:
        """Whose progress it is, and since when."""
        view = self.view
        if view:
            place = self.frame.symbols.dotted(self.words(Message("Progress")), view.learner)
            since = ""
            if view.since is not None:
                attempts = Message(
                    "attempts since {date}: {count}", count=view.attempts, date=day_of(view.since)
                )
                since = self.words(attempts)
            self.place.show(place, engine_words(self.frame) or since)

    @property
    def here(self) -> Here:
        view = self.view
        return Here(attempts=view.attempts, exams=len(view.exams)) if view else Here()

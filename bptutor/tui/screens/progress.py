"""What the record knows of the learner: skills, mistakes, lessons, a calendar, the trend."""

import re
from time import time

from textual.app import ComposeResult
from textual.containers import VerticalScroll
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

NOTHING = Message("No answers recorded yet. bptutor records your answers in lessons and quizzes.")


class ProgressScreen(Room):
    PLACE = "progress"
    CSS_PATH = STYLES / "progress.tcss"
    AUTO_FOCUS = "#report"

    def __init__(self) -> None:
        super().__init__()
        self.view: ProgressView | None = None
        self.report = VerticalScroll(id="report")
        self.sections = [Words(classes="section") for _ in Reporter.SECTIONS]
        self.headings = [Words(classes="heading") for _ in Reporter.SECTIONS]

    def compose(self) -> ComposeResult:
        yield self.place
        with self.report:
            for heading, section in zip(self.headings, self.sections, strict=True):
                yield heading
                yield section
        yield from (self.message, self.keys)

    async def present(self, view: ProgressView) -> None:
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
        reporter = Reporter(self.frame, view, min(WIDEST, width - 5), time())
        for name, heading, section in zip(
            Reporter.SECTIONS, self.headings, self.sections, strict=True
        ):
            lines = reporter.section(name)
            heading.show(self.words(Reporter.SECTIONS[name]) if lines else "")
            to_come = re.compile(f"{re.escape(self.frame.symbols.empty)}{{2,}}")  # of a bar
            text = Content("\n".join(lines))
            section.show(text.highlight_regex(to_come, style="$aside"))

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

"""Before the first step: what the lesson is, and how answers are given."""

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content

from bptutor.front.here import Here
from bptutor.text import Message
from bptutor.tui.screens.base import STYLES, Room, engine_words
from bptutor.tui.widgets.parts import strip
from bptutor.tui.widgets.text import Words
from bptutor.views.lesson import Opened

HOW = Message(
    "Three significant digits are enough. Enter checks, then continues. {hint} gives a hint, "
    "{answer} the answer, {help} help. Quit at any time; your place is saved."
)
HOW_IN_WORDS = Message(
    "Enter checks, then continues. {hint} gives a hint, {answer} the answer, {help} help. Quit at "
    "any time; your place is saved."
)


class Introduction(Room):
    """A lesson's introduction; the first screen where a lesson was named on the command line."""

    PLACE = "introduction"
    CSS_PATH = STYLES / "introduction.tcss"
    AUTO_FOCUS = "#text"

    def __init__(self) -> None:
        super().__init__()
        self.opened: Opened | None = None
        self.lesson_title = Words(id="title")
        self.parts = Words(id="parts")
        self.text = Words(id="introduction-text")
        self.how = Words(id="how", classes="aside")

    def compose(self) -> ComposeResult:
        yield self.place
        with VerticalScroll(id="text"):
            yield from (self.lesson_title, self.parts, self.text, self.how)
        yield from (self.message, self.keys)

    def on_mount(self) -> None:
        self.show_engine()
        self._say_how()
        if not self.opened:
            self.lesson_title.show(self.words(Message("Opening the lesson")))

    def _say_how(self) -> None:
        how = HOW if self.tour.part == "tape" else HOW_IN_WORDS
        hint, answer = self.key("hint", "step"), self.key("show", "step")
        said = Message(how.text, hint=hint, answer=answer, help=self.key("help", "app"))
        self.how.show(self.words(said))

    async def present(self, opened: Opened) -> None:
        self.opened = opened
        self._say_how()
        self.lesson_title.show(opened.title)
        head = Content(self.words(Message("Parts:"))).stylize("$aside")
        self.parts.show(
            Content.assemble(head, " ", strip(opened.parts, opened.view.part, self.frame))
        )
        self.text.show(opened.introduction)
        self.say(opened.remark)
        self.query_one("#text").scroll_home(animate=False)
        self.refresh_bindings()

    def refuse(self, sentence: str) -> None:
        self.lesson_title.show(self.words(Message("This lesson cannot be opened")))
        self.text.show(sentence)
        self.how.show(self.words(Message("Press Esc for the menu of lessons.")))

    def show_engine(self) -> None:
        self.place.show("bptutor", engine_words(self.frame))

    @property
    def here(self) -> Here:
        return Here(opened=self.opened is not None)

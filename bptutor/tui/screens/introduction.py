"""Before the first step: what the lesson is, its program and picture, how answers are given."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.events import Resize

from bptutor.front.here import Here
from bptutor.text import Message
from bptutor.tui.layers import by_name
from bptutor.tui.screens.base import STYLES, Room, engine_words
from bptutor.tui.widgets.parts import strip
from bptutor.tui.widgets.rows import entitle
from bptutor.tui.widgets.text import Words
from bptutor.views.lesson import Opened, StepView

HOW = Message(
    "Three significant digits are enough. Enter checks, then continues. {hint} gives a hint, "
    "{answer} the answer, {help} help. Quit at any time; your place is saved."
)
HOW_IN_WORDS = Message(
    "Enter checks, then continues. {hint} gives a hint, {answer} the answer, {help} help. Quit at "
    "any time; your place is saved."
)
GAP = 3
"""Cells between a line of the program and its section."""


def program_of(view: StepView) -> Content:
    """The program, its names in the colours of their layers; beside a line its section."""
    width = max((cell_len(line.text) for line in view.tape), default=0) + GAP
    lines, section = [], None
    for line in view.tape:
        named = by_name(line.text, view.layers)
        names = ((part, f"${role}" if role else "") for part, role in named)
        told = line.section if line.section != section else None
        blank = set_cell_size("", width - cell_len(line.text)) if told else ""
        lines.append(Content.assemble(*names, blank, (told or "", "$aside")))
        section = line.section
    return Content("\n").join(lines)


class Introduction(Room):
    """A lesson's introduction; the first screen where a lesson was named on the command line."""

    PLACE = "introduction"
    CSS_PATH = STYLES / "introduction.tcss"
    AUTO_FOCUS = "#text"

    def __init__(self) -> None:
        super().__init__()
        self.opened: Opened | None = None
        self.lesson_title = Words(id="title")
        """Where there is no frame whose title it is."""
        self.parts = Words(id="parts")
        self.text = Words(id="introduction-text")
        self.program_head = Words(id="program-head", classes="aside")
        self.program = Words(id="program")
        self.scroll = VerticalScroll(id="text")
        self.picture_place = Vertical(id="picture-place")
        self._sketched: Opened | None = None
        """What the picture is of; asked for after the first frame."""
        self.how = Words(id="how", classes="aside")

    def compose(self) -> ComposeResult:
        yield self.place
        with Horizontal(id="columns"):
            with self.scroll:
                yield from (self.lesson_title, self.text, self.program_head, self.program)
            yield self.picture_place
        yield from (self.parts, self.how, self.message, self.keys)

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
        head = Content(self.words(Message("Parts:"))).stylize("$aside")
        self.parts.show(
            Content.assemble(head, " ", strip(opened.parts, opened.view.part, self.frame))
        )
        self.text.show(opened.introduction)
        self.program_head.show(self.words(Message("program")))
        self.program.show(program_of(opened.view))
        self.say(opened.remark)
        self.scroll.scroll_home(animate=False)
        self.refresh_bindings()
        self._draw()
        self.call_after_refresh(self._lay_out)

    def on_resize(self, event: Resize) -> None:
        super().on_resize(event)
        self.call_after_refresh(self._draw)
        self.call_after_refresh(self.call_after_refresh, self._lay_out)

    def _lay_out(self) -> None:
        """The title stands in the frame, where there is one; the program where it has room."""
        opened = self.opened
        if not opened:
            return
        framed = not (self.has_class("-narrow") or self.has_class("-low"))
        steps = self.words(Message("steps: {count}", count=opened.view.total))
        self.lesson_title.show("" if framed else f"{opened.title} {self.frame.symbols.dot} {steps}")
        if framed:
            entitle(self.scroll, opened.title, steps)
        width, height = self.scroll.content_region.size
        used = self.text.height_at(width) + self.lesson_title.height_at(width) + 2
        fits = used + len(opened.view.tape) <= height
        self.program_head.display = self.program.display = fits

    def _draw(self) -> None:
        """Beside the text is the lesson's picture, on a wide terminal."""
        room = self.has_class("-wide") and self.has_class("-tall") and not self.frame.slow
        self.picture_place.display = room
        if self.opened and room and self._sketched is not self.opened:
            self._sketched = self.opened
            self.picture_place.remove_children()
            self.frame.commands.beside(self._sketch(self.opened))

    async def _sketch(self, opened: Opened) -> None:
        from bptutor.tui.widgets.picture_panel import PicturePanel

        pictured = await self.tour.tutor.sketch(self.tour.client.lesson)
        if opened is self.opened:  # else another lesson has been opened meanwhile
            picture = PicturePanel(outline=False)
            await self.picture_place.mount(picture)
            picture.show(pictured)

    def refuse(self, sentence: str) -> None:
        self.lesson_title.show(self.words(Message("This lesson cannot be opened")))
        self.text.show(sentence)
        self.how.show(self.words(Message("Press Esc for the menu of lessons.")))

    def show_engine(self) -> None:
        self.place.show("bptutor", engine_words(self.frame))

    @property
    def here(self) -> Here:
        return Here(opened=self.opened is not None)

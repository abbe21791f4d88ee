"""Beside a step, on a wide terminal: the picture, the code so far, what else is known."""

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll

from bptutor.literals import Direction
from bptutor.text import Message
from bptutor.tui.figures import known_line
from bptutor.tui.symbols import Symbols, look_of
from bptutor.tui.widgets.canvas import Drawing, Page
from bptutor.tui.widgets.graph import GraphDrawing
from bptutor.tui.widgets.network import NetworkDrawing
from bptutor.tui.widgets.text import Words
from bptutor.views.lesson import StepView
from bptutor.views.picture import Pictured


def drawing(pictured: Pictured, symbols: Symbols, language: str) -> Drawing | None:
    """What is to be drawn at a step."""
    asks: Direction = pictured.direction if pictured.open else ""
    if pictured.network:
        return NetworkDrawing(pictured.network, symbols, language, asks)
    return GraphDrawing(pictured.graph, symbols, asks) if pictured.graph else None


HEIGHT = 16
"""Lines of the picture."""


class Side(Vertical):
    """The picture where there is height for it; the code, its last lines in sight; the knowns."""

    def __init__(self) -> None:
        super().__init__(id="side")
        self.picture = Page()
        self.picture.show(None)
        self.code_heading = Words(classes="heading")
        self.code = Words()
        self.scroll = VerticalScroll(self.code, can_focus=False)
        self.knowns_heading = Words(id="side-knowns-heading", classes="heading")
        self.knowns = Words(classes="aside")
        self.view: StepView | None = None

    def compose(self) -> ComposeResult:
        yield from (self.picture, self.code_heading, self.scroll, self.knowns_heading, self.knowns)

    def show(self, view: StepView) -> None:
        self.view = view
        words = look_of(self).words
        code = words(Message("TensorFlow code so far"))
        self.code_heading.show(code if view.code else "")
        self.code.show("\n".join(view.code))
        self.scroll.scroll_end(animate=False)
        self.knowns_heading.show(words(Message("Known values")))
        self.on_resize()

    def draw(self, pictured: Pictured | None) -> None:
        """Show the picture of a step, or none where there is no room for the whole width of it."""
        look, width = look_of(self), self.size.width
        picture = drawing(pictured, look.symbols, look.language) if pictured else None
        if picture and picture.draw(width, HEIGHT).width > width:
            picture = None
        self.set_class(picture is not None, "-drawn")
        self.picture.styles.height = HEIGHT
        self.picture.show(picture)

    def on_resize(self) -> None:
        if self.view and self.size.width:
            ellipsis = look_of(self).symbols.ellipsis
            width = self.size.width
            self.knowns.show(
                "\n".join(known_line(known, ellipsis, width) for known in self.view.knowns)
            )

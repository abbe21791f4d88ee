"""Beside a step, on a wide terminal: the picture and the gradient norms, or else code or knowns."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical

from bptutor.front.here import has_picture
from bptutor.text import Message
from bptutor.text.numbers import element_words
from bptutor.tui.figures import known_line, known_lines, number, other_knowns, zeros_dim
from bptutor.tui.symbols import Look, look_of
from bptutor.tui.widgets.canvas import Drawing, Page
from bptutor.tui.widgets.code_panel import CodePanel
from bptutor.tui.widgets.graph import GraphDrawing
from bptutor.tui.widgets.neighbours import NearDrawing
from bptutor.tui.widgets.network import NetworkDrawing, comfortable
from bptutor.tui.widgets.norms import Norms
from bptutor.tui.widgets.panel import Panel
from bptutor.tui.widgets.text import Words
from bptutor.views.lesson import Known, StepView
from bptutor.views.picture import Element, Pictured

SHARE = 3
"""The norms have at most one line in so many; the picture is what one looks at."""
EDGES, ARITHMETIC = 2, 2
"""Lines of a frame, and those kept for the arithmetic of an element."""
GRAPH = 13
"""Lines in which enough of any graph can be drawn."""


def drawing(
    pictured: Pictured, look: Look, here: Sequence[tuple[int, int, int]] | None = None
) -> Drawing:
    """What is to be drawn at a step, all of it; of a network rather what is `here` at work."""
    if pictured.network:
        return NetworkDrawing(pictured.network, look.symbols, look.language, pictured, here)
    return GraphDrawing(pictured.graph, look.symbols, pictured)


def has_code(view: StepView) -> bool:
    """Is there code, or will there be some? An item of a quiz may have none."""
    return view.quiz is None or bool(view.code)


def code_beside(view: StepView) -> bool:
    """Is the code what the steps are about? It has the right side, else the place below them."""
    return view.part == "keras"


def knowns_beside(view: StepView) -> bool:
    """Is there nothing else to show beside it than what is known?"""
    return not (has_picture(view) or code_beside(view))


class Side(Vertical):
    def __init__(self) -> None:
        super().__init__(id="side")
        self.page, self.graph_page = Page(), Page()
        for page in (self.page, self.graph_page):
            page.show(None)
        self.arithmetic = Words()
        self.norms = Norms()
        self.picture_panel = Panel(self.page, self.arithmetic, id="picture-panel")
        self.graph_panel = Panel(self.graph_page, id="graph-panel")
        self.norms_panel = Panel(self.norms, id="norms-panel")
        self.code_panel = CodePanel(id="code-beside")
        self.knowns = Words()
        self.knowns_panel = Panel(self.knowns, id="knowns-panel")
        self.view: StepView | None = None
        self._element: int | None = None
        self._drawn: Pictured | None = None
        """What the graph was drawn from, which looks the same in every cell of the answer."""

    def compose(self) -> ComposeResult:
        yield from (self.picture_panel, self.graph_panel, self.norms_panel)
        yield from (self.code_panel, self.knowns_panel)

    def show(self, view: StepView | None, element: int | None) -> None:
        """Show what goes with a step; `element` is the cell of the answer that the learner is in.

        What stands in the question, or on the tape, is not shown a second time.
        """
        self.view, self._element = view, element
        pictured = view.picture if view else None
        coded = view is not None and code_beside(view) and has_code(view)
        others = other_knowns(view) if view and knowns_beside(view) else []
        self.set_class(not (pictured or coded or others), "-empty")
        self.picture_panel.display = pictured is not None
        self.norms_panel.display = bool(pictured and pictured.norms)
        self.code_panel.display = coded
        self.knowns_panel.display = bool(others)
        if not view or not self.size.width:
            return
        if not pictured:
            self.graph_panel.display = False
            self.code_panel.show(view.code)
            self._show_knowns(others)
            return
        words = look_of(self).words
        self.norms_panel.entitle(words(Message("gradient norms")))
        self.norms_panel.styles.height = self._norms_height(pictured)
        self.norms.show(pictured.norms)
        self.arithmetic.show(self._arithmetic(view, pictured))
        if self.screen.has_class("-tall"):  # its lines are kept: the picture stays where it is
            self.arithmetic.display = True
        self._draw(pictured)

    @property
    def other_example(self) -> int | None:
        """The example of the batch that the learner is at, where another one is drawn."""
        pictured = self.view.picture if self.view else None
        if not pictured or not pictured.network:
            return None
        example = self._here(pictured).example
        return None if example == pictured.network.example else example

    def _here(self, pictured: Pictured) -> Element:
        """The element that the learner is in."""
        place, elements = self._element, pictured.elements
        return elements[place] if place is not None and place < len(elements) else Element("")

    @property
    def scrolled(self) -> Page:
        """The page with the graph, which may be larger than its panel."""
        return self.graph_page if self.graph_panel.display else self.page

    def run_signal(self) -> None:
        """The gradient that has just been found comes along its lines; after the last one all."""
        pictured = self.view.picture if self.view else None
        for page in (self.page, self.graph_page):
            page.run_signal(whole=bool(pictured and pictured.all_back))

    def on_resize(self) -> None:
        self.show(self.view, self._element)

    def _draw(self, pictured: Pictured) -> None:
        look, network = look_of(self), pictured.network
        page, panel = self.page, self.picture_panel
        panel.styles.height = "1fr"
        if network:
            here = self._here(pictured).wires if self.other_example is None else []
            page.show(drawing(pictured, look, here))
            parts = [look.words(Message("network"))]
            if network.examples > 1:
                of = {"number": network.example + 1, "total": network.examples}
                parts.append(look.words(Message("example {number}/{total}", **of)))
            panel.entitle(look.symbols.dotted(*parts))
            page, height = self.graph_page, comfortable(network) + ARITHMETIC + EDGES
            room = self.size.height - height - self._norms_height(pictured) - EDGES
            self.graph_panel.display = room >= min(2 * len(pictured.graph.rows) - 1, GRAPH)
            if not self.graph_panel.display:
                return
            panel.styles.height, panel = height, self.graph_panel
        else:
            self.graph_panel.display = False
        if pictured is not self._drawn:
            self._drawn = pictured

            def entitle(around: str) -> None:
                near = Message("graph around {name}", name=around)
                panel.entitle(look.words(near if around else Message("graph")))

            page.show(NearDrawing(pictured.graph, look.symbols, pictured, entitle))

    def _norms_height(self, pictured: Pictured) -> int:
        """A line for each, and one between where that leaves the picture its room."""
        count, height = len(pictured.norms), self.size.height
        if not count:
            return 0
        if 2 * count + 1 <= height // 4:
            return 2 * count - 1 + EDGES
        return min(count, max(1, height // SHARE - EDGES)) + EDGES

    def _arithmetic(self, view: StepView, pictured: Pictured) -> str:
        """The element that the learner is in: where it is, and what it is computed from."""
        place, grid, here = self._element, view.grid, self._here(pictured)
        if place is None or place >= len(grid.asked) or not here.arithmetic:
            return ""
        asked = grid.asked[place]
        result = "?"
        if view.result:
            result = number(view.result.value.values[asked.row * grid.columns + asked.column])
        index = [asked.row, asked.column] if grid.rows > 1 else [asked.column]
        one = grid.rows * grid.columns == 1
        where = "" if one else f"{look_of(self).words(element_words(index))}:  "
        return f"{where}{here.arithmetic} = {result}"

    def _show_knowns(self, others: list[Known]) -> None:
        look, room = look_of(self), self.knowns_panel.content_size
        width = room.width or self.size.width - 4
        self.knowns_panel.entitle(look.words(Message("Known values")))
        lines = [line for known in others for line in known_lines(known, look.symbols, width)]
        if len(lines) > room.height:
            lines = [known_line(known, look.symbols.ellipsis, width) for known in others]
        self.knowns.show(zeros_dim(lines))

"""The lesson as a picture: its network or its graph, and its matrices as heat maps."""

from textual.app import ComposeResult
from textual.containers import Vertical

from bptutor.text import Message
from bptutor.tui.figures import shape_text
from bptutor.tui.screens.base import Dialog
from bptutor.tui.widgets.canvas import Page
from bptutor.tui.widgets.graph import LEVEL, LINES
from bptutor.tui.widgets.heat import HeatDrawing, most, scale
from bptutor.tui.widgets.keys import Keys
from bptutor.tui.widgets.side import drawing
from bptutor.tui.widgets.text import Bar, Words
from bptutor.views.lesson import StepView
from bptutor.views.picture import HeatMap, Pictured


class PictureScreen(Dialog[None]):
    """The picture at the current step, over the whole terminal."""

    PLACE = "picture"
    AUTO_FOCUS = None

    def __init__(self) -> None:
        super().__init__()
        self.view: StepView | None = None
        self.pictured: Pictured | None = None
        self.heat: HeatMap | None = None
        """The heat map that is shown; None while the network or the graph is."""
        self.place = Bar(id="place")
        self.page = Page()
        self.legend = Words(classes="aside")

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield from (self.place, self.page, self.legend)
            yield Keys(id="keys")

    # ── what is shown ─────────────────────────────────────────────────────────────────────────

    def show(self, pictured: Pictured) -> None:
        self.view, self.pictured, self.heat = self.tour.step, pictured, None
        self._draw()

    def say(self, text: str) -> None:
        self.legend.show(text)

    def _draw(self) -> None:
        """Draw what is to be seen now, and say what its signs mean."""
        pictured, view = self.pictured, self.view
        if not pictured or not view:
            return
        symbols = self.frame.symbols
        if self.heat:
            self.page.show(HeatDrawing(self.heat, symbols))
        else:
            self.page.show(drawing(pictured, self.frame))
        name = {quantity.id: quantity.name for quantity in pictured.quantities}
        heat = self.heat
        what = f"{name[heat.id]} {shape_text(heat.shape)}" if heat else self._way(pictured)
        self.place.show(f"{view.lesson} {symbols.dot} {what}", self._count(pictured))
        self.legend.show("\n".join(self._heat_legend(heat) if heat else self._legend(pictured)))
        self.refresh_bindings()

    def _way(self, pictured: Pictured) -> str:
        """The current step, and the way that the signal travels on this picture."""
        symbols = self.frame.symbols
        ways = {"down": symbols.arrow, "up": symbols.back}
        if pictured.graph:
            ways = {"down": symbols.down, "up": symbols.up}
        return f"{pictured.step} {ways.get(pictured.direction, '')}".strip()

    def _count(self, pictured: Pictured) -> str:
        """Which example of a batch, or which matrix, and of how many."""
        if self.heat:
            place = self._place(pictured, self.heat.id)
            return f"{place + 1}/{len(pictured.quantities)}"
        view = self.view
        parts = []
        network = pictured.network
        if network and network.examples > 1:
            number, total = network.example + 1, network.examples
            parts.append(Message("example {number}/{total}", number=number, total=total))
        if view:
            number = view.index + 1
            step = Message("step {number}/{total}", number=number, total=view.total)
            item = Message("item {number}/{total}", number=number, total=view.total)
            parts.append(item if view.quiz else step)
        return "   ".join(map(self.words, parts))

    def _legend(self, pictured: Pictured) -> list[str]:
        symbols = self.frame.symbols
        if not pictured.network:
            thin, thick, dotted = (
                LINES[symbols.braille][signal][LEVEL] * 2 for signal in ("down", "up", "waiting")
            )
            return [
                self.words(
                    Message(
                        "{dotted} nothing yet   {thin} value known   {thick} gradient known",
                        dotted=dotted,
                        thin=thin,
                        thick=thick,
                    )
                )
            ]
        solid, dashed = symbols.solid, symbols.dashed
        lines = [
            Message(
                "Lines are weights: {solid} positive, {dashed} negative; thick is large. b: bias",
                solid=solid,
                dashed=dashed,
            ),
            Message(
                "{back} gradient; faint lines: inactive unit, or nothing yet",
                back=symbols.back,
            ),
        ]
        return [self.words(line) for line in lines]

    def _heat_legend(self, heat: HeatMap) -> list[str]:
        """What the shades stand for, and what a cell is where it is several numbers."""
        high, wide = heat.block
        block = Message(
            "Each cell shows the number furthest from 0 in a {high} x {wide} block.",
            high=high,
            wide=wide,
        )
        signs = [
            self.words(Message("absolute values up to:")),
            scale(heat.largest, self.frame.symbols),
        ]
        return [" ".join(signs), self.words(block) if heat.block != (1, 1) else ""]

    @staticmethod
    def _place(pictured: Pictured, id_: str) -> int:
        """Where a quantity stands among those that may be seen."""
        return next(i for i, quantity in enumerate(pictured.quantities) if quantity.id == id_)

    # ── what is done ──────────────────────────────────────────────────────────────────────────

    def allows(self, name: str) -> bool:
        """What can be done with what is shown: the network, the graph, or a heat map."""
        pictured, view, heat = self.pictured, self.view, self.heat
        if name.startswith("close"):
            return True
        if not pictured or not view:
            return False
        if name in ("to-drawing", "next-matrix", "matrix-before"):
            return heat is not None
        if heat:
            return False
        if name == "to-heat":
            return bool(pictured.quantities)
        if name in ("next-example", "example-before"):
            return bool(pictured.network and pictured.network.examples > 1)
        if name in ("walk-on", "walk-back"):
            return 0 <= view.index + (1 if name == "walk-on" else -1) <= view.furthest
        return pictured.graph is not None

    def action_heat(self) -> None:
        """The matrix that the step is about, or the last one that became known."""
        if self.pictured:
            quantities = self.pictured.quantities
            places = [i for i, quantity in enumerate(quantities) if quantity.current]
            self._ask_heat(places[-1] if places else len(quantities) - 1)

    def action_drawing(self) -> None:
        self.heat = None
        self._draw()

    def action_choose(self, by: int) -> None:
        if self.pictured and self.heat:
            place = self._place(self.pictured, self.heat.id) + by
            self._ask_heat(place % len(self.pictured.quantities))

    def _ask_heat(self, place: int) -> None:
        pictured, view = self.pictured, self.view
        if not pictured or not view:
            return
        rows, columns = most(*self.page.size)
        id_ = pictured.quantities[place].id

        async def work() -> None:
            self.heat = await self.tour.tutor.heat(id_, rows, columns)
            self._draw()

        self.frame.command(work)

    def action_example(self, by: int) -> None:
        network, view = self.pictured and self.pictured.network, self.view
        if not network or not view:
            return
        example = (network.example + by) % network.examples
        self.frame.command(lambda: self._show_example(example))

    async def _show_example(self, example: int) -> None:
        pictured = await self.tour.pictured(example)
        if pictured:
            self.show(pictured)

    def action_walk(self, by: int) -> None:
        """To the step before or after, where it has been reached: the signal moves."""
        view = self.view
        if not view:
            return
        example = self.pictured.network.example if self.pictured and self.pictured.network else 0

        async def work() -> None:
            await self.tour.go(view.index + by)
            await self._show_example(example)

        self.frame.command(work)

    def action_scroll(self, right: int, down: int) -> None:
        """Where the graph is larger than the terminal."""
        self.page.scroll_relative(right, down, animate=False)

"""The lesson as a picture: its network or its graph, and its matrices as heat maps."""

from textual.app import ComposeResult
from textual.containers import Vertical

from bptutor.text import Message
from bptutor.tui.figures import shape_text
from bptutor.tui.screens.base import Dialog
from bptutor.tui.widgets.canvas import Page
from bptutor.tui.widgets.graph import LEVEL, LINES
from bptutor.tui.widgets.heat import HeatDrawing, most, ramp_of
from bptutor.tui.widgets.keys import Keys
from bptutor.tui.widgets.side import drawing
from bptutor.tui.widgets.text import Bar, Words
from bptutor.views.lesson import StepView
from bptutor.views.picture import HeatMap, Pictured, Quantity


class PictureScreen(Dialog[None]):
    """The picture at the current step, over the whole terminal."""

    PLACE = "picture"

    def __init__(self) -> None:
        super().__init__()
        self.view: StepView | None = None
        self.pictured: Pictured | None = None
        self.heats: list[HeatMap] = []
        """The heat maps that are shown; none while the network or the graph is."""
        self.place = Bar(id="place")
        self.page = Page()
        self.legend = Words(classes="aside")

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield from (self.place, self.page, self.legend)
        yield Keys(id="keys")

    # ── what is shown ─────────────────────────────────────────────────────────────────────────

    def show(self, pictured: Pictured) -> None:
        self.view, self.pictured, self.heats = self.tour.step, pictured, []
        self._draw()

    def say(self, text: str) -> None:
        self.legend.show(text)

    def _draw(self) -> None:
        """Draw what is to be seen now, and say what its signs mean."""
        pictured, view = self.pictured, self.view
        if not pictured or not view:
            return
        symbols, heats = self.frame.symbols, self.heats
        names = [self._named(pictured, heat) for heat in heats]
        if heats:
            ramp = ramp_of(self.app, self.frame.slow)
            maps = [*zip(names, heats, strict=True)]
            self.page.show(HeatDrawing(maps, symbols, ramp))
        else:
            self.page.show(drawing(pictured, self.frame))
        what = names or [self._way(pictured)]
        self.place.show(symbols.dotted(view.lesson, *what), self._count(pictured))
        self.legend.show("\n".join(self._heat_legend() if heats else self._legend(pictured)))
        self.refresh_bindings()

    def _way(self, pictured: Pictured) -> str:
        """The current step, and the way that the signal travels on this picture."""
        symbols = self.frame.symbols
        ways = {"down": symbols.arrow, "up": symbols.back}
        if not pictured.network:
            ways = {"down": symbols.down, "up": symbols.up}
        return f"{pictured.step} {ways.get(pictured.direction, '')}".strip()

    def _count(self, pictured: Pictured) -> str:
        """Which example of a batch, or which matrix, and of how many."""
        if self.heats:
            pairs = self._pairs(pictured)
            return f"{self._place(pairs) + 1}/{len(pairs)}"
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

    def _heat_legend(self) -> list[str]:
        """What a cell is where it is several numbers."""
        blocks = dict.fromkeys(heat.block for heat in self.heats if heat.block != (1, 1))
        return [
            self.words(
                Message(
                    "Each cell shows the number furthest from 0 in a {high} x {wide} block.",
                    high=high,
                    wide=wide,
                )
            )
            for high, wide in blocks
        ]

    @staticmethod
    def _named(pictured: Pictured, heat: HeatMap) -> str:
        name = next(quantity.name for quantity in pictured.quantities if quantity.id == heat.id)
        return f"{name} {shape_text(heat.shape)}"

    @staticmethod
    def _pairs(pictured: Pictured) -> list[list[Quantity]]:
        """The quantities that may be seen, each with its gradient where this may be seen, too."""
        by_id = {quantity.id: quantity for quantity in pictured.quantities}
        gradients = {quantity.gradient for quantity in pictured.quantities}
        return [
            [quantity, *([by_id[quantity.gradient]] if quantity.gradient in by_id else [])]
            for quantity in pictured.quantities
            if quantity.id not in gradients
        ]

    def _place(self, pairs: list[list[Quantity]]) -> int:
        """Which of the pairs is shown."""
        return next(at for at, pair in enumerate(pairs) if pair[0].id == self.heats[0].id)

    # ── what is done ──────────────────────────────────────────────────────────────────────────

    def allows(self, name: str) -> bool:
        """What can be done with what is shown: the network, the graph, or a heat map."""
        pictured, view, heats = self.pictured, self.view, self.heats
        if name.startswith("close"):
            return True
        if not pictured or not view:
            return False
        if name in ("to-drawing", "next-matrix", "matrix-before"):
            return bool(heats)
        if heats:
            return False
        if name == "to-heat":
            return bool(pictured.quantities)
        if name in ("next-example", "example-before"):
            return bool(pictured.network and pictured.network.examples > 1)
        if name in ("walk-on", "walk-back"):
            return 0 <= view.index + (1 if name == "walk-on" else -1) <= view.furthest
        return pictured.network is None

    def action_heat(self) -> None:
        """The matrix that the step is about, or the last one that became known."""
        if self.pictured:
            pairs = self._pairs(self.pictured)
            here = [at for at, pair in enumerate(pairs) if any(each.current for each in pair)]
            self._ask_heat(here[-1] if here else len(pairs) - 1)

    def action_drawing(self) -> None:
        self.heats = []
        self._draw()

    def action_choose(self, by: int) -> None:
        if self.pictured and self.heats:
            self._ask_heat(self._place(self._pairs(self.pictured)) + by)

    def _ask_heat(self, place: int) -> None:
        pictured = self.pictured
        if not pictured:
            return
        pairs = self._pairs(pictured)
        pair = pairs[place % len(pairs)]
        rows, columns = most(*self.page.size, len(pair))

        async def work() -> None:
            ask = self.tour.tutor.heat
            self.heats = [await ask(each.id, rows, columns) for each in pair]
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

"""The end of an iteration: what the loss and the weights have come to, and how to go on."""

from collections.abc import Sequence
from itertools import groupby
from math import ceil
from time import monotonic

from rich.cells import cell_len, set_cell_size
from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.events import Resize

from bptutor.front.here import Here
from bptutor.service.lesson_words import Moved, moved, shown_steps, unmoved, walk
from bptutor.service.protocol import Training
from bptutor.service.words import (
    HOW_MANY,
    PARTS,
    above_table,
    ahead,
    iterations,
    larger,
    progress,
    score,
)
from bptutor.text import Message, significant
from bptutor.text.numbers import size_of
from bptutor.text.printable import wrap
from bptutor.tui.figures import shape_text
from bptutor.tui.screens.base import STYLES, Room, engine_words
from bptutor.tui.widgets.answer import AnswerInput
from bptutor.tui.widgets.list import WIDEST
from bptutor.tui.widgets.norms import Norms
from bptutor.tui.widgets.panel import Panel
from bptutor.tui.widgets.parts import marks
from bptutor.tui.widgets.plot import Plot
from bptutor.tui.widgets.rows import Row, Rows
from bptutor.tui.widgets.table import Pair, Table, pairs_table
from bptutor.tui.widgets.text import Bar, Words
from bptutor.views.lesson import Onward, SummaryView

BAR, SHORTEST, SPARKS = 24, 6, 16
"""Cells of a bar at most and at least, and of the bars of one parameter's elements."""
GAP = EDGES = 2
NUMBERS = 74
"""Width of the column of numbers on a wide terminal."""
PROGRESS = 24
"""Width of the bar that shows how far a training has come."""
USUAL = "100"
"""Iterations of a training, until the learner types another number."""
STILL_SECONDS = 1.0
"""Seconds between two sights of a training where nothing may move."""


class Summary(Room):
    """The summary; and the training that can follow it."""

    PLACE = "summary"
    CSS_PATH = STYLES / "summary.tcss"

    def __init__(self) -> None:
        super().__init__()
        self.view: SummaryView | None = None
        self.training = False
        self._opening = 0
        """Which of the lessons that were opened this was shown for."""
        self._drawn = 0.0
        self.loss = Words(id="loss")
        self.score = Words(id="score", classes="aside")
        self.closing = Words(id="closing")
        self.larger = Words(id="larger")
        self.ahead = Words(id="ahead", classes="aside")
        self._offered = USUAL
        """The number of iterations that stands in the field, until another one is typed."""
        self.plot = Plot(id="plot")
        self.report = VerticalScroll(id="report", can_focus=False)
        self.moved = Rows(id="moved")
        self.walk = Rows(id="walk")
        self.norms = Norms()
        self.norms_panel = Panel(self.norms, id="norms-panel")
        self.rule = Bar(rule=True, id="rule")
        self.weights = Table(id="weights")
        self.train_row = Horizontal(id="train-row")
        self.iterations = AnswerInput(id="iterations", limit=9, takes_matrix=False)

    def compose(self) -> ComposeResult:
        yield self.place
        with self.report:
            with Container(id="columns"):
                with Vertical(id="numbers"):
                    yield from (self.loss, self.plot, self.moved)
                with Vertical(id="words"):
                    yield from (self.closing, self.score, self.walk, self.norms_panel, self.larger)
            yield from (self.rule, self.weights)
        yield self.ahead
        with self.train_row:
            yield Words(self.words(Message("Train in TensorFlow:")) + " [", classes="frame")
            yield self.iterations
            yield Words("] " + self.words(Message("iterations")), classes="frame")
        yield from (self.message, self.keys)

    async def present(self, view: SummaryView) -> None:
        first, self._opening = (
            self._opening != self.tour.client.openings,
            self.tour.client.openings,
        )
        self.view = view
        self.training = False
        self.show_engine()
        plotted = len(view.losses) > 2
        looked_at = None if plotted else view.larger
        change = view.loss_after - view.loss_before
        self.loss.show(
            Content.assemble(
                (self.words(Message("Loss")), "bold"),
                f"  {significant(view.loss_before)} {self.frame.symbols.arrow} ",
                (significant(view.loss_after), "bold"),
                f"   ({'+' if change > 0 else ''}{significant(change, 3)})",
            )
            if view.part == "tape"
            else ""
        )
        self.score.show(self.words(score(view)))
        self.closing.show(view.closing)
        said = larger(looked_at) if looked_at else []
        self.larger.show(" ".join(map(self.words, said)))
        shown = view.losses if plotted else looked_at.losses if looked_at else []
        last = len(looked_at.losses) - 1 if looked_at else view.iteration
        rate = looked_at.rate if looked_at else None
        self.plot.show(shown, last, view.by_hand if plotted else 0, rate)
        self._set_lines()
        self.rule.show(self.words(above_table(view)) if view.parameters else "")
        told = not view.gradients and all(
            size_of(p.before.shape) == (1, 1) for p in view.parameters
        )
        self.rule.display = self.weights.display = bool(view.parameters) and not told
        self.weights.fill(*pairs_table(self._pairs(view), self.frame.symbols.ellipsis))
        self.weights.styles.height = self.weights.height
        self.train_row.display = view.trains
        self.say("")
        onward = self.frame.symbols.dotted(*map(self._lead, view.onward))
        self.ahead.show(self.words(Message("Next: {what}", what=onward)) if onward else "")
        if first:
            self.iterations.value = USUAL
        self._offered = self.iterations.value
        self.refresh_bindings()
        (self.iterations if view.trains else self.weights).focus(scroll_visible=False)

    def on_resize(self, event: Resize) -> None:
        """Lines are as long as there is room for."""
        super().on_resize(event)
        self.call_after_refresh(self._set_lines)

    def _set_lines(self) -> None:
        if self.view:
            self._show_walk(self.view)
            self._show_moved(self.view)
            self._show_norms(self.view)

    def _show_walk(self, view: SummaryView) -> None:
        """A mark for each answered step, with a blank between sections; the shown ones by name."""
        symbols = self.frame.symbols
        ways = {self.words(way): steps for way, steps in walk(view).items()}
        room = max(map(cell_len, ways), default=0)
        rows: list[Row] = []
        for way, steps in ways.items():
            marked = [
                "".join(symbols.items[step.state] for step in of_section)
                for _, of_section in groupby(steps, lambda step: step.section)
            ]
            for part, line in enumerate(
                wrap(" ".join(marked), max(1, self._room(beside=True) - room - GAP))
            ):
                name = set_cell_size("" if part else way, room)
                rows.append([(f"{name}  ", "faint"), (line, "plain")])
        if shown := shown_steps(view):
            rows += [[(line, "plain")] for line in wrap(self.words(shown), self._room(beside=True))]
        self._fill(self.walk, Message("your steps"), rows)

    def _show_moved(self, view: SummaryView) -> None:
        """How far the weights have come: the largest change, every element, and a bar."""
        symbols, parameters = self.frame.symbols, moved(view)
        self.moved.display = bool(parameters)
        if not parameters:
            return
        most, changed = max(each.largest for each in parameters), Message("what changed")
        table = [
            [
                "" if self._framed else self.words(changed),
                *(f"{each.name} {shape_text(each.shape)}".strip() for each in parameters),
            ],
            [
                self.words(Message("largest change")),
                *(f"{each.before} {symbols.arrow} {each.after}" for each in parameters),
            ],
            [
                self.words(Message("each element")),
                *(self._sparks(each, most) for each in parameters),
            ],
        ]
        widths = [max(map(cell_len, column)) + GAP for column in table]
        room = self._room(beside=False)
        if sum(widths) > room:
            table.pop()
            widths.pop()
        bar = min(BAR, room - sum(widths))
        rows: list[Row] = []
        for place, cells in enumerate(zip(*table, strict=True)):
            line = "".join(map(set_cell_size, cells, widths))
            far = parameters[place - 1].largest if place else 0.0
            end = symbols.bar(far, most, bar) if place and bar >= SHORTEST else ""
            full = end.rstrip(symbols.empty)
            look = "plain" if place else "faint"
            rows.append([(line, look), (full, "here"), (end[len(full) :], "faint")])
        if still := unmoved(parameters):
            rows.append([(self.words(still), "faint")])
        self._fill(self.moved, changed, rows)

    def _show_norms(self, view: SummaryView) -> None:
        """How large the gradients were on their way back, of which two and more can be compared."""
        self.norms_panel.display = self._framed and len(view.norms) > 1
        self.norms_panel.styles.height = len(view.norms) + EDGES
        self.norms_panel.entitle(self.words(Message("gradient norms")))
        self.norms.show(view.norms)

    def _room(self, beside: bool) -> int:
        """Cells of a line; on a wide terminal the words stand beside the numbers."""
        room = self.size.width - 3
        if self.has_class("-wide"):
            room = room - NUMBERS if beside else NUMBERS
        return max(1, min(WIDEST, room) - EDGES * self._framed)

    def _sparks(self, of: Moved, most: float) -> str:
        """A bar for each element, as high as its change is of the largest of all; row by row."""
        symbols, columns = self.frame.symbols, size_of(of.shape)[1]
        top = len(symbols.spark)
        signs = [
            symbols.spark[min(top, ceil(change / most * top)) - 1] if change else symbols.dot
            for change in of.changes[:SPARKS]
        ]
        lines = ["".join(signs[at : at + columns]) for at in range(0, len(signs), columns or 1)]
        cut = symbols.ellipsis if len(of.changes) > len(signs) else ""
        return " ".join(lines) + cut

    def _fill(self, panel: Rows, title: Message, rows: Sequence[Row]) -> None:
        panel.display = bool(rows)
        panel.styles.height = len(rows) + EDGES * self._framed
        panel.show(self.words(title), rows)

    @property
    def _framed(self) -> bool:
        """Is there height for frames, which have titles?"""
        return self.has_class("-tall")

    def _pairs(self, view: SummaryView) -> list[tuple[tuple[str, str], Sequence[Pair]]]:
        """In Keras the gradients beside those of the tape; the weights before and after."""
        before_after = self.words(Message("before")), self.words(Message("after"))
        if not view.gradients:
            named = [(f"{p.name} {shape_text(p.before.shape)}", p) for p in view.parameters]
            return [(before_after, [(name, p.before, p.after) for name, p in named])]
        beside = self.words(Message("tape")), self.words(PARTS["keras"])
        gradients = [(each.parameter, each.tape, each.keras) for each in view.gradients]
        return [
            (beside, gradients),
            (before_after, [(p.name, p.before, p.after) for p in view.parameters]),
        ]

    def _lead(self, onward: Onward) -> str:
        what = ahead(onward)
        return self.words(what) if isinstance(what, Message) else what

    def show_engine(self) -> None:
        """Where the learner is, and TensorFlow's state where it is not there."""
        view = self.view
        if view:
            iteration = self.words(Message("after iteration {number}", number=view.iteration))
            where = iteration if view.part == "tape" else self.words(PARTS[view.part])
            left = f"{view.lesson} {self.frame.symbols.dot} {where}"
            parts = marks(view.parts, self.frame.symbols).rstrip()
            self.place.show(left, parts, engine_words(self.frame))

    # ── what is done ──────────────────────────────────────────────────────────────────────────

    @property
    def here(self) -> Here:
        typed = self.iterations.value != self._offered
        return Here(summary=self.view, training=self.training, typed=typed)

    @property
    def takes_typing(self) -> bool:
        return self.training

    def on_input_changed(self) -> None:
        """Enter trains, once another number of iterations is typed."""
        self.refresh_bindings()

    def action_train_larger(self) -> None:
        self.action_train(with_larger=True)

    def action_train(self, with_larger: bool = False) -> None:
        view = self.view
        count = iterations(self.iterations.value)
        if not view:
            return
        if count is None:
            self.say(self.words(HOW_MANY))
            return

        async def work() -> None:
            self.training = True
            self.report.scroll_home(animate=False)
            self.refresh_bindings()
            self.show_training(Training(0, count, []))
            try:
                await self.tour.train(count, with_larger)
            finally:
                self.training = False
                self.refresh_bindings()

        self.frame.command(work)

    def show_training(self, training: Training) -> None:
        if not self.training or self._is_too_soon(training):
            return
        bar = self.frame.symbols.bar(training.done, training.total, PROGRESS)
        if training.losses and self.frame.moves:
            self.plot.show(training.losses, training.done)
        self.say(f"{bar} {self.words(progress(training))}")

    def _is_too_soon(self, training: Training) -> bool:
        """Where nothing may move, the bar goes on once a second."""
        now = monotonic()
        soon = not self.frame.moves and training.done > 0 and now - self._drawn < STILL_SECONDS
        self._drawn = self._drawn if soon else now
        return soon

    def action_cancel(self) -> None:
        """Stop the training where it is; what it has come to stands."""
        self.frame.commands.beside(self.tour.client.cancel())

    def action_scroll(self, by: int) -> None:
        self.report.scroll_relative(y=by, animate=False)

    def on_answer_input_move(self, event: AnswerInput.Move) -> None:
        """Up and down in the field scroll through the weights."""
        event.stop()
        self.action_scroll(event.down)

"""The end of an iteration: what the loss and the weights have come to, and how to go on."""

from collections.abc import Sequence
from time import monotonic

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content

from bptutor.front.here import Here
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
from bptutor.tui.figures import shape_text
from bptutor.tui.screens.base import STYLES, Room, engine_words
from bptutor.tui.widgets.answer import AnswerInput
from bptutor.tui.widgets.parts import marks
from bptutor.tui.widgets.plot import Plot
from bptutor.tui.widgets.table import Pair, Table, pairs_table
from bptutor.tui.widgets.text import Bar, Words
from bptutor.views.lesson import Onward, SummaryView

PROGRESS = 24
"""Width of the bar that shows how far a training has come."""
USUAL = "100"
"""Iterations of a training, until the learner types another number."""
SLOW_SECONDS = 1.0
"""Seconds between two sights of a training on a slow link."""


class Summary(Room):
    """The summary; and the training that can follow it."""

    PLACE = "summary"
    CSS_PATH = STYLES / "summary.tcss"
    AUTO_FOCUS = None

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
        self.rule = Bar(rule=True, id="rule")
        self.weights = Table(id="weights")
        self.train_row = Horizontal(id="train-row")
        self.iterations = AnswerInput(id="iterations", limit=9, takes_matrix=False)

    def compose(self) -> ComposeResult:
        yield from (self.place, self.loss, self.score, self.closing, self.larger)
        yield from (self.plot, self.rule, self.weights, self.ahead)
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
        self.plot.show(shown, len(looked_at.losses) - 1 if looked_at else view.iteration)
        self.rule.show(self.words(above_table(view)) if view.parameters else "")
        self.weights.display = bool(view.parameters)
        self.weights.fill(*pairs_table(self._pairs(view), self.frame.symbols.ellipsis))
        self.train_row.display = view.trains
        self.say("")
        onward = self.frame.symbols.dotted(*map(self._lead, view.onward))
        self.ahead.show(self.words(Message("Next: {what}", what=onward)) if onward else "")
        if first:
            self.iterations.value = USUAL
        self._offered = self.iterations.value
        self.refresh_bindings()
        if view.trains:
            self.iterations.focus()

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
            self.place.show(left, marks(view.parts, self.frame.symbols), engine_words(self.frame))

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
        if training.losses and not self.frame.slow:
            self.plot.show(training.losses, training.done)
        self.say(f"{bar} {self.words(progress(training))}")

    def _is_too_soon(self, training: Training) -> bool:
        """On a slow link the bar moves once a second."""
        now = monotonic()
        soon = self.frame.slow and training.done > 0 and now - self._drawn < SLOW_SECONDS
        self._drawn = self._drawn if soon else now
        return soon

    def action_cancel(self) -> None:
        """Stop the training where it is; what it has come to stands."""
        self.frame.commands.beside(self.tour.client.cancel())

    def action_scroll(self, by: int) -> None:
        self.weights.scroll_relative(y=by, animate=False)

    def on_answer_input_move(self, event: AnswerInput.Move) -> None:
        """Up and down in the field scroll through the weights."""
        event.stop()
        self.action_scroll(event.down)

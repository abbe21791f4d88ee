"""Where the answer is typed: the formula, and below it the cells of the value."""

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message as Event
from textual.widgets import Input

from bptutor.literals import IN_LETTERS, Kind
from bptutor.service.words import how_typed
from bptutor.text import Message
from bptutor.tui.figures import answer_texts
from bptutor.tui.symbols import look_of
from bptutor.tui.widgets.answer import AnswerInput, FieldRow, Names
from bptutor.tui.widgets.cells import GOOD, ValueGrid
from bptutor.tui.widgets.text import Words
from bptutor.views.lesson import Known, StepView

LABELS: dict[Kind, Message] = {
    "order": Message("order"),
    "goal": Message("names"),
    "memory": Message("names"),
    "code": Message("code"),
}
"""What the text that is asked is called, where it is no formula."""


class Entry(Vertical):
    """A field for the formula and a grid of cells, as far as they are asked."""

    def __init__(self) -> None:
        super().__init__(id="entry")
        self.view: StepView | None = None
        self.product_label = Words(classes="label")
        self.names = Names()
        self.product = AnswerInput(id="product", takes_matrix=False, suggester=self.names)
        self.product_mark = Words(" ", classes="mark")
        self.product_row = FieldRow(id="product-row")
        self.caret = Words(id="caret")
        self.value_label = Words(classes="label")
        self.value_row = Horizontal(id="value-row")
        self.grid = ValueGrid()

    def compose(self) -> ComposeResult:
        with self.product_row:
            yield self.product_label
            yield Words("[", classes="frame")
            yield from (self.product, self.product_mark, Words("]", classes="frame"))
        yield self.caret
        with self.value_row:
            yield from (self.value_label, self.grid)

    async def present(self, view: StepView, same: bool, typing: bool, width: int) -> None:
        """Show what is asked, and what was typed as the service has it.

        While somebody is `typing`, it is the screen that knows better.
        """
        self.view = view
        words = look_of(self).words
        self.product_label.show(words(LABELS.get(view.kind, Message("formula"))))
        self.value_label.show(words(Message("value")))
        self.product_row.display = view.asks_product
        self.value_row.display = view.asks_value
        self._show_product(view, typing)
        open_ = view.stage == "open"
        if not same:
            await self.grid.lay_out(view.grid, width - self._label_room())
        self.grid.judge(view.grid, open_, typing)
        if self.shows_answer(view) and view.result:
            self.grid.texts = answer_texts(view.result, view.grid)
        self.fit_to(width)

    @staticmethod
    def shows_answer(view: StepView) -> bool:
        """Does the answer stand in the fields? Whoever looks back at an exam sees their own."""
        return view.stage == "shown" and not (view.quiz and view.quiz.reviewing)

    def _show_product(self, view: StepView, typing: bool) -> None:
        look = look_of(self)
        self.names.knowns = view.knowns
        formula = view.kind in IN_LETTERS and view.stage == "open"
        typed = how_typed(view.knowns) if formula else None
        self.product.placeholder = look.words(typed) if typed else ""
        answer = view.result.product if view.result and self.shows_answer(view) else None
        if not typing:
            self.product.value = answer or view.product
        self.product.disabled = view.stage != "open"
        self._judge_product(view)
        self._point_at(view.product_fault)

    def _judge_product(self, view: StepView) -> None:
        verdict = "exact" if view.product_verdict == "right" else view.product_verdict
        if self.product.value != view.product and not self.shows_answer(view):
            verdict = None
        self.product_mark.show(look_of(self).symbols.mark(verdict) or " ")
        self.product_mark.set_classes(f"mark -{verdict}")

    def keeps_verdict(self, field: Input) -> bool:
        """Is what stands in a field what its verdict was given on? If not, the verdict goes."""
        view = self.view
        if not view:
            return True
        if field is self.product:
            self._judge_product(view)
            return field.value == view.product
        for cell, asked in zip(self.grid.cells, view.grid.asked, strict=False):
            if cell.field is field:
                cell.judge(asked)
                self.grid.grow()
                return field.value == asked.text
        return True

    def _point_at(self, fault: int | None) -> None:
        """A caret under the character at which the formula cannot be read."""
        self.caret.show("")
        if fault is not None:
            before = cell_len(self.product.value[:fault])
            self.caret.show(" " * (self._label_room() + 1 + before) + "^")
            self.product.cursor_position = fault

    @property
    def typed(self) -> tuple[str, list[str]]:
        return self.product.value, self.grid.texts

    @property
    def fields(self) -> list[AnswerInput]:
        return [self.product, *(cell.field for cell in self.grid.cells)]

    @property
    def lines(self) -> int:
        view = self.view
        if not view or view.stage in ("worked", "waiting"):
            return 0
        product = 1 + bool(self.caret.content) if view.asks_product else 0
        return product + (self.grid.rows if view.asks_value else 0)

    # ── where the cursor is ───────────────────────────────────────────────────────────────────

    @property
    def first(self) -> AnswerInput | None:
        """The first field of the answer."""
        view = self.view
        if view and view.asks_product:
            return self.product
        return next((cell.field for cell in self.grid.cells), None)

    def focus_answer(self) -> None:
        """Go to the first field that is not right yet; to none where nothing is asked.

        On a terminal that does not show all, the question stays in sight until one types.
        """
        view = self.view
        if not view or view.stage != "open":
            self.screen.set_focus(None)
        elif view.asks_product and view.product_verdict not in GOOD:
            self.product.focus(scroll_visible=False)
        elif view.asks_value:
            self.grid.focus_first(view.grid, view.focus, scroll_visible=False)

    def gap_after(self, field: AnswerInput, *, silent: bool) -> AnswerInput | None:
        """The cell to type into next; none after a formula, which can be checked alone.

        Where all is `silent` nothing is checked on the way: the product is but the first half.
        """
        view = self.view
        if not view or not view.asks_value or not field.value.strip():
            return None
        if field is self.product:
            return self.grid.next_empty() if silent else None
        return self.grid.next_empty(field)

    class Completing(Event):
        """A name is being typed that may become one of these; nothing once it is whole."""

        def __init__(self, knowns: list[Known]) -> None:
            super().__init__()
            self.knowns = knowns

    def on_input_changed(self, event: AnswerInput.Changed) -> None:
        if event.input is self.product and self.product.has_focus:
            self.post_message(self.Completing(self.names.matching(event.value)))

    def on_descendant_blur(self) -> None:
        """Names are suggested only while the cursor is in the formula."""
        self.post_message(self.Completing([]))

    def on_answer_input_move(self, event: AnswerInput.Move) -> None:
        """Up from the cells to the formula, down from the formula to the cells."""
        event.stop()
        view = self.view
        if event.field is self.product and event.down > 0 and view and view.asks_value:
            self.grid.focus_first(view.grid)
        elif event.field is not self.product and event.down < 0 and view and view.asks_product:
            self.product.focus()

    # ── how wide it is ────────────────────────────────────────────────────────────────────────

    def fit_to(self, width: int) -> None:
        """Lay the cells out beside the labels in a width."""
        room = self._label_room()
        self.product_label.styles.width = self.value_label.styles.width = room
        if self.view:
            self.grid.fit_to(self.view.grid, width - room)

    def _label_room(self) -> int:
        """The labels are as wide as the wider of them."""
        labels = (self.product_label, self.value_label)
        return 1 + max(cell_len(str(label.content)) for label in labels)

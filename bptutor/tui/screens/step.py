"""A step's screen: the tape above, the question and its answer below."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from bptutor.literals import Judged
from bptutor.service.protocol import Screen
from bptutor.text import Message
from bptutor.tui.screens.item import ItemScreen, nothing
from bptutor.tui.screens.room import STYLES, Draft
from bptutor.tui.screens.step_keys import KEYS, alive, is_open, is_silent
from bptutor.tui.screens.step_place import place, rule
from bptutor.tui.widgets.answer import AnswerInput
from bptutor.tui.widgets.entry import Entry
from bptutor.tui.widgets.keys import Keys
from bptutor.tui.widgets.side import Side
from bptutor.tui.widgets.step_body import StepBody
from bptutor.tui.widgets.tape import Tape
from bptutor.tui.widgets.text import Bar
from bptutor.views.lesson import StepView


class StepScreen(ItemScreen):
    """One step; the screen is made once and shows every step."""

    CSS_PATH = STYLES / "step.tcss"
    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = KEYS

    def __init__(self) -> None:
        super().__init__(id="step")
        self._told: tuple[str, list[str]] = "", []
        """What the service knows to be typed."""
        self._opening = 0
        """Which of what was opened the view belongs to."""
        self._drawn = False
        """Was there room for the picture when it was drawn?"""
        self.place = Bar(id="place")
        self.tape = Tape()
        self.rule = Bar(rule=True, id="rule")
        self.body = StepBody()
        self.side = Side()
        self.keys = Keys(id="keys")

    def compose(self) -> ComposeResult:
        """The tape above the step, and beside both, where there is room, what is known."""
        yield self.place
        with Horizontal(id="columns"):
            with Vertical(id="main"):
                yield self.tape
                yield self.rule
                yield self.body
            yield self.side
        yield self.keys

    # ── what is shown ─────────────────────────────────────────────────────────────────────────

    async def present(self, view: StepView) -> None:
        """Show a step as the service sees it; what is being typed meanwhile is left alone."""
        typing = self.draft() is not None
        self.view = view
        self._told = view.product, [asked.text for asked in view.grid.asked]
        self.tape.show(view.tape)
        self.tutor.clock.set(view.quiz.seconds_left if view.quiz else None)
        self.side.show(view)
        self.show_engine()
        openings = self.tutor.client.openings
        await self.body.present(view, typing, reopened=openings != self._opening)
        self._opening = openings
        self.refresh_bindings()
        await self._draw()

    @property
    def _large(self) -> bool:
        """Is there room for the picture?"""
        return self.has_class("-wide") and self.has_class("-tall")

    def on_screen_resume(self) -> None:
        """The terminal may have become larger under a dialog."""
        self._draw_anew()

    def on_resize(self) -> None:  # type: ignore[override]
        """Where there is room now, the picture comes; where there is none any more, it goes."""
        self.call_after_refresh(self._suit)

    def _suit(self) -> None:
        """(Only after `on_resize` Textual says how wide the screen is now.)"""
        self.show_engine()
        self._draw_anew()

    def _draw_anew(self) -> None:
        if self.view and self._drawn != self._large:
            self.tutor.command(self._draw)

    async def _draw(self) -> None:
        """The picture comes with the step once the service knows whether there is room for it."""
        view, client = self.view, self.tutor.client
        if view and self._drawn != self._large and self.is_current:
            self._drawn = self._large
            await client.draw(self._drawn)
            view = self.view = client.place or view
        self.side.draw(view.picture if view else None)

    def say(self, text: str) -> None:
        self.body.say(text)

    def show_engine(self) -> None:
        """Where the learner is, the time that is left, and TensorFlow's state where it matters."""
        view = self.view
        if view:
            narrow = self.has_class("-narrow")
            self.place.show(*place(view, self.tutor, narrow))
            self.rule.show(*rule(view, self.tutor, narrow))

    def draft(self) -> Draft | None:
        """What has been typed since the service heard of it."""
        view = self.view
        if not view or not is_open(view):
            return None
        product, cells = self.body.entry.typed
        if (product, cells) == self._told:
            return None
        return product, cells

    def kept(self, draft: Draft) -> None:
        self._told = draft

    # ── what is done ──────────────────────────────────────────────────────────────────────────

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only the keys that do something here are alive."""
        return alive(action, self.view, self.tutor.moves)

    def action_check(self) -> None:
        """Enter, once the field has taken what was typed before it (a slow link sends bursts)."""
        (self.focused or self).call_later(self._check)

    def _check(self) -> None:
        """To what is still to be typed where there is something, else check all that is typed."""
        view = self.view
        if not view:
            return
        field = self.focused
        product, cells = self.body.entry.typed
        if isinstance(field, AnswerInput):
            gap = self.body.entry.gap_after(field, silent=is_silent(view))
            if gap:
                gap.focus()
                return
        typed = any(text.strip() for text in cells)
        asks_cells = view.asks_value and (
            typed or not view.asks_product or field is not self.body.entry.product
        )
        asks_product = view.asks_product and bool(product.strip() or not asks_cells)
        judge: Judged = "both"
        if asks_product != asks_cells:
            judge = "product" if asks_product else "value"
        if self.tutor.client.engine.state == "loading" and not is_silent(view):
            self.say(
                self.words(
                    Message(
                        "TensorFlow is still loading; "
                        "your answer is checked as soon as it is there."
                    )
                )
            )
        service = self.tutor.service
        self.put(lambda: service.check(product, cells, judge), self.body.show_verdict, carries=True)

    def action_go_on(self) -> None:
        """Enter on a step that is done."""
        self.tutor.journey.go("next")

    def action_question(self) -> None:
        """To the next step that asks something."""
        self.tutor.journey.go("question")

    def action_hint(self) -> None:
        """The next hint."""
        if self.view:
            self.put(self.tutor.service.hint, self.body.show_hint)

    def action_show(self) -> None:
        """The answer."""
        if self.view:
            self.put(self.tutor.service.show)

    def action_fill_in(self) -> None:
        """The product is right and its like has been mastered: spare the arithmetic."""
        if self.view:
            self.put(self.tutor.service.fill_in)

    def action_why(self) -> None:
        """Why the step is as it is."""
        if self.view:
            self.tutor.journey.explain(self.view)

    def action_picture(self) -> None:
        """The lesson as a picture."""
        if self.view:
            self.tutor.journey.show_picture(self.view)

    def action_back(self) -> None:
        """To the step before."""
        if self.view:
            self.tutor.journey.go(self.view.index - 1)

    def action_forward(self) -> None:
        """To the step after, where it has been reached."""
        if self.view:
            self.tutor.journey.go(self.view.index + 1)

    def on_entry_completing(self, event: Entry.Completing) -> None:
        """The line of keys says what a name may become."""
        self.keys.suggest(event.knowns)

    def action_steps(self) -> None:
        """The list of all steps."""
        if self.view:
            self.tutor.journey.list_steps(self.view)

    def action_values(self) -> None:
        """Everything that is known, whole."""
        if self.view:
            self.tutor.journey.show_values()

    def action_travel(self) -> None:
        """The signal on its way through this program."""
        self.tutor.journey.show_signal()

    def action_menu(self) -> None:
        """Leave the lesson."""
        self.tutor.journey.leave_lesson()

    def action_scroll(self, by: int) -> None:
        """Where a small terminal does not show all."""
        self.body.scroll_relative(y=by, animate=False)

    def put(
        self,
        ask: Callable[[], Awaitable[Screen]],
        then: Callable[[], None] = nothing,
        carries: bool = False,
    ) -> None:
        """Ask for this step, show the screen that comes of it, and `then` what is new.

        What is typed is kept first, where the request does not carry it.
        """

        async def work() -> None:
            if not carries:
                await self.tutor.journey.keep_draft()
            await self.tutor.journey.present(await ask())
            if self.is_current:
                then()

        self.tutor.command(work)

    def on_answer_input_matrix_pasted(self, event: AnswerInput.MatrixPasted) -> None:
        """The service knows how to read a matrix."""
        event.stop()

        async def work() -> None:
            texts = await self.tutor.service.split(event.text)
            if len(texts) == len(self.body.entry.grid.cells):
                self.body.entry.grid.texts = texts

        self.tutor.command(work)

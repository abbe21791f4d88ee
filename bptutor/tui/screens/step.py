"""A step's screen: the tape above, the question and its answer below."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from bptutor.locale import Message
from bptutor.service.messages import (
    Cells,
    Check,
    Draft,
    FillIn,
    Hint,
    Request,
    Show,
    SplitMatrix,
    StepReply,
    StepView,
)
from bptutor.service.words import KINDS
from bptutor.tui.screens.room import STYLES, Room, engine_words
from bptutor.tui.widgets.answer_input import AnswerInput
from bptutor.tui.widgets.bar import Bar
from bptutor.tui.widgets.entry import Entry
from bptutor.tui.widgets.keys import Keys
from bptutor.tui.widgets.side import Side
from bptutor.tui.widgets.step_body import StepBody
from bptutor.tui.widgets.tape import Tape

ALWAYS = ("menu", "scroll", "app.focus_next", "app.focus_previous")
"""What can be done before there is a step."""
PROGRESS = 12
"""Width of the bar that shows how far the learner has come."""


class StepScreen(Room):
    """One step; the screen is made once and shows every step."""

    CSS_PATH = STYLES / "step.tcss"
    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "check", Message("Check").text, id="check", priority=True),
        Binding("enter", "go_on", Message("Go on").text, id="go-on", priority=True),
        Binding("f8", "question", Message("To the next question").text, id="question"),
        Binding("f8", "fill_in", Message("Fill in the numbers").text, id="fill-in"),
        Binding("f2", "hint", Message("Hint").text, id="hint"),
        Binding("f3", "show", Message("Answer").text, id="show"),
        Binding("f4", "back", Message("Back").text, id="back"),
        Binding("f5", "forward", Message("Next").text, id="forward"),
        Binding("f6", "steps", Message("Steps").text, id="steps"),
        Binding("f9", "why", Message("Why").text, id="why"),
        Binding("f7", "values", Message("Values").text, id="values"),
        Binding("f7", "travel", Message("Signal").text, id="signal"),
        Binding("f12,ctrl+p", "picture", Message("Picture").text, id="picture"),
        Binding("escape", "menu", Message("Menu").text, id="menu"),
        Binding("tab", "app.focus_next", show=False, id="next-field", priority=True),
        Binding("shift+tab", "app.focus_previous", show=False, id="field-before", priority=True),
        Binding("pageup", "back", show=False, id="page-back", priority=True),
        Binding("pagedown", "forward", show=False, id="page-forward", priority=True),
        Binding("up,ctrl+up", "scroll(-1)", show=False, id="scroll-up"),
        Binding("down,ctrl+down", "scroll(1)", show=False, id="scroll-down"),
    ]

    def __init__(self) -> None:
        super().__init__(id="step")
        self.view: StepView | None = None
        self._told: tuple[str, list[str]] = "", []
        """What the service knows to be typed."""
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
        """Show a step as the service sees it."""
        self.view = view
        self._told = view.product, [asked.text for asked in view.grid.asked]
        self.tape.show(view.tape)
        symbols = self.tutor.symbols
        kind = self.words(KINDS[view.kind])
        arrow = {"forward": symbols.down, "backward": symbols.up}.get(view.kind, "")
        self.rule.show(f"{kind} {arrow}".strip())
        self.side.show(view)
        self.show_engine()
        await self.body.present(view)
        self.refresh_bindings()
        self._drawn = self._large
        self.side.draw(await self.tutor.journey.picture(view) if self._drawn else None)

    @property
    def _large(self) -> bool:
        """Is there room for the picture?"""
        return self.has_class("-wide") and self.has_class("-tall")

    def on_screen_resume(self) -> None:
        """The terminal may have become larger under a dialog."""
        self._draw_anew()

    def on_resize(self) -> None:  # type: ignore[override]
        """Where there is room now, the picture comes; where there is none any more, it goes."""
        self.call_after_refresh(self._draw_anew)

    def _draw_anew(self) -> None:
        if self.view and self._drawn != self._large:
            self.tutor.command(self._draw)

    async def _draw(self) -> None:
        view = self.view
        if view and self.is_current:
            self._drawn = self._large
            self.side.draw(await self.tutor.journey.picture(view) if self._drawn else None)

    def say(self, text: str) -> None:
        self.body.say(text)

    def show_engine(self) -> None:
        """Where the learner is, and TensorFlow's state where it is not there yet."""
        view = self.view
        if not view:
            return
        symbols = self.tutor.symbols
        iteration = Message("iteration {number}", number=view.iteration)
        parts = [view.lesson, view.section, self.words(iteration) if view.iteration > 1 else ""]
        done = PROGRESS * (view.index + (view.stage != "open")) // view.total
        bar = symbols.full * done + symbols.empty * (PROGRESS - done)
        step = self.words(Message("step {number}/{total}", number=view.index + 1, total=view.total))
        right = [engine_words(self.tutor), f"{step} {bar}"]
        self.place.show(
            f" {symbols.dot} ".join(filter(None, parts)), "   ".join(filter(None, right))
        )

    def draft(self) -> Draft | None:
        """What has been typed since the service heard of it."""
        view = self.view
        if not view or view.stage != "open":
            return None
        product, cells = self.body.entry.typed
        if (product, cells) == self._told:
            return None
        return Draft(session=view.session, product=product, cells=cells)

    def kept(self, draft: Draft) -> None:
        self._told = draft.product, draft.cells

    # ── what is done ──────────────────────────────────────────────────────────────────────────

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only the keys that do something here are alive."""
        view = self.view
        if not view:
            return action in ALWAYS
        open_ = view.stage == "open"
        return {
            "check": open_,
            "hint": open_,
            "show": open_,
            "go_on": not open_,
            "fill_in": open_ and view.offers_numbers,
            "question": view.stage in ("worked", "waiting"),
            "why": view.kind not in ("order", "memory", "code"),
            "values": view.part != "derive",
            "travel": view.part == "derive" and self.tutor.moves,
            "picture": view.part == "tape",
            "back": view.index > 0,
            "forward": view.index < min(view.furthest, view.total - 1),
        }.get(action, True)

    def action_check(self) -> None:
        """Enter, once the field has taken what was typed before it (a slow link sends bursts)."""
        (self.focused or self).call_later(self._check)

    def _check(self) -> None:
        """To the next empty cell where there is one, else check all that is typed."""
        view = self.view
        if not view:
            return
        field = self.focused
        product, cells = self.body.entry.typed
        if (
            isinstance(field, AnswerInput)
            and field is not self.body.entry.product
            and field.value.strip()
        ):
            empty = self.body.entry.grid.next_empty(field)
            if empty:
                empty.focus()
                return
        typed = any(text.strip() for text in cells)
        asks_cells = view.asks_value and (
            typed or not view.asks_product or field is not self.body.entry.product
        )
        request = Check(
            session=view.session,
            product=product if view.asks_product and (product.strip() or not asks_cells) else None,
            cells=cells if asks_cells else None,
        )
        if self.tutor.conversation.engine.state == "loading":
            self.say(
                self.words(
                    Message(
                        "TensorFlow is still loading; "
                        "your answer is checked as soon as it is there."
                    )
                )
            )
        self._ask(request)

    def action_go_on(self) -> None:
        """Enter on a step that is done."""
        self.tutor.journey.go("next")

    def action_question(self) -> None:
        """To the next step that asks something."""
        self.tutor.journey.go("question")

    def action_hint(self) -> None:
        """The next hint."""
        if self.view:
            self._ask(Hint(session=self.view.session))

    def action_show(self) -> None:
        """The answer."""
        if self.view:
            self._ask(Show(session=self.view.session))

    def action_fill_in(self) -> None:
        """The product is right and its like has been mastered: spare the arithmetic."""
        if self.view:
            self._ask(FillIn(session=self.view.session))

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
            self.tutor.journey.list_steps(self.view.index, self.view.furthest)

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

    def _ask(self, request: Request) -> None:
        """Ask for this step, and show the reply."""

        async def work() -> None:
            await self.tutor.journey.keep_draft()
            reply = await self.tutor.ask(request)
            if isinstance(reply, StepReply):
                await self.present(reply.view)
                if isinstance(request, Check):
                    self.body.show_verdict()

        self.tutor.command(work)

    def on_answer_input_matrix_pasted(self, event: AnswerInput.MatrixPasted) -> None:
        """The service knows how to read a matrix."""
        event.stop()
        view = self.view
        if not view:
            return

        async def work() -> None:
            reply = await self.tutor.ask(SplitMatrix(session=view.session, text=event.text))
            if isinstance(reply, Cells) and len(reply.texts) == len(self.body.entry.grid.cells):
                self.body.entry.grid.texts = reply.texts

        self.tutor.command(work)

"""A step's screen: the tape above, the question and its answer below; in a lesson or in a quiz."""

from collections.abc import Iterable, Iterator

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.events import Key

from bptutor.front.here import Here, is_open, is_silent
from bptutor.front.stage import Done, Draft
from bptutor.literals import OF_PROGRAM, Judged
from bptutor.service.quiz_words import kind_of, points
from bptutor.service.words import KINDS
from bptutor.text import Message
from bptutor.tui.figures import shape_text
from bptutor.tui.screens.base import STYLES, Frame, Room, engine_words
from bptutor.tui.widgets.answer import ASKS_FOR_HELP, AnswerInput
from bptutor.tui.widgets.canvas import FRAMES
from bptutor.tui.widgets.code_panel import CodePanel
from bptutor.tui.widgets.entry import Entry
from bptutor.tui.widgets.side import Side, code_beside, has_code
from bptutor.tui.widgets.step_body import StepBody
from bptutor.tui.widgets.tape import Tape
from bptutor.tui.widgets.text import Bar
from bptutor.views.lesson import StepView
from bptutor.views.quiz import QuizPlace

PROGRESS = 12
"""Width of the bar that shows how far the learner has come."""
AROUND, ENOUGH, PLENTY = 5, 18, 26
"""Lines around the question and the code; for the question, where there is little, and much."""
CODE, LEAST = 8, 3
"""One line in so many is for the code, where the question has enough; and at the least so many."""
GAP = "   "
"""Between the texts on the right."""


class StepScreen(Room):
    """One step; the screen is made once and shows every step."""

    PLACE = "step"
    CSS_PATH = STYLES / "step.tcss"
    """No field, while an example hides them, gets the focus as a dialog closes."""

    def __init__(self) -> None:
        super().__init__()
        self.view: StepView | None = None
        self._heard: tuple[str, list[str]] = "", []
        """What was typed, as far as the service has heard of it."""
        self._opening = 0
        """Which of what was opened the view belongs to."""
        self._drawn = False
        """Was there room for the picture when it was drawn?"""
        self.tape = Tape()
        self.rule = Bar(rule=True, id="rule")
        self.main = Vertical(id="main")
        self.body = StepBody(self.message)
        self.side = Side()
        self.code_panel = CodePanel(id="code-panel")

    def compose(self) -> ComposeResult:
        yield self.place
        with Horizontal(id="columns"):
            with self.main:
                yield from (self.tape, self.rule, self.body, self.code_panel)
            yield self.side
        yield self.keys

    # ── what is shown ─────────────────────────────────────────────────────────────────────────

    async def present(self, view: StepView) -> None:
        """Show a step as the service sees it; what is being typed meanwhile is left alone."""
        typing = self.draft() is not None
        self.view = view
        self._heard = view.product, [asked.text for asked in view.grid.asked]
        self.tape.show(view.tape, view.layers)
        for kind in KINDS:
            self.main.set_class(kind == view.kind, f"-{kind}")
        self.frame.clock.set(view.quiz.seconds_left if view.quiz else None)
        self._show_code()
        self.show_engine()
        openings = self.tour.client.openings
        await self.body.present(view, typing, reopened=openings != self._opening)
        self._opening = openings
        self.refresh_bindings()
        await self._draw()

    def _show_code(self) -> None:
        """Below the question, where it is not beside it; always as high."""
        view = self.view
        if not view:
            return
        beside = code_beside(view)
        self.main.set_class(beside, "-code-beside")
        self.code_panel.display = not beside and self.has_class("-wide", "-tall") and has_code(view)
        left = self.size.height - self.tape.wanted - AROUND
        room = max(LEAST, min(self.size.height // CODE, left - ENOUGH), left - PLENTY)
        self.code_panel.styles.height = room + 2
        self.code_panel.show(view.code)

    def on_screen_resume(self) -> None:
        """The terminal may have become larger under a dialog."""
        self._redraw()

    def on_resize(self) -> None:  # type: ignore[override]
        """Where there is room now, the picture comes; where there is none any more, it goes."""
        self.call_after_refresh(self._suit)

    def _suit(self) -> None:
        """(Only after `on_resize` Textual says how wide the screen is now.)"""
        self._show_code()
        self.show_engine()
        self._redraw()

    def _redraw(self) -> None:
        if self.view and self._drawn != self.has_class("-wide"):
            self.frame.commands.beside(self._draw())  # no key must wait for it

    async def _draw(self) -> None:
        """The picture comes with the step once the service knows whether there is room for it."""
        view, client = self.view, self.tour.client
        if view and self._drawn != self.has_class("-wide") and self.is_current:
            self._drawn = self.has_class("-wide")
            await client.draw(self._drawn)
            view = self.view = client.place or view
        self._show_side()

    def _show_side(self) -> None:
        self.side.show(self.view, self._element)
        self.main.set_class(self.side.has_class("-empty"), "-alone")
        example = self.side.other_example
        if example is not None:
            self.frame.commands.beside(self._turn_to(example))

    async def _turn_to(self, example: int) -> None:
        """To the example of the batch that the learner is at."""
        view = self.view
        pictured = await self.tour.tutor.picture(example)
        if view and self.view is view:
            self.view = replace(view, picture=pictured)
            self._show_side()

    @property
    def _element(self) -> int | None:
        """The cell of the answer that the learner is in."""
        fields = [cell.field for cell in self.body.entry.grid.cells]
        return fields.index(self.focused) if self.focused in fields else None

    @property
    def drawer_width(self) -> int:
        return self.side.outer_size.width

    def on_descendant_focus(self) -> None:
        """The picture shows the element that is being typed."""
        if self.has_class("-wide"):
            self._show_side()

    def on_step_body_framed(self, event: StepBody.Framed) -> None:
        """The line above the question is the upper side of its frame."""
        self.main.set_class(event.on, "-framed")
        self.rule.top_of(FRAMES[self.frame.symbols.braille] if event.on else None)

    def say(self, text: str) -> None:
        self.body.say(text)

    def show_engine(self) -> None:
        """Where the learner is, the time that is left, and TensorFlow's state where it matters."""
        view = self.view
        if view:
            narrow = self.has_class("-narrow")
            self.place.show(*place(view, self.frame, narrow))
            self.rule.show(*rule(view, self.frame))

    def draft(self) -> Draft | None:
        """What has been typed since the service heard of it."""
        view = self.view
        if not view or not is_open(view):
            return None
        product, cells = self.body.entry.typed
        if (product, cells) == self._heard:
            return None
        return product, cells

    def kept(self, draft: Draft) -> None:
        self._heard = draft

    # ── what is done ──────────────────────────────────────────────────────────────────────────

    @property
    def here(self) -> Here:
        return Here(
            step=self.view,
            moves=self.frame.moves,
            returns=self.tour.returns is not None,
            replays=self.tour.replays,
            example=self.body.in_example,
        )

    def action_check(self) -> None:
        """Enter, once every field has taken what was typed before it (a slow link sends bursts)."""
        if self.view and is_silent(self.view):  # what is typed behind it is for the next item
            self.frame.ahead.wait()
        self._enter_behind(iter(self.body.entry.fields))

    def _enter_behind(self, fields: Iterator[AnswerInput]) -> None:
        """Each field takes its keys in a task of its own: the last one may be there first."""
        for field in fields:
            if field.message_queue_size:
                field.call_later(self._enter_behind, fields)
                return
        self._check()
        self.frame.ahead.arrive()

    def _check(self) -> None:
        """To what is still to be typed where there is something, else check all that is typed."""
        view = self.view
        if not view:
            return
        if self.body.in_example:
            self.body.next_panel()
            self.refresh_bindings()
            return
        if not self.body.seen:  # Enter in one burst with what passed the example
            return
        field = self.focused
        product, cells = self.body.entry.typed
        if isinstance(field, AnswerInput):
            if self.body.entry.grid.takes_for_all(field):
                self._spread(field.value)
                return
            gap = self.body.entry.gap_after(field, silent=is_silent(view))
            if gap:
                self.set_focus(gap)  # at once: more keys may follow
                return
        typed = any(text.strip() for text in cells)
        asks_cells = view.asks_value and (
            typed or not view.asks_product or field is not self.body.entry.product
        )
        asks_product = view.asks_product and bool(product.strip() or not asks_cells)
        judge: Judged = "both"
        if asks_product != asks_cells:
            judge = "product" if asks_product else "value"
        if self.tour.client.engine.state == "loading" and not is_silent(view):
            self.say(
                self.words(
                    Message(
                        "TensorFlow is still loading. It checks your answer as soon as it is ready."
                    )
                )
            )
        self.frame.command(lambda: self.tour.check(product, cells, judge))

    @property
    def takes_typing(self) -> bool:
        """(In an exam, Enter leads to the next item.)"""
        view = self.view
        answers = view is not None and is_open(view) and not is_silent(view)
        return answers and isinstance(self.focused, AnswerInput)

    def expect(self, key: Key) -> None:
        """Who types an answer has seen enough of the example; the field gets this key already."""
        if key.is_printable and key.character not in ASKS_FOR_HELP and self.body.in_example:
            self.body.pass_example()
            self.refresh_bindings()

    def follow(self, done: Done) -> None:
        if done == "check":
            self.body.show_verdict()
            view = self.view
            moves = self.frame.moves and not self.app.is_headless
            if view and view.kind == "backward" and view.stage == "solved" and moves:
                self.side.run_signal()
        elif done == "hint":
            self.body.show_hint()

    def action_signal(self) -> None:
        """The signal on its way through the program, which takes no service."""
        self.frame.commands.beside(self.tour.signal())

    def on_entry_completing(self, event: Entry.Completing) -> None:
        """The line of keys says what a name may become."""
        self.keys.suggest(event.knowns)

    def action_scroll(self, by: int) -> None:
        self.body.scroll_relative(y=by, animate=False)

    def allows(self, name: str) -> bool:
        page = self.side.scrolled
        larger = bool(page.display and (page.max_scroll_x or page.max_scroll_y))
        return larger if name.startswith("side-") else True

    def action_scroll_side(self, right: int, down: int) -> None:
        self.side.scrolled.scroll_relative(right, down, animate=False)

    def on_answer_input_matrix_pasted(self, event: AnswerInput.MatrixPasted) -> None:
        """The service knows how to read a matrix."""
        event.stop()
        self._spread(event.text)

    def _spread(self, text: str) -> None:
        """A matrix over the cells, once the service has read it."""

        async def work() -> None:
            texts = await self.tour.tutor.split(text)
            if len(texts) == len(self.body.entry.grid.cells):
                self.body.entry.grid.texts = texts

        self.frame.command(work)


def place(view: StepView, frame: Frame, narrow: bool) -> tuple[str, str]:
    """The line at the top: what is walked on the left, and how far it has come on the right."""
    quiz, number = view.quiz, {"number": view.index + 1, "total": view.total}
    words = frame.words
    bar = progress_bar(view, frame)
    if quiz is None:
        iteration = Message("iteration {number}", number=view.iteration)
        parts = [view.lesson, view.section, words(iteration) if view.iteration > 1 else ""]
        step = words(Message("step {number}/{total}", **number))
        right = [engine_words(frame), f"{step} {bar}"]
    else:
        section = view.section if view.part != "tape" else ""  # which the question speaks of
        parts = [quiz.assignment, *map(words, _quiz_parts(quiz)), view.lesson, section]
        if frame.tour.returns:
            parts = [words(Message("New numbers")), view.lesson]
        item = words(Message("item {number}/{total}", **number))
        right = [frame.clock.text, engine_words(frame), item if narrow else f"{item} {bar}"]
    return frame.symbols.dotted(*parts), GAP.join(filter(None, right))


def _quiz_parts(quiz: QuizPlace) -> Iterable[Message]:
    """What it is, unless a title says it; the step of a question; whether flagged, and over."""
    if not quiz.assignment:
        yield kind_of(quiz.exam)
    if quiz.part:
        yield Message("part {part}", part=quiz.part)
    if quiz.flagged:
        yield Message("flagged")
    if quiz.reviewing:
        yield Message("review")


def progress_bar(view: StepView, frame: Frame) -> str:
    """How far a lesson has come; of a quiz, where one goes to and fro, how much is answered."""
    come = view.quiz.answered if view.quiz else view.index + (view.stage != "open")
    return frame.symbols.bar(come, view.total, PROGRESS)


def rule(view: StepView, frame: Frame) -> tuple[str, ...]:
    """The line above the question: what kind of step it is; in a quiz, why it comes, and more."""
    symbols, quiz, words = frame.symbols, view.quiz, frame.words
    arrow = {"forward": symbols.down, "backward": symbols.up}.get(view.kind, "")
    if quiz is None:
        what = f"{words(KINDS[view.kind])} {arrow}".strip()
        if view.kind not in OF_PROGRAM:
            return (what,)
        return symbols.dotted(what, view.name), shape_text(view.shape or [])
    left = symbols.dotted(f"{quiz.skill} {arrow}".strip(), quiz.why)
    worth = Message("points: {credit}", credit=points(quiz.credit))
    counts = not quiz.exam and is_open(view)
    seed = "" if quiz.seed is None else words(Message("seed {seed}", seed=quiz.seed))
    return left, *filter(None, [words(worth) if counts else "", seed])

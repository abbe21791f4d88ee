"""The end of a quiz: score, skills, and a way back to every item; and an exam before its end."""

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from textual.app import ComposeResult
from textual.containers import Container, Vertical

from bptutor.front.here import Here
from bptutor.service.assignment_words import REOPENED
from bptutor.service.quiz_words import item_state, kind_of, open_items, points, quiz_score
from bptutor.text import Message
from bptutor.tui.screens.base import STYLES, Room, engine_words
from bptutor.tui.widgets.list import Choice, Choices
from bptutor.tui.widgets.text import Bar, Words
from bptutor.views.quiz import ItemState, QuizItem, QuizView, SkillResult

BAR, SHORT_BAR = 10, 5
"""Width of the bar of a skill, and where there is little room for it."""
SEARCHED: tuple[ItemState, ...] = (
    "wrong",
    "shown",
    "partly",
    "open",
    "carried",
    "answered",
    "right",
)
"""What one comes back for, the worst first."""


class QuizEnd(Room):
    """One list: the skills, the weakest first, then the items; Enter opens an item."""

    PLACE = "quiz-end"
    CSS_PATH = STYLES / "quiz-end.tcss"
    AUTO_FOCUS = "#results"

    def __init__(self) -> None:
        super().__init__()
        self.view: QuizView | None = None
        self._sure = False
        """Does the next press submit?"""
        self._reopened = False
        """Was the assignment opened again that ends here?"""
        self.score = Words(id="score", classes="heading")
        self.closing = Words(id="closing")
        self.list = Choices(id="results", snug=True)
        self.rule = Bar(rule=True, id="rule")
        self.diagnosis = Words(id="diagnosis")

    def compose(self) -> ComposeResult:
        yield from (self.place, self.score, self.closing)
        with Container(id="columns"):
            yield self.list
            with Vertical(id="item"):
                yield from (self.rule, self.diagnosis)
        yield from (self.message, self.keys)

    # ── what is shown ─────────────────────────────────────────────────────────────────────────

    async def present(self, view: QuizView) -> None:
        """Show how it went, or of an exam how far it has come."""
        self.view = view
        self._sure = self._reopened = False
        self.frame.clock.set(view.seconds_left)
        self.show_engine()
        self.score.show(self.words(quiz_score(view)))
        self.closing.show(view.closing)
        self._list(view, self._first)
        self.list.focus()
        self.say("")
        self._show_line()
        self.refresh_bindings()

    def on_resize(self) -> None:  # type: ignore[override]
        """The bars of the skills are as long as there is room for."""
        self.call_after_refresh(self._relist)

    def _relist(self) -> None:
        if self.view:
            self._list(self.view, self.list.chosen)

    def _list(self, view: QuizView, here: int | None) -> None:
        items = [self._item_line(item) for item in view.items]
        lines = self._headed(Message("By kind of step"), self._skill_lines(view.skills))
        self.list.show([*lines, *self._headed(Message("Items"), items)], here)

    def _headed(self, heading: Message, lines: list[Choice]) -> list[Choice]:
        return [Choice(self.words(heading), heading=True), *lines] if lines else []

    def _skill_lines(self, skills: Sequence[SkillResult]) -> list[Choice]:
        """Each kind of step with a bar, the bars one below the other; its key is below 0."""
        texts = [
            self.words(
                Message(
                    "{points} of {possible}",
                    points=points(skill.points),
                    possible=points(skill.possible),
                )
            )
            for skill in skills
        ]
        room = max(map(cell_len, texts), default=0)
        width = SHORT_BAR if self.has_class("-narrow") else BAR
        return [
            Choice(
                skill.skill,
                f"{self.frame.symbols.bar(skill.points, skill.possible, width)} "
                f"{set_cell_size(text, room)}",
                -1 - place,
            )
            for place, (skill, text) in enumerate(zip(skills, texts, strict=True))
        ]

    def _item_line(self, item: QuizItem) -> Choice:
        mark = self.frame.symbols.items[item.state]
        dot = self.frame.symbols.dot
        return Choice(
            f"{item.index + 1:3d}  {item.name} {dot} {item.lesson}",
            f"{mark} {self.words(item_state(item))}",
            item.index,
        )

    @property
    def _first(self) -> int | None:
        """The worst item, from which there is most to learn; before the end the first open one."""
        view = self.view
        items = view.items if view else []
        wanted = SEARCHED if view and view.finished else ("open", "answered")
        return next(
            (item.index for sought in wanted for item in items if item.state == sought), None
        )

    def _show_line(self) -> None:
        item, symbols = self._item, self.frame.symbols
        title = symbols.dotted(item.name, item.skill, item.lesson) if item else ""
        self.rule.show(title)
        self.diagnosis.show(item.diagnosis if item else "")

    @property
    def _item(self) -> QuizItem | None:
        """The item that the cursor is on; on a kind of step its worst one."""
        view, chosen = self.view, self.list.chosen
        if view is None or chosen is None:
            return None
        if chosen >= 0:
            return next((item for item in view.items if item.index == chosen), None)
        skill = view.skills[-1 - chosen].skill
        of_it = [item for item in view.items if item.skill == skill]
        return min(of_it, key=lambda item: SEARCHED.index(item.state), default=None)

    def on_choices_moved(self) -> None:
        self._sure = False
        self.say("")
        self._show_line()

    def show_engine(self) -> None:
        """What has ended, the time that is left, TensorFlow's state."""
        view = self.view
        if view:
            place = Message("at its end") if view.finished else Message("before you submit")
            seed = [] if view.seed is None else [Message("seed {seed}", seed=view.seed)]
            kind = view.assignment or self.words(kind_of(view.exam))
            right = (self.frame.clock.text, engine_words(self.frame))
            self.place.show(
                self.frame.symbols.dotted(kind, *map(self.words, (place, *seed))),
                "   ".join(filter(None, right)),
            )

    def time_changed(self, seconds: float | None) -> None:
        if self.view and self.view.finished and seconds != 0:
            self._reopened = True
            self.say(self.words(REOPENED))
            self.refresh_bindings()

    # ── what is done ──────────────────────────────────────────────────────────────────────────

    @property
    def here(self) -> Here:
        returns = self.tour.returns is not None
        assigned = self.view is not None and bool(self.view.assignment)
        return Here(
            end=self.view,
            returns=returns,
            replays=self.tour.replays,
            in_class=assigned,
            reopened=self._reopened,
        )

    def on_choices_picked(self) -> None:
        self.action_visit()

    def action_visit(self) -> None:
        """To the item: to answer it, or to see what was wrong with it."""
        item = self._item
        if self._reopened:
            self.frame.command(self.tour.here)
        elif item and self.here.reviews:
            self.frame.command(lambda: self.tour.go(item.index))

    def action_hand_in(self) -> None:
        """The end of the exam; it cannot be taken back, so it takes two presses."""
        view = self.view
        if view and self._sure:
            self.frame.command(self.tour.hand_in)
        elif view:
            self._sure = True
            count = open_items(view)
            key = self.key("hand-in")
            sure = Message("Press {key} again to submit. Every item has an answer.", key=key)
            if count:
                sure = Message(
                    "Press {key} again to submit. Items without an answer: {count}.",
                    key=key,
                    count=count,
                )
            self.say(self.words(sure))

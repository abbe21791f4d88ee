"""Dialogs over a screen: a changed lesson, the steps, past attempts, all values."""

from collections.abc import Sequence
from datetime import datetime

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from bptutor.front.here import Here
from bptutor.service.quiz_words import exam_state, outcome
from bptutor.service.words import CHANGED_ENTER, STAGES, changed, way
from bptutor.text import Message
from bptutor.tui.figures import note_text
from bptutor.tui.screens.base import Dialog
from bptutor.tui.widgets.keys import Keys
from bptutor.tui.widgets.list import Choice, Choices
from bptutor.tui.widgets.parts import outcome_mark
from bptutor.tui.widgets.table import Table, matrix_table
from bptutor.tui.widgets.text import Words
from bptutor.views.lesson import Known, LessonChanged, StepName
from bptutor.views.quiz import AttemptLine, ExamResult


class ChangedScreen(Dialog[None]):
    """The question; until it is answered, all is as it was left."""

    PLACE = "changed"

    def __init__(self) -> None:
        super().__init__()
        self.question = Words(id="changed-question", classes="heading")

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield self.question
            yield Words(self.words(CHANGED_ENTER))
            again = Message(
                "{key} starts the lesson again and clears your answers.",
                key=self.key("changed-anew"),
            )
            yield Words(self.words(again))
            yield Words(self.words(Message("Esc changes nothing.")))
        yield Keys(id="keys")

    def show(self, lesson: LessonChanged) -> None:
        self.question.show(self.words(changed(lesson)))

    async def action_act(self, name: str) -> None:
        self.dismiss(None)
        await super().action_act(name)

    def action_leave(self) -> None:
        if self.frame.room.PLACE != "menu":
            self.frame.command(self.tour.menu)


class StepList(Dialog[None]):
    """All steps under their sections; Enter goes to the chosen one."""

    PLACE = "steps"
    DRAWER = True
    AUTO_FOCUS = "#step-list"

    def __init__(self) -> None:
        super().__init__()
        self.heading = Words(classes="heading")
        self.list = Choices(id="step-list")

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield from (self.heading, self.list)
        yield Keys(id="keys")

    def show(self, steps: Sequence[StepName]) -> None:
        """Show these steps, or items of a quiz; those up to the furthest one can be gone to."""
        view = self.tour.step
        if not view:
            return
        self.heading.show(self.words(Message("Items") if view.quiz else Message("Steps")))
        choices: list[Choice] = []
        heading = ""
        symbols = self.frame.symbols
        for index, step in enumerate(steps):
            above = symbols.dotted(step.section, self.words(way(step.kind)))
            if above != heading:
                heading = above
                choices.append(Choice(above, heading=True))
            reached = index <= view.furthest
            stage = f"{symbols.stages[step.stage]} {self.words(STAGES[step.stage])}"
            choices.append(
                Choice(
                    f"{index + 1:4d}  {step.name}",
                    stage if reached else "",
                    index if reached else None,
                )
            )
        self.list.show(choices, view.index)

    def on_choices_picked(self) -> None:
        self.action_jump()

    def action_jump(self) -> None:
        index = self.list.chosen
        self.dismiss(None)
        if index is not None:
            self.frame.command(lambda: self.tour.go(index))


class AttemptList(Dialog[None]):
    """A line an attempt; Enter asks the chosen one again."""

    PLACE = "attempts"
    AUTO_FOCUS = "#attempt-list"

    def __init__(self) -> None:
        super().__init__()
        self.items: list[AttemptLine] = []
        self._more = False
        """Are there earlier ones?"""
        self.list = Choices(id="attempt-list", snug=True)
        self.typed = Words(id="attempt-typed")
        self.code = Words(id="attempt-code", classes="aside")

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Words(self.words(Message("Past attempts")), classes="heading")
            yield from (self.list, self.typed, self.code)
        yield Keys(id="keys")

    @property
    def here(self) -> Here:
        return self.frame.room.here

    def show(self, items: Sequence[AttemptLine]) -> None:
        self.items = []
        self.more(items)

    def more(self, items: Sequence[AttemptLine]) -> None:
        """Show these below the others; where there are none, those were all."""
        self._more = bool(items)
        here = self.list.chosen if self.items else 0
        self.items += items
        self._list(here)
        self._show_attempt()

    def on_resize(self) -> None:  # type: ignore[override]
        """Where there is room, the time of day stands beside the day."""
        self.call_after_refresh(lambda: self._list(self.list.chosen))

    def _list(self, here: int | None) -> None:
        self.list.show([self._line(key, attempt) for key, attempt in enumerate(self.items)], here)

    def _line(self, key: int, attempt: AttemptLine) -> Choice:
        form = "%m-%d" if self.has_class("-narrow") else "%Y-%m-%d %H:%M"
        at = datetime.fromtimestamp(attempt.at).strftime(form)
        symbols = self.frame.symbols
        mark = outcome_mark(attempt.verdict, symbols)
        verdict = f"{mark} {self.words(outcome(attempt.verdict))}"
        return Choice(f"{at}  {attempt.name} {symbols.dot} {attempt.lesson}", verdict, key)

    def _show_attempt(self) -> None:
        chosen = self.list.chosen
        attempt = self.items[chosen] if chosen is not None else None
        typed = Message("You typed: {typed}", typed=attempt.typed if attempt else "")
        self.typed.show(self.words(typed) if attempt and attempt.typed else "")
        self.code.show(attempt.code if attempt else "")

    def on_choices_moved(self) -> None:
        """Another attempt is the chosen one; at the last one the earlier ones are fetched."""
        self._show_attempt()
        if self._more and self.list.chosen == len(self.items) - 1:
            self._more = False
            last = self.items[-1].id
            self.frame.command(lambda: self.tour.attempts(last))

    def on_choices_picked(self) -> None:
        self.action_replay()

    def action_exams(self) -> None:
        self.dismiss(None)
        self.frame.command(self.tour.exams)

    def action_replay(self) -> None:
        chosen = self.list.chosen
        if chosen is not None:
            code = self.items[chosen].code
            self.dismiss(None)
            self.frame.command(lambda: self.tour.replay(code))


class ExamList(Dialog[None]):
    """A line an exam; Enter opens the chosen one."""

    PLACE = "exams"
    AUTO_FOCUS = "#exam-list"

    def __init__(self) -> None:
        super().__init__()
        self.exams: Sequence[ExamResult] = ()
        self.list = Choices(id="exam-list", snug=True)
        self.lessons = Words(id="exam-lessons", classes="aside")

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Words(self.words(Message("Exams")), classes="heading")
            yield from (self.list, self.lessons)
        yield Keys(id="keys")

    def show(self, exams: Sequence[ExamResult]) -> None:
        self.exams = exams
        self.list.show([self._line(key, exam) for key, exam in enumerate(exams)], 0)
        self.on_choices_moved()

    def _line(self, key: int, exam: ExamResult) -> Choice:
        at = datetime.fromtimestamp(exam.begun).strftime("%Y-%m-%d")
        seed = self.words(Message("seed {seed}", seed=exam.seed))
        return Choice(f"{at}  {seed}", self.words(exam_state(exam)), key)

    def on_choices_moved(self) -> None:
        chosen = self.list.chosen
        self.lessons.show("" if chosen is None else ", ".join(self.exams[chosen].titles))

    def on_choices_picked(self) -> None:
        self.action_open()

    def action_open(self) -> None:
        chosen = self.list.chosen
        if chosen is not None:
            key = self.exams[chosen].key
            self.dismiss(None)
            self.frame.command(lambda: self.tour.open_exam(key))


class Values(Dialog[None]):
    """The known quantities, one of them at a time as a table of any size."""

    PLACE = "values"
    DRAWER = True
    AUTO_FOCUS = "#names"

    def __init__(self) -> None:
        super().__init__()
        self.knowns: Sequence[Known] = ()
        self.names = Choices(id="names")
        self.table = Table(id="known")
        self.code = Words(id="item-code", classes="aside")

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Words(self.words(Message("Known values")), classes="heading")
            with Horizontal():
                yield from (self.names, self.table)
            yield self.code
        yield Keys(id="keys")

    def show(self, knowns: Sequence[Known]) -> None:
        """Show these quantities; the first that matters here is open.

        With the code of a quiz' item somebody else can be shown the same numbers.
        """
        self.knowns = knowns
        quiz = self.tour.step.quiz if self.tour.step else None
        code = quiz.code if quiz else ""
        of_item = Message("Code of this item, to share: {code}", code=code)
        self.code.show(self.words(of_item) if code else "")
        first = next((i for i, known in enumerate(knowns) if known.relevant), 0)
        self.names.show(
            [Choice(known.name, note_text(known.matrix), i) for i, known in enumerate(knowns)],
            first,
        )
        self.on_choices_moved()

    def on_choices_moved(self) -> None:
        chosen = self.names.chosen
        if chosen is None:
            return
        known = self.knowns[chosen]
        table = matrix_table(known.name, known.matrix, self.frame)
        self.table.fill(*table, framed=bool(known.matrix.shape))

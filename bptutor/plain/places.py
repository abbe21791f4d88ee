"""The places at the prompt: the menu, a changed lesson, a step, the end of an iteration."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from bptutor.front.here import Here
from bptutor.front.stage import Done
from bptutor.front.tour import CHOICES
from bptutor.plain import assignment_text, quiz_text, step_text, summary_text
from bptutor.plain.commands import index_of, move
from bptutor.plain.entry import Entry
from bptutor.plain.heard import names_of
from bptutor.plain.place import MENU, Place, Shared
from bptutor.service.lesson_words import is_found
from bptutor.service.quiz_words import time_left
from bptutor.service.words import (
    ASKS,
    CHANGED_ENTER,
    HOW_MANY,
    ahead,
    changed,
    iterations,
    numbered,
    reached,
)
from bptutor.text import Message
from bptutor.views.lesson import (
    LessonChanged,
    LessonItem,
    Lessons,
    Outlook,
    StepView,
    SummaryView,
)

HOW_TO_NUDGE = Message("Type the row, the column (counted from 1) and the amount, as in 1 3 0.001.")
MENU_NAME = Message("the menu")
ANEW, QUIZ = Message("/anew"), Message("/quiz")
ITEMS, RESULTS, RETYPE = Message("/items"), Message("/results"), Message("/retype")
OFTEN = 3
"""How often a remark is said unasked."""
NUMBERS, AGAIN = Message("/numbers"), Message("/again")


class Menu(Place):
    """The lessons by their numbers, where one was left, and what is asked in them."""

    name = "menu"

    def __init__(self, shared: Shared, lessons: Lessons, outlook: Outlook) -> None:
        super().__init__(shared)
        self._lessons = lessons
        self._outlook = outlook

    def arrive(self) -> None:
        self.say(*quiz_text.menu(self._lessons, self.tour.part))
        self.say(*quiz_text.outlook(self._outlook, self._last, self.tour.part))
        self.say(*assignment_text.menu(self._lessons.assignments))
        self._say_asked()

    def here(self) -> Here:
        return replace(super().here(), in_class=self._lessons.assignments is not None)

    def prompt(self) -> Message:
        lead = Message("Type the number of a lesson, or {quiz} for a quiz.", quiz=QUIZ)
        if self._last is None:
            return lead
        return Message("Press Enter for {what}. {lead}", what=self._last.title, lead=lead)

    @property
    def _last(self) -> LessonItem | None:
        """The lesson that was open last."""
        return next((i for i in self._lessons.items if i.name == self._lessons.last), None)

    async def answer(self, text: str) -> None:
        if text or self._last:
            await self._open(text or self._lessons.last, resume=True)

    async def do_anew(self, argument: str) -> None:
        await self._open(argument, resume=False)

    async def do_find(self, argument: str) -> None:
        found = [
            Message("{number}. {name}", number=number, name=item.title)
            for number, item in enumerate(self._lessons.items, 1)
            if is_found(item, argument)
        ]
        self.say(*found or [Message("No lesson has these words.")])

    async def do_ask(self, argument: str) -> None:
        place = index_of(argument, len(CHOICES))
        if place is None:
            for number in range(len(CHOICES)):
                self.say(Message("{number}. {name}", number=number + 1, name=_asked(number)))
            self.say(Message("Type {command} with one of these numbers.", command=Message("/ask")))
            return
        self.tour.choose(place)
        await self.tour.remember()
        self._say_asked()

    def _say_asked(self) -> None:
        asked = _asked(self.tour.choice)
        self.say(Message("Part and steps to answer when you begin: {asked}.", asked=asked))

    async def _open(self, wanted: str, resume: bool) -> None:
        """Open a lesson by its number or its name; one that was left is gone on with."""
        item = self._found(wanted)
        if item is None:
            self.say(
                Message(
                    "There is no lesson {wanted}. Type the number of a lesson.",
                    wanted=wanted or "?",
                )
            )
        elif item.problem:
            self.say(item.problem)
        else:
            there = reached(item, self.tour.part)
            begun = bool(there and there.answered)
            await self.tour.open(item.name, resume, switch=not begun)

    def _found(self, wanted: str) -> LessonItem | None:
        items = self._lessons.items
        place = index_of(wanted, len(items))
        named = (item for item in items if item.name == wanted)
        return next(named, None if place is None else items[place])


def _asked(place: int) -> Message:
    part, ask = CHOICES[place]
    if part != "tape":
        return numbered(part)
    return Message("{first}; {second}", first=numbered(part), second=ASKS[ask])


class Changed(Place):
    """A lesson has changed: resume it, or start again? Until then nothing changes."""

    name = "changed"

    def __init__(self, shared: Shared, lesson: LessonChanged) -> None:
        super().__init__(shared)
        self._lesson = lesson

    def arrive(self) -> None:
        self.say("", changed(self._lesson), CHANGED_ENTER)

    def prompt(self) -> Message:
        return Message("Press Enter to continue, or type {anew} or {menu}.", anew=ANEW, menu=MENU)

    async def answer(self, text: str) -> None:
        if not text:
            await self.tour.go_on_changed()


class Step(Place):
    """A step of a lesson, or an item of a quiz: to be answered, or to be looked at."""

    name = "step"

    def __init__(self, shared: Shared, view: StepView) -> None:
        super().__init__(shared)
        self.view = view
        self.entry = Entry(view)
        self._panel: int | None = 0 if view.example else None
        """The part of the worked example that was said last; None for the question itself."""

    def here(self) -> Here:
        return replace(super().here(), step=self.view)

    def arrive(self) -> None:
        self.shared.dialogue.names = names_of(self.view)
        self._arrive(self._new_remarks())

    def _arrive(self, remarks: Sequence[str]) -> None:
        if self.view.example and self._panel is not None:
            self._panel = 0
            self.say(*step_text.example(self.view))
            return
        here = self.here()
        self.say(*step_text.question(self.view, self.entry, remarks))
        if here.reviewing:
            self.say(*step_text.reviewed(self.view, self.entry))
            return
        if not here.open:
            self.say(*step_text.answer(self.view))
        if here.timed:
            self.say(Message("{what}.", what=time_left(self.shared.clock.left or 0)))

    def _new_remarks(self) -> list[str]:
        """The remarks that have not been heard often enough; `/repeat` says them all."""
        heard = self.shared.remarks
        new = [each for each in self.view.remarks if heard[each] < OFTEN]
        if self._panel is None and self.here().open:
            heard.update(new)
        return new

    async def do_repeat(self, _: str) -> None:
        self._arrive(self.view.remarks)

    async def do_verdict(self, _: str) -> None:
        self.say(*step_text.verdict(self.view, whole=True))

    def prompt(self) -> Message:
        here = self.here()
        if self._panel is not None:
            return Message("Press Enter to continue.")
        if here.reviewing:
            return Message(
                "Press Enter for the next mistake, or type {results} for the results.",
                results=RESULTS,
            )
        if self.entry.complete:
            return Message(
                "Press Enter for the next item, or type {items} for the list.", items=ITEMS
            )
        return self.entry.prompt() if here.open else Message("Press Enter to continue.")

    # ── answering ─────────────────────────────────────────────────────────────────────────────

    async def answer(self, text: str) -> None:
        here = self.here()
        if self._panel is not None:
            self._go_on(skip=bool(text))
            if not text:
                return
        if self.shared.clock.over:
            await self.tour.overview()
        elif here.reviewing:
            await self._next_mistake()
        elif here.open and not self.entry.complete:
            await self._take(text)
        elif not text:
            await self.tour.next()
        elif here.open:
            self.say(
                Message(
                    "This item has an answer. Press Enter to continue, or type {retype} to "
                    "change it.",
                    retype=RETYPE,
                )
            )
        else:
            self.say(Message("This step is done. Press Enter for the next one."))

    def _go_on(self, *, skip: bool) -> None:
        """The next part of the worked example; after the last one, or to `skip`, the question."""
        assert self._panel is not None
        self._panel += 1
        if skip or self._panel == len(self.view.example):
            self._panel = None
            self.arrive()
        else:
            self.say(*step_text.panel(self.view, self._panel))

    async def _take(self, text: str) -> None:
        judge, numbers, row = self.entry.take(text)
        if numbers:
            judge = self.entry.fill(row, await self.tour.tutor.split(numbers, row))
        if judge:
            await self.tour.check(*self.entry.typed, judge)
        else:  # a row at a time: none is lost, whatever happens
            await self._keep()

    async def _keep(self) -> None:
        """Keep what is typed; where the time of an exam is over by then, go to its end."""
        if end := await self.tour.keep_draft():
            await self.tour.arrive(end)

    def hear(self, view: StepView, done: Done) -> None:
        """Say what has come of the step."""
        if self._panel is not None:  # a hint was asked for meanwhile
            self._go_on(skip=True)
        before, self.view = self.view, view
        if done == "flag":
            flagged = view.quiz is not None and view.quiz.flagged
            self.say(Message("Flagged.") if flagged else Message("Flag removed."))
            return
        self.entry = Entry(view, value_first=self.entry.value_first, checked=done == "check")
        here, hints = self.here(), len(before.hints)
        for number, hint in enumerate(view.hints[hints:], hints + 1):
            self.say(step_text.hint_words(number, hint))
        if done not in ("hint", "show"):
            self.say(*step_text.verdict(view))
        if here.open and view.offers_numbers:
            self.say(
                Message(
                    "You know this kind of step well. Type {command} to fill in the numbers.",
                    command=NUMBERS,
                )
            )
        if not here.open:
            self.say(*step_text.answer(view))
        elif here.told and view.quiz and before.quiz and view.quiz.credit != before.quiz.credit:
            self.say(Message("Now {worth}.", worth=quiz_text.worth(view.quiz.credit)))

    async def _next_mistake(self) -> None:
        """To the next item that did not go right; after the last one, back to the end."""
        wrong = quiz_text.mistaken(self.shared.end) if self.shared.end else []
        after = next((each.index for each in wrong if each.index > self.view.index), None)
        await self.tour.go("summary" if after is None else after)

    # ── commands ──────────────────────────────────────────────────────────────────────────────

    async def do_row(self, argument: str) -> None:
        row = index_of(argument, self.view.grid.rows)
        if row is None or not self.entry.empty_row(row):
            self.say(Message("Type the number of a row, as in 2."))

    async def do_swap(self, _: str) -> None:
        if not self.entry.swap():
            self.say(Message("Only one of the two is left to answer."))

    async def do_retype(self, _: str) -> None:
        self.entry.empty()
        await self._keep()

    async def do_program(self, _: str) -> None:
        self.say(*step_text.program(self.view))

    async def do_nudge(self, argument: str) -> None:
        found = move(argument)
        if found is None:
            self.say(HOW_TO_NUDGE)
            return
        row, column, by = found
        if self.view.grid.rows > 1 and self.view.grid.columns == 1 and row == 0:
            row, column = column, 0  # of a column, one number says which
        came = await self.tour.look(lambda: self.tour.tutor.nudge(row, column, by))
        self.say(*step_text.nudged(came))

    async def do_item(self, argument: str) -> None:
        await self._to_item(argument, self.view.total)

    async def do_seed(self, _: str) -> None:
        if self.view.quiz:
            self.say(*quiz_text.seeds(self.view.quiz))


class Summary(Place):
    """The end of an iteration, and the training that can follow it."""

    name = "summary"

    def __init__(self, shared: Shared, view: SummaryView) -> None:
        super().__init__(shared)
        self.view = view

    def here(self) -> Here:
        return Here(summary=self.view, text=True)

    def arrive(self) -> None:
        self.say(*summary_text.summary(self.view))

    def prompt(self) -> Message:
        onward = self.view.onward
        lead = Message("Press Enter for {what}.", what=ahead(onward[0]) if onward else MENU_NAME)
        if not self.view.trains:
            return lead
        return Message(
            "{lead} Type how many iterations TensorFlow trains, or {again} for one by hand.",
            lead=lead,
            again=AGAIN,
        )

    async def answer(self, text: str) -> None:
        if self.view.trains and text:
            await self.do_train(text)
        elif not text:
            await self.tour.onward()

    async def do_larger(self, text: str) -> None:
        await self.do_train(text, larger=True)

    async def do_train(self, text: str, larger: bool = False) -> None:
        count = iterations(text)
        if count is None:
            self.say(HOW_MANY)
            return
        dialogue = self.shared.dialogue
        if dialogue.live:
            self.say(Message("TensorFlow is training. Press Ctrl+C to stop."))
        with dialogue.interruptible(self._stop):
            await self.tour.train(count, larger)

    def _stop(self) -> None:
        """Stop the training; what it has come to stands."""
        cancelling = self.tour.client.cancel()
        self._stopping = asyncio.create_task(cancelling)  # kept, lest it be collected

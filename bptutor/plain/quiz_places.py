"""The places of quizzes at the prompt: the cover of an exam or an assignment, the end of a quiz."""

from dataclasses import replace

from bptutor.front.here import Here
from bptutor.plain import assignment_text, quiz_text
from bptutor.plain.place import MENU, Place, Shared
from bptutor.service.assignment_words import how_to_begin
from bptutor.text import Message, sentences
from bptutor.views.assignments import AssignmentCover
from bptutor.views.quiz import ExamCover, QuizView

HAND_IN = Message("/hand-in")
AGAIN = Message("/again")


class ExamStart(Place):
    """What to know before an exam; Enter starts its clock."""

    name = "exam"

    def __init__(self, shared: Shared, cover: ExamCover) -> None:
        super().__init__(shared)
        self._cover = cover

    def arrive(self) -> None:
        self.say(*quiz_text.cover(self._cover))

    def prompt(self) -> Message:
        return Message(
            "Press Enter to begin; the clock starts then. {menu} leads to the menu.", menu=MENU
        )

    async def answer(self, text: str) -> None:
        if not text:
            await self.tour.begin_exam()


class AssignmentStart(Place):
    """What to know before an assignment; Enter, or its password, begins it."""

    name = "assignment"

    def __init__(self, shared: Shared, cover: AssignmentCover) -> None:
        super().__init__(shared)
        self._cover = cover

    def here(self) -> Here:
        return replace(super().here(), cover=self._cover, in_class=True)

    def arrive(self) -> None:
        self.say(*assignment_text.cover(self._cover))

    def prompt(self) -> Message:
        how = how_to_begin(self._cover)
        return Message("{how} {menu} leads to the menu.", how=how, menu=MENU)

    async def answer(self, text: str) -> None:
        if self._cover.item.state == "open" and bool(text) == self._cover.asks_password:
            await self.tour.begin_assignment(text)


class QuizEnd(Place):
    """How a quiz went; or, of an exam, the place where one hands in."""

    name = "quiz-end"

    def __init__(self, shared: Shared, view: QuizView) -> None:
        super().__init__(shared)
        self.view = view

    def here(self) -> Here:
        return replace(super().here(), end=self.view, in_class=bool(self.view.assignment))

    def arrive(self) -> None:
        self.say(*quiz_text.end(self.view))

    def prompt(self) -> Message:
        if self.view.again:
            again = Message("{again} begins another attempt.", again=AGAIN)
            return sentences(self._prompt(), again)
        return self._prompt()

    def _prompt(self) -> Message:
        if not self.view.finished:
            return Message(
                "Type {hand_in} to submit, or the number of an item to return to it.",
                hand_in=HAND_IN,
            )
        if self.view.shown != "all":
            return Message("Type {menu} to continue.", menu=MENU)
        if quiz_text.mistaken(self.view):
            return Message("Press Enter to review your mistakes, or type the number of an item.")
        return Message("Type the number of an item to review it, or {menu}.", menu=MENU)

    async def answer(self, text: str) -> None:
        if self.shared.reopened:
            self.shared.end, self.shared.reopened = None, False
            await self.tour.here()
        elif self.shared.clock.over and not self.view.finished:
            await self.tour.overview()
        elif text:
            await self.do_item(text)
        elif wrong := quiz_text.mistaken(self.view):
            await self.tour.go(wrong[0].index)

    async def do_item(self, argument: str) -> None:
        await self._to_item(argument, len(self.view.items))

    async def do_items(self, _: str) -> None:
        self.say(*quiz_text.items(self.view))

"""The cover of an exam with a time limit, at the prompt."""

from bptutor.plain import quiz_text
from bptutor.plain.places import MENU, Place, Shared
from bptutor.text import Message
from bptutor.views.quiz import ExamCover


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

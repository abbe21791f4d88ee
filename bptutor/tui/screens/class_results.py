"""What came of an assignment: mistakes by item, marks, and a learner's whole paper."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import set_cell_size

from bptutor.service.desk_tables import GAP, Table, marks_of, mistakes, paper
from bptutor.service.desk_words import (
    STAR,
    about_item,
    about_mistakes,
    about_paper,
    events,
    item_heading,
    points_of,
    regraded,
    score,
    shown_to_learners,
)
from bptutor.service.quiz_words import points
from bptutor.text import Message, UserError
from bptutor.text.printable import cells
from bptutor.tui.screens.class_forms import REASON, WHY, ChangeForm, Field
from bptutor.tui.screens.classroom import Sheet
from bptutor.views.classroom import MarksView, MistakesView, PaperView, Released

RELEASES: dict[str, Released] = {"1": "score", "2": "answers", "3": "both"}
"""What may be shown to learners, by what is typed."""


class Mistakes(Sheet):
    """Item by item what went wrong, with sample answers."""

    PLACE = "class-mistakes"
    TITLE_WORDS = Message("Mistakes")
    view: MistakesView

    async def present(self, view: MistakesView) -> None:
        """The item that was chosen in the live view is chosen here."""
        await super().present(view)
        if self.teacher.item is not None:
            self._lay_out(self.teacher.item)
            self.show_row()
            self.teacher.item = None

    async def fetch(self) -> MistakesView:
        return await self.teacher.desk.mistakes(self.name_of_assignment)

    def table(self) -> Table:
        return mistakes(self.view, self.words)

    def keys_of_rows(self) -> Sequence[str]:
        return [str(each.index) for each in self.view.items]

    def titled(self, index: int) -> str:
        return self.words(item_heading(self.view.items[index]))

    def told(self, index: int) -> Iterable[Message]:
        return about_mistakes(self.view.items[index])


class Marks(Sheet):
    """Everybody's marks in the assignment."""

    PLACE = "class-marks"
    TITLE_WORDS = Message("Mark sheet")
    view: MarksView

    async def fetch(self) -> MarksView:
        return await self.teacher.desk.marks(self.name_of_assignment)

    def table(self) -> Table:
        return marks_of(self.view, self.words)

    def keys_of_rows(self) -> Sequence[str]:
        return [each.person.login for each in self.view.people]

    def titled(self, index: int) -> str:
        person = self.view.people[index].person
        return self.frame.symbols.dotted(person.login, person.name)

    def told(self, index: int) -> Iterable[Message]:
        """The points item by item."""
        mark = next(iter(self.view.people[index].marks), None)
        column = next(iter(self.view.assignments), None)
        if mark and column and mark.points is not None:
            there = zip(column.items, mark.items, strict=False)
            texts = [
                f"{number} {name}: {'-' if got is None else points(got)}"
                for number, (name, got) in enumerate(there, 1)
            ]
            width = max(map(cells, texts), default=0)
            across = max(1, (self.room_for_text + GAP) // (width + GAP))
            for start in range(0, len(texts), across):
                row = [set_cell_size(text, width + GAP) for text in texts[start : start + across]]
                yield Message("{what}", what="".join(row).rstrip())
            if mark.overridden:
                yield STAR

    def allows(self, name: str) -> bool:
        return name != "class-paper" or bool(self.chosen_key)

    def on_choices_picked(self) -> None:
        self.action_paper()

    def action_paper(self) -> None:
        if self.chosen_key:
            self.teacher.login = self.chosen_key
            self.teacher.enter("class-paper")

    def action_release(self) -> None:
        async def save(values: dict[str, str]) -> None:
            what = RELEASES.get(values["what"])
            if what is None:
                raise UserError(Message("Type 1, 2 or 3."))
            desk = self.teacher.desk
            line = await desk.release(self.name_of_assignment, what, values[WHY])
            self.teacher.assignment = line
            await self.teacher.reload()
            self.say(self.words(shown_to_learners(line)))

        self.teacher.change(
            ChangeForm(
                Message("Show learners their results"),
                [Message("1: their score. 2: the answers. 3: both.")],
                [Field("what", Message("What")), REASON],
                save,
            )
        )

    def action_regrade(self) -> None:
        async def save(values: dict[str, str]) -> None:
            changes = await self.teacher.desk.regrade(self.name_of_assignment, values[WHY])
            await self.teacher.reload()
            self.say("\n".join(self.words(each) for each in regraded(changes)))

        self.teacher.change(
            ChangeForm(
                Message("Grade again"),
                [Message("bptutor grades every submitted paper again. Points that you gave stay.")],
                [REASON],
                save,
            )
        )


class Paper(Sheet):
    """A learner's paper: each item with its answers, and all that happened to the paper."""

    PLACE = "class-paper"
    TITLE_WORDS = Message("Paper")
    view: PaperView

    async def fetch(self) -> PaperView:
        return await self.teacher.desk.paper(self.name_of_assignment, self.teacher.login)

    def place_words(self) -> tuple[str, str]:
        view = self.view
        person = view.person
        left = self.frame.symbols.dotted(view.assignment.title, person.name or person.login)
        return left, score(view.points, view.possible) if view.points is not None else ""

    def table(self) -> Table:
        return paper(self.view, self.words)

    def keys_of_rows(self) -> Sequence[str]:
        return [str(each.index) for each in self.view.items]

    def titled(self, index: int) -> str:
        return self.words(item_heading(self.view.items[index]))

    def told(self, index: int) -> Iterable[Message]:
        """The item's answers, then the paper's own times and changes."""
        yield from about_item(self.view.items[index])
        yield from about_paper(self.view)
        yield from events(self.view)

    def on_choices_picked(self) -> None:
        self.action_mark()

    def action_mark(self) -> None:
        chosen = self.rows.chosen
        if chosen is None or not self.view.items:
            return
        item = self.view.items[chosen]

        async def save(values: dict[str, str]) -> None:
            given = points_of(values["points"])
            view = await self.teacher.desk.mark(
                self.name_of_assignment, self.view.person.login, item.index + 1, given, values[WHY]
            )
            await self.present(view)

        self.teacher.change(
            ChangeForm(
                Message("Change the points of item {number}", number=item.index + 1),
                [Message("From 0 to 1. - takes your points back, and bptutor's count again.")],
                [Field("points", Message("Points")), REASON],
                save,
            )
        )

"""What the teacher sees in rows: the same columns in a command's output and in the app."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bptutor.service.desk_words import (
    ITEMS,
    KINDS,
    Speak,
    ago,
    day_and_time,
    paper_state,
    score,
    standing,
    time_left,
)
from bptutor.service.quiz_words import points
from bptutor.text import Message
from bptutor.text.printable import cells, printable
from bptutor.views.classroom import (
    AssignmentLine,
    ItemBar,
    LearnerLine,
    MarkLine,
    MarksView,
    MistakesView,
    PaperView,
    PreviewView,
    RosterView,
    WatchView,
)

GAP = 2
NARROWEST = 11  # cells of a column that is cut, at least


BAR = 20  # cells of an item's bar in the app


@dataclass(frozen=True)
class Table:
    """Headings and rows of texts, already in the teacher's language."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    right: Sequence[int] = ()  # columns of numbers, aligned to the right
    elastic: Sequence[int] = (0,)
    """The columns that are cut where the whole is too wide, the first one first."""

    def lines(self, width: int | None = None, ellipsis: str = "…") -> Iterator[str]:
        """The headings and the rows in columns, in at most `width` cells where one is given."""
        rows = [[*map(printable, row)] for row in (self.headings, *self.rows)]
        widths = [max(map(cells, column)) for column in zip(*rows, strict=True)]
        for column in self.elastic if width is not None else ():
            over = sum(widths) + GAP * (len(widths) - 1) - (width or 0)
            least = max(NARROWEST, cells(self.headings[column]))
            widths[column] = max(min(least, widths[column]), widths[column] - max(0, over))
        for row in rows:
            texts = [
                _set(text, room, ellipsis, place in self.right)
                for place, (text, room) in enumerate(zip(row, widths, strict=True))
            ]
            yield (" " * GAP).join(texts).rstrip()


def _set(text: str, width: int, ellipsis: str, right: bool) -> str:
    """A text in so many cells; Hangul takes two."""
    if cells(text) > width:
        while text and cells(text) + cells(ellipsis) > width:
            text = text[:-1]
        text += ellipsis
    blank = " " * (width - cells(text))
    return blank + text if right else text + blank


def assignments(lines: Sequence[AssignmentLine], speak: Speak) -> Table:
    return Table(
        [
            speak(Message("Assignment")),
            speak(Message("Title")),
            speak(Message("Kind")),
            speak(Message("State")),
            speak(Message("Submitted")),
        ],
        [
            (
                line.name,
                line.title,
                speak(KINDS[line.kind]),
                speak(standing(line)),
                f"{line.submitted}/{line.people}",
            )
            for line in lines
        ],
        right=(4,),
        elastic=(1, 0),
    )


def people(view: RosterView, speak: Speak) -> Table:
    return Table(
        [
            speak(Message("Login")),
            speak(Message("Name")),
            speak(Message("Number")),
            speak(Message("Email")),
            speak(Message("Section")),
            speak(Message("Time factor")),
        ],
        [
            (each.login, each.name, each.number, each.email, each.section, f"{each.time_factor:g}")
            for each in view.people
        ],
        right=(5,),
        elastic=(3, 1),
    )


def preview(view: PreviewView, speak: Speak) -> Table:
    return Table(
        ["#", speak(Message("Item")), speak(Message("Lesson"))],
        [(str(each.index + 1), each.name, each.lesson) for each in view.items],
        right=(0,),
        elastic=(2, 1),
    )


def learners(view: WatchView, speak: Speak, signs: tuple[str, str] | None = None) -> Table:
    here, away = signs or (speak(Message("yes")), "-")
    return Table(
        [
            here if signs else speak(Message("Connected")),
            speak(Message("Login")),
            speak(Message("Name")),
            speak(Message("State")),
            speak(Message("Item")),
            speak(Message("Done")),
            speak(Message("Time left")),
            speak(Message("Last key")),
        ],
        [
            (
                here if each.connected else away,
                each.login,
                each.name,
                speak(paper_state(each)),
                str(each.item or "-"),
                f"{each.answered}/{each.items}",
                _time_left(each, speak),
                "-" if each.last_key is None else speak(ago(view.now - each.last_key)),
            )
            for each in view.learners
        ],
        right=(4, 5, 6, 7),
        elastic=(3, 2, 1),
    )


def _time_left(learner: LearnerLine, speak: Speak) -> str:
    """What is left, and in it the minutes that a teacher gave: 35:00 +10."""
    left = "-" if learner.seconds_left is None else speak(time_left(learner.seconds_left))
    return f"{left} +{learner.extended:g}" if learner.extended else left


OUTCOMES = ("right", "partly", "wrong", "answered", "open")  # in the order of their bars


def bars(view: WatchView, speak: Speak, signs: str = "") -> Table:
    """How many are how far, item by item; with a sign for each outcome, drawn as well."""
    drawn = [[_bar(each, signs)] if signs else [] for each in view.items]
    words = [
        *(Message("Correct"), Message("Partly"), Message("Wrong")),
        *(Message("Answered"), Message("Unanswered")),
    ]
    counts = ["", *signs] if signs else [speak(each) for each in words]
    return Table(
        ["#", speak(Message("Item")), speak(Message("Lesson")), *counts],
        [
            (str(each.index + 1), each.name, each.lesson, *bar, *map(str, _counts(each)))
            for each, bar in zip(view.items, drawn, strict=True)
        ],
        right=(0, *range(4, 9)) if signs else (0, *range(3, 8)),
        elastic=(2, 1),
    )


def _counts(item: ItemBar) -> list[int]:
    return [getattr(item, outcome) for outcome in OUTCOMES]


def _bar(item: ItemBar, signs: str) -> str:
    """A bar of the outcomes; what there is of any of them takes a cell at least."""
    counts = _counts(item)
    total = sum(counts)
    if not total:
        return signs[-1] * BAR
    rooms = [max(1, round(BAR * count / total)) if count else 0 for count in counts]
    largest = rooms.index(max(rooms))
    rooms[largest] += BAR - sum(rooms)
    return "".join(sign * room for sign, room in zip(signs, rooms, strict=True))


def marks(view: MarksView, speak: Speak) -> Table:
    rows = []
    for each in view.people:
        found = {mark.assignment: mark for mark in each.marks}
        rows.append(
            (
                each.person.login,
                each.person.name,
                *(
                    score(found[column.name].points, column.possible)
                    + ("*" if found[column.name].overridden else "")
                    if column.name in found
                    else "-"
                    for column in view.assignments
                ),
            )
        )
    titles = [column.name for column in view.assignments]
    return Table(
        [speak(Message("Login")), speak(Message("Name")), *titles],
        rows,
        right=range(2, 2 + len(titles)),
        elastic=(1,),
    )


def marks_of(view: MarksView, speak: Speak) -> Table:
    """The marks in one assignment, the only one of the view; a row for each learner."""
    rows = []
    for each in view.people:
        mark = next(iter(each.marks), None)
        there = mark is not None and mark.attempt > 0
        rows.append(
            (
                each.person.login,
                each.person.name,
                each.person.section,
                *_mark(mark, view.assignments[0].possible if view.assignments else 0.0, speak),
                "-" if mark.submitted is None else day_and_time(mark.submitted),
            )
            if mark and there
            else (each.person.login, each.person.name, each.person.section, *["-"] * 5)
        )
    return Table(
        [
            speak(Message("Login")),
            speak(Message("Name")),
            speak(Message("Section")),
            speak(Message("Points")),
            "%",
            speak(Message("Late")),
            speak(Message("Extra")),
            speak(Message("Submitted")),
        ],
        rows,
        right=(3, 4, 5, 6),
        elastic=(1, 2, 0),
    )


def _mark(mark: MarkLine, possible: float, speak: Speak) -> tuple[str, str, str, str]:
    """Points, per cent, what a late paper's points count, and minutes more."""
    points_ = score(mark.points, possible) + ("*" if mark.overridden else "")
    percent = f"{100 * mark.points / possible:.0f}" if mark.points is not None and possible else "-"
    late = f"{100 * mark.late:g} %" if mark.late != 1 else "-"
    minutes = Message("{minutes} min", minutes=f"{mark.extended:g}")
    return points_, percent, late, speak(minutes) if mark.extended else "-"


def mistakes(view: MistakesView, speak: Speak) -> Table:
    return Table(
        [
            "#",
            speak(Message("Item")),
            speak(Message("Lesson")),
            speak(Message("Answered")),
            speak(Message("Wrong")),
        ],
        [
            (str(each.index + 1), each.name, each.lesson, str(each.answered), str(each.wrong))
            for each in view.items
        ],
        right=(0, 3, 4),
        elastic=(2, 1),
    )


def paper(view: PaperView, speak: Speak) -> Table:
    return Table(
        [
            "#",
            speak(Message("Item")),
            speak(Message("Lesson")),
            speak(Message("State")),
            speak(Message("Points")),
        ],
        [
            (
                str(each.index + 1),
                each.name,
                each.lesson,
                speak(ITEMS.get(each.state, Message("{what}", what=each.state))),
                "-"
                if each.points is None
                else points(each.points) + ("*" if each.override else ""),
            )
            for each in view.items
        ],
        right=(0, 4),
        elastic=(2, 1),
    )

"""The progress as lines of text: bars and a calendar made of characters, never of colour alone."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import ClassVar

from rich.cells import cell_len

from bptutor.service.quiz_words import day_of, due, exam_state, share_of
from bptutor.text import Message
from bptutor.tui.figures import fit
from bptutor.tui.symbols import Look
from bptutor.views.quiz import Day, ProgressView

WEEKS = 12
"""Of the calendar, this one among them."""
LEVELS = (1, 5, 10, 20)
"""From so many attempts on a day is drawn darker."""
DAYS = (
    Message("Mon"),
    Message("Tue"),
    Message("Wed"),
    Message("Thu"),
    Message("Fri"),
    Message("Sat"),
    Message("Sun"),
)
BAR, SHORT_BAR = 10, 4
ROOMY = 56
"""From this width on there are long bars, and a word more on each."""
LONGEST = 34
"""Cells of a name at most."""


def calendar(
    look: Look, days: Sequence[Day], today: date, weeks: int, *, cells: int = 3
) -> list[str]:
    """A row for each of the last weeks, this one last, and a column for each day of the week.

    A day has so many cells, the last one blank where its sign has room: 2 or 3.
    """
    counts = {day.date: day.attempts for day in days}
    monday = today - timedelta(days=today.weekday(), weeks=weeks - 1)
    letters = cells - 1
    names = "".join(fit(look.words(name)[:letters], cells, "") for name in DAYS)
    lines = [f"{'':5}  {names}".rstrip()]
    for week in range(weeks):
        first = monday + timedelta(weeks=week)
        marks = (_mark(look, counts, first + timedelta(days=day), today) for day in range(7))
        row = "".join(
            fit(mark * (letters if mark in look.symbols.shades else 1), cells, "") for mark in marks
        )
        lines.append(f"{first:%m-%d}  {row}".rstrip())
    return lines


def _mark(look: Look, counts: Mapping[str, int], day: date, today: date) -> str:
    """A day's mark: nothing yet, none, or the darker the more there was."""
    count = counts.get(day.isoformat(), 0)
    level = sum(count >= least for least in LEVELS)
    mark = look.symbols.shades[level - 1] if level else look.symbols.dot
    return " " if day > today else mark


class Reporter:
    """Writes the sections of a progress in a width."""

    SECTIONS: ClassVar[Mapping[str, Message]] = {
        "skills": Message("Chance to remember in a week, weakest first, and when to practise"),
        "mistakes": Message("Repeated mistakes"),
        "calendar": Message("Practice in the last twelve weeks"),
        "weeks": Message("Right at the first try, by week"),
        "lessons": Message("Lessons"),
        "exams": Message("Exams"),
    }

    def __init__(self, look: Look, view: ProgressView, width: int, now: float) -> None:
        self._look = look
        self._view = view
        self._width = width
        self._now = now
        self._today = date.fromtimestamp(now)

    def section(self, name: str) -> list[str]:
        return list(getattr(self, f"_{name}")())

    def _skills(self) -> Iterator[str]:
        skills = self._view.skills
        room = self._room([skill.skill for skill in skills])
        for skill in skills:
            when = due(skill.due, self._now)
            note = self._look.words(Message("due {when}", when=when) if self._roomy else when)
            asked = self._look.words(Message("asked {count}", count=skill.items))
            line = self._line(skill.skill, room, skill.strength, note)
            whole = f"{line} {self._look.symbols.dot} {asked}"
            yield whole if cell_len(whole.splitlines()[-1]) <= self._width else line

    def _mistakes(self) -> Iterator[str]:
        for mistake in self._view.mistakes:
            yield f"{self._look.symbols.dot} {mistake.text}"
            how_often = Message(
                "times: {times}, days: {days}, last on {date}",
                times=mistake.times,
                days=mistake.days,
                date=day_of(mistake.last),
            )
            yield f"  {self._look.words(how_often)}"

    def _lessons(self) -> Iterator[str]:
        begun = [lesson for lesson in self._view.lessons if lesson.answered]
        symbols = self._look.symbols
        names = [
            f"{symbols.done if lesson.finished else symbols.begun} {lesson.title}"
            for lesson in begun
        ]
        room = self._room(names)
        for name, lesson in zip(names, begun, strict=True):
            share = lesson.answered / max(1, lesson.steps)
            yield self._line(name, room, share, f"{lesson.answered}/{lesson.steps}")

    def _exams(self) -> Iterator[str]:
        for exam in self._view.exams:
            seed = Message("seed {seed}", seed=exam.seed)
            name = f"{day_of(exam.begun)}  {self._look.words(seed)}"
            state = self._look.words(exam_state(exam))
            bar = self._look.symbols.bar(share_of(exam), 1, BAR if self._roomy else SHORT_BAR)
            yield f"{name}  {bar}  {state}" if exam.points is not None else f"{name}  {state}"

    def _weeks(self) -> Iterator[str]:
        for week in self._view.weeks[-WEEKS:]:
            note = self._look.words(Message("of {count}", count=week.items))
            yield self._line(week.monday, len(week.monday), week.first_try, note)

    def _calendar(self) -> Iterator[str]:
        if self._view.days:
            yield from calendar(self._look, self._view.days, self._today, WEEKS)
            yield self._legend()

    def _legend(self) -> str:
        """What the marks stand for, in attempts a day."""
        shades = self._look.symbols.shades
        ends = [str(following - 1) for following in LEVELS[1:]]
        spans = [f"{least}-{end}" for least, end in zip(LEVELS, ends, strict=False)]
        parts = zip(shades, [*spans, f"{LEVELS[-1]}+"], strict=True)
        marks = "  ".join(f"{shade} {span}" for shade, span in parts)
        return f"{self._look.symbols.dot} 0  {marks}"

    # ── a line ────────────────────────────────────────────────────────────────────────────────

    @property
    def _roomy(self) -> bool:
        return self._width >= ROOMY

    def _room(self, names: list[str]) -> int:
        """How wide the names are; 0 where there is no room for all of them beside the bars."""
        widest = max(map(cell_len, names), default=0)
        if self._roomy:
            return min(LONGEST, widest)
        return widest if widest <= self._width - SHORT_BAR - 20 else 0

    def _line(self, name: str, room: int, share: float, note: str) -> str:
        """A name, and beside or below it a bar, a share in percent, and a word on it."""
        bar = self._look.symbols.bar(share, 1, BAR if self._roomy else SHORT_BAR)
        text = fit(name, room or self._width, self._look.symbols.ellipsis)
        below = "" if room else "\n"
        return f"{text}{below}  {bar} {round(100 * share):3d} %  {note}"

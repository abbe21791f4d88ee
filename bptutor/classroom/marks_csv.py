"""Marks as tables for a spreadsheet, for Moodle and for Canvas.

A cell that a spreadsheet would take for a formula gets an apostrophe (CWE-1236); a number never
does. Moodle and Canvas find a learner by the columns that their import pages name.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from bptutor.text import UserError
from bptutor.views.classroom import MarkColumn, MarkLine, MarksView, PersonLine, PersonMarks

Cell: TypeAlias = str | float | None
Kind: TypeAlias = Literal["csv", "moodle", "canvas"]
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
"""What a formula begins with; the full-width signs do in some spreadsheets."""
QUOTED = re.compile(r'[",;\t\r\n]|^\s|\s$')  # a semicolon separates cells in half of Europe

CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
POINTS_POSSIBLE = "Points Possible"
MOODLE = ("Username", "Email address", "ID number")


@dataclass(frozen=True)
class Gradebook:
    """An exported Canvas gradebook: rows of learners, and columns of assignments."""

    learners: dict[str, Sequence[str]] = field(default_factory=dict)  # by login and ID, lower case
    columns: dict[str, str] = field(default_factory=dict)  # by title the heading with its number

    def learner(self, person: PersonLine) -> Sequence[str] | None:
        known = (person.login, person.email, person.number)
        return next(
            (self.learners[key.lower()] for key in known if key.lower() in self.learners), None
        )


def read_gradebook(text: str, file: str) -> Gradebook:
    """What an exported gradebook says. Raises UserError: it is none."""
    rows = [row for row in csv.reader(io.StringIO(text)) if any(row)]
    header = rows[0] if rows else []
    places = [header.index(name) for name in CANVAS if name in header]
    if len(places) != len(CANVAS):
        raise UserError(
            "{file}, line 1: this is no gradebook of Canvas. Export one there; it begins with "
            "the columns {columns}.",
            file=file,
            columns=", ".join(CANVAS),
        )
    learners: dict[str, Sequence[str]] = {}
    for row in rows[1:]:
        cells = [row[place].strip() if place < len(row) else "" for place in places]
        if POINTS_POSSIBLE not in cells[0]:
            for key in filter(None, (cells[2], cells[3])):
                learners[key.lower()] = cells
    columns = {
        found[1]: heading
        for heading in header
        if (found := re.fullmatch(r"(.+) \(\d+\)", heading.strip()))
    }
    return Gradebook(learners, columns)


def table(
    view: MarksView, kind: Kind, *, items: bool = False, gradebook: Gradebook | None = None
) -> tuple[list[list[Cell]], list[str]]:
    """The rows, headings first; and the logins that the gradebook does not have."""
    if kind == "csv":
        return [*_plain(view, items)], []
    if kind == "moodle":
        return [*_moodle(view, items)], []
    known = [each.person.login for each in view.people]
    if gradebook:
        known = [each.person.login for each in view.people if gradebook.learner(each.person)]
    missing = [each.person.login for each in view.people if each.person.login not in known]
    return [*_canvas(view, items, gradebook)], missing


def written(rows: Sequence[Sequence[Cell]]) -> list[str]:
    """The lines of the file."""
    return [",".join(map(_written, row)) for row in rows]


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    if not isinstance(cell, str):
        return f"{round(cell, 4):g}" if abs(cell) < 1e5 else str(round(cell, 4))
    text = f"'{cell}" if cell.lstrip(" ").startswith(FORMULA) else cell
    quoted = text.replace('"', '""')
    return f'"{quoted}"' if QUOTED.search(text) else text


# ── the three tables ──────────────────────────────────────────────────────────────────────────


def _plain(view: MarksView, items: bool) -> Iterator[list[Cell]]:
    """A row for each learner and assignment."""
    most = max((len(column.items) for column in view.assignments), default=0) if items else 0
    yield [
        *("login", "name", "number", "email", "section", "assignment", "attempt"),
        *("points", "of", "percent", "begun", "submitted", "late", "extension"),
        *(f"i{number + 1}" for number in range(most)),
    ]
    for column in view.assignments:
        for each in view.people:
            person, mark = each.person, _mark(each, column)
            yield [
                *(person.login, person.name, person.number, person.email, person.section),
                *(column.name, mark.attempt or None, mark.points, column.possible),
                _percent(mark.points, column.possible),
                *(_moment(mark.begun), _moment(mark.submitted)),
                100 * mark.late if mark.late != 1 else None,
                mark.extended or None,
                *([*mark.items, *[None] * most][:most]),
            ]


def _moodle(view: MarksView, items: bool) -> Iterator[list[Cell]]:
    """A row for each learner; Moodle's import page asks which column is which."""
    yield [*MOODLE, *_titles(view, items)]
    for each in view.people:
        person = each.person
        yield [person.login, person.email, person.number, *_points(view, each, items)]


def _canvas(view: MarksView, items: bool, gradebook: Gradebook | None) -> Iterator[list[Cell]]:
    """The same as an exported gradebook, which Canvas reads back."""
    columns = gradebook.columns if gradebook else {}
    yield [*CANVAS, *(columns.get(title, title) for title in _titles(view, items))]
    possible: list[Cell] = []
    for column in view.assignments:
        possible += [column.possible, *([1.0] * len(column.items) if items else [])]
    yield [f"    {POINTS_POSSIBLE}", *[None] * (len(CANVAS) - 1), *possible]
    for each in view.people:
        person = each.person
        cells: Sequence[str] | None = [person.name, "", person.number, person.login, person.section]
        if gradebook:
            cells = gradebook.learner(person)
        if cells is not None:
            yield [*cells, *_points(view, each, items)]


def _titles(view: MarksView, items: bool) -> list[str]:
    titles = []
    for column in view.assignments:
        titles.append(column.title)
        if items:
            titles += [f"{column.title}: {at} {item}" for at, item in enumerate(column.items, 1)]
    return titles


def _points(view: MarksView, each: PersonMarks, items: bool) -> list[Cell]:
    points: list[Cell] = []
    for column in view.assignments:
        mark = _mark(each, column)
        there = [*mark.items, *[None] * len(column.items)][: len(column.items)]
        points += [mark.points, *(there if items else [])]
    return points


def _mark(each: PersonMarks, column: MarkColumn) -> MarkLine:
    """The mark in an assignment; an empty one of a learner who has not begun it."""
    nothing = MarkLine(column.name, None, None, None, 1.0, 0.0, 0, [], False)
    return next((mark for mark in each.marks if mark.assignment == column.name), nothing)


def _percent(points: float | None, possible: float) -> float | None:
    return round(100 * points / possible, 1) if points is not None and possible else None


def _moment(at: float | None) -> str | None:
    """A moment as the host's machine has it on the wall, with its distance from UTC."""
    if at is None:
        return None
    return datetime.fromtimestamp(at).astimezone().isoformat(timespec="seconds")

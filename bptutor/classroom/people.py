"""The roster: who is in the class, from a CSV file."""

import csv
import io
import re
from unicodedata import normalize

from msgspec import Struct

from bptutor.language.errors import shortened, suggestion
from bptutor.text import Message, UserError
from bptutor.text.printable import printable

COLUMNS = ("login", "name", "number", "email", "section", "time_factor")
LOGIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}")
MOST_PEOPLE = 10_000
MOST_CHARACTERS = 200  # in a field
FACTORS = (0.5, 10.0)  # the least and the greatest time factor


class Person(Struct, frozen=True):
    login: str
    name: str = ""
    number: str = ""
    email: str = ""
    section: str = ""
    time_factor: float = 1.0  # a time limit is so many times as long


def read_roster(file: str, text: str) -> list[Person]:
    """The people in a CSV file with a header, in its order.

    Commas, semicolons or tabs separate the columns, which may come in any order. Raises UserError:
    a column is unknown or missing, a value cannot be used, or a login comes twice.
    """
    whole = text.removeprefix("\ufeff")
    lines = csv.reader(io.StringIO(whole), delimiter=_separator(whole), strict=True)
    header: list[str] | None = None
    people: dict[str, Person] = {}
    met: dict[str, int] = {}
    try:
        for cells in lines:
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = _header(file, lines.line_num, cells)
                continue
            person = _person(file, lines.line_num, header, cells)
            if person.login in people:
                problem = Message(
                    "{login} is also on line {first}; keep one of the two lines",
                    login=person.login,
                    first=met[person.login],
                )
                raise _fault(file, lines.line_num, problem)
            people[person.login], met[person.login] = person, lines.line_num
            if len(people) > MOST_PEOPLE:
                problem = Message("a roster has at most {most} people", most=MOST_PEOPLE)
                raise _fault(file, lines.line_num, problem)
    except csv.Error as error:
        problem = Message("not valid CSV: {what}", what=shortened(str(error), 200))
        raise _fault(file, lines.line_num, problem) from None
    if not people:
        problem = Message("no person is listed; write a header, then a line for each person")
        raise _fault(file, max(1, lines.line_num), problem)
    return [*people.values()]


def _separator(text: str) -> str:
    """What separates the columns of the first line: spreadsheets differ by country."""
    first = text.lstrip().partition("\n")[0]
    return max(",;\t", key=first.count)


def _header(file: str, line: int, cells: list[str]) -> list[str]:
    header = [cell.strip().lower() for cell in cells]
    while header and not header[-1]:
        header.pop()
    for name in header:
        if name not in COLUMNS:
            problem = suggestion(
                name,
                COLUMNS,
                Message("unknown column “{name}”; did you mean `{nearest}`?"),
                Message("unknown column “{name}”; the columns are {columns}"),
                name=shortened(name),
                columns=",".join(COLUMNS),
            )
            raise _fault(file, line, problem)
        if header.count(name) > 1:
            problem = Message("the column `{name}` comes twice; remove one", name=name)
            raise _fault(file, line, problem)
    if "login" not in header:
        problem = Message(
            "the column `login` is missing; the columns are {columns}", columns=",".join(COLUMNS)
        )
        raise _fault(file, line, problem)
    return header


def _person(file: str, line: int, header: list[str], cells: list[str]) -> Person:
    given = [" ".join(normalize("NFC", cell).split()) for cell in cells]
    if any(given[len(header) :]):
        problem = Message(
            "{count} values, but only {columns} columns; put quotes around a value with commas",
            count=len(given),
            columns=len(header),
        )
        raise _fault(file, line, problem)
    values = dict(zip(header, given, strict=False))
    for name, value in values.items():
        if value != printable(value) or len(value) > MOST_CHARACTERS:
            problem = Message(
                "`{name}` must be text of at most {most} characters, without control characters",
                name=name,
                most=MOST_CHARACTERS,
            )
            raise _fault(file, line, problem)
    login = values.pop("login", "")
    if not LOGIN.fullmatch(login):
        problem = Message(
            "“{login}” is not a login; write the name with which the person logs in",
            login=shortened(login),
        )
        raise _fault(file, line, problem)
    factor = _factor(file, line, values.pop("time_factor", ""))
    return Person(login, time_factor=factor, **values)


def _factor(file: str, line: int, text: str) -> float:
    try:
        factor = float(text.replace(",", ".") or 1)
    except ValueError:
        factor = 0.0
    least, most = FACTORS
    if not least <= factor <= most:
        problem = Message(
            "`time_factor` is “{given}”; write a number from {least} to {most}, such as 1.25",
            given=shortened(text),
            least=least,
            most=most,
        )
        raise _fault(file, line, problem)
    return factor


def _fault(file: str, line: int, problem: Message) -> UserError:
    return UserError("{file}, line {line}: {problem}", file=file, line=line, problem=problem)

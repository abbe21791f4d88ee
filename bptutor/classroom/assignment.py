"""An assignment, from its TOML file."""

import re
from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

import msgspec
from msgspec import Struct

from bptutor.lesson.find import LessonError, ModelReference
from bptutor.lesson.positions import KeyPath, Positions
from bptutor.lesson.source import fault, parsed_toml, unknown_key
from bptutor.text import Message
from bptutor.text.printable import printable
from bptutor.views.classroom import AssignmentKind, Shown
from bptutor.views.quiz import MOST_ITEMS, MOST_MINUTES

NumbersOf: TypeAlias = Literal["own", "same"]

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
MOST_ATTEMPTS = 100
MOST_LESSONS = 50
MOST_TEXT = 200  # characters of a title or a password


class Late(Struct, forbid_unknown_fields=True, frozen=True):
    """What an answer after the due time is worth, and until when it is taken."""

    until: datetime
    credit: float


class Show(Struct, forbid_unknown_fields=True, frozen=True):
    score: Shown | None = None
    answers: Shown | None = None


class AssignmentFile(Struct, forbid_unknown_fields=True, frozen=True):
    """The file, key by key; docs/class.md tells teachers about each."""

    title: str
    kind: AssignmentKind
    lessons: list[str]
    items: int | None = None
    steps: list[str] | None = None
    opens: datetime | None = None
    due: datetime | None = None
    closes: datetime | None = None
    minutes: float = 0
    late: Late | None = None
    attempts: int | None = None
    numbers: NumbersOf = "own"
    show: Show = Show()
    password: str = ""
    lock: bool = False


YEARS = range(2000, 2101)  # everywhere on Earth, and with every extension, these times can be shown
_TIME = Message(
    "a time with its time zone, such as 2026-12-01T10:00:00+09:00, of the years {first} to {last}",
    first=YEARS[0],
    last=YEARS[-1],
)
_TEXT = Message("a text in quotes of at most {most} characters", most=MOST_TEXT)
_SHOWN = Message("one of {choices}", choices=", ".join(f'"{each}"' for each in get_args(Shown)))
EXPECTED: dict[KeyPath, Message] = {
    ("title",): _TEXT,
    ("kind",): Message(
        "one of {choices}", choices=", ".join(f'"{kind}"' for kind in get_args(AssignmentKind))
    ),
    ("lessons",): Message("a list of 1 to {most} lessons in quotes", most=MOST_LESSONS),
    ("items",): Message("a whole number from 1 to {most}", most=MOST_ITEMS),
    ("steps",): Message(
        "a list of 1 to {most} steps in quotes, such as {example}",
        most=MOST_ITEMS,
        example='"softmax:dL_dZ"',
    ),
    ("opens",): _TIME,
    ("due",): _TIME,
    ("closes",): _TIME,
    ("minutes",): Message("a number from 0 to {most}", most=MOST_MINUTES),
    ("late",): Message("a table with `until` and `credit`"),
    ("late", "until"): _TIME,
    ("late", "credit"): Message("a number from 0 to {most}", most=100),
    ("attempts",): Message("a whole number from 0 (any number) to {most}", most=MOST_ATTEMPTS),
    ("numbers",): Message("one of {choices}", choices='"own", "same"'),
    ("show",): Message("a table with `score` and `answers`"),
    ("show", "score"): _SHOWN,
    ("show", "answers"): _SHOWN,
    ("password",): _TEXT,
    ("lock",): Message("true or false"),
}
"""What each key must hold, for the error where it does not."""
TABLES: Mapping[str, type[Struct]] = {"late": Late, "show": Show}
TIMES: tuple[KeyPath, ...] = (("opens",), ("due",), ("closes",), ("late", "until"))

USUAL_SHOWN: Mapping[AssignmentKind, tuple[Shown, Shown]] = {
    "practice": ("submitted", "submitted"),
    "homework": ("submitted", "closed"),
    "exam": ("released", "released"),
}
"""When score and answers are shown, where the file does not say."""


class Assignment(Struct, frozen=True, kw_only=True):
    """What a class is to do. Times are seconds since 1970; None: there is none."""

    name: str
    title: str
    kind: AssignmentKind
    lessons: list[str]
    items: int  # how many the tutor chooses; 0 where `steps` has them
    steps: list[tuple[str, str]]  # lessons with a step each
    opens: float | None
    due: float | None  # an answer after it is late
    closes: float | None
    minutes: float  # from Begin on; 0 for no limit
    late_credit: float  # the share of the points that a late paper keeps
    attempts: int  # papers that each may have; 0 for any number
    numbers: NumbersOf  # Has each learner their own? The questions are the same for all.
    score_shown: Shown
    answers_shown: Shown
    password: str
    lock: bool  # no lessons and no answers while it is open

    @property
    def count(self) -> int:
        """How many items it has."""
        return self.items or len(self.steps)


def read_assignment(file: str, content: bytes) -> Assignment:
    """An assignment from the content of its file, by whose name it goes.

    Raises LessonError: the file is no TOML, or a key is unknown, missing or holds what it cannot.
    """
    path = Path(file)
    if not NAME.fullmatch(path.stem):
        problem = Message(
            "an assignment is named by its file, of at most 40 letters, digits, - and _"
        )
        raise fault(path, None, problem)
    data, where = parsed_toml(path, content)
    _check_keys(path, data, where)
    given = msgspec.convert(data, AssignmentFile)
    _check_values(path, given, where)
    ends = [each for each in (given.due, given.closes, given.late and given.late.until) if each]
    due = given.due or given.closes or (max(ends) if ends else None)
    score, answers = USUAL_SHOWN[given.kind]
    attempts = given.attempts if given.attempts is not None else int(given.kind != "practice")
    return Assignment(
        name=path.stem,
        title=given.title.strip(),
        kind=given.kind,
        lessons=list(dict.fromkeys(given.lessons)),
        items=given.items or 0,
        steps=[_step(step, given.lessons) for step in given.steps or ()],
        opens=_seconds(given.opens),
        due=_seconds(due),
        closes=_seconds(max(ends) if ends else None),
        minutes=given.minutes,
        late_credit=given.late.credit / 100 if given.late else 1.0,
        attempts=attempts,
        numbers=given.numbers,
        score_shown=given.show.score or score,
        answers_shown=given.show.answers or answers,
        password=given.password,
        lock=given.lock,
    )


def files_of(lesson: str) -> list[str]:
    """The files that a lesson of an assignment is read from; none for one that bptutor has."""
    if model := ModelReference.read(lesson):
        return [file for file in (model.file, model.data) if file]
    return [lesson] if lesson.endswith(".toml") or "/" in lesson else []


def _seconds(time: datetime | None) -> float | None:
    return time.timestamp() if time else None


def _step(written: str, lessons: list[str]) -> tuple[str, str]:
    """The lesson and the step of `lesson:step`; of one lesson the step is enough."""
    lesson, _, step = written.rpartition(":")
    return (lesson or lessons[0], step)


# ── what is wrong with a file ─────────────────────────────────────────────────────────────────────


def _check_keys(path: Path, data: dict[str, Any], where: Positions) -> None:
    """Check the keys and the types of their values, so that the first fault is named by line."""
    fields = {field.name: field for field in msgspec.structs.fields(AssignmentFile)}
    for key, raw in data.items():
        if key not in fields:
            raise unknown_key(path, (key,), tuple(fields), where)
        if isinstance(raw, dict) and key in TABLES:
            inner = {field.name: field for field in msgspec.structs.fields(TABLES[key])}
            for name in raw:
                if name not in inner:
                    raise unknown_key(path, (key, name), tuple(inner), where)
                _check_type(path, (key, name), raw[name], inner[name].type, where)
        _check_type(path, (key,), raw, fields[key].type, where)
    for key, field in fields.items():
        if field.required and key not in data:
            problem = Message("`{key}` is missing; write {what}", key=key, what=EXPECTED[(key,)])
            raise fault(path, None, problem)


def _check_type(path: Path, key: KeyPath, raw: Any, kind: Any, where: Positions) -> None:
    try:
        if key in TIMES and not (isinstance(raw, datetime) and raw.tzinfo and raw.year in YEARS):
            raise ValueError
        msgspec.convert(raw, kind)
    except (msgspec.ValidationError, ValueError):
        raise _must_be(path, key, where) from None


def _must_be(path: Path, key: KeyPath, where: Positions) -> LessonError:
    problem = Message("`{key}` must be {what}", key=".".join(key), what=EXPECTED[key])
    return fault(path, where.line(key), problem)


def _check_values(path: Path, given: AssignmentFile, where: Positions) -> None:
    sound: dict[KeyPath, bool] = {
        ("title",): bool(given.title.strip()) and _is_short(given.title),
        ("lessons",): 0 < len(given.lessons) <= MOST_LESSONS and all(given.lessons),
        ("items",): given.items is None or 1 <= given.items <= MOST_ITEMS,
        ("steps",): given.steps is None or 0 < len(given.steps) <= MOST_ITEMS,
        ("minutes",): 0 <= given.minutes <= MOST_MINUTES,
        ("late", "credit"): given.late is None or 0 <= given.late.credit <= 100,
        ("attempts",): given.attempts is None or 0 <= given.attempts <= MOST_ATTEMPTS,
        ("password",): _is_short(given.password),
    }
    for key, is_sound in sound.items():
        if not is_sound:
            raise _must_be(path, key, where)
    if (given.items is None) == (given.steps is None):
        problem = Message("write either `items` or `steps`")
        raise fault(path, where.line(("steps",)) if given.steps else None, problem)
    for step in given.steps or ():
        lesson, separator, name = step.rpartition(":")
        if not name or (lesson not in given.lessons if separator else len(given.lessons) > 1):
            problem = Message(
                "`steps` has “{step}”; write a lesson of `lessons`, a colon and the step's name",
                step=step,
            )
            raise fault(path, where.line(("steps",)), problem)
    times: list[tuple[KeyPath, datetime | None]] = [
        (("opens",), given.opens),
        (("due",), given.due),
        (("closes",), given.closes),
        (("late", "until"), given.late.until if given.late else None),
    ]
    present = [(key, time) for key, time in times if time]
    for (before, earlier), (key, later) in pairwise(present):
        if earlier > later or (before == ("opens",) and earlier == later):
            problem = Message(
                "`{key}` is before `{before}`; write a later time",
                key=".".join(key),
                before=".".join(before),
            )
            raise fault(path, where.line(key), problem)
    if given.late and not (given.due or given.closes):
        problem = Message("`late` needs a time from which on an answer is late: write `due`")
        raise fault(path, where.line(("late",)), problem)


def _is_short(text: str) -> bool:
    return text == printable(text) and len(text) <= MOST_TEXT
